"""Selecting signals and making occasions of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from standoff.panel import baseline_options, length_days, occasions, phase_starts, select_events
from standoff.panel.options import Options
from standoff.record.case_schema import Selector
from standoff.record.rows import EventReading
from tests.panel.invented import START, event, frame, make_record

BASE = baseline_options(frame())


def names(selector: Selector, options: Options, *events) -> list[str]:  # type: ignore[no-untyped-def]
    return [row.id for row in select_events(make_record(events=events), selector, options)]


def test_an_empty_record_has_no_events_and_no_occasions() -> None:
    found = occasions(make_record(), Selector(), BASE)
    assert found.days.shape == (0,) and found.days.dtype.kind == "i" and found.events == ()


def test_core_period_holds_its_first_and_last_day_and_no_other() -> None:
    events = [event(f"E{day}", day) for day in (-1, 0, 69, 70, 300)]
    assert names(Selector(), BASE, *events) == ["E0", "E69"]


def test_events_come_by_date_then_id_whatever_the_order_of_the_file() -> None:
    events = [event("E9", 3), event("E2", 5), event("E1", 5)]
    assert names(Selector(), BASE, *events) == ["E9", "E1", "E2"]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (Selector(actors=("ally",)), ["E1"]),
        (Selector(roles=("mediator", "holder")), ["E2", "E3"]),
        (Selector(backs="holder"), ["E4"]),
        (Selector(roles=("coercer",), branches=("coalition",)), ["E5"]),
        (Selector(directions=("enable",)), ["E2"]),
        (Selector(kinds=("REJECT",)), ["E3"]),
        (Selector(targets=("keepers",)), ["E2"]),
        (Selector(intensity_at_least=4), ["E4"]),
        (Selector(channels=("private-reported",)), ["E3"]),
        (Selector(events=("E5", "E1")), ["E1", "E5"]),
        (Selector(events=("E5",), kinds=("REJECT",)), []),
    ],
)
def test_each_condition_of_a_selector(selector: Selector, expected: list[str]) -> None:
    events = [
        event("E1", 1),
        event("E2", 2, actor=("broker",), direction="enable", target=("keepers", "state")),
        event("E3", 3, actor=("keepers",), kind="REJECT", channel="private-reported"),
        event("E4", 4, actor=("friend",), intensity=4),
        event("E5", 5, actor=("party",)),
    ]
    assert names(selector, BASE, *events) == expected


def test_one_actor_must_meet_all_conditions() -> None:
    joint = event("E1", 1, actor=("broker", "friend"))
    assert names(Selector(roles=("patron",), backs="holder"), BASE, joint) == ["E1"]
    assert names(Selector(roles=("mediator",), backs="holder"), BASE, joint) == []


def test_the_patrons_legislature_is_in_or_out_by_choice() -> None:
    acts = [event("E1", 1), event("E2", 2, actor=("ally-house",))]
    wide = BASE._replace(patron="with-legislature")
    for selector in (Selector(roles=("patron",)), Selector(branches=("executive",))):
        assert names(selector, BASE, *acts) == ["E1"]
        assert names(selector, wide, *acts) == ["E1", "E2"]


@pytest.mark.parametrize("patron", ["executive", "with-legislature"])
def test_a_selector_that_names_the_legislature_has_chosen_itself(patron: str) -> None:
    acts = [event("E1", 1), event("E2", 2, actor=("ally-house",))]
    options = BASE._replace(patron=patron)
    assert names(Selector(branches=("legislature",)), options, *acts) == ["E2"]
    assert names(Selector(actors=("ally-house",)), options, *acts) == ["E2"]


def test_acts_count_as_public_with_statements_and_not_apart() -> None:
    acts = [event("E1", 1), event("E2", 2, channel="action"), event("E3", 3, channel="private-reported")]
    public = Selector(channels=("public",))
    assert names(public, BASE, *acts) == ["E1", "E2"]
    assert names(public, BASE._replace(acts="apart"), *acts) == ["E1"]
    assert names(Selector(channels=("private-reported",)), BASE, *acts) == ["E3"]


def test_rows_are_let_in_by_basis_outlets_collection_and_intensity() -> None:
    acts = [
        event("E1", 1),
        event("E2", 2, basis="read+memory"),
        event("E3", 3, basis="memory"),
        event("E4", 4, source_quality="partisan-or-state-outlet"),
        event("E5", 5, collection="added"),
        event("E6", 6, intensity=2),
    ]
    assert names(Selector(), BASE._replace(basis="read"), *acts) == ["E1", "E4", "E5", "E6"]
    assert names(Selector(), BASE._replace(outlets="no-partisan"), *acts) == ["E1", "E2", "E3", "E5", "E6"]
    assert names(Selector(), BASE._replace(collection="first"), *acts) == ["E1", "E2", "E3", "E4", "E6"]
    assert names(Selector(), BASE._replace(collection="added"), *acts) == ["E5"]
    assert names(Selector(), BASE._replace(intensity=3), *acts) == ["E1", "E2", "E3", "E4", "E5"]


def test_the_second_reading_recodes_before_anything_is_selected() -> None:
    record = make_record(
        events=(event("E1", 1), event("E2", 2)),
        event_readings=(EventReading("E1", "SUPPORT", "enable", 5, True, ""),),
    )
    second = BASE._replace(reading="second")
    (found,) = select_events(record, Selector(directions=("enable",), intensity_at_least=5), second)
    assert (found.id, found.kind, found.direction, found.intensity) == ("E1", "SUPPORT", "enable", 5)
    assert [row.id for row in select_events(record, Selector(directions=("restrain",)), second)] == ["E2"]
    assert len(select_events(record, Selector(directions=("restrain",)), BASE)) == 2


def test_acts_within_seven_days_of_the_first_are_one_occasion_and_do_not_chain() -> None:
    events = tuple(event(f"E{day:02}", day) for day in (0, 6, 7, 8, 14, 16, 40))
    found = occasions(make_record(events=events), Selector(), BASE)
    assert found.days.tolist() == [0, 8, 16, 40]
    assert found.events == (("E00", "E06", "E07"), ("E08", "E14"), ("E16",), ("E40",))


def test_days_count_across_a_leap_day() -> None:
    record = make_record(events=(event("E1", 0, date=date(2024, 3, 1)),))
    assert occasions(record, Selector(), BASE).days.tolist() == [4]


def test_phases_and_length() -> None:
    record = make_record()
    assert length_days(record) == 70
    assert phase_starts(record).tolist() == [0, 35]


def test_phases_always_begin_on_day_zero_and_stay_in_the_core() -> None:
    def phases(*days: int) -> list[int]:
        declared = [
            {"id": f"p{i}", "name": "Phase", "start": START + timedelta(days=day)}
            for i, day in enumerate(days)
        ]
        return phase_starts(make_record(case={"phases": declared})).tolist()

    assert phases(0, 40, 20) == [0, 20, 40]
    assert phases(10) == [0]
    assert phases(-5, 10, 70) == [0, 10]
    assert phases(10, 30) == [0, 30]
