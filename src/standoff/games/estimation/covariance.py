"""Covariances of a maximum-likelihood estimate, by the Hessian, the outer product of scores, both, and by clusters.

With H the Hessian of the log-likelihood at the estimate and s_n the score of row n (rows are independent):
hessian -H^-1; outer product (sum s_n s_n')^-1; sandwich H^-1 (sum s_n s_n') H^-1; clustered, the same with scores summed
within each of G clusters and the factor G / (G - 1).
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from standoff.games.estimation.maximise import Contributions, Penalty, hessian, scores

Matrix = NDArray[np.float64]


def covariances(
    contributions: Contributions,
    data: Any,
    estimate: NDArray[np.float64],
    clusters: NDArray[Any] | None = None,
    penalty: Penalty | None = None,
    bent: Matrix | None = None,
) -> dict[str, Matrix]:
    """Covariances (K, K) by method, ``bent`` the Hessian (K, K) where it is known; NaN throughout where a matrix that must be inverted is singular."""
    theta = jnp.asarray(estimate)
    if bent is None:
        bent = np.asarray(hessian(contributions, penalty, theta, data))
    rows = np.asarray(scores(contributions, theta, data))
    bread, outer = _inverse(-bent), rows.T @ rows
    found = {"hessian": bread, "outer-product": _inverse(outer), "sandwich": bread @ outer @ bread}
    if clusters is not None:
        sums = cluster_sums(rows, clusters)
        count = len(sums)
        found["cluster"] = bread @ (sums.T @ sums) @ bread * (count / (count - 1))
    return found


def cluster_sums(rows: Matrix, clusters: NDArray[Any]) -> Matrix:
    """Scores (N, K) summed within clusters (N labels): (G, K)."""
    _, index = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    sums = np.zeros((int(index.max()) + 1, rows.shape[1]))
    np.add.at(sums, index, rows)
    return sums


def _inverse(matrix: Matrix) -> Matrix:
    size = np.sqrt(np.maximum(np.abs(np.diag(matrix)), 1e-300))
    scaled = matrix / np.outer(size, size)
    if not np.isfinite(scaled).all() or np.linalg.cond(scaled) > 1e14:
        return np.full_like(matrix, np.nan)
    inverse: Matrix = np.linalg.inv(scaled) / np.outer(size, size)
    return (inverse + inverse.T) / 2
