"""Could this record have told? How often P would have reached its line, on records simulated with this calendar.

Records are simulated at the posterior of the rivals' terms without the probe, with the probe's effect put at the size
that the claim needs, at its opposite, and at zero. Each is fitted by Laplace's approximation: a few climbs preconditioned
by the curvature of the record's own fit, then the curvature of the simulated one; P is the normal's. Other rows of the
record (force, aid, terms) stay as simulated by their own blocks. Source: [tierney1986accurate].
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.stats import norm

from standoff.inference.importance import resample
from standoff.inference.probe import BESIDE, PROBE_EFFORT, Side
from standoff.inference.twin import BlockFit, block, block_values, fit_block, free_places, neutral, place_of
from standoff.inference.twin_data import TwinData
from standoff.inference.twin_effects import mean_level
from standoff.inference.twin_simulate import simulate

FloatArray = npt.NDArray[np.float64]

RECORDS: Final = 60  # simulated a world
CLIMBS: Final = (5, 5, 15)  # steps with one curvature
ENDED: Final = 1e-3  # slope at which a climb stops
GATE: Final = 0.05  # slope at which it counts
LINES: Final = (0.90, 0.95)  # of P: leans, supported
POWER: Final = 0.80


class Rates(NamedTuple):
    """How often P is at least .90 and .95 for the claimed direction, and at most .10 and .05, in one world; ``failed``
    share of records whose climb did not end (counted as telling nothing)."""

    leans_for: float
    strong_for: float
    leans_against: float
    strong_against: float
    failed: float


class Power(NamedTuple):
    """Rates in the three worlds; ``coefficient`` of the size asked for, in logits a unit of the signal; ``cases`` like
    this one that would be needed for a chance of .80 to say *leans*."""

    claimed: Rates
    opposite: Rates
    nothing: Rates
    coefficient: float
    cases: float
    records: int


def power(
    data: TwinData,
    side: Side,
    fitted: BlockFit,
    sign: int,
    size: float,
    seed: np.random.Generator,
    records: int = RECORDS,
) -> Power:
    """Rates for one probe. ``fitted`` its fit to the record; ``sign`` +1 if a higher level is claimed; ``size`` in points."""
    worlds = _worlds(data, side, fitted, records, seed)
    turn = -1.0 if side == "holder" else 1.0  # the coefficient's sign that raises the level
    coefficient = _coefficient(worlds, data, side, sign, size)
    found, spreads = [], []
    for effect in (coefficient, -coefficient, 0.0):
        drawn = {**worlds, side: {**worlds[side], "probe": np.full(records, effect)}}
        simulated = simulate(data, drawn, seed)
        mean, spread = _laplace(simulated, side, fitted)
        found.append(_rates(turn * sign * mean, spread))
        spreads.append(np.nanmedian(spread))
    scale = block(side).priors[place_of(side, "probe")].scale
    cases = cases_needed(coefficient, spreads[0], scale)
    claimed, opposite, nothing = found
    return Power(claimed, opposite, nothing, coefficient, cases, records)


def cases_needed(coefficient: float, spread: float, prior: float) -> float:
    """Cases like this one after which P reaches .90 with a chance of .80, by the normal law of the estimate.

    ``spread`` posterior standard deviation from one case, ``prior`` the prior's. With i = 1/spread^2 - 1/prior^2 a case
    and precision q = 1/prior^2 + n i, P's normal score has mean |coefficient| n i / sqrt(q) and variance n i / q.
    """
    information = 1 / spread**2 - 1 / prior**2
    if not information > 0 or coefficient == 0.0:
        return float("inf")

    def short(cases: float) -> float:
        precision = 1 / prior**2 + cases * information
        mean = abs(coefficient) * cases * information / np.sqrt(precision)
        return float(norm.ppf(LINES[0]) + norm.ppf(POWER) * np.sqrt(cases * information / precision) - mean)

    return float(brentq(short, 1e-9, 1e9)) if short(1e9) < 0 else float("inf")


def _worlds(
    data: TwinData, side: Side, fitted: BlockFit, count: int, seed: np.random.Generator
) -> dict[str, dict[str, FloatArray]]:
    """Values of every block: the side's own posterior, and for the others their prior middle where they only carry on."""
    from standoff.inference.predictive import prior_values

    middle = {
        name: {key: np.full(count, float(np.median(value))) for key, value in values.items()}
        for name, values in prior_values(400, np.random.default_rng(0)).items()
    }
    middle[side] = {
        key: np.broadcast_to(np.asarray(value), (count,)).copy()
        for key, value in block_values(fitted, resample(fitted.draws, count, seed)).items()
    }
    return middle


