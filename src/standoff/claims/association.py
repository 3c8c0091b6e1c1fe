r"""Association of a signal with a change: coefficient, partial correlation, and the interval from inverting the test.

With M the projection off the controls, x the exposure and y the change:
    coefficient  b = x'My / x'Mx          (ordinary least squares of y on x and the controls)
    correlation  r = x'My / sqrt(x'Mx y'My)
Controls do not vary with the arrangement, so that all arrangements share one M. r is bounded and defined for every
design, unlike a studentised coefficient, which explodes where an arrangement leaves one exposed difference.
Controlling for the start level, and permuting the signal only, keeps what the outcome does by itself in place
(Freedman and Lane, `freedman1983nonstochastic`).
"""

from __future__ import annotations

from math import floor, inf
from typing import NamedTuple

import numpy as np

from standoff.claims.arrangements import SignalArray
from standoff.claims.differences import FloatArray
from standoff.claims.results import Interval

TINY = 1e-9  # share of a vector's square that is left when the controls explain it


class Association(NamedTuple):
    """``effect``: coefficient, NaN where the exposure does not vary beside the controls; ``correlation``: 0 there.

    ``dot``: x'My; ``square``: x'Mx. Shapes: (arrangements, outcomes), ``square`` (arrangements,) or the same.
    """

    effect: FloatArray
    correlation: FloatArray
    dot: FloatArray
    square: FloatArray


def basis(controls: FloatArray) -> FloatArray:
    """Orthonormal columns that span the controls, constant included. Shapes: (n, k) in, (n, rank) out."""
    n = len(controls)
    full = np.column_stack([np.ones(n), controls])
    left, singular, _ = np.linalg.svd(full / np.maximum(np.abs(full).max(axis=0), TINY), full_matrices=False)
    return np.asarray(left[:, singular > 1e-10 * singular[0]])


def associate(exposure: SignalArray, change: FloatArray, control: FloatArray) -> Association:
    """Associate every arrangement's exposure with one change vector. Shapes: (a, n), (n,), (n, k); out (a,)."""
    x = exposure.astype(np.float64)
    rest = change - control @ (control.T @ change)
    own = x @ control
    squares = np.einsum("ij,ij->i", x, x)
    square = squares - np.einsum("ij,ij->i", own, own)
    defined = square > TINY * np.maximum(squares, 1)
    dot = x @ rest
    total = float(rest @ rest)
    safe = np.where(defined, square, 1.0)
    # rounding is no direction: what is nothing but rounding becomes zero
    dot = np.where(dot**2 > (TINY**2) * safe * max(total, TINY), dot, 0.0)
    effect = np.where(defined, dot / safe, np.nan)
    varies = total > TINY * max(float(change @ change), TINY)
    correlation = np.where(defined, dot / np.sqrt(safe * total), 0.0) if varies else np.zeros(len(x))
    return Association(effect, correlation, dot, np.where(defined, square, 0.0))


def inverted_interval(
    exposure: SignalArray, change: FloatArray, control: FloatArray, level: float
) -> Interval | None:
    """Effects that the randomisation test does not reject: those b at which arrangement 0 is not extreme for y - b x.

    With u = x'My / |Mx| and v = x'Mx0 / |Mx|, arrangement a is at least as large as the observed one exactly when
    b >= (u0 - ua) / (v0 - va), since v0 is the largest v (Cauchy and Schwarz); so both ends are order statistics.
    None where the arrangements are too few for the level, or the exposure does not vary.
    """
    bounds = inversion_bounds(exposure, change[:, None], control, level)
    low, high = float(bounds[0, 0]), float(bounds[1, 0])
    return Interval(low, high, level) if np.isfinite(low) and np.isfinite(high) else None


def inversion_bounds(
    exposure: SignalArray, changes: FloatArray, control: FloatArray, level: float
) -> FloatArray:
    """Ends of `inverted_interval` for many change vectors that share controls. Shapes: (a, n), (n, m), (n, k); out (2, m)."""
    x = exposure.astype(np.float64)
    x -= (x @ control) @ control.T
    norms = np.sqrt(np.einsum("ij,ij->i", x, x))
    if norms[0] <= 1e-6:
        return np.array([[-inf], [inf]]) * np.ones(changes.shape[1])
    unit = x / np.where(norms > 1e-6, norms, inf)[:, None]
    return bounds_from(unit @ changes, unit @ x[0], level)


def bounds_from(u: FloatArray, v: FloatArray, level: float) -> FloatArray:
    """Both ends from u (arrangements, m) and v (arrangements,) or (arrangements, m), as `inverted_interval` defines them."""
    arrangements = len(u)
    v = v if v.ndim == 2 else v[:, None]
    gap = v[0] - v
    tied = gap <= 1e-9 * np.abs(v[0])
    crossing = (u[0] - u) / np.where(tied, 1.0, gap)
    ties = tied.sum(axis=0)
    # keep b while more than (1 - level) / 2 of the arrangements are as extreme on either side
    needed = floor((1 - level) / 2 * arrangements + 1e-9) + 1
    lows = np.sort(np.where(tied, inf, crossing), axis=0)
    highs = np.sort(np.where(tied, -inf, crossing), axis=0)[::-1]
    place = needed - ties - 1
    columns = np.arange(u.shape[1])
    within = np.clip(np.broadcast_to(place, columns.shape), 0, arrangements - 1)
    low = np.where(place >= 0, lows[within, columns], -inf)
    high = np.where(place >= 0, highs[within, columns], inf)
    return np.stack([low, high])
