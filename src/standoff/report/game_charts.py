"""Charts of a solved standoff game, as Vega-Lite specifications and as SVG drawn from them.

Every function takes plain rows (a list of mappings) so that the same rows can be printed as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from standoff.report.palette import light

Spec = dict[str, Any]
Rows = Sequence[dict[str, Any]]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
HOLDER, COERCER, SHORTER, LONGER = light("holder"), light("coercer"), light("for"), light("against")
MUTED, ZONE = light("muted"), light("zone")
WORLDS = [HOLDER, MUTED, LONGER, COERCER, light("hostages"), light("aid")]
DASHES = [[1, 0], [2, 2], [6, 2], [8, 3, 2, 3], [4, 4], [10, 2]]


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


def _weeks(rows: Rows) -> dict[str, Any]:
    weeks = [row["week"] for row in rows]
    return _axis("week", "week", scale={"domain": [min(weeks), max(weeks)], "nice": False})


def _worlds(rows: Rows) -> Spec:
    """Colour and dash by world, in the order of the rows; nothing when there is one."""
    names = list(dict.fromkeys(row["world"] for row in rows))
    if len(names) == 1:
        return {"color": {"value": HOLDER}}
    return {
        channel: _axis(
            "world", "", "nominal", sort=None, scale={"domain": names, "range": values[: len(names)]}
        )
        for channel, values in (("color", WORLDS), ("strokeDash", DASHES))
        if len(names) <= len(WORLDS)
    } or {"color": _axis("world", "", "nominal", sort=None)}


def belief_path_chart(rows: Rows) -> Spec:
    """Belief of the holder over open paths by week and world; rows of ``week``, ``world``, ``belief``, ``low``, ``high``."""
    first = f"datum.world === {json.dumps(rows[0]['world'])}"  # bands of several worlds would hide each other
    band = {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}
    return _base(
        "Belief path: how unrestrained the holder thinks the coercer is",
        "Mean belief by week over paths still open, and of the first world the band that holds eight in ten of them",
        rows,
        width=520,
        height=200,
        encoding={"x": _weeks(rows)},
        layer=[
            {
                "transform": [{"filter": first}],
                "mark": {"type": "area", "opacity": 0.15, "color": HOLDER},
                "encoding": band,
            },
            {
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {
                    "y": _axis("belief", "mean belief, and 8 in 10 open paths", scale={"domain": [0, 1]}),
                    **_worlds(rows),
                },
            },
        ],
    )


def hazard_chart(rows: Rows) -> Spec:
    """Weekly hazard of a deal over open paths; rows of ``week``, ``world``, ``hazard``."""
    return _base(
        "Hazard of a deal, week by week",
        "Share of open paths that end in a deal in each week",
        rows,
        width=520,
        height=160,
        mark={"type": "line", "interpolate": "step", "strokeWidth": 2},
        encoding={
            "x": _weeks(rows),
            "y": _axis("hazard", "hazard of a deal a week", axis={"format": ".1%"}, scale={"zero": True}),
            **_worlds(rows),
        },
    )


def conduct_chart(rows: Rows) -> Spec:
    """Choice probabilities by belief; rows of ``belief``, ``who``, ``force``, ``offer``, ``chance``."""
    offers, forces = (list(dict.fromkeys(row[menu] for row in rows)) for menu in ("offer", "force"))
    offer = {"sort": None, "scale": {"domain": offers}}

    def of(who: str) -> Spec:
        return {
            "transform": [{"filter": {"field": "who", "equal": who}}],
            "facet": {"column": _axis("force", who, "nominal", sort=forces)},
            "spec": {
                "width": 190,
                "height": 120,
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {
                    "x": _axis("belief", "belief after the signal", scale={"domain": [0, 1]}),
                    "y": _axis("chance", "chance"),
                    "color": _axis("offer", "offer", "nominal", **offer),
                    "strokeDash": _axis("offer", "offer", "nominal", **offer),
                },
            },
        }

    return _base(
        "Choice probabilities by belief: of each act, by type of coercer, and of acceptance by the holder",
        "Chance of each act of each type of coercer, and of acceptance by the holder, against belief",
        rows,
        vconcat=[of(who) for who in dict.fromkeys(row["who"] for row in rows)],
        resolve={"scale": {"y": "independent"}},
    )


def state_chart(rows: Rows) -> Spec:
    """Choice probabilities by state; rows of ``belief``, ``endurance``, ``pressure``, ``what``, ``chance``."""

    def of(what: str) -> Spec:
        return {
            "transform": [{"filter": {"field": "what", "equal": what}}],
            "facet": {"column": _axis("pressure", f"{what}, by outside pressure", "ordinal")},
            "spec": {
                "width": 150,
                "height": 80,
                "mark": {"type": "rect", "tooltip": True},
                "encoding": {
                    "x": _axis("belief", "belief", "ordinal", axis={"format": ".2f", "labelOverlap": True}),
                    "y": _axis("endurance", "endurance", "ordinal", sort="descending"),
                    "color": _axis("chance", "chance", scale={"range": ["#f4f4f2", HOLDER], "zero": True}),
                },
            },
        }

    return _base(
        "Choice probabilities by state",
        "The holder's chance of accepting, and each type's of the strongest force and the most generous offer",
        rows,
        vconcat=[of(what) for what in dict.fromkeys(row["what"] for row in rows)],
        resolve={"scale": {"color": "independent"}},
    )


def sign_map_chart(rows: Rows, signal: str, horizon: int) -> Spec:
    """Where a signal shortens and where it lengthens; rows of ``belief``, ``endurance``, ``pressure``, ``change``."""
    largest = max((abs(float(row["change"])) for row in rows), default=0.0) or 1e-12
    cell = {
        "width": 200,
        "height": 120,
        "encoding": {
            "x": _axis("belief", "belief", "ordinal", axis={"format": ".2f", "labelOverlap": True}),
            "y": _axis("endurance", "endurance", "ordinal", sort="descending"),
        },
        "layer": [
            {
                "mark": {"type": "rect", "tooltip": True},
                "encoding": {
                    "color": _axis(
                        "change",
                        "change in chance",
                        scale={"domain": [-largest, 0, largest], "range": [LONGER, "#f4f4f2", SHORTER]},
                    )
                },
            },
            {
                "transform": [{"filter": "datum.change > 0"}],
                "mark": {"type": "text", "text": "+", "fontSize": 9, "color": MUTED},
            },
        ],
    }
    return _base(
        f"Sign map: {signal!r} for a week instead of silence, chance of a deal within {horizon} weeks (+ where it rises)",
        "Positive where the signal shortens the standoff, negative where it lengthens it",
        rows,
        facet=_axis("pressure", "outside pressure", "ordinal"),
        columns=2,
        spec=cell,
    )


def zone_chart(rows: Rows) -> Spec:
    """Zone of possible agreement by belief; rows of ``belief``, ``offer``, ``who``, ``gain``.

    Shaded where the holder and a type of coercer both gain: the smaller of their gains above zero.
    """
    zones, types = _zones(rows)
    facts = [*rows, *zones]
    panel = {
        "width": 260,
        "height": 180,
        "layer": [
            {
                "transform": [{"filter": "isValid(datum.room)"}],
                "mark": {"type": "area", "opacity": 0.35, "color": ZONE},
                "encoding": {
                    "x": _axis("belief", "belief after the signal"),
                    "y": _axis("room", "gain of a deal over waiting", stack=None),
                    "detail": {"field": "with", "type": "nominal"},
                },
            },
            {"mark": {"type": "rule", "color": MUTED}, "encoding": {"y": {"datum": 0}}},
            {
                "transform": [{"filter": "isValid(datum.gain)"}],
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {
                    "x": _axis("belief", "belief after the signal"),
                    "y": _axis("gain", "gain of a deal over waiting"),
                    "color": _axis(
                        "who",
                        "",
                        "nominal",
                        scale={"domain": ["holder", *types], "range": [HOLDER, COERCER, LONGER]},
                    ),
                    "strokeDash": _axis("who", "", "nominal", scale={"domain": ["holder", *types]}),
                },
            },
        ],
    }
    return _base(
        "Zone of possible agreement (shaded): the holder and a type of coercer both gain over waiting",
        "Gain of a deal over waiting, in each side's own payoff, by belief and offer; shaded where both gain",
        facts,
        facet=_axis("offer", "", "nominal", sort=list(dict.fromkeys(row["offer"] for row in rows))),
        columns=3,
        spec=panel,
    )


def _zones(rows: Rows) -> tuple[list[dict[str, Any]], list[str]]:
    """Room for agreement of the holder with each other side, by belief and offer; and the other sides."""
    gains = {(row["offer"], row["belief"], row["who"]): float(row["gain"]) for row in rows}
    types = [who for who in dict.fromkeys(row["who"] for row in rows) if who != "holder"]
    zones = []
    for (offer, belief, who), gain in gains.items():
        if who != "holder":
            room = max(0.0, min(gain, gains[offer, belief, "holder"]))
            zones.append({"offer": offer, "belief": belief, "with": who, "room": room})
    return zones, types


def draw(spec: Spec) -> str:
    """The SVG of a specification; needs no browser and no network."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(json.dumps(spec))
    return drawn


def chart_files(charts: dict[str, Spec]) -> dict[str, bytes]:
    """NAME.svg and NAME.vl.json of each chart, by file name."""
    files = {}
    for name, spec in charts.items():
        files[f"{name}.svg"] = draw(spec).encode("utf-8")
        files[f"{name}.vl.json"] = json.dumps(spec, indent=1).encode("utf-8")
    return files
