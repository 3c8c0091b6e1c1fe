"""Posteriors of the standoff game: modes, Laplace, adaptive importance sampling, equilibria, over several processes.

Every density starts its game from one fixed solution, that at the middle of the prior, so that it is a function of the
parameters alone. A solution that fails is tried again with a short memory,
also from zero, then counted and given weight zero. Modes are found by Newton's
method, with slopes and curvatures by differences: neighbours are solved from the point's own solution, and a parameter that is
not in the game solves nothing. That costs less than compiling the derivatives of the equilibrium.
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

from standoff.inference.importance import Draws, Effort, Target, distinct_modes, fit
from standoff.inference.priors import value
from standoff.inference.rivals import RIVALS, Rival, rival
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
from standoff.inference.structural_priors import NAMES, PRIORS, free_places, neutral_values
from standoff.panel.weekly import WeeklyRecord
from standoff.standoff_game.equilibrium import Search, cold_start
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.scan import starts_of
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.sweep import Unknowns

FloatArray = npt.NDArray[np.float64]
Read = tuple[Tables, float]  # the tables of a solved game and the log density read off them

STEP = 0.25  # of z: wide enough to see over kinks of interpolation in belief, and over folds where one equilibrium ends
PATIENT = Search(tolerance=SEARCH.tolerance, most=3000, window=1)  # a short memory is not misled by kinks
MOST_STEPS = 40
SAME_CURVATURE = 3  # steps for which a curvature serves
LONGEST_STEP = 1.5  # of z on any axis
LEAST_CURVATURE = 0.25
LEAST_GAIN = 0.02  # in log density, expected of the next step, at which a mode counts as reached
DRAWN_STARTS = 4
OTHER = 1e-3  # log likelihoods further apart than this come from different equilibria
QUICK = Effort(draws=200, rounds=1, starts=1, least=50.0, aim=50.0)
FULL = Effort(
    draws=500, rounds=24, starts=3
)  # small rounds: the first proposals are poor where a fold is near
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


@partial(jax.jit, static_argnums=(0, 1))
def _solve(
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
    cold = cold_start(spec, _parameters(spec, middle, free, neutral, data))
    found = _solve(spec, SEARCH, middle, free, neutral, cold, data)
    if not _passed(found):
        raise ValueError(f"{one.name}: the game is not solved at the middle of its prior")
    inside = np.array([NAMES[place] not in OUTSIDE_THE_GAME for place in places])
    return Problem(spec, data, free, neutral, places, inside, found.unknowns, cold)


def _parameters(
    spec: Specification, z: FloatArray, free: FloatArray, neutral: FloatArray, data: StructuralData
) -> Parameters:
    return game_of(constrained(jnp.asarray(z), free, neutral), spec, data.domestic, data.privacy)


def _passed(found: Solved) -> bool:
    return float(found.residual) <= SEARCH.tolerance


class Density:
    """The log posterior of a problem over its free parameters (D,), counting solutions that were retried or failed."""

    def __init__(self, at: Problem) -> None:
        self.at = at
        self.retried = 0
        self.failed = 0
        self._last: tuple[bytes, FloatArray] = (b"", np.zeros((0, 0)))

    def full(self, z: FloatArray) -> FloatArray:
        """The free parameters (D,) among all (P,)."""
        whole = np.zeros(len(NAMES))
        whole[self.at.places] = z
        return whole

    def solve(self, z: FloatArray, start: Unknowns | None = None) -> Solved | None:
        """The game solved at z, from the fixed start unless another is given; where that fails more patiently from the fixed
        start and from zero; None where all failed."""
        at = self.at
        first = at.start if start is None else start
        for search, begin in ((SEARCH, first), (PATIENT, at.start), (PATIENT, at.cold)):
            found: Solved = _solve(at.spec, search, self.full(z), at.free, at.neutral, begin, at.data)
            if _passed(found):
                return found
            self.retried += search is SEARCH
        self.failed += 1
        return None

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

    def around(self, z: FloatArray) -> Around | None:
        """The point and its neighbours on every axis; None where the point itself was not solved.

        A neighbour that was not solved is taken to lie on a line with the point and the neighbour behind it.
        """
        here = self.solve(z)
        if here is None:
            return None
        middle = (here.tables, self.read(z, here.tables))
        ahead, behind = [], []
        for axis in range(len(z)):
            one, other = self._neighbours(z, axis, here)
            ahead.append(one or _mirrored(other, middle))
            behind.append(other or _mirrored(one, middle))
        return Around(z, middle[1], middle[0], tuple(ahead), tuple(behind))

    def _neighbours(self, z: FloatArray, axis: int, here: Solved) -> tuple[Read | None, Read | None]:
        """Both neighbours on an axis: the second is solved from the mirror image of the first, so that little is left to do."""
        start, sides = here.unknowns, []
        for by in (STEP, -STEP):
            point = z.copy()
            point[axis] += by
            game = self.solve(point, start) if self.at.inside[axis] else here
            sides.append(None if game is None else (game.tables, self.read(point, game.tables)))
            if game is not None:
                start = _mirror(here.unknowns, game.unknowns)
        return sides[0], sides[1]

    def curvature_from(self, around: Around) -> FloatArray:
        """Hessian (D, D) by second differences.

        A pair of moves is not solved again: its conduct is the product of the two moves', its payoffs their sum. What that
        leaves out changes the proposals that draws come from, never their weights.
        """
        size, middle = len(around.place), around.log_density
        ahead = np.array([told for _, told in around.ahead])
        behind = np.array([told for _, told in around.behind])
        hessian = np.diag(ahead - 2.0 * middle + behind)
        for i in range(size):
            for j in range(i + 1, size):
                both = 0.0
                for by, side in ((STEP, around.ahead), (-STEP, around.behind)):
                    point = around.place.copy()
                    point[[i, j]] += by
                    both += self.read(point, self._together(i, j, side, around.tables))
                total = both + 2.0 * middle - ahead[i] - ahead[j] - behind[i] - behind[j]
                hessian[i, j] = hessian[j, i] = 0.5 * total
        return np.asarray(hessian / STEP**2)

    def _together(self, i: int, j: int, side: tuple[Read, ...], middle: Tables) -> Tables:
        inside = self.at.inside
        if inside[i] and inside[j]:
            both: Tables = _blend(side[i][0], side[j][0], middle)
            return both
        return side[i][0] if inside[i] else side[j][0]

    def slope(self, z: FloatArray) -> tuple[float, FloatArray]:
        """Log density and its slope (D,), by central differences; NaN where a solution failed."""
        around = self.around(z)
        if around is None:
            return float("nan"), np.full(len(z), np.nan)
        return around.log_density, slope_of(around)

    def curvature(self, z: FloatArray) -> FloatArray:
        """Hessian (D, D); NaN where a solution failed. The last one is kept: a fit asks for it more than once."""
        key = z.tobytes()
        if key != self._last[0]:
            around = self.around(z)
            self._last = (
                key,
                np.full((len(z),) * 2, np.nan) if around is None else self.curvature_from(around),
            )
        return self._last[1]


class Around(NamedTuple):
    """A point (D,), its log density and tables, and those of its neighbours a step ahead and behind on every axis."""

    place: FloatArray
    log_density: float
    tables: Tables
    ahead: tuple[Read, ...]
    behind: tuple[Read, ...]


@jax.jit
def _mirror(middle: Unknowns, one: Unknowns) -> Unknowns:
    result: Unknowns = jax.tree.map(lambda a, b: 2.0 * a - b, middle, one)
    return result


def _mirrored(other: Read | None, middle: Read) -> Read:
    return middle if other is None else (middle[0], 2.0 * middle[1] - other[1])


def slope_of(around: Around) -> FloatArray:
    """Slope (D,) of the log density by central differences."""
    ahead = np.array([told for _, told in around.ahead])
    behind = np.array([told for _, told in around.behind])
    return np.asarray((ahead - behind) / (2.0 * STEP))


@jax.jit
def _blend(one: Tables, other: Tables, middle: Tables) -> Tables:
    """Tables moved by what two moves do to them: products of chances, sums of payoffs."""
    return Tables(
        one.conduct * other.conduct / middle.conduct,
        one.own * other.own / middle.own,
        one.gap + other.gap - middle.gap,
    )


def climb(density: Density, start: FloatArray) -> tuple[FloatArray, float]:
    """Newton steps uphill from a start (D,): the mode and its log density, -infinity where a solution failed on the way.

    Slope and curvature come from the same neighbours, so that a step costs little more than a slope, and few are needed.
    """
    z, age, size, axes = start, SAME_CURVATURE, np.zeros(0), np.zeros((0, 0))
    around = density.around(z)
    for _ in range(MOST_STEPS):
        if around is None:
            return z, -np.inf
        if age >= SAME_CURVATURE:
            age = 0
            size, axes = np.linalg.eigh(-density.curvature_from(around))
        slope = slope_of(around)
        step = axes @ ((axes.T @ slope) / np.maximum(size, LEAST_CURVATURE))
        step = step * min(1.0, LONGEST_STEP / np.max(np.abs(step)))
        gain = float(slope @ step)
        further = gain >= LEAST_GAIN
        share = _uphill(density, z, step, around.log_density) if further else 0.0
        if share > 0:
            z, age = z + share * step, age + 1
            around = density.around(z)
        elif age > 0 and further:
            age = SAME_CURVATURE  # an old curvature may be what misleads
        else:
            break
    return z, -np.inf if around is None else around.log_density


def _uphill(density: Density, z: FloatArray, step: FloatArray, least: float) -> float:
    """Largest share of a step, by halves, that leads above a log density; 0 where none does."""
    for share in 0.5 ** np.arange(6):
        if density(z + share * step) > least:
            return float(share)
    return 0.0


def equilibria(density: Density, z: FloatArray, seed: int = 0) -> Equilibria:
    """Solve the game at z from other starts, and read the record under each solution."""
    at = density.at
    p = _parameters(at.spec, density.full(z), at.free, at.neutral, at.data)
    starts = {"fixed": at.start, **starts_of(at.spec, p, DRAWN_STARTS, seed)}
    found: list[float] = []
    passed = 0
    for start in starts.values():
        game = _solve(at.spec, SEARCH, density.full(z), at.free, at.neutral, start, at.data)
        if not _passed(game):
            continue
        passed += 1
        told = density.read(z, game.tables)
        if all(abs(told - other) > OTHER for other in found):
            found.append(told)
    return Equilibria(len(starts), passed, tuple(found))


def fit_rival(record: WeeklyRecord, name: str, quick: bool, seed: int) -> Fitted:
    """A rival's posterior on a record; quick is Laplace checked by a few hundred weighted draws, and says so."""
    density = Density(problem(record, rival(name)))
    places = density.at.places
    generator = np.random.default_rng([seed, [one.name for one in RIVALS].index(name)])
    target = Target(density.many, density.slope, density.curvature)
    effort = QUICK if quick else FULL
    starts = [np.zeros(len(places)), *generator.normal(size=(effort.starts - 1, len(places))) * 0.7]
    modes = distinct_modes(target, [climb(density, start) for start in starts])
    draws = fit(target, len(places), generator, effort, modes)
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
