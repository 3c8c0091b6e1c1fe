"""Scenario discovery: the region of assumptions in which a claim holds, as a box of few named restrictions.

PRIM: from all draws peel a thin slice off one side of one parameter, the one that leaves the largest share of draws
in which the claim holds; go on until no slice does better or few are left; then paste back whatever does no harm. Every box on the way is kept
with its density (share of its draws in which the claim holds), coverage (share of all such draws that it has) and
support (share of all draws). Sources: [friedman1999bump], [bryant2010thinking].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Bounds = Mapping[str, tuple[float, float]]

ENDED = 1e-12  # gains in density smaller than this are none


@dataclass(frozen=True, slots=True)
class Box:
    """A box: ``bounds`` of the restricted parameters, an end that is free infinite, both ends included; ``density``,
    ``coverage``, ``support`` shares, ``inside`` draws in it; ``quasi_p`` for each restricted parameter."""

    bounds: Bounds
    density: float
    coverage: float
    support: float
    inside: int
    quasi_p: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Peel:
    """How to peel: share ``alpha`` taken off at a time, least ``support`` of a box."""

    alpha: float = 0.05
    support: float = 0.05


def prim(
    draws: FloatArray, holds: BoolArray, names: Sequence[str], peel: Peel | None = None
) -> tuple[Box, ...]:
    """Boxes from the whole space to the densest, by peeling, the last with pasting added.

    ``draws`` (N, P) of the named parameters; ``holds`` (N,) whether the claim holds there. Errors: ValueError where
    shapes do not fit, a draw is not finite, or the claim holds nowhere.
    """
    draws, holds = _checked(draws, holds, names)
    peel = peel or Peel()
    low, high = np.full(len(names), -np.inf), np.full(len(names), np.inf)
    boxes = [measured(_bounds(names, low, high), draws, holds, names)]
    while (cut := _best_peel(draws, holds, low, high, peel)) is not None:
        place, low_end, high_end = cut
        low, high = low.copy(), high.copy()
        low[place], high[place] = low_end, high_end
        boxes.append(measured(_bounds(names, low, high), draws, holds, names))
    pasted = _paste(draws, holds, low, high, peel)
    boxes.append(measured(_bounds(names, *pasted), draws, holds, names))
    return tuple(boxes)


def choose(boxes: Sequence[Box], density: float = 0.8) -> Box:
    """Of the boxes at least so dense the one that covers most; where none is, the densest."""
    dense = [box for box in boxes if box.density >= density]
    if not dense:
        return max(boxes, key=lambda box: (box.density, box.coverage))
    return max(dense, key=lambda box: (box.coverage, -len(box.bounds)))


def simplify(
    box: Box, draws: FloatArray, holds: BoolArray, names: Sequence[str], largest: float = 0.05
) -> Box:
    """The box without restrictions that could be chance: the one with the largest quasi-p above `largest` goes first."""
    while box.quasi_p:
        name = max(box.quasi_p, key=lambda one: box.quasi_p[one])
        if box.quasi_p[name] <= largest:
            break
        box = measured({key: one for key, one in box.bounds.items() if key != name}, draws, holds, names)
    return box


def contains(bounds: Bounds, draws: FloatArray, names: Sequence[str]) -> BoolArray:
    """Which draws (N, P) lie in the box, ends included: (N,)."""
    inside = np.ones(len(draws), dtype=bool)
    for name, (low, high) in bounds.items():
        column = draws[:, names.index(name)]
        inside &= (column >= low) & (column <= high)
    return inside


def share_inside(
    bounds: Bounds, draws: FloatArray, weights: FloatArray, names: Sequence[str]
) -> tuple[float, float]:
    """How much of a weighted posterior lies in the box, and the standard error of that share."""
    inside = contains(bounds, draws, names)
    relative = weights / weights.sum()
    share = float(relative[inside].sum())
    return share, float(np.sqrt(np.sum((relative * (inside - share)) ** 2)))


def measured(bounds: Bounds, draws: FloatArray, holds: BoolArray, names: Sequence[str]) -> Box:
    """A box with its shares and quasi-p values.

    The quasi-p of a restriction: were the claim as frequent inside as it is in the box without that restriction, how
    often would so many of the draws inside or more have it? Quasi, since the box was chosen for having many.
    """
    inside = contains(bounds, draws, names)
    count, hits = int(inside.sum()), int(holds[inside].sum())
    quasi = {}
    for name in bounds:
        wider = contains({key: one for key, one in bounds.items() if key != name}, draws, names)
        quasi[name] = float(binom.sf(hits - 1, count, holds[wider].mean())) if count else 1.0
    return Box(
        MappingProxyType(dict(bounds)),
        hits / count if count else 0.0,
        hits / int(holds.sum()),
        count / len(draws),
        count,
        MappingProxyType(quasi),
    )


def _best_peel(
    draws: FloatArray, holds: BoolArray, low: FloatArray, high: FloatArray, peel: Peel
) -> tuple[int, float, float] | None:
    """Place and new ends of the slice whose loss leaves the densest box; None where no slice does better."""
    inside = np.all((draws >= low) & (draws <= high), axis=1)
    here, hits = draws[inside], holds[inside]
    least = max(int(np.ceil(peel.support * len(draws))), 1)
    best, ends = hits.mean() + ENDED, None
    for place in range(draws.shape[1]):
        for new_low, new_high in _slices(here[:, place], low[place], high[place], peel.alpha):
            kept = (here[:, place] >= new_low) & (here[:, place] <= new_high)
            if kept.sum() >= least and hits[kept].mean() > best:
                best, ends = float(hits[kept].mean()), (place, new_low, new_high)
    return ends


def _slices(values: FloatArray, low: float, high: float, alpha: float) -> list[tuple[float, float]]:
    """The ends after a share alpha has gone from below, or from above; of tied values all go or none."""
    different = np.unique(values)
    if len(different) < 2:
        return []
    at_low = max(float(np.quantile(values, alpha, method="lower")), different[0])
    at_high = min(float(np.quantile(values, 1 - alpha, method="higher")), different[-1])
    above, below = different[different > at_low], different[different < at_high]
    return [(float(above[0]), high)] * bool(len(above)) + [(low, float(below[-1]))] * bool(len(below))


def _paste(
    draws: FloatArray, holds: BoolArray, low: FloatArray, high: FloatArray, peel: Peel
) -> tuple[FloatArray, FloatArray]:
    """Ends moved outward, a share alpha of the box's draws at a time, as long as the density does not fall."""
    low, high = low.copy(), high.copy()
    while True:
        inside = np.all((draws >= low) & (draws <= high), axis=1)
        best, chosen = holds[inside].mean(), None
        step = max(round(peel.alpha * inside.sum()), 1)
        for place in range(draws.shape[1]):
            for new_low, new_high in _widened(draws, low, high, place, step):
                wide_low, wide_high = low.copy(), high.copy()
                wide_low[place], wide_high[place] = new_low, new_high
                wider = np.all((draws >= wide_low) & (draws <= wide_high), axis=1)
                if wider.sum() > inside.sum() and holds[wider].mean() >= best:
                    best, chosen = holds[wider].mean(), (wide_low, wide_high)
        if chosen is None:
            return low, high
        low, high = chosen


