"""Fixed numbers of the statistical side: simulation-based calibration, stacking, robustness values."""

import numpy as np
import pytest
from scipy.stats import chi2

from standoff.inference.ranks import chi_square, ecdf_check, rank_law, ranks
from standoff.inference.sensitivity import linear_bias, robustness_value

CRITICAL = 36.19
RECORDS, COUNT, BINS = 1000, 99, 20


def normal_mean(scale, seed):
    """Ranks of theta ~ N(0, 1) given five y ~ N(theta, 1), its posterior's standard deviation times `scale`."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=RECORDS)
    mean = (theta[:, None] + rng.normal(size=(RECORDS, 5))).sum(1) / 6
    draws = mean[:, None] + scale / np.sqrt(6) * rng.normal(size=(RECORDS, COUNT))
    pairs = zip(theta, draws, strict=True)
    return np.array([ranks(np.array([one]), some[:, None], COUNT, rng)[0] for one, some in pairs])


def test_the_critical_value():
    assert chi2.ppf(0.99, BINS - 1) == pytest.approx(CRITICAL, abs=0.005)


def test_an_exact_posterior_stays_below_the_critical_value():
    found = normal_mean(1.0, 0)
    assert chi_square(found, COUNT, BINS).statistic < CRITICAL and ecdf_check(found, COUNT).passed


@pytest.mark.parametrize(("scale", "golden"), [(0.7, 287.0), (1.4, 152.0)])
def test_a_posterior_of_the_wrong_width_gives_the_chi_square_it_should(scale, golden):
    bins = rank_law(COUNT, scale).reshape(BINS, -1).sum(1)
    expected = RECORDS * BINS * np.sum((bins - 1 / BINS) ** 2) + BINS * np.sum(bins * (1 - bins))
    spread = np.sqrt(2 * (BINS - 1 + 2 * (expected - (BINS - 1))))  # of a noncentral chi-square
    assert abs(golden - expected) < spread
    found = normal_mean(scale, 1)
    statistic = chi_square(found, COUNT, BINS).statistic
    assert abs(statistic - expected) < 3 * spread and statistic > CRITICAL
    shape = np.bincount(found // 5, minlength=BINS)
    ends, middle = shape[[0, 1, -2, -1]].mean(), shape[8:12].mean()
    assert ends > 1.5 * middle if scale < 1 else middle > 1.5 * ends  # a U, or a hump


def test_robustness_value_of_the_published_example():
    """Exposure to violence in [cinelli2020making]: estimate .097, error .023, 783 degrees of freedom."""
    assert robustness_value(4.184, 783) == pytest.approx(0.139, abs=0.0005)
    value = robustness_value(4.184, 783)
    assert linear_bias(0.0233, 783, value, value) == pytest.approx(4.184 * 0.0233)
