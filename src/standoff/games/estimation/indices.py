"""Models whose rows see the coefficients only through a few indices, each linear in its own regressors.

Row n has E indices v_ne = X_ne theta_e and a response; a function ``row(v (E,), response)`` gives its log-likelihood.
Derivatives are taken with respect to the E indices of each row, exactly, and carried to the coefficients by the
designs: the Hessian's block (e, f) is X_e' diag(h_ef) X_f. That costs E + 1 passes over the rows instead of K + 1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from standoff.games.estimation.maximise import Array, Contributions

Row = Callable[[Array, Any], Array]


class IndexData(NamedTuple):
    """Designs, E matrices (N, K_e), and the response, any tree of arrays whose first axis is N."""

    designs: tuple[Array, ...]
    response: Any


def indices(theta: Array, designs: tuple[Array, ...]) -> Array:
    """The indices (N, E) at coefficients (K,), those of the first design first."""
    found, at = [], 0
    for design in designs:
        width = design.shape[1]
        found.append(design @ theta[at : at + width])
        at += width
    return jnp.stack(found, axis=1)


@cache
def contributions_of(row: Row) -> Contributions:
    """The log-likelihoods (N,) of a model given by its row function; the same function each time, so compiled once."""

    def contributions(theta: Array, data: IndexData) -> Array:
        held: Array = jax.vmap(row)(indices(theta, data.designs), data.response)
        return held

    return contributions


Derivatives = Callable[[Array, Any, Array], tuple[Array, Array, Array]]


@cache
def derivatives_of(row: Row) -> Derivatives:
    """Weighted log-likelihood, gradient (K,) and Hessian (K, K), as a function of coefficients, data and weights (N,)."""

    def derivatives(theta: Array, data: IndexData, weights: Array) -> tuple[Array, Array, Array]:
        live = [e for e, x in enumerate(data.designs) if x.shape[1]]
        designs = [data.designs[e] for e in live]

        def height(v: Array, response: Any) -> Array:
            fixed = jnp.zeros_like(v[0])
            return row(
                jnp.stack([v[live.index(e)] if e in live else fixed for e in range(len(data.designs))]),
                response,
            )

        def with_slope(v: Array, response: Any) -> tuple[Array, tuple[Array, Array]]:
            value, slope = jax.value_and_grad(height)(v, response)
            return slope, (value, slope)

        v = indices(theta, tuple(designs))
        bent, (values, slopes) = jax.vmap(jax.jacfwd(with_slope, has_aux=True))(v, data.response)
        used = weights > 0  # a row that is not drawn may be impossible at these coefficients
        values = jnp.where(used, values, 0.0) * weights
        slopes = jnp.where(used[:, None], slopes, 0.0) * weights[:, None]
        bent = jnp.where(used[:, None, None], bent, 0.0) * weights[:, None, None]
        slope = jnp.concatenate([x.T @ slopes[:, e] for e, x in enumerate(designs)])
        blocks = [
            [x.T @ (bent[:, e, f, None] * y) for f, y in enumerate(designs)] for e, x in enumerate(designs)
        ]
        return values.sum(), slope, jnp.block(blocks)

    return derivatives
