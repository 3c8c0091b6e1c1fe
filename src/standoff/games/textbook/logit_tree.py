"""A small game in the form that logit equilibria need: its ends, and what each action is worth at given chances.

Every information set is an agent. An end has the chance of nature's moves on its way, the actions taken on it, and the
payoff to whoever moves at each of them. With pi the chances of actions,

    prob(z) = chance(z) prod pi,  reach(h) = sum of prob over ends through h,
    U(a) = sum over ends through a of (prob(z) / pi(a)) payoff(z) / reach(h).

A game in strategic form is the tree in which each player moves once and sees nothing. Source: [mckelvey_palfrey_1998].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from standoff.games.errors import GameMistake, GamesError

Floats = NDArray[np.float64]
MOST_ENDS = 100_000


class Tree(NamedTuple):
    """A game by its Z ends, A actions and H agents.

    ``chance`` (Z,) of nature's moves; ``taken`` (Z, A) is one where the end lies behind the action; ``payoff`` (Z, H)
    to the player who moves there; ``agent`` (A,) the agent of each action, in blocks; ``names`` (A,) of the actions.
    """

    chance: Floats
    taken: Floats
    payoff: Floats
    agent: NDArray[np.int64]
    names: tuple[str, ...]

    @property
    def agents(self) -> int:
        return int(self.payoff.shape[1])


class End(NamedTuple):
    """One end: chance of nature's moves, the actions on its way, and each mover's payoff by the agent's name."""

    chance: float
    actions: Sequence[str]
    payoffs: Mapping[str, float]


def strategic(payoffs: Sequence[Any], names: Sequence[Sequence[str]] | None = None) -> Tree:
    """The tree of a game in strategic form: for each of P players an array (S_1, ..., S_P) of payoffs.

    Raises `GamesError` with every mistake in the arrays.
    """
    arrays = [np.asarray(one, dtype=np.float64) for one in payoffs]
    _check_arrays(arrays)
    shape, ends = arrays[0].shape, int(arrays[0].size)
    agent = np.repeat(np.arange(len(shape)), shape)
    offsets = np.concatenate([[0], np.cumsum(shape)[:-1]])
    cells = np.stack(np.unravel_index(np.arange(ends), shape), axis=1) + offsets
    taken = np.zeros((ends, len(agent)))
    taken[np.arange(ends)[:, None], cells] = 1.0
    payoff = np.stack([one.ravel() for one in arrays], axis=1)
    if names is None:
        names = [[f"{i + 1}.{s + 1}" for s in range(count)] for i, count in enumerate(shape)]
    flat = tuple(name for player in names for name in player)
    return Tree(np.ones(ends), taken, payoff, agent, flat)


def _check_arrays(arrays: Sequence[Floats]) -> None:
    mistakes = []
    if not arrays or arrays[0].ndim != len(arrays) or min(arrays[0].shape, default=0) < 1:
        mistakes.append(
            GameMistake(
                "payoffs", "there must be one array a player, with one axis a player", "", "mend the shapes"
            )
        )
    for i, one in enumerate(arrays):
        if one.shape != arrays[0].shape:
            mistakes.append(
                GameMistake(
                    f"payoffs {i + 1}",
                    f"its shape is {one.shape}, not {arrays[0].shape}",
                    "all have one",
                    "mend it",
                )
            )
        if not np.isfinite(one).all():
            mistakes.append(
                GameMistake(f"payoffs {i + 1}", "some payoff is not a finite number", "", "mend it")
            )
    if arrays and arrays[0].size > MOST_ENDS:
        mistakes.append(
            GameMistake(
                "payoffs",
                f"there are {arrays[0].size} outcomes",
                "small games only",
                f"have at most {MOST_ENDS}",
            )
        )
    if mistakes:
        raise GamesError("logit-qre", mistakes)  # fmt: skip


def extensive(actions: Mapping[str, Sequence[str]], ends: Sequence[End]) -> Tree:
    """The tree with these agents (name: its actions) and ends; no agent moves twice on a way.

    Raises `GamesError` with every mistake: unknown or repeated actions, payoffs that are missing, no chance.
    """
    owner = {name: who for who, held in actions.items() for name in held}
    names, who = list(owner), list(actions)
    mistakes = _end_mistakes(actions, owner, ends)
    if mistakes:
        raise GamesError("logit-qre", mistakes)
    taken = np.array([[float(name in end.actions) for name in names] for end in ends])
    payoff = np.array([[end.payoffs.get(one, 0.0) for one in who] for end in ends], dtype=np.float64)
    chance = np.array([end.chance for end in ends], dtype=np.float64)
    agent = np.array([who.index(owner[name]) for name in names])
    return Tree(chance, taken, payoff, agent, tuple(names))


def _end_mistakes(
    actions: Mapping[str, Sequence[str]], owner: Mapping[str, str], ends: Sequence[End]
) -> list[GameMistake]:
    mistakes = []
    if sum(len(held) for held in actions.values()) != len(owner):
        mistakes.append(
            GameMistake("actions", "a name is used twice", "actions are known by name", "rename one")
        )
    for number, end in enumerate(ends, 1):
        place = f"end {number}"
        movers = [owner.get(name) for name in end.actions]
        if None in movers:
            mistakes.append(
                GameMistake(place, "it names an action that no agent has", "", "correct the name")
            )
        elif len(set(movers)) != len(movers):
            mistakes.append(GameMistake(place, "an agent moves twice on the way", "", "make it two agents"))
        elif not set(movers) <= set(end.payoffs):
            mistakes.append(
                GameMistake(place, "a mover on the way has no payoff", "", "give each mover's payoff")
            )
        if not (0 < end.chance <= 1) or not np.isfinite(list(end.payoffs.values())).all():
            mistakes.append(
                GameMistake(place, "its chance or a payoff is not a usable number", "", "correct it")
            )
    untaken = set(owner) - {name for end in ends for name in end.actions}
    mistakes += [
        GameMistake(name, "no end lies behind this action", "", "add the end, or drop the action")
        for name in sorted(untaken)
    ]
    return mistakes


def worth(tree: Tree, log_chance: Floats) -> tuple[Floats, Floats]:
    """U (A,) at log chances (A,), and its slopes (A, A) by these, action by action."""
    log_prob = np.log(tree.chance) + tree.taken @ log_chance
    value = np.empty(len(log_chance))
    slope = np.empty((len(log_chance), len(log_chance)))
    for h in range(tree.agents):
        mine = tree.agent == h
        through = tree.taken[:, mine].sum(axis=1) > 0
        top = log_prob[
            through
        ].max()  # relative to the likeliest way: a set that is hardly reached is still one
        prob = np.exp(log_prob[through] - top)
        taken, payoff = tree.taken[through], tree.payoff[through, h]
        reach = prob.sum()
        by_reach = prob @ taken / reach
        for a in np.flatnonzero(mine):
            behind = taken[:, a] > 0
            rest = np.exp(log_prob[through][behind] - top - log_chance[a])
            value[a] = rest @ payoff[behind] / reach
            slope[a] = (rest * payoff[behind]) @ taken[behind] / reach - value[a] * by_reach
            slope[a, a] -= value[a]
    return value, slope


def spread(tree: Tree, log_odds: Floats) -> Floats:
    """Log chances (A,) of log-odds (A,) against any action of the same agent."""
    found = np.empty_like(log_odds)
    for h in range(tree.agents):
        mine = tree.agent == h
        x = log_odds[mine]
        found[mine] = x - x.max() - np.log(np.exp(x - x.max()).sum())
    return found
