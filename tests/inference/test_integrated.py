"""Parameters integrated out by weighted draws: right on average whatever the guess is, and the draw kept stands for all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from standoff.inference.integrated import Inner, integrated

EYE = np.eye(1)


def skewed(shift=0.0):
    """exp(4 x - 3 exp(x)) of one parameter, far from normal."""
    return Inner(
        lambda x: 4.0 * x[:, 0] - 3.0 * np.exp(x[:, 0]) + shift,
        lambda x: 4.0 - 3.0 * np.exp(x),
    )


@pytest.mark.parametrize(("guess", "spread"), [(0.3, 0.5), (0.3, 1.0), (-1.5, 0.4)])
def test_the_integral_and_the_draw_are_right_on_average(guess, spread):
    exact, mean = (quad(lambda x, k=k: x**k * np.exp(4 * x - 3 * np.exp(x)), -12, 4)[0] for k in (0, 1))
    told = [
        integrated(skewed(), np.array([guess]), spread**2 * EYE, 8, np.random.default_rng([1, k]))
        for k in range(4000)
    ]
    weights = np.exp([one[0] for one in told]) / exact
    kept = np.array([one[1][0] for one in told])
    for values, truth in ((weights, 1.0), (weights * kept, mean / exact)):
        assert abs(values.mean() - truth) < 4.0 * values.std() / np.sqrt(len(values))
    assert weights.std() / np.sqrt(len(weights)) < 0.02


def test_with_many_draws_a_normal_density_is_integrated_closely():
    root = np.array([[1.0, 0.0], [0.6, 0.5]])
    precision = np.linalg.inv(root @ root.T)
    middle = np.array([0.7, -0.4])
    inner = Inner(
        lambda x: -0.5 * np.einsum("ni,ij,nj->n", x - middle, precision, x - middle),
        lambda x: -precision @ (x - middle),
    )
    told, _ = integrated(inner, np.zeros(2), root @ root.T, 20000, np.random.default_rng(3))
    assert told == pytest.approx(np.log(2 * np.pi * np.prod(np.diag(root))), abs=0.02)


@settings(max_examples=30, deadline=None)
@given(st.floats(-300, 300), st.floats(-2, 2))
def test_a_constant_goes_through(shift, guess):
    here, there = (
        integrated(skewed(by), np.array([guess]), EYE, 16, np.random.default_rng(5)) for by in (0.0, shift)
    )
    assert there[0] - here[0] == pytest.approx(shift, abs=1e-9)
    assert there[1] == pytest.approx(here[1], abs=1e-12)


def test_a_density_that_is_nowhere_finite_has_no_weight():
    nowhere = Inner(lambda x: np.full(len(x), np.nan), lambda x: np.full(1, np.nan))
    told, kept = integrated(nowhere, np.array([0.4]), EYE, 8, np.random.default_rng(1))
    assert told == -np.inf and kept == pytest.approx([0.4])
