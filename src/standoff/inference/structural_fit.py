"""Posteriors of the standoff game: modes, Laplace, adaptive importance sampling, equilibria, over several processes.

Where draws are proposed comes from `standoff.inference.structural_modes`; every weight from games that were solved. Once modes are
known every game is solved from the solution at the highest, so that the likelihood is a function of its parameters alone.
Sources: as `standoff.inference.importance`.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import jax
import numpy as np
import numpy.typing as npt

from standoff.inference.importance import Draws, Effort, Target, distinct_modes
from standoff.inference.priors import value
from standoff.inference.rivals import RIVALS, rival
from standoff.inference.structural_density import Density, parameters_at, problem
from standoff.inference.structural_marginal import Marginal
from standoff.inference.structural_modes import CLOSE, Local
from standoff.inference.structural_priors import PRIORS
from standoff.panel.weekly import WeeklyRecord
from standoff.standoff_game.scan import starts_of
from standoff.standoff_game.sweep import Unknowns

FloatArray = npt.NDArray[np.float64]

DRAWN_STARTS = 4
OTHER = 1e-3  # log likelihoods further apart than this come from different equilibria
APART = 0.5  # of z: modes nearer than this on every axis are one
WIDER = (
    1.6  # than the draws so far: in tails that are cut off by other equilibria a narrow proposal misses much
)
QUICK = Effort(draws=150, rounds=4, starts=1, least=50.0, aim=50.0, wider=WIDER)
FULL = Effort(draws=200, rounds=32, starts=3, wider=WIDER)
DEAREST_FIRST = ("M7", "M5", "M6", "M12", "M3", "M4", "M1", "M2", "M0")


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
    their gates, how many solutions had to be ``retried``, the equilibria at the mode, and the solution from which every game was
    solved. ``quick``: not the full effort."""

    rival: str
    names: tuple[str, ...]
    values: FloatArray
    draws: Draws
    retried: int
    equilibria: Equilibria
    start: Unknowns
    quick: bool


def equilibria(density: Density, z: FloatArray, seed: int = 0) -> Equilibria:
    """Solve the game at z from other starts, and read the record under each solution."""
    at = density.at
    p = parameters_at(at.spec, density.full(z), at.free, at.neutral, at.data)
    starts = {"fixed": at.start, **starts_of(at.spec, p, DRAWN_STARTS, seed)}
    found: list[float] = []
    count = 0
    for start in starts.values():
        game = density.near(z, start, patiently=True)
        if game is None:
            continue
        count += 1
        told = density.read(z, game.tables)
        if all(abs(told - other) > OTHER for other in found):
            found.append(told)
    return Equilibria(len(starts), count, tuple(found))


def fit_rival(record: WeeklyRecord, name: str, quick: bool, seed: int) -> Fitted:
    """A rival's posterior on a record; quick is Laplace checked by a few hundred weighted draws, and says so."""
    density = Density(problem(record, rival(name)))
    stream = [seed, [one.name for one in RIVALS].index(name)]
    generator = np.random.default_rng(stream)
    local, effort, count = Local(density), QUICK if quick else FULL, len(density.at.places)
    starts = [np.zeros(count), *generator.normal(size=(effort.starts - 1, count)) * 0.7]
    target = Target(density.many, local.slope, local.curvature)
    ended = [local.climb(start) for start in starts]
    if not quick:
        ended.append(local.climb(max(ended, key=lambda end: end[1])[0], CLOSE))
    modes = distinct_modes(target, ended, APART)
    density.begin_from(local.game(modes[0].place).unknowns)
    marginal = Marginal(density, modes, [-local.curvature(mode.place) for mode in modes], stream)
    draws = marginal.posterior(generator, effort)
    priors = [PRIORS[place] for place in density.at.places]
    drawn = np.stack([np.asarray(value(p, draws.z[:, i])) for i, p in enumerate(priors)], axis=1)
    others = equilibria(density, draws.modes[0].place, seed)
    names, start = tuple(p.name for p in priors), jax.tree.map(np.asarray, density.at.start)
    return Fitted(name, names, drawn, draws, density.retried, others, start, quick)


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
