"""Ranks of simulation-based calibration: right posteriors pass, wrong ones show, and bands hold as often as they say."""

import numpy as np
import pytest
from scipy.stats import norm

from standoff.inference import ranks as r


def found_ranks(records, scale=1.0, shift=0.0, seed=0, count=99):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(records, 1))
    draws = shift + scale * rng.normal(size=(records, count))
    return np.sum(draws < truth, axis=1)


def test_weighted_draws_give_the_ranks_of_their_target():
    rng = np.random.default_rng(1)
    found = []
    for _ in range(600):
        wide = rng.normal(size=(800, 1)) * 1.5
        weights = norm.pdf(wide[:, 0]) / norm.pdf(wide[:, 0], scale=1.5)
        found.append(r.ranks(rng.normal(size=1), wide, 19, rng, weights)[0])
    ranks = np.array(found)
    assert r.ecdf_check(ranks, 19).passed and r.chi_square(ranks, 19, 10).p > 0.01
    unweighted = found_ranks(600, scale=1.5, count=19)
    assert not r.ecdf_check(unweighted, 19).passed


def test_ties_are_broken_evenly_and_quantities_stay_apart():
    rng = np.random.default_rng(2)
    draws = np.column_stack([np.zeros(9), np.arange(9.0)])
    found = np.array([r.ranks(np.array([0.0, 4.5]), draws, 9, rng) for _ in range(4000)])
    assert np.all(found[:, 1] == 5)
    assert np.allclose(np.bincount(found[:, 0], minlength=10) / 4000, 0.1, atol=0.03)
    with pytest.raises(ValueError, match="too few"):
        r.ranks(np.zeros(2), draws, 10, rng)


@pytest.mark.parametrize(("scale", "shift"), [(0.7, 0.0), (1.4, 0.0), (1.0, 0.4)])
def test_wrong_posteriors_show(scale, shift):
    ranks = found_ranks(500, scale, shift)
    check = r.ecdf_check(ranks, 99)
    assert not check.passed and check.outside > 5 and r.chi_square(ranks, 99).p < 0.01


def test_which_side_the_counts_leave_says_what_is_wrong():
    low = r.ecdf_check(
        found_ranks(500, shift=0.5), 99
    )  # posteriors too high: truths rank low, counts come early
    assert np.any(low.counts > low.bands.upper) and not np.any(low.counts < low.bands.lower)


def test_bands_hold_together_as_often_as_they_say():
    rng = np.random.default_rng(3)
    held = [r.ecdf_check(rng.integers(0, 50, 200), 49, 0.9).passed for _ in range(2000)]
    assert np.mean(held) == pytest.approx(r.bands(200, 49, 0.9).coverage, abs=4 * np.sqrt(0.09 / 2000))
    assert 0.9 <= r.bands(200, 49, 0.9).coverage < 0.92


def test_more_records_tell_more_and_a_right_posterior_is_not_detected():
    few, many = r.detectable(50, 19), r.detectable(200, 19)
    assert few.narrow < many.narrow < 1 < many.wide < few.wide
    assert 0 < many.shift < few.shift
    for scale, shift in ((many.narrow, 0.0), (many.wide, 0.0), (1.0, many.shift)):
        assert r.power(200, r.rank_law(19, scale, shift)) == pytest.approx(0.8, abs=0.02)
    false = r.power(200, r.rank_law(19))
    assert false == pytest.approx(1 - r.bands(200, 19).coverage) and false <= 0.05


def test_power_is_how_often_the_check_fails():
    failed = [not r.ecdf_check(found_ranks(100, 0.75, 0.1, seed, 19), 19).passed for seed in range(1500)]
    assert np.mean(failed) == pytest.approx(r.power(100, r.rank_law(19, 0.75, 0.1)), abs=0.05)


def test_one_record_detects_nothing():
    # Its rank is 0 with probability 1/20 when all is right, so that even 0 lies within bands of level .95.
    assert r.detectable(1, 19) == r.Detectable(1, 0.8, 0.0, np.inf, np.inf)


def test_bins_must_divide_the_ranks():
    with pytest.raises(ValueError, match="do not divide"):
        r.chi_square(np.zeros(10, dtype=int), 99, 30)
