"""Damped Newton ascent with exact Hessians, in coordinates scaled by curvature.

A direction of positive curvature is climbed by its absolute value, so that every step is one of ascent; a step is
cut until the objective rises. It ends when the decrement g'(-H)^-1 g, twice the gain that a quadratic promises, is
below the tolerance; where rounding stops it earlier, a decrement below 1e-8 still counts as converged. Algorithm: [nocedal_wright_2006], chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
State = TypeVar("State")
_GATE = 1e-8
_CUT, _MOST_CUTS = 0.35, 14  # a step that does not rise is shortened


class Slope(NamedTuple, Generic[State]):
    """Objective, gradient (k,), Hessian (k, k) at a point, and what the next evaluation may start from."""

    value: float
    gradient: Floats
    hessian: Floats
    state: State


class Climb(NamedTuple, Generic[State]):
    """Where an ascent ended: point (k,), the slope there, steps taken, last decrement, whether it met the tolerance."""

    point: Floats
    slope: Slope[State]
    steps: int
    decrement: float
    converged: bool


def direction(gradient: Floats, hessian: Floats) -> tuple[Floats, float]:
    """Newton's direction (k,) made one of ascent, and its decrement."""
    scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(hessian)), 1e-12))
    curvature, axes = np.linalg.eigh(-hessian * scale[:, None] * scale)
    size = np.abs(curvature)
    size = np.maximum(size, 1e-10 * size.max())
    step = scale * (axes @ ((axes.T @ (gradient * scale)) / size))
    return step, float(gradient @ step)


def climb(
    evaluate: Callable[[Floats, State], Slope[State] | None],
    start: Floats,
    state: State,
    tolerance: float = 1e-12,
    most: int = 200,
    longest: Callable[[Floats], float] = lambda step: 1.0,
) -> Climb[State]:
    """Ascend from ``start`` (k,); ``evaluate(point, state)`` gives None where the objective cannot be evaluated.

    ``longest(step)`` is the share of a step that may be taken at once.
    """
    slope = evaluate(start, state)
    if slope is None:
        raise FloatingPointError("the objective cannot be evaluated at the start")
    point, decrement = start, np.inf
    for count in range(most):
        step, decrement = direction(slope.gradient, slope.hessian)
        if decrement < tolerance:
            return Climb(point, slope, count, decrement, True)
        moved = _advance(evaluate, point, slope, step, decrement, min(1.0, longest(step)))
        if moved is None:
            return Climb(point, slope, count, decrement, decrement < _GATE)
        point, slope = moved
    return Climb(point, slope, most, decrement, decrement < _GATE)


def _advance(
    evaluate: Callable[[Floats, State], Slope[State] | None],
    point: Floats,
    slope: Slope[State],
    step: Floats,
    decrement: float,
    length: float,
) -> tuple[Floats, Slope[State]] | None:
    noise = 1e-12 * (1.0 + abs(slope.value))
    for _ in range(_MOST_CUTS):
        following = evaluate(point + length * step, slope.state)
        if following is not None and following.value >= slope.value + 1e-4 * length * decrement - noise:
            return point + length * step, following
        length *= _CUT
    return None
