"""Logit equilibria of a small game followed from lambda = 0, and all that a search finds at one lambda.

At an equilibrium the log-odds x of each agent's actions are lambda times the differences of their worth:
F(x, lambda) = x - lambda g(x) = 0. At lambda = 0 all chances are equal; from there the curve of solutions is followed by
arc length, so that it may also turn back in lambda: a step along the tangent, then Newton in the plane across it.
A step is halved where Newton moves far or the curve turns sharply, and grows where neither. Every point carries
max |F| / (1 + max |x|), at most 1e-11. Source: the method is that of [turocy_2005].
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from standoff.games.errors import LostCurveError
from standoff.games.textbook.logit_tree import Floats, Tree, spread, worth

GATE = 1e-11
SMALLEST_STEP = 1e-9
MOST_STEPS = 20_000


class Point(NamedTuple):
    """A solution: ``y`` (K + 1,) log-odds against each agent's first action, then lambda; its tangent; its residual."""

    y: Floats
    tangent: Floats
    residual: float

    @property
    def precision(self) -> float:
        return float(self.y[-1])


class LogitEquilibrium(NamedTuple):
    """Chances (A,) of the actions, what each is worth (A,), lambda, and the residual of the log-odds."""

    chances: Floats
    worth: Floats
    precision: float
    residual: float


def free_actions(tree: Tree) -> Floats:
    """(A, K) matrix that takes log-odds against each agent's first action to those of all actions."""
    first = np.concatenate([[True], tree.agent[1:] != tree.agent[:-1]])
    return np.eye(len(tree.agent))[:, ~first]


def _system(tree: Tree, free: Floats, y: Floats) -> tuple[Floats, Floats]:
    """F (K,) and its Jacobian (K, K + 1)."""
    x, precision = y[:-1], y[-1]
    log_chance = spread(tree, free @ x)
    value, by_log = worth(tree, log_chance)
    same = tree.agent[:, None] == tree.agent[None, :]
    moves = (np.eye(len(value)) - same * np.exp(log_chance)[None, :]) @ free
    first = np.searchsorted(tree.agent, tree.agent)
    chosen = free.argmax(axis=0)
    gap = (value - value[first])[chosen]
    by_x = by_log @ moves
    slope = (by_x - by_x[first])[chosen]
    jacobian = np.empty((len(x), len(y)))
    jacobian[:, :-1] = np.eye(len(x)) - precision * slope
    jacobian[:, -1] = -gap
    return x - precision * gap, jacobian


def _tangent(jacobian: Floats, along: Floats) -> Floats:
    """The unit tangent of the curve that points along a direction."""
    bordered = np.vstack([jacobian, along])
    found = np.linalg.solve(bordered, np.append(np.zeros(len(jacobian)), 1.0))
    return np.asarray(found / np.linalg.norm(found))


def _missed(gap: Floats, y: Floats) -> float:
    """max |F| / (1 + max |x|); 0 where no side has a choice."""
    return float(np.max(np.abs(gap), initial=0.0) / (1 + np.max(np.abs(y[:-1]), initial=0.0)))


def _settled(tree: Tree, free: Floats, y: Floats, normal: Floats, level: float) -> Point | None:
    """Newton to the curve in the plane normal . y = level; None where it does not settle."""
    best = np.inf
    for _ in range(12):
        gap, jacobian = _system(tree, free, y)
        off = normal @ y - level
        residual = _missed(gap, y)
        if not np.isfinite(residual):
            return None
        if residual <= GATE and (residual <= 1e-15 or residual >= best / 2):
            return Point(y, _tangent(jacobian, normal), residual)
        best = min(best, residual)
        try:
            y = y - np.linalg.solve(np.vstack([jacobian, normal]), np.append(gap, off))
        except np.linalg.LinAlgError:
            return None
    gap, jacobian = _system(tree, free, y)
    residual = _missed(gap, y)
    return Point(y, _tangent(jacobian, normal), residual) if residual <= GATE else None


