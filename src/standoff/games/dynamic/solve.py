"""Solve a dynamic game: one Markov perfect logit equilibrium with the evidence that it is one.

Attempts, in order, until one passes its gate: Newton from the start given (or even odds); Newton after damped
replies; the homotopy from even odds at zero payoffs (path.py). Markov perfect equilibrium with logit choices:
[aguirregabiria_mira_2007]; the homotopy is that of quantal response, [mckelvey_palfrey_1998].
"""

from __future__ import annotations

from dataclasses import dataclass, field

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from standoff.games.dynamic.choice import Arrays, Shape, log_choices, values
from standoff.games.dynamic.errors import DynamicGameError, NoEquilibriumError
from standoff.games.dynamic.game import DynamicGame, Floats
from standoff.games.dynamic.newton import Found, Search, calmed, newton
from standoff.games.precision import use_float64


@dataclass(frozen=True)
class Equilibrium:
    """A solved game at given parameters.

    ``log_odds`` (n,) the unknowns, ``choices`` (S,A_i) a player, ``values`` (N,S) in units of the logit scale, without
    Euler's constant. ``residual`` max |reply - log odds|, ``iterations`` Newton steps, ``found_by`` the attempt.
    """

    game: DynamicGame = field(repr=False)
    theta: Floats
    log_odds: Floats = field(repr=False)
    choices: tuple[Floats, ...] = field(repr=False)
    values: Floats = field(repr=False)
    residual: float
    tolerance: float
    iterations: int
    found_by: str

    @property
    def passed(self) -> bool:
        """Whether the residual is within the gate."""
        return self.residual <= self.tolerance


def shape_of(game: DynamicGame) -> Shape:
    """The static part of a game."""
    alike = bool(np.all(game.discount == game.discount[0]))
    return Shape(tuple(len(names) for names in game.actions), len(game.states), alike)


def arrays_of(game: DynamicGame) -> Arrays:
    """The numbers of a game, in double precision."""
    use_float64()
    return Arrays(*(jnp.asarray(x) for x in (game.features, game.offset, game.transition, game.discount)))


def checked_theta(game: DynamicGame, theta: ArrayLike) -> Floats:
    """Parameters (K,) as floats; raises `DynamicGameError` on a wrong number of them or values that are not finite."""
    numbers = np.asarray(theta, dtype=np.float64)
    if numbers.shape != (len(game.parameters),):
        raise DynamicGameError(
            [f"theta: {numbers.shape} given, one number each for {', '.join(game.parameters)}"]
        )
    if not np.all(np.isfinite(numbers)):
        wrong = [name for name, x in zip(game.parameters, numbers, strict=True) if not np.isfinite(x)]
        raise DynamicGameError([f"theta: {', '.join(wrong)} is no finite number"])
    return numbers


def describe(game: DynamicGame, theta: Floats, found: Found, tolerance: float, by: str) -> Equilibrium:
    """The equilibrium at the log odds found."""
    shape, arrays = shape_of(game), arrays_of(game)
    choices = tuple(np.exp(np.asarray(log)) for log in log_choices(shape, found.q))
    worth = np.asarray(values(shape, arrays, jnp.asarray(theta), found.q).values)
    q = np.asarray(found.q)
    return Equilibrium(
        game, theta, q, choices, worth, float(found.residual), tolerance, int(found.iterations), by
    )


def solve(
    game: DynamicGame,
    theta: ArrayLike,
    start: Equilibrium | NDArray[np.float64] | None = None,
    tolerance: float = 1e-9,
    most: int = 100,
) -> Equilibrium:
    """One equilibrium at ``theta`` (K,), from even odds or from a start (an equilibrium nearby, or log odds (n,)).

    Raises `NoEquilibriumError` when no attempt gets max |reply(q) - q| within ``tolerance``, `DynamicGameError` for
    parameters that make no game.
    """
    numbers = checked_theta(game, theta)
    shape, arrays = shape_of(game), arrays_of(game)
    given = start.log_odds if isinstance(start, Equilibrium) else start
    q = jnp.zeros(shape.unknowns) if given is None else jnp.asarray(given)
    search = Search(tolerance, most)
    found = newton(shape, arrays, jnp.asarray(numbers), q, search)
    if float(found.residual) <= tolerance:
        return describe(game, numbers, found, tolerance, "Newton")
    calmer = newton(
        shape, arrays, jnp.asarray(numbers), calmed(shape, arrays, jnp.asarray(numbers), q), search
    )
    if float(calmer.residual) <= tolerance:
        return describe(game, numbers, calmer, tolerance, "Newton after damped replies")
    return _by_homotopy(game, numbers, search, float(found.residual))


def _by_homotopy(game: DynamicGame, theta: Floats, search: Search, reached: float) -> Equilibrium:
    from standoff.games.dynamic.path import follow_from_indifference

    way = follow_from_indifference(game, theta, search=search)
    for found in way.arrivals:
        if found.passed:
            return found
    raise NoEquilibriumError(
        f"no equilibrium found: Newton stopped at a residual of {reached:.3g}, the homotopy {way.ended}",
        f"the gate is {search.tolerance:.1g}",
        "give a start near the equilibrium, or allow more steps",
    )
