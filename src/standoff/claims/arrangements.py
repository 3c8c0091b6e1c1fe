"""Reference laws: the calendars or labellings that a test compares with the one observed.

Row 0 is always the arrangement observed. When all arrangements are few they are enumerated and each stands once;
otherwise they are drawn, and the observed one is counted among them (Phipson and Smyth, `phipson2010permutation`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, product
from math import comb, prod
from typing import NamedTuple

import numpy as np

from standoff.claims.differences import NONE, FloatArray, IntArray

DRAWS = 999  # arrangements drawn beside the observed one
SignalArray = np.ndarray[tuple[int, int], np.dtype[np.int8]]


class Shifts(NamedTuple):
    """Circular shifts of the calendar, each phase on its own: arrays (arrangements, phases), (phases,), (phases,)."""

    offsets: IntArray
    starts: IntArray
    lengths: IntArray
    exact: bool
    distinct: int


class Labels(NamedTuple):
    """Permutations of units within phases: order (arrangements, units)."""

    order: IntArray
    exact: bool
    distinct: int


def shifts(
    starts: IntArray, length: int, days: IntArray, rng: np.random.Generator, draws: int = DRAWS
) -> Shifts:
    """Calendars with the same spacing of acts inside each phase; a phase in which no act falls is not moved.

    ``days``: every day on which any specification has an act. Shapes: starts (phases,), days (any,).
    """
    ends = np.append(starts[1:], length)
    lengths = ends - starts
    phase = np.searchsorted(starts, days, side="right") - 1
    free = np.isin(np.arange(len(starts)), phase)
    ranges = np.where(free, lengths, 1)
    total = _product(ranges)
    if total <= draws + 1:
        offsets = np.array(list(product(*(range(k) for k in ranges))), dtype=np.int64)
        return Shifts(offsets, starts, lengths, True, total)
    drawn = rng.integers(0, ranges, size=(draws, len(starts)))
    offsets = np.vstack([np.zeros((1, len(starts)), dtype=np.int64), drawn])
    return Shifts(offsets, starts, lengths, False, len(np.unique(offsets, axis=0)))


def shifted(law: Shifts, days: IntArray) -> IntArray:
    """The days under every arrangement. Shapes: (days,) in, (arrangements, days) out."""
    phase = np.searchsorted(law.starts, days, side="right") - 1
    start, length = law.starts[phase], law.lengths[phase]
    return start + (days - start + law.offsets[:, phase]) % length


def labels(phases: IntArray, labellings: IntArray, rng: np.random.Generator, draws: int = DRAWS) -> Labels:
    """Permutations of the units' labels within phases, timing fixed. Shapes: phases (units,), labellings (any, units).

    Enumerated where the distinct labellings are few and every coding choice labels the units alike.
    """
    kinds = labellings[0]
    units = len(kinds)
    blocks = [np.flatnonzero(phases == phase) for phase in np.unique(phases)]
    total = _product([comb(len(block), int((kinds[block] > 0).sum())) for block in blocks])
    if total <= draws + 1 and (labellings == kinds).all():
        orders = [_all_orders(block, kinds[block]) for block in blocks]
        rows = []
        for choice in product(*orders):
            row = np.arange(units)
            for block, order in zip(blocks, choice, strict=True):
                row[block] = block[order]
            rows.append(row)
        return Labels(np.array(rows, dtype=np.int64).reshape(len(rows), units), True, total)
    order = np.tile(np.arange(units), (draws + 1, 1))
    for block in blocks:
        order[1:, block] = block[np.argsort(rng.random((draws, len(block))), axis=1)]
    return Labels(order, False, len(np.unique(kinds[order], axis=0)))


def labelled_exposure(
    law: Labels, days: IntArray, active: np.ndarray, kinds: IntArray, table: IntArray, differences: int
) -> SignalArray:
    """Exposure to the first kind (+1), the second (-1), neither or both (0). Shape: (arrangements, differences).

    ``days``, ``active``, ``kinds``: (units,), the day of each unit, whether it is in, and its own label (+1 or -1).
    """
    used = np.flatnonzero(active)
    used = used[table[days[used]] != NONE]
    first_kind = (kinds[law.order[:, used]] > 0).astype(np.float32)
    # timing is fixed: which difference a unit exposes does not vary, only its label does
    exposes = np.zeros((len(used), differences), dtype=np.float32)
    exposes[np.arange(len(used)), table[days[used]]] = 1
    first = first_kind @ exposes > 0.5
    second = (1 - first_kind) @ exposes > 0.5
    return first.astype(np.int8) - second.astype(np.int8)


def two_sided(statistics: FloatArray) -> FloatArray:
    """P-value of arrangement 0 among all, along the first axis: twice the smaller tail, at most 1.

    Ties count against the observed arrangement (to 1e-9). Shapes: (arrangements, ...) in, (...) out.
    """
    observed = statistics[0]
    above = (statistics >= observed - 1e-9).mean(axis=0)
    below = (statistics <= observed + 1e-9).mean(axis=0)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(above, below)))


def smallest_p(exposure: SignalArray) -> float:
    """Smallest two-sided p that this calendar can reach: twice the share of arrangements that expose the same differences."""
    same = (exposure == exposure[0]).all(axis=1)
    return float(min(1.0, 2 * same.mean()))


def mark(hit: IntArray, differences: int) -> SignalArray:
    """Mark the differences that are hit. Shapes: (arrangements, acts), NONE where nothing is; (arrangements, differences)."""
    width = differences + 1  # one column more, which takes what hits nothing (NONE is -1, the last column)
    marks = np.zeros(len(hit) * width, dtype=np.int8)
    marks[(np.arange(len(hit)) * width)[:, None] + hit % width] = 1
    return marks.reshape(len(hit), width)[:, :differences]


def _product(ranges: Iterable[int]) -> int:
    """Product without overflow."""
    return prod(int(value) for value in ranges)


def _all_orders(block: IntArray, kinds: IntArray) -> list[IntArray]:
    """One order for each distinct labelling of a block, the observed one first."""
    first = np.flatnonzero(kinds > 0)
    second = np.flatnonzero(kinds <= 0)
    places = range(len(block))
    orders = []
    for chosen in combinations(places, len(first)):
        order = np.empty(len(block), dtype=np.int64)
        rest = [place for place in places if place not in chosen]
        order[list(chosen)] = first
        order[rest] = second
        orders.append(order)
    identity = tuple(int(i) for i in first)
    orders.sort(key=lambda order: tuple(np.flatnonzero(kinds[order] > 0)) != identity)
    return orders
