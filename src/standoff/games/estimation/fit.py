"""A fitted game: estimates, their errors by several methods, every optimum, gates, and a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from standoff.errors import StandoffError
from standoff.games.estimation.maximise import Optimum
from standoff.games.estimation.table import Dropped, Table

if TYPE_CHECKING:
    from standoff.games.estimation.bootstrap import Bootstrap
    from standoff.games.estimation.model import Model


DIFFER = 1.5  # standard errors that differ by more than this factor are told


class Gate(NamedTuple):
    """A condition that a fit must meet to be relied on: its name, whether it is met, and the figures."""

    name: str
    passed: bool
    detail: str


class Coefficient(NamedTuple):
    """One line of a fit: estimate, standard error, interval, z and two-sided p against zero."""

    name: str
    estimate: float
    error: float
    low: float
    high: float
    z: float
    p: float


@dataclass(frozen=True)
class Prediction:
    """Predicted quantities: ``names`` (J,), ``values``, ``low`` and ``high`` (N, J) at ``level``, and how they were made."""

    names: tuple[str, ...]
    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    level: float
    method: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "names": list(self.names), "values": _plain_tree(self.values.tolist()), "low": _plain_tree(self.low.tolist()),
            "high": _plain_tree(self.high.tolist()), "level": self.level, "method": self.method,
        }  # fmt: skip


class Predicted(NamedTuple):
    """What is predicted for the rows of a table: names (J,), and values (N, J) as a function of coefficients (K,)."""

    names: tuple[str, ...]
    values_at: Callable[[NDArray[np.float64]], NDArray[np.float64]]


Predictor = Callable[[Table], Predicted]


@dataclass(frozen=True)
class Fit:
    """An estimable game fitted to data.

    ``names`` and ``estimate`` (K,); ``log_likelihood`` without any penalty; ``rows`` the count of observations (``n``
    for the tests of information); ``errors`` covariances (K, K) by method, ``main`` the method used where none is
    asked for; ``optima`` every optimum found, best first; ``contributions`` (N,) the rows' log-likelihoods at the
    estimate; ``predictor`` maps a table to what is `Predicted` for it; ``model`` is what was fitted,
    for profiles and posteriors; ``resampled`` the bootstrap where there was one; ``penalty`` the penalty's name.
    """

    game: str
    estimator: str
    names: tuple[str, ...]
    estimate: NDArray[np.float64]
    log_likelihood: float
    rows: int
    errors: Mapping[str, NDArray[np.float64]]
    main: str
    optima: tuple[Optimum, ...]
    gates: tuple[Gate, ...]
    formulas: Mapping[str, str]
    data: str
    dropped: Dropped
    contributions: NDArray[np.float64] = field(repr=False)
    predictor: Predictor | None = field(repr=False, default=None)
    notes: tuple[str, ...] = ()
    model: Model | None = field(repr=False, default=None)
    resampled: Bootstrap | None = field(repr=False, default=None)
    penalty: str | None = None

    def __getitem__(self, name: str) -> float:
        """The estimate of this name."""
        if name not in self.names:
            raise KeyError(f"{name!r} is none of: {', '.join(self.names)}")
        return float(self.estimate[self.names.index(name)])

    @property
    def passed(self) -> bool:
        """Whether every gate is met; a fit without a gate has not passed."""
        return bool(self.gates) and all(gate.passed for gate in self.gates)

    @property
    def aic(self) -> float:
        return 2 * len(self.names) - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        return float(np.log(self.rows)) * len(self.names) - 2 * self.log_likelihood

    def standard_errors(self, method: str | None = None) -> NDArray[np.float64]:
        """Standard errors (K,) by a method of ``errors``; NaN where a variance is not positive."""
        variance = np.diag(self.errors[method or self.main])
        return np.sqrt(np.where(variance > 0, variance, np.nan))

    def coefficients(self, method: str | None = None, level: float = 0.95) -> tuple[Coefficient, ...]:
        """Every coefficient with its interval at ``level``: normal, or percentiles of the resamples for the bootstrap."""
        reach, errors = norm.ppf(0.5 + level / 2), self.standard_errors(method)
        low, high = self.estimate - reach * errors, self.estimate + reach * errors
        if (
            (method or self.main) == "bootstrap"
            and self.resampled is not None
            and self.resampled.converged.any()
        ):
            low, high = self.resampled.interval(level)
        lines = []
        for k, (name, value, error) in enumerate(zip(self.names, self.estimate, errors, strict=True)):
            z = value / error
            p = float(2 * norm.sf(abs(z)))
            lines.append(
                Coefficient(name, float(value), float(error), float(low[k]), float(high[k]), float(z), p)
            )
        return tuple(lines)

    def predict(
        self,
        table: Table,
        *,
        level: float = 0.95,
        draws: int = 1000,
        seed: int = 0,
        method: str | None = None,
    ) -> Prediction:
        """Predicted quantities for the rows of a table, with intervals by simulation.

        Coefficients are drawn ``draws`` times from N(estimate, covariance), or are the resamples that converged for the
        bootstrap; bounds are quantiles of what they predict.
        """
        assert self.predictor is not None, "this game predicts nothing"
        predicted = self.predictor(table)
        used = method or self.main
        if used == "bootstrap" and self.resampled is not None:
            thetas = self.resampled.estimates[self.resampled.converged]
            told = f"{len(thetas)} resamples, seed {self.resampled.seed}"
        else:
            thetas = self._drawn(used, draws, seed)
            told = f"{draws} draws from the normal law of the estimate ({used} errors), seed {seed}"
        held = np.stack([predicted.values_at(theta) for theta in thetas])
        there = np.isfinite(held).all(axis=(1, 2))
        if not there.all():
            told += f", {int((~there).sum())} of them left out: they lead to no prediction"
        few = 2 * there.sum() < there.size  # too few to bound anything
        held = np.full_like(held, np.nan) if few else held[there]
        low, high = np.quantile(held, [0.5 - level / 2, 0.5 + level / 2], axis=0)
        return Prediction(predicted.names, predicted.values_at(self.estimate), low, high, level, told)

    def _drawn(self, method: str, draws: int, seed: int) -> NDArray[np.float64]:
        covariance = self.errors[method]
        if not np.isfinite(covariance).all():
            raise StandoffError(
                f"no intervals: the {method} errors are not finite",
                "the fit does not identify every coefficient",
                "see its gates",
            )
        lengths, axes = np.linalg.eigh((covariance + covariance.T) / 2)
        root = axes * np.sqrt(np.maximum(lengths, 0))
        held: NDArray[np.float64] = (
            self.estimate + np.random.default_rng(seed).standard_normal((draws, len(self.names))) @ root.T
        )
        return held

    @property
    def sentence(self) -> str:
        """The fit in a sentence, its failed gates named."""
        best = self.optima[0]
        reached = f"{len(best.starts)} of {sum(len(one.starts) for one in self.optima)} starts"
        failed = [gate.name for gate in self.gates if not gate.passed]
        verdict = (
            "every gate is met"
            if self.passed
            else "NOT to be relied on, failed: " + ", ".join(failed or ["no gate"])
        )
        others = [one for one in self.optima[1:] if one.converged]
        also = f"; {len(others)} other optima, the next at {others[0].log_likelihood:.6f}" if others else ""
        return (
            f"{self.game} ({self.estimator}) on {self.rows} rows of {self.data}: log-likelihood {self.log_likelihood:.6f}, "
            f"{len(self.names)} coefficients, reached from {reached}{also}; {verdict}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; numbers that are not finite become None."""
        return {
            "game": self.game, "estimator": self.estimator, "data": self.data, "rows": self.rows,
            "dropped": {"lines": list(self.dropped.lines), "by_column": dict(self.dropped.by_column)},
            "formulas": dict(self.formulas), "log_likelihood": plain(self.log_likelihood),
            "aic": plain(self.aic), "bic": plain(self.bic), "errors": self.main,
            "coefficients": [{k: plain(v) for k, v in one._asdict().items()} for one in self.coefficients()],
            "standard_errors": {m: [plain(float(e)) for e in self.standard_errors(m)] for m in self.errors},
            "covariance": {m: [[plain(float(c)) for c in row] for row in held] for m, held in self.errors.items()},
            "optima": [_plain_tree(one.to_dict()) for one in self.optima],
            "penalty": self.penalty, "bootstrap": self._bootstrap_dict(),
            "gates": [gate._asdict() for gate in self.gates], "passed": self.passed,
            "notes": list(self.notes), "sentence": self.sentence,
        }  # fmt: skip

    def _bootstrap_dict(self) -> dict[str, Any] | None:
        if self.resampled is None:
            return None
        held = self.resampled
        return {"resamples": len(held.converged), "converged": int(held.converged.sum()), "seed": held.seed}


def error_notes(fit: Fit) -> list[str]:
    """How far the standard errors of each other method are from the main one, where they differ much."""
    notes = []
    main = fit.standard_errors()
    for method in fit.errors:
        if method == fit.main:
            continue
        with np.errstate(all="ignore"):
            factor = fit.standard_errors(method) / main
            apart: NDArray[np.float64] = np.abs(np.log(factor))
        if not np.isfinite(apart).all():
            notes.append(f"standard errors by {method} or {fit.main} cannot be had for every coefficient")
        elif apart.max() > np.log(DIFFER):
            worst = int(np.argmax(apart))
            notes.append(f"standard errors differ by method: {method} over {fit.main} is {factor[worst]:.2f} for `{fit.names[worst]}`")  # fmt: skip
    return notes


def plain(value: Any) -> Any:
    """A value as JSON can hold it: None for a number that is not finite."""
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value


def _plain_tree(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain_tree(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_tree(held) for held in value]
    return plain(value)
