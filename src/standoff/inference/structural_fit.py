"""Posteriors of the standoff game: modes, Laplace, adaptive importance sampling, equilibria, over several processes.

Every density starts its game from one fixed solution, that at the middle of the prior, so that it is a function of the
parameters alone. A solution that fails is tried again from zero, then counted and given weight zero. Slopes are central
differences: neighbours are solved from the point's own solution, and a parameter that is not in the game solves nothing.
That costs less than compiling derivatives of the equilibrium, which are checked against it in the tests.
Sources: as `standoff.inference.importance`.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from standoff.inference.importance import Draws, Effort, Target, fit
from standoff.inference.priors import value
from standoff.inference.rivals import RIVALS, Rival, rival
from standoff.inference.structural import (
    OUTSIDE_THE_GAME,
    SEARCH,
    Solved,
    constrained,
    game_of,
    read,
    reading,
    solved,
    specification_of,
)
from standoff.inference.structural_data import StructuralData, structural_data
from standoff.inference.structural_priors import NAMES, PRIORS, free_places, neutral_values
from standoff.panel.weekly import WeeklyRecord
from standoff.standoff_game.equilibrium import cold_start
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.scan import starts_of
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.sweep import Unknowns

FloatArray = npt.NDArray[np.float64]

STEP = 0.02  # of z in slopes: error of a solution over the step stays below the slope at which a mode counts as reached
WIDE_STEP = 0.1  # of z in curvatures: wide enough to smooth the kinks of linear interpolation in belief
FLAT = 0.02
DRAWN_STARTS = 4
OTHER = 1e-3  # log likelihoods further apart than this come from different equilibria
QUICK = Effort(draws=200, rounds=1, starts=1, least=50.0, aim=50.0, flat=FLAT)
FULL = Effort(draws=1000, rounds=6, starts=3, flat=FLAT)
DEAREST_FIRST = ("M7", "M5", "M6", "M12", "M3", "M4", "M1", "M2", "M0")


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


@dataclass(frozen=True, slots=True)
class Equilibria:
    """What other starts of the solution gave at the best mode: ``starts`` tried, ``solved`` of them, and the distinct log
    posterior densities found, the one used first. More than one means that another equilibrium reads the record otherwise."""

    starts: int
    solved: int
    log_densities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A rival's posterior on a record: parameter ``names`` (D,), ``values`` (N, D) of the weighted draws, the draws with
    their gates, how many solutions had to be ``retried``, and the equilibria at the mode. ``quick``: not the full effort."""

    rival: str
    names: tuple[str, ...]
    values: FloatArray
    draws: Draws
    retried: int
    equilibria: Equilibria
    quick: bool


@partial(jax.jit, static_argnums=0)
def _solve(
    spec: Specification, z: Any, free: Any, neutral: Any, start: Unknowns, data: StructuralData
) -> Solved:
    return solved(spec, constrained(z, free, neutral), start, data, SEARCH)


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
    cold = cold_start(spec, _parameters(spec, middle, free, neutral, data))
    found = _solve(spec, middle, free, neutral, cold, data)
    if not bool(jnp.isfinite(found.unknowns.values).all()):
        raise ValueError(f"{one.name}: the game is not solved at the middle of its prior")
    inside = np.array([NAMES[place] not in OUTSIDE_THE_GAME for place in places])
    return Problem(spec, data, free, neutral, places, inside, found.unknowns, cold)


