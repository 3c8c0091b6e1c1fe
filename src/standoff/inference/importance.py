"""Posteriors by adaptive importance sampling: modes, Laplace, heavy-tailed draws, refits, and gates that are kept.

From every distinct mode a normal and a t(8) proposal with the Laplace covariance; then rounds of t(8) proposals
refitted to the weighted draws so far. All draws are pooled by the balance heuristic, so that every draw's weight is
its density over the mixture of all proposals actually used. The mean weight estimates the marginal likelihood.
A posterior passes when Pareto k < .7 and the effective sample size is at least 400.
Sources: [veach1995optimally], [cappe2008adaptive], [vehtari2024pareto].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp

from standoff.inference.proposal import Proposal

FloatArray = npt.NDArray[np.float64]

LARGEST_K = 0.7
LEAST_DRAWS = 400.0
TAILS = 8.0  # degrees of freedom of the heavy-tailed proposals
FEWEST_WEIGHTS = 25
SAME_MODE = 0.05  # modes nearer than this (largest difference in z) and within it in log density are one


class Target(NamedTuple):
    """A log posterior density of z (D,), prior N(0, 1) included, with what sampling it needs.

    ``many`` (N, D) -> (N,): log densities, -inf or NaN where a solution failed. ``slope`` (D,) -> (value, gradient
    (D,)). ``curvature`` (D,) -> Hessian (D, D).
    """

    many: Callable[[FloatArray], FloatArray]
    slope: Callable[[FloatArray], tuple[float, FloatArray]]
    curvature: Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to try: draws a round, most rounds, starts of the search for modes, effective draws aimed at, how much wider than the
    draws so far the next are proposed, and the gates."""

    draws: int = 2000
    rounds: int = 6
    starts: int = 4
    aim: float = LEAST_DRAWS
    wider: float = 1.2
    largest_k: float = LARGEST_K
    least: float = LEAST_DRAWS
    flat: float = (
        1e-4  # slope at which a mode counts as reached; larger where slopes are differences of solved games
    )


