"""The game's posterior over the parameters that enter the game, those that only the filters read integrated out.

A solved game is dear, and reading a record off its tables is cheap. So a draw is one of the parameters inside the game: the game is
solved there once, the others are integrated by importance sampling at its tables, and one draw of them stands for all.
A third to two thirds fewer dimensions need far fewer games. Weights stay right, since the integral is unbiased.
Source: `standoff.inference.integrated`, `standoff.inference.importance`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from standoff.inference.importance import Draws, Effort, Mode, Target, adapted
from standoff.inference.integrated import Inner, integrated
from standoff.inference.structural import Tables, read, reading
from standoff.inference.structural_data import StructuralData
from standoff.inference.structural_density import Density
from standoff.standoff_game.specification import Specification

FloatArray = npt.NDArray[np.float64]

TOGETHER = 32  # draws of the others at every solved game, evaluated in one compiled call


def _at(
    spec: Specification,
    x: Any,
    places: Any,
    z: Any,
    free: Any,
    neutral: Any,
    play: Tables,
    data: StructuralData,
) -> Any:
    return read(spec, z.at[places].set(x), free, neutral, play, data)


_many = partial(jax.jit, static_argnums=0)(jax.vmap(_at, in_axes=(None, 0, *[None] * 6)))
_slope = partial(jax.jit, static_argnums=0)(jax.grad(_at, argnums=1))


class Marginal:
    """The log posterior density of a problem's parameters inside the game (I,), with a draw of the others (O,) beside each.

    ``modes`` best first, over all free parameters (D,), and ``precisions`` (D, D) there; every draw has a seed of its own.
    """

    def __init__(
        self, density: Density, modes: Sequence[Mode], precisions: Sequence[FloatArray], seed: Sequence[int]
    ) -> None:
        self._density, self._seed = density, list(seed)
        self._modes, inside = tuple(modes), density.at.inside
        self._inside, self._outside = np.flatnonzero(inside), np.flatnonzero(~inside)
        self._spread = [np.linalg.inv(one)[np.ix_(inside, inside)] for one in precisions]
        self._middle, best = modes[0].place, precisions[0]
        self._covariance: FloatArray = np.linalg.inv(best[np.ix_(~inside, ~inside)]).astype(np.float64)
        self._lean = -self._covariance @ best[np.ix_(~inside, inside)]
        self._whole: list[FloatArray] = []

    def posterior(self, seed: np.random.Generator, effort: Effort) -> Draws:
        """Weighted draws of all free parameters (N, D)."""
        modes = tuple(replace(mode, place=mode.place[self._inside]) for mode in self._modes)
        known = {mode.place.tobytes(): -np.linalg.inv(c) for mode, c in zip(modes, self._spread, strict=True)}
        target = Target(self.many, _no_slope, lambda place: known[place.tobytes()])
        _, draws = adapted(target, len(self._inside), seed, effort, modes)
        return replace(draws, z=np.array(self._whole), modes=self._modes)

    def many(self, z: FloatArray) -> FloatArray:
        """Log densities (N,) of parameters inside the game (N, I), NaN where a solution failed."""
        return np.array([self._one(row) for row in z])

    def _one(self, inside: FloatArray) -> float:
        whole = self._middle.copy()
        whole[self._inside] = inside
        guess = self._middle[self._outside] + self._lean @ (inside - self._middle[self._inside])
        whole[self._outside] = guess
        game = self._density.solve(whole)
        told = float("nan")
        if game is not None:
            own = np.random.default_rng([*self._seed, len(self._whole)])
            told, whole[self._outside] = integrated(
                self._given(whole, game.tables), guess, self._covariance, TOGETHER, own
            )
        self._whole.append(whole)
        return told

    def _given(self, whole: FloatArray, play: Tables) -> Inner:
        """The density of the others where the game is solved."""
        at = self._density.at
        places = jnp.asarray(at.places[self._outside])
        fixed = (places, jnp.asarray(self._density.full(whole)), at.free, at.neutral, play, at.data)
        spec = reading(at.spec)
        return Inner(
            lambda x: np.asarray(_many(spec, x, *fixed)), lambda x: np.asarray(_slope(spec, x, *fixed))
        )


def _no_slope(place: FloatArray) -> tuple[float, FloatArray]:
    raise NotImplementedError("modes are known")
