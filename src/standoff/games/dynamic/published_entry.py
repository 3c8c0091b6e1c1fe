"""The entry game of Aguirregabiria and Mira in the catalogue: solved, simulated, fitted to rows of markets and periods."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from standoff.games.catalogue import Equation, Game, numbers_of
from standoff.games.checks import Relation, matrix, number, settle
from standoff.games.draws import Simulated, counted, mean_of
from standoff.games.solved import Check, Equilibrium, Quantity, Solved

if TYPE_CHECKING:
    from standoff.games.dynamic.game import DynamicGame
    from standoff.games.dynamic.rows import Observed
    from standoff.games.estimation.fit import Fit
    from standoff.games.estimation.table import Table
    from standoff.games.fitting import Request

ESTIMATORS = ("constrained", "nested-fixed-point", "npl", "two-step")
STARTS = 6
MOST_FIRMS = 6


@dataclass(frozen=True, slots=True)
class EntryGame:
    """Numbers of the game, the paper's second experiment by default; GamesError with every mistake."""

    fixed: tuple[tuple[float, ...], ...] = matrix(
        ((-1.9, -1.8, -1.7, -1.6, -1.5),), "FC", "fixed profit of each firm"
    )
    size: float = number(1.0, "(-inf, inf)", "S", "profit a unit of the market's size")
    rivals: float = number(1.0, "(-inf, inf)", "RN", "loss a unit of ln(1 + active rivals)")
    entry: float = number(1.0, "(-inf, inf)", "EC", "cost of entering")
    discount: float = number(0.95, "[0, 1)", "beta", "discount factor a period")

    game: ClassVar[str] = "entry-game"
    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(
            ("fixed",),
            lambda n: len(n["fixed"]) == 1 and 2 <= len(n["fixed"][0]) <= MOST_FIRMS,
            f"the fixed profits are not one row of 2 to {MOST_FIRMS} firms",
            "states double with every firm",
            "give one number a firm",
        ),
    )

    def __post_init__(self) -> None:
        settle(self)

    @property
    def theta(self) -> dict[str, float]:
        """Parameters by the names of `entry_game`."""
        fixed = {f"FC_{firm + 1}": value for firm, value in enumerate(self.fixed[0])}
        return {**fixed, "S": self.size, "RN": self.rivals, "EC": self.entry}


def _game_and_theta(model: EntryGame) -> tuple[Any, Any]:
    from standoff.games.dynamic.entry_game import entry_game

    game = entry_game(len(model.fixed[0]), discount=model.discount)
    return game, np.array([model.theta[name] for name in game.parameters])


def solution(model: EntryGame) -> Solved:
    """The equilibria found from a few starts, with the long run of each."""
    from standoff.games.dynamic.entry_game import long_run
    from standoff.games.dynamic.find import all_equilibria

    found = all_equilibria(*_game_and_theta(model), starts=STARTS, homotopy=False, pure=False)
    listed, quantities = [], [Quantity("equilibria", float(len(found.found)), "equilibria found")]
    for place, (one, radius) in enumerate(zip(found.found, found.radius, strict=True)):
        run = long_run(one)
        tail = "" if len(found.found) == 1 else f" ({place + 1})"
        quantities += [
            Quantity(f"active firms{tail}", run.active_mean, "mean number of active firms in the long run"),
            Quantity(f"s.d. of active firms{tail}", run.active_sd, "their standard deviation"),
            Quantity(
                f"autocorrelation{tail}", run.active_autocorrelation, "of active firms, one period apart"
            ),
            Quantity(
                f"entrants{tail}", run.entrants, "mean number of firms that enter a period, as many leave"
            ),
            Quantity(
                f"excess turnover{tail}", run.excess_turnover, "entries and exits beyond the net change"
            ),
        ]
        conduct = {f"firm {i + 1} is active": float(share) for i, share in enumerate(run.active)}
        stable = "replies return to it" if radius < 1 else "replies leave it"
        listed.append(Equilibrium(f"{place + 1}: {stable}", conduct))
    checks = (
        Check("distance from best reply, log odds", max(one.residual for one in found.found), 1e-9),
        Check("sum of indices less one", float(abs(found.index_sum - 1)), 0.5),
    )
    return Solved(model.game, numbers_of(model), tuple(quantities), checks, tuple(listed), found.sentence())


