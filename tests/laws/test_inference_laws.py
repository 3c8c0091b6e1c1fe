"""Laws of the tools of inference as properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standoff.inference.discovery import contains, measured, prim, share_inside
from standoff.inference.leave_future_out import leave_future_out
from standoff.inference.ranks import bands, power, rank_law
from standoff.inference.sensitivity import direction_curve, unrecorded_cause
from standoff.inference.stacking import LARGEST_GAP, bma_plus, stacking_weights

seeds = st.integers(0, 2**31)


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(1, 8), st.integers(1, 80), st.floats(0.01, 20.0))
def test_stacking_weights_are_the_best_mixture(seed, rivals, weeks, spread):
    rng = np.random.default_rng(seed)
    scores = spread * rng.normal(size=(weeks, rivals))
    shares = np.vstack([np.full(weeks, 1 / weeks), rng.dirichlet(np.ones(weeks))])
    weights, gap = stacking_weights(scores, shares)
    assert np.all(gap <= LARGEST_GAP) and np.all(weights >= 0) and np.allclose(weights.sum(1), 1)
    density = np.exp(scores - scores.max(1, keepdims=True))
    for other in rng.dirichlet(np.ones(rivals), size=20):
        for share, one, slack in zip(shares, weights, gap, strict=True):
            assert share @ np.log(density @ other) <= share @ np.log(density @ one) + slack + 1e-12
    plus = bma_plus(scores, shares)
    assert np.all(plus >= 0) and plus.sum() == pytest.approx(1)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_a_rival_named_twice_shares_its_weight(seed):
    scores = np.random.default_rng(seed).normal(size=(30, 3))
    even = np.full((1, 30), 1 / 30)
    once = stacking_weights(scores, even)[0][0]
    twice = stacking_weights(np.column_stack([scores, scores[:, 0]]), even)[0][0]
    assert np.allclose([twice[0] + twice[3], twice[1], twice[2]], once, atol=1e-3)


@settings(max_examples=15, deadline=None)
@given(seeds, st.booleans())
def test_weeks_that_tell_draws_nothing_apart_need_no_refit(seed, backwards):
    rng = np.random.default_rng(seed)
    log_lik = np.repeat(rng.normal(size=(1, 12)), 50, axis=0)

    def refit(week):
        raise AssertionError("no refit is needed")

    found = leave_future_out(log_lik, np.zeros(50), refit, 4, seen=None if backwards else 4)
    assert np.allclose(found.elpd, log_lik[0, 4:]) and np.allclose(found.effective, 50)


@settings(max_examples=20, deadline=None)
@given(seeds, st.integers(30, 150))
def test_boxes_measure_what_they_hold(seed, count):
    rng = np.random.default_rng(seed)
    draws = np.round(rng.normal(size=(count, 3)), 1)
    holds = draws[:, 0] + 0.5 * rng.normal(size=count) > 0.3
    holds[0] = True
    names = ("a", "b", "c")
    for box in prim(draws, holds, names):
        inside = contains(box.bounds, draws, names)
        assert box.density * box.inside == pytest.approx(holds[inside].sum())
        assert box.coverage * holds.sum() == pytest.approx(holds[inside].sum())
        assert share_inside(box.bounds, draws, np.ones(count), names)[0] == pytest.approx(box.support)
        for name in box.bounds:
            wider = measured({k: v for k, v in box.bounds.items() if k != name}, draws, holds, names)
            assert wider.coverage >= box.coverage and wider.support >= box.support


@settings(max_examples=15, deadline=None)
@given(st.floats(0.3, 3.0), st.floats(0.0, 1.5), st.integers(2, 40))
def test_laws_of_ranks_mirror_and_are_even_when_all_is_right(scale, shift, count):
    law = rank_law(count, scale, shift)
    assert law.sum() == pytest.approx(1) and np.all(law >= 0)
    assert np.allclose(law[::-1], rank_law(count, scale, -shift), atol=1e-9)
    assert np.allclose(rank_law(count), 1 / (count + 1), atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 120), st.sampled_from([0.8, 0.9, 0.99]))
def test_bands_are_nested_and_keep_their_level(records, level):
    one, wider = bands(records, 19, level), bands(records, 19, (1 + level) / 2)
    assert level <= one.coverage <= 1 + 1e-9
    assert np.all(wider.lower <= one.lower) and np.all(wider.upper >= one.upper)
    assert np.all(np.diff(one.lower) >= 0) and np.array_equal(one.upper, records - one.lower[::-1])
    assert power(records, rank_law(19), level) == pytest.approx(1 - one.coverage, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(seeds, st.floats(-2.0, 2.0), st.floats(0.1, 5.0))
def test_stronger_unrecorded_causes_make_a_direction_less_sure(seed, mean, unit):
    rng = np.random.default_rng(seed)
    draws, weights = rng.normal(mean, 1.0, 200), rng.uniform(0.1, 1.0, 200)
    found = unrecorded_cause(draws, weights, {"block": 0.4, "shock": -0.2})
    curve = direction_curve(draws, weights, found, np.linspace(0.0, 5.0, 30))
    assert np.all(np.diff(curve) <= 1e-12) and curve[0] == pytest.approx(found.probability)
    assert unrecorded_cause(-draws, weights, {"block": 0.4}).strength == pytest.approx(found.strength)
    units = unrecorded_cause(unit * draws, weights, {"block": 0.4 * unit})
    assert units.strength == pytest.approx(found.strength)