def _parameters(
    spec: Specification, z: FloatArray, free: FloatArray, neutral: FloatArray, data: StructuralData
) -> Parameters:
    return game_of(constrained(jnp.asarray(z), free, neutral), spec, data.domestic, data.privacy)


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

    def solve(self, z: FloatArray, start: Unknowns | None = None) -> Solved | None:
        """The game solved at z, from the fixed start unless another is given, then from zero; None where both failed."""
        at, whole = self.at, self.full(z)
        for begin in (at.start if start is None else start, at.cold):
            found = _solve(at.spec, whole, at.free, at.neutral, begin, at.data)
            if float(found.residual) <= SEARCH.tolerance:
                return found
            self.retried += 1
        self.failed += 1
        return None

    def given(self, z: FloatArray, game: Solved | None) -> float:
        """Log density at z, read off a solved game."""
        if game is None:
            return float("nan")
        at = self.at
        return float(_read(reading(at.spec), self.full(z), at.free, at.neutral, game.tables, at.data))

    def __call__(self, z: FloatArray) -> float:
        return self.given(z, self.solve(z))

    def many(self, z: FloatArray) -> FloatArray:
        """Log densities (N,) of z (N, D), NaN where a solution failed."""
        return np.array([self(row) for row in z])

    def _moved(
        self, z: FloatArray, here: Solved, moves: Sequence[tuple[int, float]]
    ) -> tuple[FloatArray, Solved | None]:
        """A point moved along axes, with the game there: solved anew only where a move is in the game."""
        point = z.copy()
        for axis, by in moves:
            point[axis] += by
        if not any(self.at.inside[axis] for axis, _ in moves):
            return point, here
        return point, self.solve(point, here.unknowns)

    def slope(self, z: FloatArray) -> tuple[float, FloatArray]:
        """Log density and its slope (D,), by central differences."""
        here = self.solve(z)
        if here is None:
            return float("nan"), np.full(len(z), np.nan)
        ahead, behind = (
            np.array([self.given(*self._moved(z, here, [(axis, by)])) for axis in range(len(z))])
            for by in (STEP, -STEP)
        )
        return self.given(z, here), (ahead - behind) / (2.0 * STEP)

    def curvature(self, z: FloatArray) -> FloatArray:
        """Hessian (D, D) by second differences; an axis out of the game rides on games solved for the other one."""
        here, size, h = self.solve(z), len(z), WIDE_STEP
        hessian = np.full((size, size), np.nan)
        if here is None:
            return hessian
        middle = self.given(z, here)
        order = np.argsort(~self.at.inside, kind="stable")  # axes of the game first
        single = {}
        for by in (h, -h):
            for axis in order:
                point, game = self._moved(z, here, [(axis, by)])
                single[axis, by] = (game, self.given(point, game))
        for place, i in enumerate(order):
            hessian[i, i] = (single[i, h][1] - 2.0 * middle + single[i, -h][1]) / h**2
            for j in order[place + 1 :]:
                total = 2.0 * middle
                for by in (h, -h):
                    total += self._pair(z, here, int(i), int(j), by, single[i, by][0])
                    total -= single[i, by][1] + single[j, by][1]
                hessian[i, j] = hessian[j, i] = total / (2.0 * h**2)
        return hessian

    def _pair(self, z: FloatArray, here: Solved, i: int, j: int, by: float, game: Solved | None) -> float:
        if self.at.inside[j]:
            return self.given(*self._moved(z, here, [(i, by), (j, by)]))
        point = z.copy()
        point[[i, j]] += by
        return self.given(point, game)


def equilibria(density: Density, z: FloatArray, seed: int = 0) -> Equilibria:
    """Solve the game at z from other starts, and read the record under each solution."""
    at = density.at
    p = _parameters(at.spec, density.full(z), at.free, at.neutral, at.data)
    starts = {"fixed": at.start, **starts_of(at.spec, p, DRAWN_STARTS, seed)}
    found: list[float] = []
    passed = 0
    for start in starts.values():
        game = _solve(at.spec, density.full(z), at.free, at.neutral, start, at.data)
        if float(game.residual) > SEARCH.tolerance:
            continue
        passed += 1
        told = density.given(z, game)
        if all(abs(told - other) > OTHER for other in found):
            found.append(told)
    return Equilibria(len(starts), passed, tuple(found))


def fit_rival(record: WeeklyRecord, name: str, quick: bool, seed: int) -> Fitted:
    """A rival's posterior on a record; quick is Laplace checked by a few hundred weighted draws, and says so."""
    density = Density(problem(record, rival(name)))
    places = density.at.places
    generator = np.random.default_rng([seed, [one.name for one in RIVALS].index(name)])
    target = Target(density.many, density.slope, density.curvature)
    draws = fit(target, len(places), generator, QUICK if quick else FULL)
    priors = [PRIORS[place] for place in places]
    drawn = np.stack([np.asarray(value(p, draws.z[:, i])) for i, p in enumerate(priors)], axis=1)
    others = equilibria(density, draws.modes[0].place, seed)
    return Fitted(name, tuple(p.name for p in priors), drawn, draws, density.retried, others, quick)


def fit_rivals(
    record: WeeklyRecord, names: Sequence[str], quick: bool = False, seed: int = 0, workers: int = 1
) -> dict[str, Fitted]:
    """Posteriors of several rivals, each wholly in one process; the same numbers with any number of ``workers``."""
    order = [name for name in DEAREST_FIRST if name in names]
    one = partial(fit_rival, record, quick=quick, seed=seed)
    if workers <= 1:
        return {name: one(name) for name in order}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_one_thread) as pool:
        fitted = dict(zip(order, pool.map(one, order), strict=True))
    return {name: fitted[name] for name in order}


def _one_thread() -> None:
    """One compiled thread a process: small arrays gain nothing from more, and processes would fight for the cores."""
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip()
