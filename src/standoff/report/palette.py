"""Colours and shapes: one small set, told apart without colour, in a light and a dark form.

Hues are those of Okabe and Ito (``okabe2008color``), darkened or lightened for contrast; each meaning also has a shape or a
dash, so that grey print and every kind of colour vision read the same.
"""

from __future__ import annotations

from typing import NamedTuple


class Tone(NamedTuple):
    """One meaning's colour on a light and on a dark ground; the light value is unique, charts are drawn with it."""

    light: str
    dark: str


TONES: dict[str, Tone] = {
    "ink": Tone("#1a1d21", "#e8eaed"),
    "muted": Tone("#565e67", "#a2abb5"),
    "hairline": Tone("#d9dde2", "#343a42"),
    "unseen": Tone("#eceef1", "#22272d"),
    "public": Tone("#c75300", "#f08c3a"),
    "private": Tone("#3d9ad6", "#6cbcf0"),
    "action": Tone("#33383e", "#c9ced4"),
    "holder": Tone("#00805c", "#2fc498"),
    "coercer": Tone("#0067a3", "#5aaef0"),
    "mediator": Tone("#7b8794", "#8d98a4"),
    "zone": Tone("#e8cf2e", "#d9c22b"),
    "gap": Tone("#b4bac2", "#59626d"),
    "deaths": Tone("#4a4f55", "#b9bfc7"),
    "aid": Tone("#b37a00", "#e0a526"),
    "hostages": Tone("#a8487f", "#dd8fba"),
    "other": Tone("#6b7280", "#9aa3ae"),
    "for": Tone("#005f96", "#6ab8f2"),
    "against": Tone("#a34400", "#f2a05e"),
    "even": Tone("#5a626b", "#a8b0b9"),
    "twin": Tone("#35507a", "#9db8e6"),
    "game": Tone("#8f5a00", "#e3b04b"),
}

CHANNEL_SHAPES: dict[str, str] = {"public": "circle", "private-reported": "diamond", "action": "square"}
CHANNEL_TONES: dict[str, str] = {"public": "public", "private-reported": "private", "action": "action"}
SIDE_SHAPES: dict[str, str] = {"holder": "circle", "coercer": "square", "mediator": "triangle-up"}
MEASURE_TONES: dict[str, str] = {
    "deaths": "deaths",
    "aid": "aid",
    "hostages": "hostages",
    "prisoners": "coercer",
    "other": "other",
}


def light(name: str) -> str:
    """Return the light form of a tone: what charts are drawn with, on disk and before theming."""
    return TONES[name].light


def theme_variables(dark: bool) -> str:
    """Return the CSS custom properties of one theme, one declaration a tone."""
    return "".join(f"--c-{name}:{tone.dark if dark else tone.light};" for name, tone in TONES.items())


def to_variables(svg: str) -> str:
    """Replace drawn colours by the page's custom properties, so that a chart follows the reader's theme."""
    for name, tone in TONES.items():
        svg = svg.replace(f'"{tone.light}"', f'"var(--c-{name})"')
    return svg
