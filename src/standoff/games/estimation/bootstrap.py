"""Bootstrap: rows, or whole clusters, drawn again with replacement; all resamples are climbed in one compiled call.

A resample is a vector of weights (N,): how often each row was drawn. From the estimate, Newton steps along the
eigenvectors of the Hessian, damped by the rule of Levenberg and Marquardt (the damping falls tenfold when a step climbs
and rises tenfold when it does not), run until half the squared Newton decrement is below `DECREMENT`. A resample that does not get there, or whose Hessian there is not negative
definite, is counted as failed and shown; it is never left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from standoff.games.estimation.fit import Gate
from standoff.games.estimation.indices import Derivatives
from standoff.games.estimation.maximise import Array
from standoff.games.precision import use_float64

DECREMENT = 1e-9
ENOUGH = 0.95  # share of resamples that must converge
FIRST_STEPS, STEPS = 9, 60
LEAST, FIRM = 1e-6, 1e-2  # damping below the first becomes none; a step that fails takes at least the second
LANES = 20  # resamples climbed together, ...
CELLS = 20_000  # ... fewer where there are many rows: a slow climb holds up those beside it


class Bootstrap(NamedTuple):
    """Estimates (B, K) of the resamples, which of them converged (B,), and the seed."""

    estimates: NDArray[np.float64]
    converged: NDArray[np.bool_]
    seed: int

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Covariance (K, K) over the resamples that converged; NaN where fewer than two did."""
        held = self.estimates[self.converged]
        size = self.estimates.shape[1]
        if len(held) < 2:
            return np.full((size, size), np.nan)
        return np.atleast_2d(np.cov(held, rowvar=False))

    def interval(self, level: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Percentile intervals: bounds (K,) and (K,)."""
        low, high = np.quantile(self.estimates[self.converged], [0.5 - level / 2, 0.5 + level / 2], axis=0)
        return low, high


def resample_gates(resampled: Bootstrap | None) -> tuple[Gate, ...]:
    """The gate that nearly every resample converged; none where there was no bootstrap."""
    if resampled is None:
        return ()
    done, count = int(resampled.converged.sum()), len(resampled.converged)
    told = f"{done} of {count} resamples converged, at least {ENOUGH:.0%}"
    return (Gate("resamples", done >= ENOUGH * count, told),)


def draw_weights(
    rows: int, count: int, seed: int, clusters: NDArray[Any] | None = None
) -> NDArray[np.float64]:
    """How often each of ``rows`` rows is drawn in each of ``count`` resamples: (count, rows)."""
    random = np.random.default_rng(seed)
    if clusters is None:
        return random.multinomial(rows, np.full(rows, 1 / rows), size=count).astype(np.float64)
    _, index = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    groups = int(index.max()) + 1
    return random.multinomial(groups, np.full(groups, 1 / groups), size=count).astype(np.float64)[:, index]


def bootstrap(
    derivatives: Derivatives, data: Any, estimate: NDArray[np.float64], rows: int, count: int, seed: int,
    clusters: NDArray[Any] | None = None, told: Callable[[int, int], None] | None = None,
) -> Bootstrap:  # fmt: skip
    """Estimates of ``count`` resamples, each climbed from ``estimate``; ``told`` hears how many are done."""
    use_float64()
    weights = draw_weights(rows, count, seed, clusters)
    thetas = np.tile(np.asarray(estimate, dtype=np.float64), (count, 1))
    converged = np.zeros(count, dtype=np.bool_)
    free = jnp.ones(len(estimate), dtype=bool)
    together = lanes(rows)
    for steps in (FIRST_STEPS, STEPS):  # most are done soon; those that are not go on together
        left = np.flatnonzero(~converged)
        for first in range(0, len(left), together):
            some = left[first : first + together]
            chosen = np.resize(some, together)  # a last group that is not full repeats itself
            ended = climb_all(
                derivatives,
                jnp.asarray(thetas[chosen]),
                data,
                jnp.asarray(weights[chosen]),
                steps,
                DECREMENT,
                free,
            )
            thetas[some] = np.asarray(ended.theta)[: len(some)]
            converged[some] = np.asarray(ended.converged)[: len(some)]
            if told is not None:
                told(int(converged.sum()), count)
    return Bootstrap(thetas, converged, seed)


def lanes(rows: int) -> int:
    """How many climbs of so many rows go together."""
    return max(1, min(LANES, CELLS // rows))


class Ended(NamedTuple):
    """Where a climb ended: coefficients (K,), log-likelihood, slope (K,), Hessian (K, K), half the squared Newton
    decrement, the largest eigenvalue of the scaled Hessian, steps taken, and whether it converged."""

    theta: Array
    value: Array
    slope: Array
    bent: Array
    decrement: Array
    top: Array
    taken: Array
    converged: Array


class _Climb(NamedTuple):
    """The best point so far with its derivatives, the point to try next, and how far to damp."""

    theta: Array
    value: Array
    slope: Array
    bent: Array
    trial: Array
    damping: Array
    decrement: Array
    top: Array
    taken: Array


@partial(jax.jit, static_argnums=0)
def climb_all(
    derivatives: Derivatives, starts: Array, data: Any, weights: Array, steps: int, enough: float, free: Array
) -> Ended:
    """Climb the weighted log-likelihood for each row of ``weights`` (B, N) from ``starts`` (B, K), all ends (B, ...).

    Only coefficients that are ``free`` (K,) move; a climb stops after ``steps`` or when less than ``enough`` is left.
    """

    def one(start: Array, w: Array) -> Ended:
        return climb(derivatives, start, data, w, steps, enough, free)

    held: Ended = jax.vmap(one)(starts, weights)
    return held


def climb(
    derivatives: Derivatives, start: Array, data: Any, weights: Array, steps: int, enough: float, free: Array
) -> Ended:
    """One climb of the weighted log-likelihood; traceable."""
    size = start.shape[0]

    def step_of(slope: Array, bent: Array, damping: Array) -> tuple[Array, Array, Array]:
        """A climbing step along the eigenvectors of the scaled Hessian, its decrement, and the largest eigenvalue."""
        scale = jax.lax.rsqrt(jnp.maximum(jnp.abs(jnp.diag(bent)), 1e-8))
        values, vectors = jnp.linalg.eigh(bent * scale[:, None] * scale)
        along = vectors.T @ (slope * scale)
        lengths = jnp.maximum(jnp.abs(values), 1e-9)
        return scale * (vectors @ (along / (lengths + damping))), 0.5 * along @ (along / lengths), values[-1]

    def going(at: _Climb) -> Array:
        settled = (at.decrement < enough) & (at.top < 0)
        return (at.taken < steps) & ~settled & (at.damping < 1e9)

    def go(at: _Climb) -> _Climb:
        value, slope, bent = derivatives(at.trial, data, weights)
        slope = jnp.where(free, slope, 0.0)
        bent = jnp.where(free[:, None] & free, bent, -jnp.eye(size))
        better = (value >= at.value) & jnp.isfinite(slope).all() & jnp.isfinite(bent).all()
        lower = jnp.where(at.damping > LEAST, at.damping * 0.1, 0.0)
        damping = jnp.where(better, lower, jnp.maximum(at.damping * 10, FIRM))
        theta, value = jnp.where(better, at.trial, at.theta), jnp.where(better, value, at.value)
        slope, bent = jnp.where(better, slope, at.slope), jnp.where(better, bent, at.bent)
        step, decrement, top = step_of(slope, bent, damping)
        return _Climb(theta, value, slope, bent, theta + step, damping, decrement, top, at.taken + 1)

    nought = jnp.zeros(size)
    begin = _Climb(
        start, jnp.asarray(-jnp.inf), nought, jnp.zeros((size, size)), start, jnp.asarray(LEAST),
        jnp.asarray(jnp.inf), jnp.asarray(jnp.inf), jnp.asarray(0),
    )  # fmt: skip
    end = jax.lax.while_loop(going, go, begin)
    converged = (end.decrement < jnp.maximum(enough, DECREMENT)) & (end.top < 0)
    return Ended(end.theta, end.value, end.slope, end.bent, end.decrement, end.top, end.taken, converged)
