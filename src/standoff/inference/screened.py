"""Importance sampling of a dear density with draws that a cheap one near it lets through.

Draws are made and proposals refitted on the cheap density alone. Then each draw is kept with a chance in proportion to
its cheap weight, the dear density is evaluated where it was kept, and its weight is divided by that chance. So the dear
density decides every weight, and the sum has the right expectation whatever the cheap one is; a cheap one far off shows
as uneven weights, which the gates judge. No chance is below `SURELY`, so that no place that the cheap density rules out
is left out for certain. More are kept until the gates are passed: with the same random numbers, so that those kept
before stay, and with more draws where there are too few to choose from. What cannot arrive any more stops. Source: rejection control, [liu_chen_wong_1998]; [vehtari2024pareto].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from standoff.inference.importance import Draws, Effort, Mode, Target, adapted, refitted, weighed

FloatArray = npt.NDArray[np.float64]

SURELY = 0.02


@dataclass(frozen=True, slots=True)
class Screen:
    """How many evaluations of the dear density to begin with and at most; ``cheap`` effort on the cheap one."""

    first: int
    most: int
    cheap: Effort


def fit_screened(
    dear: Target,
    cheap: Target,
    dimension: int,
    seed: np.random.Generator,
    effort: Effort,
    screen: Screen,
    modes: tuple[Mode, ...],
) -> Draws:
    """Sample a dear posterior from known modes; ``effort`` holds its gates and aim. What missed a gate says so."""
    pool, drawn = adapted(cheap, dimension, seed, screen.cheap, modes)
    luck, told, known = np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool)
    count = screen.first
    while True:
        z, density, mixture = pool.all()
        new = len(z) - len(luck)
        luck = np.concatenate([luck, seed.uniform(size=new)])
        told = np.concatenate([told, np.full(new, np.nan)])
        known = np.concatenate([known, np.zeros(new, dtype=bool)])
        chance = keeping(np.where(np.isfinite(density), density - mixture, -np.inf), count)
        kept = luck < chance
        asked = np.flatnonzero(kept & ~known)
        told[asked] = np.asarray(dear.many(z[asked]), dtype=np.float64)
        known[asked] = True
        log_weights = told[kept] - mixture[kept] - np.log(chance[kept])
        draws = weighed(z[kept], told[kept], log_weights, len(z), modes, effort)
        enough = draws.passed and draws.effective >= effort.aim
        if enough or 2 * count > screen.most or hopeless(draws.effective, count, screen.most, effort.least):
            return draws
        count *= 2
        if 2 * count > len(z):
            pool.add(refitted(drawn, dimension), len(z))


def hopeless(effective: float, count: int, most: int, least: float) -> bool:
    """Whether even twice the effective draws that the most evaluations promise, in proportion, would be too few."""
    return 2.0 * effective * most / count < least


def keeping(log_weights: FloatArray, count: int) -> FloatArray:
    """Chances (N,) of keeping draws with cheap log weights (N,), `count` of them in the mean beside the least that is sure."""
    top = np.max(log_weights)
    share = np.exp(log_weights - top)
    low, high = 0.0, float(len(share)) / max(float(share.sum()), 1e-300) * 1e3
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if np.sum(np.minimum(middle * share, 1.0)) < count else (low, middle)
    result: FloatArray = np.maximum(np.minimum(high * share, 1.0), SURELY)
    return result
