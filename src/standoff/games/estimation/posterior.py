"""The log posterior density of a model, up to a constant, for a sampler.

Prior: each coefficient times its regressor's standard deviation is N(0, 2.5^2), constants and log scales are N(0, 5^2).
On the scale of the errors that is wide: an index that a typical change of a regressor moves by more than 5 is unlikely.
"""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np

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
