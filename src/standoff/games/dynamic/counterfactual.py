"""What if a parameter were another: follow the equilibrium of the estimate to the changed game, and say if it breaks.

With several equilibria a changed game has no single answer; the one that continues the estimated conduct is found by
moving along the path of equilibria (path.py). Where the path folds before it arrives, the estimated conduct ceases to
exist at that point: the answer beyond is where the same path comes back to, and the fold is told. Intervals draw
parameters from the normal law of the estimate and follow each draw's own equilibrium.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from standoff.games.dynamic.errors import DynamicGameError, NoEquilibriumError
from standoff.games.dynamic.estimate import Estimate
from standoff.games.dynamic.game import DynamicGame, Floats
from standoff.games.dynamic.path import Way, follow
from standoff.games.dynamic.solve import Equilibrium
from standoff.games.dynamic.stationary import stationary_law

Quantity = Callable[[Equilibrium], ArrayLike]


@dataclass(frozen=True)
class Counterfactual:
    """An equilibrium, the one it turns into, and the way between.

    ``folds`` shares of the change (0 to 1) at which the equilibrium that was followed ceases to exist; ``before`` and
    ``after`` a quantity of each (Q,), with ``low`` and ``high`` of the difference (Q,) where draws were asked for,
    ``broken`` the share of draws whose path did not arrive or folded on the way.
    """

    start: Equilibrium = field(repr=False)
    end: Equilibrium = field(repr=False)
    folds: tuple[float, ...]
    before: Floats
    after: Floats
    low: Floats | None = None
    high: Floats | None = None
    broken: float = 0.0

    @property
    def continuous(self) -> bool:
        """Whether the estimated conduct lasts the whole way."""
        return not self.folds

    def sentence(self) -> str:
        """What becomes of the estimated conduct."""
        if self.continuous:
            return "The estimated equilibrium lasts the whole way to the changed game."
        where = ", ".join(f"{100 * t:.1f} %" for t in self.folds)
        return (
            f"The estimated equilibrium ceases to exist on the way (folds at {where} of the change): what is shown is "
            "where its path comes back to, not a small step from what was."
        )


def action_shares(found: Equilibrium) -> Floats:
    """How often each player takes each action in the long run, player by player."""
    weight = stationary_law(found)
    return np.concatenate([weight @ table for table in found.choices])


def changed_theta(game: DynamicGame, theta: Floats, changes: Mapping[str, float]) -> Floats:
    """Parameters with some set to other values by name; `DynamicGameError` names those that the game lacks."""
    unknown = [name for name in changes if name not in game.parameters]
    if unknown:
        raise DynamicGameError(
            [f"no parameter {name!r}" for name in unknown], f"parameters: {', '.join(game.parameters)}"
        )
    moved = np.array(theta)
    for name, value in changes.items():
        moved[game.parameters.index(name)] = value
    return moved


def counterfactual(
    start: Equilibrium,
    changes: Mapping[str, float],
    discount: float | None = None,
    quantity: Quantity = action_shares,
    steps: int = 400,
) -> Counterfactual:
    """Follow an equilibrium to the game with some parameters (and perhaps the discount) changed.

    Raises `NoEquilibriumError` when the path does not arrive (it turned back, or could not go on), saying where.
    """
    way = follow(start, changed_theta(start.game, start.theta, changes), discount, steps=steps)
    end = _arrived(way)
    return Counterfactual(
        start, end, _before_arrival(way), np.asarray(quantity(start)), np.asarray(quantity(end))
    )


def with_draws(
    estimate: Estimate,
    changes: Mapping[str, float],
    quantity: Quantity = action_shares,
    draws: int = 100,
    seed: int = 0,
    level: float = 0.9,
    method: str = "",
) -> Counterfactual:
    """The counterfactual of an estimate with an interval of the difference, from draws of the parameters.

    Each draw first moves the estimated equilibrium to the draw, then to the draw with the changes. Draws whose paths
    fold or do not arrive are counted in ``broken`` and are left out of the interval, which is nan when fewer than half
    are left.
    """
    if estimate.equilibrium is None:
        raise DynamicGameError(
            ["the estimate has no equilibrium (two steps ask for none)"], "fit by another estimator"
        )
    base = counterfactual(estimate.equilibrium, changes, quantity=quantity)
    covariance = estimate.covariance[method or next(iter(estimate.covariance))]
    random = np.random.default_rng(seed)
    points = random.multivariate_normal(estimate.theta, covariance, size=draws, method="eigh")
    gaps = [_gap(estimate.equilibrium, point, changes, quantity) for point in points]
    kept = [gap for gap in gaps if gap is not None]
    ends = (np.full_like(base.before, np.nan),) * 2
    if 2 * len(kept) >= draws:
        ends = tuple(np.quantile(kept, [(1 - level) / 2, (1 + level) / 2], axis=0))
    broken = 1 - len(kept) / draws
    return Counterfactual(base.start, base.end, base.folds, base.before, base.after, ends[0], ends[1], broken)


def _gap(
    start: Equilibrium, theta: Floats, changes: Mapping[str, float], quantity: Quantity
) -> Floats | None:
    """The difference that the changes make at a draw; None where a path breaks."""
    drawn = follow(start, theta)
    if drawn.folds or not drawn.arrivals or not drawn.arrivals[0].passed:
        return None
    way = follow(drawn.arrivals[0], changed_theta(start.game, theta, changes))
    if way.folds or not way.arrivals or not way.arrivals[0].passed:
        return None
    gap: Floats = np.asarray(quantity(way.arrivals[0])) - np.asarray(quantity(drawn.arrivals[0]))
    return gap


def _arrived(way: Way) -> Equilibrium:
    if way.arrivals and way.arrivals[0].passed:
        return way.arrivals[0]
    raise NoEquilibriumError(
        f"the equilibrium could not be followed to the changed game: its path {way.ended}",
        f"it folded at {', '.join(f'{t:.3f}' for t in way.folds) or 'no'} of the change",
        "look at all equilibria of the changed game instead (`all_equilibria`)",
    )


def _before_arrival(way: Way) -> tuple[float, ...]:
    """The folds on the way (the walk may go on past the first arrival by a step)."""
    arrived = int(np.argmax(way.t >= 1.0)) if np.any(way.t >= 1.0) else len(way.t)
    highest = np.max(way.t[: arrived + 1])
    return tuple(t for t in way.folds if t <= highest)
