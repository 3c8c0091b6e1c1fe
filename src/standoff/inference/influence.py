"""What moved a posterior probability: each row of the record left out in turn, by reweighting the draws.

The draws of the fit with all rows get the weight of the record without one: w exp(l(record without) - l(record)). Where
these weights fail (Pareto k of .7 or more) the influence is not told. Source: [vehtari2017practical].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from standoff.inference.importance import LARGEST_K, pareto_k, resample
from standoff.inference.twin import BlockFit, block_values, week_terms
from standoff.inference.twin_data import TwinData

FloatArray = npt.NDArray[np.float64]


DRAWS: Final = 256  # reweighted; a shift is a difference on the same draws, so that its error is small


class Influence(NamedTuple):
    """A row's influence: probability of the claimed direction without it, and that less the one with it; NaN where the
    weights failed (``k``)."""

    row: str
    without: float
    shift: float
    k: float


def influences(
    data: TwinData,
    fitted: BlockFit,
    parameter: str,
    turn: float,
    others: Mapping[str, TwinData],
    seed: np.random.Generator,
) -> tuple[Influence, ...]:
    """Influence of each row in ``others`` (row id -> data without it) on P(turn x parameter > 0), largest first."""
    z = resample(fitted.draws, DRAWS, seed)
    positive = turn * block_values(fitted, z)[parameter] > 0
    with_all = week_terms(data, fitted, z, DRAWS).sum(axis=1)
    base = float(positive.mean())
    found = [
        _one(row, week_terms(other, fitted, z, DRAWS).sum(axis=1) - with_all, positive, base)
        for row, other in others.items()
    ]
    return ranked(found)


def _one(row: str, log_weights: FloatArray, positive: npt.NDArray[np.bool_], base: float) -> Influence:
    k = pareto_k(log_weights)
    if not k < LARGEST_K:
        return Influence(row, float("nan"), float("nan"), k)
    weights = np.exp(log_weights - log_weights.max())
    without = float(np.sum(weights[positive]) / weights.sum())
    return Influence(row, without, without - base, k)


def ranked(found: Iterable[Influence]) -> tuple[Influence, ...]:
    """Largest shift first, those not told last."""
    return tuple(sorted(found, key=lambda one: (np.isnan(one.shift), -abs(one.shift), one.row)))
