"""The picture: one time axis, what was signalled above, what each side asked in the middle, what it cost below.

Terms are drawn issue by issue. A line runs only while a recorded position is valid; where nothing was recorded there
is nothing but the ground.
"""

from __future__ import annotations

import xarray as xr

from standoff.panel import ZoneSpan, zone
from standoff.record.case_schema import SeriesInfo
from standoff.record.rows import Record
from standoff.report.chart import Chart, Row, Spec, base, draw
from standoff.report.frame import (
    FRAMES,
    Form,
    Frame,
    milestone_strip,
    panel_spec,
    period_days,
    rules,
    x_axis,
)
from standoff.report.issue_lanes import issue_panel
from standoff.report.series_charts import bars, bars_panel, level_panel
from standoff.report.signals_lane import daylight_panel, signal_events, signals_panel
from standoff.report.text import shown
from standoff.report.timeline import day_after
from standoff.report.words import day, plural


def picture(record: Record, panel: xr.Dataset, form: Form = "wide") -> Chart:
    """Return the picture of a case, in the form for a page or for a phone."""
    frame = FRAMES[form]
    spans = zone(record)
    panels = [
        *milestone_strip(record, frame),
        signals_panel(record, frame),
        *daylight_panel(record, panel, frame),
        *(issue_panel(record, i, [s for s in spans if s.issue == i.id], frame) for i in record.case.issues),
        *_cost_panels(record, frame),
    ]
    _keep_bottom_axis(panels)
    title = f"{shown(record.case.title, 200)}: signals, terms and costs on one time axis"
    alt = _alternative_text(record, spans)
    spec = base(title, alt, period_days(record), vconcat=panels, spacing=6, resolve=_resolve())
    return Chart("picture" if form == "wide" else "picture-narrow", title, alt, spec, draw(spec))


def _resolve() -> Row:
    apart = dict.fromkeys(("color", "shape", "stroke", "fill", "opacity", "y"), "independent")
    return {"scale": {"x": "shared", **apart}}


def _cost_panels(record: Record, frame: Frame) -> list[Spec]:
    x = x_axis(record, frame)
    panels = []
    for info in cost_series(record):
        make = level_panel if info.aggregate == "last" else bars_panel
        layers = make(record, info, x)
        if layers:
            panels.append(
                panel_spec(_series_title(info, frame), frame.small, frame, [*rules(record, x), *layers])
            )
    return panels


def cost_series(record: Record) -> tuple[SeriesInfo, ...]:
    """Return the series that the picture draws: of deaths, aid, hostages held and hostages returned, the fullest each."""
    found = []
    for measure, level in (("deaths", False), ("aid", False), ("hostages", True), ("hostages", False)):
        fitting = [
            s for s in record.case.series if s.measures == measure and (s.aggregate == "last") is level
        ]
        if fitting:
            found.append(max(fitting, key=lambda info: len(bars(record, info)) if level else 0))
    return tuple(found)


def _series_title(info: SeriesInfo, frame: Frame) -> str:
    each = {"day": "per week", "week": "per week", "month": "per month", "event": "by dated event"}[info.step]
    step = "" if info.aggregate == "last" else f", {each}"
    return shown(f"{info.name} ({info.unit}{step})" if frame.form == "wide" else info.name, 120)


def _keep_bottom_axis(panels: list[Spec]) -> None:
    """Leave month names to the last panel: every other panel keeps its ticks only."""
    for panel in panels[:-1]:
        for layer in panel["layer"]:
            x = layer.get("encoding", {}).get("x")
            if x and x.get("axis"):
                layer["encoding"]["x"] = {**x, "axis": {**x["axis"], "labels": False, "domain": True}}


def _alternative_text(record: Record, spans: tuple[ZoneSpan, ...]) -> str:
    events = signal_events(record)
    restrain = sum(event.direction == "restrain" for event in events)
    terms = []
    for issue in record.case.issues:
        known = [s for s in spans if s.issue == issue.id and s.state != "unknown"]
        seen = sum((day_after(s.end) - s.start).days for s in known)
        met = sum((day_after(s.end) - s.start).days for s in known if s.state == "meet")
        terms.append(
            f"{shown(issue.name, 60)}: both sides' terms stood on record for {seen} days and met on {met} of them"
        )
    period = record.case.period
    return (
        f"{day(period.start)} to {day(period.end)}. {plural(restrain, 'restraining signal')} and "
        f"{plural(len(events) - restrain, 'enabling signal')} of the patron. {'; '.join(terms)}. "
        "Below: deaths, aid and hostages as recorded. Every mark is a row of the record, listed under Rows."
    )