def _coefficient(
    worlds: dict[str, dict[str, FloatArray]], data: TwinData, side: Side, sign: int, size: float
) -> float:
    """The coefficient whose unit moves the mean level by ``size`` points the claimed way, at the middle of the scale."""
    values = {key: np.array([np.median(value)]) for key, value in worlds[side].items()}
    turn = -1.0 if side == "holder" else 1.0
    low, high = 0.0, 12.0
    centre = _centre(values, data.levels)
    base = mean_level(values, np.array([[centre]]), data.levels)[0, 0]
    for _ in range(60):
        middle = 0.5 * (low + high)
        # `mean_level` falls with softness; a coefficient that raises the level acts as less softness.
        moved = mean_level(values, np.array([[centre - sign * middle]]), data.levels)[0, 0] - base
        low, high = (middle, high) if abs(moved) < size else (low, middle)
    return float(turn * sign * high)


def _centre(values: dict[str, FloatArray], levels: FloatArray) -> float:
    """Softness at which the mean level is in the middle of the scale, so that a size fits either way."""
    low, high = -15.0, 15.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        level = mean_level(values, np.array([[middle]]), levels)[0, 0]
        low, high = (middle, high) if level > levels.mean() else (low, middle)
    return 0.5 * (low + high)


def _rates(toward: FloatArray, spread: FloatArray) -> Rates:
    """Shares of records whose P reaches each line; a record that failed reaches none."""
    good = np.isfinite(toward) & np.isfinite(spread) & (spread > 0)
    p = np.where(good, norm.cdf(np.where(good, toward, 0.0) / np.where(good, spread, 1.0)), 0.5)
    return Rates(
        float(np.mean(p >= LINES[0])),
        float(np.mean(p >= LINES[1])),
        float(np.mean(p <= 1 - LINES[0])),
        float(np.mean(p <= 1 - LINES[1])),
        float(np.mean(~good)),
    )


def _laplace(records: list[TwinData], side: Side, fitted: BlockFit) -> tuple[FloatArray, FloatArray]:
    """Mean and spread (R,) of the probe's coefficient in each record, by Laplace; NaN where the climb did not end."""
    place = place_of(side, "probe")
    prior = block(side).priors[place]
    mask = np.zeros(len(block(side).priors))
    mask[list(fitted.free)] = 1.0
    start = np.zeros(len(mask))
    start[list(fitted.free)] = fitted.draws.modes[0].place
    means, spreads = [], []
    climb = _climber(side)
    for one in records:
        z, slope, curvature = climb(start, mask, one)
        free = list(fitted.free)
        inner = np.asarray(curvature)[np.ix_(free, free)]
        ended = float(np.max(np.abs(np.asarray(slope)[free]))) < GATE
        variance = np.linalg.inv(-inner)[free.index(place), free.index(place)] if ended else np.nan
        means.append(prior.location + prior.scale * float(z[place]) if ended else np.nan)
        spreads.append(prior.scale * float(np.sqrt(variance)) if ended and variance > 0 else np.nan)
    return np.array(means), np.array(spreads)


@cache
def _climber(side: Side) -> Any:
    """Climb to the mode of a record: Newton steps, the curvature kept for a few, until the slope is gone."""
    one = block(side)

    def log_density(z: Any, mask: Any, data: TwinData) -> Any:
        terms = one.terms(neutral(one.priors, z, mask, jnp.exp), data)
        return jnp.sum(terms) - 0.5 * jnp.sum(mask * z**2)

    slope, curvature = jax.grad(log_density), jax.hessian(log_density)

    def steps(z: Any, mask: Any, data: TwinData, count: Any) -> Any:
        """Up to so many steps with the curvature here, and no curvature where nothing is left to climb."""

        def goes_on(state: Any) -> Any:
            _, uphill, done = state
            return (jnp.max(jnp.abs(uphill)) > ENDED) & (done < count)

        def up(z: Any, uphill: Any) -> Any:
            size, axes = jnp.linalg.eigh(-curvature(z, mask, data) + jnp.diag(1.0 - mask))
            inverse = (axes / jnp.maximum(size, 0.5)) @ axes.T

            def step(state: Any) -> Any:
                z, uphill, done = state
                move = inverse @ uphill
                z = z + move * jnp.minimum(1.0, 1.5 / (jnp.max(jnp.abs(move)) + 1e-12))
                return z, mask * slope(z, mask, data), done + 1

            return jax.lax.while_loop(goes_on, step, (z, uphill, 0))[0]

        uphill = mask * slope(z, mask, data)
        return jax.lax.cond(jnp.max(jnp.abs(uphill)) > ENDED, up, lambda z, _: z, z, uphill)

    def climb(z: Any, mask: Any, data: TwinData) -> tuple[Any, Any, Any]:
        z = jax.lax.fori_loop(0, len(CLIMBS), lambda i, z: steps(z, mask, data, jnp.asarray(CLIMBS)[i]), z)
        return z, slope(z, mask, data), curvature(z, mask, data)

    return jax.jit(climb)


def probe_fit(data: TwinData, side: Side, seed: int) -> BlockFit:
    """Fit of the probe with nothing dropped, for tests and benches."""
    free = tuple(p for p in free_places(block(side), BESIDE, True) if p != place_of(side, "control"))
    return fit_block(data, side, free, seed, PROBE_EFFORT)
