"""Predicted choice probabilities by state, along the equilibrium that an estimate is at."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from standoff.games.dynamic.choice import log_choices
from standoff.games.dynamic.design import StateSpace
from standoff.games.dynamic.estimate import Estimate
from standoff.games.dynamic.full import SOLVED
from standoff.games.dynamic.game import DynamicGame, Floats
from standoff.games.dynamic.newton import newton
from standoff.games.dynamic.objective import local
from standoff.games.dynamic.solve import arrays_of, shape_of, solve
from standoff.games.dynamic.tables import read_states
from standoff.games.estimation.fit import Predicted, Predictor
from standoff.games.estimation.table import Table


def names_of_choices(game: DynamicGame) -> tuple[str, ...]:
    """A name for each action of each player, player by player."""
    return tuple(
        f"{who}: {action}" for who, acts in zip(game.players, game.actions, strict=True) for action in acts
    )


def predictor_of(found: Estimate, space: StateSpace) -> Predictor:
    """Choice probabilities (T, sum A_i) in the states of a table's rows, whose columns are the variables of ``space``.

    At other parameters the equilibrium is followed from the estimate's; NaN where it cannot be. A two-step estimate is
    at no equilibrium: the one is taken that Newton reaches from the choices that it implies.
    """

    def predictor(table: Table) -> Predicted:
        states, follow = read_states(table, space), _Followed(found)
        return Predicted(names_of_choices(found.game), lambda theta: follow.choices(theta)[states])

    return predictor


class _Followed:
    """The equilibrium as a function of the parameters, from that of the estimate."""

    def __init__(self, found: Estimate) -> None:
        held = found.equilibrium or solve(found.game, found.theta, found.log_odds)
        self.shape, self.arrays = shape_of(found.game), arrays_of(found.game)
        self.theta: NDArray[np.float64] = found.theta
        self.q = jnp.asarray(held.log_odds)
        self.motion = local(self.shape, self.arrays, jnp.asarray(found.theta), self.q).motion

    def choices(self, theta: Floats) -> Floats:
        """Choice probabilities of all players side by side (S, sum A_i); NaN where Newton does not arrive."""
        start = self.q + self.motion @ jnp.asarray(theta - self.theta)
        there = newton(self.shape, self.arrays, jnp.asarray(theta), start, SOLVED)
        tables = np.concatenate([np.exp(np.asarray(log)) for log in log_choices(self.shape, there.q)], axis=1)
        return tables if float(there.residual) <= SOLVED.tolerance else np.full_like(tables, np.nan)
