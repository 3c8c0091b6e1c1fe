"""The patron: a fixed signal law, an estimated policy that answers the state, or a third logit player."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from standoff.standoff_game.beliefs import Nodes, bayes_log_odds, node_weights, weights_on_grid
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.week import StateGrid

Array = jax.Array


class SignalNews(NamedTuple):
    """What a signal does to beliefs on the grid: ``node`` below b1 and ``weight`` of the one above between nodes,
    (B, Y, S or 1); ``tables`` (Y,) the table in which each signal is read; ``weights`` (B, Y, S or 1, B) of all nodes
    where kinks are rounded, else None."""

    node: Array
    weight: Array
    tables: np.ndarray
    weights: Array | None = None


def signal_law(spec: Specification, parameters: Parameters, states: StateGrid, groups: Array) -> Array:
    """Probability of each signal by type, (2, Y, S or 1); answers the state when the patron has an estimated policy."""
    law = jnp.asarray(parameters.signal_law)[:, :, None]
    policy = parameters.patron_policy
    if policy is None:
        return law
    lost = 1.0 - groups / spec.groups
    lean = (
        jnp.asarray(policy.pressure)[:, None] * states.pressure / max(spec.pressure_levels - 1, 1)
        + jnp.asarray(policy.endurance)[:, None] * states.endurance / max(spec.endurance_levels - 1, 1)
        + jnp.asarray(policy.block)[:, None] * states.block
        + jnp.asarray(policy.lost)[:, None] * lost
    )
    return jax.nn.softmax(jnp.log(law) + lean, axis=1)


def credulity(spec: Specification, parameters: Parameters, states: StateGrid) -> Array:
    """Weight of a signal in the belief: a scalar, or (S,) when contradiction wears it."""
    if parameters.wear is None or spec.credulity_levels == 1:
        return jnp.asarray(parameters.credulity)
    share = jnp.asarray(parameters.wear.share)[states.credulity.astype(jnp.int32)]
    return jnp.asarray(parameters.credulity) * share


def signal_news(spec: Specification, grid: Nodes, log_ratio: Array, weight: Array) -> SignalNews:
    """Where b1 = Bayes(b; (l_U/l_R)^kappa) falls on the grid, for log ratios (B or 1, Y, S or 1)."""
    belief = bayes_log_odds(jnp.asarray(grid)[:, None, None], weight * log_ratio)
    index, share = weights_on_grid(grid, spec.belief_span, belief)
    rounded = node_weights(grid, spec.rounding, belief) if spec.rounding > 0.0 else None
    return SignalNews(index, share, np.array(spec.signal_tables), rounded)


def at_signal(news: SignalNews, table: Array) -> Array:
    """A table (B, Y', S) read at b1 after each signal: (B, Y, S)."""
    beliefs, signals, wide = news.node.shape
    states = table.shape[-1]
    if news.weights is not None:
        each = table[:, news.tables] if table.shape[1] > 1 else table
        full = jnp.broadcast_to(each, (beliefs, signals, states))
        # Node by node: sums of small arrays are fused, a product of many small matrices is not.
        return sum((news.weights[..., i] * full[i] for i in range(beliefs)), jnp.zeros(()))
    if wide == 1:
        rows = news.tables if table.shape[1] > 1 else np.zeros(signals, dtype=np.int64)
        low, high = table[news.node[..., 0], rows[None, :]], table[news.node[..., 0] + 1, rows[None, :]]
    else:
        each = table[:, news.tables] if table.shape[1] > 1 else table
        full = jnp.broadcast_to(each, (beliefs, signals, states))
        low = jnp.take_along_axis(full, news.node, axis=0)
        high = jnp.take_along_axis(full, news.node + 1, axis=0)
    return low + news.weight * (high - low)


def patron_reply(parameters: Parameters, law: Array, worth: Array) -> tuple[Array, Array]:
    """The patron's logit reply by type: chances (2, B, Y, S) and values (2, B, S).

    ``law`` (2, Y, S or 1) is its habit, ``worth`` (2, B, Y, S) what follows each signal. p = law exp(Q/noise)
    normalised; V = noise log sum law exp(Q/noise). Source: model.md section 1; [standoff_game].
    """
    patron = parameters.patron
    assert patron is not None
    total = worth + jnp.asarray(patron.politics)[:, None, :, None]
    scaled = jnp.log(law)[:, None] + total / patron.noise
    value = jax.nn.logsumexp(scaled, axis=2)
    return jnp.exp(scaled - value[:, :, None, :]), patron.noise * value
