"""A density integrated over some of its parameters, by importance sampling around their own mode, without bias.

Where the others are given the density is smooth and cheap. A few scaled gradient steps lead to its mode there; draws of a
t law around it are weighed, their mean weight is the integral, and one of them, taken in proportion to its weight, stands for
all: pairs of outer and inner draws are then weighed as draws of all parameters would be.
Source: random weights, [fearnhead2010random]; [tran2013importance].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from standoff.inference.proposal import Proposal

FloatArray = npt.NDArray[np.float64]

STEPS = 5
LONGEST = 2.0  # standard deviations that a step moves on any axis, at most
TAILS = 12.0  # degrees of freedom


class Inner(NamedTuple):
    """A log density of some parameters x (K,) when the others are given: ``many`` (N, K) -> (N,), ``slope`` (K,) -> (K,)."""

    many: Callable[[FloatArray], FloatArray]
    slope: Callable[[FloatArray], FloatArray]


def integrated(
    inner: Inner, guess: FloatArray, covariance: FloatArray, count: int, seed: np.random.Generator
) -> tuple[float, FloatArray]:
    """Log of an unbiased estimate of the integral of exp(``inner``), and one draw (K,) in proportion to it.

    ``guess`` (K,) and ``covariance`` (K, K) are of the mode, from elsewhere; poor ones make the estimate noisy, never
    wrong. -infinity and the guess where no draw of ``count`` has a finite density.
    """
    factor = np.linalg.cholesky(covariance)
    proposal = Proposal(_climbed(inner, guess, covariance), factor, TAILS)
    x = proposal.draw(count, seed)
    log_weights = np.asarray(inner.many(x)) - proposal.log_density(x)
    log_weights = np.where(np.isfinite(log_weights), log_weights, -np.inf)
    total = float(logsumexp(log_weights))
    if not np.isfinite(total):
        return -np.inf, guess
    return total - float(np.log(count)), x[seed.choice(count, p=np.exp(log_weights - total))]


def _climbed(inner: Inner, guess: FloatArray, covariance: FloatArray) -> FloatArray:
    """Where a few gradient steps, scaled by the covariance, lead from a guess."""
    here, spread = guess, np.sqrt(np.diag(covariance))
    for _ in range(STEPS):
        step = covariance @ inner.slope(here)
        if not np.all(np.isfinite(step)):
            break
        here = here + step * min(1.0, LONGEST / max(float(np.max(np.abs(step) / spread)), 1e-12))
    return here
