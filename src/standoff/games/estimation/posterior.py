"""The log posterior density of a model, up to a constant, for a sampler.

Prior: each coefficient times its regressor's standard deviation is N(0, 2.5^2), constants and log scales are N(0, 5^2).
On the scale of the errors that is wide: an index that a typical change of a regressor moves by more than 5 is unlikely.

A sampler moves in whitened coordinates, coefficients = middle + root v, in which the posterior would be a standard normal
if the log-likelihood were quadratic: middle is the posterior's mode, root the Cholesky factor of its inverse curvature
there. One step size then suits every direction, and hardly anything is left for a warm-up to learn. How far a posterior
is from that is told by its fall one unit from the mode, which would be a half (`Whitened.strain`); where it is far, the
coordinates follow its ridge along the worst axis (`ridge`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from standoff.games.estimation.covariance import inverse
from standoff.games.estimation.fit import Fit
from standoff.games.estimation.maximise import Array
from standoff.games.estimation.model import Model
from standoff.games.estimation.ridge import Mode, Ridge, mode_from, ridge_along

Floats = NDArray[np.float64]

SLOPE_SPREAD = 2.5
CONSTANT_SPREAD = 5.0
LARGEST_STRAIN = 0.5  # of a half: beyond it curvature changes on the way, and a ridge is followed


def prior_spread(model: Model) -> Floats:
    """Standard deviations (K,) of the normal prior."""
    moved = model.scales > 0
    return np.where(moved, SLOPE_SPREAD / np.where(moved, model.scales, 1.0), CONSTANT_SPREAD)


def log_posterior(model: Model) -> Callable[[Array], Array]:
    """Log-likelihood plus log prior as a function of coefficients (K,)."""
    spread = jnp.asarray(prior_spread(model))

    def density(theta: Array) -> Array:
        held: Array = model.contributions(theta, model.data).sum() - 0.5 * ((theta / spread) ** 2).sum()
        return held

    return density


class Whitened(NamedTuple):
    """A density in whitened coordinates: ``density(v (K,))``; coefficients = ``middle`` (K,) + ``root`` (K, K) @ v.

    ``slopes(v)`` density and gradient (K,), compiled; ``strain`` the largest difference from a half of the fall one unit from
    the middle, infinite where the density ends before; ``ridge`` what bends v first, where the strain is large.
    """

    density: Callable[[Array], Array]
    slopes: Callable[[Array], tuple[Array, Array]]
    middle: Floats
    root: Floats
    strain: float
    ridge: Ridge | None = None

    def coefficients(self, draws: Floats) -> Floats:
        """Coefficients (..., K) of whitened draws (..., K)."""
        if self.ridge is not None:
            flat = jnp.asarray(draws).reshape(-1, len(self.middle))
            draws = np.asarray(jax.jit(jax.vmap(self.ridge.point))(flat)[0]).reshape(draws.shape)
        held: Floats = self.middle + draws @ self.root.T
        return held


def whitened_posterior(fit: Fit) -> Whitened:
    """The log posterior of a fit's model in whitened coordinates (see the module)."""
    assert fit.model is not None
    plain = log_posterior(fit.model)

    def moved(v: Array, middle: Array, root: Array) -> Array:
        return plain(middle + root @ v)

    general = jax.jit(jax.value_and_grad(moved))
    middle, root = _peak(general, *_centre(fit, prior_spread(fit.model)), fit.estimate)
    start, turn = jnp.asarray(middle), jnp.asarray(root)

    def slopes(v: Array) -> tuple[Array, Array]:
        held: tuple[Array, Array] = general(v, start, turn)
        return held

    strains = _strains(slopes, len(middle))
    white = Whitened(lambda v: moved(v, start, turn), slopes, middle, root, float(strains.max()))
    return white if white.strain <= LARGEST_STRAIN else _bent(white, int(strains.argmax()))


def _strains(slopes: Callable[[Array], tuple[Array, Array]], count: int) -> Floats:
    """By axis (K,) the largest difference from a half of the fall one unit from nought."""
    top = float(slopes(jnp.zeros(count))[0])
    falls = np.array(
        [[top - float(slopes(jnp.asarray(sign * one))[0]) for sign in (-1, 1)] for one in np.eye(count)]
    )
    worst: Floats = np.abs(falls - 0.5).max(axis=1)
    return np.where(np.isfinite(worst), worst, np.inf)


def _bent(white: Whitened, axis: int) -> Whitened:
    """The same along the ridge of an axis, where that can be followed."""

    def at(v: Floats) -> tuple[float, Floats]:
        height, slope = white.slopes(jnp.asarray(v))
        return float(height), np.asarray(slope)

    ridge = ridge_along(at, axis, len(white.middle))
    if ridge is None:
        return white

    def density(u: Array) -> Array:
        point, volume = ridge.point(u)
        return white.density(point) + volume

    return white._replace(density=density, slopes=jax.jit(jax.value_and_grad(density)), ridge=ridge)


def _peak(
    general: Callable[..., tuple[Array, Array]], middle: Floats, root: Floats, near: Floats
) -> tuple[Floats, Floats]:
    """The mode (K,), climbed to from ``near`` (K,), and the root (K, K) of the inverse curvature there; else those given."""
    none, one = jnp.zeros(len(near)), jnp.eye(len(near))

    def at(theta: Floats) -> tuple[float, Floats]:
        height, slope = general(none, jnp.asarray(theta), one)
        return float(height), np.asarray(slope)

    found = mode_from(at, Mode(near, root, -np.inf))
    return (middle, root) if found is None else (found.place, found.root)


def _centre(fit: Fit, spread: Floats) -> tuple[Floats, Floats]:
    """Middle (K,), one Newton step from the estimate, and root (K, K); the estimate and its errors, or the prior's, where the curvature is unknown."""
    known = fit.errors["hessian" if "hessian" in fit.errors else fit.main]
    covariance = inverse(inverse(known) + np.diag(spread**-2.0))
    if np.isfinite(covariance).all() and np.linalg.eigvalsh(covariance)[0] > 0:
        root: Floats = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
        return fit.estimate - covariance @ (fit.estimate / spread**2), root
    variance = np.diag(known)
    there = np.isfinite(variance) & (variance > 0)
    return fit.estimate, np.diag(np.sqrt(np.where(there, variance, np.minimum(spread, 1.0) ** 2)))
