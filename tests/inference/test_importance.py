"""Adaptive importance sampling: known evidence, two modes, heavy tails, failures, and gates that can fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal, multivariate_t

from standoff.inference.importance import Effort, Target, effective_size, fit, pareto_k, resample


def gaussian(mean: np.ndarray, covariance: np.ndarray) -> Target:
    precision = np.linalg.inv(covariance)

    def many(z: np.ndarray) -> np.ndarray:
        away = z - mean
        return -0.5 * np.einsum("ni,ij,nj->n", away, precision, away)

    return Target(many, lambda z: (float(many(z[None])[0]), -precision @ (z - mean)), lambda z: -precision)


def test_a_gaussian_has_its_evidence_mean_and_covariance() -> None:
    rng = np.random.default_rng(0)
    root = rng.normal(size=(6, 6))
    covariance = root @ root.T / 6 + 0.3 * np.eye(6)
    mean = rng.normal(size=6)
    draws = fit(gaussian(mean, covariance), 6, np.random.default_rng(1), Effort(draws=4000))
    _, log_det = np.linalg.slogdet(2 * np.pi * covariance)
    assert draws.passed
    assert draws.log_evidence == pytest.approx(0.5 * log_det, abs=4 * draws.log_evidence_error)
    assert draws.weights @ draws.z == pytest.approx(mean, abs=0.1)
    equal = resample(draws, 4000, np.random.default_rng(2))
    assert np.cov(equal.T) == pytest.approx(covariance, abs=0.25)


def two_modes(z: np.ndarray) -> np.ndarray:
    peaks = [np.log(w) + multivariate_normal(m, 0.09 * np.eye(2)).logpdf(z) for w, m in MODES]
    return np.logaddexp(*peaks).reshape(len(z))


MODES = ((0.7, [-1.2, 0.0]), (0.3, [1.2, 0.6]))


def numeric(many: object) -> Target:
    """A target with derivatives by central differences."""

    def value(z: np.ndarray) -> float:
        return float(many(z[None])[0])  # type: ignore[operator]

    def gradient(z: np.ndarray) -> np.ndarray:
        step = 1e-5 * np.eye(len(z))
        return np.array([(value(z + s) - value(z - s)) / 2e-5 for s in step])

    def hessian(z: np.ndarray) -> np.ndarray:
        step = 1e-4 * np.eye(len(z))
        return np.array([(gradient(z + s) - gradient(z - s)) / 2e-4 for s in step])

    return Target(many, lambda z: (value(z), gradient(z)), hessian)  # type: ignore[arg-type]


def test_both_modes_count_with_their_shares() -> None:
    draws = fit(numeric(two_modes), 2, np.random.default_rng(3), Effort(draws=4000, starts=12))
    assert len(draws.modes) == 2 and draws.passed
    assert float(draws.weights[draws.z[:, 0] < 0].sum()) == pytest.approx(0.7, abs=0.03)
    assert draws.log_evidence == pytest.approx(0.0, abs=0.03)


def test_draws_whose_solution_failed_weigh_nothing_and_are_counted() -> None:
    base = gaussian(np.zeros(2), np.eye(2))
    target = base._replace(many=lambda z: np.where(z[:, 0] > 1.0, np.nan, base.many(z)))
    draws = fit(target, 2, np.random.default_rng(4), Effort(draws=3000))
    assert draws.failed > 0
    assert float(draws.weights[draws.z[:, 0] > 1.0].sum()) == 0.0
    assert draws.log_evidence == pytest.approx(np.log(2 * np.pi * 0.8413447), abs=0.05)


def test_gates_can_fail() -> None:
    """A law with far heavier tails than every proposal: with few draws and one round the gates must say so."""
    law = multivariate_t(np.zeros(8), np.eye(8), df=1)
    draws = fit(
        numeric(lambda z: np.atleast_1d(law.logpdf(z))),
        8,
        np.random.default_rng(5),
        Effort(draws=300, rounds=1),
    )
    assert not draws.passed
    assert any(not gate.passed for gate in draws.gates)


def test_no_start_with_a_density_is_an_error() -> None:
    nowhere = Target(
        lambda z: np.full(len(z), -np.inf), lambda z: (-np.inf, np.zeros(1)), lambda z: -np.eye(1)
    )
    with pytest.raises(ValueError, match="no start"):
        fit(nowhere, 1, np.random.default_rng(6))


def test_the_shape_of_a_pareto_tail_is_found() -> None:
    rng = np.random.default_rng(8)
    for shape in (0.2, 0.5, 0.9):
        weights = rng.pareto(1 / shape, size=40_000) + 1
        assert pareto_k(np.log(weights)) == pytest.approx(shape, abs=0.08)
    far = 300 * rng.standard_exponential(4000)
    assert pareto_k(far) == np.inf  # so far apart that the tail underflows: no fit, and never a pass
    assert pareto_k(np.zeros(100)) == -np.inf
    assert pareto_k(np.full(100, -np.inf)) == np.inf


def test_effective_size_of_equal_weights_is_their_number() -> None:
    values = np.random.default_rng(9).normal(size=500)
    assert effective_size(np.full(500, 1 / 500), values) == pytest.approx(500)
