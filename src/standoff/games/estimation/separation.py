"""Separation: moves of a node that regressors predict without error, so that a coefficient grows without end.

Rows with signs s_n (right 1, left -1) are separated by regressors x_n where some b has s_n x_n b >= 0 for all rows and
> 0 for one. The largest sum of s_n x_n b over -1 <= b <= 1 under these constraints is a linear programme: it is 0 where
there is no separation, and its solution names the columns where there is (Konis 2007).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Matrix = NDArray[np.float64]


def separating(regressors: Matrix, left: Matrix, right: Matrix, names: Sequence[str]) -> list[str]:
    """Columns (of K) that separate rows (N, K) with so many moves ``left`` (N,) and ``right`` (N,); [] where none does.

    Rows that have both moves must lie on the border.
    """
    used = (left > 0) | (right > 0)
    if not used.any() or not names:
        return []
    length = np.abs(regressors).max(axis=0)
    x = regressors[used] / np.where(length > 0, length, 1.0)
    signs = np.where(right[used] > 0, 1.0, -1.0)
    both = (left[used] > 0) & (right[used] > 0)
    signed = np.unique(signs[~both, None] * x[~both], axis=0)
    if not len(signed):
        return []
    equal = np.unique(x[both], axis=0)
    found = linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)),
        A_eq=equal if len(equal) else None, b_eq=np.zeros(len(equal)) if len(equal) else None, bounds=(-1, 1), method="highs",
    )  # fmt: skip
    if found.status != 0 or -found.fun <= 1e-7 * len(signed):
        return []
    return [name for name, weight in zip(names, found.x, strict=True) if abs(weight) > 1e-7]
