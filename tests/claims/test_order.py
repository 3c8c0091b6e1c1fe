"""Order in time and contrast on records whose answer can be read off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from standoff.claims.order import order_in_time
from standoff.record.claims_schema import ContrastTest, OrderTest
from standoff.record.rows import EventReading

from .invented import ORDER, event, frame, make_record, position

ONE_WINDOW = [
    {
        "choice": "window",
        "question": "?",
        "baseline": 2,
        "options": [{"value": 2, "reason": "so"}],
    }
]
CONTRAST = {"test": "contrast", "outcome": {"stance": "holder"}, "size": 10}


def run(record, raw=ORDER, **changes):
    kind = OrderTest if raw["test"] == "order" else ContrastTest
    return order_in_time(record, kind.model_validate({**raw, **changes}), "+", 1, "t", draws=99)


def stance_every(days, values):
    return tuple(position(f"P{day}", day, value) for day, value in zip(days, values, strict=True))


DAYS = list(range(0, 280, 28))  # ten points, four weeks apart
VALUES = [50.0, 75, 50, 75, 50, 75, 50, 75, 50, 75]


def simple(*extra, case=None):
    """An act ten days before each rise, and none before a fall."""
    acts = tuple(event(f"E{day}", day - 10) for day in DAYS[1::2])
    return make_record(
        events=(*acts, *extra), positions=stance_every(DAYS, VALUES), case=case or {"choices": ONE_WINDOW}
    )


def test_every_difference_is_a_row_with_what_is_behind_it():
    result = run(simple()).result
    assert len(result.differences) == 9
    first, second = result.differences[:2]
    assert (first.before, first.after, first.change, first.exposure) == (50, 75, 25, 1)
    assert first.signals == ("E28",)
    assert (first.rows_before, first.rows_after) == (("P0",), ("P28",))
    assert (second.exposure, second.signals, second.change) == (0, (), -25)
    assert result.distinct_differences == 5
    assert result.occasions == 5
    assert result.missing_share == 0.0


def test_an_act_on_the_day_of_the_later_stance_is_not_before_it():
    record = simple(event("E56", 56))
    rows = run(record).result.differences
    assert rows[1].signals == ()
    # it is before the next one, but four weeks before: outside the window of two
    assert rows[2].signals == ("E84",)
    wide = simple(
        event("E56", 56),
        case={"choices": [{**ONE_WINDOW[0], "baseline": 4, "options": [{"value": 4, "reason": "so"}]}]},
    )
    assert run(wide).result.differences[2].signals == ("E56", "E84")


def test_two_acts_in_one_gap_count_once():
    once, twice = run(simple()), run(simple(event("E2b", 26), event("E2c", 20)))
    assert twice.result.effect == pytest.approx(once.result.effect)
    assert twice.result.differences[0].exposure == 1
    assert twice.result.differences[0].signals == ("E28", "E2c", "E2b")


def test_what_has_no_later_stance_in_the_window_is_missing_and_bounded():
    # the start level explains all: let one rise be smaller
    values = [50.0, 75, 50, 60, 50, 75, 40, 75, 50, 80]
    acts = tuple(event(f"E{day}", day - 10) for day in DAYS[1::2])
    late = event("E30", 30)  # its next stance is 26 days on
    record = make_record(
        events=(*acts, late), positions=stance_every(DAYS, values), case={"choices": ONE_WINDOW}
    )
    result = run(record).result
    assert result.missing_share == pytest.approx(1 / 6)
    assert result.bounds is not None
    assert result.bounds.low < result.effect < result.bounds.high
    assert run(
        make_record(events=acts, positions=stance_every(DAYS, values), case={"choices": ONE_WINDOW})
    ).result.bounds.low == pytest.approx(result.effect)


def test_where_start_level_tells_all_nothing_is_left_for_the_signal():
    """Every rise starts at 50 and every fall at 75: the record cannot tell a signal from a drift back."""
    assert run(simple()).result.effect is None


def test_fewer_than_two_exposed_differences_are_no_test():
    values = [50.0, 75, 50, 60, 50, 75, 40, 75, 50, 80]
    record = make_record(
        events=(event("E1", 20),), positions=stance_every(DAYS, values), case={"choices": ONE_WINDOW}
    )
    result = run(record).result
    assert result.effect is not None
    assert result.p is None
    assert not result.gates[0].passed
    assert "No test" in result.sentence


def test_a_contrast_with_an_act_beside_it():
    """Words with an act within a week count as the first kind, words alone as the second."""
    values = [50.0, 80, 70, 95, 60, 85, 40, 75, 50, 60]
    words = tuple(event(f"E{day}", day - 10) for day in DAYS[1:])
    acts = tuple(event(f"A{day}", day - 12, kind="SANCTION", channel="action") for day in DAYS[1::2])
    record = make_record(
        events=words + acts, positions=stance_every(DAYS, values), case={"choices": ONE_WINDOW}
    )
    public = {"actors": ["ally"], "channels": ["public"]}
    raw = {
        **CONTRAST,
        "signal": public,
        "against": public,
        "with_action_days": 7,
        "action": {"kinds": ["SANCTION"]},
    }
    found = run(
        record, raw, signal={**public, "kinds": ["CONSULT"]}, against={**public, "kinds": ["CONSULT"]}
    )
    marks = [row.exposure for row in found.result.differences]
    assert marks == [1, -1, 1, -1, 1, -1, 1, -1, 1]
    assert found.posed.signals.both == 0


def test_a_contrast_with_nothing_after_one_kind_alone_says_what_its_number_compares():
    """Where both kinds came before a change it counts as neither; beside these alone the first kind has a coefficient."""
    values = [50.0, 80, 70, 95, 60, 85, 40, 75, 50, 60]
    first = tuple(event(f"E{day}", day - 10) for day in DAYS[1:6])
    second = tuple(event(f"S{day}", day - 12, channel="private-reported") for day in DAYS[2:4])
    record = make_record(
        events=first + second, positions=stance_every(DAYS, values), case={"choices": ONE_WINDOW}
    )
    raw = {**CONTRAST, "signal": {"channels": ["public"]}, "against": {"channels": ["private-reported"]}}
    result = run(record, raw).result
    assert [row.exposure for row in result.differences][:5] == [1, 0, 0, 1, 1]
    assert result.effect is not None
    assert result.p is None
    assert "after the first kind alone against those after both" in result.sentence


def test_an_act_of_both_kinds_counts_for_neither():
    record = simple()
    both = {"actors": ["ally"]}
    found = run(record, {**CONTRAST, "signal": both, "against": both})
    assert found.posed.signals.both == 5
    assert found.result.effect is None


def test_a_second_reading_that_recodes_moves_the_signal():
    choices = [
        *ONE_WINDOW,
        {
            "choice": "reading",
            "question": "?",
            "baseline": "first",
            "options": [{"value": name, "reason": "so"} for name in ("first", "second")],
        },
    ]
    values = [50.0, 75, 50, 60, 50, 75, 40, 75, 50, 80]
    acts = tuple(event(f"E{day}", day - 10) for day in DAYS[1::2])
    record = make_record(
        events=acts,
        positions=stance_every(DAYS, values),
        event_readings=(EventReading("E28", "CONSULT", "neutral", 3, True, ""),),
        case={"choices": choices},
    )
    found = run(record)
    assert [one.exposed for one in found.multiverse.specifications] == [5, 4]
    assert found.multiverse.most_moving_choice == "reading"
    assert dict(found.multiverse.subsets).keys() == {
        "first reading",
        "second reading",
        "events with two sources",
    }


def test_subsets_that_the_grid_does_not_hold_are_computed_apart():
    values = [50.0, 75, 50, 60, 50, 75, 40, 75, 50, 80]
    acts = tuple(
        event(
            f"E{day}",
            day - 10,
            collection="added" if k % 2 else "first",
            source=("paper",) if k else ("paper", "wire"),
        )
        for k, day in enumerate(DAYS[1::2])
    )
    record = make_record(events=acts, positions=stance_every(DAYS, values), case={"choices": ONE_WINDOW})
    subsets = dict(run(record).multiverse.subsets)
    alone = {
        name: run(replace(record, events=tuple(e for e in acts if e.collection == name))).result.effect
        for name in ("first", "added")
    }
    assert subsets["first collection"] == pytest.approx(alone["first"])
    assert subsets["added rows"] == pytest.approx(alone["added"])
    two = run(replace(record, events=acts[:1])).result.effect
    assert subsets["events with two sources"] == pytest.approx(two)


def test_options_weigh_equally_where_some_leave_nothing():
    """Where one option leaves nothing to compare in most combinations, it does not lose its voice in the rest."""
    import numpy as np

    from standoff.claims.multiverse import balanced_share, plain_share

    effects = np.array([1.0, 1, 1, -1, np.nan, np.nan, np.nan, -1])
    options = {"one": ["a"] * 4 + ["b"] * 4}
    assert plain_share(effects, 1) == pytest.approx(3 / 5)
    assert balanced_share(options, effects, 1) == pytest.approx((3 / 4 + 0) / 2)


def test_the_extension_is_never_read():
    case = {"choices": ONE_WINDOW}
    values = [50.0, 75, 50, 60, 50, 75, 40, 75, 50, 80]
    acts = tuple(event(f"E{day}", day - 10) for day in DAYS[1::2])
    record = make_record(events=acts, positions=stance_every(DAYS, values), case=case)
    more = replace(
        record,
        events=(*acts, event("L1", 600)),
        positions=(*record.positions, position("L2", 610, 0.0)),
    )
    assert run(more).result == run(record).result


def test_a_case_without_choices_has_one_specification():
    values = [50.0, 75, 50, 60, 50, 75, 40, 75, 50, 80]
    acts = tuple(event(f"E{day}", day - 10) for day in DAYS[1::2])
    record = make_record(events=acts, positions=stance_every(DAYS, values), case={"choices": []})
    found = run(record)
    assert found.multiverse.combinations == 1
    assert found.multiverse.most_moving_choice is None
    assert frame(choices=[]).choices == ()
