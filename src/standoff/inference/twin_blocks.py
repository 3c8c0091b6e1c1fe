r"""The reduced-form twin: a state-space ordered logit of both sides' stances, with conduct and hazards beside it.

The holder's softness in week t is
$\eta_t = \delta\,\tau_t + w_t + \beta_x x_t + \beta_g g_t + \beta_b B_t + \sum_j \beta_j S_{jt} + \beta_m m_t + \beta_a a_t + \beta_e e_t + \beta_p p_t$
with $w_t$ a stationary autoregression. Its recorded stance is an ordered logit, $P(\text{level} \le l_k) = L(c_k + \eta_t)$,
mixed by the coder's error and to the power of the row's weight; a deal comes with hazard
$1 - \exp(-e^{\kappa_0 + \kappa_1 \eta_t})$. The coercer's generosity is built alike. Force is a Markov ordered logit, aid a
linear autoregression, the patron's signals logits that answer harm, stalled talks, the last stance and the calendar.

The blocks share no parameters, so that their posteriors factorise: each is fitted alone and the marginal
likelihoods multiply. $w_t$ is integrated out on a grid, exactly up to the grid. Every block returns the one-step-ahead
log predictive density of each week (T,); their sum is its log-likelihood. Source: [hamilton1989new] for the filter,
[mccullagh1980regression] for the ordered logit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from standoff.inference.priors import Prior
from standoff.inference.rivals import Term
from standoff.inference.twin_data import TwinData
from standoff.inference.twin_priors import AID, COERCER, DEATHS, ENDS, FORCE, HOLDER, SIGNALS, Entry

Array = Any
Values = Mapping[str, Array]

NODES = 21
REACH = 3.2  # of the grid of the residual, in its stationary standard deviations
GRID = np.linspace(-REACH, REACH, NODES)


class Block(NamedTuple):
    """One part of the twin: its priors, the terms that free each parameter (none: always free), and its terms (T,)."""

    name: str
    priors: tuple[Prior, ...]
    needs: tuple[tuple[Term, ...], ...]
    terms: Callable[[Values, TwinData], Array]


def _filter(emission: Array, persistence: Array) -> Array:
    """Log predictive densities (T,) of an autoregression on GRID with stationary sd 1; ``emission`` (T, NODES) log."""
    spread = jnp.sqrt(1.0 - persistence**2)
    moves = jnp.exp(-0.5 * ((GRID[None, :] - persistence * GRID[:, None]) / spread) ** 2)
    moves = moves / moves.sum(axis=1, keepdims=True)
    start = jnp.exp(-0.5 * GRID**2)

    def step(here: Array, logs: Array) -> tuple[Array, Array]:
        top = jnp.max(logs)
        joint = here * jnp.exp(logs - top)
        total = joint.sum()
        return (joint / total) @ moves, jnp.log(total) + top

    _, terms = jax.lax.scan(step, start / start.sum(), emission)
    return terms


def cutpoints(values: Values, count: int) -> Array:
    """Ascending cutpoints (count,): the first, and then steps that are positive."""
    steps = [values[f"step{i}"] for i in range(1, count)]
    return jnp.cumsum(jnp.stack([values["cut"], *steps]))


def level_chances(cuts: Array, softness: Array) -> Array:
    """Chances of each level, (..., L), for softness (...): P(level <= k) = L(c_k + softness)."""
    below = jax.nn.sigmoid(cuts + softness[..., None])
    ones, zeros = jnp.ones_like(below[..., :1]), jnp.zeros_like(below[..., :1])
    return jnp.diff(jnp.concatenate([zeros, below, ones], axis=-1), axis=-1)


def _stance_terms(cuts: Array, softness: Array, category: Array, weight: Array, confusion: Array) -> Array:
    """Log chance of the recorded category, (T, NODES), zero where nothing was recorded."""
    chances = level_chances(cuts, softness) @ confusion
    seen = category >= 0
    place = jnp.where(seen, category, 0).astype(jnp.int32)
    told = jnp.take_along_axis(chances, place[:, None, None], axis=-1)[..., 0]
    return jnp.where(seen[:, None], weight[:, None] * jnp.log(told + 1e-12), 0.0)


def holder_index(v: Values, d: TwinData) -> Array:
    """The holder's softness without its residual, (T,)."""
    return (
        v["drift"] * d.time
        + v["terms"] * d.terms
        + v["shock"] * d.shock
        + v["news"] * d.news
        + v["criticism"] * d.criticism
        + v["support"] * d.support
        + v["costly"] * d.costly
        + v["force"] * d.force
        + v["aid"] * d.aid
        + v["endurance"] * d.endurance
        + v["probe"] * d.probe[:, 0]
        + v["control"] * d.control[:, 0]
    )


def _holder(v: Values, d: TwinData) -> Array:
    softness = holder_index(v, d)[:, None] + v["spread"] * GRID[None, :]
    cuts = cutpoints(v, len(d.levels) - 1)
    stance = _stance_terms(cuts, softness, d.holder_category, d.holder_weight, d.holder_confusion)
    hazard = jnp.exp(jnp.clip(v["deal"] + v["deal_softness"] * softness, -30.0, 8.0))
    made = jnp.log(-jnp.expm1(-hazard * d.span[:, None]) + 1e-300)
    deal = jnp.where(d.deal[:, None] > 0, made, -hazard)
    return _filter(stance + d.at_risk[:, None] * deal, v["persistence"])


