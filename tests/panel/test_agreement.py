"""Krippendorff's alpha against published values, and the agreement of a record's readings."""

from __future__ import annotations

import pytest

from standoff.panel import agreement, krippendorff_alpha
from standoff.record.rows import EventReading, PositionReading
from tests.panel.invented import event, make_record, position

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section D: four observers, twelve units
FOUR_OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
# the three-coder example with missing values of the encyclopedia article on the coefficient
THREE_CODERS = (
    ". . . . . 3 4 1 2 1 1 3 3 . 3",
    "1 . 2 1 3 3 4 3 . . . . . . .",
    ". . 2 1 3 4 4 . 2 1 1 3 3 . 4",
)


def units(coders: tuple[str, ...]) -> list[list[float]]:
    columns = zip(*(coder.split() for coder in coders), strict=True)
    return [[float(value) for value in column if value != "."] for column in columns]


@pytest.mark.parametrize(
    ("coders", "metric", "published"),
    [
        (FOUR_OBSERVERS, "nominal", 0.743),
        (FOUR_OBSERVERS, "ordinal", 0.815),
        (FOUR_OBSERVERS, "interval", 0.849),
        (THREE_CODERS, "nominal", 0.691),
        (THREE_CODERS, "interval", 0.811),
    ],
)
def test_published_values(coders, metric, published) -> None:  # type: ignore[no-untyped-def]
    assert krippendorff_alpha(units(coders), metric) == pytest.approx(published, abs=0.0005)


def test_two_nominal_codings_by_hand() -> None:
    # coincidences: aa 2, ab 1, ba 1, bb 2; n = 6; alpha = 1 - 5 * 2 / (3*3 + 3*3)
    assert krippendorff_alpha([("a", "a"), ("a", "b"), ("b", "b")], "nominal") == pytest.approx(1 - 10 / 18)


@pytest.mark.parametrize("empty", [[], [("a",)], [("a", "a"), ("a", "a")]])
def test_nothing_to_compare_has_no_alpha(empty) -> None:  # type: ignore[no-untyped-def]
    assert krippendorff_alpha(empty, "nominal") is None


def test_a_record_read_once_has_no_agreement() -> None:
    assert agreement(make_record(events=(event("E1", 1),))) == ()


def test_agreement_of_a_record() -> None:
    record = make_record(
        events=(event("E1", 1), event("E2", 2, intensity=5), event("E3", 300)),
        event_readings=(
            EventReading("E1", "CONSULT", "restrain", 2, False, ""),
            EventReading("E2", "REJECT", "restrain", 5, False, ""),
            EventReading("E3", "CONSULT", "enable", 3, False, ""),
        ),
        positions=(
            position("P1", 1, "end", 100),
            position("P2", 2, "end", 60),
            position("P3", 3, "troops", None),
        ),
        position_readings=(
            PositionReading("P1", 80, False, ""),
            PositionReading("P2", 60, False, ""),
            PositionReading("P3", 50, False, ""),
        ),
    )
    found = {row.field: row for row in agreement(record)}
    assert set(found) == {"kind", "direction", "intensity", "level", "level:end"}
    assert found["kind"].rows == 3 and found["kind"].same == pytest.approx(2 / 3)
    assert found["kind"].mean_difference is None
    assert found["kind"].codes == ("CONSULT", "REJECT") and found["kind"].counts == ((2, 1), (0, 0))
    assert found["intensity"].mean_difference == pytest.approx(1 / 3)
    assert (found["level:end"].rows, found["level:end"].mean_difference) == (2, 10)
    assert found["level:end"].codes == (60, 80, 100)
    assert found["level:end"].counts == ((1, 0, 0), (0, 0, 0), (0, 1, 0))
