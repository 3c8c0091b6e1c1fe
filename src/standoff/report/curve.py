"""The specification curve: the effect under every combination of the defensible coding choices.

Above, the effects in ascending order with the declared size and zero; below, for each option, where along the curve
it was chosen. After Simonsohn, Simmons and Nelson (``simonsohn2020specification``).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from standoff.claims.results import MultiverseResult, OrderResult, PartResult, Specification
from standoff.report.chart import Chart, Row, base
from standoff.report.palette import light
from standoff.report.svg import Canvas
from standoff.report.text import label, shown
from standoff.report.words import number, percent, plural, signed

WIDTH, HEIGHT, LEFT, TOP = 730, 150, 184, 14
BINS = 32
WORDS = 27  # characters that fit left of the curve
MOST_POINTS = 40  # points drawn along the curve; the tables of the run hold them all


class Choice(NamedTuple):
    """A choice and its options, in the order in which the specifications name them."""

    name: str
    options: tuple[str, ...]


def ordered(result: MultiverseResult) -> tuple[Specification, ...]:
    """Return the specifications that leave something to compare, by effect and then by options."""
    usable = [s for s in result.specifications if s.effect is not None]
    return tuple(sorted(usable, key=lambda s: (s.effect or 0.0, s.options)))


def choices(specifications: Sequence[Specification]) -> tuple[Choice, ...]:
    """Return the choices that vary and their options, in the order met."""
    met: dict[str, dict[str, None]] = {}
    for specification in specifications:
        for name, option in specification.options:
            met.setdefault(name, {})[option] = None
    return tuple(
        Choice(name, tuple(sorted(options, key=_natural)))
        for name, options in met.items()
        if len(options) > 1
    )


def _natural(option: str) -> tuple[int, float, str]:
    return (0, float(option), "") if option.replace(".", "", 1).isdigit() else (1, 0.0, option)


def curve_chart(part: PartResult) -> Chart | None:
    """Return the specification curve of a part, or ``None`` when it has none that leaves something to compare."""
    if part.multiverse is None or part.order is None:
        return None
    found = ordered(part.multiverse)
    if not found:
        return None
    alt = _alternative_text(part.multiverse, found, part.order)
    title = f"Specification curve of {part.id}"
    varied = choices(part.multiverse.specifications)
    spec = _live(title, alt, found, varied, part.order)
    key = tuple((c.name, c.options) for c in varied)
    return Chart(f"curve-{part.id}", title, alt, spec, _static(found, varied, part.order), key)


def _alternative_text(result: MultiverseResult, found: Sequence[Specification], order: OrderResult) -> str:
    low, high = found[0].effect, found[-1].effect
    return (
        f"{plural(len(found), 'specification')} of {result.combinations:,} combinations leave something to compare. Effects run "
        f"from {signed(low)} to {signed(high)} {shown(order.unit, 60)}, median {signed(result.median_effect)}; "
        f"{percent(result.share_claimed_sign)} have the claimed sign. "
        f"Declared size: {number(order.size)}."
    )


def _static(found: Sequence[Specification], varied: Sequence[Choice], order: OrderResult) -> str:
    rows = sum(len(choice.options) for choice in varied)
    height = TOP + HEIGHT + 22 + rows * 13 + len(varied) * 5 + 8
    canvas = Canvas(LEFT + WIDTH + 60, height)
    effects = [s.effect or 0.0 for s in found]
    low, high = _domain([*effects, order.size, -order.size])

    def y(value: float) -> float:
        return TOP + HEIGHT - (value - low) / (high - low) * HEIGHT

    def x(rank: float) -> float:
        return LEFT + (rank + 0.5) / len(effects) * WIDTH

    canvas.box(LEFT, y(order.size), WIDTH, y(-order.size) - y(order.size), "unseen")
    canvas.line(LEFT, y(0), LEFT + WIDTH, y(0), "muted")
    canvas.text(LEFT + WIDTH + 6, y(0) + 4, "0", "muted")
    canvas.text(LEFT + WIDTH + 6, y(order.size) + 4, signed(order.size), "muted")
    canvas.text(LEFT + WIDTH + 6, y(-order.size) + 4, signed(-order.size), "muted")
    canvas.text(LEFT - 8, TOP + 10, label(order.unit, WORDS), "muted", "end")
    canvas.dots([(x(rank), y(s.effect or 0.0)) for rank, s in thinned(found)], "for", 2.2)
    if order.effect is not None:
        rank = min(range(len(effects)), key=lambda k: abs(effects[k] - (order.effect or 0.0)))
        canvas.ring(x(rank), y(effects[rank]), 5, "against")
        anchor = "end" if rank > len(effects) * 0.7 else "start"
        canvas.text(
            x(rank) + (-9 if anchor == "end" else 9),
            y(effects[rank]) - 12,
            f"baseline {signed(effects[rank])}",
            "against",
            anchor,
        )
    _option_strips(canvas, found, varied)
    return canvas.svg()


def _option_strips(canvas: Canvas, found: Sequence[Specification], varied: Sequence[Choice]) -> None:
    top = TOP + HEIGHT + 22.0
    bins = min(BINS, len(found))
    chosen = [dict(s.options) for s in found]
    for choice in varied:
        for k, option in enumerate(choice.options):
            words = f"{choice.name}: {option}" if k == 0 else option
            canvas.text(LEFT - 8, top + 9, label(words, WORDS), "ink" if k == 0 else "muted", "end")
            shares = _shares([c.get(choice.name) == option for c in chosen], bins)
            canvas.strip(LEFT, top, WIDTH, 9, shares, "for", 1 / len(choice.options))
            top += 13
        top += 5


def _shares(hits: Sequence[bool], bins: int) -> list[float]:
    edges = [round(k * len(hits) / bins) for k in range(bins + 1)]
    return [sum(hits[a:b]) / max(b - a, 1) for a, b in pairwise(edges)]


def _domain(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = (high - low) * 0.06 or 1.0
    return low - room, high + room


def thinned(found: Sequence[Specification]) -> tuple[tuple[int, Specification], ...]:
    """Return at most `MOST_POINTS` specifications with their ranks, evenly along the curve, both ends kept."""
    if len(found) <= MOST_POINTS:
        return tuple(enumerate(found))
    ranks = sorted({round(k * (len(found) - 1) / (MOST_POINTS - 1)) for k in range(MOST_POINTS)})
    return tuple((rank, found[rank]) for rank in ranks)


def _live(
    title: str, alt: str, found: Sequence[Specification], varied: Sequence[Choice], order: OrderResult
) -> Row:
    rows = [
        {"i": rank + 1, "e": round(s.effect or 0.0, 2), "n": s.exposed, "c": _code(s, varied)}
        for rank, s in thinned(found)
    ]
    size = [{"low": -order.size, "high": order.size}]
    y = {"field": "e", "type": "quantitative", "axis": {"title": shown(order.unit, 60), "tickCount": 5}}
    x = {
        "field": "i",
        "type": "quantitative",
        "axis": {"title": "specifications, by effect", "grid": False},
        "scale": {"nice": False},
    }
    layers = [
        {
            "data": {"values": size},
            "mark": {"type": "rect", "color": light("unseen"), "tooltip": None},
            "encoding": {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}},
        },
        {
            "data": {"values": [{"e": 0}]},
            "mark": {"type": "rule", "color": light("muted"), "tooltip": None},
            "encoding": {"y": y},
        },
        {
            "data": {"values": rows},
            "mark": {
                "type": "point",
                "filled": True,
                "size": 26,
                "opacity": 0.85,
                "tooltip": True,
                "color": light("for"),
            },
            "encoding": {"x": x, "y": y},
        },
    ]
    return base(title, alt, width=900, height=220, layer=layers)


def _code(specification: Specification, varied: Sequence[Choice]) -> list[int]:
    """Return the index of each choice's option, in the order of the chart's key: a tenth of the bytes of the words."""
    options = dict(specification.options)
    return [choice.options.index(options[choice.name]) if choice.name in options else -1 for choice in varied]