def _widened(
    draws: FloatArray, low: FloatArray, high: FloatArray, place: int, step: int
) -> list[tuple[float, float]]:
    """Ends of one parameter that let in about `step` more draws from below, or from above; the last sets it free."""
    others = np.all(np.delete((draws >= low) & (draws <= high), place, axis=1), axis=1)
    values = draws[others, place]
    below = np.sort(values[values < low[place]])[::-1]
    above = np.sort(values[values > high[place]])
    wider = []
    if len(below):
        wider.append((float(below[step - 1]) if len(below) > step else -np.inf, high[place]))
    if len(above):
        wider.append((low[place], float(above[step - 1]) if len(above) > step else np.inf))
    return wider


def _bounds(names: Sequence[str], low: FloatArray, high: FloatArray) -> dict[str, tuple[float, float]]:
    return {
        name: (float(a), float(b))
        for name, a, b in zip(names, low, high, strict=True)
        if np.isfinite(a) or np.isfinite(b)
    }


def _checked(draws: FloatArray, holds: BoolArray, names: Sequence[str]) -> tuple[FloatArray, BoolArray]:
    draws, holds = np.asarray(draws, dtype=np.float64), np.asarray(holds, dtype=bool)
    if draws.ndim != 2 or draws.shape != (len(holds), len(names)) or len(set(names)) != len(names):
        raise ValueError(f"draws {draws.shape}, {len(holds)} answers and {len(names)} names do not fit")
    if not np.all(np.isfinite(draws)):
        raise ValueError("a draw is not finite")
    if not holds.any():
        raise ValueError("the claim holds in no draw: there is no region to find")
    return draws, holds
