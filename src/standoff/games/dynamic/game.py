"""A dynamic discrete game as data: who plays, what each can do, the states, payoffs linear in parameters, transitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from standoff.games.dynamic.errors import DynamicGameError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DynamicGame:
    """Any number of players N, actions A_i and Markov states S; all see the state, act at once, and have logit shocks.

    ``players`` (N names), ``actions`` (a tuple of names a player), ``states`` (S names), ``parameters`` (K names).
    A *profile* is one action each; the J profiles are in the order of `profiles` (the last player's action moves
    fastest). ``features`` (N,S,J,K) and ``offset`` (N,S,J): flow payoff = features @ theta + offset, in units of the
    logit shock's scale. ``transition`` (S,J,S): probability of the next state. ``discount`` (N,): in [0, 1).

    Raises `DynamicGameError` with every mistake found.
    """

    players: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]
    states: tuple[str, ...]
    parameters: tuple[str, ...]
    features: Floats = field(repr=False)
    offset: Floats = field(repr=False)
    transition: Floats = field(repr=False)
    discount: Floats

    def __post_init__(self) -> None:
        mistakes = _mistakes(self)
        if mistakes:
            raise DynamicGameError(mistakes)

    @property
    def profiles(self) -> NDArray[np.int64]:
        """Action of each player in each profile, (J,N)."""
        return profiles_of([len(names) for names in self.actions])

    def profile_of(self, actions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Number of the profile of each row of actions (T,N)."""
        sizes = tuple(len(names) for names in self.actions)
        return np.asarray(np.ravel_multi_index(tuple(actions.T), sizes), dtype=np.int64)


def dynamic_game(
    players: Sequence[str],
    actions: Sequence[Sequence[str]],
    states: Sequence[str],
    parameters: Sequence[str],
    features: ArrayLike,
    transition: ArrayLike,
    discount: float | Sequence[float],
    offset: ArrayLike | None = None,
) -> DynamicGame:
    """Make a game from array-likes (shapes as in `DynamicGame`); one discount serves all players; no offset is zero."""
    shaped = np.asarray(features, dtype=np.float64)
    known = np.zeros(shaped.shape[:3]) if offset is None else np.asarray(offset, dtype=np.float64)
    patience = np.broadcast_to(np.asarray(discount, dtype=np.float64), (len(players),)).copy()
    return DynamicGame(
        tuple(players),
        tuple(tuple(names) for names in actions),
        tuple(states),
        tuple(parameters),
        shaped,
        known,
        np.asarray(transition, dtype=np.float64),
        patience,
    )


def profiles_of(counts: Sequence[int]) -> NDArray[np.int64]:
    """All profiles of players with so many actions each, (J,N)."""
    return np.array(list(product(*(range(count) for count in counts))), dtype=np.int64)


def _mistakes(game: DynamicGame) -> list[str]:
    found = [
        f"{game.players[i]} has {len(names)} action(s): two at least are needed to choose"
        for i, names in enumerate(game.actions[: len(game.players)])
        if len(names) < 2
    ]
    if len(game.actions) != len(game.players):
        found.append(f"actions: {len(game.actions)} lists for {len(game.players)} players")
    for what, names in (("players", game.players), ("states", game.states), ("parameters", game.parameters)):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            found.append(f"{what}: named more than once: {', '.join(twice)}")
    if not np.all((game.discount >= 0) & (game.discount < 1)):
        found.append(f"discount: {game.discount.tolist()} must lie in [0, 1)")
    sizes = (len(game.players), len(game.states), int(np.prod([len(names) for names in game.actions])))
    return found + _array_mistakes(game, *sizes)


def _array_mistakes(game: DynamicGame, players: int, states: int, profiles: int) -> list[str]:
    found = []
    for what, table, shape in (
        ("features", game.features, (players, states, profiles, len(game.parameters))),
        ("offset", game.offset, (players, states, profiles)),
        ("transition", game.transition, (states, profiles, states)),
    ):
        if table.shape != shape:
            found.append(f"{what}: shape {table.shape}, expected {shape}")
        elif not np.all(np.isfinite(table)):
            found.append(f"{what}: {int(np.sum(~np.isfinite(table)))} values that are not finite numbers")
    if game.transition.shape == (states, profiles, states):
        total = game.transition.sum(axis=2)
        wrong = np.argwhere((np.abs(total - 1) > 1e-9) | (game.transition.min(axis=2) < 0))
        if len(wrong):
            s, j = wrong[0]
            found.append(
                f"transition: {len(wrong)} row(s) are no probabilities; the first is state {game.states[s]}, "
                f"profile {j}, which adds up to {total[s, j]:.6g}"
            )
    return found
