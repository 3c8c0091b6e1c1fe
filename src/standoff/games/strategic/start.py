"""A start for strategic games by backward induction: each node's moves alone, last movers first."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from standoff.games.estimation.indices import IndexData, indices
from standoff.games.estimation.maximise import Array
from standoff.games.strategic.trees import TREES, Chance, Link, Tree


def backward_start(tree: Tree, link: Link, chance: Chance, data: IndexData) -> NDArray[np.float64]:
    """Coefficients (K,) that fit each node's moves given what was fitted for later nodes (Bas, Signorino and Walker 2008)."""
    owners = np.repeat(np.arange(len(data.designs)), [x.shape[1] for x in data.designs])
    theta = np.zeros(len(owners))
    for node in reversed(range(len(tree.nodes))):
        free = np.isin(owners, tree.equations_of[node])
        if not free.any():
            continue
        held = theta.copy()

        def downhill(
            part: NDArray[np.float64],
            node: int = node,
            free: NDArray[np.bool_] = free,
            held: NDArray[np.float64] = held,
        ) -> tuple[float, NDArray[np.float64]]:
            held[free] = part
            value, slope = _node(tree.name, link, chance, node, jnp.asarray(held), data)
            return -float(value), -np.asarray(slope)[free]

        theta[free] = minimize(downhill, theta[free], jac=True, method="L-BFGS-B", options={"maxiter": 100}).x
    return np.clip(theta, -20, 20)


@partial(jax.jit, static_argnums=(0, 1, 2))
def _node(
    game: str, link: Link, chance: Chance, node: int, theta: Array, data: IndexData
) -> tuple[Array, Array]:
    tree = TREES[game]

    def moves(u: Array, counts: Array) -> Array:
        held = tree.play(u, link, chance)
        terms = [jnp.zeros_like(u[0]) for _ in held]
        for end, (after, path) in enumerate(zip(tree.node_after, tree.paths, strict=True)):
            for at, move in zip(after, path, strict=True):
                terms[at] = terms[at] + counts[end] * held[at][move]
        return jnp.stack(terms)

    def value(t: Array) -> Array:
        terms: Array = jax.vmap(moves)(indices(t, data.designs), data.response)
        return terms.sum(axis=0)[node]

    found: tuple[Array, Array] = jax.value_and_grad(value)(theta)
    return found