@dataclass(frozen=True, slots=True)
class Gate:
    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode of the posterior: place z (D,), log density, Laplace evidence, and how many starts ended there."""

    place: FloatArray
    log_density: float
    log_evidence: float
    starts: int


@dataclass(frozen=True, slots=True)
class Draws:
    """A weighted posterior sample: ``z`` (N, D), normalised ``weights`` (N,), and what tells whether to trust it.

    ``log_evidence`` log marginal likelihood with standard error ``log_evidence_error``; ``k`` Pareto shape of the
    weights; ``effective`` (sum w)^2 / sum w^2; ``failed`` draws whose solution failed (weight zero); ``modes`` found,
    best first; ``gates`` all that must hold.
    """

    z: FloatArray
    weights: FloatArray
    log_evidence: float
    log_evidence_error: float
    k: float
    effective: float
    failed: int
    modes: tuple[Mode, ...]
    gates: tuple[Gate, ...]

    @property
    def passed(self) -> bool:
        return all(gate.passed for gate in self.gates)


def fit(
    target: Target,
    dimension: int,
    seed: np.random.Generator,
    effort: Effort | None = None,
    modes: tuple[Mode, ...] = (),
) -> Draws:
    """Sample a posterior of `dimension` parameters; what missed a gate is returned with the gate failed.

    ``modes`` that are known already spare the search for them. Errors: ValueError where no start has a finite density.
    """
    effort = effort or Effort()
    modes = modes or find_modes(target, dimension, seed, effort.starts)
    return adapted(target, dimension, seed, effort, modes)[1]


def adapted(
    target: Target, dimension: int, seed: np.random.Generator, effort: Effort, modes: tuple[Mode, ...]
) -> tuple[Pool, Draws]:
    """All draws of `fit` from known modes, with the proposals that they came from, and their sum as a posterior."""
    proposals = [p for mode in modes for p in _laplace(target, mode)]
    shares = np.exp([mode.log_evidence for mode in modes] - logsumexp([mode.log_evidence for mode in modes]))
    portions = np.repeat(np.maximum(shares, 0.1) / 2, 2)
    pool = Pool(target, seed)
    for proposal, portion in zip(proposals, portions / portions.sum(), strict=True):
        pool.add(proposal, max(int(effort.draws * portion), 2 * dimension + 20))
    draws = pool.draws(modes, effort)
    for _ in range(effort.rounds - 1):
        if draws.passed and draws.effective >= effort.aim:
            break
        pool.add(refitted(draws, dimension, effort.wider), effort.draws)
        draws = pool.draws(modes, effort)
    return pool, draws


def resample(draws: Draws, count: int, seed: np.random.Generator) -> FloatArray:
    """`count` draws of equal weight, by systematic resampling: (count, D)."""
    places = (seed.uniform() + np.arange(count)) / count
    chosen = np.minimum(np.searchsorted(np.cumsum(draws.weights), places), len(draws.weights) - 1)
    return draws.z[chosen]


def effective_size(weights: FloatArray, values: FloatArray) -> float:
    """Effective draws behind the weighted mean of `values` (N,): [vehtari2024pareto], quantity by quantity."""
    centred = values - np.sum(weights * values)
    spread = np.sum(weights * centred**2)
    noise = np.sum((weights * centred) ** 2)
    return float(spread / noise) if noise > 0 else float(1.0 / np.sum(weights**2))


def find_modes(target: Target, dimension: int, seed: np.random.Generator, starts: int) -> tuple[Mode, ...]:
    """Distinct modes reached from zero and from `starts` - 1 draws of the prior, best first."""
    begin = [np.zeros(dimension), *seed.normal(size=(starts - 1, dimension)) * 0.7]
    return distinct_modes(target, [_climb(target, start) for start in begin])


def distinct_modes(
    target: Target, ended: Sequence[tuple[FloatArray, float]], apart: float = SAME_MODE
) -> tuple[Mode, ...]:
    """Modes, best first, of the places and log densities where climbs ended; those nearer than ``apart`` on every axis are one.

    Errors: ValueError where none is finite.
    """
    found: list[Mode] = []
    for place, density in ended:
        if not np.isfinite(density):
            continue
        dimension = len(place)
        for index, mode in enumerate(found):
            near = np.max(np.abs(mode.place - place)) < apart if dimension else True
            if near or (
                abs(mode.log_density - density) < 1e-6 and np.max(np.abs(mode.place - place)) < 10 * SAME_MODE
            ):
                better = (
                    mode if mode.log_density >= density else replace(mode, place=place, log_density=density)
                )
                found[index] = replace(better, starts=mode.starts + 1)
                break
        else:
            found.append(Mode(place, density, 0.0, 1))
    if not found:
        raise ValueError("no start has a finite posterior density")
    with_evidence = [replace(mode, log_evidence=_laplace_evidence(target, mode)) for mode in found]
    return tuple(sorted(with_evidence, key=lambda mode: -mode.log_density))


def _climb(target: Target, start: FloatArray) -> tuple[FloatArray, float]:
    def downhill(z: FloatArray) -> tuple[float, FloatArray]:
        height, slope = target.slope(z)
        if not np.isfinite(height) or not np.all(np.isfinite(slope)):
            return 1e10 + float(np.sum(z**2)), 2 * z
        return -height, -slope

    if len(start) == 0:
        return start, -downhill(start)[0]
    ended = minimize(downhill, start, jac=True, method="BFGS", options={"gtol": 1e-4, "maxiter": 300})
    density = -float(ended.fun)
    return np.asarray(ended.x), density if density > -1e9 else -np.inf


def _covariance(target: Target, mode: Mode) -> FloatArray:
    """Inverse of the negative Hessian, with eigenvalues kept between those of a tiny and of twice the prior's spread."""
    hessian = np.asarray(target.curvature(mode.place))
    hessian = np.where(np.isfinite(hessian), hessian, 0.0)
    size, axes = np.linalg.eigh(-(hessian + hessian.T) / 2)
    result: FloatArray = (axes / np.clip(size, 0.25, 1e8)) @ axes.T
    return result


def _laplace_evidence(target: Target, mode: Mode) -> float:
    dimension = len(mode.place)
    if dimension == 0:
        return mode.log_density
    _, log_det = np.linalg.slogdet(_covariance(target, mode))
    return float(mode.log_density + 0.5 * dimension * np.log(2 * np.pi) + 0.5 * log_det)


def _laplace(target: Target, mode: Mode) -> tuple[Proposal, Proposal]:
    factor = np.linalg.cholesky(_covariance(target, mode)) if len(mode.place) else np.zeros((0, 0))
    return Proposal(mode.place, factor, np.inf), Proposal(mode.place, 1.1 * factor, TAILS)


def refitted(draws: Draws, dimension: int, wider: float) -> Proposal:
    """A t(8) with the weighted mean and covariance of the draws, ``wider`` by so much, weights flattened until they rest on enough
    draws."""
    weights = _flattened(draws.weights, 4.0 * dimension + 40)
    mean = weights @ draws.z
    centred = draws.z - mean
    covariance = (centred * weights[:, None]).T @ centred
    covariance = 0.8 * covariance + 0.2 * np.diag(np.diag(covariance)) + 1e-8 * np.eye(dimension)
    factor = np.linalg.cholesky(covariance * (TAILS - 2) / TAILS * wider)
    return Proposal(mean, factor, TAILS)


