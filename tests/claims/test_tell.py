"""Could this record have told: worlds that hold what they say, and rates that move as they must."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from standoff.claims import worlds as made
from standoff.claims.order import order_in_time
from standoff.claims.part import run_part
from standoff.claims.simulate import Jumps, Process, fit_process, latent, record_values
from standoff.claims.tell import could_have_told
from standoff.panel import baseline_options
from standoff.record.claims_schema import ContrastTest, OrderTest
from standoff.record.rows import PositionReading

from .invented import ORDER, claim, drawn, frame, part

QUIET = Process(mean=50.0, kept_a_week=0.8, spread=1e-9, coder_error=0.0, low=None, high=None)


def posed(record, test):
    return order_in_time(record, test, "+", 1, "tell", draws=49).posed


def order_test(size=15.0, **changes):
    return OrderTest.model_validate({**ORDER, "size": size, **changes})


def path(jump, days):
    return latent(QUIET, days, Jumps(jump, np.zeros(len(days))), 1, np.random.default_rng(0))[0] - 50


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_claims_world_moves_every_exposed_difference_by_the_size_declared(sign):
    record = drawn(4)
    test = order_test()
    problem = posed(record, test)
    points = problem.readings.points[0]
    jump = made.signal_jumps(problem, QUIET, points.days, sign * 15.0)
    values = path(jump, points.days)
    weeks = np.diff(points.days) / 7
    # what an exposed difference shows beyond what the earlier deviation does by itself
    fresh = values[1:] - values[:-1] * QUIET.kept_a_week**weeks
    design = problem.problem.designs[problem.problem.baseline]
    exposed = problem.problem.expose(made_table(problem, design), len(points.days) - 1)(design.signals)[
        0
    ].astype(bool)
    assert exposed.any()
    assert fresh[exposed] == pytest.approx(sign * 15.0, abs=1e-4)
    # acts before a longer gap have worn off, none adds more than the size
    assert (np.abs(fresh[~exposed]) <= 15.0 + 1e-4).all()


def made_table(problem, design):
    from standoff.claims.differences import response_table

    outcome = problem.problem.outcomes[design.outcome]
    return response_table(outcome, design.window, problem.problem.length)


def test_a_contrast_moves_each_kind_by_half_the_size_its_own_way():
    record = drawn(4, signals=30)
    test = ContrastTest.model_validate(
        {
            "test": "contrast",
            "signal": {"actors": ["ally"], "intensity_at_least": 3},
            "against": {"actors": ["party"]},
            "outcome": {"stance": "holder"},
            "size": 20,
        }
    )
    problem = posed(record, test)
    points = problem.readings.points[0]
    jump = made.signal_jumps(problem, QUIET, points.days, 20.0)
    weeks = np.diff(points.days) / 7
    values = path(jump, points.days)
    fresh = values[1:] - values[:-1] * QUIET.kept_a_week**weeks
    design = problem.problem.designs[problem.problem.baseline]
    exposure = problem.problem.expose(made_table(problem, design), len(fresh))(design.signals)[0]
    assert fresh[exposure > 0] == pytest.approx(10.0, abs=1e-4)
    assert fresh[exposure < 0] == pytest.approx(-10.0, abs=1e-4)


def test_a_rival_without_rows_has_no_world_and_the_others_do():
    record = drawn(4)
    problem = posed(record, order_test())
    days = problem.readings.points[0].days
    names = ("drift", "domestic-block", "shock", "pressure")

    def world_names(kept):
        return set(made.worlds(kept, problem, baseline_options(kept.case), QUIET, days, 15.0, names))

    always = {made.EFFECT, made.TURNED, made.NOTHING, "drift"}
    assert world_names(record) == always | {"domestic-block", "shock", "pressure"}
    bare = replace(record, case=frame(shocks=[], domestic_blocks=None, pressure=[]))
    assert world_names(bare) == always


def test_drift_moves_by_the_size_in_thirteen_weeks():
    record = drawn(4)
    problem = posed(record, order_test())
    days = np.array([0, 91, 182])
    world = made.worlds(record, problem, baseline_options(record.case), QUIET, days, 15.0, ("drift",))[
        "drift"
    ]
    assert np.diff(world.level) == pytest.approx([15.0, 15.0])


def tell(record, size, seed=1, records=120):
    test = order_test(size)
    return could_have_told(
        record, test, posed(record, test), "effect-several", "+", seed, "tell", records=records
    )


def test_more_stance_points_and_larger_sizes_tell_more():
    few, many = drawn(6, points=16), drawn(6, points=45)
    assert tell(many, 40).power_for > tell(few, 40).power_for
    assert tell(many, 40).power_for > tell(many, 5).power_for + 0.2


def test_where_signals_do_nothing_the_rules_seldom_say_that_they_do():
    found = tell(drawn(6, points=30), 30, records=300)
    assert found.false_for <= 0.10
    assert found.false_against <= 0.10
    for world in found.worlds:
        total = world.says_for + world.says_against + world.too_small + world.cannot_tell
        assert total == pytest.approx(1.0)
        assert world.records == 300


def test_the_sign_of_the_claim_turns_the_worlds():
    record = drawn(6, points=30)
    test = order_test(40)
    problem = posed(record, test)
    up, down = (
        could_have_told(record, test, problem, "effect-several", sign, 1, "tell", records=100)
        for sign in "+-"
    )
    assert up.power_for > 0.3
    # for a claim of a softer stance, *for* means a fall
    assert down.power_for > 0.3
    assert up.power_for == pytest.approx(down.power_against, abs=0.2)


def test_the_seed_alone_decides():
    record = drawn(6)
    assert tell(record, 20) == tell(record, 20)
    assert tell(record, 20) != tell(record, 20, seed=2)


def test_too_few_differences_cannot_be_simulated():
    record = drawn(5, points=5)
    test = order_test()
    assert could_have_told(record, test, posed(record, test), "effect-several", "+", 1, "tell") is None


def test_the_process_is_found_again():
    """Simulate a long record with a known process and a strong signal; the fit is near, and the signal is no noise."""
    rng = np.random.default_rng(2)
    process = Process(mean=50.0, kept_a_week=0.8, spread=12.0, coder_error=4.0, low=None, high=None)
    days = np.arange(0, 4000 * 14, 14)
    exposure = (rng.random(len(days) - 1) < 0.3).astype(float)
    jump = np.append(0.0, 30.0 * exposure)
    levels = latent(process, days, Jumps(jump, np.full(len(days), 0.0)), 1, rng)[0]
    values = record_values(process, levels, rng.standard_normal(len(days)), None)
    from standoff.claims.differences import stance_differences

    outcome = stance_differences(days, values, int(days[-1]) + 1)
    found = fit_process(outcome, exposure, 2.0, 4.0, None, None)
    assert found is not None
    # the coder's error makes the drift back look faster than it is, so spread is a little low
    assert found.kept_a_week == pytest.approx(0.8, abs=0.08)
    assert found.spread == pytest.approx(12.0, rel=0.12)


def test_two_readings_give_the_coders_error():
    record = drawn(6, points=18)
    assert made.coder_error(record) == made.CODER_ERROR
    again = tuple(PositionReading(row.id, row.level, False, "") for row in record.positions)
    assert made.coder_error(replace(record, position_readings=again)) == 0.5
    moved = tuple(replace(row, level=abs((row.level or 0) - 10)) for row in again)
    gaps = [abs((a.level or 0) - (b.level or 0)) for a, b in zip(record.positions, moved, strict=True)]
    expected = np.sqrt(np.mean(np.square(gaps)) / 2)
    assert made.coder_error(replace(record, position_readings=moved)) == pytest.approx(expected)


def test_steps_of_a_composite_are_all_its_values():
    record = drawn(6)
    assert made.steps_of(record, "end-alone").tolist() == [0, 25, 50, 75, 100]
    assert made.steps_of(record, "no-such") is None


def test_results_are_plain_values_that_json_keeps():
    record = drawn(8, effect=20, claims=[claim([part()])])
    mine = record.claims.claims[0]
    result = asdict(run_part(record, mine, mine.parts[0], 3))

    def plain(value):
        if isinstance(value, dict):
            return all(plain(one) for one in value.values())
        if isinstance(value, list | tuple):
            return all(plain(one) for one in value)
        return type(value) in (str, int, float, bool, type(None))

    assert plain(result)
    assert json.loads(json.dumps(result, allow_nan=False)) == json.loads(json.dumps(result))
