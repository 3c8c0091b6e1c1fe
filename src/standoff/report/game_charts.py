"""Charts of a solved standoff game, as Vega-Lite specifications and as SVG drawn from them.

Every function takes plain rows (a list of mappings) so that the same rows can be printed as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Spec = dict[str, Any]
Rows = Sequence[dict[str, Any]]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
HOLDER, COERCER, SHORTER, LONGER, MUTED = "#00805c", "#0067a3", "#005f96", "#a34400", "#565e67"


def _base(title: str, alt: str, rows: Rows, **parts: Any) -> Spec:
    return {
        "$schema": SCHEMA,
        "title": {"text": title, "anchor": "start", "fontWeight": "normal"},
        "description": alt,
        "config": {
            "background": "white",
            "font": "sans-serif",
            "view": {"stroke": None},
            "axis": {"gridColor": "#eceef1", "domainColor": MUTED, "tickColor": MUTED, "labelColor": MUTED},
        },
        "data": {"values": list(rows)},
        **parts,
    }


def _axis(field: str, title: str, kind: str = "quantitative", **more: Any) -> Spec:
    return {"field": field, "type": kind, "title": title, **more}


def belief_path_chart(rows: Rows) -> Spec:
    """Mean belief of the holder over open paths, by week; rows of ``week``, ``belief``, ``open``."""
    return _base(
        "Belief path: how unrestrained the holder thinks the coercer is",
        "Mean belief by week over paths still open",
        rows,
        width=520,
        height=200,
        mark={"type": "line", "color": HOLDER, "strokeWidth": 2},
        encoding={
            "x": _axis("week", "week"),
            "y": _axis("belief", "mean belief, open paths", scale={"domain": [0, 1]}),
        },
    )


def hazard_chart(rows: Rows) -> Spec:
    """Weekly hazard of a deal over open paths; rows of ``week`` and ``hazard``."""
    return _base(
        "Hazard of a deal, week by week",
        "Share of open paths that end in a deal in each week",
        rows,
        width=520,
        height=160,
        mark={"type": "bar", "color": HOLDER},
        encoding={
            "x": _axis("week", "week"),
            "y": _axis("hazard", "hazard of a deal a week", axis={"format": ".1%"}),
        },
    )


def conduct_chart(rows: Rows) -> Spec:
    """Choice probabilities by belief; rows of ``belief``, ``who``, ``act``, ``chance``."""
    panel = {
        "width": 240,
        "height": 180,
        "mark": {"type": "line", "strokeWidth": 2},
        "encoding": {
            "x": _axis("belief", "belief after the signal"),
            "y": _axis("chance", "chance"),
            "color": _axis("act", "act", "nominal"),
            "strokeDash": _axis("act", "act", "nominal"),
        },
    }
    return _base(
        "Choice probabilities by belief",
        "Chance of each act of each type of coercer, and of acceptance by the holder, against belief",
        rows,
        facet=_axis("who", "", "nominal"),
        columns=3,
        spec=panel,
        resolve={"scale": {"y": "independent"}},
    )


def sign_map_chart(rows: Rows, signal: str, horizon: int) -> Spec:
    """Where a signal shortens and where it lengthens; rows of ``belief``, ``endurance``, ``pressure``, ``change``."""
    largest = max((abs(float(row["change"])) for row in rows), default=0.0) or 1e-12
    cell = {
        "width": 200,
        "height": 120,
        "mark": {"type": "rect", "tooltip": True},
        "encoding": {
            "x": _axis("belief", "belief", "ordinal", axis={"format": ".2f", "labelOverlap": True}),
            "y": _axis("endurance", "endurance", "ordinal", sort="descending"),
            "color": _axis(
                "change",
                "change in chance",
                scale={"domain": [-largest, 0, largest], "range": [LONGER, "#f4f4f2", SHORTER]},
            ),
        },
    }
    return _base(
        f"Sign map: {signal!r} for a week instead of silence, chance of a deal within {horizon} weeks",
        "Positive where the signal shortens the standoff, negative where it lengthens it",
        rows,
        facet=_axis("pressure", "outside pressure", "ordinal"),
        columns=2,
        spec=cell,
    )


def zone_chart(rows: Rows) -> Spec:
    """Zone of possible agreement by belief; rows of ``belief``, ``offer``, ``who``, ``gain``."""
    panel = {
        "width": 260,
        "height": 180,
        "layer": [
            {"mark": {"type": "rule", "color": MUTED}, "encoding": {"y": {"datum": 0}}},
            {
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {
                    "x": _axis("belief", "belief after the signal"),
                    "y": _axis("gain", "gain of a deal over waiting"),
                    "color": _axis("who", "", "nominal"),
                    "strokeDash": _axis("who", "", "nominal"),
                },
            },
        ],
    }
    return _base(
        "Zone of possible agreement: offers that both sides prefer to waiting lie above the line for both",
        "Gain of a deal over waiting for the holder and for each type of coercer, by belief and offer",
        rows,
        facet=_axis("offer", "", "nominal"),
        columns=3,
        spec=panel,
    )


def draw(spec: Spec) -> str:
    """The SVG of a specification; needs no browser and no network."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(json.dumps(spec))
    return drawn


def write_charts(folder: Path, charts: dict[str, Spec]) -> list[Path]:
    """Write NAME.svg and NAME.vl.json for each chart; the paths written. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, spec in charts.items():
        drawing, source = folder / f"{name}.svg", folder / f"{name}.vl.json"
        drawing.write_text(draw(spec), encoding="utf-8")
        source.write_text(json.dumps(spec, indent=1), encoding="utf-8")
        written += [drawing, source]
    return written
