r"""Two ways in which acts of the past still stand: a stock, in which they add up, and a peak, in which the strongest counts.

With impulses $x_w$ in week $w$, half-life $h$ in weeks and $r = 2^{-1/h}$: the stock is
$S_w = r S_{w-1} + x_w = \sum_{v \le w} x_v\,2^{-(w-v)/h}$, the peak is
$P_w = \max(r P_{w-1}, x_w) = \max_{v \le w} x_v\,2^{-(w-v)/h}$.
"""

from __future__ import annotations

import numpy as np

from standoff.errors import SettingsError
from standoff.panel.days import FloatArray

HALF_LIFE = 4.0  # weeks; the middle of the response windows that cases declare, stated and not estimated


def stock(impulses: FloatArray, half_life: float = HALF_LIFE) -> FloatArray:
    """Decayed sum of `impulses`, shape (weeks, ...); an impulse is worth half after one half-life."""
    keep = _kept(half_life)
    standing = np.array(impulses, dtype=np.float64)
    for week in range(1, len(standing)):
        standing[week] += keep * standing[week - 1]
    return standing


def peak(impulses: FloatArray, half_life: float = HALF_LIFE) -> FloatArray:
    """Decayed maximum of `impulses`, shape (weeks, ...): what was said twice counts once."""
    keep = _kept(half_life)
    standing = np.array(impulses, dtype=np.float64)
    for week in range(1, len(standing)):
        standing[week] = np.maximum(standing[week], keep * standing[week - 1])
    return standing


def _kept(half_life: float) -> float:
    """Share that is left after one week."""
    if not 0 < half_life < float("inf"):
        raise SettingsError(
            f"a half-life of {half_life} weeks cannot be used",
            "acts must fade, and not at once",
            "give a positive number of weeks",
        )
    return float(2 ** (-1 / half_life))
