"""What a fit of a dynamic game returns: parameters, errors by method, gates, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.stats import norm

from standoff.games.dynamic.game import DynamicGame, Floats
from standoff.games.dynamic.rows import Rows
from standoff.games.dynamic.solve import Equilibrium
from standoff.games.estimation.fit import Fit, Gate
from standoff.games.estimation.maximise import Optimum
from standoff.games.estimation.table import Dropped

LEFT_TO_GAIN = 1e-6


@dataclass(frozen=True)
class Estimate:
    """A fitted dynamic game.

    ``theta`` (K,); ``log_likelihood`` of the actions (and measurements, where the state is hidden) at the choices that
    the estimator implies; ``motion`` that of the observed moves of the state, free of theta, to be added for the whole.
    ``log_odds`` (n,) those choices and ``residual`` max |reply - log odds|: how far they are from an equilibrium (two
    steps do not ask for one). ``covariance`` (K,K) by method. ``scores`` (T,K), ``row_values`` (T,) by row.
    """

    game: DynamicGame = field(repr=False)
    rows: Rows = field(repr=False)
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

    def as_fit(self, name: str, data: str, dropped: Dropped | None = None) -> Fit:
        """The same as the room's common `Fit`, for tables and comparisons; ``motion`` stands in the notes."""
        told = f"the observed moves of the state add {self.motion:.6f} to the log-likelihood"
        return Fit(
            game=name, estimator=self.estimator, names=self.game.parameters, estimate=self.theta,
            log_likelihood=self.log_likelihood, rows=len(self.row_values), errors=self.covariance,
            main=next(iter(self.covariance)), optima=self.optima, gates=self.gates, formulas={}, data=data,
            dropped=dropped or Dropped((), {}), contributions=self.row_values, notes=(told,) if self.motion else (),
        )  # fmt: skip

    def sentence(self) -> str:
        """The fit in words, with what failed."""
        failed = [f"{gate.name} ({gate.detail})" for gate in self.gates if not gate.passed]
        verdict = f"FAILED: {'; '.join(failed)}" if failed else "every gate passed"
        method = next(iter(self.covariance), "")
        numbers = (
            ", ".join(
                f"{name} = {value:.4g} [{low:.4g}, {high:.4g}]"
                for name, value, (low, high) in zip(
                    self.game.parameters, self.theta, self.interval(), strict=True
                )
            )
            if method
            else ""
        )
        return (
            f"{self.estimator}, {len(self.row_values)} rows: log-likelihood {self.log_likelihood:.4f}; {numbers} "
            f"(95 %, {method}); {verdict}."
        )


def optimum(
    start: str, theta: Floats, value: float, gradient: Floats, hessian: Floats, iterations: int
) -> Optimum:
    """An end of a search with what shows whether it is a maximum."""
    if not (np.isfinite(value) and np.all(np.isfinite(hessian))):
        return Optimum(value, theta, np.inf, np.inf, np.nan, (start,), iterations, False)
    scale = 1 / np.sqrt(np.maximum(np.abs(np.diag(hessian)), 1e-12))
    sizes, axes = np.linalg.eigh((hessian + hessian.T) / 2 * np.outer(scale, scale))
    along = axes.T @ (gradient * scale)
    decrement = float(0.5 * np.sum(along**2 / np.maximum(np.abs(sizes), 1e-12)))
    steep = float(np.max(np.abs(gradient)))
    converged = bool(decrement <= LEFT_TO_GAIN and sizes[-1] < 0)
    return Optimum(value, theta, steep, decrement, float(sizes[-1]), (start,), iterations, converged)


def merged(ends: Sequence[Optimum]) -> tuple[Optimum, ...]:
    """The distinct ends, best first, those that did not converge last; starts that met are told together."""
    listed: list[Optimum] = []
    for one in sorted(ends, key=lambda end: (not end.converged, -end.log_likelihood)):
        twin = next((k for k, other in enumerate(listed) if _met(one, other)), None)
        if twin is None:
            listed.append(one)
        else:
            listed[twin] = replace(listed[twin], starts=(*listed[twin].starts, *one.starts))
    return tuple(listed)


def _met(one: Optimum, other: Optimum) -> bool:
    if not (one.converged and other.converged):
        return False
    level = abs(one.log_likelihood - other.log_likelihood) <= 1e-6 * (1 + abs(other.log_likelihood))
    return bool(
        level and np.max(np.abs(one.estimate - other.estimate) / (1 + np.abs(other.estimate))) <= 1e-3
    )


def found_again(optima: Sequence[Optimum]) -> tuple[Gate, ...]:
    """The gate that two starts or more end at the best optimum; none where only one was tried."""
    tried, met = sum(len(one.starts) for one in optima), len(optima[0].starts)
    if tried < 2:
        return ()
    return (Gate("found again", met > 1, f"{met} of {tried} starts end at the best optimum, at least 2"),)


def gradient_gate(end: Optimum) -> Gate:
    """What a quadratic says is left to gain must be next to nothing."""
    return Gate(
        "gradient", end.decrement <= LEFT_TO_GAIN, f"{end.decrement:.2g} of log-likelihood left to gain"
    )


def curvature_gate(hessian: Floats) -> Gate:
    """A maximum has a negative definite Hessian; nearly flat directions are told apart."""
    if not np.all(np.isfinite(hessian)):
        return Gate("curvature", False, "the Hessian is not finite")
    sizes = np.linalg.eigvalsh(-(hessian + hessian.T) / 2)
    number = sizes[-1] / sizes[0] if sizes[0] > 0 else np.inf
    passed = bool(sizes[0] > 0 and number < 1e12)
    return Gate("curvature", passed, f"least curvature {sizes[0]:.3g}, condition number {number:.3g}")
