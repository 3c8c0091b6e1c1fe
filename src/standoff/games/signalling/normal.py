"""Logarithms of the normal distribution, of one variable and of two whose correlation is 1/sqrt(2).

In the crisis game A compares a + e_a with W + e_W and each with a threshold: the difference of the two
errors, scaled, and either error have the correlation 1/sqrt(2), so no other is needed.

Both tails keep their *relative* accuracy (1e-12 for arguments between -30 and infinity), because likelihoods
take logarithms far from where the data are while an estimate is searched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_batching import custom_vmap
from jax.scipy.special import erfc, logsumexp

Array = jax.Array

_HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)
_ROOT_TWO = math.sqrt(2.0)
# Below this the first rule's integrand is too narrow for its nodes, and the second rule is at its best.
_TAIL = -6.0
_SERIES = -20.0
_ANGLES, _ANGLE_WEIGHTS = np.polynomial.legendre.leggauss(20)
_ANGLES = (_ANGLES + 1.0) * (math.pi / 8.0)
_ANGLE_WEIGHTS = _ANGLE_WEIGHTS * (math.pi / 8.0) / (2.0 * math.pi)
_SINES, _COSINES = np.sin(_ANGLES), np.cos(_ANGLES)
_STEPS, _STEP_WEIGHTS = np.polynomial.laguerre.laggauss(24)


def log_density(x: Array) -> Array:
    """Log density of the standard normal; any shape."""
    return -0.5 * x * x - _HALF_LOG_TWO_PI


def log_cdf(x: Array) -> Array:
    """Log distribution function of the standard normal; any shape.

    One evaluation of erfc, and below -20 the asymptotic series to eight terms, which joins it to 1e-14. (The library's
    function evaluates four branches and compiles several times as long.)
    """
    x = jnp.asarray(x, dtype=float)
    return _log_cdf_with_slope(x, jax.lax.stop_gradient(_log_cdf_value(x)))


def _log_cdf_value(x: Array) -> Array:
    tail = 0.5 * erfc(jnp.abs(x) * math.sqrt(0.5))
    far = jnp.minimum(x, _SERIES)
    square = 1.0 / (far * far)
    series = jnp.ones_like(x)
    for term in range(15, 0, -2):  # 1 - 1/x^2 (1 - 3/x^2 (1 - 5/x^2 ...
        series = 1.0 - term * square * series
    below = log_density(far) - jnp.log(-far) + jnp.log(series)
    return jnp.where(x > 0.0, jnp.log1p(-tail), jnp.where(x > _SERIES, jnp.log(tail), below))


@jax.custom_jvp
def _log_cdf_with_slope(x: Array, value: Array) -> Array:
    """The value, known already, with its derivatives; so that no derivative evaluates it a second time."""
    return value


@_log_cdf_with_slope.defjvp
def _log_cdf_slope(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    (x, value), (dx, _) = primals, tangents
    value = _log_cdf_with_slope(x, value)
    return value, jnp.exp(log_density(x) - value) * dx


def log_cdf2(h: Array, k: Array) -> Array:
    """Log of P(X <= h, Y <= k) for standard normals of correlation 1/sqrt(2); any (one) shape.

    Above -6, by the identity  Phi2 = Phi(h) Phi(k) + (1 / 2 pi) int_0^{pi/4} exp(-(h^2 + k^2 - 2 h k sin u)
    / (2 cos^2 u)) du  with 20 Gauss-Legendre nodes: two positive terms, so nothing cancels. Below, with m the smaller
    argument and M the larger,  Phi2 = int_0^inf phi(m - y) Phi(sqrt2 M - m + y) dy  with 24 Gauss-Laguerre nodes.
    Derivatives are exact: d/dh = phi(h) Phi(sqrt2 k - h). Source: [drezner_wesolowsky_1990], [genz_2004].
    """
    h, k = jnp.broadcast_arrays(jnp.asarray(h), jnp.asarray(k))
    still = _integral(jax.lax.stop_gradient(h), jax.lax.stop_gradient(k))
    return _log_cdf2_with_slope(h, k, still)


@jax.custom_jvp
def _log_cdf2_with_slope(h: Array, k: Array, value: Array) -> Array:
    return value


@_log_cdf2_with_slope.defjvp
def _log_cdf2_slope(
    primals: tuple[Array, Array, Array], tangents: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    (h, k, value), (dh, dk, _) = primals, tangents
    value = _log_cdf2_with_slope(h, k, value)
    by_h = jnp.exp(log_density(h) + log_cdf(_ROOT_TWO * k - h) - value)
    by_k = jnp.exp(log_density(k) + log_cdf(_ROOT_TWO * h - k) - value)
    return value, by_h * dh + by_k * dk


@custom_vmap
def _integral(h: Array, k: Array) -> Array:
    inside = _by_angles(jnp.maximum(h, 2 * _TAIL), jnp.maximum(k, 2 * _TAIL))
    deep = jnp.minimum(h, k) < _TAIL
    value: Array = jax.lax.cond(
        jnp.any(deep), lambda: jnp.where(deep, _by_steps(h, k), inside), lambda: inside
    )
    return value


@_integral.def_vmap
def _of_batch(size: int, batched: Sequence[bool], h: Array, k: Array) -> tuple[Array, bool]:
    """Any shape will do as it is: taken element by element, a condition on all would become both branches for each."""
    wide = [
        x if has else jnp.broadcast_to(x, (size, *x.shape)) for x, has in zip((h, k), batched, strict=True)
    ]
    return _integral(*wide), True


def _by_angles(h: Array, k: Array) -> Array:
    squares, product = (h * h + k * k)[..., None], (2.0 * h * k)[..., None]
    masses = _ANGLE_WEIGHTS * jnp.exp((product * _SINES - squares) / (2.0 * _COSINES**2))
    return jnp.log(jnp.exp(jnp.sum(log_cdf(jnp.stack([h, k])), axis=0)) + jnp.sum(masses, axis=-1))


def _by_steps(h: Array, k: Array) -> Array:
    small = jnp.minimum(jnp.minimum(h, k), _TAIL)
    y = -_STEPS / small[..., None]
    across = log_cdf((_ROOT_TWO * jnp.maximum(h, k) - small)[..., None] + y)
    total: Array = logsumexp(across - 0.5 * y * y, axis=-1, b=_STEP_WEIGHTS)
    return log_density(small) - jnp.log(-small) + total
