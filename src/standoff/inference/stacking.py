"""Stacking of rivals: the weights under which their predictions, mixed, would have foretold the record best.

Weights w on the simplex that maximise sum over weeks of log sum over rivals w_m p_m(y_t | earlier weeks), a concave
problem solved by a primal-dual interior point method; the residual is the duality gap, an upper bound on what any
other weights could gain a week. Beside them pseudo-BMA+ weights, and for both the Bayesian bootstrap over weeks.
It treats weeks as exchangeable: scores that run together make the intervals too narrow.
Sources: [yao2018stacking], [rubin1981bootstrap].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

FloatArray = npt.NDArray[np.float64]

LARGEST_GAP = 1e-8  # log score a week
STEPS = 200
INTERVAL = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Stacked:
    """Weights of ``names``: ``stacking`` (M,) with the 90% interval ``low``, ``high`` (M,) of its bootstrap; ``bma_plus``
    (M,) mean over the bootstrap; ``score`` summed log score of the mixture; ``gap`` duality gap in log score a week, the
    largest of the solution and of all bootstrap replicates; ``passed`` whether it is below 1e-8."""

    names: tuple[str, ...]
    stacking: FloatArray
    low: FloatArray
    high: FloatArray
    bma_plus: FloatArray
    score: float
    gap: float

    @property
    def passed(self) -> bool:
        return self.gap <= LARGEST_GAP


class Score(NamedTuple):
    """One rival's summed log score (``elpd``) and its ``difference`` to the best with the standard error of that."""

    name: str
    elpd: float
    error: float
    difference: float
    difference_error: float


def stack(
    log_score: FloatArray, names: Sequence[str], seed: np.random.Generator, replicates: int = 1000
) -> Stacked:
    """Weights of M rivals from log predictive densities (T, M) of T weeks, each given the weeks before.

    Errors: ValueError where a score is NaN, or some week is impossible under every rival.
    """
    scores = _checked(log_score, names)
    weeks = len(scores)
    shares = seed.dirichlet(np.ones(weeks), size=replicates)
    weights, gap = stacking_weights(scores, np.vstack([np.full(weeks, 1 / weeks), shares]))
    low, high = np.quantile(weights[1:], INTERVAL, axis=0)
    with np.errstate(divide="ignore"):
        mixed = np.sum(np.log(np.exp(scores - _top(scores)) @ weights[0]) + _top(scores)[:, 0])
    return Stacked(
        tuple(names), weights[0], low, high, bma_plus(scores, shares), float(mixed), float(np.max(gap))
    )


def stacking_weights(log_score: FloatArray, shares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Optimal weights (B, M) for each row of ``shares`` (B, T) of the weeks (rows sum to one), and duality gaps (B,).

    Minimises -sum_t v_t log(p_t w) + sum_m w_m over w > 0, whose solution sums to one. With slacks s the conditions
    are s = 1 - g(w), s w = mu, where g_m = sum_t v_t p_tm / (p_t w); Newton steps with mu going to zero.
    """
    density = np.exp(log_score - _top(log_score))
    count, rivals = len(shares), density.shape[1]
    weights, slack = np.full((count, rivals), 1 / rivals), np.ones((count, rivals))
    best, least = weights, np.full(count, np.inf)
    for _ in range(STEPS):
        mixed = weights @ density.T
        slope = (shares / mixed) @ density
        scaled = weights / weights.sum(axis=1, keepdims=True)
        gap = slope.max(axis=1) * weights.sum(axis=1) - 1.0
        best = np.where((gap < least)[:, None], scaled, best)
        least = np.minimum(gap, least)
        if np.all(least <= LARGEST_GAP / 10):
            break
        weights, slack = _newton(density, shares / mixed**2, slope, weights, slack)
    return best, least


def _newton(
    density: FloatArray, curve: FloatArray, slope: FloatArray, weights: FloatArray, slack: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """One damped primal-dual step towards a tenth of the present complementarity."""
    aim = 0.1 * np.mean(weights * slack, axis=1, keepdims=True)
    hessian = np.einsum("bt,tm,tn->bmn", curve, density, density, optimize=True)
    diagonal = np.arange(weights.shape[1])
    hessian[:, diagonal, diagonal] += slack / weights
    right = slope - 1.0 + aim / weights
    move = np.linalg.solve(hessian, right[:, :, None])[:, :, 0]
    slack_move = (aim - slack * move) / weights - slack
    return weights + _stride(weights, move) * move, slack + _stride(slack, slack_move) * slack_move


def _stride(place: FloatArray, move: FloatArray) -> FloatArray:
    """Longest step up to one that keeps every number positive, 5% short of the edge: (B, 1)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(move < 0, -place / move, np.inf).min(axis=1, keepdims=True)
    return np.asarray(np.minimum(1.0, 0.95 * room))


def bma_plus(log_score: FloatArray, shares: FloatArray) -> FloatArray:
    """Pseudo-BMA+ weights (M,): softmax of the summed score, averaged over bootstrap ``shares`` (B, T) of the weeks."""
    impossible = np.any(np.isneginf(log_score), axis=0)
    sums = len(log_score) * shares @ np.where(impossible, 0.0, log_score)
    return np.asarray(softmax(np.where(impossible, -np.inf, sums), axis=1).mean(axis=0))


def compare(log_score: FloatArray, names: Sequence[str]) -> tuple[Score, ...]:
    """Summed log scores of (T, M), best first, with standard errors of the sums and of the differences to the best.

    A standard error is sqrt(T) times the standard deviation over weeks; weeks are taken as independent.
    Errors: ValueError as `stack`.
    """
    scores = _checked(log_score, names)
    elpd = scores.sum(axis=0)
    best = int(np.argmax(elpd))
    rows = []
    for place in np.argsort(-elpd, kind="stable"):
        with np.errstate(invalid="ignore"):
            apart = scores[:, place] - scores[:, best]
            error, apart_error = (_sum_error(one) for one in (scores[:, place], apart))
        rows.append(Score(names[place], float(elpd[place]), error, float(apart.sum()), apart_error))
    return tuple(rows)


def _sum_error(terms: FloatArray) -> float:
    return float(np.sqrt(len(terms)) * np.std(terms, ddof=1))


def _top(log_score: FloatArray) -> FloatArray:
    return np.asarray(log_score.max(axis=1, keepdims=True))


def _checked(log_score: FloatArray, names: Sequence[str]) -> FloatArray:
    scores = np.asarray(log_score, dtype=np.float64)
    if scores.ndim != 2 or scores.shape[1] != len(names):
        raise ValueError(f"log scores of shape {scores.shape} are not weeks by {len(names)} rivals")
    if not len(scores) or np.any(np.isnan(scores)) or np.any(np.isposinf(scores)):
        raise ValueError("a log score is missing or not a number")
    if np.any(np.isneginf(scores.max(axis=1))):
        raise ValueError("some week is impossible under every rival")
    return scores
