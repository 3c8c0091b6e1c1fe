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
    return from_scores(bent, np.asarray(scores(contributions, theta, data)), clusters)


def from_scores(bent: Matrix, rows: Matrix, clusters: NDArray[Any] | None = None) -> dict[str, Matrix]:
    """Covariances (K, K) by method from the Hessian (K, K) and the scores of rows (N, K)."""
    found = {"hessian": _even(inverse(-bent)), "outer-product": _even(inverse(rows.T @ rows))}
    return found | robust(found["hessian"], rows, clusters)


def robust(bread: Matrix, rows: Matrix, clusters: NDArray[Any] | None = None) -> dict[str, Matrix]:
    """Covariances (K, K) from what rows (N, K) do to equations whose slope has the inverse ``bread`` (K, K), up to sign."""
    found = {"sandwich": bread @ (rows.T @ rows) @ bread.T}
    if clusters is not None:
        sums = cluster_sums(rows, clusters)
        count = len(sums)
        found["cluster"] = bread @ (sums.T @ sums) @ bread.T * (count / (count - 1))
    return found


def cluster_sums(rows: Matrix, clusters: NDArray[Any]) -> Matrix:
    """Scores (N, K) summed within clusters (N labels): (G, K)."""
    _, index = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    sums = np.zeros((int(index.max()) + 1, rows.shape[1]))
    np.add.at(sums, index, rows)
    return sums


def inverse(matrix: Matrix) -> Matrix:
    """The inverse; NaN throughout where the matrix is singular, or nearly."""
    size = np.sqrt(np.maximum(np.abs(np.diag(matrix)), 1e-300))
    scaled = matrix / np.outer(size, size)
    if not np.isfinite(scaled).all() or np.linalg.cond(scaled) > 1e14:
        return np.full_like(matrix, np.nan)
    found: Matrix = np.linalg.inv(scaled) / np.outer(size, size)
    return found


def _even(matrix: Matrix) -> Matrix:
    """A symmetric matrix freed of what rounding left."""
    return (matrix + matrix.T) / 2
