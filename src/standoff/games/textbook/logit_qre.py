"""Logit quantal response equilibrium of small games: at a given lambda, and the lambda that fits observed choices.

Each side chooses with chances in proportion to exp(lambda x worth), worth at the others' chances; in a tree each
information set does so for itself (agent form). The curve of equilibria that begins with equal chances at lambda = 0 is
followed (`logit_path`). Counts of choices n_a have log-likelihood sum n_a ln pi_a(lambda); its maxima along the curve are
all found, from where its slope changes sign. Sources: [mckelvey_palfrey_1995], [mckelvey_palfrey_1998]; examples [ochs_1995],
[selten_1975].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from standoff.games.catalogue import Game, numbers_of
from standoff.games.checks import Relation, choice, matrix, number, settle
from standoff.games.draws import Simulated, counted, mean_of, stream
from standoff.games.solved import Check, Equilibrium, Quantity, Solved
from standoff.games.textbook.logit_fit import LEVEL, SEARCH_TO, likelihood_interval, maxima
from standoff.games.textbook.logit_path import GATE, LogitEquilibrium, at_precision, search
from standoff.games.textbook.logit_tree import End, Floats, Tree, extensive, strategic

Rows = tuple[tuple[float, ...], ...]
OCHS: tuple[Rows, Rows] = (((1.1141, 0.0), (0.0, 0.2785)), ((0.0, 1.1141), (1.1141, 0.0)))
STARTS = 30


def _shape(rows: Any) -> tuple[int, int]:
    return len(rows), len(rows[0])


def _counts_fit(n: Any) -> bool:
    row, column = n["row_counts"], n["column_counts"]
    if row is None and column is None:
        return True
    if row is None or column is None or n["example"] != "given":
        return False
    shapes = _shape(row), _shape(column)
    return shapes == ((1, len(n["row"])), (1, len(n["row"][0]))) and sum(row[0]) > 0 and sum(column[0]) > 0


@dataclass(frozen=True, slots=True)
class Qre:
    """Numbers of the game; GamesError with every mistake."""

    precision: float = number(
        1.0, "[0, 1e5]", "lambda", "how sharply choices follow payoffs; 0 is chance alone"
    )
    example: str = choice(
        "given",
        ("given", "constant-sum", "selten-1975", "poker"),
        "the matrices row and column, or a known game (ochs is the default of the matrices)",
    )
    row: tuple[tuple[float, ...], ...] = matrix(
        OCHS[0], "row", "payoffs of the row player: a row for each of its strategies"
    )
    column: tuple[tuple[float, ...], ...] = matrix(
        OCHS[1], "column", "payoffs of the column player, in the same places"
    )
    row_counts: tuple[tuple[float, ...], ...] | None = matrix(
        None, "n_row", "how often each row was chosen, as one row [[...]]", "[0, inf)"
    )
    column_counts: tuple[tuple[float, ...], ...] | None = matrix(
        None, "n_column", "how often each column was chosen, likewise", "[0, inf)"
    )

    game: ClassVar[str] = "logit-qre"
    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(
            ("row", "column"),
            lambda n: _shape(n["row"]) == _shape(n["column"]),
            "row and column do not have the same shape",
            "each pair of strategies has a payoff to both",
            "mend one of the two",
        ),
        Relation(
            ("example", "row", "column"),
            lambda n: n["example"] == "given" or (n["row"], n["column"]) == OCHS,
            "matrices are given beside an example",
            "one of the two would be ignored",
            "leave out example, or leave out row and column",
        ),
        Relation(
            ("example", "row", "column", "row_counts", "column_counts"),
            _counts_fit,
            "the counts do not belong to the matrices",
            "a fit needs how often each row and each column was chosen, at least once in all",
            "give row_counts and column_counts, one number a strategy, and no example",
        ),
    )

    def __post_init__(self) -> None:
        settle(self)

    @property
    def tree(self) -> Tree:
        """The game itself."""
        if self.example == "poker":
            return stripped_down_poker()
        row, column = {
            "given": (self.row, self.column),
            "constant-sum": (((1.0, 1.0), (0.0, 1.0)), ((1.0, 1.0), (2.0, 1.0))),
            "selten-1975": (((1.0, 1.0), (0.0, 0.0), (0.0, 2.0)), ((1.0, 1.0), (2.0, 3.0), (2.0, 0.0))),
        }[self.example]
        names = [[f"row {i + 1}" for i in range(len(row))], [f"column {j + 1}" for j in range(len(row[0]))]]
        return strategic([np.array(row), np.array(column)], names)


def stripped_down_poker() -> Tree:
    """One card, king or queen; its holder bets or folds; the other calls or folds. Stakes are one, then two."""
    actions = {
        "king": ("bet with king", "fold with king"),
        "queen": ("bet with queen", "fold with queen"),
        "other": ("call", "give up"),
    }
    ends = []
    for card, gain in (("king", 2.0), ("queen", -2.0)):
        bet, fold = actions[card]
        for answer, won in (("call", gain), ("give up", 1.0)):
            ends.append(End(0.5, (bet, answer), {card: won, "other": -won}))
        ends.append(End(0.5, (fold,), {card: -1.0, "other": 1.0}))
    return extensive(actions, ends)


def solution(game: Qre) -> Solved:
    """The equilibrium at lambda on the curve from equal chances, others found there, and the fit where counts are given."""
    tree = game.tree
    main = at_precision(tree, game.precision)
    others = [
        one
        for one in search(tree, game.precision, STARTS, stream("logit-qre/starts", 1))
        if np.abs(one.chances - main.chances).max() > 1e-6
    ]
    quantities = [
        Quantity(name, float(p), f"chance of {name}")
        for name, p in zip(tree.names, main.chances, strict=True)
    ]
    checks = [Check("log-odds are lambda times worths", main.residual, GATE), *_sums(tree, main)]
    sentence = f"At lambda {game.precision:g} there {'is one equilibrium' if not others else f'are {len(others) + 1} equilibria'} found."
    if game.row_counts is not None and game.column_counts is not None:
        fitted, told = _fitted(tree, np.array(game.row_counts[0] + game.column_counts[0]))
        quantities += fitted
        sentence += " " + told
    named = [("from equal chances", main), *((f"another, {k}", one) for k, one in enumerate(others, 1))]
    equilibria = tuple(
        Equilibrium(name, dict(zip(tree.names, (float(p) for p in one.chances), strict=True)))
        for name, one in named
    )
    return Solved(game.game, numbers_of(game), tuple(quantities), tuple(checks), equilibria, sentence)


def _sums(tree: Tree, found: LogitEquilibrium) -> tuple[Check, ...]:
    totals = np.bincount(tree.agent, found.chances)
    return (Check("chances sum to one", float(np.abs(totals - 1).max()), 1e-12),)


def _fitted(tree: Tree, counts: Floats) -> tuple[list[Quantity], str]:
    peaks = maxima(tree, counts)
    best = peaks[0]
    low, high = likelihood_interval(tree, counts, best)
    found = [
        Quantity("fitted lambda", best.equilibrium.precision, "lambda of the largest log-likelihood"),
        Quantity("standard error", best.error, "of the fitted lambda, from the curvature"),
        Quantity("low", low, f"lower end of the {LEVEL:.0%} likelihood interval of lambda"),
        Quantity("high", high, "its upper end; none where the likelihood does not fall so far"),
        Quantity("log-likelihood", best.log_likelihood, "of the counts at the fitted lambda"),
        Quantity("maxima", float(len(peaks)), f"local maxima found for lambda up to {SEARCH_TO:g}"),
        Quantity("inside", best.inside, "whether the fitted lambda lies inside the search"),
    ]
    found += [
        Quantity(f"fitted {name}", float(p), f"chance of {name} there")
        for name, p in zip(tree.names, best.equilibrium.chances, strict=True)
    ]
    told = (
        f"The counts are fitted best at lambda {best.equilibrium.precision:.6g} ({LEVEL:.0%} interval {low:.4g} to "
        f"{high:.4g}; log-likelihood {best.log_likelihood:.6f})."
    )
    return found, told


def simulation(game: Qre, plays: int, seed: int) -> Simulated:
    """Plays of the equilibrium from equal chances: how often each action is taken where it can be."""
    tree = game.tree
    found = at_precision(tree, game.precision)
    ways = tree.chance * np.exp(tree.taken @ np.log(np.maximum(found.chances, 1e-300)))
    ends = stream(f"{game.game}/ends", seed).choice(len(ways), counted(plays), p=ways / ways.sum())
    means = {}
    for a, name in enumerate(tree.names):
        reached = tree.taken[ends][:, tree.agent == tree.agent[a]].any(axis=1)
        means[name] = mean_of(tree.taken[ends][reached, a], float(found.chances[a]))
    return Simulated(plays, seed, means)


GAME = Game(
    name="logit-qre",
    setting=(
        "Sides choose better actions more often, not always: chances rise with payoffs at a rate lambda, and payoffs "
        "hang on the others' chances. Two matrices, or a known game; counts of choices give the lambda that fits."
    ),
    sources=("mckelvey_palfrey_1995", "mckelvey_palfrey_1998", "turocy_2005", "ochs_1995", "selten_1975"),
    model=Qre,
    solution=solution,
    simulation=simulation,
)
