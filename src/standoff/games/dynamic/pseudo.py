"""Two-step and nested pseudo-likelihood: maximise with the choices replied to held, then let them follow.

With choices q held, reply(q; theta) is affine in theta, so each step is a logit. Two steps stop after the first; the
nested pseudo-likelihood goes on until the choices that come out are those that went in, an equilibrium. It reaches only
equilibria that its iteration does not leave; a round that fails to settle is damped.
Errors of two steps count the first step's own error by its influence; those of the fixed point are of Aguirregabiria
and Mira (2007, proposition 2). Source: [hotz_miller_1993, aguirregabiria_mira_2002, aguirregabiria_mira_2007].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from standoff.games.dynamic.choice import Arrays, Shape
from standoff.games.dynamic.choice import reply as uncompiled_reply
from standoff.games.dynamic.errors import DynamicGameError
from standoff.games.dynamic.estimate import (
    Estimate,
    curvature_gate,
    found_again,
    gradient_gate,
    merged,
    optimum,
)
from standoff.games.dynamic.first_step import FirstStep, frequencies, reduced_form
from standoff.games.dynamic.game import DynamicGame, Floats
from standoff.games.dynamic.objective import Packed, affine, affine_derivatives, cross, local, row_values
from standoff.games.dynamic.rows import Rows, grouped, motion_log_likelihood, packed
from standoff.games.dynamic.solve import Equilibrium, arrays_of, shape_of, solve
from standoff.games.estimation.covariance import inverse, robust
from standoff.games.estimation.fit import Gate
from standoff.games.estimation.maximise import Optimum

STEPS = 100
reply = jax.jit(
    uncompiled_reply, static_argnums=0
)  # a round is mostly this: uncompiled it takes ten times as long


def choose_first_step(game: DynamicGame, rows: Rows, name: str = "") -> FirstStep:
    """``frequencies`` or ``reduced form``; not named: frequencies where every state is seen ten times on average."""
    if name not in ("", "frequencies", "reduced form"):
        raise DynamicGameError([f"first step: {name!r} is neither 'frequencies' nor 'reduced form'"])
    if name == "frequencies" or (not name and len(rows) >= 10 * len(game.states)):
        return frequencies(game, rows)
    return reduced_form(game, rows)


def two_step(game: DynamicGame, rows: Rows, first: FirstStep | None = None) -> Estimate:
    """Estimate in two steps: choices from the data (``first``), then a logit on the values that they imply."""
    begun = first or choose_first_step(game, rows)
    shape, arrays, data = shape_of(game), arrays_of(game), packed(rows)
    theta, end, hessian = second_step(game, rows, begun)
    q = jnp.asarray(begun.log_odds)
    scores, by_choice = (np.asarray(x) for x in cross(shape, arrays, data, jnp.asarray(theta), q))
    influence = scores + (by_choice @ begun.influence).T
    implied = np.asarray(reply(shape, arrays, jnp.asarray(theta), q))
    residual = float(np.max(np.abs(implied - begun.log_odds)))
    gates = (gradient_gate(end), curvature_gate(hessian))
    covariance = robust(inverse(hessian), influence, grouped(rows))
    return _estimate(
        game,
        rows,
        f"two-step ({begun.name})",
        theta,
        implied,
        residual,
        (end,),
        covariance,
        scores,
        gates,
        None,
    )


def second_step(game: DynamicGame, rows: Rows, first: FirstStep) -> tuple[Floats, Optimum, Floats]:
    """Parameters (K,) of the logit on what the choices of the first step imply, its end, and the Hessian (K,K)."""
    shape, arrays, data = shape_of(game), arrays_of(game), packed(rows)
    return _logit(
        shape, arrays, data, jnp.asarray(first.log_odds), np.zeros(len(game.parameters)), first.name
    )


class Settled(NamedTuple):
    """Where the iteration ended: parameters (K,), choices (n,), their last change, rounds, the last logit's end."""

    theta: Floats
    q: Floats
    change: float
    rounds: int
    end: Optimum


def settle(
    game: DynamicGame,
    rows: Rows,
    label: str,
    q: Floats,
    theta: Floats,
    rounds: int = 200,
    tolerance: float = 1e-7,
) -> Settled:
    """Repeat the second step from choices (n,) until they settle, or for ``rounds``."""
    shape, arrays, data = shape_of(game), arrays_of(game), packed(rows)
    share, last, count, change = 1.0, np.inf, 0, np.inf
    for _ in range(rounds):
        count += 1
        theta, end, _ = _logit(shape, arrays, data, jnp.asarray(q), theta, label)
        image = np.asarray(reply(shape, arrays, jnp.asarray(theta), jnp.asarray(q)))
        change = float(np.max(np.abs(image - q)))
        if not change > tolerance:
            break
        share = max(share / 2, 0.1) if change > last else share
        last = change
        q = q + share * (image - q)
    ended = replace(end, iterations=count, converged=end.converged and change <= tolerance)
    return Settled(theta, q, change, count, ended)


