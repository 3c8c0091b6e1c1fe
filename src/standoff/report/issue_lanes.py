"""One panel an issue: what each side had on record, while it was valid, and the gap or zone between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from standoff.panel import ZoneSpan
from standoff.record.case_schema import Issue, Side
from standoff.record.rows import Position, Record
from standoff.report.chart import Row, Spec
from standoff.report.frame import Frame, linked_row, links, panel_spec, quiet, rules, spanning, x_axis
from standoff.report.palette import SIDE_SHAPES, light
from standoff.report.timeline import day_after
from standoff.report.words import day, number

SIDES: tuple[Side, ...] = ("holder", "coercer")
BAND = 6.0  # half the height at which equal terms are drawn, so that agreement can be seen
FADE = {"gap": 0.32, "meet": 0.75}
STATES = {"gap": "gap", "meet": "zone of possible agreement"}


class Held(NamedTuple):
    """A level that stands from ``start`` to ``end`` (exclusive), with its hull over the readings."""

    start: date
    end: date
    level: float
    low: float
    high: float


def held(spans: Sequence[ZoneSpan], side: Side) -> tuple[Held, ...]:
    """Return a side's standing levels on one issue; where nothing stands there is no span."""
    found: list[Held] = []
    for span in spans:
        recorded = span.holder if side == "holder" else span.coercer
        if recorded is None:
            continue
        piece = Held(span.start, day_after(span.end), recorded.level, recorded.low, recorded.high)
        if found and found[-1].end == piece.start and found[-1][2:] == piece[2:]:
            piece = piece._replace(start=found.pop().start)
        found.append(piece)
    return tuple(found)


def issue_panel(record: Record, issue: Issue, spans: Sequence[ZoneSpan], frame: Frame) -> Spec:
    """Return the panel of one issue; ``spans`` are those of its zone, in order of time."""
    x = x_axis(record, frame)
    axis = {"title": None, "values": [0, 50, 100], "grid": True, "domain": False, "ticks": False}
    y = {
        "field": "level",
        "type": "quantitative",
        "scale": {"domain": [-8, 108], "nice": False},
        "axis": axis,
    }
    place = [each.id for each in record.case.issues].index(issue.id)
    first = place == 0
    # Two legends on one line would run into each other in a wide font: the zone's stands on the second panel, or below the only one.
    alone = len(record.case.issues) == 1
    zone_legend = (
        {"symbolType": "square", "orient": "bottom" if alone else "top"} if alone or place == 1 else None
    )
    layers = [*rules(record, x), _between(spans, x, y, zone_legend)]
    for side in SIDES:
        layers += _side_layers(side, held(spans, side), x, y)
    layers.append(_positions(record, issue, x, y, frame, first))
    return panel_spec(
        f"{issue.name}: {issue.question}" if frame.form == "wide" else issue.name, frame.issue, frame, layers
    )


def _between(spans: Sequence[ZoneSpan], x: Row, y: Row, legend: Row | None) -> Spec:
    rows = []
    for span in spans:
        if span.holder is not None and span.coercer is not None:
            low, high = sorted((span.holder.level, span.coercer.level))
            room = BAND if low == high else 0
            between = {"date": span.start.isoformat(), "end": day_after(span.end).isoformat()}
            rows.append(
                {
                    **between,
                    "level": low - room,
                    "top": high + room,
                    "zone": STATES[span.state],
                    "opacity": FADE[span.state],
                }
            )
    scale = {"domain": list(STATES.values()), "range": [light("gap"), light("zone")]}
    return {
        "data": {"values": rows},
        "mark": quiet({"type": "rect"}),
        "encoding": {
            "x": spanning(x),
            "x2": {"field": "end"},
            "y": y,
            "y2": {"field": "top"},
            "color": {
                "field": "zone",
                "type": "nominal",
                "scale": scale,
                "legend": legend,
            },
            "opacity": {"field": "opacity", "type": "quantitative", "scale": None, "legend": None},
        },
    }


