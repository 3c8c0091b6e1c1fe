"""Outcomes of a test under every combination of coding choices, as differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from standoff.claims.differences import IntArray, Outcome, span_differences, stance_differences
from standoff.panel import Options, length_days, series_points, stance_points
from standoff.panel.days import day_of
from standoff.panel.stance import Points
from standoff.record.claims_schema import SeriesOutcome, StanceOutcome
from standoff.record.rows import Record

FULL_SCALE = (0.0, 100.0)  # of a stance


class Readings(NamedTuple):
    """Distinct readings of one outcome: its points, its differences, and which reading each key of options has."""

    points: tuple[Points, ...]
    outcomes: tuple[Outcome, ...]
    reading_of: dict[Options, int]
    name: str
    unit: str
    is_stance: bool


def outcome_key(options: Options, is_stance: bool) -> Options:
    """The options with everything that does not touch the outcome put to a fixed value."""
    free = options._replace(window=1, intensity=1, collection="", patron="", acts="")
    return (
        free
        if is_stance
        else free._replace(basis="", outlets="", reading="", stance_channel="", composite="")
    )


def readings(record: Record, outcome: StanceOutcome | SeriesOutcome, grid: Sequence[Options]) -> Readings:
    """All distinct readings of an outcome over the grid, by the points they give."""
    is_stance = isinstance(outcome, StanceOutcome)
    found: dict[bytes, int] = {}
    points: list[Points] = []
    reading_of: dict[Options, int] = {}
    for key in dict.fromkeys(outcome_key(options, is_stance) for options in grid):
        seen = (
            stance_points(record, outcome.stance, key)
            if isinstance(outcome, StanceOutcome)
            else series_points(record, outcome.series)
        )
        mark = seen.days.tobytes() + seen.values.tobytes()
        if mark not in found:
            found[mark] = len(points)
            points.append(seen)
        reading_of[key] = found[mark]
    length = length_days(record)
    if isinstance(outcome, StanceOutcome):
        outcomes = [stance_differences(seen.days, seen.values, length) for seen in points]
        return Readings(
            tuple(points),
            tuple(outcomes),
            reading_of,
            f"stance of the {outcome.stance}",
            "points of 100",
            True,
        )
    info = next(info for info in record.case.series if info.id == outcome.series)
    begins = [_begins(record, seen) for seen in points]
    outcomes = [
        span_differences(begin, seen.days, seen.values, length)
        for begin, seen in zip(begins, points, strict=True)
    ]
    return Readings(tuple(points), tuple(outcomes), reading_of, info.name, info.unit, False)


def _begins(record: Record, points: Points) -> IntArray:
    """First day that each point of a series covers."""
    starts = {row.id: day_of(record, row.start) for row in record.series}
    days = [min(starts[name] for name in names) for names in points.rows]
    return np.maximum(np.array(days, dtype=np.int64), 0)
