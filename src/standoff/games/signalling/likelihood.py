"""The likelihood of the crisis signalling game with every equilibrium, and its local shape.

Where a game has several equilibria its data may have come from any of them. Here each game is given the equilibrium
that makes its counts most likely (all months of one game are taken to share it), so the likelihood is
max over p of  sum_d l_d(theta, p_d)  subject to  gap_d(theta, p_d) = 0, one constraint a game. It jumps
where an equilibrium appears or vanishes; between jumps it is smooth, with derivatives by the implicit function
theorem: a move of theta moves the index q_d by -gap_theta / gap_q. Source: [crismancox_gibilisco_2019].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from standoff.games.signalling.blocks import in_blocks
from standoff.games.signalling.climb import Slope
from standoff.games.signalling.derivatives import second_order
from standoff.games.signalling.design import Design
from standoff.games.signalling.equations import Payoffs, answers_to, gap, log_outcomes, payoffs_of, resistance
from standoff.games.signalling.equilibria import Equilibria, all_equilibria
from standoff.games.signalling.normal import log_cdf

Array = jax.Array
Floats = NDArray[np.float64]

SOLVED = 1e-11  # largest gap of an index that is called an equilibrium
_LEAST_SLOPE = 0.02  # a gap's slope in q nearer zero than this (a fold) is taken as this far


class Local(NamedTuple):
    """Likelihood and constraints around (coefficients, index).

    ``value`` sum of log-likelihoods, ``gaps`` (games,) how far each index is from equilibrium, ``scores`` (games, k)
    slope of each game's log-likelihood along the constraints, ``hessian`` (k, k) of their sum, ``bend`` (k,) what
    closing the gaps adds to the slope, ``closing`` (games,) the move of q that closes each gap, ``moves`` (games,
    k) the move of q with the coefficients, ``multipliers`` (games,) and ``slopes`` (games,) the gap's slope in q.
    """

    value: float
    gaps: Floats
    scores: Floats
    hessian: Floats
    bend: Floats
    closing: Floats
    moves: Floats
    multipliers: Floats
    slopes: Floats


@dataclass(frozen=True)
class Selected:
    """The likeliest equilibrium of each game: log-likelihoods (games,), indices (games,), and all that there are."""

    contributions: Floats
    index: Floats
    equilibria: Equilibria

    @property
    def value(self) -> float:
        """Log-likelihood of all games."""
        return float(np.sum(self.contributions))


def select(design: Design, coefficients: Floats) -> Selected:
    """Solve for all equilibria at ``coefficients`` and give each game the one that makes its counts likeliest.

    A game without an interior equilibrium has index -inf: A never challenges.
    """
    found = all_equilibria(design.payoffs(coefficients))
    payoffs = np.stack(design.payoffs(coefficients))[:, found.game]
    at_roots = np.concatenate([payoffs, found.index[None]])
    logs = in_blocks(values_and_gaps, at_roots, design.counts[:, found.game])[0]
    never = np.where(np.any(design.counts[1:] > 0.0, axis=0), -np.inf, 0.0)
    best = np.where(found.quiet, never, -np.inf)
    index = np.full(design.games, -np.inf)
    for place in np.argsort(logs, kind="stable"):
        if logs[place] >= best[found.game[place]]:
            best[found.game[place]], index[found.game[place]] = logs[place], found.index[place]
    return Selected(best, index, found)


def _both(point: Array, counts: Array) -> tuple[Array, Array]:
    """Log-likelihood and gap (games,) from payoffs and index (8, games)."""
    payoffs, index = payoffs_of(point[:7]), point[7]
    did = answers_to(payoffs, jnp.exp(log_cdf(index)))
    logs = log_outcomes(did, index)
    value = jnp.sum(jnp.where(counts > 0.0, counts * logs, 0.0), axis=0)
    return value, index - resistance(payoffs, did.odds)


values_and_gaps = jax.jit(_both)


def game_logs(design: Design, coefficients: Floats, index: Floats) -> Floats:
    """Log-likelihood of each game (games,) at the equilibria ``index``."""
    payoffs = design.loadings @ coefficients + design.offsets
    return np.asarray(values_and_gaps(np.concatenate([payoffs, index[None]]), design.counts)[0])


@jax.jit
def _around(point: Array, counts: Array) -> tuple[Array, ...]:
    (values, gaps), pull = jax.vjp(lambda x: _both(x, counts), point)
    ones, none = jnp.ones_like(values), jnp.zeros_like(values)
    slope, away = pull((ones, none))[0], pull((none, ones))[0]
    steep = jnp.where(away[7] < 0.0, -1.0, 1.0) * jnp.maximum(jnp.abs(away[7]), _LEAST_SLOPE)
    multipliers = -slope[7] / steep

    def lagrangian(x: Array) -> Array:
        value, distance = _both(x, counts)
        whole: Array = value + multipliers * distance
        return whole

    hessian = second_order(lagrangian, point)[2]
    return values, gaps, slope, away, steep, multipliers, hessian


def local(design: Design, coefficients: Floats, index: Floats) -> Local:
    """Likelihood, constraints, and their derivatives at ``coefficients`` (k,) and ``index`` (games,)."""
    payoffs = design.loadings @ coefficients + design.offsets
    parts = _around(np.concatenate([payoffs, index[None]]), design.counts)
    values, gaps, slope, away, steep, multipliers, hessian = (np.asarray(x) for x in parts)
    along = -away[:7] / steep
    # Hessian along the constraints in payoffs: both sides of [identity; along] around the 8 x 8 block of each game.
    cross = hessian[:7, 7, :]
    bent = hessian[:7, :7] + cross[:, None] * along[None] + along[:, None] * cross[None]
    bent = bent + hessian[7, 7] * along[:, None] * along[None]
    closing = -gaps / steep
    scores = slope[:7] + multipliers * away[:7]
    width, loadings = len(design.names), design.loadings
    half = np.einsum("ijn,jnk->ink", bent, loadings)
    flat = loadings.reshape(-1, width)
    return Local(
        float(np.sum(values)),
        gaps,
        np.einsum("jn,jnk->nk", scores, loadings),
        flat.T @ half.reshape(-1, width),
        flat.T @ ((cross + hessian[7, 7] * along) * closing).ravel(),
        closing,
        np.einsum("jn,jnk->nk", along, loadings),
        multipliers,
        away[7],
    )


@jax.jit
def _follow(payoffs: Payoffs, index: Array) -> tuple[Array, Array]:
    """Newton steps from a nearby equilibrium: index and gap (games,)."""

    def step(walk: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        q, _, count = walk
        value, slope = jax.jvp(lambda x: gap(payoffs, x), (q,), (jnp.ones_like(q),))
        return q - jnp.clip(value / slope, -0.5, 0.5), value, count + 1

    def going(walk: tuple[Array, Array, Array]) -> Array:
        return (jnp.max(jnp.abs(walk[1])) > 0.1 * SOLVED) & (walk[2] < 40)

    q, _, _ = jax.lax.while_loop(going, step, (index, jnp.full_like(index, jnp.inf), jnp.asarray(0)))
    return q, gap(payoffs, q)


def follow(design: Design, coefficients: Floats, index: Floats) -> Floats | None:
    """The equilibria (games,) near ``index`` at new ``coefficients``; None where one of them has vanished."""
    payoffs = payoffs_of(jnp.asarray(x) for x in design.payoffs(coefficients))
    q, distance = (np.asarray(x) for x in _follow(payoffs, index))
    closed = np.abs(distance) <= SOLVED * (1.0 + np.abs(q))
    return q if bool(np.all(closed)) else None


def along_branch(design: Design, coefficients: Floats, index: Floats) -> Slope[Floats] | None:
    """Likelihood along the branch of equilibria through ``index``, for an ascent that solves the game at each step."""
    q = follow(design, coefficients, index)
    if q is None:
        return None
    here = local(design, coefficients, q)
    if not np.isfinite(here.value):
        return None
    return Slope(here.value, here.scores.sum(axis=0), here.hessian, q)