def _side_layers(side: Side, spans: Sequence[Held], x: Row, y: Row) -> list[Spec]:
    flat = [{"date": s.start.isoformat(), "end": s.end.isoformat(), "level": s.level} for s in spans]
    doubt = [
        {"date": s.start.isoformat(), "end": s.end.isoformat(), "level": s.low, "top": s.high}
        for s in spans
        if s.low < s.high
    ]
    joins = [
        {"date": b.start.isoformat(), "level": a.level, "to": b.level}
        for a, b in pairwise(spans)
        if a.end == b.start and a.level != b.level
    ]
    mark = quiet({"type": "rule", "color": light(side), "strokeWidth": 2.2 if side == "holder" else 2})
    if side == "coercer":
        mark["strokeDash"] = [5, 3]
    hull = quiet({"type": "rect", "color": light(side), "opacity": 0.16})
    return [
        {
            "data": {"values": doubt},
            "mark": hull,
            "encoding": {"x": spanning(x), "x2": {"field": "end"}, "y": y, "y2": {"field": "top"}},
        },
        {
            "data": {"values": flat},
            "mark": mark,
            "encoding": {"x": spanning(x), "x2": {"field": "end"}, "y": y},
        },
        {"data": {"values": joins}, "mark": mark, "encoding": {"x": x, "y": y, "y2": {"field": "to"}}},
    ]


def _positions(record: Record, issue: Issue, x: Row, y: Row, frame: Frame, first: bool) -> Spec:
    rows = [
        _position_row(row, side)
        for side in SIDES
        for row in recorded(record, issue.id, _actors(record, side))
    ]
    rows += [_position_row(row, "mediator") for row in recorded(record, issue.id, _mediators(record))]
    who = list(SIDE_SHAPES)
    legend = {"values": who} if first else None
    scale = {"domain": who, "range": [light(w) for w in who]}
    tone = {"field": "side", "type": "nominal", "scale": scale, "legend": legend}
    shapes = {"domain": who, "range": [SIDE_SHAPES[w] for w in who]}
    return {
        "data": {"values": rows},
        "mark": {
            "type": "point",
            "size": frame.mark + 6,
            "strokeWidth": 1.6,
            "opacity": 1,
            "cursor": "pointer",
            "aria": True,
        },
        "encoding": {
            "x": x,
            "y": y,
            "shape": {"field": "side", "type": "nominal", "scale": shapes, "legend": legend},
            "stroke": tone,
            "fill": tone,
            # A public statement is hollow: it is no bargaining term and carries no line.
            "fillOpacity": {"field": "solid", "type": "quantitative", "scale": None, "legend": None},
            **links(),
        },
    }


def _position_row(row: Position, side: str) -> Row:
    label = f"{day(row.date)}, {side}, {row.channel}, level {number(row.level, 0)} of 100"
    return {
        "date": row.date.isoformat(),
        "level": row.level,
        "side": side,
        "channel": row.channel,
        "solid": 1 if row.channel == "bargaining" else 0,
        **linked_row(row.id, label),
    }


def _actors(record: Record, side: Side) -> frozenset[str]:
    return frozenset(record.case.stance.actors.get(side, ()))


def _mediators(record: Record) -> frozenset[str]:
    sides = _actors(record, "holder") | _actors(record, "coercer")
    return frozenset(a.id for a in record.case.actors if a.role == "mediator") - sides


def recorded(record: Record, issue: str, actors: frozenset[str]) -> tuple[Position, ...]:
    """Return the positions of some actors on one issue within the core period, in order of date and id."""
    period = record.case.period
    found = [
        row
        for row in record.positions
        if row.issue == issue
        and row.level is not None
        and not actors.isdisjoint(row.actor)
        and period.start <= row.date <= period.end
    ]
    return tuple(sorted(found, key=lambda row: (row.date, row.id)))
