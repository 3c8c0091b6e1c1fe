"""Full maximum likelihood, two ways: with the equilibrium solved at every step (nested), or as a constraint.

*Nested fixed point*: theta moves, Newton brings the equilibrium after it, started from the last one moved along its
derivative. *Constrained*: theta and the choices move together; each step first goes to the linearised constraint, then
along it (the reduced step of sequential quadratic programming), accepted by the likelihood less a penalty for the
error; the constraint holds only at the end, so no equilibrium is solved in between and the search may start from, and
end at, equilibria that iteration cannot reach. Both climb by the outer product of the scores (Berndt, Hall, Hall and
Hausman) and finish by Newton with the exact Hessian.
Source: [rust_1987], [su_judd_2012], [berndt_1974].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from standoff.games.dynamic.choice import Array, Arrays, Shape, reply
from standoff.games.dynamic.errors import NoEquilibriumError
from standoff.games.dynamic.estimate import (
    Estimate,
    curvature_gate,
    found_again,
    gradient_gate,
    merged,
    optimum,
)
from standoff.games.dynamic.game import DynamicGame, Floats
from standoff.games.dynamic.newton import Search, newton
from standoff.games.dynamic.objective import Packed, full_hessian, local, row_values, scored
from standoff.games.dynamic.pseudo import choose_first_step, two_step
from standoff.games.dynamic.rows import Rows, grouped, motion_log_likelihood, packed
from standoff.games.dynamic.solve import arrays_of, describe, shape_of
from standoff.games.estimation.covariance import from_scores
from standoff.games.estimation.fit import Gate
from standoff.games.estimation.maximise import Optimum

CLIMB, FINISH = 150, 15
NEAR = 1e-2  # of log-likelihood left to gain, where the climb gives way to Newton
RISE = 1e-10
SOLVED = Search(1e-9, 60)


class Start(NamedTuple):
    """Where a search begins: a name, parameters (K,), log odds of the choices (n,)."""

    name: str
    theta: Floats
    log_odds: Floats


class Problem(NamedTuple):
    """A game and rows as compiled functions take them."""

    shape: Shape
    arrays: Arrays
    data: Packed

    def value(self, q: Array) -> float:
        """Log-likelihood at log odds (n,); minus infinity where it is no number."""
        total = float(row_values(self.shape, self.arrays, self.data, q).sum())
        return total if np.isfinite(total) else -np.inf

    def solved(self, theta: Floats, q: Array) -> tuple[Array, float]:
        """Log odds (n,) of the equilibrium that Newton reaches from ``q``, and the residual."""
        found = newton(self.shape, self.arrays, jnp.asarray(theta), q, SOLVED)
        return found.q, float(found.residual)


class _End(NamedTuple):
    name: str
    theta: Floats
    q: Array
    value: float
    steps: int


def nested_fixed_point(game: DynamicGame, rows: Rows, starts: Sequence[Start] | None = None) -> Estimate:
    """Full maximum likelihood with the equilibrium solved at every step; the best end of all starts, all listed."""
    return _estimated(game, rows, starts, "nested fixed point", _climb_nested)


def constrained(game: DynamicGame, rows: Rows, starts: Sequence[Start] | None = None) -> Estimate:
    """Full maximum likelihood with the equilibrium as a constraint; the best end of all starts, all listed."""
    return _estimated(game, rows, starts, "constrained likelihood", _climb_constrained)


def problem_of(game: DynamicGame, rows: Rows) -> Problem:
    """The game and the rows, for compiled functions."""
    return Problem(shape_of(game), arrays_of(game), packed(rows))


def default_starts(game: DynamicGame, rows: Rows) -> tuple[Start, ...]:
    """The two-step estimate with the data's choices, with even odds, and no payoffs at all with the data's choices."""
    first = choose_first_step(game, rows)
    estimate = two_step(game, rows, first)
    nought = np.zeros(len(game.parameters))
    return (
        Start("two-step, choices of the data", estimate.theta, first.log_odds),
        Start("two-step, even odds", estimate.theta, np.zeros_like(first.log_odds)),
        Start("nought, choices of the data", nought, first.log_odds),
    )


def start_at(name: str, theta: ArrayLike, log_odds: ArrayLike) -> Start:
    """A start from array-likes."""
    return Start(name, np.asarray(theta, dtype=np.float64), np.asarray(log_odds, dtype=np.float64))


def _direction(scores: Floats) -> Floats:
    """The climb: (S'S)^-1 S'1, with a floor under directions that the rows hardly tell apart."""
    meat = scores.T @ scores
    sizes, axes = np.linalg.eigh(meat)
    floor = 1e-10 * max(float(sizes[-1]), 1e-300)
    return np.asarray(axes @ ((axes.T @ scores.sum(axis=0)) / np.maximum(sizes, floor)))


def _climb_nested(problem: Problem, start: Start) -> _End:
    theta = start.theta
    q, error = problem.solved(theta, jnp.asarray(start.log_odds))
    if error > SOLVED.tolerance:
        return _End(start.name, theta, q, -np.inf, 0)
    value = problem.value(q)
    for count in range(1, CLIMB + 1):
        near = local(problem.shape, problem.arrays, jnp.asarray(theta), q)
        scores = np.asarray(scored(problem.shape, problem.arrays, problem.data, q, near.motion).scores)
        step, size = _direction(scores), 1.0
        promised = float(step @ scores.sum(axis=0))
        trial = value
        while size > 1e-6:
            moved = q + near.motion @ jnp.asarray(size * step)
            there, error = problem.solved(theta + size * step, moved)
            trial = problem.value(there) if error <= SOLVED.tolerance else -np.inf
            if trial >= value + 1e-4 * size * promised:
                break
            size /= 2
        else:
            return _End(start.name, theta, q, value, count)
        theta, q, value = theta + size * step, there, trial
        if promised < NEAR:
            break
    return _End(start.name, theta, q, value, count)


def _climb_constrained(problem: Problem, start: Start) -> _End:
    theta, q = start.theta, jnp.asarray(start.log_odds)
    penalty, count = 1.0, 0
    for _ in range(CLIMB):
        count += 1
        near = local(problem.shape, problem.arrays, jnp.asarray(theta), q)
        error = float(jnp.abs(near.error).sum())
        restored = q + near.step
        scores = np.asarray(scored(problem.shape, problem.arrays, problem.data, restored, near.motion).scores)
        if not np.all(np.isfinite(scores)):
            scores = np.asarray(scored(problem.shape, problem.arrays, problem.data, q, near.motion).scores)
        step = _direction(scores)
        promised = float(step @ scores.sum(axis=0))
        if promised < NEAR and error < 1e-6:
            break
        now = problem.value(q)
        aimed = problem.value(restored)
        if error > 0 and np.isfinite(aimed):
            penalty = max(penalty, 2.0 * max(now - aimed, 0.0) / error)
        theta, q, moved = _merit_step(problem, theta, q, near.step, near.motion, step, penalty, error, now)
        if not moved:
            break
    q, error = problem.solved(theta, q)
    value = problem.value(q) if error <= SOLVED.tolerance else -np.inf
    return _End(start.name, theta, q, value, count)


def _merit_step(
    problem: Problem,
    theta: Floats,
    q: Array,
    restore: Array,
    motion: Array,
    step: Floats,
    penalty: float,
    error: float,
    now: float,
) -> tuple[Floats, Array, bool]:
    """The longest of 1, 1/2, ... of both steps that raises the likelihood less the penalty on the constraint."""
    size = 1.0
    while size > 1e-6:
        trial_theta = theta + size * step
        trial = q + size * (restore + motion @ jnp.asarray(step))
        gap = reply(problem.shape, problem.arrays, jnp.asarray(trial_theta), trial) - trial
        merit = problem.value(trial) - penalty * float(jnp.abs(gap).sum())
        if np.isfinite(merit) and merit > now - penalty * error:
            return trial_theta, trial, True
        size /= 2
    return theta, q, False


class _Finished(NamedTuple):
    end: _End
    hessian: Floats
    scores: Floats
    optimum: Optimum


def _finish(problem: Problem, end: _End) -> _Finished:
    """Newton with the exact Hessian from where the climb ended; where it is not a maximum's, climbs lead on."""
    theta, q, value, count = end.theta, end.q, end.value, end.steps
    size = len(theta)
    if not np.isfinite(value):
        flat, none = np.full((size, size), np.nan), np.zeros((0, size))
        return _Finished(end, flat, none, optimum(end.name, theta, value, np.zeros(size), flat, count))
    hessian, scores = _exact(problem, theta, q)
    for _ in range(FINISH):
        gradient = scores.sum(axis=0)
        concave = np.max(np.linalg.eigvalsh((hessian + hessian.T) / 2)) < 0
        step = np.linalg.solve(-hessian, gradient) if concave else _direction(scores)
        if step @ gradient <= 1e-13 * (1 + abs(value)):
            break
        there, trial, share = _shortened(problem, theta, q, value, step)
        if share == 0.0:
            break
        theta, q, value, count = theta + share * step, there, trial, count + 1
        hessian, scores = _exact(problem, theta, q)
    told = optimum(end.name, theta, value, scores.sum(axis=0), hessian, count)
    return _Finished(_End(end.name, theta, q, value, count), hessian, scores, told)


def _shortened(
    problem: Problem, theta: Floats, q: Array, value: float, step: Floats
) -> tuple[Array, float, float]:
    """The longest of 1, 1/2, ... of a step that does not lower the likelihood: choices, value, share (0: none)."""
    share = 1.0
    while share > 1e-4:
        there, error = problem.solved(theta + share * step, q)
        trial = problem.value(there)
        if error <= SOLVED.tolerance and trial >= value - RISE * abs(value):
            return there, trial, share
        share /= 2
    return q, value, 0.0


def _exact(problem: Problem, theta: Floats, q: Array) -> tuple[Floats, Floats]:
    shape, arrays, data = problem
    point = jnp.asarray(theta)
    near = local(shape, arrays, point, q)
    scores = scored(shape, arrays, data, q, near.motion).scores
    return np.asarray(full_hessian(shape, arrays, data, point, q, SOLVED)), np.asarray(scores)


def _estimated(
    game: DynamicGame,
    rows: Rows,
    starts: Sequence[Start] | None,
    name: str,
    climb: Callable[[Problem, Start], _End],
) -> Estimate:
    problem = problem_of(game, rows)
    ends = [_finish(problem, climb(problem, start)) for start in (starts or default_starts(game, rows))]
    best = max(ends, key=lambda one: (one.optimum.converged, one.end.value))
    if not np.isfinite(best.end.value):
        raise NoEquilibriumError(
            f"{name}: no start led to an equilibrium at which the data are possible",
            "Newton missed its gate at every start",
            "give starts (parameters and choices) near an equilibrium",
        )
    theta, q, optima = best.end.theta, best.end.q, merged([one.optimum for one in ends])
    solved = newton(problem.shape, problem.arrays, jnp.asarray(theta), q, SOLVED)
    found = describe(game, theta, solved, SOLVED.tolerance, name)
    gates = (
        Gate("equilibrium", found.passed, f"residual {found.residual:.2g}"),
        gradient_gate(best.optimum),
        curvature_gate(best.hessian),
        *found_again(optima),
    )
    by_row = np.asarray(row_values(problem.shape, problem.arrays, problem.data, q))
    return Estimate(
        game, rows, name, theta, float(by_row.sum()), motion_log_likelihood(game, rows), np.asarray(q), found.residual,
        best.end.steps, from_scores(best.hessian, best.scores, grouped(rows)), by_row, best.scores, gates,
        optima, found,
    )  # fmt: skip
