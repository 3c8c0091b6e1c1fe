"""Solve a standoff game, keep what shows that it is solved, and refuse what is not.

Markov perfect Bayesian equilibrium with logit choices: model.md sections 1 and 2; [standoff_game],
[mckelvey_palfrey_1998].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from standoff.standoff_game.checks import check_game, check_grid
from standoff.standoff_game.classes import Found
from standoff.standoff_game.equilibrium import Search, cold_start, find_jit, play_jit
from standoff.standoff_game.errors import NotConvergedError
from standoff.standoff_game.parameters import Parameters, as_arrays
from standoff.standoff_game.patient import Patience, patient_jit
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.specification import Specification, reduce_exactly, share_tables
from standoff.standoff_game.sweep import Play, Unknowns


@dataclass(frozen=True, slots=True)
class Start:
    """One attempt: where it started, its residual (maximum norm), its sweeps over all classes, whether it passed."""

    name: str
    residual: float
    iterations: int
    converged: bool


@dataclass(frozen=True, slots=True)
class Solution:
    """A solved game with its evidence.

    ``specification`` is the exactly reduced one that was solved. ``unknowns`` and ``play`` hold float64 arrays with
    axis 0 = groups alive less one (see `Unknowns`, `Play`). ``residual`` max|T(x)-x| over values and log ratios of
    conduct, ``iterations`` sweeps in each class (G,), ``tolerance`` the gate, ``starts`` every attempt made.
    """

    specification: Specification
    parameters: Parameters
    unknowns: Unknowns
    play: Play
    residual: float
    iterations: tuple[int, ...]
    tolerance: float
    starts: tuple[Start, ...]


def _start(name: str, found: Found, tolerance: float) -> Start:
    residual = float(np.max(np.asarray(found.residual)))
    return Start(name, residual, int(np.sum(found.iterations)), bool(residual <= tolerance))


def _softer(parameters: Parameters, factor: float) -> Parameters:
    return parameters._replace(
        noise_holder=parameters.noise_holder * factor, noise_coercer=parameters.noise_coercer * factor
    )


def _homotopy(spec: Specification, parameters: Parameters, search: Search) -> Found:
    """Follow the solution from eight times the logit noise down to the noise asked for."""
    guess = cold_start(spec, parameters)
    found: Found = find_jit(spec, _softer(parameters, 8.0), guess, search)
    for factor in 2.0 ** np.linspace(3.0, 0.0, 13):
        found = find_jit(spec, _softer(parameters, float(factor)), guess, search._replace(damping=0.7))
        if np.all(np.isfinite(found.residual)):
            guess = found.unknowns
    return found


def attempt(
    spec: Specification, parameters: Parameters, start: Unknowns, search: Search, name: str
) -> tuple[Found, list[Start]]:
    """Accelerated sweeps from a start; then damped; then homotopy in the noise. Returns the best and all attempts."""
    tried: list[Start] = []
    best: Found | None = None
    for label, damping in ((name, search.damping), (f"{name}, damped", 0.4)):
        found = find_jit(spec, parameters, start, search._replace(damping=damping))
        tried.append(_start(label, found, search.tolerance))
        if tried[-1].converged:
            return found, tried
        if best is None or tried[-1].residual < float(np.max(np.asarray(best.residual))):
            best = found
    found = _homotopy(spec, parameters, search)
    tried.append(_start("homotopy in the noise", found, search.tolerance))
    assert best is not None
    return (found if tried[-1].converged else best), tried


def _patiently(
    spec: Specification, parameters: Parameters, best: Found, tried: list[Start], search: Search
) -> Found:
    """What `standoff_game.patient` finds from zero where all else failed, or the best so far; entered in what was tried."""
    patience = Patience(tolerance=search.tolerance, most=min(Patience().most, search.most))
    found: Found = patient_jit(spec, parameters, cold_start(spec, parameters), patience)
    tried.append(_start("zero, patiently", found, search.tolerance))
    return found if tried[-1].converged else best


def _finish(
    spec: Specification, parameters: Parameters, found: Found, tried: list[Start], gate: float
) -> Solution:
    play = play_jit(spec, parameters, found.unknowns, True)
    unknowns, play = jax.tree.map(np.asarray, (found.unknowns, play))
    iterations = tuple(int(n) for n in np.asarray(found.iterations))
    return Solution(
        spec,
        parameters,
        unknowns,
        play,
        float(np.max(np.asarray(found.residual))),
        iterations,
        gate,
        tuple(tried),
    )


def _by_table(unknowns: Unknowns, tables: tuple[int, ...]) -> Unknowns:
    """The same unknowns with some of the signal tables, in that order; unchanged where one serves all."""
    ratio = unknowns.log_ratio
    if ratio.shape[2] == 1 or tables == tuple(range(ratio.shape[2])):
        return unknowns
    chosen: Any = np.asarray(ratio)[
        :, :, np.array(tables)
    ]  # numpy: a gather of the library's is ten times as dear
    return unknowns._replace(log_ratio=chosen)


def solve(
    specification: Specification,
    parameters: Parameters,
    start: Solution | None = None,
    search: Search | None = None,
    exact_reduction: bool = True,
    judge_grid: bool = True,
) -> Solution:
    """Solve a game from nothing, or from a neighbour's solution of the same shape.

    Raises `GameSpecError` for parameters that make no game, `NotConvergedError` (with the partial `Solution`)
    when no attempt reaches the gate ``search.tolerance``. Terms that are exactly zero are dropped first unless
    ``exact_reduction`` is off; a grid of beliefs too coarse for its signals is refused unless ``judge_grid`` is off.
    """
    use_float64()
    check_game(specification, parameters)
    parameters = as_arrays(parameters)
    search = search or Search()
    spec = reduce_exactly(specification, parameters) if exact_reduction else specification
    solved = share_tables(spec, parameters) if exact_reduction else spec
    if start is not None and start.specification == spec:
        near = _by_table(start.unknowns, solved.first_signals)
        found, tried = attempt(solved, parameters, near, search, "neighbour")
    else:
        found, tried = attempt(solved, parameters, cold_start(solved, parameters), search, "zero")
    if not tried[-1].converged and parameters.patron is None:
        found = _patiently(solved, parameters, found, tried, search)
    found = found._replace(unknowns=_by_table(found.unknowns, solved.signal_tables))
    solution = _finish(spec, parameters, found, tried, search.tolerance)
    if not tried[-1].converged:
        raise NotConvergedError(
            f"the game did not converge: residual {solution.residual:.1e}, gate {search.tolerance:.0e}",
            solution,
            "best replies may cycle where noise is small or signals are strong",
            "raise noise_holder or noise_coercer, allow more sweeps, or scan for other starts",
        )
    if judge_grid:
        check_grid(solution)
    return solution
