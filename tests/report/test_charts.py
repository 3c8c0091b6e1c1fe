"""Charts: every mark a row, gaps as gaps, the drawing the same as the specification."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import altair
import pytest

from standoff.panel import build_panel
from standoff.report import charts
from standoff.report.chart import Chart
from standoff.report.curve import choices, ordered, thinned
from standoff.report.issue_lanes import held
from standoff.report.series_charts import bars
from standoff.report.signals_lane import signal_events
from standoff.report.text import anchor
from tests.report import synthetic

RECORD = synthetic.record()
ASSESSMENT = synthetic.assessment()


@pytest.fixture(scope="module")
def drawn() -> dict[str, Chart]:
    return charts(RECORD, build_panel(RECORD), ASSESSMENT)


def _values(spec: Any) -> list[dict[str, Any]]:
    """All data rows inside a specification."""
    if isinstance(spec, dict):
        own = spec.get("values") if isinstance(spec.get("values"), list) else []
        rows = [row for row in own or [] if isinstance(row, dict)]
        return rows + [row for value in spec.values() for row in _values(value)]
    return [row for item in spec for row in _values(item)] if isinstance(spec, list) else []


def test_names(drawn: dict[str, Chart]) -> None:
    assert {"picture", "picture-narrow", "series-deaths", "series-held", "curve-part-1"} <= set(drawn)
    assert all(name == chart.name for name, chart in drawn.items())


def test_every_specification_is_vega_lite(drawn: dict[str, Chart]) -> None:
    for chart in drawn.values():
        altair.Chart.from_dict(chart.spec)
        json.dumps(chart.spec, allow_nan=False)


def test_every_chart_has_words_and_a_transparent_ground(drawn: dict[str, Chart]) -> None:
    for chart in drawn.values():
        assert len(chart.alt) > 60
        assert chart.spec["description"] == chart.alt
        assert chart.spec["config"]["background"] == "transparent"


def test_every_mark_leads_to_a_row_of_the_record(drawn: dict[str, Chart]) -> None:
    known = {f"#{anchor('row', row.id)}" for row in (*RECORD.events, *RECORD.positions, *RECORD.series)}
    for name in ("picture", "picture-narrow", "series-deaths"):
        links = {row["href"] for row in _values(drawn[name].spec) if "href" in row}
        assert links
        assert links <= known
        assert links <= set(re.findall(r'<a href="([^"]+)"', drawn[name].svg))


def test_every_link_in_a_drawing_has_a_name(drawn: dict[str, Chart]) -> None:
    for found in re.findall(r"<a [^>]*>", drawn["picture"].svg):
        assert re.search(r'aria-label="[^"]{8,}"', found), found


def test_signals_are_the_patrons_alone_and_none_is_lost(drawn: dict[str, Chart]) -> None:
    expected = {e.id for e in RECORD.events if e.actor == ("patron",) and e.direction != "neutral"}
    assert {e.id for e in signal_events(RECORD)} == expected
    rows = [row for row in _values(drawn["picture"].spec) if "direction" in row]
    assert len(rows) == len(expected)
    assert all((row["y"] > 0) == (row["direction"] == "enable") for row in rows)


def test_a_level_stops_at_the_restart_of_the_talks() -> None:
    from standoff.panel import zone

    spans = [span for span in zone(RECORD) if span.issue == "ending"]
    for span in held(spans, "holder"):
        assert not span.start < date(2030, 5, 1) < span.end
    # nothing was recorded between the restart and day 200, so nothing is drawn there
    assert all(
        span.start >= synthetic.START + timedelta(days=200)
        for span in held(spans, "holder")
        if span.start >= date(2030, 5, 1)
    )


def test_no_death_is_left_out_of_the_bars() -> None:
    info = RECORD.case.series[0]
    made = bars(RECORD, info)
    assert sum(bar.value for bar in made) == sum(p.value for p in RECORD.series if p.series == "deaths")
    assert any(not bar.whole for bar in made)
    assert sorted(row for bar in made for row in bar.rows) == sorted(
        p.id for p in RECORD.series if p.series == "deaths"
    )


def test_a_report_that_spans_two_weeks_is_drawn_once_at_its_rate() -> None:
    point = next(p for p in RECORD.series if p.id == "D010")
    spanning = replace(point, end=point.start + timedelta(days=5), value=60.0)
    rest = tuple(
        p for p in RECORD.series if p.series != "deaths" or not spanning.start <= p.start <= spanning.end
    )
    made = bars(replace(RECORD, series=(*rest, spanning)), RECORD.case.series[0])
    bar = next(bar for bar in made if "D010" in bar.rows)
    assert not bar.whole
    assert bar.rate == pytest.approx(bar.value / (bar.end - bar.start).days * 7)


def test_unreported_weeks_stay_empty(drawn: dict[str, Chart]) -> None:
    missing = (
        (synthetic.START + timedelta(days=100)).isoformat(),
        (synthetic.START + timedelta(days=121)).isoformat(),
    )
    spans = [(r["date"], r["end"]) for r in _values(drawn["series-deaths"].spec) if "middle" in r]
    assert missing in spans
    assert not any(a < missing[1] and b > missing[0] for a, b in _drawn_spans(drawn["series-deaths"]))


def _drawn_spans(chart: Chart) -> list[tuple[str, str]]:
    return [(row["date"], row["end"]) for row in _values(chart.spec) if "value" in row]


def test_the_curve_holds_every_specification_in_order() -> None:
    result = synthetic.multiverse_result(1000)
    found = ordered(result)
    assert len(found) == sum(s.effect is not None for s in result.specifications)
    effects = [s.effect for s in found]
    assert effects == sorted(effects)  # type: ignore[type-var]
    drawn = thinned(found)
    assert drawn[0][0] == 0
    assert drawn[-1][0] == len(found) - 1
    assert all(found[rank] is specification for rank, specification in drawn)


def test_the_key_of_a_curve_decodes_its_points(drawn: dict[str, Chart]) -> None:
    chart = drawn["curve-part-1"]
    result = synthetic.multiverse_result()
    found = ordered(result)
    assert [name for name, _ in chart.key] == [choice.name for choice in choices(result.specifications)]
    for row in (row for row in _values(chart.spec) if "c" in row):
        options = dict(found[row["i"] - 1].options)
        assert {name: values[k] for (name, values), k in zip(chart.key, row["c"], strict=True)} == options


def test_the_same_inputs_give_the_same_bytes(drawn: dict[str, Chart]) -> None:
    again = charts(synthetic.record(), build_panel(RECORD), synthetic.assessment())
    assert {n: c.svg for n, c in drawn.items()} == {n: c.svg for n, c in again.items()}
    assert {n: c.spec for n, c in drawn.items()} == {n: c.spec for n, c in again.items()}


def test_a_case_with_nothing_on_record_still_draws() -> None:
    empty = replace(RECORD, events=(), positions=(), series=())
    made = charts(empty, build_panel(empty), replace(ASSESSMENT, claims=()))
    assert set(made) == {"picture", "picture-narrow"}
