"""Simulation-based calibration: are the true values spread evenly among the draws of their posteriors?

Parameters from the prior, a record from the parameters, draws from the record's posterior: the rank of the truth among
L draws is uniform on 0 .. L when all is right. Two checks: chi-square over bins, and the ranks' cumulative counts
against bands that hold everywhere at once. And what a number of records could have told: the power against posteriors
that are too narrow, too wide, or off to a side. Sources: [talts2018calibration], [sailynoja2022graphical].
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln
from scipy.stats import binom, chi2, norm

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LEVEL = 0.95
HALVINGS = 30  # of gamma
SEARCH = 10  # halvings of an error: to a thousandth of the range looked through
EXTREME = 0.1  # posteriors narrower or, inverted, wider than this are not looked at
FARTHEST = 5.0


class ChiSquare(NamedTuple):
    """Pearson's statistic of the ranks in equal bins, its degrees of ``freedom`` and ``p``."""

    statistic: float
    freedom: int
    p: float


class Bands(NamedTuple):
    """Cumulative counts of ranks below 1 .. L: ``lower`` and ``upper`` (L,), ends included, hold all at once with
    probability ``coverage``; each alone with about 1 - ``gamma``."""

    lower: IntArray
    upper: IntArray
    gamma: float
    coverage: float


class EcdfCheck(NamedTuple):
    """``counts`` (L,) of ranks below 1 .. L, the bands they should lie in, ``outside`` how many do not, ``passed`` none."""

    counts: IntArray
    bands: Bands
    outside: int

    @property
    def passed(self) -> bool:
        return self.outside == 0


class Detectable(NamedTuple):
    """What ``records`` can detect with ``power``: standard deviations ``narrow`` (below 1) and ``wide`` (above 1) times the
    right ones, and a ``shift`` in right standard deviations. Zero or infinite: no such error is big enough."""

    records: int
    power: float
    narrow: float
    wide: float
    shift: float


def ranks(
    truth: FloatArray,
    draws: FloatArray,
    count: int,
    seed: np.random.Generator,
    weights: FloatArray | None = None,
) -> IntArray:
    """Ranks (Q,) of Q true quantities among ``count`` of N posterior draws (N, Q), from 0 to ``count``; ties at random.

    With ``weights`` (N,), or where there are more draws than wanted, draws are taken anew, independently and by
    weight; chains that hang together must be thinned before. Errors: ValueError where there are too few draws.
    """
    if weights is not None:
        draws = draws[seed.choice(len(draws), size=count, p=weights / weights.sum())]
    elif len(draws) > count:
        draws = draws[seed.choice(len(draws), size=count, replace=False)]
    if len(draws) != count:
        raise ValueError(f"{len(draws)} draws are too few for ranks among {count}")
    ties = np.sum(draws == truth, axis=0)
    return np.asarray(np.sum(draws < truth, axis=0) + seed.integers(0, ties, endpoint=True), dtype=np.int64)


