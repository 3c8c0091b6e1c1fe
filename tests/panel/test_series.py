"""Weekly points of a series: what is missing stays missing."""

from __future__ import annotations

from typing import Any

import pytest

from standoff.errors import NotFoundError
from standoff.panel import Points, series_points
from standoff.record.rows import SeriesPoint
from tests.panel.invented import make_record, point


def info(step: str, aggregate: str = "sum") -> dict[str, Any]:
    return {"id": "s", "name": "S", "unit": "u", "step": step, "aggregate": aggregate, "measures": "other"}


def weekly(step: str, *rows: SeriesPoint, aggregate: str = "sum") -> Points:
    return series_points(make_record(case={"series": [info(step, aggregate)]}, series=rows), "s")


def daily(days: range | list[int], value: float = 1) -> list[SeriesPoint]:
    return [point(f"S{day}", "s", day, day, value) for day in days]


def test_a_whole_week_of_days_is_summed_on_its_last_day() -> None:
    points = weekly("day", *daily(range(14), 2))
    assert points.days.tolist() == [6, 13]
    assert points.values.tolist() == [14, 14]
    assert points.rows[0] == ("S0", "S1", "S2", "S3", "S4", "S5", "S6")


@pytest.mark.parametrize("aggregate", ["sum", "mean"])
def test_a_week_with_a_day_missing_has_no_point(aggregate: str) -> None:
    days = [day for day in range(21) if day != 9]
    assert weekly("day", *daily(days), aggregate=aggregate).days.tolist() == [6, 20]


def test_zero_reported_is_a_value() -> None:
    assert weekly("day", *daily(range(7), 0)).values.tolist() == [0]


def test_the_last_reported_day_needs_no_whole_week() -> None:
    points = weekly("day", *daily([0, 3, 4, 15], 5), aggregate="last")
    assert (points.days.tolist(), points.rows) == ([6, 20], (("S4",), ("S15",)))


def test_a_row_over_several_days_counts_inside_one_week_only() -> None:
    whole = [point("A", "s", 0, 2, 3), *daily(range(3, 7))]
    assert weekly("day", *whole).values.tolist() == [7]
    straddling = [*daily(range(6)), point("B", "s", 6, 7, 2), *daily(range(8, 14))]
    assert len(weekly("day", *straddling).days) == 0


def test_a_day_told_twice_hides_its_week() -> None:
    assert len(weekly("day", *daily(range(7)), point("again", "s", 3, 3, 1)).days) == 0


def test_a_month_is_one_point_in_the_week_in_which_it_ends() -> None:
    points = weekly("month", point("M1", "s", 4, 34, 100), point("M2", "s", 35, 64, 90))
    assert points.days.tolist() == [34, 69]
    assert points.values.tolist() == [100, 90]


def test_a_month_that_ends_after_the_core_is_left_out() -> None:
    assert len(weekly("month", point("M1", "s", 60, 90, 100)).days) == 0


@pytest.mark.parametrize(("aggregate", "expected"), [("sum", 9), ("last", 5), ("mean", 4.5)])
def test_events_of_one_week_are_aggregated_and_other_weeks_are_missing(
    aggregate: str, expected: float
) -> None:
    points = weekly("event", point("A", "s", 8, 8, 4), point("B", "s", 12, 12, 5), aggregate=aggregate)
    assert (points.days.tolist(), points.values.tolist()) == ([13], [expected])


def test_a_week_cut_short_by_the_end_of_the_core_ends_with_it() -> None:
    case = {"series": [info("event")], "period": {"start": "2024-02-26", "end": "2024-03-05"}}
    points = series_points(make_record(case=case, series=(point("A", "s", 8, 8, 4),)), "s")
    assert points.days.tolist() == [8]


def test_unknown_series() -> None:
    with pytest.raises(NotFoundError) as caught:
        series_points(make_record(), "s")
    assert "none" in caught.value.why
