"""The full likelihood near an estimate as one JAX function, for posteriors, profiles and penalties.

Each game's equilibrium is followed by Newton steps from its index at the estimate, moved as its slope there says; where they
do not arrive, along the straight way from the estimate in steps that are halved until they do. Derivatives, to any order, are those
of the implicit function, dq = -(gap_theta / gap_q) dtheta. Where an equilibrium cannot be followed it has ended, and the
log-likelihood is minus infinity: the likelihood jumps there.
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
_FARTHEST = 0.5  # of an index in one step, and of what the slope at the estimate foretells
_SHORTEST = 1 / 16  # of the way; where a step so short does not arrive an equilibrium has ended
_STILL = 1e-8  # relative move of a step after which the next would be rounding: Newton squares the error


class Branch(NamedTuple):
    """Loadings (7, games, k), offsets (7, games), counts (4, games), and indices (games,) of equilibria to follow, which
    are those at coefficients ``origin`` (k,) and move there by ``moves`` (games, k)."""

    loadings: Array
    offsets: Array
    counts: Array
    followed: Array
    origin: Array
    moves: Array

    @property
    def response(self) -> Array:
        """What was observed, by which the tests of rival models see that both are of the same rows."""
        return self.counts


class Way(NamedTuple):
    """From payoffs ``begin`` (7, games) with equilibria ``start`` (games,); ``near`` (games,) is foretold for its end."""

    begin: Array
    start: Array
    near: Array


def contributions(theta: Array, data: Branch) -> Array:
    """Log-likelihoods (games,) at coefficients (k,), every game in the equilibrium that is followed from ``data``."""
    rows = data.loadings @ theta + data.offsets
    index = _root(rows, way_to(theta, data))
    payoffs = payoffs_of(rows)
    did = answers_to(payoffs, jnp.exp(log_cdf(index)))
    logs = log_outcomes(did, index)
    value = jnp.sum(jnp.where(data.counts > 0.0, data.counts * logs, 0.0), axis=0)
    left = jax.lax.stop_gradient(gap(payoffs, index))
    return jnp.where(_solved(left, index), value, -jnp.inf)


def way_to(theta: Array, data: Branch) -> Way:
    """The way to coefficients (k,), not to be differentiated."""
    foretold = jnp.clip(data.moves @ (theta - data.origin), -_FARTHEST, _FARTHEST)
    way = Way(data.loadings @ data.origin + data.offsets, data.followed, data.followed + foretold)
    still: Way = jax.lax.stop_gradient(way)
    return still


def _solved(left: Array, index: Array) -> Array:
    return jnp.abs(left) <= SOLVED * (1.0 + jnp.abs(index))


@jax.custom_jvp
def _root(rows: Array, way: Way) -> Array:
    """Index (games,) of the equilibrium at payoffs ``rows`` (7, games) to which the way leads; where none does, any."""
    first = _newton(rows, way.near)
    arrived = jnp.all(_solved(gap(payoffs_of(rows), first), first))

    def going(walk: tuple[Array, Array, Array]) -> Array:
        done, length, _ = walk
        return (done < 1) & (length >= _SHORTEST)

    def advance(walk: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        done, length, index = walk
        share = jnp.minimum(done + length, 1.0)
        there = way.begin + share * (rows - way.begin)
        tried = _newton(there, index)
        fits = jnp.all(_solved(gap(payoffs_of(there), tried), tried))
        return (
            jnp.where(fits, share, done),
            jnp.where(fits, 2 * length, length / 2),
            jnp.where(fits, tried, index),
        )

    begun = (jnp.where(arrived, 1.0, 0.0), jnp.asarray(0.5), jnp.where(arrived, first, way.start))
    found: Array = jax.lax.while_loop(going, advance, begun)[2]
    return found


def _newton(rows: Array, near: Array) -> Array:
    """Index (games,) to which Newton steps from ``near`` (games,) lead; the caller judges the gap."""
    payoffs = payoffs_of(rows)

    def going(state: tuple[Array, Array, Array]) -> Array:
        _, moved, count = state
        return (moved > _STILL) & (count < _STEPS)

    def step(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        q, _, count = state
        value, slope = _gap_and_slope(payoffs, q)
        move = jnp.clip(value / slope, -_FARTHEST, _FARTHEST)
        return q - move, jnp.max(jnp.abs(move) / (1.0 + jnp.abs(q))), count + 1

    found: Array = jax.lax.while_loop(going, step, (near, jnp.asarray(jnp.inf), jnp.asarray(0)))[0]
    return found


@_root.defjvp
def _root_slope(primals: tuple[Array, Way], tangents: tuple[Array, Way]) -> tuple[Array, Array]:
    (rows, way), (moved, _) = primals, tangents
    index = _root(rows, way)
    pushed = jax.jvp(lambda r: gap(payoffs_of(r), index), (rows,), (moved,))[1]
    return index, -pushed / _gap_and_slope(payoffs_of(rows), index)[1]


def _gap_and_slope(payoffs: Payoffs, index: Array) -> tuple[Array, Array]:
    value, slope = jax.jvp(lambda q: gap(payoffs, q), (index,), (jnp.ones_like(index),))
    return value, slope
