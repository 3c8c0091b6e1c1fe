"""Maximum likelihood from many starts; every optimum that is found is kept.

A model is a function ``contributions(theta, data)`` that maps coefficients (K,) and its data (any JAX tree) to the
log-likelihood of each row (N,). It is compiled once for each function and shape. From each start L-BFGS climbs with the
exact gradient, then Newton steps with the exact Hessian finish; a step that would not climb is damped until it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from standoff.games.precision import use_float64

Array = jax.Array
Contributions = Callable[[Array, Any], Array]
Penalty = Callable[[Array, Any], Array]

GRADIENT_GATE = 1e-6  # largest Newton decrement, in log-likelihood, of a converged optimum
SAME_HEIGHT = 1e-6  # optima whose log-likelihoods differ by less, relative to 1 + size, and ...
SAME_PLACE = 1e-3  # ... whose coefficients differ by less, relative to 1 + size, are one
NEWTON_STEPS = 60


class Start(NamedTuple):
    """A named start: coefficients (K,)."""

    name: str
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Optimum:
    """A point where a climb ended.

    ``estimate`` (K,), ``log_likelihood`` (a penalty included where there is one), ``gradient`` the largest absolute
    slope, ``decrement`` half the squared Newton decrement (what a quadratic says is left to gain, in log-likelihood),
    ``curvature`` the largest eigenvalue of the Hessian scaled to a unit diagonal (negative at a proper maximum),
    ``starts`` the names of all starts that came here, ``iterations`` those of the first.
    """

    log_likelihood: float
    estimate: NDArray[np.float64]
    gradient: float
    decrement: float
    curvature: float
    starts: tuple[str, ...]
    iterations: int
    converged: bool

    @property
    def start(self) -> str:
        return self.starts[0]

    def to_dict(self) -> dict[str, Any]:
        return {
            "log_likelihood": self.log_likelihood, "estimate": self.estimate.tolist(), "gradient": self.gradient,
            "decrement": self.decrement, "curvature": self.curvature, "starts": list(self.starts),
            "iterations": self.iterations, "converged": self.converged,
        }  # fmt: skip


def maximise(
    contributions: Contributions, data: Any, starts: Sequence[Start], penalty: Penalty | None = None
) -> tuple[Optimum, ...]:
    """Climb from every start; the distinct optima, best first, converged ones before those that are not.

    ``contributions`` and ``penalty`` must be functions of a module (they are compiled once each); ``penalty(theta,
    data)`` is added to the log-likelihood.
    """
    use_float64()
    return distinct([_climb(contributions, penalty, data, start) for start in starts])


def distinct(ends: Sequence[Optimum]) -> tuple[Optimum, ...]:
    """The distinct optima among the ends of climbs, best first, converged ones before those that are not."""
    found = list(ends)
    found.sort(key=lambda one: (not one.converged, -one.log_likelihood))
    merged: list[Optimum] = []
    for one in found:
        twin = next((k for k, other in enumerate(merged) if _same(one, other)), None)
        if twin is None:
            merged.append(one)
        else:
            held = merged[twin]
            merged[twin] = _renamed(held, (*held.starts, *one.starts))
    return tuple(merged)


def random_starts(count: int, size: int, seed: int, spread: float = 0.5) -> list[Start]:
    """``count`` starts (K,) drawn from a normal law with this standard deviation, numbered from 1."""
    draws = np.random.default_rng(seed).normal(0.0, spread, (count, size))
    return [Start(f"drawn {i + 1}", row) for i, row in enumerate(draws)]


def _renamed(one: Optimum, starts: tuple[str, ...]) -> Optimum:
    return Optimum(one.log_likelihood, one.estimate, one.gradient, one.decrement, one.curvature, starts, one.iterations, one.converged)  # fmt: skip


def _same(one: Optimum, other: Optimum) -> bool:
    if not (one.converged and other.converged):
        return False
    height = abs(one.log_likelihood - other.log_likelihood) <= SAME_HEIGHT * (1 + abs(other.log_likelihood))
    gap = np.abs(one.estimate - other.estimate) / (1 + np.abs(other.estimate))
    return bool(height and gap.max(initial=0.0) <= SAME_PLACE)


def total(contributions: Contributions, penalty: Penalty | None, theta: Array, data: Any) -> Array:
    """The sum of the contributions, and the penalty where there is one."""
    value = contributions(theta, data).sum()
    return value if penalty is None else value + penalty(theta, data)


@partial(jax.jit, static_argnums=(0, 1))
def value_and_slope(
    contributions: Contributions, penalty: Penalty | None, theta: Array, data: Any
) -> tuple[Array, Array]:
    """Log-likelihood and gradient (K,)."""
    value, slope = jax.value_and_grad(lambda t: total(contributions, penalty, t, data))(theta)
    return value, slope


@partial(jax.jit, static_argnums=(0, 1))
def hessian(contributions: Contributions, penalty: Penalty | None, theta: Array, data: Any) -> Array:
    """Second derivatives (K, K)."""
    bent: Array = jax.hessian(lambda t: total(contributions, penalty, t, data))(theta)
    return bent


@partial(jax.jit, static_argnums=0)
def contributions_at(contributions: Contributions, theta: Array, data: Any) -> Array:
    """The rows' log-likelihoods (N,)."""
    return contributions(theta, data)


