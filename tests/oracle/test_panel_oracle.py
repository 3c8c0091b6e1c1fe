"""The panel's own arithmetic against a second method: a library's, or the definition day by day and pair by pair."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from scipy.signal import lfilter

from standoff.panel import baseline_options, krippendorff_alpha, occasions, series_points, stance_points, zone
from standoff.panel.decay import peak, stock
from standoff.record.case_schema import Selector
from standoff.record.rows import Position, Record
from tests.panel.invented import START, event, frame, make_record, point, position

BASE = baseline_options(frame())
SEEDS = range(8)


@pytest.mark.parametrize("half_life", [0.7, 4.0, 11.0])
def test_stock_is_a_first_order_filter(half_life: float) -> None:
    impulses = np.random.default_rng(1).exponential(size=(80, 3, 2))
    filtered = lfilter([1.0], [1.0, -(2 ** (-1 / half_life))], impulses, axis=0)
    np.testing.assert_allclose(stock(impulses, half_life), filtered, rtol=1e-10)


@pytest.mark.parametrize("half_life", [0.7, 4.0, 11.0])
def test_peak_is_the_maximum_over_all_past_weeks(half_life: float) -> None:
    impulses = np.random.default_rng(2).exponential(size=80)
    slow = [max(impulses[v] * 2 ** (-(w - v) / half_life) for v in range(w + 1)) for w in range(80)]
    np.testing.assert_allclose(peak(impulses, half_life), slow, rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_alpha_for_two_readers_from_all_pairs_of_values(seed: int) -> None:
    """Observed disagreement over pairs within units, expected over all pairs of values: no coincidence matrix."""
    draws = np.random.default_rng(seed).integers(1, 6, size=(40, 2)).astype(float)
    values = draws.ravel()

    def ordinal(one: float, two: float) -> float:
        low, high = min(one, two), max(one, two)
        between = ((values >= low) & (values <= high)).sum()
        return float(between - ((values == low).sum() + (values == high).sum()) / 2) ** 2

    distances = {
        "nominal": lambda a, b: float(a != b),
        "interval": lambda a, b: (a - b) ** 2,
        "ordinal": ordinal,
    }
    for metric, distance in distances.items():
        observed = np.mean([distance(a, b) for a, b in draws])
        expected = np.mean([distance(a, b) for a, b in combinations(values, 2)])
        assert krippendorff_alpha(draws.tolist(), metric) == pytest.approx(1 - observed / expected)  # type: ignore[arg-type]


def random_positions(seed: int) -> tuple[Position, ...]:
    rng = np.random.default_rng(seed)
    return tuple(
        position(
            f"P{number:02}",
            int(rng.integers(0, 70)),
            str(rng.choice(["end", "troops", "price"])),
            float(rng.integers(0, 101)),
            actor=(str(rng.choice(["keepers", "state"])),),
        )
        for number in range(25)
    )


def latest(
    rows: tuple[Position, ...], actor: str, issue: str, when: date, valid: int, restart: date
) -> float | None:
    held = [
        row for row in rows if row.actor == (actor,) and row.issue == issue and restart <= row.date <= when
    ]
    if not held or (when - max(row.date for row in held)).days > valid * 7:
        return None
    last = max(row.date for row in held)
    return float(np.mean([row.level for row in held if row.date == last]))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_zone_day_by_day(seed: int) -> None:
    rows, restart = random_positions(seed), START + timedelta(days=40)
    stance = frame().stance.model_dump() | {"zone_valid_weeks": 2, "restarts": [restart]}
    spans = zone(make_record(case={"stance": stance}, positions=rows))
    for issue in ("end", "troops", "price"):
        for day in range(70):
            when = START + timedelta(days=day)
            (span,) = [s for s in spans if s.issue == issue and s.start <= when <= s.end]
            begin = restart if when >= restart else date.min
            demand, offer = (latest(rows, actor, issue, when, 2, begin) for actor in ("keepers", "state"))
            if demand is None or offer is None:
                assert (span.state, span.gap) == ("unknown", None)
            else:
                assert span.gap == pytest.approx(demand - offer)
                assert span.state == ("gap" if demand > offer else "meet")


@pytest.mark.parametrize("seed", SEEDS)
def test_known_stance_by_a_data_frame(seed: int) -> None:
    rows = random_positions(seed)
    weights = pl.DataFrame({"issue": ["end", "troops", "price"], "weight": [2.0, 1.0, 1.0]})
    table = pl.DataFrame(
        [
            {"day": (r.date - START).days, "issue": r.issue, "level": r.level}
            for r in rows
            if r.actor == ("keepers",)
        ],
        schema={"day": pl.Int64, "issue": pl.String, "level": pl.Float64},
    )
    means = table.group_by("day", "issue").agg(pl.col("level").mean()).join(weights, on="issue")
    expected = (
        means.group_by("day")
        .agg(
            (pl.col("level") * pl.col("weight")).sum() / pl.col("weight").sum(),
            (pl.col("issue") == "end").any().alias("end"),
        )
        .filter(pl.col("end"))
        .sort("day")
    )
    points = stance_points(make_record(positions=rows), "holder", BASE)
    assert points.days.tolist() == expected["day"].to_list()
    np.testing.assert_allclose(points.values, expected["level"].to_numpy())


def daily(seed: int, aggregate: str) -> tuple[Record, pl.DataFrame]:
    rng = np.random.default_rng(seed)
    days = sorted(rng.choice(70, size=62, replace=False).tolist())
    values = rng.integers(0, 50, size=62).tolist()
    info = {"id": "s", "name": "S", "unit": "u", "step": "day", "aggregate": aggregate, "measures": "deaths"}
    rows = tuple(point(f"S{day}", "s", day, day, value) for day, value in zip(days, values, strict=True))
    return make_record(case={"series": [info]}, series=rows), pl.DataFrame({"day": days, "value": values})


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("aggregate", ["sum", "mean"])
def test_weekly_series_by_a_data_frame(seed: int, aggregate: str) -> None:
    record, table = daily(seed, aggregate)
    expected = (
        table.group_by(pl.col("day") // 7)
        .agg(getattr(pl.col("value"), aggregate)(), pl.len().alias("seen"))
        .filter(pl.col("seen") == 7)
        .sort("day")
    )
    points = series_points(record, "s")
    assert (points.days // 7).tolist() == expected["day"].to_list()
    np.testing.assert_allclose(points.values, expected["value"].to_numpy())


@pytest.mark.parametrize("seed", SEEDS)
def test_occasions_by_striking_out_a_week_at_a_time(seed: int) -> None:
    days = np.random.default_rng(seed).integers(0, 70, size=20)
    record = make_record(events=tuple(event(f"E{number}", int(day)) for number, day in enumerate(days)))
    left, firsts = sorted(set(days.tolist())), []
    while left:
        firsts.append(left[0])
        left = [day for day in left if day > firsts[-1] + 7]
    assert occasions(record, Selector(), BASE).days.tolist() == firsts
