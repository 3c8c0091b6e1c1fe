"""An unrecorded cause: closed forms for a normal posterior, and what cannot be told."""

import numpy as np
import pytest
from scipy.stats import norm

from standoff.inference.sensitivity import direction_curve, linear_bias, unrecorded_cause

DRAWS = norm.ppf((np.arange(20000) + 0.5) / 20000, 0.6, 0.3)
EVEN = np.ones(len(DRAWS))


@pytest.mark.parametrize("way", [1, -1])
def test_a_normal_posterior_in_closed_form(way):
    found = unrecorded_cause(way * DRAWS, EVEN, {"block": -0.1, "shock": 0.15})
    assert (found.direction, found.strongest, found.bias) == (way, "shock", 0.15)
    assert found.probability == pytest.approx(norm.cdf(2), abs=1e-4)
    assert found.strength == pytest.approx(norm.ppf(0.2, 0.6, 0.3) / 0.15, abs=1e-3)
    before, at, after = direction_curve(
        way * DRAWS, EVEN, found, found.strength * np.array([0.99, 1.0, 1.01])
    )
    assert before >= 0.8 > after and at == pytest.approx(0.8, abs=1e-4)


def test_weights_count():
    wide = norm.ppf((np.arange(20000) + 0.5) / 20000, 0.6, 0.6)
    weights = norm.pdf(wide, 0.6, 0.3) / norm.pdf(wide, 0.6, 0.6)
    found = unrecorded_cause(wide, weights, {"block": 0.2})
    assert found.strength == pytest.approx(norm.ppf(0.2, 0.6, 0.3) / 0.2, abs=0.01)


def test_what_is_unsure_already_needs_no_cause_and_no_bias_says_nothing():
    assert unrecorded_cause(DRAWS - 0.5, EVEN, {"block": 0.1}).strength == 0.0
    assert unrecorded_cause(DRAWS, EVEN, {"block": 0.0}).strength == np.inf
    with pytest.raises(ValueError, match="recorded cause"):
        unrecorded_cause(DRAWS, EVEN, {})
    with pytest.raises(ValueError, match="weight"):
        unrecorded_cause(DRAWS, EVEN[:5], {"block": 0.1})


def test_the_bias_formula_is_that_of_an_omitted_regressor():
    rng = np.random.default_rng(0)
    hidden, noise = rng.normal(size=(2, 400))
    signal = 0.7 * hidden + rng.normal(size=400)
    outcome = 0.5 * signal + 0.8 * hidden + noise

    def residual(y, *columns):
        design = np.column_stack([np.ones(400), *columns])
        return y - design @ np.linalg.lstsq(design, y, rcond=None)[0]

    def slope(y, x, *others):
        away = residual(x, *others)
        return away @ residual(y, *others) / (away @ away)

    def r2(y, x, *others):
        return np.corrcoef(residual(y, *others), residual(x, *others))[0, 1] ** 2

    left = residual(outcome, signal)
    error = np.sqrt(left @ left / 398 / (residual(signal) @ residual(signal)))
    true = abs(slope(outcome, signal) - slope(outcome, signal, hidden))
    assert linear_bias(error, 398, r2(outcome, hidden, signal), r2(signal, hidden)) == pytest.approx(true)