@partial(jax.jit, static_argnums=0)
def scores(contributions: Contributions, theta: Array, data: Any) -> Array:
    """The slope of each row's log-likelihood (N, K)."""
    rows: Array = jax.jacfwd(contributions)(theta, data)
    return rows


def _climb(contributions: Contributions, penalty: Penalty | None, data: Any, start: Start) -> Optimum:
    def downhill(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, slope = value_and_slope(contributions, penalty, jnp.asarray(theta), data)
        height, rise = float(value), np.asarray(slope, dtype=np.float64)
        if not (np.isfinite(height) and np.isfinite(rise).all()):
            return 1e300, np.zeros_like(rise)
        return -height, -rise

    theta = np.asarray(start.values, dtype=np.float64)
    rough = minimize(downhill, theta, jac=True, method="L-BFGS-B", options={"maxiter": 500, "maxcor": 20})
    here = np.asarray(rough.x, dtype=np.float64)
    return _polish(contributions, penalty, data, start.name, here, int(rough.nit), downhill)


def _polish(
    contributions: Contributions, penalty: Penalty | None, data: Any, name: str, theta: NDArray[np.float64],
    iterations: int, downhill: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]],
) -> Optimum:  # fmt: skip
    """Newton steps until the decrement is at rounding; an indefinite Hessian is made definite by its eigenvalues."""
    depth, fall = downhill(theta)
    decrement, curvature = np.inf, np.nan
    for _ in range(NEWTON_STEPS):
        bent = np.asarray(hessian(contributions, penalty, jnp.asarray(theta), data))
        if not np.isfinite(bent).all() or depth >= 1e300:
            break
        step, decrement, curvature = _newton(bent, -fall)
        if decrement <= 1e-14 * (1 + abs(depth)):
            break
        size = 1.0
        while size > 1e-10 and downhill(theta + size * step)[0] > depth - 1e-4 * size * decrement:
            size /= 2
        if size <= 1e-10:
            break
        theta, iterations = theta + size * step, iterations + 1
        depth, fall = downhill(theta)
    converged = bool(decrement <= GRADIENT_GATE and curvature < 0)
    return Optimum(-depth, theta, float(np.abs(fall).max(initial=0.0)), float(decrement), float(curvature), (name,), iterations, converged)  # fmt: skip


def _newton(
    bent: NDArray[np.float64], slope: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float, float]:
    """A climbing step (K,), half the squared decrement, and the largest eigenvalue of the scaled Hessian."""
    scale = 1 / np.sqrt(np.maximum(np.abs(np.diag(bent)), 1e-12))
    values, vectors = np.linalg.eigh(bent * np.outer(scale, scale))
    lengths = np.maximum(np.abs(values), 1e-10)
    along = vectors.T @ (slope * scale)
    step = scale * (vectors @ (along / lengths))
    return step, float(0.5 * along @ (along / lengths)), float(values.max(initial=-np.inf))
