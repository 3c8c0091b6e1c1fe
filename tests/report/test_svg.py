"""Hand-drawn SVG: what the short path says is what was asked for."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from standoff.report.svg import relative

COORDINATE = st.integers(-50_000, 50_000).map(lambda tenths: tenths / 10)
STROKES = st.lists(st.tuples(COORDINATE, COORDINATE, COORDINATE), max_size=40)
PIECE = re.compile(r"([Mm])(-?[\d.]+) ?(-?[\d.]+)h(-?[\d.]+)")


@given(STROKES)
def test_following_a_relative_path_leads_to_every_stroke(
    strokes: list[tuple[float, float, float]],
) -> None:
    path = relative(strokes)
    pieces = PIECE.findall(path)
    assert "".join(PIECE.sub("", path)) == ""
    assert [piece[0] for piece in pieces] == ["M", *"m" * (len(strokes) - 1)][: len(strokes)]
    x = y = 0.0
    for (_, across, down, length), (want_x, want_y, want_length) in zip(pieces, strokes, strict=True):
        x, y = x + float(across), y + float(down)
        assert abs(x - want_x) < 0.01
        assert abs(y - want_y) < 0.01
        assert abs(float(length) - want_length) < 0.01
        x += float(length)
