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
    differences: Array  # (window, 2, n): of errors and of images
    gram: Array
    iterations: Array
    residual: Array


def _begin(start: Array, window: int) -> _Window:
    nothing = jnp.zeros_like(start)
    size = start.shape[0]
    return _Window(
        start,
        start,
        nothing,
        nothing,
        jnp.zeros((window, 2, size)),
        jnp.eye(window),
        jnp.asarray(0),
        jnp.asarray(jnp.inf),
    )


def _remember(state: _Window, image: Array, error: Array, window: int) -> tuple[Array, Array]:
    """Differences and Gram matrix with the last step entered, once there is one (from the second sweep on)."""
    steps = state.iterations  # steps known after this sweep
    slot = (steps - 1) % window
    new = jnp.stack([error - state.error, image - state.image])
    new = jnp.where(steps > 0, new, 0.0)
    differences = jax.lax.dynamic_update_index_in_dim(state.differences, new, slot, 0)
    row = differences[:, 0] @ new[0]
    gram = jax.lax.dynamic_update_index_in_dim(state.gram, row, slot, 0)
    gram = jax.lax.dynamic_update_index_in_dim(gram, row, slot, 1)
    empty = jnp.arange(window) >= steps
    return differences, jnp.where(empty[:, None] | empty[None, :], jnp.eye(window), gram)


def anderson(
    sweep: Callable[[Array], Array],
    start: Array,
    tolerance: float,
    most: int,
    window: int = 10,
    damping: float = 1.0,
) -> FixedPoint:
    """Iterate to max|T(x)-x| <= tolerance or ``most`` sweeps; the caller judges the residual.

    ``damping`` 1 takes whole steps; less mixes the point in.
    """

    def going(state: _Window) -> Array:
        return (state.residual > tolerance) & (state.iterations < most)

    def advance(state: _Window) -> _Window:
        point = state.following
        image = sweep(point)
        error = image - point
        differences, gram = _remember(state, image, error, window)
        live = jnp.arange(window) < state.iterations
        right = jnp.where(live, differences[:, 0] @ error, 0.0)
        ridge = 1e-14 * jnp.trace(gram) / window
        weights = jnp.linalg.solve(gram + ridge * jnp.eye(window), right)
        weights = jnp.where(live & jnp.all(jnp.isfinite(weights)), weights, 0.0)
        following = image - (1.0 - damping) * error - weights @ differences[:, 1]
        residual = jnp.max(jnp.abs(error))
        return _Window(following, point, image, error, differences, gram, state.iterations + 1, residual)

    end = jax.lax.while_loop(going, advance, _begin(start, window))
    return FixedPoint(end.point, end.residual, end.iterations)
