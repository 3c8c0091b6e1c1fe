"""Posteriors by NUTS on a bare log density: several chains, adapted masses, and gates that are kept.

The route for densities that are cheap to differentiate; where a fit stands on importance sampling it is the check.
A sample passes when R-hat < 1.01 and bulk and tail effective sizes are at least 400 for every number sampled, when
no transition diverged, and when no chain's energy fraction of missing information is below .3.
Sources: [hoffman2014nuts], [phan2019numpyro], [vehtari2021rank], [betancourt2017conceptual].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from standoff.inference.importance import Gate
from standoff.standoff_game.precision import use_float64

FloatArray = npt.NDArray[np.float64]
Start = Mapping[str, npt.ArrayLike] | npt.ArrayLike

LARGEST_R_HAT = 1.01
LEAST_EFFECTIVE = 400.0
TAIL = (0.05, 0.95)  # the quantiles whose smaller effective size is the tail's
LEAST_ENERGY = 0.3  # fraction of missing information below which tails are hardly reached
BLOCK = 50  # iterations between two tellings of progress; one compiled program
TRIES = 100  # scattered starts tried for each chain


@dataclass(frozen=True, slots=True)
class Chains:
    """A posterior sample by NUTS and what tells whether to trust it.

    ``values`` name -> (chains, draws, ...), in the order given; ``scalars`` the names of all single numbers, such as
    *beta[0]*, with their ``r_hat``, ``bulk`` and ``tail`` effective sizes (D,); ``log_density`` (chains, draws);
    ``diverging`` (chains, draws) transitions that diverged; ``energy_fraction`` (chains,); ``steps`` (chains, draws)
    leapfrog steps; ``gates`` all that must hold.
    """

    values: Mapping[str, FloatArray]
    scalars: tuple[str, ...]
    r_hat: FloatArray
    bulk: FloatArray
    tail: FloatArray
    log_density: FloatArray
    diverging: npt.NDArray[np.bool_]
    energy_fraction: FloatArray
    steps: npt.NDArray[np.int64]
    gates: tuple[Gate, ...]

    @property
    def passed(self) -> bool:
        return all(gate.passed for gate in self.gates)

    @property
    def flat(self) -> FloatArray:
        """All draws of all chains as (chains x draws, D), columns as ``scalars``."""
        return _columns(self.values).reshape(-1, len(self.scalars))


class Tuning(NamedTuple):
    """How NUTS is tuned: ``target`` acceptance, ``depth`` of trees at most, ``dense`` mass matrix, ``scatter`` of the
    starts (standard deviation of what is added to the start of each chain), and chains ``apart``: one after another, so
    that none waits for the deeper tree of another, in place of all at once."""

    target: float = 0.9
    depth: int = 10
    dense: bool = True
    scatter: float = 0.5
    apart: bool = False


class Begun(NamedTuple):
    """Where chains begin: values by name, (chains, ...), with their log densities (chains,) and slopes (chains, ...)."""

    values: dict[str, Any]
    height: Any
    slope: dict[str, Any]


def sample_posterior(
    log_density: Callable[[Any], Any],
    start: Start,
    names: Sequence[str] | None = None,
    seed: int = 0,
    *,
    chains: int = 4,
    warmup: int = 1000,
    draws: int = 1000,
    tuning: Tuning | None = None,
    progress: Callable[[int, int], None] | None = None,
    slopes: Callable[[Any], tuple[Any, Any]] | None = None,
) -> Chains:
    """Sample exp(log_density) by NUTS; what missed a gate is returned with the gate failed.

    ``start``: a dict of arrays, and then ``log_density`` takes such a dict and ``names`` stays out, or an array (D,)
    with ``names`` of its D numbers. ``log_density`` must be traceable by JAX on unbounded numbers; NaN counts as
    impossible. Equal arguments give equal draws, with or without ``progress``, which is told (done, all) iterations.
    ``slopes``: the density with its gradient where they are compiled already, of what ``log_density`` takes.

    Errors: ValueError where names and start do not fit, ``warmup`` or ``draws`` is no multiple of 50, or no start near ``start``
    has a finite density and slope.
    """
    use_float64()
    tuning = tuning or Tuning()
    if draws < BLOCK or draws % BLOCK or warmup % BLOCK:
        raise ValueError(f"warmup and draws must be multiples of {BLOCK}, not {warmup} and {draws}")
    point, density, both = _as_mapping(log_density, start, names, slopes)
    key = jax.random.key_data(jax.random.key(seed))
    begun, key = _starts(both, point, chains, tuning.scatter, key)
    collected = _run(density, begun, key, warmup, draws, tuning, progress)
    return _judged(*collected)


def _as_mapping(
    log_density: Callable[[Any], Any],
    start: Start,
    names: Sequence[str] | None,
    slopes: Callable[[Any], tuple[Any, Any]] | None,
) -> tuple[dict[str, Any], Callable[[dict[str, Any]], Any], Callable[[dict[str, Any]], tuple[Any, Any]]]:
    """The start as a dict of arrays, and the density, with its gradient and without, as functions of such a dict."""
    if isinstance(start, Mapping):
        if names is not None:
            raise ValueError("names come with the start where it is a dict")
        point = {name: jnp.asarray(one, float) for name, one in start.items()}
        return point, log_density, slopes or jax.jit(jax.value_and_grad(log_density))
    vector = jnp.asarray(start, float)
    if names is None or vector.shape != (len(names),) or len(set(names)) != len(names):
        raise ValueError(f"a start of shape {vector.shape} needs as many different names")
    order = tuple(names)

    def of_named(values: dict[str, Any]) -> Any:
        return log_density(jnp.stack([values[name] for name in order]))

    def both(values: dict[str, Any]) -> tuple[Any, Any]:
        assert slopes is not None
        height, slope = slopes(jnp.stack([values[name] for name in order]))
        return height, dict(zip(order, slope, strict=True))

    known = both if slopes else jax.jit(jax.value_and_grad(of_named))
    return dict(zip(order, vector, strict=True)), of_named, known


def _starts(
    both: Callable[[dict[str, Any]], tuple[Any, Any]],
    point: dict[str, Any],
    chains: int,
    scatter: float,
    key: Any,
) -> tuple[Begun, Any]:
    """A start of finite density and slope for every chain, scattered about the point (which is tried last)."""
    found: list[Begun] = []
    for _ in range(chains):
        for attempt in range(TRIES + 1):
            key, *noise = jax.random.split(key, len(point) + 1)
            width = scatter * (attempt < TRIES)
            place = {
                name: one + width * jax.random.normal(k, jnp.shape(one))
                for k, (name, one) in zip(noise, point.items(), strict=True)
            }
            height, slope = both(place)
            if all(bool(jnp.all(jnp.isfinite(x))) for x in (height, *slope.values())):
                found.append(Begun(place, height, slope))
                break
        else:
            raise ValueError("no start has a finite posterior density and slope")
    begun: Begun = jax.tree.map(lambda *each: jnp.stack(each), *found)
    return begun._replace(values={name: begun.values[name] for name in point}), key  # in the order given


def _run(
    density: Callable[[dict[str, Any]], Any],
    begun: Begun,
    key: Any,
    warmup: int,
    draws: int,
    tuning: Tuning,
    progress: Callable[[int, int], None] | None,
) -> tuple[dict[str, FloatArray], dict[str, Any]]:
    """Warm up and draw, block by block of one compiled program; values and statistics, each (chains, draws, ...)."""
    from numpyro.infer import NUTS
    from numpyro.infer.util import ParamInfo

    kernel = NUTS(
        potential_fn=lambda values: -density(values),
        target_accept_prob=tuning.target,
        max_tree_depth=tuning.depth,
        dense_mass=tuning.dense,
    )

    def one(state: Any, _: None) -> tuple[Any, Any]:
        state = kernel.sample(state, (), {})
        kept = {
            name: getattr(state, name) for name in ("potential_energy", "energy", "diverging", "num_steps")
        }
        return state, (state.z, kept)

    block = jax.jit(lambda state: jax.lax.scan(one, state, None, length=BLOCK))
    keys = jax.random.split(key, len(begun.height))
    # potential and slope are known: asked for them the kernel would evaluate the density operation by operation
    info = ParamInfo(begun.values, -begun.height, jax.tree.map(jnp.negative, begun.slope))
    groups = [(keys, info)]
    if tuning.apart:
        groups = [jax.tree.map(itemgetter(chain), (keys, info)) for chain in range(len(keys))]
    states = [kernel.init(own, warmup, start, (), {}) for own, start in groups]
    parts, statistics = [], []
    for done in range(0, warmup + draws, BLOCK):
        if progress is not None:
            jax.block_until_ready(states)  # type: ignore[no-untyped-call]  # a call that returned is not yet one that ran
            progress(done, warmup + draws)
        ran = [block(state) for state in states]
        states = [state for state, _ in ran]
        if done >= warmup:
            told = [kept for _, kept in ran]
            values, kept = jax.tree.map(lambda *each: np.stack(each, 1), *told) if tuning.apart else told[0]
            parts.append(values)
            statistics.append(kept)
    if progress is not None:
        jax.block_until_ready(states)  # type: ignore[no-untyped-call]
        progress(warmup + draws, warmup + draws)
    return _joined(parts, begun.values), _joined(statistics, statistics[0])


def _joined(parts: list[dict[str, Any]], order: Mapping[str, Any]) -> dict[str, Any]:
    """Blocks (draws, chains, ...) end to end, as (chains, draws, ...)."""
    return {
        name: np.swapaxes(np.concatenate([np.asarray(part[name]) for part in parts]), 0, 1) for name in order
    }


class Mixing(NamedTuple):
    """Rank-normalised R-hat, and effective sizes of the bulk and of the tail, (D,) each."""

    r_hat: FloatArray
    bulk: FloatArray
    tail: FloatArray


def mixing(draws: FloatArray) -> Mixing:
    """Whether chains agree and how much they hold, of draws (chains, draws, D); R-hat is NaN of a number that never moved.

    Source: [vehtari2021rank].
    """
    from arviz_stats.base.array import array_stats

    found = Mixing(*(np.empty(draws.shape[2]) for _ in range(3)))
    for place in range(draws.shape[2]):
        one = draws[:, :, place]
        found.r_hat[place] = array_stats.rhat(one) if np.ptp(one) > 0 else np.nan  # type: ignore[no-untyped-call]
        found.bulk[place] = array_stats.ess(one, method="bulk")  # type: ignore[no-untyped-call]
        found.tail[place] = array_stats.ess(one, method="tail", prob=TAIL)  # type: ignore[no-untyped-call]
    return found


def _judged(values: dict[str, FloatArray], statistics: dict[str, Any]) -> Chains:
    scalars, columns = tuple(_scalars(values)), _columns(values)
    r_hat, bulk, tail = mixing(columns)
    energy = np.asarray(statistics["energy"])
    fraction = np.mean(np.diff(energy, axis=1) ** 2, axis=1) / np.var(energy, axis=1)
    diverging = np.asarray(statistics["diverging"], dtype=bool)
    gates = _gates(scalars, r_hat, bulk, tail, int(diverging.sum()), fraction)
    return Chains(
        values,
        scalars,
        r_hat,
        bulk,
        tail,
        -np.asarray(statistics["potential_energy"]),
        diverging,
        fraction,
        np.asarray(statistics["num_steps"], dtype=np.int64),
        gates,
    )


def _gates(
    scalars: tuple[str, ...],
    r_hat: FloatArray,
    bulk: FloatArray,
    tail: FloatArray,
    diverged: int,
    fraction: FloatArray,
) -> tuple[Gate, ...]:
    """Each gate with its worst number; what cannot be computed has not passed."""
    worst = int(np.argmax(np.where(np.isnan(r_hat), np.inf, r_hat)))
    gates = [
        Gate(
            "R-hat",
            bool(r_hat[worst] < LARGEST_R_HAT),
            f"{r_hat[worst]:.3f} ({scalars[worst]}), must be below {LARGEST_R_HAT:g}",
        )
    ]
    for name, sizes in (("bulk effective draws", bulk), ("tail effective draws", tail)):
        least = int(np.argmin(np.where(np.isnan(sizes), -np.inf, sizes)))
        passed = bool(sizes[least] >= LEAST_EFFECTIVE)
        gates.append(
            Gate(name, passed, f"{sizes[least]:.0f} ({scalars[least]}), must be at least {LEAST_EFFECTIVE:g}")
        )
    gates.append(Gate("divergent transitions", diverged == 0, f"{diverged}, must be none"))
    lowest = float(np.min(fraction))
    passed = bool(np.all(fraction >= LEAST_ENERGY))
    gates.append(
        Gate("energy's missing information", passed, f"{lowest:.2f}, must be at least {LEAST_ENERGY:g}")
    )
    return tuple(gates)


def _scalars(values: Mapping[str, FloatArray]) -> list[str]:
    """Names of the single numbers in every value, the index in brackets."""
    names = []
    for name, one in values.items():
        for index in np.ndindex(one.shape[2:]):
            names.append(f"{name}[{','.join(map(str, index))}]" if index else name)
    return names


def _columns(values: Mapping[str, FloatArray]) -> FloatArray:
    """(chains, draws, D), columns as `_scalars` has them."""
    parts = [one.reshape(*one.shape[:2], -1) for one in values.values()]
    return np.asarray(np.concatenate(parts, axis=2), dtype=np.float64)
