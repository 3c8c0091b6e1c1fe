"""Compiled functions over arrays of any length, in blocks of two sizes, so that each is compiled twice at most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SMALL, _LARGE = 512, 8192
_FILLING = 0.5  # what a block is filled up with; a number at which every function here is finite


def in_blocks(function: Callable[..., Any], *columns: Any) -> tuple[Floats, ...]:
    """What ``function`` gives for ``columns``, arrays (..., points): its results (..., points) as NumPy arrays.

    ``function`` must treat every point alone; a single result comes as a tuple of one.
    """
    rows = [np.asarray(column, dtype=float) for column in columns]
    count = rows[0].shape[-1]
    size = _SMALL if count <= _SMALL else _LARGE
    parts = []
    for first in range(0, max(count, 1), size):
        held = [_filled(row[..., first : first + size], size) for row in rows]
        found = function(*held)
        whole = found if isinstance(found, tuple) else (found,)
        parts.append([np.asarray(x)[..., : min(size, count - first)] for x in whole])
    return tuple(np.concatenate(piece, axis=-1) for piece in zip(*parts, strict=True))


def _filled(row: Floats, size: int) -> Floats:
    wide = np.full((*row.shape[:-1], size), _FILLING)
    wide[..., : row.shape[-1]] = row
    return wide
