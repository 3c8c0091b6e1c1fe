"""How strong would an unrecorded cause of both a signal and a stance have to be to undo a finding?

Told in units of the strongest recorded cause: a recorded cause's bias is how far the coefficient moves when that cause
is left out, and an unrecorded one of strength s moves it s times the largest of these, towards zero.
Beside it the robustness value and the bias of a linear regression in partial R2. Source: [cinelli2020making].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

UNDONE = 0.80


class Unrecorded(NamedTuple):
    """``direction`` (+1, -1) of the likelier sign with its ``probability``; ``strength`` at which that probability falls
    below ``level`` (0: it is below already; infinite: no recorded cause moved the coefficient at all); ``strongest``
    recorded cause and its ``bias``, in the coefficient's units."""

    direction: int
    probability: float
    strength: float
    level: float
    strongest: str
    bias: float


def unrecorded_cause(
    draws: FloatArray, weights: FloatArray, biases: Mapping[str, float], level: float = UNDONE
) -> Unrecorded:
    """The strength of an unrecorded cause that would take the probability of the direction below `level`.

    ``draws`` (N,) of the coefficient with ``weights`` (N,); ``biases`` of the recorded causes, signs ignored.
    The strength is the (1 - level) quantile of the coefficient, counted along its direction, over the largest bias.
    Errors: ValueError where there is no recorded cause, or weights and draws do not fit.
    """
    if not biases or draws.shape != weights.shape or not np.sum(weights) > 0:
        raise ValueError("needs a recorded cause, and one weight for each draw")
    share = weights / weights.sum()
    direction = 1 if share[draws > 0].sum() >= share[draws < 0].sum() else -1
    strongest = max(biases, key=lambda name: abs(biases[name]))
    bias = abs(biases[strongest])
    probability = _probability(draws, share, direction, 0.0)
    along = np.sort(direction * draws)
    reaching = np.cumsum(share[np.argsort(direction * draws)][::-1])[::-1]  # weight at or above each
    still = along[reaching >= level - 1e-12]
    edge = float(still[-1]) if len(still) else -np.inf
    strength = 0.0 if probability < level or edge <= 0 else edge / bias if bias > 0 else np.inf
    return Unrecorded(direction, probability, float(strength), level, strongest, bias)


def direction_curve(
    draws: FloatArray, weights: FloatArray, found: Unrecorded, strengths: FloatArray
) -> FloatArray:
    """Probability of the direction with an unrecorded cause of each of the strengths (S,)."""
    share = weights / weights.sum()
    return np.array([_probability(draws, share, found.direction, one * found.bias) for one in strengths])


def robustness_value(t: float, freedom: int, reduction: float = 1.0) -> float:
    """Partial R2 with both signal and outcome at which an omitted cause takes away the share ``reduction`` of a linear
    coefficient with statistic `t`: (sqrt(f^4 + 4 f^2) - f^2) / 2 with f = reduction |t| / sqrt(freedom)."""
    square = (reduction * t) ** 2 / freedom
    return float(0.5 * (np.sqrt(square**2 + 4 * square) - square))


def linear_bias(error: float, freedom: int, outcome_r2: float, signal_r2: float) -> float:
    """Bias of a linear coefficient with standard ``error`` by an omitted cause of these partial R2 with the outcome and
    with the signal: error sqrt(freedom R2_outcome R2_signal / (1 - R2_signal))."""
    return float(error * np.sqrt(freedom * outcome_r2 * signal_r2 / (1.0 - signal_r2)))


def _probability(draws: FloatArray, share: FloatArray, direction: int, moved: float) -> float:
    return float(share[direction * draws - moved > 0].sum())
