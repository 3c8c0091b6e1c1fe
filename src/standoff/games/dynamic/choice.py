"""The best reply by which everyone's logit choices are judged: values by a linear solve, then choice; and its slope.

Unknowns are log odds ``q`` (n,) against each player's first action, player by player, state by state. Given choices P:

    V_i = (I - d_i F^P)^-1 sum_a W(x,a) [u_i(x,a) - sum_a' P_i log P_i],   W the product of the players' choices,
    v_i(x,a_i) = sum_{a_-i} W_-i [u_i + d_i sum_x' F(x,a,x') V_i(x')],    reply_i = v_i(x,a) - v_i(x,0).

A Markov perfect logit equilibrium is q = reply(q). At it the slope of a player's reply in her own choices is zero
(policy iteration), so the blocks of the slope on the diagonal are left at zero: Newton's method stays quadratic and
implicit derivatives stay exact. Values leave out Euler's constant, which moves every value by the same amount.
Source: Aguirregabiria and Mira (2002, 2007) [aguirregabiria_mira_2002, aguirregabiria_mira_2007].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp

Array = jax.Array


class Shape(NamedTuple):
    """What is static: actions of each player, number of states, whether all players discount alike."""

    actions: tuple[int, ...]
    states: int
    one_discount: bool

    @property
    def unknowns(self) -> int:
        return self.states * sum(count - 1 for count in self.actions)

    @property
    def profiles(self) -> int:
        total = 1
        for count in self.actions:
            total *= count
        return total


class Arrays(NamedTuple):
    """A game's numbers: features (N,S,J,K), offset (N,S,J), transition (S,J,S), discount (N,); J profiles of actions."""

    features: Array
    offset: Array
    transition: Array
    discount: Array


class Values(NamedTuple):
    """Values (N,S), values of each action (S,A_i) a player, and C_i = u_i + d_i F V_i (N,S,J)."""

    values: Array
    of_actions: tuple[Array, ...]
    of_profiles: Array


def split(shape: Shape, q: Array) -> tuple[Array, ...]:
    """Log odds (n,) as one (S,A_i-1) array a player."""
    parts, begin = [], 0
    for count in shape.actions:
        end = begin + shape.states * (count - 1)
        parts.append(q[begin:end].reshape(shape.states, count - 1))
        begin = end
    return tuple(parts)


def join(of_actions: Sequence[Array]) -> Array:
    """Values of actions, (S,A_i) a player, as log odds (n,)."""
    return jnp.concatenate([(v[:, 1:] - v[:, :1]).ravel() for v in of_actions])


def log_choices(shape: Shape, q: Array) -> tuple[Array, ...]:
    """Log choice probabilities, (S,A_i) a player."""
    return tuple(jax.nn.log_softmax(jnp.pad(odds, ((0, 0), (1, 0))), axis=1) for odds in split(shape, q))


def _along(shape: Shape, player: int, table: Array) -> Array:
    """A player's (S,A_i) table laid along her axis of (S,A_1,...,A_N)."""
    size = [shape.states] + [1] * len(shape.actions)
    size[1 + player] = shape.actions[player]
    return table.reshape(size)


def _others(shape: Shape, choices: Sequence[Array], without: tuple[int, ...]) -> Array:
    """Product of the choices of everyone but some, (S,A_1,...,A_N) with size one along the axes left out."""
    product = jnp.ones([shape.states] + [1] * len(shape.actions))
    for player, table in enumerate(choices):
        if player not in without:
            product = product * _along(shape, player, table)
    return product


def _grid(shape: Shape, table: Array) -> Array:
    return table.reshape(shape.states, *shape.actions)


def _sum_but(shape: Shape, table: Array, keep: tuple[int, ...]) -> Array:
    """Sum over the actions of everyone not kept: (S,A_i) or, for two players kept, (S,A_i,A_j) in that order."""
    axes = tuple(1 + player for player in range(len(shape.actions)) if player not in keep)
    summed = table.sum(axis=axes)
    return summed if keep == tuple(sorted(keep)) else jnp.swapaxes(summed, 1, 2)


def payoffs(arrays: Arrays, theta: Array) -> Array:
    """Flow payoffs (N,S,J): features times parameters, and what is known."""
    return arrays.features @ theta + arrays.offset


def chain(shape: Shape, arrays: Arrays, choices: Sequence[Array]) -> Array:
    """Law of the next state (S,S) when everyone chooses as given."""
    weight = jnp.broadcast_to(_others(shape, choices, ()), (shape.states, *shape.actions))
    return jnp.einsum("sj,sjt->st", weight.reshape(shape.states, -1), arrays.transition)


