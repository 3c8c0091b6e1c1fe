"""Bargaining over time with learning about the other side's concessions (Cross).

Two sides demand q1 + q2 >= M of a pie. Side i expects the other, j, to concede at rate r_i, discounts at a_i and pays C_i
per unit of time. It maximises q exp(-a w) - C (1 - exp(-a w)) / a with w = (q1 + q2 - M) / r, so q_i = (r_i - C_i) / a_i.
It learns: r_i' = alpha_i (-q_j' - r_i). With b_i = alpha_i / a_i,

    [1, b1; b2, 1] (q1', q2')' = -(alpha_1 q1 + b1 C1, alpha_2 q2 + b2 C2)',

a linear system with two real, distinct rates; agreement when q1 + q2 = M. Alike sides agree at
t* = ((a + alpha) / (a alpha)) ln[r0 / (a M / 2 + C)]. Sources: [cross_1965]; applied to hostages by [atkinson_1987].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from scipy.optimize import brentq

from standoff.games.catalogue import Game, numbers_of
from standoff.games.checks import Relation, number, settle
from standoff.games.solved import Check, Equilibrium, Quantity, Solved

SINGULAR = 1e-9
ROUNDING = 1e-13


def _demands(n: Any) -> tuple[float, float]:
    first = (n["expected_by_1"] - n["waiting_cost_1"]) / n["discount_1"]
    return first, (n["expected_by_2"] - n["waiting_cost_2"]) / n["discount_2"]


def _speed(n: Any) -> float:
    return float(n["learning_1"] * n["learning_2"] / (n["discount_1"] * n["discount_2"]))


_ALL = (
    "pie", "discount_1", "discount_2", "waiting_cost_1", "waiting_cost_2", "expected_by_1", "expected_by_2",
)  # fmt: skip
_LEARNING = ("learning_1", "learning_2")


def _in_step(n: Any) -> bool:
    """Whether both rules of learning ask the same of the demands where their speeds leave but one rule."""
    first, second = _demands(n)
    one = n["learning_1"] * (first + n["waiting_cost_1"] / n["discount_1"])
    two = n["learning_2"] * (second + n["waiting_cost_2"] / n["discount_2"])
    return math.isclose(two, n["learning_2"] / n["discount_2"] * one, rel_tol=1e-7, abs_tol=1e-12)


@dataclass(frozen=True, slots=True)
class Haggling:
    """Numbers of the game, in units of the pie and of time; GamesError with every mistake."""

    pie: float = number(10.0, "(0, inf)", "M", "what there is to divide")
    discount_1: float = number(0.1, "(0, inf)", "a1", "discount rate of side 1")
    discount_2: float = number(0.1, "(0, inf)", "a2", "discount rate of side 2")
    learning_1: float = number(0.5, "(0, inf)", "alpha1", "speed at which side 1 learns")
    learning_2: float = number(0.2, "(0, inf)", "alpha2", "speed at which side 2 learns")
    waiting_cost_1: float = number(0.2, "[0, inf)", "C1", "cost per unit of time to side 1")
    waiting_cost_2: float = number(0.1, "[0, inf)", "C2", "cost per unit of time to side 2")
    expected_by_1: float = number(
        1.0, "(0, inf)", "r1", "rate at which side 1 expects side 2 to concede, at first"
    )
    expected_by_2: float = number(
        0.9, "(0, inf)", "r2", "rate at which side 2 expects side 1 to concede, at first"
    )

    game: ClassVar[str] = "cross-learning"
    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(
            _ALL,
            lambda n: min(_demands(n)) >= 0 and sum(_demands(n)) >= n["pie"],
            "the first demands, (r1 - C1) / a1 and (r2 - C2) / a2, are negative or leave some of the pie over",
            "sides bargain over a pie that they claim more of than there is",
            "raise the expected rates, or lower the pie, the discount rates or the costs of waiting",
        ),
        Relation(
            _ALL + _LEARNING,
            lambda n: abs(_speed(n) - 1) > SINGULAR or _in_step(n),
            "alpha1 alpha2 equals a1 a2 and the first demands are not in step",
            "the two rules of learning then contradict each other",
            "change a speed of learning, however little, or make the sides alike",
        ),
    )

    def __post_init__(self) -> None:
        settle(self)


class Course(NamedTuple):
    """Demands over time: q(t) = rest + sum over two modes of weight exp(rate t); weights (2 modes, 2 sides)."""

    rest: Any
    weights: Any
    rates: Any

    def at(self, time: float) -> Any:
        """Demands (2,) at a time."""
        return self.rest + self._modes(time) @ self.weights

    def slope(self, time: float) -> Any:
        """How fast demands change (2,) at a time."""
        return (self.rates * self._modes(time)) @ self.weights

    def total(self, time: float) -> float:
        """The sum of demands at a time."""
        return float(self.rest.sum() + self._modes(time) @ self.sums)

    @property
    def sums(self) -> Any:
        """Weights of the two modes in the sum of demands (2,); what is only rounding is zero."""
        sums = self.weights.sum(axis=1)
        return np.where(np.abs(sums) < ROUNDING * np.abs(self.weights).sum(axis=1), 0.0, sums)

    def _modes(self, time: float) -> Any:
        """exp(rate t) (2,), 0 for a mode that has no weight, which alike sides leave out and which could be huge."""
        alive = np.abs(self.weights).sum(axis=1) > 0
        return np.where(alive, np.exp(np.where(alive, self.rates * time, 0.0)), 0.0)


def first_demands(game: Haggling) -> tuple[float, float]:
    """What each side demands at first."""
    return _demands(numbers_of(game))


def course(game: Haggling) -> Course:
    """The demands as functions of time, without an end."""
    discount, learning = _pairs(game)
    rest = -np.array([game.waiting_cost_1, game.waiting_cost_2]) / discount
    gap = np.array(first_demands(game)) - rest
    b = learning / discount
    if abs(b[0] * b[1] - 1) <= SINGULAR:  # one rule is left, and both demands obey it
        rate = -learning[0] * learning[1] / learning.sum()
        return Course(rest, np.array([gap, [0.0, 0.0]]), np.array([rate, 2 * rate]))
    motion = np.linalg.solve(np.array([[1.0, b[0]], [b[1], 1.0]]), -np.diag(learning))
    rates, modes = np.linalg.eig(motion)
    weights = (modes * np.linalg.solve(modes, gap)).T.real
    negligible = np.abs(weights).max(axis=1) < ROUNDING * np.abs(gap).max()
    order = np.argsort(rates.real)
    return Course(rest, np.where(negligible[:, None], 0.0, weights)[order], rates.real[order])


def agreement_time(game: Haggling) -> float:
    """The first time at which the demands fit the pie; infinite where they never do."""
    path = course(game)

    def excess(time: float) -> float:
        return path.total(time) - game.pie

    if excess(0.0) <= 1e-12 * game.pie:
        return 0.0
    sums = path.sums
    turn = _turning_point(sums, path.rates)
    if turn > 0 and excess(turn) < 0:
        return float(brentq(excess, 0.0, turn, xtol=1e-13, rtol=1e-14))
    if any(weight > 0 and rate > 0 for weight, rate in zip(sums, path.rates, strict=True)):
        return math.inf
    late = turn + 1 / float(np.abs(path.rates).max())
    while excess(late) >= 0:
        late *= 2
    return float(brentq(excess, turn, late, xtol=1e-13, rtol=1e-14))


def _turning_point(sums: Any, rates: Any) -> float:
    """The one time at which the sum of demands turns; 0 where it never does."""
    slopes = sums * rates
    if slopes[0] * slopes[1] >= 0:
        return 0.0
    return max(0.0, float(np.log(-slopes[0] / slopes[1]) / (rates[1] - rates[0])))


def symmetric_time(game: Haggling) -> float:
    """The closed form for alike sides, from side 1's numbers."""
    a, alpha = game.discount_1, game.learning_1
    gap = game.expected_by_1 / (a * game.pie / 2 + game.waiting_cost_1)
    return (a + alpha) / (a * alpha) * math.log(gap)


