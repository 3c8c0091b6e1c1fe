"""Follow an equilibrium as the game changes, round folds, by its length (pseudo-arclength continuation).

The changed game at t is parameters and discount on the straight line from (t=0) to (t=1). Points on the way solve
H(q,t) = reply(q; t) - q = 0; each step predicts along the tangent and corrects by Newton on H with the step's length
fixed, so that a fold, where the equilibrium that was followed ceases to exist, is passed and recorded. Folds are where
the sign of dt along the way turns. Source: Allgower and Georg (1990) [allgower_georg_1990]; for games, Borkovsky,
Doraszelski and Kryukov (2010) [borkovsky_2010].
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import lu_factor, lu_solve

from standoff.games.dynamic.choice import Array, Arrays, Shape, reply, slope
from standoff.games.dynamic.game import DynamicGame, Floats
from standoff.games.dynamic.newton import Found, Search, newton
from standoff.games.dynamic.solve import Equilibrium, arrays_of, checked_theta, describe, shape_of

CORRECTIONS = 6
SHORTEST, LONGEST = 1e-7, 0.5


class Change(NamedTuple):
    """From where to where: parameters (K,) and discounts (N,)."""

    theta: tuple[Floats, Floats]
    discount: tuple[Floats, Floats]


@dataclass(frozen=True)
class Way:
    """A path that was followed.

    ``t`` (P,) and ``log_odds`` (P,n) its points; ``folds`` the values of t where it turned; ``arrivals`` every
    equilibrium met at t = 1, in order; ``ended`` a clause that says why it ended.
    """

    t: Floats
    log_odds: Floats = field(repr=False)
    folds: tuple[float, ...]
    arrivals: tuple[Equilibrium, ...]
    ended: str

    @property
    def arrived(self) -> Equilibrium | None:
        """The first equilibrium met at t = 1."""
        return self.arrivals[0] if self.arrivals else None


@partial(jax.jit, static_argnums=0)
def _system(
    shape: Shape, arrays: Arrays, ends: tuple[Array, Array], patience: tuple[Array, Array], q: Array, t: Array
) -> tuple[Array, Array, Array]:
    """H (n,), its slope in q (n,n), and in t (n,)."""

    def game(t: Array) -> tuple[Array, Arrays]:
        there = arrays._replace(discount=patience[0] + t * (patience[1] - patience[0]))
        return ends[0] + t * (ends[1] - ends[0]), there

    def moved(t: Array) -> Array:
        theta, there = game(t)
        return reply(shape, there, theta, q)

    theta, there = game(t)
    image, tilt = slope(shape, there, theta, q)
    _, along = jax.jvp(moved, (t,), (jnp.ones_like(t),))
    return image - q, tilt - jnp.eye(shape.unknowns), along


class _Walker:
    """The numbers of one walk: the system, the tangent, one corrected step."""

    def __init__(self, game: DynamicGame, change: Change, search: Search) -> None:
        self.shape, self.arrays = shape_of(game), arrays_of(game)
        if self.shape.one_discount:
            alike = all(bool(np.all(d == d[0])) for d in change.discount)
            self.shape = self.shape._replace(one_discount=alike)
        self.ends = tuple(jnp.asarray(x) for x in change.theta)
        self.patience = tuple(jnp.asarray(x) for x in change.discount)
        self.search = search
        self.scale = 1.0 / np.sqrt(self.shape.unknowns)

    def system(self, point: Floats) -> tuple[Floats, Floats]:
        """H (n,) and the bordered slope (n,n+1) at (q sqrt-scaled, t)."""
        q, t = jnp.asarray(point[:-1] / self.scale), jnp.asarray(point[-1])
        error, tilt, along = _system(self.shape, self.arrays, self.ends, self.patience, q, t)
        return np.asarray(error), np.column_stack([np.asarray(tilt) / self.scale, np.asarray(along)])

    def tangent(self, point: Floats, before: Floats) -> Floats:
        """Unit tangent that goes on in the direction of the one before."""
        _, slopes = self.system(point)
        square = np.vstack([slopes, before])
        right = np.zeros(len(point))
        right[-1] = 1.0
        way = np.asarray(lu_solve(lu_factor(square), right))
        return np.asarray(way / np.linalg.norm(way))

    def correct(self, point: Floats, tangent: Floats) -> tuple[Floats, bool]:
        """Newton back to the path, across the tangent."""
        for _ in range(CORRECTIONS):
            error, slopes = self.system(point)
            if not np.all(np.isfinite(error)):
                return point, False
            step = lu_solve(lu_factor(np.vstack([slopes, tangent])), np.append(-error, 0.0))
            point = point + step
            if np.max(np.abs(error)) <= 1e-7 and np.linalg.norm(step) <= 1e-6:
                return point, True
        return point, False

    def polish(self, q: Floats) -> Found:
        """Newton at t = 1."""
        there = self.arrays._replace(discount=self.patience[1])
        found: Found = newton(self.shape, there, self.ends[1], jnp.asarray(q), self.search)
        return found


def _walk(
    walker: _Walker, game: DynamicGame, change: Change, start: Floats, beyond: float, steps: int
) -> Way:
    point = np.append(start * walker.scale, 0.0)
    heading = np.zeros(len(point))
    heading[-1] = 1.0
    heading = walker.tangent(point, heading)
    length, points, folds, arrivals = 0.1, [point], [], []
    ended = f"used up its {steps} steps"
    for _ in range(steps):
        after, good = walker.correct(point + length * heading, heading)
        turned = walker.tangent(after, heading) if good else heading
        if not good or turned @ heading < 0.8 or np.linalg.norm(after - point) > 2 * length:
            length /= 2
            if length < SHORTEST:
                ended = f"could not go on at t = {point[-1]:.6g}"
                break
            continue
        if turned[-1] * heading[-1] < 0:
            folds.append(float(after[-1]))
        if (point[-1] - 1.0) * (after[-1] - 1.0) <= 0 and after[-1] != point[-1]:
            arrivals += _arrive(walker, game, change, point, after)
        straight = turned @ heading > 0.98
        point, heading = after, turned
        points.append(point)
        length = min(length * (1.6 if straight else 1.0), LONGEST)
        if not 0 <= point[-1] <= beyond:
            ended = "went past t = 1" if point[-1] > 0 else "turned back to t = 0"
            break
    way = np.array(points)
    return Way(way[:, -1], way[:, :-1] / walker.scale, tuple(folds), tuple(arrivals), ended)


def _arrive(
    walker: _Walker, game: DynamicGame, change: Change, point: Floats, after: Floats
) -> list[Equilibrium]:
    share = (1.0 - point[-1]) / (after[-1] - point[-1])
    between = (point + share * (after - point))[:-1] / walker.scale
    found = walker.polish(between)
    there = _with_discount(game, change.discount[1])
    return [describe(there, change.theta[1], found, walker.search.tolerance, "homotopy")]


def _with_discount(game: DynamicGame, discount: Floats) -> DynamicGame:
    if np.array_equal(discount, game.discount):
        return game
    return DynamicGame(
        game.players, game.actions, game.states, game.parameters, game.features, game.offset, game.transition,
        discount,
    )  # fmt: skip


def follow(
    start: Equilibrium,
    theta: ArrayLike,
    discount: ArrayLike | None = None,
    beyond: float = 1.0,
    steps: int = 400,
    search: Search | None = None,
) -> Way:
    """Follow an equilibrium to the game with other parameters (K,), and another discount if given (one, or (N,)).

    The walk goes on to t = ``beyond`` (1 stops at the first arrival past which nothing is asked); raises
    `DynamicGameError` for parameters that make no game.
    """
    game = start.game
    to = (
        game.discount
        if discount is None
        else np.broadcast_to(np.asarray(discount, float), game.discount.shape)
    )
    change = Change((start.theta, checked_theta(game, theta)), (game.discount, np.array(to)))
    walker = _Walker(game, change, search or Search(start.tolerance))
    return _walk(walker, game, change, start.log_odds, beyond, steps)


def follow_from_indifference(
    game: DynamicGame, theta: ArrayLike, beyond: float = 1.0, steps: int = 400, search: Search | None = None
) -> Way:
    """Follow the one equilibrium of the game whose payoffs are all nought (even odds) to the game itself.

    Known payoffs (``offset``) grow with the others. The walk may meet t = 1 several times.
    """
    numbers = checked_theta(game, theta)
    whole = scaled(game)
    change = Change((np.zeros(len(numbers) + 1), np.append(numbers, 1.0)), (game.discount, game.discount))
    walker = _Walker(whole, change, search or Search())
    way = _walk(walker, whole, change, np.zeros(walker.shape.unknowns), beyond, steps)
    own = tuple(_of(game, numbers, found) for found in way.arrivals)
    return Way(way.t, way.log_odds, way.folds, own, way.ended)


def _of(game: DynamicGame, theta: Floats, found: Equilibrium) -> Equilibrium:
    return Equilibrium(
        game, theta, found.log_odds, found.choices, found.values, found.residual, found.tolerance,
        found.iterations, "homotopy from even odds",
    )  # fmt: skip


def scaled(game: DynamicGame) -> DynamicGame:
    """The same game with its offset made a feature, whose parameter is one."""
    return DynamicGame(
        game.players, game.actions, game.states, (*game.parameters, "(offset)"),
        np.concatenate([game.features, game.offset[..., None]], axis=3), np.zeros_like(game.offset),
        game.transition, game.discount,
    )  # fmt: skip
