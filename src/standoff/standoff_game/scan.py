"""Look for several equilibria: many starts, all that are found are reported, none is called unique.

Starts differ in the values and in what conduct tells (r); a fixed point counts as another equilibrium when some
probability of conduct differs by more than `DISTINCT`. [standoff_game]
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from standoff.standoff_game.checks import check_game
from standoff.standoff_game.equilibrium import Search, cold_start, find_jit, play_jit
from standoff.standoff_game.errors import NotConvergedError
from standoff.standoff_game.parameters import Parameters, as_arrays
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.randomness import key_of
from standoff.standoff_game.solution import Solution, Start
from standoff.standoff_game.specification import Specification, reduce_exactly
from standoff.standoff_game.sweep import Unknowns

DISTINCT = 1e-3


@dataclass(frozen=True, slots=True)
class Scan:
    """Distinct solutions, how many starts led to each, and every start that was tried."""

    solutions: tuple[Solution, ...]
    counts: tuple[int, ...]
    starts: tuple[Start, ...]


def _spread(base: Unknowns, spec: Specification, name: str, seed: int) -> Unknowns:
    """A start by name: values and log ratios of conduct drawn far and wide."""
    random = np.random.default_rng(int(key_of(name, seed)))
    values = random.normal(size=base.values.shape) * 5.0
    lean = random.normal(size=(1, 1, 1, *base.log_ratio.shape[3:5], 1)) * 3.0
    ratio = lean + random.normal(size=base.log_ratio.shape)
    wide = np.broadcast_to(ratio, base.log_ratio.shape)
    return Unknowns(jnp.asarray(values), jnp.asarray(wide), base.signal_ratio)


def starts_of(spec: Specification, parameters: Parameters, count: int, seed: int) -> dict[str, Unknowns]:
    """Named starts: zero, each act telling of the unrestrained type, and ``count`` drawn ones."""
    base = cold_start(spec, parameters)
    starts = {"zero": base}
    for m, force in enumerate(spec.force):
        for x, offer in enumerate(spec.offers):
            tell = np.full(base.log_ratio.shape, -1.0)
            tell[:, :, :, m, x] = 4.0
            starts[f"{force}, {offer} tells"] = base._replace(log_ratio=jnp.asarray(tell))
    for i in range(count):
        starts[f"drawn {i + 1}"] = _spread(base, spec, f"start {i + 1}", seed)
    return starts


def scan(
    specification: Specification,
    parameters: Parameters,
    count: int = 20,
    seed: int = 0,
    search: Search | None = None,
) -> Scan:
    """All equilibria found from many starts, at two dampings each; those that failed are listed, not used.

    Raises `GameSpecError`, and `NotConvergedError` when no start converges.
    """
    use_float64()
    check_game(specification, parameters)
    parameters = as_arrays(parameters)
    search = search or Search()
    spec = reduce_exactly(specification, parameters)
    found_all: list[Solution] = []
    counts: list[int] = []
    tried: list[Start] = []
    for name, guess in starts_of(spec, parameters, count, seed).items():
        for damping in (1.0, 0.3):
            found = find_jit(spec, parameters, guess, search._replace(damping=damping))
            residual = float(np.max(np.asarray(found.residual)))
            passed = residual <= search.tolerance
            label = name if damping == 1.0 else f"{name}, damped"
            tried.append(Start(label, residual, int(np.sum(found.iterations)), passed))
            if not passed:
                continue
            play = play_jit(spec, parameters, found.unknowns, True)
            unknowns, play = jax.tree.map(np.asarray, (found.unknowns, play))
            gaps = [float(np.max(np.abs(play.conduct - s.play.conduct))) for s in found_all]
            if gaps and min(gaps) < DISTINCT:
                counts[int(np.argmin(gaps))] += 1
                continue
            iterations = tuple(int(n) for n in np.asarray(found.iterations))
            found_all.append(
                Solution(
                    spec, parameters, unknowns, play, residual, iterations, search.tolerance, (tried[-1],)
                )
            )
            counts.append(1)
    if not found_all:
        raise NotConvergedError(
            "no start of the scan converged", tuple(tried), "", "raise the noises or allow more sweeps"
        )
    return Scan(tuple(found_all), tuple(counts), tuple(tried))
