"""Draws screened by a cheap density: the sum is right whatever the cheap one is, and one far off fails its gates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.inference.importance import Effort, Mode, Target
from standoff.inference.screened import SURELY, Screen, fit_screened, hopeless, keeping

SCREEN = Screen(first=400, most=3000, cheap=Effort(draws=1000, rounds=4, aim=1e9))


def normal(mean: np.ndarray, spread: np.ndarray, height: float = 0.0) -> Target:
    """A normal log density with a known sum: exp(height)."""

    def many(z: np.ndarray) -> np.ndarray:
        away = (z - mean) / spread
        return (
            height
            - 0.5 * np.sum(away**2, axis=1)
            - np.sum(np.log(spread))
            - 0.5 * len(mean) * np.log(2 * np.pi)
        )

    return Target(
        many,
        lambda z: (float(many(z[None])[0]), -(z - mean) / spread**2),
        lambda z: -np.diag(1 / spread**2),
    )


def fitted(dear: Target, cheap: Target, size: int, seed: int = 0, screen: Screen = SCREEN):
    mode = Mode(np.zeros(size), float(cheap.many(np.zeros((1, size)))[0]), 0.0, 1)
    return fit_screened(dear, cheap, size, np.random.default_rng(seed), Effort(), screen, (mode,))


def test_the_dear_density_decides_mean_spread_and_sum() -> None:
    mean, spread = np.array([0.4, -0.3, 0.2, 0.0]), np.array([0.8, 1.2, 1.0, 0.9])
    found = fitted(normal(mean, spread, 3.0), normal(np.zeros(4), np.ones(4)), 4)
    assert found.passed, found.gates
    assert found.log_evidence == pytest.approx(3.0, abs=4 * found.log_evidence_error)
    told = found.weights @ found.z
    assert told == pytest.approx(mean, abs=4 / np.sqrt(found.effective))
    wide = np.sqrt(found.weights @ (found.z - told) ** 2)
    assert wide == pytest.approx(spread, rel=0.2)


def test_the_sum_is_right_on_average_even_where_the_cheap_density_is_poor() -> None:
    dear = normal(np.full(3, 0.8), np.full(3, 0.7), -2.0)
    cheap = normal(np.zeros(3), np.ones(3))
    sums = np.exp([fitted(dear, cheap, 3, seed).log_evidence for seed in range(30)])
    error = sums.std() / np.sqrt(len(sums))
    assert sums.mean() == pytest.approx(np.exp(-2.0), abs=4 * error)


def test_a_cheap_density_that_looks_elsewhere_fails_its_gates() -> None:
    found = fitted(normal(np.full(6, 4.0), np.full(6, 0.3)), normal(np.zeros(6), np.ones(6)), 6)
    assert not found.passed


def test_where_too_few_draws_are_left_to_choose_from_more_are_made() -> None:
    few = Screen(first=100, most=8000, cheap=Effort(draws=150, rounds=2, aim=1e9))
    mean, spread = np.array([0.8, -0.7, 0.6]), np.array([0.7, 0.8, 0.9])
    found = fitted(normal(mean, spread, 1.0), normal(np.zeros(3), np.ones(3)), 3, screen=few)
    assert found.passed and len(found.z) > 2 * 150, found.gates
    assert found.log_evidence == pytest.approx(1.0, abs=4 * found.log_evidence_error)


def test_what_cannot_arrive_stops_early() -> None:
    assert hopeless(5.0, 1000, 8000, 400.0) and not hopeless(30.0, 1000, 8000, 400.0)
    calls = []
    dear = normal(np.full(12, 1.5), np.full(12, 0.4))

    def many(z: np.ndarray) -> np.ndarray:
        calls.append(len(z))
        return dear.many(z)

    found = fitted(Target(many, dear.slope, dear.curvature), normal(np.zeros(12), np.ones(12)), 12)
    assert not found.passed and sum(calls) < 2 * SCREEN.first


def test_solutions_that_failed_have_no_weight_and_are_counted() -> None:
    whole = normal(np.zeros(2), np.ones(2))

    def many(z: np.ndarray) -> np.ndarray:
        return np.where(z[:, 0] > 1.0, np.nan, whole.many(z))

    found = fitted(Target(many, whole.slope, whole.curvature), whole, 2)
    assert found.failed == int(np.sum(found.z[:, 0] > 1.0)) > 0
    assert np.all(found.weights[found.z[:, 0] > 1.0] == 0.0)
    assert found.log_evidence == pytest.approx(np.log(0.8413), abs=5 * found.log_evidence_error)


@given(
    st.lists(st.floats(-30, 5, allow_nan=False), min_size=5, max_size=60),
    st.integers(1, 40),
)
def test_chances_are_chances_rise_with_the_weight_and_grow_with_the_count(
    weights: list[float], count: int
) -> None:
    logs = np.array(weights)
    few, more = keeping(logs, count), keeping(logs, 2 * count)
    for chance in (few, more):
        assert np.all((chance >= SURELY) & (chance <= 1.0))
        assert np.all(np.diff(chance[np.argsort(logs)]) >= -1e-12)
    assert np.all(more >= few - 1e-9)
