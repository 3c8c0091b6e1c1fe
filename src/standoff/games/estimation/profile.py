"""Profile likelihood of one coefficient: the others are climbed again at each of its values, all in one compiled call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from standoff.errors import NotFoundError, SettingsError
from standoff.games.estimation.bootstrap import DECREMENT, STEPS, climb_all, lanes
from standoff.games.estimation.covariance import inverse
from standoff.games.estimation.fit import Fit, plain
from standoff.games.estimation.maximise import hessian

POINTS = 20  # on each side of the estimate, the estimate itself apart
REACHES = (4.0, 16.0)  # in standard errors; the second where the first does not cross
SLACK = 1e-4  # a point of the profile this much above the estimate is a better optimum

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """A profile: ``values`` (M,) of the coefficient, the log-likelihoods (M,) there, which climbs converged (M,).

    ``low`` and ``high`` bound the values whose likelihood-ratio statistic stays below the quantile of ``level``; an end
    is infinite where the profile does not fall so far within sixteen standard errors. ``better`` is how far some point
    lies above the estimate, which then is no maximum.
    """

    name: str
    estimate: float
    values: Floats
    log_likelihoods: NDArray[np.float64]
    converged: NDArray[np.bool_]
    low: float
    high: float
    level: float
    better: float

    @property
    def passed(self) -> bool:
        return bool(self.converged.all()) and self.better <= SLACK

    @property
    def sentence(self) -> str:
        ends = [f"{x:.4g}" if np.isfinite(x) else "no bound" for x in (self.low, self.high)]
        failed = [] if self.converged.all() else [f"{int((~self.converged).sum())} climbs did not converge"]
        failed += (
            [f"a point lies {self.better:.4g} above the estimate: the fit is no maximum"]
            if self.better > SLACK
            else []
        )
        told = f"`{self.name}` {self.estimate:.4g}, profile interval at {self.level:.0%} from {ends[0]} to {ends[1]}"
        return f"{told}; {'NOT to be relied on: ' + ', '.join(failed) if failed else 'its gates are met'}."

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name, "estimate": self.estimate, "level": self.level, "low": plain(self.low),
            "high": plain(self.high), "values": self.values.tolist(),
            "log_likelihoods": [plain(x) for x in self.log_likelihoods], "converged": self.converged.tolist(),
            "better": self.better, "passed": self.passed, "sentence": self.sentence,
        }  # fmt: skip


def profile(fit: Fit, name: str, *, level: float = 0.95) -> Profile:
    """The profile likelihood of a coefficient of a fit without a penalty.

    Raises NotFoundError for an unknown name, SettingsError for a penalised fit.
    """
    if fit.model is None or fit.penalty is not None:
        raise SettingsError("no profile of this fit", "a profile is of the likelihood itself, without a penalty", "fit without --penalty")  # fmt: skip
    if name not in fit.names:
        raise NotFoundError(f"there is no coefficient `{name}`", "", f"use one of: {', '.join(fit.names)}")
    k = fit.names.index(name)
    covariance = _covariance(fit)
    error = (
        float(np.sqrt(covariance[k, k])) if np.isfinite(covariance[k, k]) and covariance[k, k] > 0 else 1.0
    )
    climbed = _one_by_one if fit.model.climb else _climbed
    for reach in REACHES:
        steps = np.linspace(-reach, reach, 2 * POINTS + 1)
        values = fit.estimate[k] + error * steps
        heights, converged = climbed(fit, k, values, covariance)
        low, high = _crossing(values, fit.log_likelihood - heights, level)
        if np.isfinite(low) and np.isfinite(high):
            break
    better = float(max(0.0, np.nanmax(heights) - fit.log_likelihood))
    return Profile(name, float(fit.estimate[k]), values, heights, converged, low, high, level, better)


def _covariance(fit: Fit) -> Floats:
    """Minus the inverse Hessian (K, K) of the likelihood at the estimate, by whichever estimator that was found."""
    if "hessian" in fit.errors:
        return fit.errors["hessian"]
    assert fit.model is not None
    bent = hessian(fit.model.contributions, None, jnp.asarray(fit.estimate), fit.model.data)
    return inverse(-np.asarray(bent))


def _starts(fit: Fit, k: int, values: Floats, covariance: Floats) -> Floats:
    """Coefficients (M, K) where the Hessian says that the others go."""
    along = (
        covariance[:, k] / covariance[k, k] if np.isfinite(covariance).all() else np.eye(len(fit.names))[k]
    )
    starts: Floats = fit.estimate + (values - fit.estimate[k])[:, None] * along
    starts[:, k] = values
    return starts


def _one_by_one(fit: Fit, k: int, values: Floats, covariance: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Log-likelihoods by the model's own climb, from the middle outward, each begun where the one before it ended."""
    assert fit.model is not None and fit.model.climb is not None
    starts, middle = _starts(fit, k, values, covariance), len(values) // 2
    free = np.arange(len(fit.names)) != k
    heights, converged = np.full(len(values), np.nan), np.zeros(len(values), dtype=np.bool_)
    for side in (range(middle, len(values)), range(middle - 1, -1, -1)):
        shift, memory = np.zeros(len(fit.names)), None
        for place in side:
            end = fit.model.climb(starts[place] + shift, free, memory)
            heights[place], converged[place], memory = end.log_likelihood, end.converged, end.memory
            shift = end.estimate - starts[place]
    return heights, converged


def _climbed(fit: Fit, k: int, values: Floats, covariance: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Log-likelihoods at the best of the other coefficients, all climbs in compiled calls."""
    assert fit.model is not None
    starts = _starts(fit, k, values, covariance)
    free = np.ones(len(fit.names), dtype=np.bool_)
    free[k] = False
    together = lanes(fit.rows)
    heights, converged = np.full(len(values), np.nan), np.zeros(len(values), dtype=np.bool_)
    for first in range(0, len(values), together):
        some = np.arange(first, min(first + together, len(values)))
        held = jnp.asarray(starts[np.resize(some, together)])
        ended = climb_all(
            fit.model.weighted,
            held,
            fit.model.data,
            jnp.ones((together, fit.rows)),
            STEPS,
            DECREMENT,
            jnp.asarray(free),
        )
        heights[some] = np.asarray(ended.value)[: len(some)]
        converged[some] = np.asarray(ended.converged)[: len(some)]
    return heights, converged


def _crossing(values: NDArray[np.float64], drop: NDArray[np.float64], level: float) -> tuple[float, float]:
    """Where twice the drop first reaches the quantile, going out from the middle; infinite where it does not."""
    limit = float(chi2.ppf(level, 1)) / 2
    middle = len(values) // 2
    ends = []
    for side in (range(middle, -1, -1), range(middle, len(values))):
        end = -np.inf if side.step < 0 else np.inf
        for before, after in zip(side, list(side)[1:], strict=False):
            if drop[after] >= limit:
                gone = np.sqrt(np.maximum(drop[[before, after]], 0.0))  # near linear in the value
                share = (np.sqrt(limit) - gone[0]) / (gone[1] - gone[0])
                end = float(values[before] + share * (values[after] - values[before]))
                break
        ends.append(end)
    return ends[0], ends[1]
