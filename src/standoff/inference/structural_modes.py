"""The game drawn around one solved point: modes of its posterior, curvatures there, and a density that costs no solution.

On every axis the game is solved a step ahead and behind: a wide one for curvatures and for climbs to where the mass is, a
close one to go on from there. Through the three points every logarithm of conduct, and the holder's gap, is drawn as a parabola
that goes on as a line far out, and axes are added up. What is read off the drawing has exact derivatives. A climb goes up that density within a box, solves the game where it arrives, and draws again there. Nothing
of this enters a weight: it says where draws are proposed. Source: steps in a trust region, [nocedal2006numerical].
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from standoff.inference.structural import Solved, Tables, read, reading
from standoff.inference.structural_data import StructuralData
from standoff.inference.structural_density import Around, Density, Sides
from standoff.standoff_game.specification import Specification

FloatArray = npt.NDArray[np.float64]

WIDE = 1.0  # of z: how far apart games are solved, for curvatures as far as a posterior is wide
CLOSE = 0.25  # the same, for climbs that go on
BOX = 1.0  # of z: how far a climb trusts a drawing, narrowed where it misled
NARROWER = 0.4
NARROWEST = 0.05
MOST_STEPS = 12
LEAST_GAIN = 0.02  # in log density at which a mode counts as reached
REACH = 2.0  # of z: where a parabola goes on as a line
LEAST_CURVATURE = 0.5
SLOPE_STEP = 1e-4  # of z, for second derivatives of a density that is smooth
PADDED = 12  # axes come in multiples of so many, so that rivals share compiled shapes
TINY = 1e-300


class Drawing(NamedTuple):
    """The game drawn around ``place`` (P,) among all parameters: logarithms of conduct and the gap there, and with a leading
    axis (A,) their slopes and bends on ``axes`` (A,), P where one is padding."""

    place: Any
    middle: Tables
    slopes: Tables
    bends: Tables
    axes: Any


def _logs(play: Tables) -> Tables:
    return Tables(jnp.log(play.conduct + TINY), jnp.log(play.own + TINY), play.gap)


@jax.jit
def _through(
    ahead: Tables, middle: Tables, behind: Tables, width: float, step: float
) -> tuple[Tables, Tables]:
    """Slope over a width, and bend where both sides are a step away."""
    high, here, low = _logs(ahead), _logs(middle), _logs(behind)
    slope: Tables = jax.tree.map(lambda a, b: (a - b) / width, high, low)
    bend: Tables = jax.tree.map(lambda a, m, b: (a - 2.0 * m + b) / step**2, high, here, low)
    return slope, bend


def _axis(middle: Tables, sides: Sides, step: float) -> tuple[Tables, Tables]:
    """Slope and bend on an axis: a line from one side where the other was not solved, and flat where neither was."""
    ahead, behind = sides
    width = step * ((ahead is not None) + (behind is not None))
    slope, bend = _through(ahead or middle, middle, behind or middle, width or 1.0, step)
    if ahead is None or behind is None:
        bend = jax.tree.map(jnp.zeros_like, bend)
    return slope, bend


def draw_game(density: Density, around: Around) -> Drawing:
    """The game drawn through a point and its neighbours."""
    places = density.at.places[around.axes]
    each = [_axis(around.game.tables, sides, around.step) for sides in around.sides]
    padding = -len(each) % PADDED
    nothing = jax.tree.map(jnp.zeros_like, around.game.tables)
    slopes, bends = (
        jax.tree.map(lambda *parts: jnp.stack(parts), *(pair[i] for pair in each), *[nothing] * padding)
        for i in (0, 1)
    )
    full = density.full(around.place)
    axes = np.concatenate([places, np.full(padding, len(full))])
    return Drawing(jnp.asarray(full), _logs(around.game.tables), slopes, bends, jnp.asarray(axes))


def _chances(logs: Any) -> Any:
    return jax.nn.softmax(logs.reshape(*logs.shape[:-2], -1), axis=-1).reshape(logs.shape)


def _log_density(
    spec: Specification, z: Any, free: Any, neutral: Any, drawn: Drawing, data: StructuralData
) -> Any:
    away = (z - drawn.place).at[drawn.axes].get(mode="fill", fill_value=0.0)
    inside = jnp.clip(away, -REACH, REACH)
    square = inside * (away - 0.5 * inside)  # half a square, going on as a line
    conduct, own, gap = jax.tree.map(
        lambda middle, slope, bend: (
            middle + jnp.tensordot(away, slope, axes=1) + jnp.tensordot(square, bend, axes=1)
        ),
        drawn.middle,
        drawn.slopes,
        drawn.bends,
    )
    return read(spec, z, free, neutral, Tables(_chances(conduct), _chances(own), gap), data)


_value_and_slope = partial(jax.jit, static_argnums=0)(jax.value_and_grad(_log_density, argnums=1))


class DrawnDensity:
    """The log density of a drawn game over a rival's free parameters (D,), with exact slopes."""

    def __init__(self, density: Density, around: Around) -> None:
        self._density, self._drawing = density, draw_game(density, around)

    def __call__(self, z: FloatArray) -> tuple[float, FloatArray]:
        """Log density at z (D,) and its slope (D,)."""
        at = self._density.at
        told, slope = _value_and_slope(
            reading(at.spec), self._density.full(z), at.free, at.neutral, self._drawing, at.data
        )
        return float(told), np.asarray(slope)[at.places]

    def curvature(self, z: FloatArray) -> FloatArray:
        """Hessian (D, D) at z, by central differences of exact slopes.

        The prior alone curves every axis by one. Where the drawing says less than `LEAST_CURVATURE`, that one stands.
        """
        rows = []
        for axis in range(len(z)):
            step = np.zeros(len(z))
            step[axis] = SLOPE_STEP
            rows.append((self(z + step)[1] - self(z - step)[1]) / (2.0 * SLOPE_STEP))
        hessian = np.array(rows)
        size, axes = np.linalg.eigh(-0.5 * (hessian + hessian.T))
        return np.asarray(-(axes * np.where(size < LEAST_CURVATURE, 1.0, size)) @ axes.T)


