"""What each series comes to over the core period: one line for each, never one series spliced to another."""

from __future__ import annotations

from typing import NamedTuple

from standoff.record.case_schema import SeriesInfo
from standoff.record.rows import Record, SeriesPoint


class Total(NamedTuple):
    """A series over the core period in its own unit: the sum of what was reported, or the last value, or the mean."""

    series: str
    name: str
    measures: str
    unit: str
    how: str  # sum | last | mean, as the case declares it
    value: float
    start: str  # ISO date of the first day that a row used covers
    end: str
    rows: int  # rows of the series in the core period
    caution: str


def totals(record: Record, measures: tuple[str, ...]) -> tuple[Total, ...]:
    """Totals of the series that measure any of ``measures``, in the case's order; a series with no row has none.

    A row counts when it ends in the core period. What was not reported adds nothing and is not guessed.
    """
    chosen = (info for info in record.case.series if info.measures in measures)
    return tuple(total for info in chosen if (total := _total(record, info)))


def _total(record: Record, info: SeriesInfo) -> Total | None:
    period = record.case.period
    rows = [row for row in record.series if row.series == info.id and period.start <= row.end <= period.end]
    if not rows:
        return None
    rows.sort(key=lambda row: (row.end, row.start, row.id))
    used = rows[-1:] if info.aggregate == "last" else rows
    return Total(
        info.id,
        info.name,
        info.measures,
        info.unit,
        info.aggregate,
        _value(info, used),
        min(row.start for row in used).isoformat(),
        used[-1].end.isoformat(),
        len(rows),
        info.caution,
    )


def _value(info: SeriesInfo, rows: list[SeriesPoint]) -> float:
    total = sum(row.value for row in rows)
    return total / len(rows) if info.aggregate == "mean" else total
