"""Stance points: composites, carrying, restarts, channels and readings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from standoff.panel import Points, baseline_options, stance_points
from standoff.record.rows import Position, PositionReading
from tests.panel.invented import START, frame, make_record, position

KNOWN = baseline_options(frame())
CARRIED = KNOWN._replace(composite="carried")


def holder(*positions: Position, options=KNOWN, **parts) -> Points:  # type: ignore[no-untyped-def]
    return stance_points(make_record(positions=positions, **parts), "holder", options)


def restart(day: int) -> dict[str, object]:
    stance = frame().stance.model_dump()
    return {"stance": stance | {"restarts": [START + timedelta(days=day)]}}


def test_no_positions_no_points() -> None:
    points = holder()
    assert points.days.shape == points.values.shape == (0,)
    assert points.rows == ()


def test_a_side_without_actors_has_no_points() -> None:
    stance = frame().stance.model_dump() | {"actors": {"coercer": ["state"]}}
    assert len(holder(position("P1", 1, "end", 50), case={"stance": stance}).days) == 0


def test_known_weights_only_the_issues_seen_that_day() -> None:
    points = holder(
        position("P1", 0, "end", 100),
        position("P2", 7, "end", 80),
        position("P3", 7, "troops", 50),
        position("P4", 9, "price", 10),  # `end` is needed and was not recorded: no point
    )
    assert points.days.tolist() == [0, 7]
    assert points.values.tolist() == [100, (2 * 80 + 50) / 3]
    assert points.rows == (("P1",), ("P2", "P3"))


def test_rows_for_one_issue_on_one_date_count_as_their_mean() -> None:
    points = holder(position("P1", 3, "end", 100), position("P2", 3, "end", 40))
    assert points.values.tolist() == [70]
    assert points.rows == (("P1", "P2"),)


def test_carry_fills_from_the_last_bargaining_level_and_names_its_rows() -> None:
    points = holder(
        position("P1", 0, "end", 60),
        position("P2", 0, "troops", 50),
        position("P3", 5, "price", 40),
        position("P4", 9, "end", 80),
        position("P5", 12, "troops", 25, channel="public"),
        options=CARRIED,
    )
    assert points.days.tolist() == [5, 9]
    assert points.values.tolist() == [(2 * 60 + 50 + 40) / 4, (2 * 80 + 50 + 40) / 4]
    assert points.rows == (("P1", "P2", "P3"), ("P2", "P3", "P4"))


def test_public_statements_are_never_carried_into_another_date() -> None:
    rows = (
        position("P1", 0, "end", 60),
        position("P2", 0, "troops", 50),
        position("P3", 0, "price", 40),
        position("P4", 5, "end", 100, channel="public"),
        position("P5", 9, "troops", 25),
    )
    points = holder(*rows, options=CARRIED._replace(stance_channel="with-public"))
    assert points.days.tolist() == [0, 5, 9]
    assert points.values.tolist() == [52.5, (200 + 50 + 40) / 4, (2 * 60 + 25 + 40) / 4]


def test_carrying_starts_afresh_at_a_restart() -> None:
    rows = (
        position("P1", 0, "end", 20),
        position("P2", 0, "troops", 25),
        position("P3", 0, "price", 6),
        position("P4", 20, "end", 100),
        position("P5", 20, "troops", 100),
    )
    assert holder(*rows, options=CARRIED).days.tolist() == [0, 20]
    assert holder(*rows, options=CARRIED, case=restart(10)).days.tolist() == [0]
    assert holder(*rows, options=CARRIED, case=restart(0)).days.tolist() == [0, 20]


def test_public_positions_only_by_choice() -> None:
    row = position("P1", 4, "end", 100, channel="public")
    assert len(holder(row).days) == 0
    assert holder(row, options=KNOWN._replace(stance_channel="with-public")).values.tolist() == [100]


def test_the_second_reading_gives_the_level_or_none() -> None:
    rows = (position("P1", 1, "end", 60), position("P2", 2, "end", 60), position("P3", 3, "end", 60))
    again = (PositionReading("P1", 80, False, ""), PositionReading("P2", None, True, ""))
    points = holder(*rows, options=KNOWN._replace(reading="second"), position_readings=again)
    assert (points.days.tolist(), points.values.tolist()) == ([1, 3], [80, 60])
    assert holder(*rows, position_readings=again).values.tolist() == [60, 60, 60]


def test_basis_and_outlets_hold_for_positions_too() -> None:
    rows = (
        position("P1", 1, "end", 60, basis="read+memory"),
        position("P2", 2, "end", 60, source=("organ",)),
        position("P3", 3, "end", 60, source=("paper", "organ")),
    )
    assert holder(*rows, options=KNOWN._replace(basis="read")).days.tolist() == [2, 3]
    assert holder(*rows, options=KNOWN._replace(outlets="no-partisan")).days.tolist() == [1, 3]


def test_only_the_sides_own_actors_and_only_the_core() -> None:
    rows = (
        position("P1", 1, "end", 60, actor=("state",)),
        position("P2", 2, "end", 0, actor=("broker", "keepers")),
        position("P3", -1, "end", 10),
        position("P4", 70, "end", 10),
        position("P5", 5, "", 10),
        position("P6", 6, "end", None),
    )
    assert holder(*rows).rows == (("P2",),)
    assert stance_points(make_record(positions=rows), "coercer", KNOWN).rows == (("P1",),)


# (permanence, withdrawal, price) and half the first plus a quarter of each other, worked by hand
@pytest.mark.parametrize(
    ("levels", "expected"),
    [((20, 25, 6), 17.75), ((60, 50, 42.5), 53.125), ((60, 50, 60), 57.5), ((40, 25, 60), 41.25)],
)
def test_weights_need_not_sum_to_one(levels: tuple[float, float, float], expected: float) -> None:
    issues = ("end", "troops", "price")
    rows = [position(issue, 1, issue, level) for issue, level in zip(issues, levels, strict=True)]
    assert holder(*rows, options=CARRIED).values.tolist() == [expected]
