"""The likelihood as compiled functions of parameters and log odds: value, scores along the equilibrium, Hessian.

At a point (theta, q): error = reply(q; theta) - q, and B (n,K) = (I - slope)^-1 d reply / d theta, the way in which the
equilibrium moves with the parameters. Scores of rows along it, (T,K), are d l_t / d q B. At an equilibrium these are the
exact gradients of the full likelihood; away from it, those of the likelihood on the linearised constraint.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from standoff.games.dynamic.choice import Array, Arrays, Shape, log_choices, reply, slope
from standoff.games.dynamic.newton import Search, equilibrium_from
from standoff.games.dynamic.rows import row_log_likelihood

Packed = tuple[Array, ...]


class Local(NamedTuple):
    """What is known at a point: error of the constraint (n,), Newton's step to it (n,), B (n,K)."""

    error: Array
    step: Array
    motion: Array


class Scored(NamedTuple):
    """Log-likelihood of each row (T,) and scores along the equilibrium (T,K)."""

    rows: Array
    scores: Array


@partial(jax.jit, static_argnums=0)
def local(shape: Shape, arrays: Arrays, theta: Array, q: Array) -> Local:
    """The constraint linearised at a point."""
    image, tilt = slope(shape, arrays, theta, q)
    by_theta = jax.jacfwd(lambda numbers: reply(shape, arrays, numbers, q))(theta)
    error = image - q
    solved = jnp.linalg.solve(jnp.eye(shape.unknowns) - tilt, jnp.column_stack([error, by_theta]))
    return Local(error, solved[:, 0], solved[:, 1:])


@partial(jax.jit, static_argnums=0)
def row_values(shape: Shape, arrays: Arrays, rows: Packed, q: Array) -> Array:
    """Log-likelihood of each row (T,) at log odds."""
    return row_log_likelihood(shape, arrays, rows, log_choices(shape, q))


@partial(jax.jit, static_argnums=0)
def scored(shape: Shape, arrays: Arrays, rows: Packed, q: Array, motion: Array) -> Scored:
    """Row log-likelihoods and their scores when the log odds move by ``motion`` (n,K) a unit of each parameter."""

    def along(move: Array) -> Array:
        return row_log_likelihood(shape, arrays, rows, log_choices(shape, q + motion @ move))

    still = jnp.zeros(motion.shape[1])
    return Scored(along(still), jax.jacfwd(along)(still))


def log_likelihood(
    shape: Shape, arrays: Arrays, rows: Packed, theta: Array, start: Array, search: Search
) -> Array:
    """The full log-likelihood at the equilibrium reached from a start; differentiable to any order in ``theta``."""
    q: Array = equilibrium_from(shape, arrays, theta, start, search)
    return row_log_likelihood(shape, arrays, rows, log_choices(shape, q)).sum()


@partial(jax.jit, static_argnums=(0, 5))
def full_hessian(
    shape: Shape, arrays: Arrays, rows: Packed, theta: Array, start: Array, search: Search
) -> Array:
    """Exact Hessian (K,K) of the full log-likelihood."""

    def value(numbers: Array) -> Array:
        return log_likelihood(shape, arrays, rows, numbers, start, search)

    bent: Array = jax.jacfwd(jax.grad(value))(theta)
    return bent


@partial(jax.jit, static_argnums=0)
def affine(shape: Shape, arrays: Arrays, q: Array) -> tuple[Array, Array]:
    """The reply to given choices is affine in the parameters: its slope (n,K) and its value at zero (n,)."""
    nought = jnp.zeros(arrays.features.shape[-1])

    def of(numbers: Array) -> Array:
        return reply(shape, arrays, numbers, q)

    return jax.jacfwd(of)(nought), of(nought)


@partial(jax.jit, static_argnums=0)
def affine_derivatives(
    shape: Shape, arrays: Arrays, rows: Packed, way: Array, base: Array, theta: Array
) -> tuple[Array, Array, Array]:
    """Value, gradient (K,), Hessian (K,K) of the likelihood at log odds base + way theta."""

    def value(numbers: Array) -> Array:
        return row_log_likelihood(shape, arrays, rows, log_choices(shape, base + way @ numbers)).sum()

    return value(theta), jax.grad(value)(theta), jax.hessian(value)(theta)


@partial(jax.jit, static_argnums=0)
def cross(shape: Shape, arrays: Arrays, rows: Packed, theta: Array, q: Array) -> tuple[Array, Array]:
    """Scores (T,K) of the pseudo-likelihood with the choices ``q`` replied to held, and d gradient / d q (K,n)."""

    def of_rows(numbers: Array, held: Array) -> Array:
        return row_log_likelihood(
            shape, arrays, rows, log_choices(shape, reply(shape, arrays, numbers, held))
        )

    def gradient(held: Array) -> Array:
        rise: Array = jax.grad(lambda numbers: of_rows(numbers, held).sum())(theta)
        return rise

    scores: Array = jax.jacfwd(of_rows)(theta, q)
    return scores, jax.jacrev(gradient)(q)
