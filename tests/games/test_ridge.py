"""Coordinates along a ridge: a density that is normal across it, however it bends and narrows, is straight in them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from standoff.games.estimation.ridge import Mode, mode_from, ridge_along
from standoff.games.precision import use_float64

use_float64()


def bent(v):
    """The middle of three is skewed; given it the first two others move, narrow and turn."""
    x, t, y = v
    first = (x - 0.3 * t**2) * jnp.exp(0.4 * t)
    second = (y + jnp.sin(t) - t - 0.5 * t * (x - 0.3 * t**2)) * jnp.exp(-0.2 * t)
    return along(t) + 0.2 * t - 0.5 * (first**2 + second**2)


def along(t):
    return -0.5 * t**2 + 0.05 * jnp.tanh(t)


compiled = jax.jit(jax.value_and_grad(bent))


def slopes(v):
    height, slope = compiled(jnp.asarray(v))
    return float(height), np.asarray(slope)


def test_across_the_ridge_it_is_a_standard_normal_and_along_it_the_marginal():
    ridge = ridge_along(slopes, 1, 3)

    @jax.jit
    def straight(u):
        point, volume = ridge.point(u)
        return bent(point) + volume

    for t in (-2.9, -1.0, 0.1, 1.3, 2.6):
        for w in ([0.0, 0.0], [1.0, -1.0], [-2.0, 0.5]):
            told = float(straight(jnp.array([w[0], t, w[1]])))
            assert told == pytest.approx(float(along(t)) - 0.5 * (w[0] ** 2 + w[1] ** 2), abs=2e-3)


def test_the_volume_is_that_of_the_map():
    ridge = ridge_along(slopes, 1, 3)
    for u in np.random.default_rng(0).normal(size=(5, 3)):
        jacobian = np.asarray(jax.jacfwd(lambda x: ridge.point(x)[0])(jnp.asarray(u)))
        assert np.linalg.slogdet(jacobian)[1] == pytest.approx(
            float(ridge.point(jnp.asarray(u))[1]), abs=1e-9
        )


def test_a_mode_is_reached_or_there_is_none():
    found = mode_from(slopes, Mode(np.array([0.5, -0.5, 0.2]), np.eye(3), -np.inf))
    assert np.abs(slopes(found.place)[1]).max() < 2e-3
    assert mode_from(lambda v: (float(v.sum()), np.ones(3)), found) is None