def _pairs(game: Haggling) -> tuple[Any, Any]:
    return np.array([game.discount_1, game.discount_2]), np.array([game.learning_1, game.learning_2])


def solution(game: Haggling) -> Solved:
    """When the sides agree and on what."""
    time, path, first = agreement_time(game), course(game), first_demands(game)
    agreed = math.isfinite(time)
    discount, _ = _pairs(game)
    end = path.at(time) if agreed else np.full(2, math.nan)
    costs = np.array([game.waiting_cost_1, game.waiting_cost_2])
    expected = discount * end + costs
    quantities = (
        Quantity("agreement time", time, "when the demands fit the pie (t*)", "time"),
        Quantity("first demand 1", first[0], "what side 1 demands at first", "pie"),
        Quantity("first demand 2", first[1], "what side 2 demands at first", "pie"),
        Quantity("share 1", float(end[0]), "what side 1 gets", "pie"),
        Quantity("share 2", float(end[1]), "what side 2 gets", "pie"),
        Quantity("expected by 1", float(expected[0]), "rate that side 1 expects of side 2 at the end", "pie/time"),
        Quantity("expected by 2", float(expected[1]), "rate that side 2 expects of side 1 at the end", "pie/time"),
        Quantity("rates stay positive", bool(agreed and (expected > 0).all()), "whether both still expect concessions"),
    )  # fmt: skip
    told = f"They agree after {time:.4g} on {end[0]:.4g} and {end[1]:.4g}." if agreed else "They never agree."
    outcome = {"time": time, "share 1": float(end[0]), "share 2": float(end[1])}
    return Solved(
        game.game, numbers_of(game), quantities, _checks(game, path, time if agreed else 0.0, agreed),
        (Equilibrium("course of demands", outcome),), told,
    )  # fmt: skip


def _checks(game: Haggling, path: Course, time: float, agreed: bool) -> tuple[Check, ...]:
    """The system put to the course at five times, and the pie at the agreement."""
    discount, learning = _pairs(game)
    b, costs = learning / discount, np.array([game.waiting_cost_1, game.waiting_cost_2])
    worst = 0.0
    for t in np.linspace(0.0, time, 5):
        demand, slope = path.at(t), path.slope(t)
        terms = slope + b * slope[::-1], learning * demand + b * costs
        size = 1 + max(float(np.abs(part).max()) for part in (slope, b * slope[::-1], terms[1]))
        worst = max(worst, float(np.abs(terms[0] + terms[1]).max()) / size)
    first = np.array(first_demands(game))
    size = max(game.pie, float(first.sum()))  # what cancels when the demands have come down to the pie
    fits = abs(float(path.at(time).sum()) - game.pie) / size if agreed and time > 0 else 0.0
    start = float(np.abs(path.at(0.0) - first).max()) / size
    return (
        Check("learning", worst, 1e-8),
        Check("demands fit the pie", fits),
        Check("first demands", start),
    )


GAME = Game(
    name="cross-learning",
    setting=(
        "Two sides claim more than there is. Each expects the other to concede at some rate, demands what is best for "
        "it at that rate, and corrects the rate by what it sees; they agree when the demands fit."
    ),
    sources=("cross_1965", "atkinson_1987"),
    model=Haggling,
    solution=solution,
)
