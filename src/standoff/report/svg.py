"""A few strokes of SVG for small drawings by hand: lighter than a chart library, and byte for byte repeatable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise

from standoff.report.palette import light


def short(value: float) -> str:
    """Return a coordinate with at most one decimal."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def relative(strokes: Iterable[tuple[float, float, float]]) -> str:
    """Return the path of level strokes (x, y, length), each begun from where the one before ended.

    Steps are between rounded ends, so that rounding does not add up along the path.
    """
    path, pen = "", (0, 0)
    for x, y, length in strokes:
        start, run = (round(x * 10), round(y * 10)), round(length * 10)
        across, down = (short((start[k] - pen[k]) / 10) for k in (0, 1))
        path += f"{'m' if path else 'M'}{across}{'' if down.startswith('-') else ' '}{down}h{short(run / 10)}"
        pen = (start[0] + run, start[1])
    return path


class Canvas:
    """An SVG under construction; colours are named tones, text is escaped."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []

    def line(
        self, x1: float, y1: float, x2: float, y2: float, tone: str, width: float = 1, dash: str = ""
    ) -> None:
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        thick = f' stroke-width="{short(width)}"' if width != 1 else ""
        end = f"H{short(x2)}" if y1 == y2 else f"L{short(x2)} {short(y2)}"
        self._parts.append(f'<path d="M{short(x1)} {short(y1)}{end}" stroke="{light(tone)}"{thick}{dashes}/>')

    def box(self, x: float, y: float, width: float, height: float, tone: str, opacity: float = 1) -> None:
        fade = f' opacity="{short(opacity)}"' if opacity != 1 else ""
        self._parts.append(
            f'<rect x="{short(x)}" y="{short(y)}" width="{short(width)}" height="{short(height)}" fill="{light(tone)}"{fade}/>'
        )

    def text(self, x: float, y: float, text: str, tone: str = "ink", anchor: str = "start") -> None:
        align = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._parts.append(
            f'<text x="{short(x)}" y="{short(y)}" fill="{light(tone)}" font-size="10.5"{align}>{escape(text)}</text>'
        )

    def dots(self, points: Sequence[tuple[float, float]], tone: str, radius: float) -> None:
        """Many dots as one path: zero-length strokes with round caps."""
        path = relative([(x, y, 0.0) for x, y in points])
        self._parts.append(
            f'<path d="{path}" stroke="{light(tone)}" stroke-width="{short(radius * 2)}" stroke-linecap="round" fill="none"/>'
        )

    def ring(self, x: float, y: float, radius: float, tone: str) -> None:
        self._parts.append(
            f'<circle cx="{short(x)}" cy="{short(y)}" r="{short(radius)}" stroke="{light(tone)}" stroke-width="2" fill="none"/>'
        )

    def strip(
        self, x: float, y: float, width: float, height: float, shares: Sequence[float], tone: str, fair: float
    ) -> None:
        """A row of cells, darker where a share is above what an even spread (``fair``) would give."""
        cell = width / max(len(shares), 1)
        middle = y + height / 2
        self.line(x, middle, x + width, middle, "hairline", 1)
        self._parts.append(f'<g stroke="{light(tone)}" stroke-width="{short(height)}" fill="none">')
        steps = [(0.4, 0.5 * fair), (0.7, fair), (1.0, (1 + fair) / 2)]
        for (opacity, low), (_, high) in pairwise([*steps, (0.0, 2.0)]):
            path = relative(
                (x + first * cell, middle, (count - 0.15) * cell)
                for first, count in _runs([low <= share < high and share > 0 for share in shares])
            )
            if path:
                self._parts.append(f'<path d="{path}" opacity="{short(opacity)}"/>')
        self._parts.append("</g>")

    def svg(self) -> str:
        size = f'width="{short(self.width)}" height="{short(self.height)}" viewBox="0 0 {short(self.width)} {short(self.height)}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">{"".join(self._parts)}</svg>'


def _runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """Return (first, count) of each run of true flags."""
    runs: list[tuple[int, int]] = []
    for k, flag in enumerate(flags):
        if flag and runs and runs[-1][0] + runs[-1][1] == k:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif flag:
            runs.append((k, 1))
    return runs
