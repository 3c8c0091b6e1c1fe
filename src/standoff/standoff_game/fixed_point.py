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
    point: Array
    image: Array
    error: Array
    differences: Array  # (window, 2, n): of errors and of images
    gram: Array
    iterations: Array
    residual: Array


def anderson(
    sweep: Callable[[Array], Array],
    start: Array,
    tolerance: float,
    most: int,
    window: int = 10,
    damping: float = 1.0,
) -> FixedPoint:
    """Iterate to max|T(x)-x| <= tolerance or ``most`` sweeps; the caller judges the residual."""

    def begin(point: Array) -> _Window:
        image = sweep(point)
        error = image - point
        return _Window(
            point,
            image,
            error,
            jnp.zeros((window, 2, start.shape[0])),
            jnp.eye(window),
            jnp.asarray(1),
            jnp.max(jnp.abs(error)),
        )

    def going(state: _Window) -> Array:
        return (state.residual > tolerance) & (state.iterations < most)

    def advance(state: _Window) -> _Window:
        used = jnp.minimum(state.iterations - 1, window)
        live = jnp.arange(window) < used
        right = jnp.where(live, state.differences[:, 0] @ state.error, 0.0)
        ridge = 1e-14 * jnp.trace(state.gram) / window
        weights = jnp.linalg.solve(state.gram + ridge * jnp.eye(window), right)
        weights = jnp.where(live & jnp.all(jnp.isfinite(weights)), weights, 0.0)
        point = state.image - (1.0 - damping) * state.error
        point = point - weights @ state.differences[:, 1]
        image = sweep(point)
        error = image - point
        slot = (state.iterations - 1) % window
        new = jnp.stack([error - state.error, image - state.image])
        differences = jax.lax.dynamic_update_index_in_dim(state.differences, new, slot, 0)
        row = differences[:, 0] @ new[0]
        gram = jax.lax.dynamic_update_index_in_dim(state.gram, row, slot, 0)
        gram = jax.lax.dynamic_update_index_in_dim(gram, row, slot, 1)
        empty = jnp.arange(window) > jnp.minimum(state.iterations - 1, window)
        gram = jnp.where(empty[:, None] | empty[None, :], jnp.eye(window), gram)
        return _Window(
            point, image, error, differences, gram, state.iterations + 1, jnp.max(jnp.abs(error))
        )

    end = jax.lax.while_loop(going, advance, begin(start))
    return FixedPoint(end.point, end.residual, end.iterations)