def _flattened(weights: FloatArray, least: float) -> FloatArray:
    """Weights to a power of at most one at which they rest on at least `least` draws."""
    power, flat = 1.0, weights
    while 1.0 / np.sum(flat**2) < least and power > 0.02:
        power *= 0.8
        raised = np.where(weights > 0, weights, 0.0) ** power * (weights > 0)
        flat = raised / raised.sum()
    return flat


class Pool:
    """All draws so far with the proposals that they came from."""

    def __init__(self, target: Target, seed: np.random.Generator) -> None:
        self._target = target
        self._seed = seed
        self._proposals: list[tuple[Proposal, int]] = []
        self._z: list[FloatArray] = []
        self._log_density: list[FloatArray] = []

    def add(self, proposal: Proposal, count: int) -> None:
        z = proposal.draw(count, self._seed)
        self._proposals.append((proposal, count))
        self._z.append(z)
        self._log_density.append(np.asarray(self._target.many(z), dtype=np.float64))

    def draws(self, modes: tuple[Mode, ...], effort: Effort) -> Draws:
        z, density, mixture = self.all()
        return weighed(z, density, density - mixture, len(z), modes, effort)

    def all(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Every draw (N, D), its log density (N,), and its log density under the mixture of all proposals used (N,)."""
        z, density = np.concatenate(self._z), np.concatenate(self._log_density)
        total = sum(count for _, count in self._proposals)
        mixture = logsumexp(
            [np.log(count / total) + proposal.log_density(z) for proposal, count in self._proposals], axis=0
        )
        return z, density, np.asarray(mixture)


def weighed(
    z: FloatArray,
    density: FloatArray,
    log_weights: FloatArray,
    total: int,
    modes: tuple[Mode, ...],
    effort: Effort,
) -> Draws:
    """Draws (N, D) with log weights (N,) out of ``total`` proposed, the others having weight zero, as a posterior with its gates."""
    failed = ~np.isfinite(density)
    log_weights = np.where(failed, -np.inf, log_weights)
    evidence = float(logsumexp(log_weights) - np.log(total))
    relative = np.exp(log_weights - evidence)
    k = pareto_k(log_weights)
    weights = relative / relative.sum()
    effective = float(1.0 / np.sum(weights**2))
    every = np.concatenate([relative, np.zeros(total - len(z))])
    error = float(np.std(every) / np.sqrt(total))
    gates = (
        Gate(
            "Pareto k of the importance weights",
            k < effort.largest_k,
            f"{k:.2f}, must be below {effort.largest_k:g}",
        ),
        Gate(
            "effective draws",
            effective >= effort.least,
            f"{effective:.0f}, must be at least {effort.least:g}",
        ),
    )
    return Draws(z, weights, evidence, error, k, effective, int(failed.sum()), modes, gates)


def pareto_k(log_weights: FloatArray) -> float:
    """Shape of the generalised Pareto law fitted to the largest of ``log_weights`` (N,); see `smoothed`."""
    return smoothed(log_weights)[1]


def smoothed(log_weights: FloatArray) -> tuple[FloatArray, float]:
    """Log weights (S,) after Pareto smoothing of the largest, summing to one, and the shape k.

    Where all are equal k is -infinity; where too few are left to fit, or they are too far apart, it is infinity; in both
    nothing is smoothed.
    """
    from arviz_stats.base.array import array_stats

    known = np.isfinite(log_weights)
    result = np.full(len(log_weights), -np.inf)
    if not known.any():
        return result, float("inf")
    finite, k = log_weights[known], float("-inf")
    if len(finite) < FEWEST_WEIGHTS:
        k = float("inf")
    elif np.ptp(finite) > 1e-12:
        with np.errstate(divide="ignore", invalid="ignore"):
            smooth, shape = array_stats.psislw(-finite)  # type: ignore[no-untyped-call]
        # Weights so far apart that those of the tail underflow give no fit, and a shape that means nothing.
        fitted = bool(np.all(np.isfinite(smooth)) and np.isfinite(shape))
        finite, k = (smooth, float(shape)) if fitted else (finite, float("inf"))
    result[known] = finite - logsumexp(finite)
    return result, k


def merge(parts: Sequence[Draws]) -> tuple[Gate, ...]:
    """The gates of several posteriors as one list, the worst of each name."""
    worst: dict[str, Gate] = {}
    for part in parts:
        for gate in part.gates:
            if gate.name not in worst or (worst[gate.name].passed and not gate.passed):
                worst[gate.name] = gate
    return tuple(worst.values())
