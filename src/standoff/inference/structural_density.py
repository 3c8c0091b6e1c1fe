"""The log posterior density of the standoff game on a record: one solution a point, from one fixed start.

Every density starts its game from one solution, at first that at the middle of the prior, later that at the highest mode, so
that it is a function of the parameters alone. A solution that fails is tried again patiently, then counted and given weight
zero. Source: `standoff.inference.structural`.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from standoff.inference.rivals import Rival
from standoff.inference.structural import (
    OUTSIDE_THE_GAME,
    SEARCH,
    Solved,
    Tables,
    constrained,
    game_of,
    read,
    reading,
    solved,
    specification_of,
)
from standoff.inference.structural_data import StructuralData, structural_data
from standoff.inference.structural_priors import NAMES, free_places, neutral_values
from standoff.panel.weekly import WeeklyRecord
from standoff.standoff_game.equilibrium import Search, cold_start
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.patient import Patience
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.sweep import Unknowns

FloatArray = npt.NDArray[np.float64]
Sides = tuple[Tables | None, Tables | None]  # ahead and behind; None where the game was not solved

PATIENT = SEARCH._replace(
    patience=Patience(tolerance=SEARCH.tolerance, most=300, inner=1)
)  # in classes where sweeps do not arrive


class Problem(NamedTuple):
    """A rival on a record, ready to be evaluated: ``free`` (P,) marks and ``places`` (D,) of its parameters, ``neutral`` (P,),
    ``inside`` (D,) whether each enters the game, the record as arrays, the fixed start and the cold one."""

    spec: Specification
    data: StructuralData
    free: FloatArray
    neutral: FloatArray
    places: npt.NDArray[np.int64]
    inside: npt.NDArray[np.bool_]
    start: Unknowns
    cold: Unknowns


@partial(jax.jit, static_argnums=(0, 1))
def solve_at(
    spec: Specification,
    search: Search,
    z: Any,
    free: Any,
    neutral: Any,
    start: Unknowns,
    data: StructuralData,
) -> Solved:
    return solved(spec, constrained(z, free, neutral), start, data, search)


_read = jax.jit(read, static_argnums=0)


def problem(record: WeeklyRecord, one: Rival) -> Problem:
    """A rival on a record, with its fixed start solved at the middle of the prior.

    Errors: ValueError where even that was not solved.
    """
    use_float64()
    spec = specification_of(one)
    data: StructuralData = jax.tree.map(jnp.asarray, structural_data(record, spec.endurance_levels))
    places = free_places(one)
    free = np.zeros(len(NAMES))
    free[places] = 1.0
    neutral, middle = neutral_values(), np.zeros(len(NAMES))
    cold = cold_start(spec, parameters_at(spec, middle, free, neutral, data))
    found = solve_at(spec, SEARCH, middle, free, neutral, cold, data)
    if not passed(found):
        raise ValueError(f"{one.name}: the game is not solved at the middle of its prior")
    inside = np.array([NAMES[place] not in OUTSIDE_THE_GAME for place in places])
    return Problem(spec, data, free, neutral, places, inside, found.unknowns, cold)


def parameters_at(
    spec: Specification, z: FloatArray, free: FloatArray, neutral: FloatArray, data: StructuralData
) -> Parameters:
    return game_of(constrained(jnp.asarray(z), free, neutral), spec, data.domestic, data.privacy)


def passed(found: Solved) -> bool:
    return float(found.residual) <= SEARCH.tolerance


class Density:
    """The log posterior of a problem over its free parameters (D,), counting solutions that were retried or failed."""

    def __init__(self, at: Problem) -> None:
        self.at = at
        self.retried = 0
        self.failed = 0

    def full(self, z: FloatArray) -> FloatArray:
        """The free parameters (D,) among all (P,)."""
        whole = np.zeros(len(NAMES))
        whole[self.at.places] = z
        return whole

    def solve(self, z: FloatArray) -> Solved | None:
        """The game solved at z from the fixed start, patiently in classes where sweeps do not arrive; None where that failed.

        The patient search is compiled for rivals that need it, and used from then on: where sweeps arrive it gives the same.
        """
        if not self.retried:
            found = self.near(z, self.at.start)
            if found is not None:
                return found
        found = self._attempt(z, self.at.start, PATIENT)
        self.retried += found is None or int(found.sweeps) > SEARCH.most
        self.failed += found is None
        return found

    def near(self, z: FloatArray, start: Unknowns, patiently: bool = False) -> Solved | None:
        """The game solved at z from a neighbour's solution; None where that failed, which a search for a mode can bear."""
        return self._attempt(z, start, SEARCH) or (self._attempt(z, start, PATIENT) if patiently else None)

    def begin_from(self, unknowns: Unknowns) -> None:
        """Solve from this solution from now on."""
        self.at = self.at._replace(start=unknowns)

    def _attempt(self, z: FloatArray, start: Unknowns, search: Search) -> Solved | None:
        at = self.at
        found: Solved = solve_at(at.spec, search, self.full(z), at.free, at.neutral, start, at.data)
        return found if passed(found) else None

    def read(self, z: FloatArray, play: Tables) -> float:
        """Log density at z, read off the tables of a solved game."""
        at = self.at
        return float(_read(reading(at.spec), self.full(z), at.free, at.neutral, play, at.data))

    def __call__(self, z: FloatArray) -> float:
        """Log density at z, NaN where the game was not solved."""
        game = self.solve(z)
        return float("nan") if game is None else self.read(z, game.tables)

    def many(self, z: FloatArray) -> FloatArray:
        """Log densities (N,) of z (N, D), NaN where a solution failed."""
        return np.array([self(row) for row in z])

    def around(self, z: FloatArray, here: Solved, step: float) -> Around:
        """The tables of a solved point, and a step ahead and behind on every axis inside the game."""
        axes = np.flatnonzero(self.at.inside)
        sides = tuple(self._sides(z, int(axis), here, step) for axis in axes)
        return Around(z, self.read(z, here.tables), here, axes, sides, step)

    def _sides(self, z: FloatArray, axis: int, here: Solved, step: float) -> Sides:
        """Both neighbours on an axis: the second is solved from the mirror image of the first, so that little is left to do."""
        start = here.unknowns
        sides: list[Tables | None] = []
        for by in (step, -step):
            point = z.copy()
            point[axis] += by
            game = self.near(point, start)
            sides.append(None if game is None else game.tables)
            if game is not None:
                start = _mirror(here.unknowns, game.unknowns)
        return sides[0], sides[1]


class Around(NamedTuple):
    """A point (D,), its log density and game, and the tables of its neighbours on ``axes`` (A,), those inside the game, a
    ``step`` away."""

    place: FloatArray
    log_density: float
    game: Solved
    axes: npt.NDArray[np.int64]
    sides: tuple[Sides, ...]
    step: float


@jax.jit
def _mirror(middle: Unknowns, one: Unknowns) -> Unknowns:
    result: Unknowns = jax.tree.map(lambda a, b: 2.0 * a - b, middle, one)
    return result
