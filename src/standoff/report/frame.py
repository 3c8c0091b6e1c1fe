"""The frame that all panels of the picture share: its measures, its time axis, its milestones, its links to rows."""

from __future__ import annotations

import textwrap
from datetime import date
from typing import Literal, NamedTuple

from standoff.record.case_schema import Milestone
from standoff.record.rows import Record
from standoff.report.chart import Row, Spec
from standoff.report.palette import light
from standoff.report.text import anchor, shown
from standoff.report.timeline import place_labels
from standoff.report.words import day

Form = Literal["wide", "narrow"]


class Frame(NamedTuple):
    """The measures of one form of the picture, in pixels."""

    form: Form
    width: int
    signals: int
    issue: int
    small: int
    mark: int


FRAMES: dict[Form, Frame] = {
    "wide": Frame("wide", 1040, 168, 72, 46, 40),
    "narrow": Frame("narrow", 300, 160, 76, 50, 22),
}


def x_axis(record: Record, frame: Frame) -> Row:
    """Return the shared time encoding: the core period, months ticked, years named."""
    period = record.case.period
    return {
        "field": "date",
        "type": "temporal",
        "scale": {"type": "utc", "domain": [_edge(period.start), _edge(period.end)], "nice": False},
        "axis": {
            "title": None,
            "grid": False,
            "tickCount": {"interval": "month", "step": 1 if frame.form == "wide" else 3},
            "labelExpr": "utcFormat(datum.value, utcmonth(datum.value) == 0 ? '%b %Y' : '%b')"
            if frame.form == "wide"
            else "utcFormat(datum.value, '%b %y')",
            "labelOverlap": True,
            "labelFlush": False,
        },
    }


def period_days(record: Record) -> tuple[str, str]:
    """Return the first and last day of the core period as ISO dates."""
    return record.case.period.start.isoformat(), record.case.period.end.isoformat()


def _edge(when: date) -> Row:
    # The one form of a date that Vega-Lite reads alike on a point and on a span.
    return {"year": when.year, "month": when.month, "date": when.day, "utc": True}


def panel_spec(title: str, height: int, frame: Frame, layers: list[Spec]) -> Spec:
    """Return one panel of the picture; a title that a phone is too narrow for takes a second line."""
    lines = textwrap.wrap(shown(title, 120), frame.width // 7) or [""]
    return {"title": {"text": lines}, "width": frame.width, "height": height, "layer": layers}


def quiet(mark: Row) -> Row:
    """Return a mark that is no row of the record: nothing to point at, nothing to read out."""
    return {**mark, "aria": False, "tooltip": None}


def links() -> Row:
    """Return the encodings by which a mark leads to its row."""
    return {"href": {"field": "href"}, "description": {"field": "label"}}


def linked_row(identifier: str, label: str) -> Row:
    """Return the fields by which a mark names its row: the link within the page and a label for a screen reader."""
    return {"href": f"#{anchor('row', identifier)}", "label": shown(label, 140)}


def milestones(record: Record) -> tuple[Milestone, ...]:
    """Return the milestones of the core period, in order."""
    period = record.case.period
    inside = [m for m in record.case.milestones if period.start <= m.date <= period.end]
    return tuple(sorted(inside, key=lambda m: (m.date, m.label)))


def edges(record: Record, x: Row) -> Spec:
    """Return a layer that draws nothing and sets the time axis; spans must not set it again (see `spanning`)."""
    rows = [{"date": day} for day in period_days(record)]
    return {"data": {"values": rows}, "mark": quiet({"type": "rule", "opacity": 0}), "encoding": {"x": x}}


def spanning(x: Row) -> Row:
    """Return the time encoding for marks with an ``x2``: Vega-Lite reads a domain set there in another form and warns."""
    return {**x, "scale": {"type": "utc", "nice": False}}


def rules(record: Record, x: Row) -> list[Spec]:
    """Return what lies behind every panel: its time axis, and the milestones as thin rules."""
    rows = [{"date": m.date.isoformat()} for m in milestones(record)]
    if not rows:
        return [edges(record, x)]
    mark = quiet(
        {"type": "rule", "color": light("muted"), "strokeDash": [2, 3], "strokeWidth": 1, "opacity": 0.5}
    )
    return [edges(record, x), {"data": {"values": rows}, "mark": mark, "encoding": {"x": x}}]


def milestone_strip(record: Record, frame: Frame) -> list[Spec]:
    """Return the strip of milestone labels above the panels; on a phone letters, which the list below the picture spells out."""
    period, stones = record.case.period, milestones(record)
    if not stones:
        return []
    length = (period.end - period.start).days
    labels = [
        shown(m.label, 48) if frame.form == "wide" else chr(ord("a") + k % 26) for k, m in enumerate(stones)
    ]
    offsets = [(m.date - period.start).days / length * frame.width for m in stones]
    placed = place_labels(offsets, [len(label) * 6.1 + 12 for label in labels], frame.width)
    depth = max(p.row for p in placed) + 1
    rows = [
        {
            "date": m.date.isoformat(),
            "y": p.row + 0.5,
            "base": 0,
            "text": label,
            "left": p.left,
            **linked_row(m.events[0], f"{day(m.date)}: {m.label}"),
        }
        for m, label, p in zip(stones, labels, placed, strict=True)
    ]
    x = {**x_axis(record, frame), "axis": None}
    y = {"field": "y", "type": "quantitative", "scale": {"domain": [0, depth], "nice": False}, "axis": None}
    rule = {
        "data": {"values": rows},
        "mark": quiet({"type": "rule", "color": light("muted"), "strokeDash": [2, 3]}),
        "encoding": {"x": x, "y": {**y, "field": "base"}, "y2": {"field": "y"}},
    }
    texts = [
        {
            "data": {"values": [row for row in rows if row["left"] is left]},
            "mark": {
                "type": "text",
                "align": "right" if left else "left",
                "dx": -4 if left else 4,
                "baseline": "middle",
                "fontSize": 11,
                "color": light("ink"),
                "cursor": "pointer",
                "aria": True,
            },
            "encoding": {"x": x, "y": y, "text": {"field": "text"}, **links()},
        }
        for left in (False, True)
        if any(row["left"] is left for row in rows)
    ]
    return [{"width": frame.width, "height": depth * 15, "layer": [rule, *texts]}]
