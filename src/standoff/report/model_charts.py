"""Charts of what the models say: rivals compared, effects of the levers, channels of the delay; dots with their intervals.

Each mark is a link to the row of the table that holds its numbers. The two forms differ in shape as in colour; a result that
missed a gate is hollow and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from standoff.inference.learned import EffectResult, Estimator, Learned, RivalResult
from standoff.report.chart import Chart, Row, Spec, base, draw
from standoff.report.frame import Form, links, quiet
from standoff.report.model_words import CHANNELS, LEVERS, OUTCOMES, by
from standoff.report.palette import light
from standoff.report.text import anchor, shown
from standoff.report.words import chance, number, signed

FORMS: Final[tuple[Form, ...]] = ("wide", "narrow")
SHAPES: Final[dict[Estimator, str]] = {"twin": "circle", "game": "square"}
NINETY: Final = 1.6449  # standard errors on either side of a 90% interval
LABELS: Final = 110  # pixels for the names of rows
SHORT_UNITS: Final = {
    "stance": "points of 100; + is harder",
    "deal": "chance within eight weeks",
    "deaths": "weeks with deaths, of eight",
}


class Dot(NamedTuple):
    """One mark: its row's name, its form, middle and 90% interval, the table row that it leads to, and what it says."""

    name: str
    estimator: Estimator
    middle: float
    low: float
    high: float
    passed: bool
    href: str
    label: str


class Panel(NamedTuple):
    title: str
    unit: str
    dots: tuple[Dot, ...]


def model_charts(learned: Learned) -> list[Chart]:
    """Return the charts of the models, each in a wide and a narrow form; one without numbers is left out."""
    made = []
    for form in FORMS:
        made += [rivals_chart(learned, form), effects_chart(learned, form), channels_chart(learned, form)]
    return [chart for chart in made if chart is not None]


def rivals_chart(learned: Learned, form: Form) -> Chart | None:
    """Return every rival's log marginal likelihood and leave-future-out score, each less the best under the same form."""
    if not learned.rivals:
        return None
    evidence = tuple(
        _dot_of_rival(one, learned, one.log_evidence - _best(learned, one), one.log_evidence_error)
        for one in learned.rivals
    )
    scores = tuple(
        _dot_of_rival(one, learned, one.behind, one.behind_error or 0.0)
        for one in learned.rivals
        if one.behind is not None
    )
    panels = [Panel("Log marginal likelihood", "less the best; interval of its own error", evidence)]
    if scores:
        panels.append(Panel("Leave-future-out score", "less the best", scores))
    best = [one for one in learned.rivals if one.log_evidence == _best(learned, one)]
    alt = (
        f"{len(learned.rivals)} fits of rivals compared, further left is worse. Highest log marginal likelihood: "
        f"{'; '.join(f'{one.name} by the {by(one.estimator, learned.quick)}' for one in best)}. The table below has every number."
    )
    return _chart("models-rivals", "The rivals compared", alt, panels, learned.quick, form)


def _best(learned: Learned, rival: RivalResult) -> float:
    return max(one.log_evidence for one in learned.rivals if one.estimator == rival.estimator)


def _dot_of_rival(one: RivalResult, learned: Learned, middle: float, error: float) -> Dot:
    reach = NINETY * error
    said = f"{one.name} by the {by(one.estimator, learned.quick)}: {signed(middle)}, 90% interval {signed(middle - reach)} to {signed(middle + reach)}"
    return Dot(
        shown(one.name, 16),
        one.estimator,
        middle,
        middle - reach,
        middle + reach,
        one.passed,
        rival_href(one),
        said,
    )


def effects_chart(learned: Learned, form: Form) -> Chart | None:
    """Return what four weeks of each lever would do to the stance, to the chance of a deal and to deaths, side by side."""
    panels = [
        Panel(title, SHORT_UNITS[outcome], tuple(_dots_of_effects(learned, outcome)))
        for outcome, title in OUTCOMES.items()
    ]
    panels = [panel for panel in panels if panel.dots]
    if not panels:
        return None
    found = [one for one in learned.effects if one.outcome == "stance" and one.estimator == "twin"]
    told = "; ".join(f"{LEVERS.get(one.lever, one.lever)} {signed(one.mean)}" for one in found)
    alt = (
        f"Effects of four weeks of each lever with 90% intervals, in {len(panels)} panels: "
        f"{', '.join(panel.title for panel in panels)}. On the stance by the reduced form: {told or 'none'}. The table below has every number."
    )
    return _chart(
        "models-effects", "What four weeks of each lever would do", alt, panels, learned.quick, form
    )


def _dots_of_effects(learned: Learned, outcome: str) -> Iterable[Dot]:
    for one in learned.effects:
        if one.outcome == outcome:
            digits = effect_digits(one)
            said = (
                f"{LEVERS.get(one.lever, one.lever)} by the {by(one.estimator, learned.quick)}: {signed(one.mean, digits)}, 90% interval "
                f"{signed(one.low, digits)} to {signed(one.high, digits)}; higher with probability {chance(one.higher)}"
            )
            yield Dot(
                shown(LEVERS.get(one.lever, one.lever), 24),
                one.estimator,
                one.mean,
                one.low,
                one.high,
                one.passed,
                effect_href(one.estimator, one.lever),
                said,
            )


