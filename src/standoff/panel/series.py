"""A series of the case as weekly points, at the step that its source has: nothing is filled in or split."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from standoff.errors import NotFoundError
from standoff.panel.days import WEEK, day_of, length_days
from standoff.panel.stance import Points, as_points
from standoff.record.case_schema import SeriesInfo
from standoff.record.rows import Record, SeriesPoint


def series_points(record: Record, series_id: str) -> Points:
    """Weekly values of a series in its own unit; a week that was not wholly reported has no point.

    A point stands on the last day of its week, when its value is complete: "last before a signal" is then a
    week that ended before it. Daily series: *sum* and *mean* need all seven days of the week (a missing day is
    not a zero and is not scaled up, since days go missing when fighting is worst); *last* takes the last
    reported day. Weekly, monthly and event series: the rows whose span ends in the week, aggregated as
    `SeriesInfo` says; a week in which no row ends has no point, and a month's value stays one point.

    Raises:
        NotFoundError: the case has no such series.
    """
    info = _info(record, series_id)
    points = []
    for week, rows in sorted(_by_week(record, info).items()):
        if info.step == "day" and info.aggregate != "last" and not _whole(record, week, rows):
            continue
        rows = rows[-1:] if info.aggregate == "last" else rows
        names = tuple(row.id for row in rows)
        last_day = min(week * WEEK + WEEK, length_days(record)) - 1
        points.append((last_day, _aggregate(info, rows), names))
    return as_points(points)


def _info(record: Record, series_id: str) -> SeriesInfo:
    for info in record.case.series:
        if info.id == series_id:
            return info
    known = ", ".join(info.id for info in record.case.series) or "none"
    raise NotFoundError(
        f"no series {series_id!r}", f"the case has: {known}", "use one of these, or declare it in case.yaml"
    )


def _by_week(record: Record, info: SeriesInfo) -> dict[int, list[SeriesPoint]]:
    """Rows of the series by the week in which they end, oldest first; a row that ends outside the core is left out."""
    weeks: dict[int, list[SeriesPoint]] = defaultdict(list)
    length = length_days(record)
    for row in sorted(record.series, key=lambda row: (row.end, row.start, row.id)):
        end = day_of(record, row.end)
        if row.series == info.id and 0 <= end < length:
            weeks[end // WEEK].append(row)
    return weeks


def _whole(record: Record, week: int, rows: list[SeriesPoint]) -> bool:
    """Whether the rows cover each day of the week and no day outside it."""
    return sorted(_days(record, rows)) == list(range(week * WEEK, week * WEEK + WEEK))


def _days(record: Record, rows: list[SeriesPoint]) -> Iterator[int]:
    for row in rows:
        yield from range(day_of(record, row.start), day_of(record, row.end) + 1)


def _aggregate(info: SeriesInfo, rows: list[SeriesPoint]) -> float:
    total = sum(row.value for row in rows)
    return total / len(rows) if info.aggregate == "mean" else total
