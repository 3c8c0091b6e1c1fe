"""Each side's stance (0-100, 100 = the holder's furthest demand) at the dates where positions were recorded."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import NamedTuple

import numpy as np

from standoff.panel.days import FloatArray, IntArray, day_of, in_core
from standoff.panel.options import Options
from standoff.panel.signals import PARTISAN
from standoff.record.case_schema import Composite, Side
from standoff.record.rows import Position, Record


class Points(NamedTuple):
    """Recorded points of an outcome: days since the period's start, ascending, values, and the row ids behind each."""

    days: IntArray
    values: FloatArray
    rows: tuple[tuple[str, ...], ...]


class Level(NamedTuple):
    """The level of one issue at one date (mean of its rows), and the ids of those rows."""

    value: float
    rows: tuple[str, ...]


Levels = dict[str, dict[date, Level]]  # by issue, then by date


def stance_points(record: Record, side: Side, options: Options) -> Points:
    r"""A side's stance at each date of the core period on which the chosen composite can be formed.

    With weights $w_i$ and levels $x_i$ over the issues $i$ known at a date: $\sum w_i x_i / \sum w_i$. Several
    rows for one issue on one date count as their mean. *known*: issues recorded on that very date. *carry*: an
    issue not recorded on that date takes its last bargaining level since the last restart. Either way every
    issue named in `needs` must be known, and at least one issue must have been recorded on the date itself.
    """
    composite = next(c for c in record.case.stance.composites if c.id == options.composite)
    bargaining = levels(record, side, options._replace(stance_channel="bargaining"))
    seen = levels(record, side, options)
    dates = sorted({when for issue in composite.weights for when in seen.get(issue, {})})
    points = []
    for when in dates:
        known = _known(record, composite, seen, bargaining, when)
        if all(issue in known for issue in composite.needs):
            points.append((day_of(record, when), _weighted(composite, known), _rows(known)))
    return as_points(points)


def levels(record: Record, side: Side, options: Options) -> Levels:
    """Levels by issue and date of a side's positions that `options` let in.

    `basis` and `reading` act as on events; `outlets` goes by a position's first source, as it does for events.
    Under `reading=second`, a position that the second reading gave no level has none.
    """
    actors = set(record.case.stance.actors.get(side, ()))
    recoded = read_again(record) if options.reading == "second" else {}
    partisan = {source.id for source in record.sources if source.quality == PARTISAN}
    gathered: dict[str, dict[date, list[tuple[str, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in record.positions:
        level = recoded.get(row.id, row.level)
        if level is None or not row.issue or actors.isdisjoint(row.actor):
            continue
        if in_core(record, row.date) and _let_in(row, options, partisan):
            gathered[row.issue][row.date].append((row.id, level))
    return {issue: {when: _mean(rows) for when, rows in dates.items()} for issue, dates in gathered.items()}


def read_again(record: Record) -> dict[str, float | None]:
    """Levels of the second reading by position id."""
    return {reading.id: reading.level for reading in record.position_readings}


def as_points(points: list[tuple[int, float, tuple[str, ...]]]) -> Points:
    """Points from (day, value, row ids), already in order of days."""
    return Points(
        np.array([day for day, _, _ in points], dtype=np.int64),
        np.array([value for _, value, _ in points], dtype=np.float64),
        tuple(rows for _, _, rows in points),
    )


def _let_in(row: Position, options: Options, partisan: set[str]) -> bool:
    return (
        (row.channel == "bargaining" or options.stance_channel == "with-public")
        and (options.basis == "all" or row.basis == "read")
        and (options.outlets == "all" or row.source[0] not in partisan)
    )


def _mean(rows: list[tuple[str, float]]) -> Level:
    rows = sorted(rows)  # sums of floats must not depend on the order of the file
    return Level(sum(level for _, level in rows) / len(rows), tuple(name for name, _ in rows))


def _known(
    record: Record, composite: Composite, seen: Levels, bargaining: Levels, when: date
) -> dict[str, Level]:
    known = {}
    for issue in composite.weights:
        level = seen.get(issue, {}).get(when)
        if level is None and composite.missing == "carry":
            level = _carried(record, bargaining.get(issue, {}), when)
        if level is not None:
            known[issue] = level
    return known


def _carried(record: Record, dates: dict[date, Level], when: date) -> Level | None:
    """The last bargaining level before `when`, unless talks restarted since."""
    restart = max((r for r in record.case.stance.restarts if r <= when), default=date.min)
    earlier = [past for past in dates if restart <= past < when]
    return dates[max(earlier)] if earlier else None


def _weighted(composite: Composite, known: dict[str, Level]) -> float:
    total = sum(composite.weights[issue] for issue in known)
    return sum(composite.weights[issue] * level.value for issue, level in known.items()) / total


def _rows(known: dict[str, Level]) -> tuple[str, ...]:
    return tuple(sorted({name for level in known.values() for name in level.rows}))
