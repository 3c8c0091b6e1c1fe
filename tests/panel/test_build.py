"""The weekly panel: axes, values, masks, and the way back to rows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import xarray

from standoff.errors import NotFoundError, SettingsError
from standoff.panel import Options, baseline_options, build_panel, rows_of
from standoff.record.rows import EventReading, PositionReading
from tests.panel.invented import START, event, frame, make_record, point, position

BASE = baseline_options(frame())
FULL: dict[str, Any] = {
    "pressure": [
        {"start": START + timedelta(days=2), "level": 1, "events": ["E1"], "reason": "r"},
        {"start": START + timedelta(days=10), "level": 2, "events": ["E2"], "reason": "r"},
        {"start": START + timedelta(days=14), "level": 0, "events": ["E3"], "reason": "r"},
    ],
    "shocks": [{"id": "blow", "name": "Blow", "events": ["E1", "E2"]}],
    "domestic_blocks": {"roles": ["coercer"], "branches": ["coalition"]},
    "series": [
        {"id": series, "name": series, "unit": "u", "step": step, "measures": measures}
        for series, step, measures in (
            ("trucks-a", "day", "aid"),
            ("trucks-b", "day", "aid"),
            ("dead", "day", "deaths"),
            ("held", "event", "hostages"),
        )
    ],
    "calendar": [
        {
            "id": "C1",
            "date": START + timedelta(days=7),
            "event": "Vote",
            "type": "primary",
            "source": ["paper"],
        }
    ],
}


@pytest.fixture
def full() -> xarray.Dataset:
    return build_panel(
        make_record(
            case=FULL,
            events=(
                event("E1", 0),
                event("E2", 6, intensity=5, channel="action"),
                event("E3", 7, direction="enable", collection="added", intensity=4),
                event("E4", 8, actor=("party",), direction="neutral", intensity=2),
                event("E5", 69, actor=("ally", "ally-house", "broker")),
                event("X1", 70),
            ),
            event_readings=(EventReading("E1", "CONSULT", "enable", 4, True, ""),),
            positions=(
                position("P1", 3, "end", 80),
                position("P2", 5, "end", 60),
                position("P3", 9, "end", 20, actor=("state",)),
            ),
            position_readings=(PositionReading("P2", 40, False, ""), PositionReading("P3", 20, False, "")),
            series=(
                *(point(f"S{day}", "dead", day, day, 2) for day in range(14)),
                *(point(f"T{day}", "trucks-a", day, day, 10) for day in range(7, 13)),
                point("H1", "held", 20, 20, 5),
            ),
        )
    )


def test_empty_record_is_unseen_and_not_zero() -> None:
    panel = build_panel(make_record())
    for name in ("signals", "signal_stock", "daylight", "stance", "level", "zone_gap", "pressure"):
        assert np.isnan(panel[name]).all(), name
        assert not panel[f"{name}_seen"].any(), name
    assert rows_of(panel, "signals") == ()


def test_every_variable_says_what_it_is(full: xarray.Dataset) -> None:
    measures = [name for name in full.data_vars if not str(name).endswith(("_seen", "_rows"))]
    for name in measures:
        assert full[name].attrs["long_name"] and full[name].attrs["units"], name
        assert full[name].dtype == np.float64, name


def test_masks_say_exactly_where_numbers_are(full: xarray.Dataset) -> None:
    for name in (str(n)[: -len("_seen")] for n in full.data_vars if str(n).endswith("_seen")):
        mask = full[f"{name}_seen"].broadcast_like(full[name]).transpose(*full[name].dims)
        assert (full[name].notnull().values == mask.values).all(), name


def test_weeks_run_from_the_first_day_and_cross_the_leap_day(full: xarray.Dataset) -> None:
    assert full.sizes["week"] == 10
    assert full.week_start.values[:2].tolist() == ["2024-02-26", "2024-03-04"]
    assert full.week_end.values[0] == "2024-03-03" and full.days.values.tolist() == [7] * 10
    assert full.phase.values.tolist() == ["one"] * 5 + ["two"] * 5


def test_a_last_week_cut_short() -> None:
    panel = build_panel(make_record(case={"period": {"start": date(2024, 2, 26), "end": date(2024, 3, 5)}}))
    assert panel.days.values.tolist() == [7, 2] and panel.week_end.values[-1] == "2024-03-05"


def test_a_period_of_one_day() -> None:
    record = make_record(case={"period": {"start": START, "end": START}}, events=(event("E1", 0),))
    panel = build_panel(record)
    assert panel.sizes["week"] == 1 and float(panel.signals.sum()) == 1


def test_signals_fall_into_their_cells(full: xarray.Dataset) -> None:
    cell = {
        "actor_group": "patron-of-coercer",
        "channel": "public",
        "direction": "restrain",
        "band": "3",
        "collection": "first",
    }
    assert float(full.signals.sel(week=0, **cell)) == 1
    assert (
        float(full.signal_intensity.sel(week=0, channel="action", band="4-5", collection="first").sum()) == 5
    )
    assert rows_of(full, "signals", week=0, channel="action") == ("E2",)
    assert rows_of(full, "signal_intensity", week=0) == ("E1", "E2")


def test_an_act_of_several_groups_counts_once_in_each(full: xarray.Dataset) -> None:
    last = full.signals.sel(week=9).sum(["channel", "direction", "band", "collection"])
    counts = dict(zip(full.actor_group.values.tolist(), last.values.tolist(), strict=True))
    assert counts == {
        "holder": 0, "coercer": 0, "patron-of-coercer": 1, "patron-of-coercer-legislature": 1, "patron-of-holder": 0, "mediator": 1,
    }  # fmt: skip


def test_the_legislature_joins_its_patron_by_choice() -> None:
    panel = build_panel(
        make_record(events=(event("E1", 0, actor=("ally", "ally-house")),)),
        BASE._replace(patron="with-legislature"),
    )
    assert "patron-of-coercer-legislature" not in panel.actor_group.values
    assert float(panel.signals.sum()) == 1


def test_weeks_without_any_row_of_a_collection_are_unseen(full: xarray.Dataset) -> None:
    assert full.signals_seen.sel(collection="first").values.tolist() == [True, True] + [False] * 7 + [True]
    assert full.signals_seen.sel(collection="added").values.tolist() == [False, True] + [False] * 8
    assert float(full.signals.sel(week=1, collection="first", direction="restrain").sum()) == 0
    assert np.isnan(full.signals.sel(week=2)).all()


def test_stock_fades_by_half_in_four_weeks(full: xarray.Dataset) -> None:
    cell = {
        "actor_group": "patron-of-coercer",
        "channel": "action",
        "direction": "restrain",
        "collection": "first",
    }
    stock = full.signal_stock.sel(cell)
    assert float(stock.sel(week=0)) == 5
    assert float(stock.sel(week=4)) == pytest.approx(2.5) and float(stock.sel(week=8)) == pytest.approx(1.25)
    assert rows_of(full, "signal_stock", week=8, **cell) == ("E2",)
    assert np.isnan(full.signal_stock.sel(week=0, collection="added")).all()


def test_daylight_is_restrain_peak_minus_enable_peak(full: xarray.Dataset) -> None:
    # week 0: E2 (action, intensity 5) is the strongest restrain act; week 1: E3 enables with 4
    middle = full.daylight.sel(bound="middle", sample="both")
    assert middle.values[:2].tolist() == pytest.approx([5, 5 * 2**-0.25 - 4])
    assert full.daylight.sel(bound="middle", sample="first").values[1] == pytest.approx(5 * 2**-0.25)
    assert full.daylight.sel(bound="middle", sample="added").values[1] == -4
    assert rows_of(full, "daylight", week=1, sample="both") == ("E2", "E3")
    assert rows_of(full, "daylight_enable", week=1, sample="both") == ("E3",)


def test_daylight_band_holds_both_readings_and_a_step_of_intensity(full: xarray.Dataset) -> None:
    # second reading turns E1 into enable 4: lowest is restrain 4 (E2 a step down) minus enable 5
    assert full.daylight.sel(week=0, sample="both").values.tolist() == [-1, 5, 5]
    assert full.daylight_restrain.sel(week=0, sample="both").values.tolist() == [4, 5, 5]
    assert full.daylight_enable.sel(week=0, sample="both").values.tolist() == [0, 0, 5]


def test_daylight_is_unseen_once_the_patron_has_not_been_heard_for_two_half_lives() -> None:
    panel = build_panel(make_record(events=(event("E1", 7),)), half_life=2.0)
    assert panel.daylight_seen.sel(sample="both").values.tolist() == [False] + [True] * 5 + [False] * 4
    assert not panel.daylight_seen.sel(sample="added").any()


@pytest.mark.parametrize(
    "silent",
    [
        {"actor": ("friend",)},
        {"actor": ("ally-house",)},
        {"channel": "private-reported"},
        {"actor": ("broker",)},
    ],
)
def test_only_the_coercers_patron_in_public_makes_daylight(silent: dict[str, Any]) -> None:
    assert not build_panel(make_record(events=(event("E1", 0, **silent),))).daylight_seen.any()


def test_a_neutral_act_is_heard_and_adds_no_distance() -> None:
    panel = build_panel(make_record(events=(event("E1", 0, direction="neutral"),)))
    assert panel.daylight.sel(week=0, sample="both").values.tolist() == [0, 0, 0]


def test_a_choice_of_collection_leaves_the_other_unseen() -> None:
    events = (event("E1", 0), event("E2", 0, collection="added"))
    panel = build_panel(make_record(events=events), BASE._replace(collection="added"))
    assert float(panel.signals.sum()) == 1
    assert panel.daylight_seen.sel(week=0).values.tolist() == [True, False, True]


def test_pressure_is_the_highest_level_of_the_week(full: xarray.Dataset) -> None:
    assert full.pressure.values[:4].tolist() == [1, 2, 0, 0]
    assert rows_of(full, "pressure", week=1) == ("E2",)


def test_pressure_before_its_first_span_is_unseen() -> None:
    late = [{"start": START + timedelta(days=14), "level": 2, "events": ["E1"], "reason": "r"}]
    panel = build_panel(make_record(case={"pressure": late}))
    assert np.isnan(panel.pressure.values[:2]).all() and panel.pressure.values[2] == 2


def test_series_stand_side_by_side_and_are_never_spliced(full: xarray.Dataset) -> None:
    assert full.harm.sel(harm_series="dead").values[:3].tolist()[:2] == [14, 14]
    assert np.isnan(full.harm.sel(harm_series="dead").values[2:]).all()
    assert full.aid_series.values.tolist() == ["trucks-a", "trucks-b"]
    assert np.isnan(full.aid).all()  # one day of the only week is missing
    assert float(full.hostages.sel(week=2, hostages_series="held")) == 5
    assert rows_of(full, "hostages", week=2) == ("H1",)


def test_stance_and_levels_are_sparse_and_keep_the_last_date_of_a_week(full: xarray.Dataset) -> None:
    assert float(full.stance.sel(week=0, side="holder")) == 60
    assert rows_of(full, "stance", week=0, side="holder") == ("P2",)
    assert float(full.level.sel(week=1, side="coercer", issue="end")) == 20
    assert float(full.level_second.sel(week=0, side="holder", issue="end")) == 40
    assert int(full.stance_seen.sum()) == 2


def test_coders_error_is_shown_with_the_number_of_rows(full: xarray.Dataset) -> None:
    assert (
        float(full.level_error.sel(issue="end")) == 10 and float(full.level_read_twice.sel(issue="end")) == 2
    )
    assert float(full.level_confusion.sel(issue="end", first_level=60, second_level=40)) == 1
    assert float(full.level_confusion.sum()) == 2
    assert (
        np.isnan(full.level_error.sel(issue="price")) and float(full.level_read_twice.sel(issue="price")) == 0
    )


def test_zone_gap_stands_as_on_the_last_day_of_the_week(full: xarray.Dataset) -> None:
    assert full.zone_gap.sel(week=1, issue="end").values.tolist() == [20, 40, 40]
    assert np.isnan(full.zone_gap.sel(week=0)).all()
    assert rows_of(full, "zone_gap", week=9, issue="end") == ("P2", "P3")


def test_blocks_shocks_and_calendar(full: xarray.Dataset) -> None:
    assert full.domestic_blocks.values[:2].tolist() == [0, 1] and rows_of(full, "domestic_blocks") == ("E4",)
    blow = full.shocks.sel(shock="blow").values
    assert (blow[0], blow[4]) == (1, pytest.approx(0.5))
    assert rows_of(full, "shocks", shock="blow", week=3) == ("E1", "E2")
    assert full.patron_calendar.values[:3, 0].tolist() == [0, 1, 0] and rows_of(full, "patron_calendar") == (
        "C1",
    )


def test_rows_of_something_that_is_not_there(full: xarray.Dataset) -> None:
    with pytest.raises(NotFoundError):
        rows_of(full, "mood")
    with pytest.raises(NotFoundError):
        rows_of(full, "signals", week=99)
    with pytest.raises(NotFoundError):
        rows_of(full, "pressure", channel="public")


def test_a_half_life_that_cannot_be_used() -> None:
    with pytest.raises(SettingsError):
        build_panel(make_record(), half_life=0.0)


def test_options_and_half_life_travel_with_the_panel() -> None:
    options: Options = BASE._replace(window=8)
    panel = build_panel(make_record(), options, half_life=2.0)
    assert "window=8" in panel.attrs["options"] and panel.attrs["half_life_weeks"] == 2.0
