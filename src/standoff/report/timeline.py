"""What stands where on the shared time axis: unseen spans, rows of labels, marks that do not cover each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple


class Placed(NamedTuple):
    """A label beside its rule: its row (0 is nearest the panels) and whether it hangs to the left."""

    row: int
    left: bool


def day_after(day: date) -> date:
    """Return the next day: the end of a span that includes ``day``, for drawing."""
    return day + timedelta(days=1)


def unseen(
    seen: Iterable[tuple[date, date]], start: date, end: date, at_least: int = 7
) -> tuple[tuple[date, date], ...]:
    """Return the stretches of [start, end) that no [from, to) of ``seen`` covers and that last ``at_least`` days."""
    gaps = []
    reached = start
    for first, last in sorted(seen):
        if (first - reached).days >= at_least:
            gaps.append((reached, min(first, end)))
        reached = max(reached, last)
    if (end - reached).days >= at_least:
        gaps.append((reached, end))
    return tuple(gaps)


def place_labels(offsets: Sequence[float], widths: Sequence[float], total: float) -> tuple[Placed, ...]:
    """Return a row for each label so that it covers no other label and no other label's rule runs through it.

    ``offsets`` are the rules' x positions in ascending order and ``total`` the panel's width, all in pixels. A rule
    runs from the panels (row 0) up to its own label; so a label must stand above every rule that it reaches across.
    """
    count = len(offsets)
    left = [offset + width > total for offset, width in zip(offsets, widths, strict=True)]
    rows: dict[int, int] = {}
    hung_right = [k for k in reversed(range(count)) if not left[k]]
    for k in hung_right + [k for k in range(count) if left[k]]:
        low, high = (offsets[k] - widths[k], offsets[k]) if left[k] else (offsets[k], offsets[k] + widths[k])
        crossed = [
            rows[j]
            for j in rows
            if low <= offsets[j] <= high or (left[k] and offsets[j] + widths[j] > low and not left[j])
        ]
        rows[k] = max(crossed, default=-1) + 1
    return tuple(Placed(rows[k], left[k]) for k in range(count))


def spread(days: Sequence[int], heights: Sequence[float], apart: int, step: float) -> tuple[float, ...]:
    """Return heights moved by multiples of ``step`` so that marks nearer than ``apart`` days do not cover each other."""
    taken: list[tuple[int, float]] = []
    out = []
    for day, height in zip(days, heights, strict=True):
        tries = (height + sign * k * step for k in range(40) for sign in ((1,) if k == 0 else (1, -1)))
        free = next(
            (y for y in tries if all(abs(day - d) >= apart or abs(y - t) >= step * 0.99 for d, t in taken)),
            height,
        )
        taken.append((day, free))
        out.append(free)
    return tuple(out)
