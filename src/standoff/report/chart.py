"""A chart: a Vega-Lite specification, its alternative text, and a static drawing of the same.

The static drawing is what a reader sees first, on paper, and without scripts. Its marks are links to the rows of the
record. Drawing needs no browser: vl-convert carries the Vega renderer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standoff.report.palette import light

Spec = dict[str, Any]
Row = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.4.0.json"
# vl-convert resolves a fragment against this address; the page wants the bare fragment.
_BASE = "https://vega.github.io/vega-datasets/"


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of a report: its specification (data inside), title, alternative text, and static SVG.

    ``key`` decodes the compact field ``c`` of a specification curve's points: for each choice its name and options.
    """

    name: str
    title: str
    alt: str
    spec: Spec
    svg: str
    key: tuple[tuple[str, tuple[str, ...]], ...] = ()


def base(title: str, alt: str, period: tuple[str, str] | None = None, **parts: Any) -> Spec:
    """Return a specification with the house style: transparent ground, thin rules, plain type.

    ``period`` is the first and last day of the time axis, where there is one: a page can then zoom into it.
    """
    return {
        "$schema": SCHEMA,
        "description": alt,
        "usermeta": {"title": title} | ({"period": list(period)} if period else {}),
        "config": style(),
        **parts,
    }


def style() -> Mapping[str, Any]:
    """Return the Vega-Lite configuration shared by all charts."""
    return {
        "background": "transparent",
        "font": "sans-serif",
        "padding": 4,
        "view": {"stroke": None},
        "axis": {
            "labelColor": light("muted"),
            "titleColor": light("muted"),
            "titleFontWeight": "normal",
            "domainColor": light("hairline"),
            "tickColor": light("hairline"),
            "gridColor": light("hairline"),
            "labelFontSize": 11,
            "titleFontSize": 11,
            "tickSize": 4,
        },
        "title": {
            "color": light("ink"),
            "subtitleColor": light("muted"),
            "anchor": "start",
            "fontSize": 12,
            "fontWeight": 600,
            "subtitleFontSize": 11,
            "offset": 5,
            "frame": "group",
        },
        "legend": {
            "orient": "top",
            "direction": "horizontal",
            "title": None,
            "labelColor": light("ink"),
            "labelFontSize": 11,
            "symbolSize": 60,
            "offset": 2,
            # Words are set in the reader's font, which may be a fifth wider than the one that the drawing is laid out with.
            "columnPadding": 30,
        },
    }


def draw(spec: Spec) -> str:
    """Return the static SVG of a Vega-Lite specification, trimmed, its links bare fragments."""
    import vl_convert

    return trim(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))


_EMPTY = re.compile(r'<path class="(?:foreground|background)"[^>]*?(?:display="none"|d="M0,0h0v0h0Z"[^>]*)/>')
_NOISE = re.compile(
    r' aria-roledescription="[^"]*"| role="graphics-[a-z]+"| pointer-events="none"| (?:fill-|stroke-)?opacity="1"'
)
_AXIS_LABEL = re.compile(r'(<g class="[^"]*") aria-label="[^"]*"')
_LABEL = re.compile(r'<a href=("#[^"]*")><(path|line|rect|text) aria-label=("[^"]*")')
_TAG = re.compile(r"<[^>]*>")
_GEOMETRY = re.compile(r'( (?:d|transform|x|y|x2|y2|width|height)=")([^"]*)"')
_LONG = re.compile(r"-?\d+\.\d{2,}")
_GROUP = re.compile(r'(<g class="mark-(?:rule|rect|symbol|text) [^>]*)>((?:(?!</?g\b).)*)</g>', re.DOTALL)
_LEAF = re.compile(r"<(?:path|line|text)\b[^>]*>")
_SHARED = re.compile(
    r' ((?:fill|stroke|stroke-width|stroke-dasharray|font-family|font-size|text-anchor)="[^"]*")'
)
_UNSEEN = re.compile(
    r'<line\b[^>]* opacity="0"/>|<path aria-hidden="true" d="[^"]*"/>'
)  # no paint of its own, none inherited
_CLASS = re.compile(r' class="(?:mark-[^"]*|background|foreground|marks)"')
_BARE = re.compile(r'<g transform="translate\(0,0\)">')
_CIRCLE = re.compile(r'<path ([^>]*)d="M([\d.]+),0A\2,\2,0,1,1,-\2,0A\2,\2,0,1,1,\2,0"')


def trim(svg: str) -> str:
    """Return the SVG without what only the live renderer needs: half the bytes, the same picture.

    Numbers in geometry are cut to one decimal, circles are circles again, and what all marks of a group share stands on
    the group; text and labels stay as they are.
    """
    svg = svg.replace(f'xlink:href="{_BASE}#', 'href="#')
    svg = _AXIS_LABEL.sub(r"\1", _NOISE.sub("", _EMPTY.sub("", svg)))
    svg = _LABEL.sub(r"<a href=\1 aria-label=\3><\2", svg)
    svg = _TAG.sub(lambda tag: _GEOMETRY.sub(_short_numbers, tag.group()), svg)
    svg = _CIRCLE.sub(r'<circle \1r="\2"', svg)
    return _BARE.sub("<g>", _UNSEEN.sub("", _CLASS.sub("", _GROUP.sub(_hoist, svg))))


def _short_numbers(match: re.Match[str]) -> str:
    values = _LONG.sub(lambda found: f"{float(found.group()):.1f}".removesuffix(".0"), match[2])
    return f'{match[1]}{values}"'


def _hoist(match: re.Match[str]) -> str:
    """Move the attributes that every mark of a group has alike onto the group."""
    opening, inside = match.groups()
    leaves = _LEAF.findall(inside) + re.findall(r"<circle\b[^>]*>", inside)
    if len(leaves) < 2:
        return match.group()
    shared = set.intersection(*(set(_SHARED.findall(leaf)) for leaf in leaves))
    shared = {attribute for attribute in shared if f" {attribute.split('=')[0]}=" not in opening}
    for attribute in sorted(shared):
        inside = inside.replace(f" {attribute}", "")
    return f"{opening}{''.join(f' {attribute}' for attribute in sorted(shared))}>{inside}</g>"
