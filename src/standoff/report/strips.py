"""Small drawings that stand inside tables: changes, weights, and what simulated records were told to be."""

from __future__ import annotations

from collections.abc import Sequence

from standoff.claims.results import LedgerLine, OrderResult, World
from standoff.inference.learned import ParameterResult
from standoff.report.svg import Canvas
from standoff.report.words import number, signed

_WIDTH = 620


def changes_strip(result: OrderResult) -> str:
    """Return the changes as dots on one scale, those after a signal above, the others below, with each row's mean."""
    rows = _groups(result)
    canvas = Canvas(_WIDTH + 170, 20 + 34 * len(rows) + 18)
    reach = max((abs(d.change) for d in result.differences), default=1.0) or 1.0

    def x(value: float) -> float:
        return 160 + (value / reach + 1) / 2 * _WIDTH

    foot = 12 + 34 * len(rows)
    canvas.line(x(0), 4, x(0), foot, "muted")
    for value in (-reach, 0.0, reach):
        align = "end" if value > 0 else ("middle" if value == 0 else "start")
        canvas.text(x(value), foot + 14, signed(value, 0), "muted", align)
    for k, (label, changes, tone) in enumerate(rows):
        middle = 20 + 34 * k
        canvas.text(150, middle + 4, f"{label} ({len(changes)})", "ink", "end")
        canvas.dots(_stacked([x(c) for c in changes], middle), tone, 4)
        if changes:
            mean = sum(changes) / len(changes)
            canvas.line(x(mean), middle - 13, x(mean), middle + 13, tone, 2)
    return canvas.svg()


def _groups(result: OrderResult) -> list[tuple[str, list[float], str]]:
    names = (
        [
            ("after the first kind", 1.0, "for"),
            ("after the second kind", -1.0, "against"),
            ("neither or both", 0.0, "even"),
        ]
        if result.kind == "contrast"
        else [("after such a signal", 1.0, "for"), ("otherwise", 0.0, "even")]
    )
    groups = []
    for label, exposure, tone in names:
        near = [
            d.change
            for d in result.differences
            if min(names, key=lambda n: abs(n[1] - d.exposure))[1] == exposure
        ]
        groups.append((label, sorted(near), tone))
    return groups


def _stacked(xs: Sequence[float], middle: float) -> list[tuple[float, float]]:
    """Dots at the same place fan out up and down, so that each can be counted."""
    seen: dict[int, int] = {}
    out = []
    for x in xs:
        k = seen.get(round(x / 6), 0)
        seen[round(x / 6)] = k + 1
        out.append((x, middle + (k + 1) // 2 * (5 if k % 2 else -5)))
    return out


def weight_bar(line: LedgerLine, rival: str, reach: float) -> str:
    """Return one row's weight against a rival as a bar from low to high with its middle marked, on a shared scale."""
    found = next((d for d in line.decibans if d[0] == rival), None)
    canvas = Canvas(170, 18)
    canvas.line(85, 1, 85, 17, "muted")
    if found is not None:
        _, low, middle, high = found
        scale = 80 / (reach or 1.0)
        tone = "even" if not line.eligible else ("for" if middle > 0 else "against")
        canvas.box(85 + low * scale, 6, max((high - low) * scale, 1), 6, tone, 0.5 if line.eligible else 0.3)
        canvas.line(85 + middle * scale, 3, 85 + middle * scale, 15, tone, 2)
    return canvas.svg()


def world_bar(world: World) -> str:
    """Return what the rules said on one world's records as a bar in four lengths, each with its share where it fits."""
    canvas = Canvas(330, 20)
    left = 0.0
    parts = (
        (world.says_for, "for", 1.0),
        (world.cannot_tell, "hairline", 1.0),
        (world.too_small, "gap", 1.0),
        (world.says_against, "against", 1.0),
    )
    for share, tone, opacity in parts:
        width = max(share, 0.0) * 328
        if width > 0:
            canvas.box(left + 0.5, 2, max(width - 1, 0.5), 16, tone, opacity)
        left += width
    return canvas.svg()


def interval_bar(result: ParameterResult) -> str:
    """Return a parameter's prior interval with its posterior interval and mean below it, on one scale; zero marked where it is seen."""
    low, high = min(result.prior_low, result.low), max(result.prior_high, result.high)
    canvas = Canvas(200, 18)
    scale = 188 / (high - low or 1.0)

    def x(value: float) -> float:
        return 6 + (value - low) * scale

    if low < 0 < high:
        canvas.line(x(0), 1, x(0), 17, "hairline")
    canvas.line(x(result.prior_low), 5, x(result.prior_high), 5, "gap", 2)
    canvas.line(x(result.low), 12, x(result.high), 12, result.estimator, 4)
    canvas.dots([(x(result.mean), 12)], result.estimator, 4)
    return canvas.svg()


def share_bar(share: float, low: float, high: float, line: float) -> str:
    """Return a share with its interval and the line stated beforehand."""
    canvas = Canvas(420, 40)
    canvas.line(10, 20, 410, 20, "hairline", 2)
    canvas.line(10 + line * 400, 4, 10 + line * 400, 36, "muted", 1, "3 2")
    canvas.text(
        10 + line * 400 + 4, 12, f"line {number(line * 100, 0)}%", "muted", "start" if line < 0.8 else "end"
    )
    canvas.line(10 + low * 400, 20, 10 + high * 400, 20, "for", 4)
    canvas.dots([(10 + share * 400, 20)], "for", 6)
    return canvas.svg()
