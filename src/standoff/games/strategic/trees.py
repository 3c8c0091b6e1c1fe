"""Three small trees, their payoffs, and the chances of their outcomes.

At a node the mover goes right with chance F((value of right - value of left) / spread). What F and the spread are
depends on where chance comes from (Signorino 2003):

    agent, probit    each action's value is seen with a N(0, 1) error by who takes it; F = Phi, spread = sqrt 2
    agent, logit     the same with extreme-value errors; F logistic, spread = 1
    private, probit  each player's payoff at each end has a N(0, 1) part that only the player knows; F = Phi,
                     spread = sqrt(sum over ends of the squared difference in the chance that the two actions reach it)

Chances of later moves are what an outsider, and the earlier mover, can know. Only relative scales are identified, so
the errors' own scale is one. A logit of the private kind has no closed form and is not offered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp

from standoff.games.estimation.indices import Row
from standoff.games.estimation.maximise import Array
from standoff.games.estimation.normal import log_normal_cdf

Link = Literal["probit", "logit"]
Chance = Literal["agent", "private"]


class Moves(NamedTuple):
    """Log chances of left and right at a node."""

    left: Array
    right: Array


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree: its payoff equations with meaning, its ends with the moves that lead there, and its equilibrium.

    ``paths`` gives for each end the moves on the way, 0 left and 1 right. ``movers`` gives each node's player, in the
    order of ``nodes``, and ``equations_of`` the equations of each node's mover. ``play`` maps payoffs (E,), link and
    kind of chance to the nodes' moves.
    """

    name: str
    equations: tuple[tuple[str, str], ...]
    ends: tuple[str, ...]
    paths: tuple[tuple[int, ...], ...]
    nodes: tuple[str, ...]
    node_after: tuple[tuple[int, ...], ...]
    equations_of: tuple[tuple[int, ...], ...]
    play: Callable[[Array, Link, Chance], tuple[Moves, ...]]


def move(gain: Array, weights: list[Array], link: Link, chance: Chance) -> Moves:
    """Log chances at a node, from the gain of right over left and the weights of the ends that the choice shifts."""
    if link == "logit":
        return Moves(jax.nn.log_sigmoid(-gain), jax.nn.log_sigmoid(gain))
    if chance == "private":
        spread = jnp.sqrt(sum((w * w for w in weights), start=jnp.zeros_like(gain)))
    else:
        spread = jnp.sqrt(jnp.full_like(gain, 2.0))
    return Moves(log_normal_cdf(-gain / spread), log_normal_cdf(gain / spread))


def _play_12(u: Array, link: Link, chance: Chance) -> tuple[Moves, ...]:
    """Payoffs u11, u13, u14 of player 1 and u24 of player 2 (u23 = 0)."""
    one = jnp.ones_like(u[0])
    second = move(u[3], [one, one], link, chance)
    p3, p4 = jnp.exp(second.left), jnp.exp(second.right)
    first = move(p3 * u[1] + p4 * u[2] - u[0], [one, p3, p4], link, chance)
    return first, second


def _play_122(u: Array, link: Link, chance: Chance) -> tuple[Moves, ...]:
    """Payoffs u11, u12, u13, u14 of player 1; u22, u24 of player 2 (u21 = u23 = 0)."""
    one = jnp.ones_like(u[0])
    left, right = move(u[4], [one, one], link, chance), move(u[5], [one, one], link, chance)
    p1, p2, p3, p4 = (jnp.exp(v) for v in (left.left, left.right, right.left, right.right))
    gain = p3 * u[2] + p4 * u[3] - p1 * u[0] - p2 * u[1]
    return move(gain, [p1, p2, p3, p4], link, chance), left, right


def _play_123(u: Array, link: Link, chance: Chance) -> tuple[Moves, ...]:
    """Payoffs u11, u13, u15, u16 of player 1; u23, u25, u26 of player 2; u36 of player 3 (u35 = 0)."""
    one = jnp.ones_like(u[0])
    third = move(u[7], [one, one], link, chance)
    p5, p6 = jnp.exp(third.left), jnp.exp(third.right)
    second = move(p5 * u[5] + p6 * u[6] - u[4], [one, p5, p6], link, chance)
    p3, p4 = jnp.exp(second.left), jnp.exp(second.right)
    gain = p3 * u[1] + p4 * (p5 * u[2] + p6 * u[3]) - u[0]
    return move(gain, [one, p3, p4 * p5, p4 * p6], link, chance), second, third


TREE_12 = Tree(
    "egame12",
    (
        ("u11", "player 1's payoff when it moves left"),
        ("u13", "player 1's payoff when it moves right and player 2 left"),
        ("u14", "player 1's payoff when both move right"),
        ("u24", "player 2's payoff when both move right, above that of moving left"),
    ),
    ("L", "RL", "RR"), ((0,), (1, 0), (1, 1)), ("player 1", "player 2"), ((0,), (0, 1), (0, 1)),
    ((0, 1, 2), (3,)), _play_12,
)  # fmt: skip

TREE_122 = Tree(
    "egame122",
    (
        ("u11", "player 1's payoff at LL"), ("u12", "player 1's payoff at LR"), ("u13", "player 1's payoff at RL"),
        ("u14", "player 1's payoff at RR"), ("u22", "player 2's payoff at LR, above that at LL"),
        ("u24", "player 2's payoff at RR, above that at RL"),
    ),
    ("LL", "LR", "RL", "RR"), ((0, 0), (0, 1), (1, 0), (1, 1)),
    ("player 1", "player 2 after left", "player 2 after right"), ((0, 1), (0, 1), (0, 2), (0, 2)),
    ((0, 1, 2, 3), (4,), (5,)), _play_122,
)  # fmt: skip

TREE_123 = Tree(
    "egame123",
    (
        ("u11", "player 1's payoff when it moves left"), ("u13", "player 1's payoff when player 2 moves left"),
        ("u15", "player 1's payoff when player 3 moves left"), ("u16", "player 1's payoff when all move right"),
        ("u23", "player 2's payoff when it moves left"), ("u25", "player 2's payoff when player 3 moves left"),
        ("u26", "player 2's payoff when all move right"),
        ("u36", "player 3's payoff when it moves right, above that of moving left"),
    ),
    ("1", "3", "5", "6"), ((0,), (1, 0), (1, 1, 0), (1, 1, 1)), ("player 1", "player 2", "player 3"),
    ((0,), (0, 1), (0, 1, 2), (0, 1, 2)), ((0, 1, 2, 3), (4, 5, 6), (7,)), _play_123,
)  # fmt: skip

TREES = {tree.name: tree for tree in (TREE_12, TREE_122, TREE_123)}


def end_log_chances(tree: Tree, u: Array, link: Link, chance: Chance) -> Array:
    """Log chances (J,) of the ends at payoffs (E,)."""
    nodes = tree.play(u, link, chance)
    return jnp.stack([
        sum((nodes[n][m] for n, m in zip(after, path, strict=True)), start=jnp.zeros_like(u[0]))
        for after, path in zip(tree.node_after, tree.paths, strict=True)
    ])  # fmt: skip


@cache
def row_of(name: str, link: Link, chance: Chance) -> Row:
    """The log-likelihood of a row as a function of its payoffs (E,) and its counts of ends (J,)."""
    tree = TREES[name]

    def row(u: Array, counts: Any) -> Array:
        held = end_log_chances(tree, u, link, chance)
        return jnp.where(counts > 0, counts * held, 0.0).sum()

    return row