def chi_square(found: IntArray, count: int, bins: int = 20) -> ChiSquare:
    """Chi-square of ranks (R,) on 0 .. ``count`` in ``bins`` equal bins.

    Errors: ValueError where the bins do not divide the count + 1 ranks.
    """
    if (count + 1) % bins:
        raise ValueError(f"{bins} bins do not divide {count + 1} ranks")
    observed = np.bincount(found // ((count + 1) // bins), minlength=bins)
    expected = len(found) / bins
    statistic = float(np.sum((observed - expected) ** 2) / expected)
    return ChiSquare(statistic, bins - 1, float(chi2.sf(statistic, bins - 1)))


def ecdf_check(found: IntArray, count: int, level: float = LEVEL) -> EcdfCheck:
    """Ranks (R,) on 0 .. ``count`` against simultaneous bands of the given level."""
    counts = np.cumsum(np.bincount(found, minlength=count + 1))[:-1]
    limits = bands(len(found), count, level)
    outside = int(np.sum((counts < limits.lower) | (counts > limits.upper)))
    return EcdfCheck(counts, limits, outside)


@lru_cache(maxsize=256)
def bands(records: int, count: int, level: float = LEVEL) -> Bands:
    """Simultaneous bands for the cumulative counts of ``records`` uniform ranks on 0 .. ``count``.

    The largest gamma at which central binomial intervals of level 1 - gamma, one for each rank, hold together with
    probability of at least ``level``. The probability is exact, see `_within`.
    """
    uniform = np.full(count + 1, 1.0 / (count + 1))

    def limits(gamma: float) -> tuple[IntArray, IntArray]:
        chances = np.arange(1, count + 1) / (count + 1)
        ends = (binom.ppf(tail, records, chances) for tail in (gamma / 2, 1 - gamma / 2))
        lower, upper = (np.asarray(end, dtype=np.int64) for end in ends)
        return lower, upper

    gamma = _last_true(lambda one: _within(records, uniform, *limits(one)) >= level, 0.0, 1.0 - level)
    lower, upper = limits(gamma)
    return Bands(lower, upper, gamma, _within(records, uniform, lower, upper))


def rank_law(count: int, scale: float = 1.0, shift: float = 0.0) -> FloatArray:
    """Probabilities (L + 1,) of the rank among L = ``count`` draws from posteriors that are normal, as the right ones
    are, but of ``scale`` times their standard deviation and off by ``shift`` of it upward.

    P(rank = r) = integral of Binomial(r; L, Phi((x - shift) / scale)) over x ~ N(0, 1).
    """
    nodes, weights = np.polynomial.legendre.leggauss(800)
    x = 9.0 * nodes
    log_below, log_above = norm.logcdf((x - shift) / scale), norm.logcdf((shift - x) / scale)
    rank = np.arange(count + 1)
    choices = gammaln(count + 1) - gammaln(rank + 1) - gammaln(count - rank + 1)
    pmf = np.exp(choices[:, None] + np.outer(rank, log_below) + np.outer(count - rank, log_above))
    law = pmf @ (weights * norm.pdf(x))
    return np.asarray(law / law.sum())


def power(records: int, law: FloatArray, level: float = LEVEL) -> float:
    """Chance that `ecdf_check` fails with so many ranks of the given law (L + 1,); exact."""
    limits = bands(records, len(law) - 1, level)
    return 1.0 - _within(records, law, limits.lower, limits.upper)


def detectable(records: int, count: int, chance: float = 0.8, level: float = LEVEL) -> Detectable:
    """The smallest errors of a posterior that so many records would show with the given chance."""

    def told(scale: float, shift: float) -> bool:
        return power(records, rank_law(count, scale, shift), level) >= chance

    narrow, wide, shift = 0.0, float("inf"), float("inf")
    if told(EXTREME, 0.0):
        narrow = _last_true(lambda one: told(one, 0.0), EXTREME, 1.0, SEARCH)
    if told(1 / EXTREME, 0.0):
        wide = 1 / _last_true(lambda one: told(1 / one, 0.0), EXTREME, 1.0, SEARCH)
    if told(1.0, FARTHEST):
        shift = FARTHEST - _last_true(lambda one: told(1.0, FARTHEST - one), 0.0, FARTHEST, SEARCH)
    return Detectable(records, chance, narrow, wide, shift)


def _within(records: int, law: FloatArray, lower: IntArray, upper: IntArray) -> float:
    """Probability that the cumulative counts of multinomial ranks all lie between the limits, ends included.

    Multinomial counts are independent Poisson counts given their sum, so that the cumulative counts are a walk with
    Poisson steps: carry its law from rank to rank, cutting off what left the limits, and condition on its end.
    """
    means = np.maximum(records * law, 1e-300)  # a rank that never comes has no logarithm
    log_factorial = gammaln(np.arange(records + 1) + 1.0)
    state, first = np.ones(1), 0
    for rank in range(len(law) - 1):
        low, high = int(lower[rank]), int(upper[rank])
        step = np.arange(high - first + 1)
        chance = np.exp(step * np.log(means[rank]) - means[rank] - log_factorial[step])
        state = np.convolve(state, chance)[max(low - first, 0) : high - first + 1]
        first = max(low, first)
    left = records - first - np.arange(len(state))
    log_end = left * np.log(means[-1]) - means[-1] - log_factorial[left]
    log_total = records * np.log(records) - records - log_factorial[records]
    return float(state @ np.exp(log_end - log_total))


def _last_true(holds: Callable[[float], bool], low: float, high: float, halvings: int = HALVINGS) -> float:
    """By halving, the last place between ``low``, where it holds, and ``high``, where it need not."""
    for _ in range(halvings):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
