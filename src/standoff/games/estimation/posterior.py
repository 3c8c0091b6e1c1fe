"""The log posterior density of a model, up to a constant, for a sampler.

Prior: each coefficient times its regressor's standard deviation is N(0, 2.5^2), constants and log scales are N(0, 5^2).
On the scale of the errors that is wide: an index that a typical change of a regressor moves by more than 5 is unlikely.

A sampler moves in whitened coordinates, coefficients = middle + root v, in which the posterior would be a standard normal
if the log-likelihood were quadratic: root is the Cholesky factor of the inverse of (-Hessian + prior precision), middle
one Newton step from the estimate towards the prior. One step size then suits every direction, and hardly anything is
left for a warm-up to learn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from standoff.games.estimation.covariance import inverse
from standoff.games.estimation.fit import Fit
from standoff.games.estimation.maximise import Array
from standoff.games.estimation.model import Model

Floats = NDArray[np.float64]

SLOPE_SPREAD = 2.5
CONSTANT_SPREAD = 5.0


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
    """A density in whitened coordinates: ``density(v (K,))``; coefficients = ``middle`` (K,) + ``root`` (K, K) @ v."""

    density: Callable[[Array], Array]
    middle: Floats
    root: Floats

    def coefficients(self, draws: Floats) -> Floats:
        """Coefficients (..., K) of whitened draws (..., K)."""
        held: Floats = self.middle + draws @ self.root.T
        return held


def whitened_posterior(fit: Fit) -> Whitened:
    """The log posterior of a fit's model in whitened coordinates (see the module)."""
    assert fit.model is not None
    middle, root = _centre(fit, prior_spread(fit.model))
    density, start, turn = log_posterior(fit.model), jnp.asarray(middle), jnp.asarray(root)
    return Whitened(lambda v: density(start + turn @ v), middle, root)


def _centre(fit: Fit, spread: Floats) -> tuple[Floats, Floats]:
    """Middle (K,) and root (K, K); the estimate and its errors, or the prior's, where the curvature is unknown."""
    known = fit.errors["hessian" if "hessian" in fit.errors else fit.main]
    covariance = inverse(inverse(known) + np.diag(spread**-2.0))
    if np.isfinite(covariance).all() and np.linalg.eigvalsh(covariance)[0] > 0:
        root: Floats = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
        return fit.estimate - covariance @ (fit.estimate / spread**2), root
    variance = np.diag(known)
    there = np.isfinite(variance) & (variance > 0)
    return fit.estimate, np.diag(np.sqrt(np.where(there, variance, np.minimum(spread, 1.0) ** 2)))