def nested_pseudo_likelihood(
    game: DynamicGame,
    rows: Rows,
    first: FirstStep | Floats | None = None,
    rounds: int = 200,
    tolerance: float = 1e-7,
    theta: Floats | None = None,
    others: Sequence[tuple[str, Floats]] = (),
) -> Estimate:
    """Iterate the second step until the choices settle, max |q_k - q_k-1| <= ``tolerance``, or for ``rounds``.

    ``first`` is where the choices begin, as a first step or log odds (n,); ``others`` further beginnings with names. Of
    several fixed points the one of the highest pseudo-likelihood is the estimate, and all are listed.
    """
    begun = choose_first_step(game, rows) if first is None else first
    q = np.asarray(begun.log_odds if isinstance(begun, FirstStep) else begun)
    label = begun.name if isinstance(begun, FirstStep) else "given choices"
    point = np.zeros(len(game.parameters)) if theta is None else theta
    ends = [settle(game, rows, name, at, point, rounds, tolerance) for name, at in ((label, q), *others)]
    best = max(ends, key=lambda one: (one.end.converged, one.end.log_likelihood))
    optima = merged([one.end for one in ends])
    return _fixed_point(game, rows, best, tolerance, optima)


def _fixed_point(
    game: DynamicGame, rows: Rows, best: Settled, tolerance: float, optima: tuple[Optimum, ...]
) -> Estimate:
    """Errors and gates at the end of the iteration."""
    shape, arrays, data = shape_of(game), arrays_of(game), packed(rows)
    point, held = jnp.asarray(best.theta), jnp.asarray(best.q)
    scores, by_choice = (np.asarray(x) for x in cross(shape, arrays, data, point, held))
    way, base = affine(shape, arrays, held)
    hessian = np.asarray(affine_derivatives(shape, arrays, data, way, base, point)[2])
    bread = hessian + by_choice @ np.asarray(local(shape, arrays, point, held).motion)
    told = f"last change {best.change:.2g} after {best.rounds} rounds"
    settled = Gate("choices settle", best.change <= tolerance, told)
    found = solve(game, best.theta, best.q) if settled.passed else None
    gates = (settled, gradient_gate(best.end), curvature_gate(hessian), *found_again(optima))
    return _estimate(
        game, rows, "nested pseudo-likelihood", best.theta, best.q, best.change, optima,
        robust(inverse(bread), scores, grouped(rows)), scores, gates, found,
    )  # fmt: skip


def _logit(
    shape: Shape, arrays: Arrays, data: Packed, q: jnp.ndarray, start: Floats, label: str
) -> tuple[Floats, Optimum, Floats]:
    """Maximise over theta with q held, by Newton with halved steps; where it is not concave, along the gradient."""
    way, base = affine(shape, arrays, q)
    theta, count = np.array(start), 0
    value, gradient, hessian = _derivatives(shape, arrays, data, way, base, theta)
    for _ in range(STEPS):
        count += 1
        step = _ascent(gradient, hessian)
        if step @ gradient <= 1e-12 * (1 + abs(value)):
            break
        size = 1.0
        while size > 1e-9:
            trial = _derivatives(shape, arrays, data, way, base, theta + size * step)
            if np.isfinite(trial[0]) and trial[0] >= value - 1e-11 * abs(value):
                break
            size /= 2
        theta = theta + size * step
        value, gradient, hessian = trial
    return theta, optimum(label, theta, value, gradient, hessian, count), hessian


def _ascent(gradient: Floats, hessian: Floats) -> Floats:
    """Newton's step with the curvature made positive."""
    sizes, axes = np.linalg.eigh(-(hessian + hessian.T) / 2)
    floor = 1e-8 * max(float(np.max(np.abs(sizes))), 1e-8)
    return np.asarray(axes @ ((axes.T @ gradient) / np.maximum(np.abs(sizes), floor)))


def _derivatives(
    shape: Shape, arrays: Arrays, data: Packed, way: jnp.ndarray, base: jnp.ndarray, theta: Floats
) -> tuple[float, Floats, Floats]:
    value, gradient, hessian = affine_derivatives(shape, arrays, data, way, base, jnp.asarray(theta))
    return float(value), np.asarray(gradient), np.asarray(hessian)


def _estimate(
    game: DynamicGame,
    rows: Rows,
    name: str,
    theta: Floats,
    q: Floats,
    residual: float,
    optima: tuple[Optimum, ...],
    covariance: dict[str, Floats],
    scores: Floats,
    gates: tuple[Gate, ...],
    found: Equilibrium | None,
) -> Estimate:
    by_row = np.asarray(row_values(shape_of(game), arrays_of(game), packed(rows), jnp.asarray(q)))
    return Estimate(
        game, rows, name, theta, float(by_row.sum()), motion_log_likelihood(game, rows), q, residual,
        optima[0].iterations, covariance, by_row, scores, gates, optima, found,
    )  # fmt: skip
