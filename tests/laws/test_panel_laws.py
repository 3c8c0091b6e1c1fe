"""Laws of the panel: what must not change an answer, and what must change it in a known way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st

from standoff.panel import (
    Options,
    baseline_options,
    build_panel,
    krippendorff_alpha,
    occasions,
    select_events,
    series_points,
    stance_points,
    zone,
)
from standoff.panel.decay import peak, stock
from standoff.record.case_schema import Selector
from standoff.record.rows import Event, Position
from tests.panel.invented import START, event, frame, make_record, point, position

BASE = baseline_options(frame())
CARRIED = BASE._replace(composite="carried", stance_channel="with-public")
ACTORS = ("keepers", "state", "party", "ally", "ally-house", "friend", "broker")
DAYS = st.integers(-10, 90)  # the core is day 0 to day 69

few = settings(max_examples=25, deadline=None)
many = settings(max_examples=150, deadline=None)


@st.composite
def events(draw: st.DrawFn, days: st.SearchStrategy[int] = DAYS) -> tuple[Event, ...]:
    chosen = draw(st.lists(days, max_size=14))
    return tuple(
        event(
            f"E{number}",
            day,
            actor=tuple(draw(st.lists(st.sampled_from(ACTORS), min_size=1, max_size=2, unique=True))),
            channel=draw(st.sampled_from(("public", "private-reported", "action"))),
            direction=draw(st.sampled_from(("restrain", "enable", "neutral"))),
            intensity=draw(st.integers(1, 5)),
            collection=draw(st.sampled_from(("first", "added"))),
        )
        for number, day in enumerate(chosen)
    )


@st.composite
def positions(draw: st.DrawFn) -> tuple[Position, ...]:
    chosen = draw(st.lists(DAYS, max_size=14))
    return tuple(
        position(
            f"P{number}",
            day,
            draw(st.sampled_from(("end", "troops", "price"))),
            draw(st.one_of(st.none(), st.integers(0, 100).map(float))),
            actor=(draw(st.sampled_from(("keepers", "state"))),),
            channel=draw(st.sampled_from(("bargaining", "public"))),
        )
        for number, day in enumerate(chosen)
    )


def same(one: xarray.Dataset, two: xarray.Dataset) -> bool:
    return bool(one.identical(two))


@few
@given(st.data())
def test_file_order_does_not_matter(data: st.DataObject) -> None:
    acts, terms = data.draw(events()), data.draw(positions())
    shuffled_acts, shuffled_terms = data.draw(st.permutations(acts)), data.draw(st.permutations(terms))
    one = make_record(events=acts, positions=terms)
    two = make_record(events=tuple(shuffled_acts), positions=tuple(shuffled_terms))
    assert same(build_panel(one), build_panel(two))
    assert zone(one) == zone(two)
    for side in ("holder", "coercer"):
        first, second = stance_points(one, side, CARRIED), stance_points(two, side, CARRIED)
        assert first.rows == second.rows
        assert first.values.tolist() == second.values.tolist()
    assert occasions(one, Selector(), BASE).events == occasions(two, Selector(), BASE).events


@few
@given(events(), positions(), st.integers(-800, 800))
def test_moving_the_whole_calendar_moves_no_number(
    acts: tuple[Event, ...], terms: tuple[Position, ...], shift: int
) -> None:
    days = timedelta(days=shift)
    moved_acts = tuple(replace(act, date=act.date + days) for act in acts)
    moved_terms = tuple(replace(term, date=term.date + days) for term in terms)
    case: dict[str, Any] = {
        "period": {"start": START + days, "end": START + timedelta(days=69) + days},
        "phases": [{"id": "one", "name": "One", "start": START + days}],
    }
    still = build_panel(
        make_record(
            case={"phases": [{"id": "one", "name": "One", "start": START}]}, events=acts, positions=terms
        )
    )
    moved = build_panel(make_record(case=case, events=moved_acts, positions=moved_terms))
    assert same(still.drop_vars(["week_start", "week_end"]), moved.drop_vars(["week_start", "week_end"]))


@few
@given(events(), positions())
def test_what_lies_outside_the_core_changes_nothing(
    acts: tuple[Event, ...], terms: tuple[Position, ...]
) -> None:
    end = START + timedelta(days=69)
    inside = make_record(
        events=tuple(act for act in acts if START <= act.date <= end),
        positions=tuple(term for term in terms if START <= term.date <= end),
    )
    whole = make_record(events=acts, positions=terms)
    assert same(build_panel(inside), build_panel(whole))
    assert zone(inside) == zone(whole)


@few
@given(events())
def test_every_act_is_in_the_cells_once_for_each_of_its_groups(acts: tuple[Event, ...]) -> None:
    record = make_record(events=acts)
    panel = build_panel(record)
    group = {
        "keepers": "holder", "state": "coercer", "party": "coercer", "ally": "patron-of-coercer", "broker": "mediator",
        "ally-house": "patron-of-coercer-legislature", "friend": "patron-of-holder",
    }  # fmt: skip
    kept = select_events(record, Selector(), BASE)
    expected = sum(
        len({group[name] for name in act.actor})
        for act in acts
        if act in record.events and 0 <= (act.date - START).days < 70
    )
    assert float(panel.signals.sum()) == expected
    assert float(panel.signal_intensity.sum()) >= sum(act.intensity for act in kept)
    counted = panel.signals.fillna(0).values > 0
    assert (counted == (panel.signals_rows.values != "")).all()


@few
@given(events())
def test_an_act_told_twice_leaves_daylight_as_it_was(acts: tuple[Event, ...]) -> None:
    again = tuple(replace(act, id=f"{act.id}-again") for act in acts)
    once, twice = build_panel(make_record(events=acts)), build_panel(make_record(events=acts + again))
    for name in ("daylight", "daylight_restrain", "daylight_enable"):
        xarray.testing.assert_equal(once[name], twice[name])
    np.testing.assert_allclose(twice.signal_stock, 2 * once.signal_stock)


@few
@given(events())
def test_turning_every_direction_turns_daylight(acts: tuple[Event, ...]) -> None:
    turned = {"restrain": "enable", "enable": "restrain", "neutral": "neutral"}
    mirrored = tuple(replace(act, direction=turned[act.direction]) for act in acts)
    one, two = build_panel(make_record(events=acts)), build_panel(make_record(events=mirrored))
    np.testing.assert_array_equal(one.daylight.values, -two.daylight.values[..., ::-1])
    np.testing.assert_array_equal(one.daylight_restrain.values, two.daylight_enable.values)


@few
@given(events())
def test_daylight_stays_in_its_range_and_its_bounds_in_order(acts: tuple[Event, ...]) -> None:
    daylight = build_panel(make_record(events=acts)).daylight
    low, middle, high = (daylight.sel(bound=bound).values for bound in ("low", "middle", "high"))
    seen = ~np.isnan(middle)
    assert (np.abs(daylight.values[seen]) <= 5).all()
    assert (low[seen] <= middle[seen]).all() and (middle[seen] <= high[seen]).all()


@many
@given(st.lists(st.just(0.0) | st.floats(1e-100, 100), min_size=1, max_size=30), st.floats(0.5, 20))
def test_two_half_weight_impulses_equal_one(impulses: list[float], half_life: float) -> None:
    whole = np.array(impulses)
    np.testing.assert_allclose(
        stock(whole / 2, half_life) + stock(whole / 2, half_life), stock(whole, half_life)
    )
    assert (peak(whole, half_life) <= stock(whole, half_life) + 1e-9).all()
    assert (peak(np.maximum(whole, whole), half_life) == peak(whole, half_life)).all()


@many
@given(positions(), st.permutations(("end", "troops", "price")))
def test_relabelling_issues_permutes_the_zone(terms: tuple[Position, ...], names: Sequence[str]) -> None:
    label = dict(zip(("end", "troops", "price"), names, strict=True))
    relabelled = tuple(replace(term, issue=label[term.issue]) for term in terms)
    one = {(label[span.issue], replace(span, issue="")) for span in zone(make_record(positions=terms))}
    two = {(span.issue, replace(span, issue="")) for span in zone(make_record(positions=relabelled))}
    assert one == two


@many
@given(positions())
def test_swapping_the_sides_and_turning_the_scale_leaves_every_gap(terms: tuple[Position, ...]) -> None:
    other = {"keepers": ("state",), "state": ("keepers",)}
    turned = tuple(
        replace(term, actor=other[term.actor[0]], level=None if term.level is None else 100 - term.level)
        for term in terms
    )
    one = [(s.issue, s.start, s.end, s.state, s.gap) for s in zone(make_record(positions=terms))]
    two = [(s.issue, s.start, s.end, s.state, s.gap) for s in zone(make_record(positions=turned))]
    assert len(one) == len(two)
    for a, b in zip(one, two, strict=True):
        assert a[:4] == b[:4]
        assert (a[4] is None) == (b[4] is None) and (a[4] is None or abs(a[4] - b[4]) < 1e-9)  # type: ignore[operator]


@many
@given(events())
def test_occasions_share_out_the_selected_events(acts: tuple[Event, ...]) -> None:
    record = make_record(events=acts)
    found = occasions(record, Selector(), BASE)
    day = {act.id: (act.date - START).days for act in acts}
    assert [name for ids in found.events for name in ids] == [
        act.id for act in select_events(record, Selector(), BASE)
    ]
    assert (np.diff(found.days) > 7).all()
    for first, ids in zip(found.days, found.events, strict=True):
        assert min(day[name] for name in ids) == first and max(day[name] for name in ids) <= first + 7


OPTIONS = st.builds(
    Options,
    window=st.just(4),
    intensity=st.integers(1, 5),
    basis=st.sampled_from(("all", "read")),
    outlets=st.sampled_from(("all", "no-partisan")),
    reading=st.sampled_from(("first", "second")),
    collection=st.sampled_from(("both", "first", "added")),
    stance_channel=st.sampled_from(("bargaining", "with-public")),
    composite=st.sampled_from(("known", "carried")),
    patron=st.sampled_from(("executive", "with-legislature")),
    acts=st.sampled_from(("with-statements", "apart")),
)


@many
@given(events(), OPTIONS)
def test_a_stricter_choice_never_adds_an_event(acts: tuple[Event, ...], options: Options) -> None:
    record = make_record(events=acts)
    selector = Selector(roles=("patron",), channels=("public",))
    strict = set(select_events(record, selector, options))
    wide = Options(
        4,
        1,
        "all",
        "all",
        options.reading,
        "both",
        "bargaining",
        "known",
        "with-legislature",
        "with-statements",
    )
    assert strict <= set(select_events(record, selector, wide))


@many
@given(positions(), OPTIONS)
def test_a_stance_lies_within_the_levels_behind_it(terms: tuple[Position, ...], options: Options) -> None:
    level = {term.id: term.level for term in terms}
    points = stance_points(make_record(positions=terms), "holder", options)
    assert (np.diff(points.days) > 0).all()
    for value, rows in zip(points.values, points.rows, strict=True):
        behind = [level[row] for row in rows]
        assert None not in behind
        assert min(behind) - 1e-9 <= value <= max(behind) + 1e-9  # type: ignore[type-var, operator]


@many
@given(st.sets(st.integers(0, 69)), st.floats(0, 1000))
def test_weekly_sums_add_up_to_the_days_of_whole_weeks(days: set[int], value: float) -> None:
    info = {"id": "s", "name": "S", "unit": "u", "step": "day", "measures": "aid"}
    record = make_record(
        case={"series": [info]}, series=tuple(point(f"S{day}", "s", day, day, value) for day in days)
    )
    points = series_points(record, "s")
    whole = [week for week in range(10) if set(range(7 * week, 7 * week + 7)) <= days]
    assert points.days.tolist() == [7 * week + 6 for week in whole]
    np.testing.assert_allclose(points.values, 7 * value)


CODES = st.integers(1, 5)


@many
@given(
    st.lists(st.tuples(CODES, CODES), min_size=2, max_size=40),
    st.sampled_from(("nominal", "ordinal", "interval")),
)
def test_alpha_cares_neither_who_read_first_nor_about_the_order_of_rows(
    pairs: list[tuple[int, int]], metric: Any
) -> None:
    alpha = krippendorff_alpha(pairs, metric)
    turned = krippendorff_alpha([(two, one) for one, two in reversed(pairs)], metric)
    assert (alpha is None) == (turned is None)
    if alpha is not None and turned is not None:
        assert abs(alpha - turned) < 1e-12
        assert alpha <= 1


@many
@given(st.lists(st.tuples(CODES, CODES), min_size=2, max_size=40))
def test_alpha_uses_no_more_than_its_level_of_measurement(pairs: list[tuple[int, int]]) -> None:
    stretched = [(one**3, two**3) for one, two in pairs]  # same order, other distances
    renamed = [((one * 2) % 5, (two * 2) % 5) for one, two in pairs]  # other names, order lost
    assert krippendorff_alpha(pairs, "ordinal") == krippendorff_alpha(stretched, "ordinal")
    one, two = krippendorff_alpha(pairs, "nominal"), krippendorff_alpha(renamed, "nominal")
    assert one is two is None or abs(one - two) < 1e-12  # type: ignore[operator]


@many
@given(st.lists(CODES, min_size=2, max_size=40).filter(lambda codes: len(set(codes)) > 1))
def test_full_agreement_is_one(codes: list[int]) -> None:
    for metric in ("nominal", "ordinal", "interval"):
        alpha = krippendorff_alpha([(code, code) for code in codes], metric)  # type: ignore[arg-type]
        assert alpha == 1
