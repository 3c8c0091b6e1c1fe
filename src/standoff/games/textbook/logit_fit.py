"""The lambda that fits observed choices: every maximum of the likelihood along the curve of logit equilibria.

Counts n_a have log-likelihood l(lambda) = sum n_a ln pi_a(lambda). Its maxima are where its slope along the curve,
sum over agents of (n_a - n pi_a) times the change of log-odds, turns from positive to not positive. A likelihood interval
holds the lambda around the maximum at which 2 (l_max - l) is at most the quantile of chi-squared with one degree.
Source: [mckelvey_palfrey_1995].
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2

from standoff.games.errors import GameMistake, GamesError
from standoff.games.textbook.logit_path import (
    LogitEquilibrium,
    Point,
    ahead,
    beginning,
    equilibrium_at,
    follow,
    free_actions,
)
from standoff.games.textbook.logit_tree import Floats, Tree, spread

SEARCH_TO = 100.0
LEVEL = 0.95


class Peak(NamedTuple):
    """A local maximum of the log-likelihood along the curve; ``inside`` is False at an end of the search."""

    equilibrium: LogitEquilibrium
    log_likelihood: float
    error: float
    inside: bool


def maxima(tree: Tree, counts: Floats, search_to: float = SEARCH_TO) -> list[Peak]:
    """Every local maximum of the log-likelihood of counts (A,) for lambda in [0, search_to], the best first.

    ``error`` is lambda's standard error from the curvature, NaN at an end of the search or where lambda turns back.
    """
    _check_counts(tree, counts)

    def slope(point: Point) -> float:
        return _slope(tree, counts, point)

    start = beginning(tree)
    peaks = [] if slope(start) > 0 else [_peak(tree, counts, start, inside=False)]
    last = start
    for here, there, step in follow(tree, search_to):
        last = there
        if slope(here) > 0 >= slope(there):
            peaks.append(_peak(tree, counts, _root(tree, here, step, slope), inside=True))
    if slope(last) > 0:
        peaks.append(_peak(tree, counts, last, inside=False))
    return sorted(peaks, key=lambda one: -one.log_likelihood)


def _check_counts(tree: Tree, counts: Floats) -> None:
    if np.shape(counts) != (len(tree.agent),) or not np.all(np.isfinite(counts)) or np.min(counts) < 0:
        what = f"counts are not {len(tree.agent)} numbers of at least zero, one an action"
        raise GamesError("logit-qre", [GameMistake("counts", what, "", f"actions: {', '.join(tree.names)}")])


def likelihood_interval(
    tree: Tree, counts: Floats, peak: Peak, level: float = LEVEL, search_to: float = SEARCH_TO
) -> tuple[float, float]:
    """The lambda next to a maximum on either side at which the likelihood has fallen so far.

    0 and infinity where it does not fall so far within [0, search_to].
    """
    least = peak.log_likelihood - float(chi2.ppf(level, 1)) / 2
    at = peak.equilibrium.precision

    def above(point: Point) -> float:
        return _log_likelihood(tree, counts, point) - least

    low, high = 0.0, math.inf
    for here, there, step in follow(tree, search_to):
        if (above(here) > 0) != (above(there) > 0):
            crossing = _root(tree, here, step, above).precision
            if crossing < at:
                low = crossing
            else:
                high = min(high, crossing)
    return low, high


def _root(tree: Tree, here: Point, step: float, of: Callable[[Point], float]) -> Point:
    """The point along a step at which a quantity that changes sign over it is zero."""

    def value(part: float) -> float:
        return of(_within(tree, here, part))

    return _within(tree, here, float(brentq(value, 0.0, step, xtol=1e-13, rtol=1e-14)))


def _within(tree: Tree, here: Point, part: float) -> Point:
    point = ahead(tree, here, part)
    assert point is not None, "a part of a step that was trusted"
    return point


def _log_likelihood(tree: Tree, counts: Floats, point: Point) -> float:
    return float(counts @ spread(tree, free_actions(tree) @ point.y[:-1]))


def _slope(tree: Tree, counts: Floats, point: Point) -> float:
    """Change of the log-likelihood along the curve: sum over agents of (n_a - n pi_a) times the change of log-odds."""
    free = free_actions(tree)
    chances = np.exp(spread(tree, free @ point.y[:-1]))
    totals = np.bincount(tree.agent, counts, tree.agents)[tree.agent]
    return float((counts - totals * chances) @ (free @ point.tangent[:-1]))


def _peak(tree: Tree, counts: Floats, point: Point, inside: bool) -> Peak:
    error = math.nan
    upward = point.tangent[-1]
    if inside and upward > 0:
        step = 1e-4 * (1 + float(np.linalg.norm(point.y)))
        sides = [_beside(tree, point, part) for part in (-step, step)]
        slopes = [_slope(tree, counts, one) / one.tangent[-1] for one in sides]
        curvature = (slopes[0] - slopes[1]) / (sides[1].precision - sides[0].precision)
        error = 1 / math.sqrt(curvature) if curvature > 0 else math.nan
    return Peak(equilibrium_at(tree, point), _log_likelihood(tree, counts, point), error, inside)


def _beside(tree: Tree, point: Point, part: float) -> Point:
    """A point a little before or after, its tangent kept forward."""
    turned = point if part > 0 else point._replace(tangent=-point.tangent)
    near = ahead(tree, turned, abs(part))
    if near is None:
        return point
    return near if part > 0 else near._replace(tangent=-near.tangent)