def coercer_index(v: Values, d: TwinData) -> Array:
    """The coercer's generosity without its residual, (T,)."""
    return (
        v["drift"] * d.time
        - v["answer"] * d.standing
        - v["block"] * d.block
        + v["criticism"] * d.criticism
        + v["support"] * d.support
        + v["costly"] * d.costly
        + v["private"] * d.private
        + v["probe"] * d.probe[:, 1]
        + v["control"] * d.control[:, 1]
    )


def _coercer(v: Values, d: TwinData) -> Array:
    # Generosity raises the level, so it enters with the sign turned.
    softness = -(coercer_index(v, d)[:, None] + v["spread"] * GRID[None, :])
    cuts = cutpoints(v, len(d.levels) - 1)
    stance = _stance_terms(cuts, softness, d.coercer_category, d.coercer_weight, d.coercer_confusion)
    return _filter(stance, v["persistence"])


def force_chances(v: Values, before: Array, d: TwinData, week: Array | slice = slice(None)) -> Array:
    """Chances of force 0, 1, 2 given last week's level less one and this week's stocks, (..., 3)."""
    push = (
        v["persistence"] * before
        + v["criticism"] * d.criticism[week]
        + v["support"] * d.support[week]
        + v["costly"] * d.costly[week]
        + v["private"] * d.private[week]
        + v["outside"] * d.outside[week]
    )
    return level_chances(cutpoints(v, 2), -push)


def _force(v: Values, d: TwinData) -> Array:
    before = jnp.concatenate([jnp.zeros(1), d.force[:-1]])
    usable: Any = d.force_seen[1:] * d.force_seen[:-1] * d.in_spell[1:] * d.in_spell[:-1]
    usable = jnp.concatenate([jnp.zeros(1), usable])
    chances: Any = force_chances(v, before, d)
    told = jnp.take_along_axis(chances, d.force_level.astype(jnp.int32)[:, None], axis=-1)[:, 0]
    return usable * jnp.log(told + 1e-12)


def _aid(v: Values, d: TwinData) -> Array:
    before = jnp.concatenate([jnp.zeros(1), d.aid[:-1]])
    usable = jnp.concatenate([jnp.zeros(1), d.aid_seen[1:] * d.aid_seen[:-1]])
    away = (d.aid - aid_mean(v, before, d)) / v["noise"]
    return usable * (-0.5 * away**2 - jnp.log(v["noise"]) - 0.5 * jnp.log(2 * jnp.pi))


def aid_mean(v: Values, before: Array, d: TwinData, week: Array | slice = slice(None)) -> Array:
    """Mean of aid given last week's, (...)."""
    return (
        v["level"]
        + v["persistence"] * before
        + v["force"] * d.force[week]
        + v["criticism"] * d.criticism[week]
        + v["costly"] * d.costly[week]
        + v["private"] * d.private[week]
    )


def signal_logits(
    v: Values, kind: str, lag: Array, harm: Array, stalled: Array, standing: Array, on: Array
) -> Array:
    """Log-odds that a kind of signal (restrain, enable) is sent in a week, given what stood before it."""
    return (
        v[f"{kind}_level"]
        + v[f"{kind}_lag"] * lag
        + v[f"{kind}_harm"] * harm
        + v[f"{kind}_stalled"] * stalled
        + v[f"{kind}_stance"] * standing
        + v[f"{kind}_calendar"] * on
    )


def _signals(v: Values, d: TwinData) -> Array:
    def earlier(x: Array) -> Any:
        return jnp.concatenate([jnp.zeros(1), x[:-1]])

    harm, stalled = earlier(d.harm), earlier(d.stalled)
    total: Any = jnp.zeros_like(d.harm)
    for kind, mark in (("restrain", d.restrain_mark), ("enable", d.enable_mark)):
        # A week of costly criticism says nothing of support: it is one category of the public signal.
        known: Any = 1.0 if kind == "restrain" else 1.0 - d.costly_mark
        odds = signal_logits(v, kind, earlier(mark), harm, stalled, d.standing, d.calendar)
        total = total + known * _bernoulli(mark, odds)
    total = total + d.restrain_mark * _bernoulli(d.costly_mark, v["costly_level"] + v["costly_harm"] * harm)
    return total + _bernoulli(d.private_mark, v["private_level"] + v["private_harm"] * harm)


def _bernoulli(mark: Array, odds: Array) -> Array:
    return mark * jax.nn.log_sigmoid(odds) + (1.0 - mark) * jax.nn.log_sigmoid(-odds)


def _deaths(v: Values, d: TwinData) -> Array:
    hazard = jnp.exp(jnp.clip(v["level"] + v["force"] * d.force, -30.0, 8.0))
    died = jnp.log(-jnp.expm1(-hazard * d.death_span) + 1e-300)
    return jnp.where(d.death > 0, died, -hazard * d.death_open)


def _ends(v: Values, d: TwinData) -> Array:
    return d.at_risk * (d.other_end * jnp.log(v["rate"]) - v["rate"])


def _block(name: str, entries: tuple[Entry, ...], terms: Callable[[Values, TwinData], Array]) -> Block:
    return Block(name, tuple(p for p, _ in entries), tuple(n for _, n in entries), terms)


BLOCKS: tuple[Block, ...] = (
    _block("holder", HOLDER, _holder),
    _block("coercer", COERCER, _coercer),
    _block("force", FORCE, _force),
    _block("aid", AID, _aid),
    _block("signals", SIGNALS, _signals),
    _block("deaths", DEATHS, _deaths),
    _block("ends", ENDS, _ends),
)
