"""Series as bars or levels on the time axis; weeks that nobody reported stay visibly empty."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from standoff.panel import series_points
from standoff.record.case_schema import SeriesInfo
from standoff.record.rows import Record, SeriesPoint
from standoff.report.chart import Chart, Row, Spec, base, draw
from standoff.report.frame import edges, spanning
from standoff.report.palette import MEASURE_TONES, light
from standoff.report.text import anchor, shown
from standoff.report.timeline import unseen
from standoff.report.words import day, number


class Bar(NamedTuple):
    """One value over [start, end) and the rows behind it; ``rate`` is the height at which it is drawn.

    ``whole`` is False where a week was not reported in full, or one report spans the border of weeks: then the bar runs
    over the days that were reported, at their weekly rate, and is drawn paler.
    """

    start: date
    end: date
    value: float
    rate: float
    whole: bool
    rows: tuple[str, ...]


def bars(record: Record, info: SeriesInfo) -> tuple[Bar, ...]:
    """Return a series at the step that can be shown: daily values by whole week, all else over its own span."""
    if info.step == "day":
        return _weekly(record, info)
    period = record.case.period
    found = []
    for p in record.series:
        if p.series == info.id and p.end >= period.start and p.start <= period.end:
            end = min(p.end, period.end) + timedelta(days=1)
            found.append(Bar(max(p.start, period.start), end, p.value, p.value, True, (p.id,)))
    return tuple(sorted(found))


def _weekly(record: Record, info: SeriesInfo) -> tuple[Bar, ...]:
    """Whole weeks as the panel has them (its point stands on a week's last day), and what was reported besides."""
    points = series_points(record, info.id)
    found = []
    for offset, value, rows in zip(points.days, points.values, points.rows, strict=True):
        last = record.case.period.start + timedelta(days=int(offset))
        first = record.case.period.start + timedelta(days=int(offset) // 7 * 7)
        found.append(Bar(first, last + timedelta(days=1), float(value), float(value), True, rows))
    if info.aggregate == "sum":
        found += _besides(record, info, {row for bar in found for row in bar.rows})
    return tuple(sorted(found))


def _besides(record: Record, info: SeriesInfo, used: set[str]) -> list[Bar]:
    """Runs of reported days outside whole weeks: left out of the panel, but nobody's deaths are left out of a picture."""
    period = record.case.period
    left = [
        p
        for p in record.series
        if p.series == info.id and p.id not in used and period.start <= p.start and p.end <= period.end
    ]
    runs: list[list[SeriesPoint]] = []
    for point in sorted(left, key=lambda p: (p.start, p.end, p.id)):
        if runs and runs[-1][-1].end + timedelta(days=1) == point.start:
            runs[-1].append(point)
        else:
            runs.append([point])
    found = []
    for run in runs:
        end = run[-1].end + timedelta(days=1)
        total = sum(p.value for p in run)
        rate = total / (end - run[0].start).days * 7
        found.append(Bar(run[0].start, end, total, rate, False, tuple(p.id for p in run)))
    return found


def bars_panel(record: Record, info: SeriesInfo, x: Row) -> list[Spec]:
    """Return the layers of a flow (sum or mean): a bar a span, grey ground where nothing was recorded."""
    values = bars(record, info)
    if not values:
        return []
    rows = [
        {
            "date": (b.start + _inset(b)).isoformat(),
            "end": (b.end - _inset(b)).isoformat(),
            "value": round(b.rate, 2),
            "zero": 0,
            "opacity": 1 if b.whole else 0.45,
            **_named(info, b),
        }
        for b in values
    ]
    y = _value_axis(info)
    marks = {
        "data": {"values": rows},
        "mark": {
            "type": "rect",
            "color": light(MEASURE_TONES[info.measures]),
            "cursor": "pointer",
            "aria": True,
        },
        "encoding": {
            "x": spanning(x),
            "x2": {"field": "end"},
            "y": y,
            "y2": {"field": "zero"},
            "opacity": {"field": "opacity", "type": "quantitative", "scale": None, "legend": None},
            "href": {"field": "href"},
            "description": {"field": "label"},
        },
    }
    return [*_unseen_layers(record, info, values, x), marks]


def level_panel(record: Record, info: SeriesInfo, x: Row) -> list[Spec]:
    """Return the layers of a level (last value): a point a report, nothing drawn between them."""
    values = bars(record, info)
    if not values:
        return []
    last_day = record.case.period.end
    rows = [
        {
            "date": min(b.end - timedelta(days=1), last_day).isoformat(),
            "value": b.value,
            "zero": 0,
            **_named(info, b),
        }
        for b in values
    ]
    y = _value_axis(info)
    colour = light(MEASURE_TONES[info.measures])
    stems = {
        "data": {"values": rows},
        "mark": {"type": "rule", "color": colour, "opacity": 0.45, "aria": False, "tooltip": None},
        "encoding": {"x": x, "y": y, "y2": {"field": "zero"}},
    }
    heads = {
        "data": {"values": rows},
        "mark": {
            "type": "point",
            "filled": True,
            "size": 36,
            "opacity": 1,
            "color": colour,
            "cursor": "pointer",
            "aria": True,
        },
        "encoding": {"x": x, "y": y, "href": {"field": "href"}, "description": {"field": "label"}},
    }
    return [stems, heads]


def series_chart(record: Record, info: SeriesInfo, x: Row, period: tuple[str, str]) -> Chart | None:
    """Return the chart of one series alone, or ``None`` when the core period has no value of it."""
    layers = (level_panel if info.aggregate == "last" else bars_panel)(record, info, x)
    if not layers:
        return None
    values = bars(record, info)
    total = (
        f"sum {number(sum(b.value for b in values), 0)}"
        if info.aggregate == "sum"
        else f"last {number(values[-1].value, 0)}"
    )
    alt = (
        f"{shown(info.name, 200)}, {shown(info.unit, 80)}: {len(values)} values from {day(values[0].start)} to "
        f"{day(values[-1].end - timedelta(days=1))}, {total}. Spans without a report are left empty. The table below has every value."
    )
    spec = base(shown(info.name, 200), alt, period, width=1040, height=130, layer=[edges(record, x), *layers])
    return Chart(f"series-{info.id}", shown(info.name, 200), alt, spec, draw(spec))


def _inset(bar: Bar) -> timedelta:
    # A hair of ground between neighbours; dates carry days only, so short spans get none.
    return timedelta(days=1) if (bar.end - bar.start).days > 20 else timedelta(0)


def _value_axis(info: SeriesInfo) -> Row:
    return {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": True, "nice": True},
        "axis": {
            "title": None,
            "tickCount": 3,
            "domain": False,
            "ticks": False,
            "format": ",d",
        },
    }


def _named(info: SeriesInfo, bar: Bar) -> Row:
    span = (
        day(bar.start)
        if (bar.end - bar.start).days == 1
        else f"{day(bar.start)} to {day(bar.end - timedelta(days=1))}"
    )
    return {
        "href": f"#{anchor('row', bar.rows[0])}",
        "label": f"{span}: {number(bar.value)} {shown(info.unit, 40)}{_partly(bar)}",
    }


def _partly(bar: Bar) -> str:
    return "" if bar.whole else ", not one whole week: drawn at its weekly rate"


def _unseen_layers(record: Record, info: SeriesInfo, values: tuple[Bar, ...], x: Row) -> list[Spec]:
    if info.step == "event":  # a dated event says nothing about the days between
        return []
    period = record.case.period
    gaps = unseen(
        [(b.start, b.end) for b in values], period.start, period.end + timedelta(days=1), at_least=1
    )
    if not gaps:
        return []
    rows = [
        {
            "date": a.isoformat(),
            "end": b.isoformat(),
            "text": "not recorded" if (b - a).days > 60 else "",
            "middle": (a + (b - a) / 2).isoformat(),
        }
        for a, b in gaps
    ]
    return [
        {
            "data": {"values": rows},
            "mark": {"type": "rect", "color": light("unseen"), "aria": False, "tooltip": None},
            "encoding": {"x": spanning(x), "x2": {"field": "end"}},
        },
        {
            "data": {"values": rows},
            "mark": {
                "type": "text",
                "color": light("muted"),
                "fontSize": 10,
                "fontStyle": "italic",
                "aria": False,
            },
            "encoding": {"x": {**x, "field": "middle"}, "text": {"field": "text"}},
        },
    ]
