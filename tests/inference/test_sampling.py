"""NUTS on bare densities: equal draws from equal arguments, and gates that fail where they should."""

import jax.numpy as jnp
import numpy as np
import pytest

from standoff.inference.sampling import Tuning, sample_posterior

MEAN = np.array([1.0, -2.0])
COVARIANCE = np.array([[1.0, 0.9], [0.9, 1.5]])
PRECISION = np.linalg.inv(COVARIANCE)


def gaussian(z):
    away = z - MEAN
    return -0.5 * away @ PRECISION @ away


def gate(chains, name):
    return next(one for one in chains.gates if one.name == name)


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def sample(told):
    return sample_posterior(
        gaussian,
        np.zeros(2),
        ["a", "b"],
        seed=3,
        warmup=300,
        draws=1000,
        progress=lambda *step: told.append(step),
    )


def test_a_gaussian_is_recovered_within_its_own_error(sample):
    assert sample.passed, sample.gates
    assert sample.scalars == ("a", "b") and sample.values["a"].shape == (4, 1000)
    error = 4 * np.sqrt(np.diag(COVARIANCE) / sample.bulk)
    assert np.all(np.abs(sample.flat.mean(0) - MEAN) < error)
    assert np.allclose(np.cov(sample.flat.T), COVARIANCE, atol=0.2)
    again = np.array([gaussian(z) for z in sample.flat[:50]])
    assert np.allclose(sample.log_density.reshape(-1)[:50], again)


def test_progress_is_told_and_neither_it_nor_the_number_of_draws_changes_a_draw(sample, told):
    assert told[0] == (0, 1300) and told[-1] == (1300, 1300) and told == sorted(told)
    quiet = sample_posterior(gaussian, np.zeros(2), ["a", "b"], seed=3, warmup=300, draws=50)
    assert np.array_equal(quiet.values["b"], sample.values["b"][:, :50])
    assert not gate(quiet, "bulk effective draws").passed and not quiet.passed


def test_chains_one_after_another_are_the_same_chains():
    together = sample_posterior(gaussian, np.zeros(2), ["a", "b"], seed=3, warmup=50, draws=50)
    apart = sample_posterior(
        gaussian, np.zeros(2), ["a", "b"], seed=3, warmup=50, draws=50, tuning=Tuning(apart=True)
    )
    assert apart.values["a"].shape == (4, 50) and np.array_equal(apart.steps, together.steps)
    assert np.allclose(apart.flat, together.flat, atol=1e-8)


def test_a_dict_of_arrays_keeps_its_shapes_and_starts_where_the_density_is_finite():
    def density(values):
        far = -0.5 * jnp.sum((values["w"] - 3) ** 2)
        return far + jnp.where(values["a"] > 0, -values["a"], jnp.nan)

    found = sample_posterior(
        density, {"w": np.zeros((2, 2)), "a": -0.5}, seed=1, chains=1, warmup=200, draws=400
    )
    assert list(found.values) == ["w", "a"] and found.values["w"].shape == (1, 400, 2, 2)
    assert found.scalars == ("w[0,0]", "w[0,1]", "w[1,0]", "w[1,1]", "a")
    assert np.array_equal(found.flat[:, 1], found.values["w"][0, :, 0, 1])
    assert np.all(found.values["a"] > 0)


def test_chains_in_two_far_modes_fail_r_hat():
    def two(z):
        return jnp.logaddexp(-0.5 * jnp.sum((z - 30) ** 2), -0.5 * jnp.sum((z + 30) ** 2))

    found = sample_posterior(
        two, np.zeros(1), ["a"], seed=0, warmup=200, draws=500, tuning=Tuning(scatter=20)
    )
    assert not found.passed and not gate(found, "R-hat").passed
    assert "(a)" in gate(found, "R-hat").detail


def test_a_funnel_shows_its_divergences():
    def funnel(z):
        return -0.5 * (z[0] / 3) ** 2 - 0.5 * jnp.sum(z[1:] ** 2) * jnp.exp(-z[0]) - 0.5 * 4 * z[0]

    found = sample_posterior(
        funnel, np.zeros(5), list("abcde"), seed=0, warmup=200, draws=500, tuning=Tuning(target=0.6)
    )
    assert found.diverging.sum() > 0 and not gate(found, "divergent transitions").passed
    assert str(int(found.diverging.sum())) in gate(found, "divergent transitions").detail


def test_a_density_that_is_nowhere_finite_is_said():
    with pytest.raises(ValueError, match="no start"):
        sample_posterior(lambda z: jnp.sum(z) * jnp.nan, np.zeros(1), ["a"], warmup=50, draws=50)


@pytest.mark.parametrize(
    ("start", "names", "draws"),
    [
        (np.zeros(2), ["a"], 50),
        (np.zeros(2), ["a", "a"], 50),
        ({"a": 0.0}, ["a"], 50),
        (np.zeros(1), ["a"], 45),
    ],
)
def test_what_does_not_fit_is_said(start, names, draws):
    with pytest.raises(ValueError, match=r"names|draws"):
        sample_posterior(gaussian, start, names, draws=draws)
