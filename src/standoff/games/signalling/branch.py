"""The full likelihood near an estimate as one JAX function, for posteriors, profiles and penalties.

Each game's equilibrium is followed by Newton steps from its index at the estimate; its derivatives, to any order, are those
of the implicit function, dq = -(gap_theta / gap_q) dtheta. Where an equilibrium cannot be followed the log-likelihood is
minus infinity: the likelihood jumps there.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from standoff.games.signalling.equations import Payoffs, answers_to, gap, log_outcomes, payoffs_of
from standoff.games.signalling.likelihood import SOLVED
from standoff.games.signalling.normal import log_cdf

Array = jax.Array
_STEPS = 25
_STILL = 1e-8  # relative move of a step after which the next would be rounding: Newton squares the error


class Branch(NamedTuple):
    """Loadings (7, games, k), offsets (7, games), counts (4, games), and indices (games,) of equilibria to follow."""

    loadings: Array
    offsets: Array
    counts: Array
    followed: Array

    @property
    def response(self) -> Array:
        """What was observed, by which the tests of rival models see that both are of the same rows."""
        return self.counts


def contributions(theta: Array, data: Branch) -> Array:
    """Log-likelihoods (games,) at coefficients (k,), every game in the equilibrium that is followed from ``data``."""
    rows = data.loadings @ theta + data.offsets
    index = _root(rows, data.followed)
    payoffs = payoffs_of(rows)
    did = answers_to(payoffs, jnp.exp(log_cdf(index)))
    logs = log_outcomes(did, index)
    value = jnp.sum(jnp.where(data.counts > 0.0, data.counts * logs, 0.0), axis=0)
    left = jax.lax.stop_gradient(gap(payoffs, index))
    return jnp.where(jnp.abs(left) <= SOLVED * (1.0 + jnp.abs(index)), value, -jnp.inf)


@jax.custom_jvp
def _root(rows: Array, near: Array) -> Array:
    """Index (games,) of the equilibrium that Newton steps from ``near`` lead to, payoffs in ``rows`` (7, games)."""
    payoffs = payoffs_of(rows)

    def going(state: tuple[Array, Array, Array]) -> Array:
        _, moved, count = state
        return (moved > _STILL) & (count < _STEPS)

    def step(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        q, _, count = state
        value, slope = _gap_and_slope(payoffs, q)
        move = jnp.clip(value / slope, -0.5, 0.5)
        return q - move, jnp.max(jnp.abs(move) / (1.0 + jnp.abs(q))), count + 1

    found: Array = jax.lax.while_loop(going, step, (near, jnp.asarray(jnp.inf), jnp.asarray(0)))[0]
    return found


@_root.defjvp
def _root_slope(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    (rows, near), (moved, _) = primals, tangents
    index = _root(rows, near)
    pushed = jax.jvp(lambda r: gap(payoffs_of(r), index), (rows,), (moved,))[1]
    return index, -pushed / _gap_and_slope(payoffs_of(rows), index)[1]


def _gap_and_slope(payoffs: Payoffs, index: Array) -> tuple[Array, Array]:
    value, slope = jax.jvp(lambda q: gap(payoffs, q), (index,), (jnp.ones_like(index),))
    return value, slope
