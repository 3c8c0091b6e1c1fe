"""Agent logit equilibrium of an extensive game, followed from lambda = 0.

Each information set is an agent that chooses with log-odds lambda times the expected payoff of its actions given
that it is reached. A tree is given by its ends: the chance of nature's moves on the way and the actions taken.
With pi the chances, prob(z) = chance(z) prod pi; reach(h) = sum of prob over ends through h;
U(a) = sum over ends through a of prob(z)/pi(a) payoff(z) / reach(h). Source: [mckelvey_palfrey_1998].
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from standoff.standoff_game.errors import NotConvergedError
from standoff.standoff_game.fixed_point import anderson
from standoff.standoff_game.precision import use_float64

Array = jax.Array


class Tree(NamedTuple):
    """Ends of a tree: ``chance`` (Z,) of nature's moves, ``actions`` (Z, D) taken on the way (-1 padding), ``payoff``
    (Z, D) to the player who moves there, ``agent`` (A,) the information set of each action. No set repeats on a way."""

    chance: Any
    actions: Any
    payoff: Any
    agent: Any


class AgentLogit(NamedTuple):
    """Chances of each action (A,), the residual of the log-odds (maximum norm) and the sweeps spent."""

    chances: np.ndarray
    residual: float
    iterations: int


def _softmax(log_odds: Array, agent: Array, agents: int) -> Array:
    top = jax.ops.segment_max(log_odds, agent, agents)
    weight = jnp.exp(log_odds - top[agent])
    return weight / jax.ops.segment_sum(weight, agent, agents)[agent]


def _worth(tree: Tree, chances: Array, agents: int) -> Array:
    """Expected payoff of each action given that its information set is reached, (A,)."""
    count = tree.agent.shape[0]
    taken = tree.actions >= 0
    safe = jnp.where(taken, tree.actions, 0)
    each = jnp.where(taken, chances[safe], 1.0)
    probability = tree.chance * jnp.prod(each, axis=1)
    slots = jnp.where(taken, tree.actions, count).reshape(-1)
    depth = tree.actions.shape[1]
    without = jnp.where(taken, (probability[:, None] / each) * tree.payoff, 0.0).reshape(-1)
    gain = jax.ops.segment_sum(without, slots, count + 1)[:count]
    weight = jax.ops.segment_sum(jnp.repeat(probability, depth), slots, count + 1)[:count]
    reach = jax.ops.segment_sum(weight, tree.agent, agents)
    return gain / reach[tree.agent]


# A tree is solved in milliseconds and compiled in a second: better half the compilation than the fastest code.
@partial(jax.jit, static_argnames=("agents",), compiler_options={"xla_backend_optimization_level": 0})
def _follow(tree: Tree, ladder: Array, agents: int) -> tuple[Array, Array, Array]:
    def rung(log_odds: Array, scale: Array) -> tuple[Array, tuple[Array, Array]]:
        def reply(x: Array) -> Array:
            return scale * _worth(tree, _softmax(x, tree.agent, agents), agents)

        fixed = anderson(reply, log_odds, 1e-11, 500, 5)
        return fixed.point, (fixed.residual, fixed.iterations)

    start = jnp.zeros(tree.agent.shape[0])
    point, (residuals, iterations) = jax.lax.scan(rung, start, ladder)
    return _softmax(point, tree.agent, agents), residuals, iterations


def agent_logit_equilibrium(tree: Tree, scale: float, steps: int = 8) -> AgentLogit:
    """The equilibrium at lambda = ``scale`` on the branch that starts from equal chances.

    Raises `NotConvergedError` when a step of the path does not reach 1e-11, or 1e-9 at the end.
    """
    use_float64()
    ladder = np.linspace(0.0, scale, steps + 1)[1:]
    agents = int(np.max(tree.agent)) + 1
    arrays = Tree(*(np.asarray(a) for a in tree))
    chances, residuals, iterations = _follow(arrays, ladder, agents)
    result = AgentLogit(np.asarray(chances), float(residuals[-1]), int(np.sum(iterations)))
    if not np.all(np.asarray(residuals) <= 1e-9):
        raise NotConvergedError("the agent logit equilibrium did not converge", result, "", "take more steps")
    return result


def lewis_schultz_tree(cuts: int, bar_wb: float = -2.8, bar_wa: float = -1.9, bar_a: float = -1.2) -> Tree:
    """The crisis signalling game with each side's war payoff cut into ``cuts`` equally likely types (G6 of the golden notes).

    A challenges or not; B resists or concedes; A stands firm or backs down. Types are the normal quantiles at
    (i + 1/2)/cuts. Actions in order: A's types challenge, not; B's types resist, concede; A's types stand firm, back
    down. Source: [lewis_schultz_2003].
    """
    from statistics import NormalDist

    shocks = np.array([NormalDist().inv_cdf((i + 0.5) / cuts) for i in range(cuts)])
    chance, actions, payoff = [], [], []
    for i in range(cuts):
        for j in range(cuts):
            go, stay, resist, concede = 2 * i, 2 * i + 1, 2 * (cuts + j), 2 * (cuts + j) + 1
            firm, back = 2 * (2 * cuts + i), 2 * (2 * cuts + i) + 1
            war_a, war_b = bar_wa + shocks[i], bar_wb + shocks[j]
            rows = (
                ((stay, -1, -1), (0.0, 0.0, 0.0)),
                ((go, concede, -1), (1.0, 0.0, 0.0)),
                ((go, resist, firm), (war_a, war_b, war_a)),
                ((go, resist, back), (bar_a, 1.0, bar_a)),
            )
            for way, gains in rows:
                chance.append(1.0 / cuts**2)
                actions.append(way)
                payoff.append(gains)
    agent = np.repeat(np.arange(3 * cuts), 2)
    return Tree(np.array(chance), np.array(actions), np.array(payoff), agent)
