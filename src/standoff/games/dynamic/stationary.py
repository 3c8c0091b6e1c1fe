"""The long run of an equilibrium: the stationary law of the state, what it implies, and simulated play."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from standoff.games.dynamic.errors import DynamicGameError
from standoff.games.dynamic.game import Floats
from standoff.games.dynamic.solve import Equilibrium


class History(NamedTuple):
    """Simulated play: states (M,T+1) and actions (M,T,N), whole numbers; the last state is where play stood at the end."""

    states: NDArray[np.int64]
    actions: NDArray[np.int64]


def profile_law(found: Equilibrium) -> Floats:
    """Probability of each profile in each state, (S,J)."""
    law: Floats = np.ones((len(found.game.states), 1))
    for table in found.choices:
        law = (law[:, :, None] * table[:, None, :]).reshape(len(law), -1)
    return law


def chain_law(found: Equilibrium) -> Floats:
    """Probability of the next state, (S,S)."""
    return np.asarray(np.einsum("sj,sjt->st", profile_law(found), found.game.transition))


def stationary_law(found: Equilibrium) -> Floats:
    """The stationary law of the state (S,); raises `DynamicGameError` where play has more than one."""
    law = chain_law(found)
    count = len(law)
    system = np.vstack([law.T - np.eye(count), np.ones(count)])
    weights, _, rank, _ = np.linalg.lstsq(system, np.append(np.zeros(count), 1.0), rcond=1e-13)
    if rank < count:
        raise DynamicGameError(
            ["transition: play can settle in more than one set of states, so there is no one stationary law"],
            "start from a state and use `simulate`",
        )
    return np.asarray(np.maximum(weights, 0.0) / np.maximum(weights, 0.0).sum())


def simulate(
    found: Equilibrium, markets: int, periods: int, seed: int, start: Floats | None = None
) -> History:
    """Play of the equilibrium in independent markets.

    ``start`` is the law of the first state (S,), or, if not given, the stationary law. Draws are inverse transforms of
    uniforms laid out by market and period.
    """
    game = found.game
    first = stationary_law(found) if start is None else np.asarray(start, dtype=np.float64)
    draws = np.random.default_rng(seed).random((periods, 2, markets))
    opening = np.random.default_rng([seed, 1]).random(markets)
    by_profile = np.cumsum(profile_law(found), axis=1)
    ahead = np.cumsum(game.transition, axis=2)
    state = draw(np.cumsum(first)[None], opening)
    states, profiles = [state], []
    for t in range(periods):
        profile = draw(by_profile[state], draws[t, 0])
        state = draw(ahead[state, profile], draws[t, 1])
        states.append(state)
        profiles.append(profile)
    actions = game.profiles[np.array(profiles).T]
    return History(np.array(states).T, actions)


def draw(cumulated: Floats, uniform: Floats) -> NDArray[np.int64]:
    reached = cumulated <= (uniform * cumulated[:, -1])[:, None]
    return np.asarray(reached.sum(axis=1), dtype=np.int64)
