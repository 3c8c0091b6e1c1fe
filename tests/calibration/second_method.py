"""The game's posterior by a second method: NUTS on exact slopes in whitened space, beside weighted draws.

One rival on the shipped case. The slopes are implicit derivatives of the equilibrium; space is whitened by the weighted
draws' mean and covariance, which moves no density. Means and spreads of every parameter are set side by side.
[hoffman2014nuts].
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from standoff.inference.importance import effective_size
from standoff.inference.rivals import rival
from standoff.inference.sampling import Tuning, sample_posterior
from standoff.inference.structural import log_posterior
from standoff.inference.structural_density import problem
from standoff.inference.structural_fit import fit_rival
from standoff.inference.structural_priors import NAMES
from standoff.panel.weekly import WeeklyRecord
from tests.calibration.kept import Result

CHAINS = 2
WARMUP = 150
DRAWS = 600


def beside(record: WeeklyRecord, name: str, seed: int) -> Result:
    """Mean differences in standard deviations with what chance explains, ratios of spreads, and both methods' gates."""
    draws = fit_rival(record, name, False, seed).draws
    at = problem(record, rival(name))
    mean = draws.weights @ draws.z
    centred = draws.z - mean
    factor = np.linalg.cholesky((centred * draws.weights[:, None]).T @ centred)
    middle, turn = jnp.asarray(mean), jnp.asarray(factor)

    def log_density(u: jnp.ndarray) -> jnp.ndarray:
        z = jnp.zeros(len(NAMES)).at[at.places].set(middle + turn @ u)
        return log_posterior(at.spec, z, at.free, at.neutral, at.start, at.data)

    names = [NAMES[place] for place in at.places]
    chains = sample_posterior(
        log_density,
        np.zeros(len(names)),
        names,
        seed,
        chains=CHAINS,
        warmup=WARMUP,
        draws=DRAWS,
        tuning=Tuning(0.8, 6, False, 0.3),
    )
    sampled = mean + chains.flat @ factor.T
    spread = np.sqrt(draws.weights @ centred**2)
    least = float(np.min(chains.bulk))
    return {
        "passed": draws.passed,
        "effective": draws.effective,
        "r_hat": float(np.max(chains.r_hat)),
        "bulk": least,
        "diverging": int(chains.diverging.sum()),
        "parameters": {
            one: {
                "shift": float((sampled[:, i].mean() - mean[i]) / spread[i]),
                "chance": float(np.sqrt(1 / least + 1 / effective_size(draws.weights, draws.z[:, i]))),
                "spread": float(sampled[:, i].std() / spread[i]),
            }
            for i, one in enumerate(names)
        },
    }
