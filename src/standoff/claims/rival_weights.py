"""Weight of the fitted rival that states a claim against every other rival, by the reduced form's marginal likelihoods.

It informs a reader and enters no verdict; the reasons stand in docs/decisions/inference.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from standoff.claims.results import RivalWeight
from standoff.inference.bayes_factors import Evidence, bayes_factors

if TYPE_CHECKING:
    from standoff.inference.learned import Learned, RivalResult

Table = Mapping[str, float]


def rival_weights(own: Sequence[str], learned: Learned) -> tuple[RivalWeight, ...]:
    """Log10 Bayes factors of the rivals ``own``, mixed in equal parts, against each other one, in the fit's order.

    None where no rival is named, or where one that is named was not fitted.
    """
    fitted = {one.name: one for one in learned.rivals if one.estimator == "twin"}
    if not own or not set(own) <= fitted.keys():
        return ()
    mine, scales = [fitted[name] for name in own], _by_scale(learned)
    return tuple(_weight(mine, other, scales) for name, other in fitted.items() if name not in own)


def _weight(own: Sequence[RivalResult], other: RivalResult, scales: Sequence[Table]) -> RivalWeight:
    table = (mixed(own), Evidence(other.name, other.log_evidence, other.log_evidence_error))
    factor = bayes_factors(table, other.name)[0]
    names = [one.name for one in own]
    known = [table for table in scales if {*names, other.name} <= table.keys()]
    reached = [_log10(np.array([table[name] for name in names]), table[other.name]) for table in known]
    return RivalWeight(
        own=tuple(names),
        rival=other.name,
        log10=float(factor.log10),
        error=factor.error,
        low=min(reached, default=None),
        high=max(reached, default=None),
        probability=factor.probability,
        passed=other.passed and all(one.passed for one in own),
    )


def mixed(own: Sequence[RivalResult]) -> Evidence:
    """The equal mixture of rivals: the mean of their marginal likelihoods, errors weighed by their shares in it."""
    heights = np.array([one.log_evidence for one in own])
    whole = float(logsumexp(heights))
    errors = np.exp(heights - whole) * np.array([one.log_evidence_error for one in own])
    return Evidence("the claim's own", whole - float(np.log(len(own))), float(np.sqrt(np.sum(errors**2))))


def _log10(own: npt.NDArray[np.float64], other: float) -> float:
    return float((logsumexp(own) - np.log(len(own)) - other) / np.log(10))


def _by_scale(learned: Learned) -> tuple[Table, ...]:
    """Log marginal likelihoods over the base's, with the priors of effects halved, as they are, and doubled."""
    hanging = learned.sensitivity
    if not hanging:
        return ()
    base = {hanging[0].base: 0.0}
    return (
        base | {one.rival: one.halved for one in hanging},
        base | {one.rival: one.as_is for one in hanging},
        base | {one.rival: one.doubled for one in hanging},
    )
