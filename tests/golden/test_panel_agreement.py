"""The shipped case's readings and stance against figures that were worked out apart from this code."""

from __future__ import annotations

from datetime import timedelta

import pytest

from standoff.panel import agreement, baseline_options, stance_points
from standoff.record import find_case, load_case
from standoff.record.rows import Record

# field: (rows, alpha, share of rows with the same code), from the report of the second reading
AGREEMENT = {
    "kind": (241, 0.785, 0.805),
    "direction": (241, 0.880, 0.946),
    "intensity": (241, 0.784, 0.664),
    "level": (65, 0.929, 0.877),
    "level:permanence": (32, 0.923, 0.906),
    "level:withdrawal": (22, 0.861, 0.773),
    "level:price": (11, 1.000, 1.000),
}

# the holder's bargaining stance with the last term carried, from the table made when positions were collected
CARRIED = {
    "2023-11-21": 17.75, "2024-03-14": 53.125, "2024-03-25": 53.125, "2024-04-13": 69.375, "2024-05-06": 57.5,
    "2024-06-11": 73.75, "2024-07-02": 47.5, "2024-08-18": 47.5, "2024-11-01": 73.75, "2024-12-12": 41.25,
    "2025-01-15": 41.25, "2025-03-02": 61.25, "2025-03-14": 41.25, "2025-03-29": 41.25,
}  # fmt: skip


@pytest.fixture(scope="module")
def gaza() -> Record:
    return load_case(find_case("gaza-2023-2025"))


def test_agreement_of_the_two_readings(gaza: Record) -> None:
    found = {row.field: row for row in agreement(gaza)}
    assert set(found) == set(AGREEMENT)
    for field, (rows, alpha, same) in AGREEMENT.items():
        assert found[field].rows == rows, field
        assert found[field].alpha == pytest.approx(alpha, abs=0.0006), field
        assert found[field].same == pytest.approx(same, abs=0.0006), field


def test_intensity_differs_by_more_than_a_step_in_one_row_only(gaza: Record) -> None:
    (intensity,) = (row for row in agreement(gaza) if row.field == "intensity")
    far = sum(
        count
        for one, counts in zip(intensity.codes, intensity.counts, strict=True)
        for two, count in zip(intensity.codes, counts, strict=True)
        if abs(float(one) - float(two)) > 1
    )
    assert far == 1


def test_the_holders_carried_stance(gaza: Record) -> None:
    options = baseline_options(gaza.case)._replace(composite="three-carry")
    points = stance_points(gaza, "holder", options)
    start = gaza.case.period.start
    found = {
        (start + timedelta(days=int(day))).isoformat(): value
        for day, value in zip(points.days, points.values, strict=True)
    }
    assert found == CARRIED
