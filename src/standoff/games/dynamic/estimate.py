"""What a fit of a dynamic game returns: parameters, errors by method, gates, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from standoff.games.dynamic.game import DynamicGame, Floats
from standoff.games.dynamic.solve import Equilibrium

SMALL_GRADIENT = 1e-3


@dataclass(frozen=True)
class Gate:
    """One check that a fit must pass, and what was measured."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Optimum:
    """One end of a search: where it began, where it ended, how well."""

    start: str
    theta: Floats
    log_likelihood: float
    gradient: float
    iterations: int
    converged: bool


@dataclass(frozen=True)
class Estimate:
    """A fitted dynamic game.

    ``theta`` (K,); ``log_likelihood`` of the actions (and measurements, where the state is hidden) at the choices that
    the estimator implies; ``motion`` that of the observed moves of the state, free of theta, to be added for the whole.
    ``log_odds`` (n,) those choices and ``residual`` max |reply - log odds|: how far they are from an equilibrium (two
    steps do not ask for one). ``covariance`` (K,K) by method. ``scores`` (T,K), ``row_values`` (T,) by row.
    """

    game: DynamicGame = field(repr=False)
    estimator: str
    theta: Floats
    log_likelihood: float
    motion: float
    log_odds: Floats = field(repr=False)
    residual: float
    iterations: int
    covariance: Mapping[str, Floats] = field(repr=False)
    row_values: Floats = field(repr=False)
    scores: Floats = field(repr=False)
    market: NDArray[np.int64] = field(repr=False)
    gates: tuple[Gate, ...]
    optima: tuple[Optimum, ...] = field(repr=False)
    equilibrium: Equilibrium | None = field(repr=False)

    @property
    def passed(self) -> bool:
        """Whether every gate passed."""
        return all(gate.passed for gate in self.gates)

    def errors(self, method: str) -> Floats:
        """Standard errors (K,) by one of the methods in ``covariance``."""
        return np.sqrt(np.maximum(np.diag(self.covariance[method]), 0.0))

    def interval(self, level: float = 0.95, method: str = "") -> Floats:
        """Lower and upper ends (K,2) of normal intervals, by a method (the first, if not given)."""
        reach = norm.ppf(0.5 + level / 2) * self.errors(method or next(iter(self.covariance)))
        return np.column_stack([self.theta - reach, self.theta + reach])

    def sentence(self) -> str:
        """The fit in words, with what failed."""
        failed = [f"{gate.name} ({gate.detail})" for gate in self.gates if not gate.passed]
        verdict = f"FAILED: {'; '.join(failed)}" if failed else "every gate passed"
        method = next(iter(self.covariance), "")
        numbers = ", ".join(
            f"{name} = {value:.4g} [{low:.4g}, {high:.4g}]"
            for name, value, (low, high) in zip(self.game.parameters, self.theta, self.interval(), strict=True)
        ) if method else ""
        return (
            f"{self.estimator}, {len(self.row_values)} rows: log-likelihood {self.log_likelihood:.4f}; {numbers} "
            f"(95 %, {method}); {verdict}."
        )


def covariances(hessian: Floats, scores: Floats, market: NDArray[np.int64]) -> dict[str, Floats]:
    """Covariance (K,K) by the Hessian, the outer product of scores, both (sandwich), and clustered by market (several).

    A matrix that has no inverse gives nan, never a number.
    """
    bread, meat = _inverse(-hessian), scores.T @ scores
    found = {"hessian": bread, "outer-product": _inverse(meat), "sandwich": bread @ meat @ bread}
    groups = int(market.max()) + 1
    if 1 < groups < len(scores):
        summed = np.zeros((groups, scores.shape[1]))
        np.add.at(summed, market, scores)
        found["cluster"] = bread @ (summed.T @ summed) @ bread * groups / (groups - 1)
    return found


def robust(bread: Floats, influence: Floats, market: NDArray[np.int64]) -> dict[str, Floats]:
    """Covariance from influence (T,K) on the equations and their slope (K,K): by rows, and clustered by market."""
    inverse = _inverse(bread)
    found = {"sandwich": inverse @ (influence.T @ influence) @ inverse.T}
    groups = int(market.max()) + 1
    if 1 < groups < len(influence):
        summed = np.zeros((groups, influence.shape[1]))
        np.add.at(summed, market, influence)
        found["cluster"] = inverse @ (summed.T @ summed) @ inverse.T * groups / (groups - 1)
    return found


def _inverse(matrix: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.inv(matrix))
    except np.linalg.LinAlgError:
        return np.full_like(matrix, np.nan)


def curvature_gate(hessian: Floats) -> Gate:
    """A maximum has a negative definite Hessian; nearly flat directions are told apart."""
    if not np.all(np.isfinite(hessian)):
        return Gate("curvature", False, "the Hessian is not finite")
    sizes = np.linalg.eigvalsh(-(hessian + hessian.T) / 2)
    number = sizes[-1] / sizes[0] if sizes[0] > 0 else np.inf
    passed = bool(sizes[0] > 0 and number < 1e12)
    return Gate("curvature", passed, f"least curvature {sizes[0]:.3g}, condition number {number:.3g}")