def ahead(tree: Tree, start: Point, step: float) -> Point | None:
    """The point a step along the curve from a point; None where the step is too long to be trusted."""
    if step == 0:
        return start
    guess = start.y + step * start.tangent
    try:
        found = _settled(tree, free_actions(tree), guess, start.tangent, float(start.tangent @ guess))
    except np.linalg.LinAlgError:
        return None
    if (
        found is None
        or np.linalg.norm(found.y - guess) > 0.3 * step + 1e-9
        or found.tangent @ start.tangent < 0.9
    ):
        return None
    return found


def beginning(tree: Tree) -> Point:
    """The point at lambda = 0, all chances equal."""
    free = free_actions(tree)
    y = np.zeros(free.shape[1] + 1)
    _, jacobian = _system(tree, free, y)
    upwards = np.zeros_like(y)
    upwards[-1] = 1.0
    return Point(y, _tangent(jacobian, upwards), 0.0)


def follow(tree: Tree, most: float) -> Iterator[tuple[Point, Point, float]]:
    """Steps along the curve from lambda = 0 until lambda exceeds ``most``: from, to, length.

    Raises `LostCurveError` where a step becomes too small, or there are too many.
    """
    point, step = beginning(tree), 0.05
    for _ in range(MOST_STEPS):
        if point.precision > most:
            return
        nearby = ahead(tree, point, step)
        if nearby is None:
            step /= 2
            if step < SMALLEST_STEP * (1 + float(np.linalg.norm(point.y))):
                break
            continue
        yield point, nearby, step
        step *= 1.5 if nearby.tangent @ point.tangent > 0.995 else 1.0
        point = nearby
    raise LostCurveError(
        f"the curve of logit equilibria was lost near lambda = {point.precision:.4g}",
        "its turn there is too sharp to be followed",
        "ask for a smaller lambda, or divide the payoffs by a common scale",
    )


def at_precision(tree: Tree, precision: float) -> LogitEquilibrium:
    """The first equilibrium at lambda on the curve from lambda = 0; `LostCurveError` where it is not reached."""
    free = free_actions(tree)
    across = np.zeros(free.shape[1] + 1)
    across[-1] = 1.0
    if precision == 0:
        return equilibrium_at(tree, beginning(tree))
    for start, end, _ in follow(tree, precision):
        if end.precision < precision:
            continue
        share = (precision - start.precision) / (end.precision - start.precision)
        guess = start.y + share * (end.y - start.y)
        found = _settled(tree, free, guess, across, precision)
        if found is not None:
            return equilibrium_at(tree, found)
    raise LostCurveError(
        f"no logit equilibrium was settled at lambda = {precision:g}", "Newton missed its gate", "move lambda a little"
    )  # fmt: skip


def equilibrium_at(tree: Tree, point: Point) -> LogitEquilibrium:
    """The chances and worths at a point of the curve."""
    log_chance = spread(tree, free_actions(tree) @ point.y[:-1])
    return LogitEquilibrium(np.exp(log_chance), worth(tree, log_chance)[0], point.precision, point.residual)


def search(tree: Tree, precision: float, starts: int, draws: np.random.Generator) -> list[LogitEquilibrium]:
    """Equilibria at lambda that Newton finds from drawn log-odds, each once (chances within 1e-6)."""
    free = free_actions(tree)
    across = np.zeros(free.shape[1] + 1)
    across[-1] = 1.0
    found: list[LogitEquilibrium] = []
    for _ in range(starts):
        x = draws.normal(0.0, 1.0 + precision, free.shape[1])
        try:
            point = _settled(tree, free, _replied(tree, free, np.append(x, precision)), across, precision)
        except np.linalg.LinAlgError:
            continue
        if point is not None:
            one = equilibrium_at(tree, point)
            if all(np.abs(one.chances - other.chances).max() > 1e-6 for other in found):
                found.append(one)
    return found


def _replied(tree: Tree, free: Floats, y: Floats) -> Floats:
    """A drawn start after a few half-way replies, so that Newton begins where log-odds belong to payoffs."""
    for _ in range(5):
        gap, _ = _system(tree, free, y)
        y = np.append(y[:-1] - gap / 2, y[-1])
    return y
