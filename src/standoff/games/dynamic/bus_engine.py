"""Rust's (1987) bus engine: one player keeps or replaces; mileage grows by chance and starts again at a new engine.

Payoff: keep, -theta c(x) / 1000 (linear and square-root costs: c(x) = x, sqrt(x); hyperbolic: c(x) = 1000/(S + 1 - x),
here without the factor); replace, -RC - theta c(0) / 1000. Next bin: x + j with chance p_j after keeping, j after
replacing; what would pass the last bin stays in it. Source: [rust_1987].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from standoff.games.dynamic.design import build_game, state_space
from standoff.games.dynamic.errors import DynamicGameError
from standoff.games.dynamic.game import DynamicGame, Floats
from standoff.games.dynamic.solve import Equilibrium

GROUP_4_COUNTS = (1682, 2555, 55)  # months in which mileage moved by 0, 1, 2 bins
GROUP_4_THETA = (10.0750, 2.2930)
DISCOUNT = 0.9999
BINS = 90
SCALE = 0.001
COSTS = ("linear", "sqrt", "hyperbolic")


class Increments(NamedTuple):
    """Chances (J,) of moving on by 0, 1, ... bins, and the log-likelihood of the counts under them."""

    chances: Floats
    log_likelihood: float


def increments_of(counts: Sequence[int]) -> Increments:
    """Maximum likelihood from counts of moves by 0, 1, ... bins."""
    seen = np.asarray(counts, dtype=np.float64)
    chances = seen / seen.sum()
    terms = np.where(seen > 0, seen * np.log(np.where(seen > 0, chances, 1.0)), 0.0)
    return Increments(chances, float(terms.sum()))


def bus_engine(
    increments: Sequence[float] | Floats,
    bins: int = BINS,
    discount: float = DISCOUNT,
    cost: str = "linear",
    scale: float = SCALE,
    running: Mapping[str, Floats] | None = None,
) -> DynamicGame:
    """The game of one player, parameters RC (price of an engine) and theta (slope of the cost of running).

    ``increments`` (J,) chances of moving on by 0, 1, ... bins; ``running`` columns (bins,) of the cost of running by
    the names of their parameters, instead of ``cost``. Raises `DynamicGameError` for an unknown ``cost``.
    """
    space = state_space(mileage=list(range(bins)))
    steps = np.asarray(increments, dtype=np.float64)
    columns = running or {"theta": _cost(cost, np.arange(bins, dtype=np.float64), bins, scale)}

    def payoff(state: Mapping[str, Floats], actions: NDArray[np.int64], _: int) -> dict[str, ArrayLike]:
        replaced = actions[0]
        spent = {name: -np.where(replaced == 1, c[0], c[:, None]) for name, c in columns.items()}
        return {"RC": -1.0 * replaced, **spent}

    def laws(profiles: NDArray[np.int64]) -> dict[str, ArrayLike]:
        motion = np.zeros((bins, 2, bins))
        for move, chance in enumerate(steps):
            ahead = np.minimum(np.arange(bins) + move, bins - 1)
            motion[np.arange(bins), 0, ahead] += chance
            motion[:, 1, min(move, bins - 1)] += chance
        return {"mileage": motion}

    return build_game(space, ["owner"], [("keep", "replace")], payoff, laws, discount)


def _cost(name: str, x: Floats, bins: int, scale: float) -> Floats:
    if name == "linear":
        return scale * x
    if name == "sqrt":
        return np.asarray(scale * np.sqrt(x))
    if name == "hyperbolic":
        return 1.0 / (bins + 1 - x)
    raise DynamicGameError([f"cost: {name!r} is none of {', '.join(COSTS)}"])


def expected_values(found: Equilibrium) -> Floats:
    """Rust's EV: the expected value (S,) of the state that follows keeping."""
    return np.asarray(found.game.transition[:, 0, :] @ found.values[0])
