"""State a game in words: variables of the state, laws of their motion, payoffs as named columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from standoff.games.dynamic.errors import DynamicGameError
from standoff.games.dynamic.game import DynamicGame, Floats, dynamic_game, profiles_of

# (state variables as (S,1) columns, actions as (N,1,J) whole numbers, player) -> columns that broadcast to (S,J)
Payoff = Callable[[Mapping[str, Floats], NDArray[np.int64], int], Mapping[str, ArrayLike]]


@dataclass(frozen=True)
class StateSpace:
    """All combinations of the levels of some variables; the last variable moves fastest.

    ``variables`` their names, ``levels`` the values of each, in order.
    """

    variables: tuple[str, ...]
    levels: tuple[tuple[float, ...], ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of levels of each variable."""
        return tuple(len(values) for values in self.levels)

    @property
    def positions(self) -> dict[str, NDArray[np.int64]]:
        """Position of each state on each variable's list of levels, (S,) a variable."""
        grid = np.indices(self.sizes).reshape(len(self.sizes), -1)
        return {name: grid[i].astype(np.int64) for i, name in enumerate(self.variables)}

    @property
    def columns(self) -> dict[str, Floats]:
        """Value of each variable in each state, (S,) a variable."""
        return {
            name: np.asarray(values, dtype=np.float64)[self.positions[name]]
            for name, values in zip(self.variables, self.levels, strict=True)
        }

    @property
    def names(self) -> tuple[str, ...]:
        """A name a state: its variables and values."""
        columns = list(self.columns.items())
        count = int(np.prod(self.sizes))
        return tuple(", ".join(f"{name}={values[s]:g}" for name, values in columns) for s in range(count))

    def find(self, rows: Mapping[str, ArrayLike]) -> NDArray[np.int64]:
        """State numbers (T,) of rows given as columns of values; -1 where a value is no level."""
        places = []
        for name, values in zip(self.variables, self.levels, strict=True):
            given = np.asarray(rows[name], dtype=np.float64)
            gap = np.abs(given[:, None] - np.asarray(values)[None, :])
            nearest = gap.argmin(axis=1)
            places.append(np.where(gap[np.arange(len(given)), nearest] < 1e-9, nearest, -1))
        known = np.all(np.array(places) >= 0, axis=0)
        numbers = np.ravel_multi_index(tuple(np.maximum(place, 0) for place in places), self.sizes)
        return np.asarray(np.where(known, numbers, -1), dtype=np.int64)


def state_space(**variables: Sequence[float]) -> StateSpace:
    """All combinations of the levels of the variables named."""
    levels = tuple(tuple(float(value) for value in values) for values in variables.values())
    return StateSpace(tuple(variables), levels)


def independent_motion(space: StateSpace, profiles: int, laws: Mapping[str, ArrayLike]) -> Floats:
    """Transition (S,J,S) of variables that move independently given the state and the profile.

    ``laws`` gives for each variable the probability of its next level, broadcast to (S,J,levels). Raises
    `DynamicGameError` for a variable without a law or a law of the wrong shape.
    """
    states = int(np.prod(space.sizes))
    missing = [name for name in space.variables if name not in laws]
    if missing:
        raise DynamicGameError([f"transition: no law of motion for {', '.join(missing)}"])
    table = np.ones((states, profiles, 1))
    for name, size in zip(space.variables, space.sizes, strict=True):
        try:
            law = np.broadcast_to(np.asarray(laws[name], dtype=np.float64), (states, profiles, size))
        except ValueError:
            shape = np.shape(laws[name])
            raise DynamicGameError(
                [f"law of {name}: shape {shape} does not broadcast to {(states, profiles, size)}"]
            ) from None
        table = (table[:, :, :, None] * law[:, :, None, :]).reshape(states, profiles, -1)
    return table


def own_chain(space: StateSpace, variable: str, matrix: ArrayLike) -> Floats:
    """Law (S,1,levels) of a variable that moves by a matrix (levels, levels), whatever is done."""
    table: Floats = np.asarray(matrix, dtype=np.float64)[space.positions[variable]]
    return table[:, None, :]


def remembered(profiles: NDArray[np.int64], player: int, levels: int) -> Floats:
    """Law (1,J,levels) of a variable that holds a player's last action."""
    table: Floats = np.eye(levels)[profiles[:, player]]
    return table[None]


def build_game(
    space: StateSpace,
    players: Sequence[str],
    actions: Sequence[Sequence[str]],
    payoff: Payoff,
    laws: Callable[[NDArray[np.int64]], Mapping[str, ArrayLike]],
    discount: float | Sequence[float],
    known: str = "known",
) -> DynamicGame:
    """A game from a payoff and laws of motion written over whole columns.

    ``payoff(state, actions, player)`` returns named columns that broadcast to (S,J): one a parameter, and ``known``
    for what has no parameter; a name that a player lacks is zero for her. ``laws(profiles)`` returns the laws that
    `independent_motion` needs. Parameters are in the order in which the players first name them.
    """
    profiles = profiles_of([len(names) for names in actions])
    state = {name: column[:, None] for name, column in space.columns.items()}
    listed = [dict(payoff(state, profiles.T[:, None, :], player)) for player in range(len(players))]
    names = list(dict.fromkeys(name for columns in listed for name in columns if name != known))
    shape = (int(np.prod(space.sizes)), len(profiles))
    features = np.zeros((len(players), *shape, len(names)))
    offset = np.zeros((len(players), *shape))
    for player, columns in enumerate(listed):
        for name, column in columns.items():
            target = offset[player] if name == known else features[player, :, :, names.index(name)]
            target += np.broadcast_to(np.asarray(column, dtype=np.float64), shape)
    motion = independent_motion(space, len(profiles), laws(profiles))
    return dynamic_game(players, actions, space.names, names, features, motion, discount, offset)
