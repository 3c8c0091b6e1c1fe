"""Counterfactuals over all equilibria: what each outcome's probability could be, whichever equilibrium is played.

A model with several equilibria does not say which would follow a change. So every equilibrium of every game is kept,
and for each value the least and the most that the games' mean probability can be is told beside the mean that
follows if each game stays as near as possible, in p_R, to the equilibrium that it played before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from standoff.games.signalling.equations import Payoffs
from standoff.games.signalling.equilibria import Equilibria, all_equilibria

Floats = NDArray[np.float64]


class Counterfactual(NamedTuple):
    """Outcomes along a change.

    ``values`` (m,); ``equilibria`` all of them at each value; ``least``, ``most`` (m, 4) bounds of the games' mean
    probability of SQ, CD, SF, BD over every choice of equilibria; ``near`` (m, 4) the mean when each game stays
    nearest to where it was, NaN when no such place was given; ``several`` (m,) games with more than one equilibrium;
    ``unstable`` (m,) equilibria that best responses move away from; ``none`` (m,) games in which A never challenges.
    """

    values: Floats
    equilibria: tuple[Equilibria, ...]
    least: Floats
    most: Floats
    near: Floats
    several: NDArray[np.int64]
    unstable: NDArray[np.int64]
    none: NDArray[np.int64]

    @property
    def residual(self) -> float:
        """Largest distance of any equilibrium from its best response, in probability."""
        return max((float(np.max(one.residual, initial=0.0)) for one in self.equilibria), default=0.0)


def counterfactual(
    payoffs_at: Callable[[float], Payoffs], values: Sequence[float], resist: Floats | None = None
) -> Counterfactual:
    """Solve all games at each of ``values`` (m,); ``resist`` (games,) is p_R before the change."""
    found = tuple(all_equilibria(payoffs_at(float(value))) for value in values)
    bounds = [_bounds(one) for one in found]
    return Counterfactual(
        np.asarray(values, dtype=float),
        found,
        np.array([low.mean(axis=0) for low, _ in bounds]),
        np.array([high.mean(axis=0) for _, high in bounds]),
        np.array([np.full(4, np.nan) if resist is None else _near(one, resist) for one in found]),
        np.array([np.sum(one.counts > 1) for one in found]),
        np.array([np.sum(one.slope > 1.0) for one in found]),
        np.array([np.sum(one.counts == 0) for one in found]),
    )


def _bounds(found: Equilibria) -> tuple[Floats, Floats]:
    """Least and greatest probabilities (games, 4); a quiet game adds that A never challenges."""
    games = len(found.counts)
    low, high = np.ones((games, 4)), np.zeros((games, 4))
    np.minimum.at(low, found.game, found.outcomes)
    np.maximum.at(high, found.game, found.outcomes)
    never = np.array([1.0, 0.0, 0.0, 0.0])
    low[found.quiet] = np.minimum(low[found.quiet], never)
    high[found.quiet] = np.maximum(high[found.quiet], never)
    return low, high


def _near(found: Equilibria, resist: Floats) -> Floats:
    """Mean (4,) over games at the equilibrium nearest to ``resist``."""
    away = np.abs(found.resist - resist[found.game])
    order = np.lexsort((away, found.game))
    _, first = np.unique(found.game[order], return_index=True)
    chosen = np.tile([1.0, 0.0, 0.0, 0.0], (len(found.counts), 1))
    nearest = order[first]
    chosen[found.game[nearest]] = found.outcomes[nearest]
    mean: Floats = chosen.mean(axis=0)
    return mean
