"""The full likelihood near an estimate as one JAX function, for posteriors, profiles and penalties.

Each game's equilibrium is followed by Newton steps from its index at the estimate, under no derivative; two more steps
under derivatives make the first two derivatives exact (each step doubles the order to which an implicit function is
right). Where an equilibrium cannot be followed the log-likelihood is minus infinity: the likelihood jumps there.
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


class Branch(NamedTuple):
    """Loadings (7, games, k), offsets (7, games), counts (4, games) of a design, and indices (games,) of the equilibria to follow."""

    loadings: Array
    offsets: Array
    counts: Array
    followed: Array


def contributions(theta: Array, data: Branch) -> Array:
    """Log-likelihoods (games,) at coefficients (k,), every game in the equilibrium that is followed from ``data``."""
    payoffs = payoffs_of(data.loadings @ theta + data.offsets)
    index = jax.lax.stop_gradient(_followed(jax.lax.stop_gradient(payoffs), data.followed))
    for _ in range(2):
        index = _newton(payoffs, index)
    found = jnp.abs(gap(payoffs, index)) <= SOLVED * (1.0 + jnp.abs(index))
    logs = log_outcomes(answers_to(payoffs, jnp.exp(log_cdf(index))), index)
    value = jnp.sum(jnp.where(data.counts > 0.0, data.counts * logs, 0.0), axis=0)
    return jnp.where(found, value, -jnp.inf)


def _newton(payoffs: Payoffs, index: Array) -> Array:
    value, slope = jax.jvp(lambda q: gap(payoffs, q), (index,), (jnp.ones_like(index),))
    following: Array = index - value / jnp.where(jnp.abs(slope) < 1e-12, 1e-12, slope)
    return following


def _followed(payoffs: Payoffs, index: Array) -> Array:
    def step(_: int, q: Array) -> Array:
        return q + jnp.clip(_newton(payoffs, q) - q, -0.5, 0.5)

    found: Array = jax.lax.fori_loop(0, _STEPS, step, index)
    return found
