"""Coordinates along a curved ridge of a density, for a sampler whose steps are as short as the ridge is narrow.

Along one axis t the other coordinates are moved to their mode given t and whitened by their curvature there:
rest = mode(t) + root(t) w, volume det root(t). Both are found on a grid of t by Newton's method, each from the one before,
and joined by cubic splines. Where the others are normal given t, whatever their means and covariance do as t moves, w is a
standard normal that knows nothing of t.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Array = jax.Array
Floats = NDArray[np.float64]
Slopes = Callable[[Floats], tuple[float, Floats]]  # height and slope (n,) of a log density at a point (n,)

CLIMBS = 30  # Newton steps to a mode at most
APART = 1e-4  # of a unit, on either side, between slopes that are differenced
LEAST_BEND = 0.1  # curvature below which a step is damped
ARRIVED = 1e-6  # rise of the log density that a step still promises at the mode
SPACING = 0.25  # of the grid along the ridge
FARTHEST = 12.0
LOWEST = 14.0  # fall of the log mass of a slice across the ridge at which the grid ends


class Mode(NamedTuple):
    """A mode (n,), the root (n, n), lower triangular, of the inverse curvature there, and the height."""

    place: Floats
    root: Floats
    height: float


def mode_from(slopes: Slopes, near: Mode) -> Mode | None:
    """The mode that Newton's steps reach from another, in whose coordinates they are taken; None where none is reached.

    Slopes are differenced for the curvature: that is exact enough for coordinates, and compiles nothing.
    """
    unit = np.eye(len(near.place))

    def at(x: Floats) -> tuple[float, Floats]:
        height, slope = slopes(np.asarray(near.place + near.root @ x))
        return height, np.asarray(near.root.T @ slope)

    x = np.zeros(len(unit))
    for _ in range(CLIMBS):
        height, slope = at(x)
        bent = np.array([at(x - APART * one)[1] - at(x + APART * one)[1] for one in unit]) / (2 * APART)
        bent = (bent + bent.T) / 2
        if not (np.isfinite(height) and np.isfinite(bent).all()):
            return None
        least = np.linalg.eigvalsh(bent)[0]
        step = np.linalg.solve(bent + max(0.0, LEAST_BEND - least) * unit, slope)
        if slope @ step < ARRIVED and least > 0:
            turn = np.linalg.cholesky(np.linalg.inv(bent))
            return Mode(np.asarray(near.place + near.root @ x), np.asarray(near.root @ turn), height)
        share = next((s for s in 0.5 ** np.arange(20) if at(np.asarray(x + s * step))[0] > height), None)
        if share is None:
            return None
        x = x + share * step
    return None


class Ridge(NamedTuple):
    """Cubic pieces (4, M, n + n n) in t of the mode and of the root, its diagonal in logs, from ``begin`` on."""

    axis: int
    begin: float
    pieces: Array

    def point(self, u: Array) -> tuple[Array, Array]:
        """The point (n + 1,) at ridge coordinates (n + 1,), and the log volume there; off the grid as at its end."""
        rest = u.shape[0] - 1
        most = SPACING * self.pieces.shape[1]
        along = jnp.clip(u[self.axis] - self.begin, 0.0, most * (1 - 1e-12))
        piece = jnp.floor(along / SPACING).astype(int)
        c, d = self.pieces[:, piece], along - piece * SPACING
        told = ((c[0] * d + c[1]) * d + c[2]) * d + c[3]
        table = told[rest:].reshape(rest, rest)
        logs = jnp.diag(table)
        root = jnp.tril(table, -1) + jnp.diag(jnp.exp(logs))
        others = told[:rest] + root @ jnp.delete(u, self.axis, assume_unique_indices=True)
        return jnp.insert(others, self.axis, u[self.axis]), logs.sum()


def ridge_along(slopes: Slopes, axis: int, count: int) -> Ridge | None:
    """The ridge along an axis of a density whose mode is nought and whitened; None where it cannot be followed."""
    rest = np.delete(np.arange(count), axis)
    top = Mode(np.zeros(count - 1), np.eye(count - 1), slopes(np.zeros(count))[0])

    def across(t: float) -> Slopes:
        def at(w: Floats) -> tuple[float, Floats]:
            point = np.zeros(count)
            point[axis], point[rest] = t, w
            height, slope = slopes(point)
            return height, slope[rest]

        return at

    found = {0: top}
    for sign in (1, -1):
        for step in range(1, int(FARTHEST / SPACING) + 1):
            made = mode_from(across(sign * step * SPACING), found[sign * (step - 1)])
            if made is None:
                break
            found[sign * step] = made
            if made.height + np.log(np.diag(made.root)).sum() < top.height - LOWEST:
                break
    if len(found) < 4:
        return None
    grid = np.array(sorted(found)) * SPACING
    rows = [np.concatenate([one.place, _in_logs(one.root).ravel()]) for _, one in sorted(found.items())]
    return Ridge(axis, float(grid[0]), jnp.asarray(CubicSpline(grid, np.array(rows)).c))


def _in_logs(root: Floats) -> Floats:
    """A lower triangular root with its diagonal in logs."""
    table: Floats = np.tril(root, -1) + np.diag(np.log(np.diag(root)))
    return table
