"""An outcome as differences: the last recorded point before a day, the first after it, and the days in between.

Days are whole numbers since the record's start. A point may span days (a week's sum): it is *before* an act if it
ended before it (a dated stance: on that day or before), and *after* if it began later. Every day therefore exposes
at most one difference, and a difference counts once, however many acts fall into it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

NONE = -1  # a day that exposes no difference
WEEK = 7


class Outcome(NamedTuple):
    """Differences of one outcome; all arrays have shape (differences,), in order of time.

    ``first`` to ``last``: days on which an act exposes the difference. ``response``: day on which its later point
    begins. ``lead_first`` to ``lead_last``: days after the later point on which an act is a lead of it.
    ``before``, ``after``: indices of the two points. ``start``: value before. ``change``: value after minus before.
    """

    first: IntArray
    last: IntArray
    response: IntArray
    lead_first: IntArray
    lead_last: IntArray
    before: IntArray
    after: IntArray
    start: FloatArray
    change: FloatArray


def stance_differences(days: IntArray, values: FloatArray, length: int) -> Outcome:
    """Differences between consecutive dated points.

    An act on day o exposes difference i when d[i-1] <= o < d[i]: what happened on the very day of the later point cannot
    be told to have come before it. Leads: d[i] < o < d[i+1]. Shapes: (points,) in, (points - 1,) out.
    """
    return _between(days, days, values, length, same_day_is_after=True)


def span_differences(begins: IntArray, ends: IntArray, values: FloatArray, length: int) -> Outcome:
    """Differences around each stretch of days that lies between a whole point before and a whole point after.

    For weekly sums: the week after the week of the act, minus the week before it; the week of the act itself is mixed
    and belongs to neither. Shapes: (points,) in.
    """
    return _between(begins, ends, values, length, same_day_is_after=False)


def _between(
    begins: IntArray, ends: IntArray, values: FloatArray, length: int, *, same_day_is_after: bool
) -> Outcome:
    every = np.arange(length, dtype=np.int64)
    # last point that ended before the day (for a dated stance: on it), first point that begins after the day
    before = np.searchsorted(ends, every, side="right" if same_day_is_after else "left") - 1
    after = np.searchsorted(begins, every, side="right")
    usable = (before >= 0) & (after < len(values))
    pairs = np.stack([before[usable], after[usable]], axis=1)
    if not len(pairs):
        none = np.empty(0, dtype=np.int64)
        empty = np.empty(0, dtype=np.float64)
        return Outcome(none, none, none, none, none, none, none, empty, empty)
    distinct, where = np.unique(pairs, axis=0, return_inverse=True)
    where = where.reshape(-1)
    usable_days = every[usable]
    first = np.array([usable_days[where == k].min() for k in range(len(distinct))])
    last = np.array([usable_days[where == k].max() for k in range(len(distinct))])
    lead_first, lead_last = _leads(distinct, ends, first, last, length)
    change = values[distinct[:, 1]] - values[distinct[:, 0]]
    return Outcome(
        first,
        last,
        begins[distinct[:, 1]],
        lead_first,
        lead_last,
        distinct[:, 0],
        distinct[:, 1],
        values[distinct[:, 0]],
        change,
    )


def _leads(
    pairs: IntArray, ends: IntArray, first: IntArray, last: IntArray, length: int
) -> tuple[IntArray, IntArray]:
    """Days after each difference's later point and before the point after that."""
    begins_at = {int(before): k for k, (before, _) in enumerate(pairs)}
    lead_first = ends[pairs[:, 1]] + 1
    lead_last = np.array(
        [last[begins_at[int(after)]] if int(after) in begins_at else length - 1 for after in pairs[:, 1]],
        dtype=np.int64,
    )
    return lead_first, lead_last


def response_table(outcome: Outcome, window: int, length: int) -> IntArray:
    """Index of the difference that an act on each day exposes within ``window`` weeks, or NONE. Shape: (length,)."""
    earliest = np.maximum(outcome.first, outcome.response - WEEK * window)
    return _table(earliest, outcome.last, length)


def lead_table(outcome: Outcome, window: int, length: int) -> IntArray:
    """Index of the difference of which an act on each day is a lead within ``window`` weeks, or NONE. Shape: (length,)."""
    latest = np.minimum(outcome.lead_last, outcome.lead_first - 1 + WEEK * window)
    return _table(outcome.lead_first, latest, length)


def _table(first: IntArray, last: IntArray, length: int) -> IntArray:
    table = np.full(length, NONE, dtype=np.int64)
    for index, (begin, end) in enumerate(zip(first, last, strict=True)):
        table[max(int(begin), 0) : min(int(end), length - 1) + 1] = index
    return table