def channels_chart(learned: Learned, form: Form) -> Chart | None:
    """Return the weeks that each channel added to the longest spell."""
    if not learned.channels:
        return None
    dots = tuple(
        Dot(
            shown(CHANNELS.get(one.channel, one.channel), 24),
            one.estimator,
            one.mean,
            one.low,
            one.high,
            one.passed,
            channel_href(one.estimator, one.channel),
            f"{one.says} ({by(one.estimator, learned.quick)}): {signed(one.mean)} weeks, 90% interval {signed(one.low)} to {signed(one.high)}",
        )
        for one in learned.channels
    )
    told = "; ".join(f"{dot.name} {signed(dot.middle)}" for dot in dots)
    alt = f"Weeks that each channel added to the longest spell of {number(learned.weeks, 0)} weeks, with 90% intervals: {told}. The table below has every number."
    panel = Panel("Weeks added", "weeks; below zero: shorter", dots)
    return _chart("models-channels", "What the delay went through", alt, [panel], learned.quick, form)


def rival_href(one: RivalResult) -> str:
    return f"#{anchor('model-rival', f'{one.estimator}-{one.name}')}"


def effect_href(estimator: str, lever: str) -> str:
    return f"#{anchor('model-effect', f'{estimator}-{lever}')}"


def channel_href(estimator: str, channel: str) -> str:
    return f"#{anchor('model-channel', f'{estimator}-{channel}')}"


def effect_digits(one: EffectResult) -> int:
    """Return the decimals of an effect: a stance moves by points, a chance and a count of weeks by hundredths."""
    return 1 if one.outcome == "stance" else 2


# --- drawing -----------------------------------------------------------------------------------------------------


class Layout(NamedTuple):
    """What all panels of a chart share, so that their rows stand side by side: names of rows, forms met, height in pixels."""

    names: tuple[str, ...]
    used: tuple[Estimator, ...]
    quick: bool | None
    form: Form
    width: int
    height: int


def _chart(name: str, title: str, alt: str, panels: Sequence[Panel], quick: bool | None, form: Form) -> Chart:
    dots = [dot for panel in panels for dot in panel.dots]
    names = tuple(dict.fromkeys(dot.name for dot in dots))
    used = tuple(one for one in SHAPES if any(dot.estimator == one for dot in dots))
    width = 185 if form == "narrow" else min(420, (900 - LABELS) // len(panels))
    layout = Layout(names, used, quick, form, width, len(names) * (28 if len(used) > 1 else 22))
    specs = [_panel(panel, place, layout) for place, panel in enumerate(panels)]
    joined: Row = {"hconcat": specs} if form == "wide" else {"vconcat": specs}
    spec = base(title, alt, spacing=18, **joined)
    return Chart(name if form == "wide" else f"{name}-narrow", title, alt, spec, draw(spec))


def _panel(panel: Panel, place: int, layout: Layout) -> Spec:
    """Dots with intervals, a row a name; beside another panel only the first names its rows."""
    room = min(LABELS, 7 * max(map(len, layout.names)) + 12)  # whatever type the reader has
    named: Row = {"labelLimit": LABELS, "minExtent": room, "labelColor": light("ink")}
    if layout.form == "wide" and place > 0:
        named = {"labels": False}
    y = {
        "field": "name",
        "type": "nominal",
        "scale": {"domain": list(layout.names)},
        "axis": {"title": None, "ticks": False, "domain": False, **named},
    }
    x = {
        "type": "quantitative",
        "axis": {"title": panel.unit, "tickCount": 5, "grid": True},
        "scale": {"zero": True},
    }
    return {
        "title": {"text": panel.title},
        "width": layout.width,
        "height": layout.height,
        "data": {"values": [_row(dot, layout.quick) for dot in panel.dots]},
        "layer": _layers(x, y, layout),
    }


def _layers(x: Row, y: Row, layout: Layout) -> list[Spec]:
    names = [by(one, layout.quick) for one in layout.used]
    who: Row = {"field": "by", "type": "nominal"}
    tone: Row = {
        **who,
        "scale": {"domain": names, "range": [light(one) for one in layout.used]},
        "legend": {"title": None, "columnPadding": 18, "values": names} if len(names) > 1 else None,
    }
    shape = {
        **tone,
        "scale": {"domain": names, "range": [SHAPES[one] for one in layout.used]},
    }
    placed: Row = {"y": y, "yOffset": {**who, "scale": {"domain": names}}}
    dot = {"type": "point", "size": 52, "opacity": 1, "strokeWidth": 1.6, "aria": True, "cursor": "pointer"}
    failed = {"type": "text", "text": "✗ FAILED", "align": "left", "dx": 6, "fontSize": 10, "fontWeight": 600}
    middle: Row = {"x": {**x, "field": "middle"}, **placed, "color": tone, "shape": shape, **links()}
    reach: Row = {"x": {**x, "field": "low"}, "x2": {"field": "high"}, **placed, "color": tone}
    end: Row = {"x": {**x, "field": "high"}, **placed}
    zero: Spec = {
        "data": {"values": [{"zero": 0}]},
        "mark": quiet({"type": "rule", "color": light("muted"), "strokeWidth": 1}),
        "encoding": {"x": {**x, "field": "zero"}},
    }
    return [
        zero,
        {"mark": quiet({"type": "rule", "strokeWidth": 2}), "encoding": reach},
        {**_where(True), "mark": {**dot, "filled": True}, "encoding": middle},
        {**_where(False), "mark": {**dot, "filled": False}, "encoding": middle},
        {**_where(False), "mark": quiet({**failed, "color": light("against")}), "encoding": end},
    ]


def _where(passed: bool) -> Spec:
    return {"transform": [{"filter": f"datum.passed == {str(passed).lower()}"}]}


def _row(dot: Dot, quick: bool | None) -> Row:
    return {
        "name": dot.name,
        "by": by(dot.estimator, quick),
        "middle": round(dot.middle, 4),
        "low": round(dot.low, 4),
        "high": round(dot.high, 4),
        "passed": dot.passed,
        "href": dot.href,
        "label": shown(f"{dot.label}{'' if dot.passed else '; FAILED a gate'}", 160),
    }
