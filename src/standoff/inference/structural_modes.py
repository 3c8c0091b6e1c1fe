"""Modes of the posterior of the standoff game, and curvatures there, by games that are linear around a solved one.

Around a point every logarithm of conduct, and the holder's gap, is a line in the parameters: its slope comes from games
solved a step ahead and behind. What is read off those lines has exact derivatives and costs no solution. A climb goes up
that density within a box, solves the game where it arrives, and draws new lines there. Nothing of this enters a weight: it
says where draws are proposed. Source: Gauss-Newton steps in a trust region, [nocedal2006numerical].
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from standoff.inference.structural import Tables, read, reading
from standoff.inference.structural_data import StructuralData
from standoff.inference.structural_density import STEP, Around, Density, Sides
from standoff.standoff_game.specification import Specification

FloatArray = npt.NDArray[np.float64]

BOX = 1.0  # of z: how far a climb trusts lines, halved when they misled
NARROWEST = 0.05
MOST_STEPS = 12
LEAST_GAIN = 0.02  # in log density at which a mode counts as reached
LEAST_CURVATURE = 0.5
SLOPE_STEP = 1e-4  # of z, for second derivatives of a density that is smooth
PADDED = 12  # lines come in multiples of so many, so that rivals share compiled shapes
TINY = 1e-300


class Lines(NamedTuple):
    """A linear game: ``place`` (P,) among all parameters, logarithms of conduct and the gap there, and their slopes, the same
    with a leading axis (A,), on ``axes`` (A,), P where a line is padding."""

    place: Any
    middle: Tables
    slopes: Tables
    axes: Any


def _logs(play: Tables) -> Tables:
    return Tables(jnp.log(play.conduct + TINY), jnp.log(play.own + TINY), play.gap)


@jax.jit
def _difference(high: Tables, low: Tables, width: float) -> Tables:
    result: Tables = jax.tree.map(lambda a, b: (a - b) / width, _logs(high), _logs(low))
    return result


def _slope(middle: Tables, sides: Sides) -> Tables:
    """Slope on an axis; from one side where the other was not solved, and flat where neither was."""
    ahead, behind = sides
    width = STEP * ((ahead is not None) + (behind is not None))
    slope: Tables = _difference(ahead or middle, behind or middle, width or 1.0)
    return slope


def lines(density: Density, around: Around) -> Lines:
    """The linear game around a point."""
    places = density.at.places[around.axes]
    slopes = [_slope(around.tables, sides) for sides in around.sides]
    padding = -len(slopes) % PADDED
    nothing = jax.tree.map(jnp.zeros_like, around.tables)
    stacked: Tables = jax.tree.map(lambda *each: jnp.stack(each), *slopes, *[nothing] * padding)
    full = density.full(around.place)
    axes = np.concatenate([places, np.full(padding, len(full))])
    return Lines(jnp.asarray(full), _logs(around.tables), stacked, jnp.asarray(axes))


def _chances(logs: Any) -> Any:
    return jax.nn.softmax(logs.reshape(*logs.shape[:-2], -1), axis=-1).reshape(logs.shape)


def _log_density(
    spec: Specification, z: Any, free: Any, neutral: Any, drawn: Lines, data: StructuralData
) -> Any:
    away = (z - drawn.place).at[drawn.axes].get(mode="fill", fill_value=0.0)
    conduct, own, gap = jax.tree.map(
        lambda middle, slope: middle + jnp.tensordot(away, slope, axes=1), drawn.middle, drawn.slopes
    )
    return read(spec, z, free, neutral, Tables(_chances(conduct), _chances(own), gap), data)


_value_and_slope = partial(jax.jit, static_argnums=0)(jax.value_and_grad(_log_density, argnums=1))


class LinearDensity:
    """The log density of a linear game over a rival's free parameters (D,), with exact slopes."""

    def __init__(self, density: Density, around: Around) -> None:
        self._density, self._lines = density, lines(density, around)

    def __call__(self, z: FloatArray) -> tuple[float, FloatArray]:
        """Log density at z (D,) and its slope (D,)."""
        at = self._density.at
        told, slope = _value_and_slope(
            reading(at.spec), self._density.full(z), at.free, at.neutral, self._lines, at.data
        )
        return float(told), np.asarray(slope)[at.places]

    def curvature(self, z: FloatArray) -> FloatArray:
        """Hessian (D, D) at z, by central differences of exact slopes."""
        rows = []
        for axis in range(len(z)):
            step = np.zeros(len(z))
            step[axis] = SLOPE_STEP
            rows.append((self(z + step)[1] - self(z - step)[1]) / (2.0 * SLOPE_STEP))
        hessian = np.array(rows)
        return np.asarray(0.5 * (hessian + hessian.T))


def climb(density: Density, start: FloatArray) -> tuple[FloatArray, float]:
    """Uphill from a start (D,): the mode and its log density, -infinity where the start itself was not solved."""
    around, box = density.around(start), BOX
    if around is None:
        return start, -np.inf
    for _ in range(MOST_STEPS):
        place, hoped = _up(LinearDensity(density, around), around.place, box)
        if hoped - around.log_density < LEAST_GAIN:
            break
        game = density.near(place, density.at.start)
        told = -np.inf if game is None else density.read(place, game.tables)
        if told > around.log_density:
            gained = told - around.log_density
            further = density.around(place)
            if further is None:
                break
            around = further
            if gained < LEAST_GAIN:
                break
        else:
            box *= 0.4
            if box < NARROWEST:
                break
    return around.place, around.log_density


def _up(linear: LinearDensity, middle: FloatArray, box: float) -> tuple[FloatArray, float]:
    """The highest place of a linear game within a box around a point, and its log density."""

    def down(z: FloatArray) -> tuple[float, FloatArray]:
        told, slope = linear(z)
        if not np.isfinite(told):
            return 1e10, np.zeros(len(z))
        return -told, -slope

    bounds = [(value - box, value + box) for value in middle]
    found = minimize(down, middle, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60})
    return np.asarray(found.x), -float(found.fun)


class Local:
    """Log densities, slopes and curvatures of the linear games around any points; games around a point are solved once.

    The prior alone curves every axis by one. Where lines across a fold say less than `LEAST_CURVATURE`, that one stands.
    """

    def __init__(self, density: Density) -> None:
        self._density = density
        self._known: dict[bytes, FloatArray] = {}

    def slope(self, z: FloatArray) -> tuple[float, FloatArray]:
        """Log density and slope (D,) at z; NaN where z was not solved."""
        around = self._density.around(z)
        if around is None:
            return float("nan"), np.full(len(z), np.nan)
        return LinearDensity(self._density, around)(z)

    def curvature(self, z: FloatArray) -> FloatArray:
        """Hessian (D, D) at z; NaN where z was not solved."""
        key = z.tobytes()
        if key not in self._known:
            around = self._density.around(z)
            if around is None:
                self._known[key] = np.full((len(z),) * 2, np.nan)
            else:
                size, axes = np.linalg.eigh(-LinearDensity(self._density, around).curvature(z))
                self._known[key] = -(axes * np.where(size < LEAST_CURVATURE, 1.0, size)) @ axes.T
        return self._known[key]
