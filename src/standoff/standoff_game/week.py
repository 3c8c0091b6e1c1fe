"""What a week brings: aid, harm, moves of the state, and the payoffs that do not depend on the future.

Axes of a class of hostages: (belief b, signal y, force m, offer x, state s), s = (e, k, d, c) flat, last.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.specification import Specification

Array = jax.Array
RESTRAINED, UNRESTRAINED = 0, 1


class StateGrid(NamedTuple):
    """Levels of each part of the state over the flat index s, each (S,)."""

    endurance: Array
    pressure: Array
    block: Array
    credulity: Array


class Week(NamedTuple):
    """Everything of a week that does not depend on values or beliefs; Y' is 1 when aid ignores signals.

    ``aid``, ``harm`` (Y', M); ``up``, ``down`` chances that endurance moves (J, Y', M); ``rise``, ``fall``
    chances that outside pressure moves (J, Y', M); ``collapse`` (M, S); ``force_end`` chance by type (2, S);
    ``flow`` (J, Y', M, S) holder's weekly payoff; ``loss`` (M,) chance that a group is lost;
    ``coercer`` (2, Y, M, X, S) coercer's weekly payoff without the holding cost. J holder's acts.
    """

    aid: Array
    harm: Array
    up: Array
    down: Array
    rise: Array
    fall: Array
    collapse: Array
    force_end: Array
    flow: Array
    loss: Array
    coercer: Array


def state_grid(specification: Specification) -> StateGrid:
    """Levels over the flat states of one class."""
    e, k, d, c = specification.state_shape
    axes = jnp.meshgrid(jnp.arange(e), jnp.arange(k), jnp.arange(d), jnp.arange(c), indexing="ij")
    return StateGrid(*(axis.reshape(-1).astype(jnp.float64) for axis in axes))


def _signals(specification: Specification, parameters: Parameters) -> Array:
    """Criticism of each signal table (Y',), one zero when signals enter no payoff."""
    if not specification.signals_in_payoffs:
        return jnp.zeros(1)
    return jnp.asarray(parameters.criticism)[np.array(specification.first_signals)]


def aid_and_harm(specification: Specification, parameters: Parameters) -> tuple[Array, Array]:
    """Weekly aid and harm (Y', M): aid = clip(aid0 - aidm m + aidK crit, 0, 1.5), harm = harm[m] (1.3 - .5 aid)."""
    p = parameters
    criticism = _signals(specification, p) if specification.aid_answers else jnp.zeros(1)
    raw = p.aid_base - p.aid_force * p.force_level[None, :] + p.aid_criticism * criticism[:, None]
    aid = jnp.clip(raw, 0.0, 1.5)
    return aid, p.harm[None, :] * (1.3 - 0.5 * aid)


def _pair(up: Array, down: Array) -> tuple[Array, Array]:
    """Weights as chances: divided by their sum when it exceeds one."""
    total = jnp.maximum(up + down, 1.0)
    return up / total, down / total


def week(specification: Specification, parameters: Parameters) -> Week:
    """Chances and payoffs of a week for every state, signal and act (model.md section 2)."""
    p = parameters
    s = state_grid(specification)
    top = p.force_level[-1]
    aid, harm = aid_and_harm(specification, p)
    held = aid if p.aid_control is None else aid * p.aid_control
    force = jnp.asarray(p.force_level)
    up = (p.endurance_up * held)[None]
    down = (p.endurance_down * force + 0.25 * p.endurance_up)[None, None, :]
    rise = (p.harm_pressure * harm)[None]
    tired = 1.0 + p.tired * (1.0 - s.endurance / max(specification.endurance_levels - 1, 1))
    flow = (
        (p.aid_value * held)[:, :, None]
        - jnp.asarray(p.force_cost)[None, :, None] * tired
        + p.pressure_value * s.pressure
    )[None]
    if p.holder_acts is not None:
        acts = p.holder_acts
        wide = (slice(None), None, None)
        rise = p.harm_pressure * (harm + acts.provocation[wide]) * (1.0 + acts.propaganda[wide])
        down = down + acts.wear[wide]
        flow = flow - acts.cost[:, None, None, None]
    up, down = _pair(*jnp.broadcast_arrays(up, down))
    rise, fall = _pair(*jnp.broadcast_arrays(rise, jnp.asarray(p.pressure_decay)))
    collapse = jnp.where(s.endurance == 0, (p.collapse * force / top)[:, None], 0.0)
    force_end = jnp.asarray(p.forced_end)[:, None] * s.pressure
    return Week(
        aid,
        harm,
        up,
        down,
        rise,
        fall,
        collapse,
        force_end,
        flow,
        p.death_base + p.death_force * force,
        _coercer_payoff(specification, p, s),
    )


def _coercer_payoff(specification: Specification, p: Parameters, s: StateGrid) -> Array:
    """um m - pen m crit - penk m k - block x d + gen x crit, (2, Y, M, X, S)."""
    force = jnp.asarray(p.force_level)[:, None, None]
    offer = jnp.asarray(p.generosity)[:, None]
    one = jnp.ones((1, len(specification.force), len(specification.offers), specification.states))
    payoffs = []
    for t in (RESTRAINED, UNRESTRAINED):
        pay = (p.force_value[t] * force - p.pressure_penalty[t] * force * s.pressure) * one
        pay = pay - p.block * offer * s.block
        if specification.signals_in_payoffs:
            criticism = _signals(specification, p)[:, None, None, None]
            pay = pay - p.criticism_penalty[t] * force * criticism + p.criticism_offer[t] * offer * criticism
        payoffs.append(pay)
    return jnp.stack(payoffs)


def _shift(values: Array, axis: int, up: Array, down: Array) -> Array:
    """Expectation over one step up or down along an axis; moves beyond the ends do not happen."""
    size = values.shape[axis]
    if size == 1:
        return values
    first = jax.lax.slice_in_dim(values, 0, 1, axis=axis)
    last = jax.lax.slice_in_dim(values, size - 1, size, axis=axis)
    above = jnp.concatenate([jax.lax.slice_in_dim(values, 1, size, axis=axis), last], axis=axis)
    below = jnp.concatenate([first, jax.lax.slice_in_dim(values, 0, size - 1, axis=axis)], axis=axis)
    return values + up * (above - values) + down * (below - values)


def expect_next(specification: Specification, parameters: Parameters, this: Week, values: Array) -> Array:
    """Expected values after e, k, d and credulity move: (F, B, M, S) -> (J, F, B, Y', M, S).

    F functions, B beliefs, M levels of force (values may already differ by force, through losses). Y' is the
    number of signals when credulity wears, otherwise as in `Week`.
    """
    p = parameters
    functions, beliefs, forces, _ = values.shape
    out = values.reshape(1, functions, beliefs, 1, forces, *specification.state_shape)

    def fit(chance: Array) -> Array:  # (J, Y', M) -> broadcast over functions, beliefs, e, k, d, c
        return chance[:, None, None, :, :, None, None, None, None]

    out = _shift(out, 5, fit(this.up), fit(this.down))
    out = _shift(out, 6, fit(this.rise), fit(this.fall))
    if specification.domestic:
        on, off = p.domestic[0], p.domestic[1]
        free, blocked = out[..., 0:1, :], out[..., 1:2, :]
        out = jnp.concatenate([(1.0 - on) * free + on * blocked, off * free + (1.0 - off) * blocked], axis=7)
    if p.wear is not None and specification.credulity_levels > 1:
        lower = jnp.asarray(p.wear.contradiction)[None, None, None, :, None, None, None, None, None]
        out = _shift(out, 8, (1.0 - lower) * p.wear.mend, lower)
    return out.reshape(*out.shape[:5], specification.states)
