"""Leave-future-out scores: how well each week was foretold by the weeks before it, with few refits.

Draws of one posterior are reweighted to the posterior of fewer or more weeks and smoothed by PSIS; where the Pareto
shape k exceeds the threshold the model is fitted again to exactly the weeks before, and one goes on from there.
Source: [burkner2020future].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from standoff.inference.importance import LARGEST_K, Gate, smoothed

FloatArray = npt.NDArray[np.float64]
Refit = Callable[[int], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True)
class FutureScore:
    """Scores of weeks ``start`` .. T - 1. ``elpd`` (W,) log predictive density of each week given those before; ``k`` (W,)
    Pareto shape behind it, of the refit's own weights where ``refitted`` (W,); ``effective`` (W,) draws behind it;
    ``gates`` that k stayed below the threshold after refits too."""

    start: int
    elpd: FloatArray
    k: FloatArray
    effective: FloatArray
    refitted: npt.NDArray[np.bool_]
    gates: tuple[Gate, ...]

    @property
    def total(self) -> float:
        return float(self.elpd.sum())

    @property
    def passed(self) -> bool:
        return all(gate.passed for gate in self.gates)


def leave_future_out(
    log_lik: FloatArray,
    log_weights: FloatArray,
    refit: Refit,
    start_week: int,
    threshold: float = LARGEST_K,
    seen: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> FutureScore:
    """Score weeks ``start_week`` to the last, each given all weeks before it.

    ``log_lik`` (S, T): log p(y_t | y_<t, draw) for S draws with ``log_weights`` (S,), of the posterior given the first
    ``seen`` weeks: all T (the default; goes backwards, leaving out week by week) or ``start_week`` (goes forward,
    adding week by week). ``refit(t)``: the same two for draws given the weeks before t; equal draws have log weight
    zero, -inf is a draw that does not count.

    Errors: ValueError where shapes do not fit, or ``seen`` is neither of the two.
    """
    weeks = log_lik.shape[1]
    seen = weeks if seen is None else seen
    if not 0 < start_week < weeks or seen not in (weeks, start_week):
        raise ValueError(f"cannot score weeks {start_week} to {weeks} with draws that have seen {seen}")
    order = range(start_week, weeks) if seen == start_week else range(weeks - 1, start_week - 1, -1)
    count = weeks - start_week
    elpd, k, effective = (np.empty(count) for _ in range(3))
    refitted = np.zeros(count, dtype=bool)
    for done, week in enumerate(order):
        place = week - start_week
        smooth, k[place] = smoothed(_reweighted(log_lik, log_weights, seen, week))
        if not k[place] < threshold:
            log_lik, log_weights = refit(week)
            seen, refitted[place] = week, True
            smooth, k[place] = smoothed(np.asarray(log_weights, dtype=np.float64))
        elpd[place] = _average(smooth, log_lik[:, week])
        effective[place] = np.exp(-logsumexp(2 * smooth))
        if progress is not None:
            progress(done + 1, count)
    return FutureScore(start_week, elpd, k, effective, refitted, (_gate(k, threshold, start_week),))


def _reweighted(log_lik: FloatArray, log_weights: FloatArray, seen: int, week: int) -> FloatArray:
    """Log weights of draws given ``seen`` weeks for the posterior given the weeks before ``week``."""
    if week >= seen:
        return np.asarray(log_weights + log_lik[:, seen:week].sum(axis=1))
    with np.errstate(invalid="ignore"):
        return np.asarray(log_weights - log_lik[:, week:seen].sum(axis=1))


def _average(log_weights: FloatArray, terms: FloatArray) -> float:
    """Log of the weighted mean; a draw of weight zero says nothing, whatever its term."""
    counted = np.isfinite(log_weights)
    return float(logsumexp(log_weights[counted] + terms[counted])) if counted.any() else float("nan")


def _gate(k: FloatArray, threshold: float, start: int) -> Gate:
    worst = int(np.argmax(np.where(np.isnan(k), np.inf, k)))
    detail = f"{k[worst]:.2f} in week {start + worst}, must be below {threshold:g}"
    return Gate("Pareto k of the leave-future-out scores", bool(np.all(k < threshold)), detail)
