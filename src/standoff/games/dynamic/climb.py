"""Climb the full likelihood from near a maximum, some parameters held: for resamples and profiles.

Steps are by scores along the equilibrium, with an inverse Hessian that is updated by the rule of Broyden, Fletcher,
Goldfarb and Shanno, and never downhill, so that a climb costs no Hessian. Source: [nocedal_wright_2006], chapter 6.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from standoff.games.dynamic.choice import Array
from standoff.games.dynamic.full import SOLVED, Problem
from standoff.games.dynamic.game import Floats
from standoff.games.dynamic.objective import local, scored
from standoff.games.estimation.bootstrap import DECREMENT

STEPS = 80


class Place(NamedTuple):
    """A point of a climb: parameters (K,), log odds (n,) of its equilibrium, log-likelihood (minus infinity where there
    is none), how the log odds move with the parameters (n,K), and the slope (K,)."""

    theta: Floats
    q: Array
    value: float
    motion: Array
    slope: Floats


def place(problem: Problem, theta: Floats, near: Array) -> Place:
    """The point at parameters (K,), its equilibrium reached from log odds (n,) nearby."""
    q, error = problem.solved(theta, near)
    value = problem.value(q) if error <= SOLVED.tolerance else -np.inf
    if not np.isfinite(value):
        return Place(theta, q, -np.inf, jnp.zeros((len(q), len(theta))), np.zeros_like(theta))
    motion = local(problem.shape, problem.arrays, jnp.asarray(theta), q).motion
    scores = scored(problem.shape, problem.arrays, problem.data, q, motion).scores
    return Place(theta, q, value, motion, np.asarray(scores).sum(axis=0))


def climb(
    problem: Problem, at: Place, bread: Floats, free: NDArray[np.bool_] | None = None
) -> tuple[Place, bool]:
    """Where a climb from a point ends, and whether it arrived: less than `DECREMENT` of log-likelihood left to gain.

    ``bread`` (K,K) begins as the inverse of minus the Hessian; parameters that are not ``free`` (K,) stay.
    """
    moving = np.ones(len(at.theta), dtype=np.bool_) if free is None else free
    if not (np.isfinite(at.value) and np.isfinite(bread).all()):
        return at, False
    held = _of_free(bread, moving)
    for _ in range(STEPS):
        slope = np.where(moving, at.slope, 0.0)
        step = held @ slope
        promised = float(step @ slope)
        if promised < 2 * DECREMENT:
            return at, promised >= 0.0
        there = _stepped(problem, at, step)
        if there is None:
            return at, False
        held = _updated(held, there.theta - at.theta, np.where(moving, at.slope - there.slope, 0.0))
        at = there
    return at, False


def _of_free(bread: Floats, free: NDArray[np.bool_]) -> Floats:
    """The inverse of the block of parameters that move, zero elsewhere (K,K)."""
    block = np.ix_(free, free)
    held = np.zeros_like(bread)
    held[block] = np.linalg.inv(np.linalg.inv(bread)[block])
    return held


def _stepped(problem: Problem, at: Place, step: Floats) -> Place | None:
    """The place after the longest of 1, 1/2, ... of a step that climbs; None where none does."""
    share = 1.0
    while share > 1e-6:
        there = place(problem, at.theta + share * step, at.q + at.motion @ jnp.asarray(share * step))
        if there.value >= at.value - 1e-12 * abs(at.value):
            return there
        share /= 2
    return None


def _updated(held: Floats, step: Floats, fall: Floats) -> Floats:
    """The inverse of minus the Hessian (K,K) after a step (K,) over which the slope fell by ``fall`` (K,)."""
    along = step @ fall
    if not along > 1e-12 * np.linalg.norm(step) * np.linalg.norm(fall):
        return held
    keep: NDArray[np.float64] = np.eye(len(step)) - np.outer(step, fall) / along
    return np.asarray(keep @ held @ keep.T + np.outer(step, step) / along)
