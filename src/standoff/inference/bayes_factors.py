"""Bayes factors between rivals as numbers with their errors, and how far they hang on the scale of the priors.

Every parameter's prior is N(0, 1) in z. Priors of f times the scale are N(0, f^2) in the same z, so the marginal
likelihood under them is the old one times the posterior mean of the ratio of both priors; its Pareto k says whether
the draws reach that far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp, softmax

from standoff.inference.importance import LARGEST_K, smoothed

FloatArray = npt.NDArray[np.float64]

FACTORS = (0.5, 0.75, 1.5, 2.0)


class Evidence(NamedTuple):
    """A rival's log marginal likelihood with its standard error."""

    name: str
    log_evidence: float
    error: float


class BayesFactor(NamedTuple):
    """A rival against the base: ``log10`` of the Bayes factor with standard ``error``; ``probability`` of the rival among
    all of the table at equal prior odds."""

    name: str
    log10: float
    error: float
    probability: float


@dataclass(frozen=True, slots=True)
class Rescaled:
    """Log marginal likelihood were the scale of some priors ``factor`` times theirs: ``change`` in it, standard
    ``error`` of the change, Pareto ``k`` of the reweighting, and whether that is below .7."""

    factor: float
    change: float
    error: float
    k: float

    @property
    def passed(self) -> bool:
        return self.k < LARGEST_K


def bayes_factors(table: Sequence[Evidence], base: str) -> tuple[BayesFactor, ...]:
    """Each rival against `base`, in the order given; errors of both sides added in squares.

    Errors: KeyError where the base is not in the table.
    """
    against = {one.name: one for one in table}[base]
    chances = softmax([one.log_evidence for one in table])
    return tuple(
        BayesFactor(
            one.name,
            (one.log_evidence - against.log_evidence) / np.log(10),
            0.0 if one.name == base else float(np.hypot(one.error, against.error) / np.log(10)),
            float(chance),
        )
        for one, chance in zip(table, chances, strict=True)
    )


def rescaled(
    z: FloatArray, weights: FloatArray, places: Sequence[int], factors: Sequence[float] = FACTORS
) -> tuple[Rescaled, ...]:
    """How the log marginal likelihood changes with the prior scale of the parameters at ``places``.

    ``z`` (N, D) draws with ``weights`` (N,). Uses E[N(z; 0, f^2) / N(z; 0, 1)] over the posterior, Pareto-smoothed.
    """
    with np.errstate(divide="ignore"):
        before, k_before = smoothed(np.log(weights))
    square = np.sum(z[:, list(places)] ** 2, axis=1)
    return tuple(_rescale(before, k_before, square, len(places), factor) for factor in factors)


def _rescale(before: FloatArray, k_before: float, square: FloatArray, count: int, factor: float) -> Rescaled:
    ratio = -count * np.log(factor) + 0.5 * square * (1 - 1 / factor**2)
    change = float(logsumexp(before + ratio))
    relative = np.exp(ratio - change)
    error = float(np.sqrt(np.sum(np.exp(2 * before) * (relative - 1) ** 2)))
    return Rescaled(factor, change, error, max(smoothed(before + ratio)[1], k_before))
