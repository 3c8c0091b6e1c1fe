"""Whether chains agree and how much they hold: split R-hat and effective sizes, by ranks.

A sampler that works in other coordinates tells these of its own numbers; a reader wants them of the coefficients.
Chains are split in halves. R-hat is the larger of that of the ranks' normal scores and of the same after folding at the
median; the bulk's effective size is of the normal scores, the tail's the lesser of two indicators of quantiles.
Autocorrelations are summed by pairs, as long as a pair's sum is positive, and made to fall (Geyer). Source: [vehtari2021rank].
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

Floats = NDArray[np.float64]

TAIL = (0.05, 0.95)


class Mixing(NamedTuple):
    """R-hat, and effective sizes of the bulk and of the tail; (K,) each, NaN for a coefficient that never moved."""

    r_hat: Floats
    bulk: Floats
    tail: Floats


def mixing(draws: Floats) -> Mixing:
    """Of draws (chains, T, K), two chains and eight draws at least."""
    found = np.array([_of_one(draws[:, :, k]) for k in range(draws.shape[2])])
    return Mixing(*found.T)


def _of_one(draws: Floats) -> tuple[float, float, float]:
    if np.ptp(draws) == 0 or not np.isfinite(draws).all():
        return np.nan, np.nan, np.nan
    halves = _split(draws)
    scores, folded = _scores(halves), _scores(np.abs(halves - np.median(halves)))
    low, high = np.quantile(draws, TAIL)
    tail = min(effective(_split((draws <= bound).astype(float))) for bound in (low, high))
    return max(_r_hat(scores), _r_hat(folded)), effective(scores), tail


def _split(draws: Floats) -> Floats:
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _scores(draws: Floats) -> Floats:
    """Normal scores of the ranks among all draws."""
    ranks = rankdata(draws).reshape(draws.shape)
    scores: Floats = norm.ppf((ranks - 0.375) / (draws.size + 0.25))
    return scores


def _r_hat(chains: Floats) -> float:
    within = chains.var(axis=1, ddof=1).mean()
    between = chains.mean(axis=1).var(ddof=1)
    return float(np.sqrt((chains.shape[1] - 1) / chains.shape[1] + between / within))


def effective(chains: Floats) -> float:
    """How many independent draws say as much of the mean as chains (M, T) do."""
    count = chains.shape[1]
    centred = chains - chains.mean(axis=1, keepdims=True)
    waves = np.fft.rfft(centred, n=2 * count)
    lagged = (np.fft.irfft(np.abs(waves) ** 2)[:, :count] / count).mean(axis=0)
    within = lagged[0] * count / (count - 1)
    whole = lagged[0] + chains.mean(axis=1).var(ddof=1)
    correlation = 1.0 - (within - lagged) / whole
    correlation[0] = 1.0
    pairs = correlation[: count // 2 * 2].reshape(-1, 2).sum(axis=1)
    kept = int(np.argmax(pairs < 0)) if (pairs < 0).any() else len(pairs)
    # a first term that is positive still counts once, which matters where draws alternate
    last = max(float(correlation[2 * kept]), 0.0) if kept < len(pairs) else 0.0
    stretch = 2.0 * np.minimum.accumulate(pairs[:kept]).sum() - 1.0 + last
    return float(chains.size / max(stretch, 1.0 / np.log10(chains.size)))
