"""Simulated outcomes with a record's own calendar: a latent level that drifts back, read with error, on a scale of steps.

The latent level L follows, between two points g weeks apart,
    L' = m + (L - m) phi^g + noise,   noise ~ normal(0, s sqrt(1 - phi^(2g)))
so that s is its spread in the long run and phi what is left of a deviation after a week. Acts add jumps, which wear off
in the same way. What is recorded is L plus a coder's error, cut to the scale and put on its nearest step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from standoff.claims.association import basis
from standoff.claims.differences import WEEK, FloatArray, IntArray, Outcome

FEWEST_TO_FIT = 6
KEPT = (
    0.05,
    0.98,
)  # bounds of what a gap leaves of a deviation: estimates from a dozen differences are rough
NOISE_LEFT = 0.25  # least share of the residual variance that is not taken for coder's error


class Process(NamedTuple):
    """Mean, what a week leaves of a deviation, spread in the long run, coder's error, and the scale's ends (or None)."""

    mean: float
    kept_a_week: float
    spread: float
    coder_error: float
    low: float | None
    high: float | None


def fit_process(
    outcome: Outcome,
    exposure: FloatArray,
    gap_weeks: float,
    coder_error: float,
    low: float | None,
    high: float | None,
) -> Process | None:
    """Read drift and noise off a record's differences, by least squares on start level and exposure.

    Exposure is in the regression so that what signals may have done is not taken for noise; the effect that it finds is
    not used. ``exposure``: (differences,). None where there are fewer than six differences or nothing is left over.
    """
    if len(outcome.change) < FEWEST_TO_FIT:
        return None
    columns = basis(np.column_stack([outcome.start, exposure]))
    design = np.column_stack([np.ones(len(exposure)), outcome.start, exposure])
    coefficients, *_ = np.linalg.lstsq(design, outcome.change, rcond=None)
    rest = outcome.change - columns @ (columns.T @ outcome.change)
    variance = float(rest @ rest) / (len(rest) - columns.shape[1])
    if variance <= 0:
        return None
    kept = float(np.clip(1 + coefficients[1], *KEPT))
    variance = max(variance - 2 * coder_error**2, NOISE_LEFT * variance)
    return Process(
        mean=float(np.append(outcome.start, outcome.start[-1] + outcome.change[-1]).mean()),
        kept_a_week=kept ** (1 / max(gap_weeks, 1 / WEEK)),
        spread=float(np.sqrt(variance / (1 - kept**2))),
        coder_error=coder_error,
        low=low,
        high=high,
    )


class Jumps(NamedTuple):
    """What a world adds: at each day (days,), ``jump`` once, wearing off, and ``level``, a moving mean."""

    jump: FloatArray
    level: FloatArray


def latent(
    process: Process, days: IntArray, jumps: Jumps, records: int, rng: np.random.Generator
) -> FloatArray:
    """Latent levels at the given days. Shapes: days (d,) ascending; out (records, d)."""
    gaps = np.diff(days, prepend=days[:1]) / WEEK
    kept = process.kept_a_week**gaps
    noise = rng.standard_normal((records, len(days))) * process.spread
    deviation = np.empty((records, len(days)))
    now = noise[:, 0] + jumps.jump[0]
    deviation[:, 0] = now
    for k in range(1, len(days)):
        now = now * kept[k] + noise[:, k] * np.sqrt(1 - kept[k] ** 2) + jumps.jump[k]
        deviation[:, k] = now
    return process.mean + jumps.level + deviation


def record_values(
    process: Process, levels: FloatArray, errors: FloatArray, steps: FloatArray | None
) -> FloatArray:
    """What a coder writes down: level plus error (standard normal draws), cut to the scale, on the nearest step."""
    seen = levels + process.coder_error * errors
    if process.low is not None or process.high is not None:
        seen = np.clip(seen, process.low, process.high)
    return seen if steps is None else nearest(seen, steps)


def nearest(values: FloatArray, steps: FloatArray) -> FloatArray:
    """Each value's nearest step (the lower one of two equally near). Shapes: any; steps (k,) ascending."""
    middles = (steps[1:] + steps[:-1]) / 2
    return np.asarray(steps[np.searchsorted(middles, values, side="left")])
