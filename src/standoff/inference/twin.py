"""Fit the reduced-form twin: every rival's posterior and marginal likelihood, block by block.

Blocks share no parameters, so a block is fitted once for each set of free parameters and serves every rival that
frees the same. A rival that restricts a sign (M1: a domestic block hardens; M3, M4: the sign of news) is the free
model cut to that sign: its marginal likelihood is the free one times posterior over prior probability of the sign
[klugkist2005inequality].
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from standoff.inference.importance import Draws, Effort, Gate, Target, fit, merge, pareto_k
from standoff.inference.priors import Prior, value, values
from standoff.inference.rivals import RIVALS, Rival
from standoff.inference.twin_blocks import BLOCKS, Block
from standoff.inference.twin_data import TwinData
from standoff.standoff_game.precision import use_float64

FloatArray = npt.NDArray[np.float64]

PROBES = ("probe", "control")
MOST_TIMES = 24  # as many draws as usual, at most, where a restricted sign leaves few
CHUNK = 512  # draws evaluated in one call: one compiled shape, and the filter's tables stay in the cache
TWIN_EFFORT = Effort(
    draws=2048, rounds=8, starts=3, aim=2000
)  # more than the gate: a restricted sign cuts them


@dataclass(frozen=True, slots=True)
class BlockFit:
    """The posterior of one block with some parameters free: ``free`` their places, `Draws` over those alone."""

    block: str
    free: tuple[int, ...]
    draws: Draws

    def full(self, z: FloatArray | None = None) -> FloatArray:
        """Draws (N, D) over all parameters of the block, zero (no effect) where not free; see `neutral`."""
        given = self.draws.z if z is None else z
        embedded = np.zeros((len(given), len(block(self.block).priors)))
        embedded[:, list(self.free)] = given
        return embedded


@dataclass(frozen=True, slots=True)
class TwinFit:
    """One rival's posterior: its block fits, the log marginal likelihood with its error, and the gates of all.

    ``sign_probability`` posterior probability, in the free model, of the signs that the rival restricts (1: none);
    ``sign_prior`` the prior's own.
    """

    rival: str
    blocks: Mapping[str, BlockFit]
    log_evidence: float
    log_evidence_error: float
    sign_probability: float
    sign_prior: float
    gates: tuple[Gate, ...]

    @property
    def passed(self) -> bool:
        return all(gate.passed for gate in self.gates)


Fitter = Callable[..., BlockFit]  # arguments as those of `fit_block`
SignPrior = Callable[[str, str, int], float]  # block, parameter, sign


def block(name: str) -> Block:
    """The block of a name. Errors: KeyError."""
    return {one.name: one for one in BLOCKS}[name]


def free_places(one: Block, rival: Rival, probed: bool) -> tuple[int, ...]:
    """Places of the parameters that a rival frees in a block; the probe only where there is one."""
    return tuple(
        place
        for place, (prior, needs) in enumerate(zip(one.priors, one.needs, strict=True))
        if (not needs or not rival.terms.isdisjoint(needs)) and (probed or prior.name not in PROBES)
    )


def fit_twin(
    data: TwinData,
    seed: int,
    rivals: Iterable[Rival] = RIVALS,
    effort: Effort = TWIN_EFFORT,
    probed: bool = False,
    only: Iterable[str] | None = None,
    upto: int | None = None,
    known: dict[tuple[str, tuple[int, ...]], BlockFit] | None = None,
    stretch: float = 1.0,
    progress: Callable[[int, int], None] | None = None,
    fitter: Fitter | None = None,
    sign_prior: SignPrior | None = None,
) -> dict[str, TwinFit]:
    """Fit every rival to a record. ``only`` names the blocks to fit; ``upto`` uses the weeks before it alone; ``stretch``
    multiplies the prior scale of effects.

    Randomness: ``seed`` split by block and free parameters, so that adding a rival changes no other number. ``known``
    holds block fits already made and is added to. ``fitter`` fits a block in place of `fit_block`, and ``sign_prior`` is its
    prior probability of a sign (one half unless given).
    """
    fitter = fitter or fit_block
    chosen = list(rivals)
    names = [one.name for one in BLOCKS if only is None or one.name in set(only)]
    known = {} if known is None else known
    wanted = {(name, free_places(block(name), rival, probed)) for rival in chosen for name in names}
    missing = sorted(wanted - set(known))
    for done, (name, free) in enumerate(missing):
        known[name, free] = fitter(data, name, free, seed, effort, upto, stretch)
        if progress is not None:
            progress(done + 1, len(missing))
    found = {}
    for one in chosen:
        fits = {name: known[name, free_places(block(name), one, probed)] for name in names}
        enough = _enough(data, one, fits, seed, effort, upto, stretch, fitter)
        found[one.name] = combine(one, enough, sign_prior)
    return found


def _enough(
    data: TwinData,
    one: Rival,
    fits: dict[str, BlockFit],
    seed: int,
    effort: Effort,
    upto: int | None,
    stretch: float,
    fitter: Fitter,
) -> dict[str, BlockFit]:
    """The same fits, those with a restricted sign drawn again with as many draws as the cut will need."""
    enough = dict(fits)
    for name, parameter, sign in sign_restrictions(one):
        if name not in fits:
            continue
        share = sign_share(fits[name], parameter, sign)
        if share * fits[name].draws.effective < 1.5 * effort.least:
            times = float(np.clip(2.0 * effort.least / max(share, 1e-6) / effort.aim, 2.0, MOST_TIMES))
            more = replace(effort, draws=int(times * effort.draws), aim=times * effort.aim)
            enough[name] = fitter(data, name, fits[name].free, seed, more, upto, stretch)
    return enough


def fit_block(
    data: TwinData,
    name: str,
    free: tuple[int, ...],
    seed: int,
    effort: Effort = TWIN_EFFORT,
    upto: int | None = None,
    stretch: float = 1.0,
) -> BlockFit:
    """The posterior of one block over the parameters at the places ``free``."""
    generator = np.random.default_rng([seed, *name.encode(), *free])
    target = block_target(data, name, free, upto, stretch)
    return BlockFit(name, free, fit(target, len(free), generator, effort))


def combine(rival: Rival, fits: dict[str, BlockFit], sign_prior: SignPrior | None = None) -> TwinFit:
    """One rival from its blocks: evidences add up, errors add in quadrature, signs are cut."""
    evidence = sum(one.draws.log_evidence for one in fits.values())
    variance = sum(one.draws.log_evidence_error**2 for one in fits.values())
    probability, prior = 1.0, 1.0
    for name, parameter, sign in sign_restrictions(rival):
        if name not in fits:
            continue
        held = sign_share(fits[name], parameter, sign)
        before = 0.5 if sign_prior is None else sign_prior(name, parameter, sign)
        probability, prior = probability * held, prior * before
        fits[name] = cut_sign(fits[name], parameter, sign)
    evidence += float(np.log(max(probability, 1e-300) / prior))
    gates = merge([one.draws for one in fits.values()])
    return TwinFit(rival.name, fits, float(evidence), float(np.sqrt(variance)), probability, prior, gates)


def sign_restrictions(rival: Rival) -> tuple[tuple[str, str, int], ...]:
    """(block, parameter, sign) that define a rival; the model of all together restricts none."""
    if rival.name == "M7":
        return ()
    found: list[tuple[str, str, int]] = []
    if "block" in rival.terms:
        found.append(("coercer", "block", 1))
    if rival.sign:
        found.append(("holder", "news", rival.sign))
    return tuple(found)


def is_effect(one: Block, place: int) -> bool:
    """Whether a parameter is an effect, that is one that a term frees and that may be zero."""
    return bool(one.needs[place]) and one.priors[place].transform == "identity"


def place_of(name: str, parameter: str) -> int:
    """Place of a parameter among those of a block. Errors: ValueError where it has none of that name."""
    return [prior.name for prior in block(name).priors].index(parameter)


def sign_share(one: BlockFit, parameter: str, sign: int) -> float:
    """Posterior probability that a parameter has a sign."""
    column = one.full()[:, place_of(one.block, parameter)]
    return float(np.sum(one.draws.weights[column * sign > 0]))


def cut_sign(one: BlockFit, parameter: str, sign: int) -> BlockFit:
    """The posterior given the sign: weights of the other sign become zero, and the gates are judged anew."""
    column = one.full()[:, place_of(one.block, parameter)]
    kept = np.where(column * sign > 0, one.draws.weights, 0.0)
    total = kept.sum()
    if total <= 0:
        failed = Gate("draws of the sign that the rival restricts", False, "none")
        return replace(one, draws=replace(one.draws, gates=(*one.draws.gates, failed)))
    weights = kept / total
    effective = float(1.0 / np.sum(weights**2))
    draws = replace(
        one.draws, weights=weights, effective=effective, gates=_judged(weights, effective, one.draws)
    )
    return replace(one, draws=draws)


def _judged(weights: FloatArray, effective: float, before: Draws) -> tuple[Gate, ...]:
    from standoff.inference.importance import LARGEST_K, LEAST_DRAWS

    with np.errstate(divide="ignore"):
        k = max(pareto_k(np.log(weights)), before.k)
    return (
        Gate("Pareto k of the importance weights", k < LARGEST_K, f"{k:.2f}, must be below {LARGEST_K:g}"),
        Gate(
            "effective draws", effective >= LEAST_DRAWS, f"{effective:.0f}, must be at least {LEAST_DRAWS:g}"
        ),
    )


# --- compiled once for each block ---------------------------------------------------------------------------------


def neutral(priors: tuple[Prior, ...], z: Any, mask: Any, exp: Any = np.exp) -> dict[str, Any]:
    """Values at z (..., D): a parameter that is not free (mask 0) has no effect, that is zero, or the middle of its prior
    where it cannot be zero; another mask multiplies the scale of its prior."""
    return values(priors, z * mask, exp)


@cache
def compiled(
    name: str,
) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """(many, slope, curvature, terms) of a block, taking z, mask of free parameters, mask of weeks, and data."""
    use_float64()
    one = block(name)

    def log_terms(z: Any, mask: Any, data: TwinData) -> Any:
        return one.terms(neutral(one.priors, z, mask, jnp.exp), data)

    def log_density(z: Any, mask: Any, weeks: Any, data: TwinData) -> Any:
        return jnp.sum(weeks * log_terms(z, mask, data)) - 0.5 * jnp.sum(
            (mask > 0) * (z**2 + jnp.log(2 * jnp.pi))
        )

    many = jax.jit(jax.vmap(log_density, in_axes=(0, None, None, None)))
    slope = jax.jit(jax.value_and_grad(log_density))
    curvature = jax.jit(jax.hessian(log_density))
    terms = jax.jit(jax.vmap(log_terms, in_axes=(0, None, None)))
    return many, slope, curvature, terms


def in_chunks(function: Callable[[FloatArray], Any], z: FloatArray, chunk: int = CHUNK) -> FloatArray:
    """A batched function over (N, D) in calls of one shape, ``chunk`` rows each."""
    parts = []
    for start in range(0, len(z), chunk):
        part = z[start : start + chunk]
        padded = np.concatenate([part, np.zeros((chunk - len(part), z.shape[1]))])
        parts.append(np.asarray(function(padded))[: len(part)])
    return np.concatenate(parts)


def block_target(
    data: TwinData, name: str, free: tuple[int, ...], upto: int | None = None, stretch: float = 1.0
) -> Target:
    """The log posterior of a block over its free parameters, prior N(0, 1) included; see `fit_twin`."""
    many, slope, curvature, _ = compiled(name)
    dimension = len(block(name).priors)
    places = list(free)
    mask = np.zeros(dimension)
    mask[places] = [stretch if is_effect(block(name), place) else 1.0 for place in places]
    weeks = (np.arange(len(data.time)) < (len(data.time) if upto is None else upto)).astype(np.float64)

    def embed(z: FloatArray) -> FloatArray:
        full = np.zeros((*z.shape[:-1], dimension))
        full[..., places] = z
        return full

    def many_free(z: FloatArray) -> FloatArray:
        return in_chunks(lambda part: many(part, mask, weeks, data), embed(z))

    def slope_free(z: FloatArray) -> tuple[float, FloatArray]:
        height, gradient = slope(embed(z), mask, weeks, data)
        return float(height), np.asarray(gradient)[places]

    def curvature_free(z: FloatArray) -> FloatArray:
        return np.asarray(curvature(embed(z), mask, weeks, data))[np.ix_(places, places)]

    return Target(many_free, slope_free, curvature_free)


def week_terms(data: TwinData, one: BlockFit, z: FloatArray, chunk: int = CHUNK) -> FloatArray:
    """One-step-ahead log predictive densities (N, T) of a block at draws ``z`` (N, free)."""
    terms = compiled(one.block)[3]
    mask = np.zeros(len(block(one.block).priors))
    mask[list(one.free)] = 1.0
    return in_chunks(lambda part: terms(part, mask, data), one.full(z), chunk)


def block_values(one: BlockFit, z: FloatArray) -> dict[str, FloatArray]:
    """Values by name (N,) at draws ``z`` (N, free); what is not free has no effect."""
    mask = np.zeros(len(block(one.block).priors))
    mask[list(one.free)] = 1.0
    return neutral(block(one.block).priors, one.full(z), mask)


def prior_value(name: str, parameter: str, z: FloatArray) -> FloatArray:
    """Values of one parameter at unconstrained z."""
    return np.asarray(value(block(name).priors[place_of(name, parameter)], z))
