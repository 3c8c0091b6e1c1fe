"""The definition of a shifted calendar's exposure, in one place; the engine marks many calendars at once."""

from __future__ import annotations

import numpy as np

from standoff.claims.arrangements import Shifts, SignalArray, mark, shifted
from standoff.claims.differences import IntArray


def shifted_exposure(law: Shifts, days: IntArray, table: IntArray, differences: int) -> SignalArray:
    """Whether each difference is exposed under each arrangement, 0 or 1. Shape: (arrangements, differences)."""
    hit = table[shifted(law, days)] if len(days) else np.empty((len(law.offsets), 0), dtype=np.int64)
    return mark(hit, differences)
