"""The signals lane: the patron's acts, enabling above and restraining below, and the daylight that they make."""

from __future__ import annotations

from itertools import pairwise

import xarray as xr

from standoff.record.rows import Event, Record
from standoff.report.chart import Row, Spec
from standoff.report.frame import Frame, linked_row, links, panel_spec, quiet, rules, spanning, x_axis
from standoff.report.palette import CHANNEL_SHAPES, CHANNEL_TONES, light
from standoff.report.timeline import spread
from standoff.report.words import day


def backing_patrons(record: Record) -> dict[str, bool]:
    """Return the ids of the patrons that back the coercer (or whose side the case leaves open): True for a legislature."""
    return {
        a.id: a.branch == "legislature"
        for a in record.case.actors
        if a.role == "patron" and a.backs in ("coercer", None)
    }


def signal_events(record: Record) -> tuple[Event, ...]:
    """Return the patron's restraining and enabling acts of the core period, by date and id."""
    patrons, period = backing_patrons(record), record.case.period
    found = [
        event
        for event in record.events
        if event.direction != "neutral"
        and not patrons.keys().isdisjoint(event.actor)
        and period.start <= event.date <= period.end
    ]
    return tuple(sorted(found, key=lambda event: (event.date, event.id)))


def signals_panel(record: Record, frame: Frame) -> Spec:
    """Return the lane of signals: height is intensity, colour and shape the channel, hollow a legislature."""
    events = signal_events(record)
    heights = [event.intensity * (1.0 if event.direction == "enable" else -1.0) for event in events]
    days = [(event.date - record.case.period.start).days for event in events]
    apart = 4 if frame.form == "wide" else 10
    patrons = backing_patrons(record)
    rows = [
        _signal_row(event, y, all(patrons.get(actor, False) for actor in event.actor))
        for event, y in zip(events, spread(days, heights, apart, 0.5), strict=True)
    ]
    x, y = x_axis(record, frame), _intensity_axis()
    layers = [
        *rules(record, x),
        _zero(y),
        _stems(rows, x, y),
        _side_words(frame, y),
        _marks(rows, frame, x, y),
    ]
    return panel_spec("Signals of the patron, by intensity 1–5", frame.signals, frame, layers)


def _intensity_axis() -> Row:
    axis = {
        "title": None,
        "values": [-5, -3, -1, 1, 3, 5],
        "labelExpr": "format(abs(datum.value), 'd')",
        "grid": False,
        "domain": False,
        "ticks": False,
    }
    return {
        "field": "y",
        "type": "quantitative",
        "scale": {"domain": [-6.8, 6.8], "nice": False},
        "axis": axis,
    }


def _zero(y: Row) -> Spec:
    mark = quiet({"type": "rule", "color": light("muted"), "strokeWidth": 1})
    return {"data": {"values": [{"y": 0}]}, "mark": mark, "encoding": {"y": y}}


def _stems(rows: list[Row], x: Row, y: Row) -> Spec:
    values = [{"date": row["date"], "y": row["y"], "zero": 0} for row in rows]
    mark = quiet({"type": "rule", "strokeWidth": 1, "color": light("muted"), "opacity": 0.4})
    return {"data": {"values": values}, "mark": mark, "encoding": {"x": x, "y": y, "y2": {"field": "zero"}}}


def _side_words(frame: Frame, y: Row) -> Spec:
    words = [
        ("▲ ENABLE", ": widens or defends the coercer’s freedom of action", 6.3),
        ("▼ RESTRAIN", ": pushes it to limit force, widen aid or accept a ceasefire", -6.3),
    ]
    rows = [
        {"y": height, "text": word + (more if frame.form == "wide" else "")} for word, more, height in words
    ]
    mark = quiet({"type": "text", "align": "left", "fontSize": 10, "color": light("muted"), "x": 4})
    return {"data": {"values": rows}, "mark": mark, "encoding": {"y": y, "text": {"field": "text"}}}


