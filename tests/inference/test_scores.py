"""Leave-future-out scores and Bayes factors against a conjugate model, where all is known in closed form."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from standoff.inference.bayes_factors import Evidence, bayes_factors, rescaled
from standoff.inference.importance import smoothed
from standoff.inference.leave_future_out import leave_future_out

WEEKS = 30
DRAWS = 4000


def record(jump=0.0):
    y = np.random.default_rng(0).normal(0.7, 1, WEEKS)
    y[20:] += jump
    return y


def posterior(y):
    """Mean and variance of theta for y ~ N(theta, 1), theta ~ N(0, 1)."""
    return y.sum() / (len(y) + 1), 1 / (len(y) + 1)


def exact(y, start):
    terms = []
    for week in range(start, len(y)):
        mean, variance = posterior(y[:week])
        terms.append(norm.logpdf(y[week], mean, np.sqrt(1 + variance)))
    return np.array(terms)


def drawn(y, upto, seed=1, wide=1.0):
    """Draws given the weeks before `upto`, with log weights where they come from a wider law."""
    mean, variance = posterior(y[:upto])
    proposal = norm(mean, np.sqrt(variance) * wide)
    theta = proposal.rvs(DRAWS, random_state=np.random.default_rng(seed))
    log_weights = norm.logpdf(theta, mean, np.sqrt(variance)) - proposal.logpdf(theta)
    return norm.logpdf(y[None], theta[:, None]), log_weights


class Refits:
    def __init__(self, y, wide=1.0):
        self.y, self.wide, self.weeks = y, wide, []

    def __call__(self, week):
        self.weeks.append(week)
        return drawn(self.y, week, 100 + week, self.wide)


@pytest.mark.parametrize("wide", [1.0, 1.5])
@pytest.mark.parametrize("backwards", [True, False])
def test_scores_are_those_of_exact_fits(backwards, wide):
    y, start = record(), 8
    refits = Refits(y, wide)
    log_lik, log_weights = drawn(y, WEEKS if backwards else start, wide=wide)
    seen = None if backwards else start
    found = leave_future_out(log_lik, log_weights, refits, start, seen=seen)
    assert found.passed and len(refits.weeks) == found.refitted.sum() < 6
    assert np.allclose(found.elpd, exact(y, start), atol=0.05)
    assert found.total == pytest.approx(exact(y, start).sum(), abs=0.2)
    assert np.all(found.effective > 100)


def test_a_jump_brings_a_refit_and_goes_on_from_it():
    y, start = record(jump=6.0), 8
    refits = Refits(y)
    log_lik, log_weights = drawn(y, start)
    found = leave_future_out(log_lik, log_weights, refits, start, seen=start)
    assert refits.weeks and all(week > 20 for week in refits.weeks)
    assert [start + int(place) for place in np.flatnonzero(found.refitted)] == refits.weeks
    assert np.allclose(found.elpd, exact(y, start), atol=0.15)
    never = leave_future_out(log_lik, log_weights, refits, start, threshold=np.inf, seen=start)
    assert np.max(np.abs(never.elpd - exact(y, start))) > 0.5  # so the refits were needed


@pytest.mark.parametrize("spread", [3.0, 300.0])
def test_a_refit_that_cannot_be_trusted_fails_the_gate(spread):
    y = record()
    log_lik, _ = drawn(y, WEEKS)
    heavy = spread * np.random.default_rng(3).standard_exponential(DRAWS)
    found = leave_future_out(log_lik, heavy, lambda week: (log_lik, heavy), 25)
    assert found.refitted.all() and not found.passed and "must be below 0.7" in found.gates[0].detail


def test_draws_that_do_not_count_change_nothing():
    y, start = record(), 20
    log_lik, log_weights = drawn(y, start, wide=1.3)
    plain = leave_future_out(log_lik, log_weights, Refits(y), start, seen=start)
    more = np.vstack([log_lik, np.full((5, WEEKS), np.nan)])
    padded = leave_future_out(more, np.append(log_weights, [-np.inf] * 5), Refits(y), start, seen=start)
    assert np.allclose(padded.elpd, plain.elpd)


def test_equal_weights_are_not_smoothed():
    weights, k = smoothed(np.zeros(50))
    assert k == -np.inf and np.allclose(np.exp(weights), 0.02)
    assert smoothed(np.zeros(5))[1] == np.inf and smoothed(np.full(40, -np.inf))[1] == np.inf


@pytest.mark.parametrize(("start", "seen"), [(0, None), (WEEKS, None), (5, 7)])
def test_weeks_that_do_not_fit_are_said(start, seen):
    log_lik, log_weights = drawn(record(), WEEKS)
    with pytest.raises(ValueError, match="cannot score"):
        leave_future_out(log_lik, log_weights, Refits(record()), start, seen=seen)


def test_bayes_factors_are_numbers_with_errors():
    table = [Evidence("M12", -100.0, 0.03), Evidence("M7", -100.0 + 2 * np.log(10), 0.04)]
    base, other = bayes_factors(table, "M12")
    assert (base.log10, base.error) == (0.0, 0.0)
    assert other.log10 == pytest.approx(2.0) and other.error == pytest.approx(0.05 / np.log(10))
    assert other.probability == pytest.approx(100 / 101) and base.probability == pytest.approx(1 / 101)


def test_the_prior_scale_against_the_closed_form():
    y = record()[:6]
    mean, variance = posterior(y)
    z = np.random.default_rng(4).normal(mean, np.sqrt(variance), (20000, 1))

    def log_evidence(factor):
        return multivariate_normal.logpdf(y, np.zeros(6), np.eye(6) + factor**2)

    for one in rescaled(z, np.ones(len(z)), [0], (0.5, 0.8, 1.0, 1.5, 3.0)):
        assert one.passed
        true = log_evidence(one.factor) - log_evidence(1.0)
        assert one.change == pytest.approx(true, abs=max(4 * one.error, 1e-9))


def test_a_prior_that_the_draws_do_not_reach_has_not_passed():
    z = np.random.default_rng(5).normal(0, 1, (2000, 8))
    wide = rescaled(z, np.ones(2000), range(8), (3.0,))[0]
    assert wide.k > 0.7 and not wide.passed
