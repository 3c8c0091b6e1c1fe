"""Series as bars or levels on the time axis; weeks that nobody reported stay visibly empty."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from standoff.panel import series_points
from standoff.record.case_schema import SeriesInfo
from standoff.record.rows import Record
from standoff.report.chart import Chart, Row, Spec, base, draw
from standoff.report.palette import MEASURE_TONES, light
from standoff.report.text import anchor, shown
from standoff.report.timeline import unseen
from standoff.report.words import day, number


class Bar(NamedTuple):
    """One value over [start, end) and the rows behind it."""

    start: date
    end: date
    value: float
    rows: tuple[str, ...]


def bars(record: Record, info: SeriesInfo) -> tuple[Bar, ...]:
    """Return a series at the step that can be shown: daily values by whole week, all else over its own span."""
    if info.step == "day":
        return _weekly(record, info)
    period = record.case.period
    found = [
        Bar(max(p.start, period.start), min(p.end, period.end) + timedelta(days=1), p.value, (p.id,))
        for p in record.series
        if p.series == info.id and p.end >= period.start and p.start <= period.end
    ]
    return tuple(sorted(found))


def _weekly(record: Record, info: SeriesInfo) -> tuple[Bar, ...]:
    """Weekly values of a daily series; the panel puts a week's point on its last day."""
    points = series_points(record, info.id)
    found = []
    for offset, value, rows in zip(points.days, points.values, points.rows, strict=True):
        last = record.case.period.start + timedelta(days=int(offset))
        first = record.case.period.start + timedelta(days=int(offset) // 7 * 7)
        found.append(Bar(first, last + timedelta(days=1), float(value), rows))
    return tuple(found)


def bars_panel(record: Record, info: SeriesInfo, x: Row) -> list[Spec]:
    """Return the layers of a flow (sum or mean): a bar a span, grey ground where nothing was recorded."""
    values = bars(record, info)
    if not values:
        return []
    rows = [
        {
            "date": (b.start + _inset(b)).isoformat(),
            "end": (b.end - _inset(b)).isoformat(),
            "value": b.value,
            "zero": 0,
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
            "x": x,
            "x2": {"field": "end"},
            "y": y,
            "y2": {"field": "zero"},
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


def series_chart(record: Record, info: SeriesInfo, x: Row) -> Chart | None:
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
    spec = base(shown(info.name, 200), alt, width=1040, height=130, layer=layers)
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
            "format": "~s" if info.measures == "aid" else ",d",
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
        "label": f"{span}: {number(bar.value)} {shown(info.unit, 40)}",
    }


def _unseen_layers(record: Record, info: SeriesInfo, values: tuple[Bar, ...], x: Row) -> list[Spec]:
    if info.step == "event":  # a dated event says nothing about the days between
        return []
    period = record.case.period
    gaps = unseen([(b.start, b.end) for b in values], period.start, period.end + timedelta(days=1))
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
            "encoding": {"x": x, "x2": {"field": "end"}},
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
