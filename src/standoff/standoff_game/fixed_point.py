"""Fixed points by Anderson acceleration: pure, jitted, with the residual in the maximum norm.

Anderson type II with a window of the last differences; the mixing weights come from the normal equations,
whose Gram matrix is updated by one row an iteration. Source: Walker and Ni (2011), [walker_ni_2011].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

Array = jax.Array


class FixedPoint(NamedTuple):
    """A point (n,), its residual max|T(x)-x| and the number of sweeps spent."""

    point: Array
    residual: Array
    iterations: Array


class _Window(NamedTuple):
    following: Array  # the point to sweep next
    point: Array  # the point swept last, its image and error
    image: Array
    error: Array
    errors: Array  # last differences of errors and of images, (window, n)
    images: Array
    gram: Array  # products of the differences of errors
    iterations: Array
    residual: Array


def _begin(start: Array, window: int) -> _Window:
    nothing, empty = jnp.zeros_like(start), jnp.zeros((window, start.shape[0]))
    count, far = jnp.asarray(0), jnp.asarray(jnp.inf)
    return _Window(start, start, nothing, nothing, empty, empty, jnp.eye(window), count, far)


def _remember(state: _Window, image: Array, error: Array, window: int) -> tuple[Array, Array, Array, Array]:
    """Enter the last step (there is one from the second sweep on): differences, Gram matrix, right-hand side."""
    steps = state.iterations
    slot = (steps - 1) % window
    step = jnp.where(steps > 0, error - state.error, 0.0)
    move = jnp.where(steps > 0, image - state.image, 0.0)
    errors = jax.lax.dynamic_update_index_in_dim(state.errors, step, slot, 0)
    images = jax.lax.dynamic_update_index_in_dim(state.images, move, slot, 0)
    row, right = errors @ step, errors @ error  # one product of a stacked pair takes twice as long
    gram = jax.lax.dynamic_update_index_in_dim(state.gram, row, slot, 0)
    gram = jax.lax.dynamic_update_index_in_dim(gram, row, slot, 1)
    empty = jnp.arange(window) >= steps
    gram = jnp.where(empty[:, None] | empty[None, :], jnp.eye(window), gram)
    return errors, images, gram, jnp.where(empty, 0.0, right)


def mixing_weights(gram: Array, right: Array) -> Array:
    """Weights (window,) of remembered differences, from their Gram matrix and right-hand side; zero where there are none."""
    window = right.shape[0]
    ridge = 1e-14 * jnp.trace(gram) / window
    weights = jnp.linalg.solve(gram + ridge * jnp.eye(window), right)
    return jnp.where(jnp.all(jnp.isfinite(weights)), weights, 0.0)


def anderson(
    sweep: Callable[[Array], Array],
    start: Array,
    tolerance: float,
    most: int,
    window: int = 10,
    damping: float = 1.0,
) -> FixedPoint:
    """Iterate to max|T(x)-x| <= tolerance or ``most`` sweeps; the caller judges the residual.

    ``damping`` 1 takes whole steps; less mixes the point in. An error that is not finite ends the search with a
    residual of NaN, which passes no gate (a maximum alone may drop a NaN).
    """

    def going(state: _Window) -> Array:
        return (state.residual > tolerance) & (state.iterations < most)

    def advance(state: _Window) -> _Window:
        point = state.following
        image = sweep(point)
        error = image - point
        errors, images, gram, right = _remember(state, image, error, window)
        weights = mixing_weights(gram, right)
        following = image - (1.0 - damping) * error - weights @ images
        residual = jnp.where(jnp.isfinite(error @ error), jnp.max(jnp.abs(error)), jnp.nan)
        count = state.iterations + 1
        return _Window(following, point, image, error, errors, images, gram, count, residual)

    end = jax.lax.while_loop(going, advance, _begin(start, window))
    return FixedPoint(end.point, end.residual, end.iterations)
