"""First and second derivatives of functions that treat every game alone."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

Array = jax.Array


def second_order(function: Callable[[Array], Array], at: Array) -> tuple[Array, Array, Array]:
    """Value (games,), gradient (m, games) and Hessian (m, m, games) at ``at`` (m, games).

    ``function`` maps (m, games) to (games,), each game from its own column; so one backward pass is the gradient of
    all games, and m passes forward over it are all Hessians, without a batch of the function itself.
    """

    def total(x: Array) -> tuple[Array, Array]:
        values = function(x)
        return jnp.sum(values), values

    gradient, along, values = jax.linearize(jax.grad(total, has_aux=True), at, has_aux=True)
    return values, gradient, jax.vmap(along)(directions(at))


def jacobian(function: Callable[[Array], Array], at: Array) -> Array:
    """Slopes (outputs, m, games) of a function from (m, games) to (outputs, games) that treats every game alone."""

    def along(direction: Array) -> Array:
        moved: Array = jax.jvp(function, (at,), (direction,))[1]
        return moved

    return jnp.swapaxes(jax.vmap(along)(directions(at)), 0, 1)


def directions(at: Array) -> Array:
    """The m unit moves (m, m, games) that move one row of ``at`` (m, games) for all games at once."""
    rows = at.shape[0]
    return jnp.broadcast_to(jnp.eye(rows)[:, :, None], (rows, *at.shape))
