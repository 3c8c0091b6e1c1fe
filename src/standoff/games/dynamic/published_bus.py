"""Rust's bus engine in the catalogue: solved at given numbers, simulated, fitted to rows of buses and months."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from standoff.games.catalogue import Equation, Game, numbers_of
from standoff.games.checks import Relation, choice, matrix, number, settle, whole
from standoff.games.draws import Simulated, counted, mean_of
from standoff.games.solved import Check, Quantity, Solved

if TYPE_CHECKING:
    from standoff.games.dynamic.game import DynamicGame
    from standoff.games.dynamic.rows import Observed
    from standoff.games.estimation.fit import Fit
    from standoff.games.estimation.table import Table
    from standoff.games.fitting import Request

ESTIMATORS = ("nested-fixed-point", "constrained", "npl", "two-step")
MOVES = 10  # bins at most that a month can move


@dataclass(frozen=True, slots=True)
class BusEngine:
    """Numbers of the game, those of group 4 by default; GamesError with every mistake."""

    replacement: float = number(10.0750, "(-inf, inf)", "RC", "price of a new engine")
    running: float = number(2.2930, "(-inf, inf)", "theta", "slope of the cost of running in mileage")
    discount: float = number(0.9999, "[0, 1)", "beta", "discount factor a month")
    bins: int = whole(90, "[2, 1000]", "S", "bins of mileage")
    moves: tuple[tuple[float, ...], ...] = matrix(
        ((1682 / 4292, 2555 / 4292, 55 / 4292),),
        "p",
        "chances to move on by 0, 1, ... bins a month",
        "[0, 1]",
    )
    cost: str = choice("linear", ("linear", "sqrt", "hyperbolic"), "form of the cost of running")

    game: ClassVar[str] = "bus-engine"
    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(
            ("moves",),
            lambda n: len(n["moves"]) == 1 and abs(sum(n["moves"][0]) - 1) < 1e-9,
            "the chances are not one row that adds up to one",
            "mileage moves by some number of bins every month",
            "give one row of probabilities",
        ),
    )

    def __post_init__(self) -> None:
        settle(self)


def _solved(model: BusEngine) -> Any:
    from standoff.games.dynamic.bus_engine import bus_engine
    from standoff.games.dynamic.solve import solve

    game = bus_engine(np.array(model.moves[0]), model.bins, model.discount, model.cost)
    return solve(game, [model.replacement, model.running])


def solution(model: BusEngine) -> Solved:
    """Value and choice by mileage, and how often engines are replaced in the long run."""
    from standoff.games.dynamic.bus_engine import expected_values
    from standoff.games.dynamic.stationary import stationary_law

    found = _solved(model)
    replace = found.choices[0][:, 1]
    rate = float(stationary_law(found) @ replace)
    shown = sorted({0, model.bins // 3, 2 * model.bins // 3, model.bins - 1})
    quantities = [Quantity("expected value", float(expected_values(found)[0]), "EV of keeping a new engine")]
    quantities += [
        Quantity(f"replace at {x}", float(replace[x]), f"chance to replace in bin {x}") for x in shown
    ]
    quantities.append(
        Quantity("replacement rate", rate, "share of months with a replacement in the long run")
    )
    checks = (Check("distance from best reply, log odds", found.residual, found.tolerance),)
    sentence = (
        f"An engine is replaced every {1 / rate:.1f} months in the long run; with chance {replace[0]:.2g} a month when new "
        f"and {replace[-1]:.3g} in the last bin."
    )
    return Solved(model.game, numbers_of(model), tuple(quantities), checks, (), sentence)


def simulation(model: BusEngine, plays: int, seed: int) -> Simulated:
    """Months of play, each bus in its own stationary state."""
    from standoff.games.dynamic.stationary import simulate, stationary_law

    found = _solved(model)
    history = simulate(found, counted(plays), 1, seed)
    law = stationary_law(found)
    means = {
        "replaced": mean_of(history.actions[:, 0, 0].astype(float), float(law @ found.choices[0][:, 1])),
        "bin of mileage": mean_of(history.states[:, 0].astype(float), float(law @ np.arange(model.bins))),
    }
    return Simulated(plays, seed, means)


def fit(table: Table, request: Request, estimator: str) -> Fit:
    """Fit to rows of a bus and month: columns market, time, mileage (a bin from 0), replace (0 or 1).

    ``request.outcome`` names the four columns otherwise, "bus + month + bin + replaced". The chances of moving are
    estimated first, from the rows (the published ones where no bus is seen in two months); their log-likelihood stands
    in the notes. A formula of ``cost`` in mileage replaces theta's column. At the published discount and bins.
    """
    from standoff.games.dynamic.bus_engine import bus_engine
    from standoff.games.dynamic.design import state_space
    from standoff.games.dynamic.fitting import Readied, columns_of, fit_play
    from standoff.games.dynamic.payoff_formulas import payoff_columns
    from standoff.games.dynamic.tables import read_play, refuse_moves

    names = columns_of(request.outcome, ("market", "time", "mileage", "replace"))
    published = BusEngine()
    bins = list(range(published.bins))
    space = state_space(**{names[2]: bins})
    running = payoff_columns(
        "cost", request.formulas, {names[2]: bins}, "what every month costs, whatever is done"
    )
    play = read_play(
        table, space, [names[3]], [2], market=names[0], time=names[1], drop_missing=request.drop_missing,
        cluster=request.cluster,
    )  # fmt: skip
    step, follows = _steps(play.states, play.actions, play.market)
    refuse_moves(
        play, names[2], np.flatnonzero(follows & ((step < 0) | (step > MOVES))), "mileage fell, or jumped"
    )
    base = bus_engine(np.array(published.moves[0]), published.bins, running=running)
    law = partial(game_of, running=running)
    return fit_play("bus-engine", Readied(play, space, base, law), request, estimator)


def game_of(rows: Observed, running: dict[str, Any] | None = None) -> DynamicGame:
    """The game with the chances of moving that rows imply; the published ones where no bus is seen in two months.

    ``running`` columns (S,) of the cost of running, the published one's if not given.
    """
    from standoff.games.dynamic.bus_engine import bus_engine, increments_of

    published = BusEngine()
    step, follows = _steps(rows.states, rows.actions, rows.market)
    counted_moves = follows & (rows.states[1:] < published.bins - 1)
    seen = np.bincount(step[counted_moves], weights=rows.weight[:-1][counted_moves])
    chances = increments_of(seen.tolist()).chances if seen.sum() > 0 else np.array(published.moves[0])
    return bus_engine(chances, published.bins, running=running)


def _steps(states: Any, actions: Any, market: Any) -> tuple[Any, Any]:
    """Bins moved on after each row but the last (T-1,), from a new engine after a replacement; and whether it counts."""
    begun = np.where(actions[:-1, 0] == 1, 0, states[:-1])
    return states[1:] - begun, market[1:] == market[:-1]


GAME = Game(
    name="bus-engine",
    setting=(
        "The superintendent of a fleet decides every month whether to replace a bus's engine. Running costs rise with the "
        "mileage since the last replacement; a new engine has a price. Each choice has a private shock."
    ),
    sources=("rust_1987",),
    model=BusEngine,
    solution=solution,
    simulation=simulation,
    equations=(
        Equation(
            "cost",
            "cost of running in mileage, without a constant (left out: theta mileage / 1000); parameter RC besides; "
            "columns market, time, mileage, replace",
        ),
    ),
    fit=fit,
)
