"""A model ready to be fitted: its likelihood, its data, and the names of its coefficients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from standoff.games.estimation.fit import Predictor
from standoff.games.estimation.indices import Derivatives
from standoff.games.estimation.maximise import Array, Contributions, Start
from standoff.games.estimation.table import Dropped


class Climbed(NamedTuple):
    """The end of a climb: coefficients (K,), log-likelihood, whether it converged, and whatever helps the next climb."""

    estimate: NDArray[np.float64]
    log_likelihood: float
    converged: bool
    memory: Any


# from coefficients (K,), those that are free (K,), and the memory of a climb nearby or None
Climb = Callable[[NDArray[np.float64], NDArray[np.bool_], Any], Climbed]


@dataclass(frozen=True)
class Model:
    """A likelihood on data.

    ``names`` (K,); ``contributions(theta (K,), data)`` the log-likelihoods of the rows (N,), a function of a module so
    that it is compiled once; ``derivatives`` the same with weights and its first two derivatives where the model has a
    quicker way than the general one; ``scales`` (K,) the standard deviation of each coefficient's regressor over the
    rows (0 for a constant); ``information`` the expected information (K, K) at coefficients and data, where it has a
    closed form; ``clusters`` (N,) labels or None; ``starts`` the model's own starts, before those drawn;
    ``lines`` (N,) where the rows stand in their file; ``climb`` the model's own way from near a maximum, where it is
    quicker than Newton's with all derivatives; ``followed`` says of which equilibrium the likelihood is, where there may
    be several.
    """

    game: str
    estimator: str
    names: tuple[str, ...]
    contributions: Contributions
    data: Any
    rows: int
    starts: tuple[Start, ...]
    scales: NDArray[np.float64]
    formulas: Mapping[str, str]
    table: str
    dropped: Dropped
    derivatives: Derivatives | None = field(default=None, repr=False)
    information: Callable[[Array, Any], Array] | None = field(default=None, repr=False)
    predictor: Predictor | None = field(default=None, repr=False)
    clusters: NDArray[Any] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    climb: Climb | None = field(default=None, repr=False)
    followed: str = ""

    @property
    def weighted(self) -> Derivatives:
        """Weighted log-likelihood, gradient and Hessian."""
        return self.derivatives or general_derivatives(self.contributions)


@cache
def general_derivatives(contributions: Contributions) -> Derivatives:
    """Weighted derivatives of any contributions, by differentiating twice with respect to all coefficients."""

    def derivatives(theta: Array, data: Any, weights: Array) -> tuple[Array, Array, Array]:
        def value(t: Array) -> Array:
            held: Array = weights @ contributions(t, data)
            return held

        height, slope = jax.value_and_grad(value)(theta)
        return height, slope, jax.hessian(value)(theta)

    return derivatives