class Local:
    """Games drawn around the points where searches ended; what was solved around such a point is kept."""

    def __init__(self, density: Density) -> None:
        self._density = density
        self._games: dict[bytes, Solved] = {}
        self._known: dict[tuple[bytes, float], Around] = {}

    def around(self, z: FloatArray, step: float = WIDE, near: Solved | None = None) -> Around | None:
        """The tables at z and around it, solved from a neighbour's game or the fixed start; None where z was not solved."""
        game = self._solved(z, near)
        key = z.tobytes(), step
        if game is not None and key not in self._known:
            self._known[key] = self._density.around(z, game, step)
        return self._known.get(key)

    def game(self, z: FloatArray) -> Solved:
        """The game of a place where a climb ended. Errors: KeyError for a place that was not solved."""
        return self._games[z.tobytes()]

    def slope(self, z: FloatArray) -> tuple[float, FloatArray]:
        """Log density and slope (D,) at z; NaN where z was not solved."""
        around = self.around(z)
        nothing = float("nan"), np.full(len(z), np.nan)
        return nothing if around is None else DrawnDensity(self._density, around)(z)

    def curvature(self, z: FloatArray) -> FloatArray:
        """Hessian (D, D) at z; NaN where z was not solved."""
        around = self.around(z)
        nothing = np.full((len(z),) * 2, np.nan)
        return nothing if around is None else DrawnDensity(self._density, around).curvature(z)

    def climb(self, start: FloatArray, step: float = WIDE) -> tuple[FloatArray, float]:
        """Uphill from a start (D,): the mode and its log density, -infinity where the start itself was not solved."""
        here, box = self.around(start, step), BOX
        if here is None:
            return start, -np.inf
        for _ in range(MOST_STEPS):
            place, hoped = _up(DrawnDensity(self._density, here), here.place, box)
            if hoped - here.log_density < LEAST_GAIN:
                break
            further = self._better(place, here)
            if further is not None:
                self._known.pop((here.place.tobytes(), step), None)  # tens of megabytes each
                here = further
                continue
            box *= NARROWER
            if box < NARROWEST:
                break
        return here.place, here.log_density

    def _solved(self, z: FloatArray, near: Solved | None) -> Solved | None:
        key = z.tobytes()
        if key not in self._games:
            start = self._density.at.start if near is None else near.unknowns
            game = self._density.near(z, start, patiently=True)
            if game is None:
                return None
            self._games[key] = game
        return self._games[key]

    def _better(self, place: FloatArray, here: Around) -> Around | None:
        """What is around a place, where its game, solved from here, reads the record better than here."""
        game = self._solved(place, here.game)
        if game is None or not self._density.read(place, game.tables) > here.log_density + LEAST_GAIN:
            return None
        return self.around(place, here.step)


def _up(drawn: DrawnDensity, middle: FloatArray, box: float) -> tuple[FloatArray, float]:
    """The highest place of a drawn game within a box around a point, and its log density."""

    def down(z: FloatArray) -> tuple[float, FloatArray]:
        told, slope = drawn(z)
        if not (np.isfinite(told) and np.all(np.isfinite(slope))):
            return 1e10, np.zeros(len(z))
        return -told, -slope

    bounds = [(value - box, value + box) for value in middle]
    found = minimize(down, middle, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60})
    return np.asarray(found.x), -float(found.fun)
