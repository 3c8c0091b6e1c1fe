"""What the panel holds beside signals: stances with coder's error, the zone, pressure, series and the calendar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import numpy as np

from standoff.panel.agreement import level_pairs
from standoff.panel.cells import Axes, Cells, RowArray, Variable, empty_rows, join_rows
from standoff.panel.days import WEEK, FloatArray, date_of, day_of, in_core, length_days, length_weeks
from standoff.panel.options import Options
from standoff.panel.series import series_points
from standoff.panel.stance import Points, levels, stance_points
from standoff.panel.zone import ZoneSpan, zone
from standoff.record.case_schema import Side
from standoff.record.rows import Record

SIDES: tuple[Side, ...] = ("holder", "coercer")
MEASURES = {
    "aid": "aid",
    "deaths": "harm",
    "hostages": "hostages",
    "prisoners": "prisoners",
    "other": "other",
}


def outcome_axes(record: Record) -> Axes:
    """Axes that the outcomes add to those of the signals; an axis without labels is left out with its variables."""
    pairs = [pair for issue in level_pairs(record).values() for pair in issue]
    read = tuple(sorted({level for pair in pairs for level in pair}))
    axes: Axes = {
        "side": SIDES,
        "issue": tuple(issue.id for issue in record.case.issues),
        "first_level": read,
        "second_level": read,
        "shock": tuple(shock.id for shock in record.case.shocks),
        "calendar_type": tuple(dict.fromkeys(entry.type for entry in record.case.calendar)),
    }
    for measure, name in MEASURES.items():
        axes[f"{name}_series"] = tuple(info.id for info in record.case.series if info.measures == measure)
    return {name: labels for name, labels in axes.items() if labels}


def stance_variables(record: Record, options: Options) -> Iterator[Variable]:
    """Composite stance by side, and levels by side and issue; a week's last recorded date counts, others are NaN."""
    weeks = length_weeks(record)
    composite, rows = _blank(weeks, len(SIDES))
    for column, side in enumerate(SIDES):
        _place(composite[:, column], rows[:, column], stance_points(record, side, options))
    meaning = "stance, 100 the holder's furthest demand"
    yield _sparse("stance", ("week", "side"), composite, rows, meaning, "points of 100")

    issues = [issue.id for issue in record.case.issues]
    by_issue, issue_rows = _blank(weeks, len(SIDES), len(issues))
    again, _ = _blank(weeks, len(SIDES), len(issues))
    for column, side in enumerate(SIDES):
        chosen, second = (
            levels(record, side, options),
            levels(record, side, options._replace(reading="second")),
        )
        for depth, issue in enumerate(issues):
            for when, level in sorted(chosen.get(issue, {}).items()):
                cell = (day_of(record, when) // WEEK, column, depth)
                by_issue[cell], issue_rows[cell] = level.value, join_rows(level.rows)
                other = second.get(issue, {}).get(when)
                again[cell] = np.nan if other is None else other.value
    axes = ("week", "side", "issue")
    yield _sparse(
        "level",
        axes,
        by_issue,
        issue_rows,
        "level of the issue, 100 the holder's furthest demand",
        "points of 100",
    )
    yield Variable(
        "level_second",
        axes,
        again,
        "the same by the second reading",
        "points of 100",
        rows_of="level",
        seen=~np.isnan(again),
    )


def error_variables(record: Record) -> Iterator[Variable]:
    """Coder's error of levels: mean absolute difference by issue, the number of rows behind it, and the table of levels."""
    pairs = level_pairs(record)
    counts = np.array([float(len(issue)) for issue in pairs.values()])
    differences = np.array([_mean_difference(issue) for issue in pairs.values()])
    yield Variable(
        "level_error",
        ("issue",),
        differences,
        "mean absolute difference of two readings",
        "points of 100",
        seen=counts > 0,
    )
    yield Variable(
        "level_read_twice", ("issue",), counts, "positions that both readings gave a level", "rows"
    )
    read = sorted({level for issue in pairs.values() for pair in issue for level in pair})
    if read:
        tables = [Counter(issue) for issue in pairs.values()]
        table = np.array([[[float(t[one, two]) for two in read] for one in read] for t in tables])
        yield Variable(
            "level_confusion",
            ("issue", "first_level", "second_level"),
            table,
            "positions by first and second level",
            "rows",
        )


def zone_variables(record: Record, options: Options) -> Iterator[Variable]:
    """Gap between demand and offer by issue, as it stands on the last day of each week, with its hull over the readings."""
    issues = [issue.id for issue in record.case.issues]
    weeks = length_weeks(record)
    rows = empty_rows((weeks, len(issues)))
    gaps, _ = _blank(weeks, len(issues), 3)
    for span in zone(record, options):
        depth = issues.index(span.issue)
        for week in range(weeks):
            if span.start <= _last_day(record, week) <= span.end and span.gap is not None:
                gaps[week, depth] = span.gap_low, span.gap, span.gap_high
                rows[week, depth] = _zone_rows(span)
    seen = ~np.isnan(gaps[..., 1])
    yield Variable(
        "zone_gap",
        ("week", "issue", "bound"),
        gaps,
        "demand minus offer; zero or less where they meet",
        "points of 100",
        rows,
        rows_axes=("week", "issue"),
        seen=seen,
        seen_axes=("week", "issue"),
    )


def pressure_variable(record: Record) -> Iterator[Variable]:
    """Military pressure, 0 to 2: the highest level in force on any day of the week; unseen before the first span."""
    values, rows = _blank(length_weeks(record))
    spans = sorted(record.case.pressure, key=lambda span: span.start)
    starts = [day_of(record, span.start) for span in spans] + [length_days(record)]
    for span, first, after in zip(spans, starts, starts[1:], strict=False):
        for week in sorted({day // WEEK for day in range(max(first, 0), min(after, length_days(record)))}):
            if np.isnan(values[week]) or span.level > values[week]:
                values[week], rows[week] = span.level, join_rows(span.events)
    yield _sparse(
        "pressure",
        ("week",),
        values,
        rows,
        "highest military pressure of the week",
        "0 low, 1 continuing, 2 major offensive",
    )


def series_variables(record: Record) -> Iterator[Variable]:
    """Aid, harm, hostages, prisoners and other series, by series and never spliced, at the step of each source."""
    weeks = length_weeks(record)
    for measure, name in MEASURES.items():
        series = [info for info in record.case.series if info.measures == measure]
        if not series:
            continue
        values, rows = _blank(weeks, len(series))
        for column, info in enumerate(series):
            _place(values[:, column], rows[:, column], series_points(record, info.id))
        units = "; ".join(dict.fromkeys(info.unit for info in series))
        yield _sparse(name, ("week", f"{name}_series"), values, rows, f"{name}, weekly, by series", units)


def calendar_variable(record: Record) -> Iterator[Variable]:
    """Dates of the patron's own calendar by week and type: timing from outside the talks, known beforehand."""
    entries = [entry for entry in record.case.calendar if in_core(record, entry.date)]
    if not record.case.calendar:
        return
    types = tuple(dict.fromkeys(entry.type for entry in record.case.calendar))
    cells = Cells({"week": tuple(range(length_weeks(record))), "calendar_type": types})
    for entry in entries:
        cells.add((day_of(record, entry.date) // WEEK, entry.type), entry.id)
    yield Variable(
        "patron_calendar",
        ("week", "calendar_type"),
        cells.count,
        "dates of the patron's calendar",
        "dates",
        cells.rows,
    )


def _blank(*shape: int) -> tuple[FloatArray, RowArray]:
    return np.full(shape, np.nan), empty_rows(shape)


def _sparse(
    name: str, axes: tuple[str, ...], values: FloatArray, rows: RowArray, meaning: str, unit: str
) -> Variable:
    return Variable(name, axes, values, meaning, unit, rows, seen=~np.isnan(values))


def _place(values: FloatArray, rows: RowArray, points: Points) -> None:
    """Put points into their weeks; of several in one week the last stays."""
    for day, value, names in zip(points.days, points.values, points.rows, strict=True):
        values[day // WEEK], rows[day // WEEK] = value, join_rows(names)


def _mean_difference(pairs: list[tuple[float, float]]) -> float:
    return sum(abs(one - two) for one, two in pairs) / len(pairs) if pairs else float("nan")


def _last_day(record: Record, week: int) -> date:
    return date_of(record, min(week * WEEK + WEEK, length_days(record)) - 1)


def _zone_rows(span: ZoneSpan) -> str:
    return join_rows(row for side in (span.holder, span.coercer) if side for row in side.rows)
