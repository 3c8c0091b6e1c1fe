"""Newton's method for the equilibrium, and its exact derivatives to any order in the parameters.

Full steps are halved until the residual falls; where none falls the reply itself is taken half way (a damped policy
iteration), so that a far start is brought near. The derivative is implicit: with q(theta) = reply(q(theta); theta),
dq = (I - slope)^-1 d reply / d theta. Source: Rust (1987) for the polish by Newton-Kantorovich steps [rust_1987].
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from standoff.games.dynamic.choice import Array, Arrays, Shape, reply, slope

HALVINGS = 8
CALMING = 60


class Search(NamedTuple):
    """When to stop: max |reply(q) - q| (log odds) at or under ``tolerance``, or after ``most`` steps."""

    tolerance: float = 1e-9
    most: int = 100


class Found(NamedTuple):
    """Log odds (n,), the residual max |reply(q) - q|, and the number of Newton steps."""

    q: Array
    residual: Array
    iterations: Array


def _norm(error: Array) -> Array:
    size = jnp.max(jnp.abs(error))
    return jnp.where(jnp.isfinite(size), size, jnp.inf)


@partial(jax.jit, static_argnums=(0, 4))
def newton(shape: Shape, arrays: Arrays, theta: Array, start: Array, search: Search = Search()) -> Found:  # noqa: B008
    """Solve q = reply(q) from a start (n,); the caller judges the residual."""

    def shortened(q: Array, step: Array, size: Array) -> tuple[Array, Array]:
        """The longest of 1, 1/2, 1/4, ... steps that lowers the residual, and its residual (inf when none does)."""

        def error_at(share: Array) -> Array:
            there = q + share * step
            return _norm(reply(shape, arrays, theta, there) - there)

        def going(state: tuple[Array, Array, Array]) -> Array:
            _, error, count = state
            return (error >= size) & (count < HALVINGS)

        def halve(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
            share, _, count = state
            return share / 2, error_at(share / 2), count + 1

        one = jnp.asarray(1.0)
        share, error, _ = jax.lax.while_loop(going, halve, (one, error_at(one), jnp.asarray(0)))
        return share, jnp.where(error < size, error, jnp.inf)

    def going(state: Found) -> Array:
        return (state.residual > search.tolerance) & (state.iterations < search.most)

    def advance(state: Found) -> Found:
        image, tilt = slope(shape, arrays, theta, state.q)
        error = image - state.q
        step = jnp.linalg.solve(jnp.eye(shape.unknowns) - tilt, error)
        share, reached = shortened(state.q, step, state.residual)
        damped = state.q + 0.5 * error
        newton_point = state.q + share * step
        lowered = jnp.isfinite(reached)
        q = jnp.where(lowered, newton_point, damped)
        fallback = _norm(reply(shape, arrays, theta, q) - q)
        return Found(q, jnp.where(lowered, reached, fallback), state.iterations + 1)

    first = _norm(reply(shape, arrays, theta, start) - start)
    return jax.lax.while_loop(going, advance, Found(start, first, jnp.asarray(0)))


@partial(jax.jit, static_argnums=0)
def calmed(shape: Shape, arrays: Arrays, theta: Array, start: Array) -> Array:
    """A start (n,) brought nearer by damped replies, a third of the way each, for where Newton stops short."""

    def third(_: Array, q: Array) -> Array:
        return q + (reply(shape, arrays, theta, q) - q) / 3

    calmer: Array = jax.lax.fori_loop(0, CALMING, third, start)
    return calmer


@partial(jax.custom_jvp, nondiff_argnums=(0, 4))
def equilibrium_from(shape: Shape, arrays: Arrays, theta: Array, start: Array, search: Search) -> Array:
    """The equilibrium (n,) that Newton reaches from a start; differentiable in ``theta`` to any order, in nothing else."""
    found: Found = newton(shape, arrays, theta, start, search)
    return found.q


@equilibrium_from.defjvp
def _implicit(shape: Shape, search: Search, primals: Any, tangents: Any) -> tuple[Array, Array]:
    arrays, theta, start = primals
    q = equilibrium_from(shape, arrays, theta, start, search)
    _, moved = jax.jvp(lambda numbers: reply(shape, arrays, numbers, q), (theta,), (tangents[1],))
    tilt = slope(shape, arrays, theta, q)[1]
    return q, jnp.linalg.solve(jnp.eye(shape.unknowns) - tilt, moved)
