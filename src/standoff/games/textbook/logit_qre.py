"""Logit quantal response equilibrium of small games: at a given lambda, and the lambda that fits observed choices.

Each side chooses with chances in proportion to exp(lambda x worth), worth at the others' chances; in a tree each
information set does so for itself (agent form). The curve of equilibria that begins with equal chances at lambda = 0 is
followed (`logit_path`). Counts of choices n_a have log-likelihood sum n_a ln pi_a(lambda); its maxima along the curve are
all found, from where its slope changes sign. Sources: [mckelvey_palfrey_1995], [mckelvey_palfrey_1998]; examples [ochs_1995],
[selten_1975].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from scipy.optimize import brentq

from standoff.games.catalogue import Game, numbers_of
from standoff.games.checks import Relation, choice, matrix, number, settle
from standoff.games.draws import stream
from standoff.games.errors import GameMistake, GamesError
from standoff.games.solved import Check, Equilibrium, Quantity, Solved
from standoff.games.textbook.logit_path import (
    GATE,
    LogitEquilibrium,
    Point,
    ahead,
    at_precision,
    beginning,
    equilibrium_at,
    follow,
    free_actions,
    search,
)
from standoff.games.textbook.logit_tree import End, Floats, Tree, extensive, spread, strategic

Rows = tuple[tuple[float, ...], ...]
OCHS: tuple[Rows, Rows] = (((1.1141, 0.0), (0.0, 0.2785)), ((0.0, 1.1141), (1.1141, 0.0)))
SEARCH_TO = 100.0
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


class Peak(NamedTuple):
    """A local maximum of the log-likelihood along the curve; ``inside`` is False at an end of the search."""

    equilibrium: LogitEquilibrium
    log_likelihood: float
    error: float
    inside: bool


def maxima(tree: Tree, counts: Floats, search_to: float = SEARCH_TO) -> list[Peak]:
    """Every local maximum of the log-likelihood of counts (A,) for lambda in [0, search_to], the best first.

    ``error`` is lambda's standard error from the curvature, NaN at an end of the search or where lambda turns back.
    """
    _check_counts(tree, counts)
    start = beginning(tree)
    peaks = [] if _slope(tree, counts, start) > 0 else [_peak(tree, counts, start, inside=False)]
    last = start
    for here, there, step in follow(tree, search_to):
        last = there
        before, after = _slope(tree, counts, here), _slope(tree, counts, there)
        if before > 0 >= after:
            peaks.append(_peak(tree, counts, _level(tree, counts, here, step), inside=True))
    if _slope(tree, counts, last) > 0:
        peaks.append(_peak(tree, counts, last, inside=False))
    return sorted(peaks, key=lambda one: -one.log_likelihood)


def _check_counts(tree: Tree, counts: Floats) -> None:
    if np.shape(counts) != (len(tree.agent),) or not np.all(np.isfinite(counts)) or np.min(counts) < 0:
        what = f"counts are not {len(tree.agent)} numbers of at least zero, one an action"
        raise GamesError("logit-qre", [GameMistake("counts", what, "", f"actions: {', '.join(tree.names)}")])


def _level(tree: Tree, counts: Floats, here: Point, step: float) -> Point:
    """Where along a step the log-likelihood is level."""

    def slope(part: float) -> float:
        point = ahead(tree, here, part)
        assert point is not None, "a part of a step that was trusted"
        return _slope(tree, counts, point)

    point = ahead(tree, here, float(brentq(slope, 0.0, step, xtol=1e-13, rtol=1e-14)))
    assert point is not None
    return point


def _slope(tree: Tree, counts: Floats, point: Point) -> float:
    """Change of the log-likelihood along the curve: sum over agents of (n_a - n pi_a) times the change of log-odds."""
    free = free_actions(tree)
    chances = np.exp(spread(tree, free @ point.y[:-1]))
    totals = np.bincount(tree.agent, counts, tree.agents)[tree.agent]
    return float((counts - totals * chances) @ (free @ point.tangent[:-1]))


def _peak(tree: Tree, counts: Floats, point: Point, inside: bool) -> Peak:
    log_chances = spread(tree, free_actions(tree) @ point.y[:-1])
    error = math.nan
    upward = point.tangent[-1]
    if inside and upward > 0:
        step = 1e-4 * (1 + float(np.linalg.norm(point.y)))
        sides = [_beside(tree, point, part) for part in (-step, step)]
        slopes = [_slope(tree, counts, one) / one.tangent[-1] for one in sides]
        curvature = (slopes[0] - slopes[1]) / (sides[1].precision - sides[0].precision)
        error = 1 / math.sqrt(curvature) if curvature > 0 else math.nan
    return Peak(equilibrium_at(tree, point), float(counts @ log_chances), error, inside)


def _beside(tree: Tree, point: Point, part: float) -> Point:
    """A point a little before or after, its tangent kept forward."""
    turned = point if part > 0 else point._replace(tangent=-point.tangent)
    near = ahead(tree, turned, abs(part))
    if near is None:
        return point
    return near if part > 0 else near._replace(tangent=-near.tangent)


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
    found = [
        Quantity("fitted lambda", best.equilibrium.precision, "lambda of the largest log-likelihood"),
        Quantity("standard error", best.error, "of the fitted lambda, from the curvature"),
        Quantity("log-likelihood", best.log_likelihood, "of the counts at the fitted lambda"),
        Quantity("maxima", float(len(peaks)), f"local maxima found for lambda up to {SEARCH_TO:g}"),
        Quantity("inside", best.inside, "whether the fitted lambda lies inside the search"),
    ]
    found += [
        Quantity(f"fitted {name}", float(p), f"chance of {name} there")
        for name, p in zip(tree.names, best.equilibrium.chances, strict=True)
    ]
    told = f"The counts are fitted best at lambda {best.equilibrium.precision:.6g} (log-likelihood {best.log_likelihood:.6f})."
    return found, told


GAME = Game(
    name="logit-qre",
    setting=(
        "Sides choose better actions more often, not always: chances rise with payoffs at a rate lambda, and payoffs "
        "hang on the others' chances. Two matrices, or a known game; counts of choices give the lambda that fits."
    ),
    sources=("mckelvey_palfrey_1995", "mckelvey_palfrey_1998", "turocy_2005", "ochs_1995", "selten_1975"),
    model=Qre,
    solution=solution,
)
