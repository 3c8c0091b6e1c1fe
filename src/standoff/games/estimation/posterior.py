"""The log posterior density of a model, up to a constant, for a sampler.

Prior: each coefficient times its regressor's standard deviation is N(0, 2.5^2), constants and log scales are N(0, 5^2).
On the scale of the errors that is wide: an index that a typical change of a regressor moves by more than 5 is unlikely.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from standoff.games.estimation.fit import Fit
from standoff.games.estimation.maximise import Array
from standoff.games.estimation.model import Model

SLOPE_SPREAD = 2.5
CONSTANT_SPREAD = 5.0


def log_posterior(model: Model) -> Callable[[Array], Array]:
    """Log-likelihood plus log prior as a function of coefficients (K,)."""
    spread = jnp.asarray(
        np.where(
            model.scales > 0, SLOPE_SPREAD / np.where(model.scales > 0, model.scales, 1.0), CONSTANT_SPREAD
        )
    )

    def density(theta: Array) -> Array:
        held: Array = model.contributions(theta, model.data).sum() - 0.5 * ((theta / spread) ** 2).sum()
        return held

    return density


class Centred(NamedTuple):
    """A density in standard errors from an estimate: ``density(v (K,))``, and coefficients = middle + unit * v."""

    density: Callable[[Array], Array]
    middle: NDArray[np.float64]
    unit: NDArray[np.float64]


def centred_posterior(fit: Fit) -> Centred:
    """The log posterior of a fit's model in standard errors from its estimate, so that one step size suits all."""
    assert fit.model is not None
    errors = fit.standard_errors("hessian") if "hessian" in fit.errors else fit.standard_errors()
    unit = np.where(np.isfinite(errors), errors, 1.0)
    density, middle, units = log_posterior(fit.model), jnp.asarray(fit.estimate), jnp.asarray(unit)
    return Centred(lambda v: density(middle + units * v), fit.estimate, unit)
