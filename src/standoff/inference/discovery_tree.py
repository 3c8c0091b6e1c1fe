"""The other way to the region in which a claim holds: a small classification tree, whose leaves are boxes.

Splits are those that lower Gini's impurity most. Where its leaves and the box of PRIM disagree, the region is no box.
Sources: [breiman1984trees], [bryant2010thinking].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from standoff.inference.discovery import Bounds, Box, measured

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def tree_boxes(
    draws: FloatArray,
    holds: BoolArray,
    names: Sequence[str],
    density: float = 0.8,
    depth: int = 3,
    support: float = 0.05,
) -> tuple[Box, ...]:
    """Leaves at least `density` dense, the one that covers most first; none where no leaf is.

    ``draws`` (N, P); ``holds`` (N,); a leaf has at least the share ``support`` of the draws, and lies at most ``depth``
    splits deep.
    """
    least = max(int(np.ceil(support * len(draws))), 1)
    leaves = _grow(draws, holds, names, {}, depth, least)
    boxes = [measured(bounds, draws, holds, names) for bounds in leaves]
    dense = [box for box in boxes if box.density >= density]
    return tuple(sorted(dense, key=lambda box: -box.coverage))


def _grow(
    draws: FloatArray, holds: BoolArray, names: Sequence[str], bounds: Bounds, depth: int, least: int
) -> list[Bounds]:
    split = _best_split(draws, holds, least) if depth and 0 < holds.mean() < 1 else None
    if split is None:
        return [bounds]
    place, below, above = split
    low, high = bounds.get(names[place], (-np.inf, np.inf))
    left = draws[:, place] <= below
    return [
        *_grow(draws[left], holds[left], names, {**bounds, names[place]: (low, below)}, depth - 1, least),
        *_grow(draws[~left], holds[~left], names, {**bounds, names[place]: (above, high)}, depth - 1, least),
    ]


def _best_split(draws: FloatArray, holds: BoolArray, least: int) -> tuple[int, float, float] | None:
    """Place, largest value below and smallest above the split that lowers impurity most; None where none does."""
    count = len(draws)
    best, split = float(_impurity(holds.sum(), count)) - 1e-12 * count, None
    for place in range(draws.shape[1]):
        order = np.argsort(draws[:, place], kind="stable")
        values, hits = draws[order, place], np.cumsum(holds[order])
        sizes = np.arange(1, count)
        may = (values[1:] > values[:-1]) & (sizes >= least) & (count - sizes >= least)
        if not may.any():
            continue
        total = _impurity(hits[:-1], sizes) + _impurity(hits[-1] - hits[:-1], count - sizes)
        at = int(np.argmin(np.where(may, total, np.inf)))
        if total[at] < best:
            best, split = float(total[at]), (place, float(values[at]), float(values[at + 1]))
    return split


def _impurity(hits: npt.NDArray[Any], count: npt.NDArray[Any] | int) -> FloatArray:
    """Gini's impurity times the number of draws."""
    return np.asarray(2.0 * hits * (count - hits) / count)