def simulation(model: EntryGame, plays: int, seed: int) -> Simulated:
    """A period of play in so many markets, each in its stationary state, by the equilibrium that starts from even odds."""
    from standoff.games.dynamic.entry_game import long_run
    from standoff.games.dynamic.solve import solve
    from standoff.games.dynamic.stationary import simulate

    found = solve(*_game_and_theta(model))
    history, run = simulate(found, counted(plays), 1, seed), long_run(found)
    number = history.actions[:, 0].sum(axis=1).astype(float)
    means = {"active firms": mean_of(number, run.active_mean)}
    for firm, share in enumerate(run.active):
        means[f"firm {firm + 1} is active"] = mean_of(history.actions[:, 0, firm].astype(float), float(share))
    return Simulated(plays, seed, means)


def fit(table: Table, request: Request, estimator: str) -> Fit:
    """Fit to rows of a market and period: columns market, time, size, active_1.. (before) and act_1.. (now).

    ``active_i`` says whether firm i was active the period before, ``act_i`` whether it is now; there are as many firms
    as columns ``act_1``, ``act_2``, ... The law of the size is estimated from the rows where markets are seen more than
    once, otherwise it is the published one. A formula of ``profit`` in size and rivals (active ones, now) replaces S and
    RN. At the published discount.
    """
    from standoff.games.dynamic.entry_game import entry_game, space_of
    from standoff.games.dynamic.fitting import Readied, columns_of, fit_play
    from standoff.games.dynamic.payoff_formulas import payoff_columns
    from standoff.games.dynamic.tables import read_play

    names = columns_of(request.outcome, ("market", "time"))
    firms = sum(f"act_{firm + 1}" in table.cells for firm in range(MOST_FIRMS))
    firms = max(firms, 2)
    space = space_of(firms)
    acts = [f"act_{firm + 1}" for firm in range(firms)]
    play = read_play(
        table, space, acts, [2] * firms, market=names[0], time=names[1], drop_missing=request.drop_missing,
        cluster=request.cluster,
    )  # fmt: skip
    sizes = space.levels[space.variables.index("size")]
    grid = {"size": np.repeat(sizes, firms), "rivals": np.tile(np.arange(firms), len(sizes))}
    flat = payoff_columns("profit", request.formulas, grid, "the fixed profits FC")
    profit = {name: column.reshape(len(sizes), firms) for name, column in flat.items()}
    base = entry_game(firms, discount=EntryGame().discount, profit=profit)
    law = partial(game_of, profit=profit)
    return fit_play("entry-game", Readied(play, space, base, law), request, estimator)


def game_of(rows: Observed, profit: dict[str, Any] | None = None) -> DynamicGame:
    """The game with the law of the size that rows imply; the published one where no market is seen twice.

    ``profit`` columns (sizes, firms), the published ones if not given.
    """
    from standoff.games.dynamic.entry_game import entry_game, size_law_of, space_of

    firms = rows.actions.shape[1]
    space = space_of(firms)
    sizes = space.positions["size"][rows.states]
    law = size_law_of(sizes, rows.market, len(space.levels[0]), rows.weight)
    return entry_game(firms, law=law, discount=EntryGame().discount, profit=profit)


GAME = Game(
    name="entry-game",
    setting=(
        "Firms in a local market decide every period whether to be active. Profit rises with the market's size, which "
        "moves by itself, and falls with active rivals; a firm that was not active pays to enter. Shocks are private."
    ),
    sources=("aguirregabiria_mira_2007",),
    model=EntryGame,
    solution=solution,
    simulation=simulation,
    equations=(
        Equation(
            "profit",
            "of an active firm, in size and rivals (active ones, now), without a constant (left out: S size - RN "
            "log1p(rivals)); parameters FC_i and EC besides; columns market, time, size, active_i (before), act_i (now)",
        ),
    ),
    fit=fit,
)