def _marks(rows: list[Row], frame: Frame, x: Row, y: Row) -> Spec:
    channels = list(CHANNEL_SHAPES)
    legend = {"labelExpr": "replace(datum.label, '-', ', ')"}
    tones = [light(CHANNEL_TONES[channel]) for channel in channels]
    shapes = [CHANNEL_SHAPES[channel] for channel in channels]
    tone = {
        "field": "channel",
        "type": "nominal",
        "scale": {"domain": channels, "range": tones},
        "legend": legend,
    }
    return {
        "data": {"values": rows},
        "mark": {
            "type": "point",
            "size": frame.mark,
            "strokeWidth": 1.5,
            "opacity": 1,
            "cursor": "pointer",
            "aria": True,
        },
        "encoding": {
            "x": x,
            "y": y,
            "stroke": tone,
            "fill": tone,
            "shape": {
                "field": "channel",
                "type": "nominal",
                "scale": {"domain": channels, "range": shapes},
                "legend": legend,
            },
            "fillOpacity": {"field": "solid", "type": "quantitative", "scale": None, "legend": None},
            **links(),
        },
    }


def _signal_row(event: Event, y: float, legislature: bool) -> Row:
    label = f"{day(event.date)}, {event.direction}, {event.channel}, intensity {event.intensity}"
    return {
        "date": event.date.isoformat(),
        "y": round(y, 2),
        "channel": event.channel,
        "direction": event.direction,
        "intensity": event.intensity,
        "solid": 0 if legislature else 1,
        **linked_row(event.id, label),
    }


def daylight_panel(record: Record, panel: xr.Dataset, frame: Frame) -> list[Spec]:
    """Return the band of daylight over its readings, week by week; nothing where no public act stands."""
    if "daylight" not in panel:
        return []
    values = panel["daylight"].sel(sample="both")
    starts = [str(start) for start in panel["week_start"].values]
    ends = [*starts[1:], record.case.period.end.isoformat()]
    rows = []
    for week, (start, end) in enumerate(zip(starts, ends, strict=True)):
        low, middle, high = (float(values.isel(week=week).sel(bound=b)) for b in ("low", "middle", "high"))
        if middle == middle:  # a week without a standing public act is NaN
            rows.append(
                {
                    "date": start,
                    "end": end,
                    "low": round(low, 2),
                    "y": round(middle, 2),
                    "high": round(high, 2),
                }
            )
    if not rows:
        return []
    x, y = x_axis(record, frame), _daylight_axis()
    joins = [
        {"date": b["date"], "y": a["y"], "to": b["y"]}
        for a, b in pairwise(rows)
        if a["end"] == b["date"] and a["y"] != b["y"]
    ]
    line = quiet({"type": "rule", "color": light("public"), "strokeWidth": 1.6})
    layers: list[Spec] = [
        *rules(record, x),
        _zero(y),
        {
            "data": {"values": rows},
            "mark": quiet({"type": "rect", "color": light("public"), "opacity": 0.18}),
            "encoding": {
                "x": spanning(x),
                "x2": {"field": "end"},
                "y": {**y, "field": "low"},
                "y2": {"field": "high"},
            },
        },
        {
            "data": {"values": rows},
            "mark": line,
            "encoding": {"x": spanning(x), "x2": {"field": "end"}, "y": y},
        },
        {"data": {"values": joins}, "mark": line, "encoding": {"x": x, "y": y, "y2": {"field": "to"}}},
    ]
    more = (
        ": public distance of patron and coercer, above 0 restraint, below 0 backing"
        if frame.form == "wide"
        else ": restraint above 0"
    )
    return [panel_spec(f"Daylight{more}", frame.small, frame, layers)]


def _daylight_axis() -> Row:
    axis = {"title": None, "values": [-5, 0, 5], "grid": False, "domain": False, "ticks": False}
    return {"field": "y", "type": "quantitative", "scale": {"domain": [-6, 6], "nice": False}, "axis": axis}
