"""Solve a strategic game at given payoffs: chances of moves and ends, checked by integrating over the private parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from standoff.games.draws import Simulated, counted, mean_of, stream
from standoff.games.precision import use_float64
from standoff.games.solved import Check, Equilibrium, Quantity, Solved
from standoff.games.strategic.trees import Chance, Link, Tree, end_log_chances

KINDS: Mapping[str, tuple[Link, Chance]] = {
    "probit": ("probit", "agent"),
    "logit": ("logit", "agent"),
    "private": ("probit", "private"),
}


def solve_tree(tree: Tree, numbers: Mapping[str, Any]) -> Solved:
    """Equilibrium chances at payoffs by name and ``errors``, one of `KINDS`."""
    ends, moves = chances(tree, numbers)
    rights = dict(zip(tree.nodes, moves, strict=True))
    apart = float(np.abs(moves - _replies(tree, numbers, moves)).max())
    quantities = [
        Quantity(f"chance of right, {node}", float(p), f"chance that {node} moves right", "probability")
        for node, p in rights.items()
    ]
    quantities += [Quantity(f"chance of {end}", float(p), "chance that the game ends there", "probability") for end, p in zip(tree.ends, ends, strict=True)]  # fmt: skip
    told = ", ".join(f"{end} {p:.3f}" for end, p in zip(tree.ends, ends, strict=True))
    return Solved(
        tree.name, dict(numbers), tuple(quantities),
        (Check("chances of the ends add up to one", abs(float(ends.sum()) - 1)),
         Check("moves answer the chances of later moves", apart)),
        (Equilibrium("the only one: later moves are foreseen as chances", {node: float(p) for node, p in rights.items()}),),
        f"The game ends at {told}.",
    )  # fmt: skip


def chances(tree: Tree, numbers: Mapping[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Chances of the ends (J,), and of right at each node (nodes,)."""
    use_float64()
    link, chance = KINDS[cast(str, numbers["errors"])]
    u = jnp.asarray([float(numbers[name]) for name, _ in tree.equations])
    moves = tree.play(u, link, chance)
    ends = np.exp(np.asarray(end_log_chances(tree, u, link, chance)))
    return ends, np.exp(np.array([float(one.right) for one in moves]))


def _replies(tree: Tree, numbers: Mapping[str, Any], rights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chances of right (nodes,) as replies to ``rights`` (nodes,), from payoffs at the ends that each move can reach."""
    link, chance = KINDS[cast(str, numbers["errors"])]
    found = []
    for node in range(len(tree.nodes)):
        shift = _reach(tree, node, 1, rights) - _reach(tree, node, 0, rights)
        gain = float(shift @ _worth(tree, node, numbers))
        spread = float(np.linalg.norm(shift)) if chance == "private" else np.sqrt(2.0)
        found.append(float(expit(gain) if link == "logit" else ndtr(gain / spread)))
    return np.array(found)


def play_tree(tree: Tree, numbers: Mapping[str, Any], plays: int, seed: int) -> Simulated:
    """Means of ends over plays in which every player's errors are drawn and its better move is taken.

    Agents draw an error for each action; players with private information draw a part for each end.
    """
    counted(plays)
    link, chance = KINDS[cast(str, numbers["errors"])]
    exact, rights = chances(tree, numbers)
    random = stream(f"{tree.name}/play", seed)
    reached = {
        node: _taken(tree, n, numbers, rights, link, chance, plays, random)
        for n, node in enumerate(tree.nodes)
    }
    means = {}
    for end, after, path, p in zip(tree.ends, tree.node_after, tree.paths, exact, strict=True):
        hit = np.ones(plays, dtype=bool)
        for n, move in zip(after, path, strict=True):
            hit &= reached[tree.nodes[n]] == bool(move)
        means[f"chance of {end}"] = mean_of(hit.astype(float), float(p))
    return Simulated(plays, seed, means)


def _taken(
    tree: Tree, node: int, numbers: Mapping[str, Any], rights: NDArray[np.float64], link: Link, chance: Chance,
    plays: int, random: np.random.Generator,
) -> NDArray[np.bool_]:  # fmt: skip
    """Whether the mover goes right in each play, from what it then knows."""
    left, right = (_reach(tree, node, move, rights) for move in (0, 1))
    gain = float((right - left) @ _worth(tree, node, numbers))
    if chance == "private":
        return gain + random.standard_normal((plays, len(tree.ends))) @ (right - left) > 0
    draw = random.gumbel if link == "logit" else random.normal
    return gain + draw(size=plays) - draw(size=plays) > 0


def _reach(tree: Tree, node: int, move: int, rights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chances (J,) of the ends once ``node`` is reached and its move made."""
    found = np.zeros(len(tree.ends))
    for j, (after, path) in enumerate(zip(tree.node_after, tree.paths, strict=True)):
        if node in after and path[after.index(node)] == move:
            later = after.index(node) + 1
            found[j] = np.prod(
                [rights[n] if m else 1 - rights[n] for n, m in zip(after[later:], path[later:], strict=True)]
            )
    return found


def _worth(tree: Tree, node: int, numbers: Mapping[str, Any]) -> NDArray[np.float64]:
    """The mover's payoff at each end (J,), 0 where it is fixed or of no account."""
    player = tree.nodes[node].split()[1]
    labels = {"egame12": "134", "egame122": "1234", "egame123": "1356"}[tree.name]
    return np.array([float(numbers.get(f"u{player}{label}", 0.0)) for label in labels])
