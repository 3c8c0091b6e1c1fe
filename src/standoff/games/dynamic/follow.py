"""The equilibrium of an estimate, followed along the straight line to other parameters.

Newton from the estimate's own choices answers where parameters are near. Where it does not arrive, the way is halved
until it does, and taken up again from where it came, in steps that double after each success; so an equilibrium is lost only where it ends
(a fold), not where it is merely far. Source: [nocedal_wright_2006], chapter 11 (continuation).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from standoff.games.dynamic.choice import Array, Arrays, Shape
from standoff.games.dynamic.newton import Search, newton

SHORTEST = 1 / 128  # of the whole way; where a step so short does not arrive the equilibrium has ended
ATTEMPT = 15  # Newton steps of one attempt


class Walk(NamedTuple):
    """Share of the way done, the next step's length, log odds (n,) there."""

    done: Array
    length: Array
    q: Array


def followed(
    shape: Shape, arrays: Arrays, origin: Array, start: Array, theta: Array, search: Search
) -> Array:
    """Log odds (n,) at ``theta`` (K,) on the branch of ``start`` (n,), the equilibrium at ``origin`` (K,).

    Where the branch ends before, the log odds at its end; the caller judges the residual. Not to be differentiated.
    """
    attempt = Search(search.tolerance, ATTEMPT)

    def going(walk: Walk) -> Array:
        return (walk.done < 1) & (walk.length >= SHORTEST)

    def advance(walk: Walk) -> Walk:
        share = jnp.minimum(walk.done + walk.length, 1.0)
        tried = newton(shape, arrays, origin + share * (theta - origin), walk.q, attempt)
        there = tried.residual <= search.tolerance
        return Walk(
            jnp.where(there, share, walk.done),
            jnp.where(there, 2 * walk.length, walk.length / 2),
            jnp.where(there, tried.q, walk.q),
        )

    begun = Walk(jnp.asarray(0.0), jnp.asarray(1.0), start)
    ended: Walk = jax.lax.while_loop(going, advance, begun)
    return ended.q
