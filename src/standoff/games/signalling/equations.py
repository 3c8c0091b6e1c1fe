"""The crisis signalling game of Lewis and Schultz (2003): payoffs, best responses, outcome probabilities.

A challenges or leaves the status quo (SQ). Challenged, B concedes (CD) or resists. Resisted, A stands firm (SF) or
backs down (BD). Payoffs of A: S_A (SQ), V_A (CD), W_A + e_W (SF), a + e_a (BD); of B: C_B (CD), W_B + e_B (SF),
V_B (BD); the errors are independent standard normals, each known to its owner alone.

With p the probability that B resists, A challenges when W_A + e_W or a + e_a exceeds c = [S_A - (1-p) V_A] / p.
Everything that A does depends on s = c - W_A and t = c - a only:

    status quo                    Phi(s) Phi(t)
    challenge and stand firm      Phi2((t-s)/sqrt2, -s; 1/sqrt2)
    challenge and back down       Phi2((s-t)/sqrt2, -t; 1/sqrt2)

B resists with probability Phi(z),  z = W_B - C_B + (V_B - C_B) R,  R the odds that A, having challenged, backs
down rather than stands firm. The second form of the probability of backing down is ours: as a complement,
1 - p_F, it would lose its digits where A almost surely stands firm. Sources: [lewis_schultz_2003],
[crismancox_gibilisco_2019].

All arrays are float64, one entry a game, and broadcast; payoffs are in units of the errors' standard deviation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from standoff.games.signalling.normal import log_cdf, log_cdf2, log_density

Array = jax.Array

_ROOT_HALF = math.sqrt(0.5)
# A larger threshold, larger odds or a smaller chance differ from these in no digit of a probability.
_FARTHEST = 1e8
_LOG_ODDS_MOST = 300.0
_LEAST_CHANCE = 1e-140

OUTCOMES = ("SQ", "CD", "SF", "BD")
OUTCOME_MEANINGS = {
    "SQ": "no challenge",
    "CD": "A challenges, B concedes",
    "SF": "A challenges, B resists, A stands firm",
    "BD": "A challenges, B resists, A backs down",
}
EQUATIONS = {
    "S_A": "A's payoff of the status quo",
    "V_A": "A's payoff when B concedes",
    "C_B": "B's payoff of conceding",
    "barW_A": "A's mean payoff of standing firm",
    "barW_B": "B's mean payoff when A stands firm",
    "bar_a": "A's mean payoff of backing down",
    "V_B": "B's payoff when A backs down",
}


class Payoffs(NamedTuple):
    """Mean payoffs of the game, in the order of the equations; arrays of one shape, usually (games,)."""

    status_quo_a: Array
    victory_a: Array
    concession_b: Array
    war_a: Array
    war_b: Array
    back_down_a: Array
    victory_b: Array


def payoffs_of(columns: Iterable[Any]) -> Payoffs:
    """Seven columns, NumPy's or JAX's, in the order of the equations."""
    return Payoffs(*columns)


class Answers(NamedTuple):
    """What A does once its threshold is known: logs of the three events' probabilities, (games,)."""

    quo: Array
    firm: Array
    back: Array

    @property
    def challenge(self) -> Array:
        """Log probability of a challenge."""
        return jnp.logaddexp(self.firm, self.back)

    @property
    def odds(self) -> Array:
        """Odds that A, having challenged, backs down."""
        return jnp.exp(jnp.minimum(self.back - self.firm, _LOG_ODDS_MOST))


def threshold(payoffs: Payoffs, resist: Array) -> Array:
    """A's threshold c (games,) when B resists with probability ``resist``, in [0, 1]."""
    chance = jnp.maximum(resist, _LEAST_CHANCE)
    c = payoffs.victory_a + (payoffs.status_quo_a - payoffs.victory_a) / chance
    return jnp.clip(c, -_FARTHEST, _FARTHEST)


def answers(s: Array, t: Array) -> Answers:
    """What A does when its threshold lies ``s`` above its payoff of standing firm, ``t`` above that of backing down."""
    s, t = jnp.broadcast_arrays(jnp.asarray(s), jnp.asarray(t))
    apart = (t - s) * _ROOT_HALF
    both = jax.lax.stop_gradient(log_cdf2(jnp.stack([apart, -apart]), -jnp.stack([s, t])))
    firm, back = _challenges(s, t, both[0], both[1])
    return Answers(jnp.sum(log_cdf(jnp.stack([s, t])), axis=0), firm, back)


@jax.custom_jvp
def _challenges(s: Array, t: Array, firm: Array, back: Array) -> tuple[Array, Array]:
    """Log probabilities of the two events after a challenge, known already, with their derivatives.

    With D = phi((t-s)/sqrt2) Phi(-(s+t)/sqrt2) / sqrt2, the density of indifference between the two, the probabilities
    move by  -D - phi(s) Phi(t), D  (standing firm, in s and t) and  D, -D - phi(t) Phi(s)  (backing down).
    """
    return firm, back


@_challenges.defjvp
def _challenges_slope(
    primals: tuple[Array, ...], tangents: tuple[Array, ...]
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    (s, t, firm, back), (ds, dt, _, _) = primals, tangents
    firm, back = _challenges(s, t, firm, back)
    below = log_cdf(jnp.stack([-(s + t) * _ROOT_HALF, s, t]))
    between = log_density((t - s) * _ROOT_HALF) + below[0] + math.log(_ROOT_HALF)
    to_quo_firm, to_quo_back = log_density(s) + below[2], log_density(t) + below[1]
    by_firm = jnp.exp(between - firm) * (dt - ds) - jnp.exp(to_quo_firm - firm) * ds
    by_back = jnp.exp(between - back) * (ds - dt) - jnp.exp(to_quo_back - back) * dt
    return (firm, back), (by_firm, by_back)


def answers_to(payoffs: Payoffs, resist: Array) -> Answers:
    """What A does when B resists with probability ``resist``."""
    c = threshold(payoffs, resist)
    return answers(c - payoffs.war_a, c - payoffs.back_down_a)


def resistance(payoffs: Payoffs, odds: Array) -> Array:
    """B's index z (games,): B resists with probability Phi(z) when A's odds of backing down are ``odds``."""
    return payoffs.war_b - payoffs.concession_b + (payoffs.victory_b - payoffs.concession_b) * odds


def gap(payoffs: Payoffs, index: Array) -> Array:
    """Distance from equilibrium (games,): B's index less the index of its best response; zero in equilibrium."""
    return index - resistance(payoffs, answers_to(payoffs, jnp.exp(log_cdf(index))).odds)


def log_outcomes(did: Answers, index: Array) -> Array:
    """Log probabilities (4, games) of SQ, CD, SF, BD when A answers ``did`` and B's index is ``index``."""
    yes, no = log_cdf(jnp.stack([index, -index]))
    return jnp.stack([did.quo, did.challenge + no, did.firm + yes, did.back + yes])


def outcome_probabilities(payoffs: Payoffs, index: Array) -> Array:
    """Probabilities (4, games) of SQ, CD, SF, BD at the equilibrium whose index of resistance is ``index`` (games,)."""
    return jnp.exp(log_outcomes(answers_to(payoffs, jnp.exp(log_cdf(index))), index))
