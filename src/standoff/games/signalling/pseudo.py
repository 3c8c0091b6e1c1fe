"""Pseudo-likelihood and nested pseudo-likelihood of the crisis signalling game.

Pseudo-likelihood: with first-stage estimates of p_R and p_F, A answers the estimated p_R and B the estimated p_F;
both best responses are explicit, A's threshold and B's index are linear in the coefficients, and no equilibrium is solved.
B's part of the objective and A's part for SQ, SF and BD are log-concave (B's is a probit, A's events are convex
sets of the errors), so that Newton's method seldom meets a second peak; A's part for CD is not.

Nested pseudo-likelihood: put the best responses at the estimate in place of the first stage, and repeat until
nothing moves. A fixed point is an equilibrium of every game; one that best responses move away from cannot be reached.
Sources: [aguirregabiria_mira_2007], [crismancox_gibilisco_2019].
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from standoff.games.precision import use_float64
from standoff.games.signalling.climb import Climb, Slope, climb
from standoff.games.signalling.derivatives import second_order
from standoff.games.signalling.design import Design
from standoff.games.signalling.equations import answers, log_outcomes
from standoff.games.signalling.normal import log_cdf

Array = jax.Array
Floats = NDArray[np.float64]

_LEAST = 1e-6  # first-stage probabilities are kept this far from zero and one


class Beliefs(NamedTuple):
    """What each side expects of the other: P(B resists), P(A stands firm, having challenged); (games,)."""

    resist: Floats
    firm: Floats


class Nested(NamedTuple):
    """Nested pseudo-likelihood: last climb, last beliefs, rounds, last movement of beliefs, whether they settled."""

    climb: Climb[None]
    beliefs: Beliefs
    rounds: int
    movement: float
    converged: bool


def pseudo(design: Design, beliefs: Beliefs, start: Floats | None = None) -> Climb[None]:
    """Maximise the pseudo-likelihood given ``beliefs``; ``start`` (coefficients,) is zero when not given."""
    use_float64()
    rows, offsets = _indices(design, _inside(beliefs))
    counts = jnp.asarray(design.counts)

    def evaluate(point: Floats, state: None) -> Slope[None] | None:
        value, gradient, hessian = (np.asarray(x) for x in _objective(rows @ point + offsets, counts))
        if not np.isfinite(value):
            return None
        return Slope(float(value), *_to_coefficients(rows, gradient, hessian), None)

    return climb(evaluate, np.zeros(len(design.names)) if start is None else start, None)


def nested_pseudo(
    design: Design, beliefs: Beliefs, start: Floats | None = None, tolerance: float = 1e-12, most: int = 500
) -> Nested:
    """Iterate pseudo-likelihood and best responses until beliefs move by less than ``tolerance``, or ``most`` rounds."""
    beliefs = _inside(beliefs)
    best, movement = pseudo(design, beliefs, start), np.inf
    for count in range(1, most + 1):
        following = respond(design, best.point, beliefs)
        movement = max(float(np.max(np.abs(a - b))) for a, b in zip(following, beliefs, strict=True))
        beliefs = following
        best = pseudo(design, beliefs, best.point)
        if movement < tolerance:
            return Nested(best, beliefs, count, movement, best.converged)
    return Nested(best, beliefs, most, movement, False)


def respond(design: Design, coefficients: Floats, beliefs: Beliefs) -> Beliefs:
    """Best responses of both sides to ``beliefs`` at ``coefficients``."""
    rows, offsets = _indices(design, beliefs)
    return Beliefs(*(np.asarray(x) for x in _responses(rows @ coefficients + offsets)))


def game_values(design: Design, coefficients: Floats, beliefs: Beliefs) -> Floats:
    """Log pseudo-likelihood of each game (games,)."""
    rows, offsets = _indices(design, beliefs)
    return np.asarray(_values(rows @ coefficients + offsets, design.counts))


def _inside(beliefs: Beliefs) -> Beliefs:
    return Beliefs(*(np.clip(np.asarray(x, dtype=float), _LEAST, 1.0 - _LEAST) for x in beliefs))


def _indices(design: Design, beliefs: Beliefs) -> tuple[Floats, Floats]:
    """Rows (3, games, coefficients) and offsets (3, games) of s, t and z, given beliefs."""
    inverse, odds = 1.0 / beliefs.resist, (1.0 - beliefs.firm) / beliefs.firm

    def combine(part: Floats) -> Floats:
        wide = (slice(None),) + (None,) * (part.ndim - 2)
        up, back = inverse[wide], odds[wide]
        quo, victory_a, concession, war_a, war_b, back_down, victory_b = part
        threshold = up * quo + (1.0 - up) * victory_a
        index = war_b - (1.0 + back) * concession + back * victory_b
        return np.stack([threshold - war_a, threshold - back_down, index])

    return combine(design.loadings), combine(design.offsets)


def _log_likelihood(indices: Array, counts: Array) -> Array:
    """Log pseudo-likelihood (games,) from s, t, z (3, games); no count of an outcome, no contribution."""
    logs = log_outcomes(answers(indices[0], indices[1]), indices[2])
    return jnp.sum(jnp.where(counts > 0.0, counts * logs, 0.0), axis=0)


_values = jax.jit(_log_likelihood)


@jax.jit
def _objective(indices: Array, counts: Array) -> tuple[Array, Array, Array]:
    value, gradient, hessian = second_order(lambda x: _log_likelihood(x, counts), indices)
    return jnp.sum(value), gradient, hessian


@jax.jit
def _responses(indices: Array) -> tuple[Array, Array]:
    did = answers(indices[0], indices[1])
    return jnp.exp(log_cdf(indices[2])), jnp.exp(did.firm - did.challenge)


def _to_coefficients(rows: Floats, gradient: Floats, hessian: Floats) -> tuple[Floats, Floats]:
    """Chain rule from the indices (m, games) to the coefficients."""
    width = rows.shape[-1]
    bent = np.einsum("ijn,jnk->ink", hessian, rows)
    flat = rows.reshape(-1, width)
    return flat.T @ gradient.ravel(), flat.T @ bent.reshape(-1, width)