def _resolvents(shape: Shape, arrays: Arrays, law: Array) -> Array:
    """I - d F^P: (1,S,S) when all discount alike, else (N,S,S)."""
    discount = arrays.discount[:1] if shape.one_discount else arrays.discount
    return jnp.eye(shape.states) - discount[:, None, None] * law


def values(shape: Shape, arrays: Arrays, theta: Array, q: Array) -> Values:
    """Everyone's values when all choose by the log odds ``q`` for ever."""
    logs = log_choices(shape, q)
    choices = [jnp.exp(log) for log in logs]
    flow = payoffs(arrays, theta)
    weight = jnp.broadcast_to(_others(shape, choices, ()), (shape.states, *shape.actions))
    weight = weight.reshape(shape.states, -1)
    entropy = jnp.stack([-(p * log).sum(axis=1) for p, log in zip(choices, logs, strict=True)])
    now = jnp.einsum("sj,nsj->ns", weight, flow) + entropy
    law = jnp.einsum("sj,sjt->st", weight, arrays.transition)
    matrices = _resolvents(shape, arrays, law)
    if shape.one_discount:
        value = jnp.linalg.solve(matrices[0], now.T).T
    else:
        value = jnp.linalg.solve(matrices, now[:, :, None])[:, :, 0]
    # a common level of the values moves no choice; taken out, it costs no digits when patience is near one
    level = value.mean(axis=1, keepdims=True)
    later = jnp.einsum("sjt,nt->nsj", arrays.transition, value - level) + level[:, :, None]
    total = flow + arrays.discount[:, None, None] * later
    of_actions = tuple(
        _sum_but(shape, _others(shape, choices, (i,)) * _grid(shape, total[i]), (i,))
        for i in range(len(shape.actions))
    )
    return Values(value, of_actions, total)


def reply(shape: Shape, arrays: Arrays, theta: Array, q: Array) -> Array:
    """The reply (n,) to everyone choosing by ``q`` for ever; a fixed point is an equilibrium."""
    return join(values(shape, arrays, theta, q).of_actions)


def slope(shape: Shape, arrays: Arrays, theta: Array, q: Array) -> tuple[Array, Array]:
    """The reply (n,) and its slope (n,n) in the choices of the others (own blocks zero, see above)."""
    known = values(shape, arrays, theta, q)
    choices = [jnp.exp(log) for log in log_choices(shape, q)]
    resolvents = _resolvents(shape, arrays, chain(shape, arrays, choices))
    rows = [
        _rows(shape, arrays, choices, known.of_profiles[i], resolvents, i) for i in range(len(shape.actions))
    ]
    return join(known.of_actions), jnp.concatenate(rows)


def _direct(shape: Shape, choices: Sequence[Array], total: Array, i: int, j: int) -> Array:
    """Slope of v_i(x,a) in the log odds of j's action b at x with values held, (S,A_i,A_j-1)."""
    table = _sum_but(shape, _others(shape, choices, (i, j)) * _grid(shape, total), (i, j))
    mean = (table * choices[j][:, None, :]).sum(axis=2, keepdims=True)
    return ((table - mean) * choices[j][:, None, :])[:, :, 1:]


def _rows(
    shape: Shape, arrays: Arrays, choices: Sequence[Array], total: Array, resolvents: Array, i: int
) -> Array:
    """The rows of player i in the slope, (S (A_i-1), n)."""
    own, states = shape.actions[i], shape.states
    weight = jnp.broadcast_to(_others(shape, choices, (i,)), (states, *shape.actions))
    law = weight.reshape(states, -1)[:, :, None] * arrays.transition
    law = jnp.moveaxis(law.reshape(states, *shape.actions, states), 1 + i, 1)
    law = law.reshape(states, own, -1, states).sum(axis=2)
    ahead = arrays.discount[i] * (law[:, 1:] - law[:, :1]).reshape(states * (own - 1), states)
    resolvent = resolvents[0 if shape.one_discount else i]
    ahead = jnp.linalg.solve(resolvent.T, ahead.T).T.reshape(states, own - 1, states)
    blocks = []
    for j, count in enumerate(shape.actions):
        if j == i:
            blocks.append(jnp.zeros((states * (own - 1), states * (count - 1))))
            continue
        direct = _direct(shape, choices, total, i, j)
        through = (choices[i][:, :, None] * direct).sum(axis=1)
        block = ahead[:, :, :, None] * through[None, None]
        here = direct[:, 1:] - direct[:, :1]
        at = jnp.arange(states)
        block = block.at[at, :, at, :].add(here)
        blocks.append(block.reshape(states * (own - 1), states * (count - 1)))
    return jnp.concatenate(blocks, axis=1)
