"""All equilibria of many crisis signalling games at once.

An equilibrium is a root q of  gap(q) = q - z(q)  where q is B's index of resistance, p_R = Phi(q), and z(q) the index of
B's best response to A's best response. Algorithm: (1) evaluate the gap on one grid of q, 1080 points from -37
to 8.2, for all games; beyond the last point p_R is 1 to double precision and the gap is a straight line;
(2) between neighbours of opposite sign there is a root; (3) where the gap comes near zero and turns back, look for
the turning point inside, so that a pair of roots closer than the grid's step is found as well; (4) polish each root
by Newton steps kept inside their bracket, to a step of the last digit. Points deep in A's tail, where the first pass's rule
of 12 nodes is too coarse, are evaluated by a rule made for tails before any sign is taken; the polish uses the exact functions.

When A prefers the status quo even to B's concession (S_A > V_A) the limit p_R -> 0, in which A never challenges, can
be an equilibrium that no interior root stands for; games for which the gap is positive at the lowest point are reported
as ``quiet``. When A does not, the index below that point is constant, and the root is where it says. Source:
[crismancox_gibilisco_2019]; folds, tails and polish are ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import erfc, ndtr
from numpy.typing import NDArray
from scipy.special import ndtr as normal_chance

from standoff.games.precision import use_float64
from standoff.games.signalling.blocks import in_blocks
from standoff.games.signalling.equations import (
    Payoffs,
    answers_to,
    gap,
    outcome_probabilities,
    payoffs_of,
    resistance,
    threshold,
)
from standoff.games.signalling.normal import log_cdf, log_density

Array = jax.Array
Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_GRID: Floats = np.concatenate(
    [
        np.linspace(-37.0, -6.0, 40, endpoint=False),
        np.linspace(-6.0, 6.0, 1025),
        np.linspace(6.0, 8.2, 16)[1:],
    ]
)
_CHANCES: Floats = normal_chance(_GRID)
_COARSE = -5.0  # below this argument the first pass is not trusted
_POLISHES = 80
# Brackets are widened by this before the polish, since the first pass may put a root that close to a point on its wrong
# side; where the polish leaves a larger gap there was no root.
_MARGIN = 1e-6
_LOOSE = 1e-4  # the same for a root outside the grid, in proportion
_ANGLES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_ANGLES = (_ANGLES + 1.0) * (math.pi / 8.0)
_WEIGHTS = _WEIGHTS * (math.pi / 8.0) / (2.0 * math.pi)
_STEPS, _STEP_WEIGHTS = np.polynomial.laguerre.laggauss(10)
_LOG_ODDS_MOST = 300.0


@dataclass(frozen=True)
class Equilibria:
    """Every equilibrium of every game, sorted by game and then by p_R; ``roots`` rows in all.

    ``game`` (roots,) numbers the game from 0; ``index`` B's index q; ``resist`` p_R, ``challenge`` p_C, ``firm``
    p_F; ``outcomes`` (roots, 4) probabilities of SQ, CD, SF, BD; ``slope`` d z / d q at the root: above one, best
    responses move away from it; ``residual`` |p_R - best response|. ``counts`` (games,) interior equilibria a game;
    ``quiet`` (games,) whether the limit in which A never challenges is an equilibrium too.
    """

    game: Whole
    index: Floats
    resist: Floats
    challenge: Floats
    firm: Floats
    outcomes: Floats
    slope: Floats
    residual: Floats
    counts: Whole
    quiet: NDArray[np.bool_]


def all_equilibria(payoffs: Payoffs) -> Equilibria:
    """Find all equilibria of games whose payoffs are numbers or arrays (games,); see the module for the algorithm."""
    use_float64()
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(x, dtype=float)) for x in payoffs))
    games = payoffs_of(columns)
    values = _gaps_on_grid(games)
    game, low, high = _brackets(games, values)
    rows = _rows(games)[:, game]
    index, slope, distance = in_blocks(_newton, rows, low - _MARGIN, high + _MARGIN)
    true = np.abs(distance) <= _MARGIN * (1.0 + np.abs(index)) * (1.0 + np.abs(slope))
    game, rows, index, slope = game[true], rows[:, true], index[true], slope[true]
    resist, challenge, firm, outcomes, residual = in_blocks(_describe, rows, index)
    counts = np.bincount(game, minlength=len(values)).astype(np.int64)
    quiet = (values[:, 0] > 0.0) & _prefers_quiet(games)
    return Equilibria(game, index, resist, challenge, firm, outcomes.T, slope, residual, counts, quiet)


def _rows(payoffs: Payoffs) -> Floats:
    return np.stack(payoffs)


@jax.jit
def _first_pass(payoffs: Payoffs, chance: Array, flat: Array) -> tuple[Array, Array]:
    """Gap (games, grid) by the rule of 12 nodes, and where it is not to be trusted.

    ``chance`` (grid,) p_R at the points; ``flat`` (2, games) what does not change along the grid, Phi(h) and exp(-h^2/2):
    with h common to a game's points the rule's integrand is exp(-h^2/2) exp(-(k - h sin u)^2 / (2 cos^2 u)).
    """
    game = payoffs_of(column[:, None] for column in payoffs)
    c = game.victory_a + (game.status_quo_a - game.victory_a) / chance
    k = game.war_a - c
    h = (game.war_a - game.back_down_a) * math.sqrt(0.5)
    below, quo_war = _both_tails(k)
    summed = jnp.zeros_like(k)
    for angle, weight in zip(_ANGLES, _WEIGHTS, strict=True):
        summed = summed + weight * jnp.exp(
            -(((k - h * math.sin(angle)) * (math.sqrt(0.5) / math.cos(angle))) ** 2)
        )
    firm = flat[0][:, None] * below + flat[1][:, None] * summed
    challenge = below + _both_tails(game.back_down_a - c)[0] * quo_war
    odds = jnp.maximum(challenge - firm, 0.0) / firm
    doubtful = (k < _COARSE) | (h < _COARSE) | ~jnp.isfinite(odds)
    return jnp.asarray(_GRID) - resistance(game, odds), doubtful


def _both_tails(x: Array) -> tuple[Array, Array]:
    """Phi(x) and Phi(-x) by one evaluation of erfc; the library's function takes six times as long for one of them."""
    tail = 0.5 * erfc(jnp.abs(x) * math.sqrt(0.5))
    return jnp.where(x > 0.0, 1.0 - tail, tail), jnp.where(x > 0.0, tail, 1.0 - tail)


