"""The zone of possible agreement: meeting, gaps, age, restarts, and what is not known."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from standoff.panel import ZoneSpan, zone
from standoff.record.rows import Position, PositionReading
from tests.panel.invented import START, frame, make_record, position


def offer(name: str, day: int, issue: str, level: float) -> Position:
    return position(name, day, issue, level, actor=("state",))


def stance(**changes: Any) -> dict[str, Any]:
    return {"stance": frame().stance.model_dump() | changes}


def on(issue: str, *positions: Position, **parts: Any) -> list[tuple[int, int, str, float | None]]:
    spans = [span for span in zone(make_record(positions=positions, **parts)) if span.issue == issue]
    return [((s.start - START).days, (s.end - START).days, s.state, s.gap) for s in spans]


def test_an_empty_record_is_unknown_throughout_on_every_issue() -> None:
    assert on("end") == on("price") == [(0, 69, "unknown", None)]


def test_one_side_alone_is_unknown() -> None:
    assert on("end", position("P1", 10, "end", 80)) == [(0, 9, "unknown", None), (10, 69, "unknown", None)]


def test_a_gap_narrows_and_the_sides_meet() -> None:
    rows = (
        position("P1", 0, "end", 80),
        offer("P2", 5, "end", 20),
        offer("P3", 20, "end", 80),
        position("P4", 69, "end", 60),
    )
    assert on("end", *rows) == [
        (0, 4, "unknown", None),
        (5, 19, "gap", 60),
        (20, 68, "meet", 0),
        (69, 69, "meet", -20),
    ]


def test_issues_are_never_mixed() -> None:
    rows = (position("P1", 0, "end", 80), offer("P2", 0, "troops", 20))
    assert {state for _, _, state, _ in on("end", *rows) + on("troops", *rows)} == {"unknown"}


def test_a_position_runs_out_after_the_weeks_the_case_declares() -> None:
    rows = (position("P1", 0, "end", 80), offer("P2", 10, "end", 20))
    assert on("end", *rows, case=stance(zone_valid_weeks=3)) == [
        (0, 9, "unknown", None),
        (10, 21, "gap", 60),
        (22, 31, "unknown", None),
        (32, 69, "unknown", None),
    ]


def test_a_restart_of_the_talks_forgets_both_sides() -> None:
    rows = (position("P1", 0, "end", 80), offer("P2", 0, "end", 20), offer("P3", 30, "end", 30))
    restart = stance(restarts=[START + timedelta(days=30)])
    assert on("end", *rows, case=restart) == [(0, 29, "gap", 60), (30, 69, "unknown", None)]


def test_public_statements_and_mediators_make_no_zone() -> None:
    rows = (
        position("P1", 0, "end", 80, channel="public"),
        position("P2", 0, "end", 80, actor=("broker",)),
        offer("P3", 0, "end", 20),
    )
    assert on("end", *rows) == [(0, 69, "unknown", None)]


def test_positions_of_the_extension_are_not_read() -> None:
    rows = (position("P1", 0, "end", 80), offer("P2", 0, "end", 20), offer("P3", 80, "end", 80))
    assert on("end", *rows) == [(0, 69, "gap", 60)]


def test_the_second_reading_widens_the_gap_into_a_hull() -> None:
    rows = (position("P1", 0, "end", 75), offer("P2", 0, "end", 50))
    again = (PositionReading("P1", 50, True, ""), PositionReading("P2", 60, False, ""))
    (span,) = (s for s in zone(make_record(positions=rows, position_readings=again)) if s.issue == "end")
    assert (span.gap, span.gap_low, span.gap_high, span.state) == (25, -10, 25, "gap")
    assert span.holder is not None and (span.holder.low, span.holder.high, span.holder.rows) == (
        50,
        75,
        ("P1",),
    )
    assert span.holder.age(span.end) == 69


@pytest.mark.parametrize(
    ("holder_wants", "coercer_wants", "gap"), [("high", "low", 60), ("low", "high", -60), ("high", "high", 0)]
)
def test_each_sides_direction_counts(holder_wants: str, coercer_wants: str, gap: float) -> None:
    issues = [
        issue.model_dump() | {"holder_wants": holder_wants, "coercer_wants": coercer_wants}
        for issue in frame().issues
    ]
    rows = (position("P1", 0, "end", 80), offer("P2", 0, "end", 20))
    assert on("end", *rows, case={"issues": issues}) == [(0, 69, "gap" if gap > 0 else "meet", gap)]


def test_spans_cover_the_core_without_overlap() -> None:
    rows = (position("P1", 3, "end", 80), offer("P2", 10, "end", 20), position("P3", 40, "end", 40))
    spans: list[ZoneSpan] = [s for s in zone(make_record(positions=rows)) if s.issue == "end"]
    assert spans[0].start == START and spans[-1].end == START + timedelta(days=69)
    assert all(one.end + timedelta(days=1) == two.start for one, two in pairwise(spans))