@jax.jit
def _tail_pass(rows: Array, grid: Array) -> Array:
    """The same gap where an argument is far in the tail (points,), in logarithms, by a rule made for tails.

    Backing down is what a challenge leaves over, unless it is in its own tail, where the difference would lose it.
    """
    game = payoffs_of(rows)
    c = threshold(game, ndtr(grid))
    apart = (game.war_a - game.back_down_a) * math.sqrt(0.5)
    stand, back = game.war_a - c, game.back_down_a - c
    log_firm = _log_tail(apart, stand)
    below = log_cdf(jnp.stack([stand, back, -stand]))
    over = jnp.logaddexp(below[0], below[1] + below[2]) - log_firm
    rest = jnp.log(jnp.expm1(jnp.clip(over, 1e-300, _LOG_ODDS_MOST)))
    log_odds = jnp.where(jnp.minimum(-apart, back) < _COARSE, _log_tail(-apart, back) - log_firm, rest)
    return grid - resistance(game, jnp.exp(jnp.minimum(log_odds, _LOG_ODDS_MOST)))


def _log_tail(h: Array, k: Array) -> Array:
    """Log Phi2 (points,) where the smaller argument is below -5, to seven digits."""
    small, large = jnp.minimum(jnp.minimum(h, k), _COARSE), jnp.maximum(h, k)
    total = jnp.zeros_like(small)
    for step, weight in zip(_STEPS, _STEP_WEIGHTS, strict=True):
        y = -step / small
        total = total + weight * jnp.exp(-0.5 * y * y) * ndtr(math.sqrt(2.0) * large - small + y)
    return log_density(small) - jnp.log(-small) + jnp.log(total)


@jax.jit
def _gap(rows: Array, index: Array) -> Array:
    return gap(payoffs_of(rows), index)


def _gaps_on_grid(games: Payoffs) -> Floats:
    h = (games.war_a - games.back_down_a) * math.sqrt(0.5)
    flat = np.stack([normal_chance(h), np.exp(-0.5 * h * h)])
    rough, doubtful = _first_pass(games, _CHANCES, flat)
    values = np.asarray(rough).copy()
    game, point = np.nonzero(np.asarray(doubtful))
    if len(game):
        (values[game, point],) = in_blocks(_tail_pass, _rows(games)[:, game], _GRID[point])
    return values


def _brackets(games: Payoffs, values: Floats) -> tuple[Whole, Floats, Floats]:
    """Game, lower and upper end of an interval around each root, sorted."""
    below = values < 0.0
    game, point = np.nonzero(below[:, :-1] != below[:, 1:])
    found = [
        (game, _GRID[point], _GRID[point + 1]),
        _above(values),
        _below(games, values),
        *_turning(games, values),
    ]
    game, low, high = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((low, game))
    return game[order], low[order], high[order]


def _above(values: Floats) -> tuple[Whole, Floats, Floats]:
    """Roots above the last point, where p_R is 1 and the best response's index no longer moves."""
    (game,) = np.nonzero(values[:, -1] < 0.0)
    root = _GRID[-1] - values[game, -1]
    return game, np.full(len(game), _GRID[-1]), root + 1.0 + _LOOSE * np.abs(root)


def _below(games: Payoffs, values: Floats) -> tuple[Whole, Floats, Floats]:
    """Roots below the first point, where B concedes, A challenges for it, and the best response's index is constant."""
    (game,) = np.nonzero((values[:, 0] > 0.0) & ~_prefers_quiet(games))
    root = _GRID[0] - values[game, 0]
    return game, root - 1.0 - _LOOSE * np.abs(root), np.full(len(game), _GRID[0])


def _prefers_quiet(games: Payoffs) -> NDArray[np.bool_]:
    """Whether A would not challenge even a B that surely concedes (games,)."""
    return np.asarray(games.status_quo_a > games.victory_a)


def _turning(games: Payoffs, values: Floats) -> list[tuple[Whole, Floats, Floats]]:
    """Pairs of roots between three neighbouring points of one sign, where the gap turns towards zero."""
    sign = np.where(values < 0.0, -1.0, 1.0)
    size = np.abs(values)
    same = (sign[:, :-2] == sign[:, 1:-1]) & (sign[:, 1:-1] == sign[:, 2:])
    bend = np.abs(values[:, :-2] - 2.0 * values[:, 1:-1] + values[:, 2:])
    dip = same & (size[:, 1:-1] <= size[:, :-2]) & (size[:, 1:-1] <= size[:, 2:]) & (size[:, 1:-1] <= bend)
    game, point = np.nonzero(dip)
    if not len(game):
        return []
    low, middle, high = _GRID[point], _GRID[point + 1], _GRID[point + 2]
    side = sign[game, point + 1]
    bottom, depth = _deepest(_rows(games)[:, game], low, middle, high, side)
    cross = depth < 0.0
    game, low, high, bottom = game[cross], low[cross], high[cross], bottom[cross]
    return [(game, low, bottom), (game, bottom, high)]


def _deepest(rows: Floats, low: Floats, middle: Floats, high: Floats, side: Floats) -> tuple[Floats, Floats]:
    """Lowest point and value of side * gap between ``low`` and ``high``, by four sweeps of 16 points."""
    best, depth = middle, side * in_blocks(_gap, rows, middle)[0]
    many = np.tile(rows, 16)
    for _ in range(4):
        points = np.linspace(low, high, 16)
        values = side * in_blocks(_gap, many, points.ravel())[0].reshape(16, -1)
        lowest = values.argmin(axis=0)
        columns = np.arange(len(low))
        better = values[lowest, columns] < depth
        best = np.where(better, points[lowest, columns], best)
        depth = np.minimum(depth, values[lowest, columns])
        step = (high - low) / 15.0
        low, high = best - step, best + step
    return best, depth


@jax.jit
def _newton(rows: Array, low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Newton steps kept inside a shrinking bracket; root, slope of the best response there, and the gap that is left."""
    games = payoffs_of(rows)

    def both(q: Array) -> tuple[Array, Array]:
        return jax.jvp(lambda x: gap(games, x), (q,), (jnp.ones_like(q),))

    rising = gap(games, low) < 0.0
    Walk = tuple[Array, Array, Array, Array, Array]

    def going(walk: Walk) -> Array:
        _, _, _, moved, count = walk
        return (count < _POLISHES) & jnp.any(moved)

    def step(walk: Walk) -> Walk:
        low, high, q, _, count = walk
        value, slope = both(q)
        left = (value < 0.0) == rising
        low, high = jnp.where(left, q, low), jnp.where(left, high, q)
        newton = q - value / slope
        inside = (newton >= low) & (newton <= high)
        following = jnp.where(value == 0.0, q, jnp.where(inside, newton, 0.5 * (low + high)))
        moved = jnp.abs(following - q) > 1e-13 * (1.0 + jnp.abs(q))
        return low, high, following, moved, count + 1

    start = 0.5 * (low + high)
    walk = jax.lax.while_loop(going, step, (low, high, start, jnp.ones_like(low, dtype=bool), jnp.asarray(0)))
    left, slope = both(walk[2])
    return walk[2], 1.0 - slope, left


@jax.jit
def _describe(rows: Array, index: Array) -> tuple[Array, Array, Array, Array, Array]:
    games = payoffs_of(rows)
    resist = jnp.exp(log_cdf(index))
    did = answers_to(games, resist)
    residual = jnp.abs(resist - ndtr(resistance(games, did.odds)))
    firm = jnp.exp(did.firm - did.challenge)
    return resist, jnp.exp(did.challenge), firm, outcome_probabilities(games, index), residual
