"""Two groups contend for the support of one public: each period each acts or not, and support drifts to who acted.

State: support for the first less that for the second, on ``levels`` points, and who acted last. Support moves as
x' = inertia x + pull (a_1 - a_2) + normal shock, cut into the levels. Payoffs: support_i times (x or -x) each period,
act_i when acting, repeat_i more when the group had acted before. It is a plain member of the family of contests for
an audience [gibilisco_2018], made to show the room at its full size (110 levels x 4 = 440 states); nobody's
published specification.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from standoff.games.dynamic.design import StateSpace, build_game, remembered, state_space
from standoff.games.dynamic.game import DynamicGame, Floats

REACH = 3.0


def contest_space(levels: int = 110) -> StateSpace:
    """Support on ``levels`` even points from -3 to 3, and whether each group acted last."""
    support = np.linspace(-REACH, REACH, levels).tolist()
    return state_space(support=support, acted_1=(0.0, 1.0), acted_2=(0.0, 1.0))


def support_contest(
    levels: int = 110,
    inertia: float = 0.9,
    pull: float = 0.4,
    shock: float = 0.5,
    discount: float = 0.99,
    states_apart: bool = True,
) -> DynamicGame:
    """The contest; parameters support_1, act_1, repeat_1, support_2, act_2, repeat_2 (or, not ``states_apart``, the
    same three for both groups)."""
    space = contest_space(levels)
    grid = np.asarray(space.levels[0])
    cuts = np.append((grid[:-1] + grid[1:]) / 2, np.inf)

    def payoff(state: Mapping[str, Floats], actions: NDArray[np.int64], group: int) -> dict[str, ArrayLike]:
        own = actions[group]
        tail = f"_{group + 1}" if states_apart else ""
        side = 1.0 if group == 0 else -1.0
        acted = state[f"acted_{group + 1}"]
        return {f"support{tail}": side * state["support"], f"act{tail}": own, f"repeat{tail}": acted * own}

    def laws(profiles: NDArray[np.int64]) -> dict[str, ArrayLike]:
        mean = inertia * space.columns["support"][:, None] + pull * (profiles[:, 0] - profiles[:, 1])
        below = norm.cdf((cuts - mean[:, :, None]) / shock)
        motion = np.diff(below, axis=2, prepend=0.0)
        return {
            "support": motion,
            "acted_1": remembered(profiles, 0, 2),
            "acted_2": remembered(profiles, 1, 2),
        }

    return build_game(space, ["group 1", "group 2"], [("wait", "act")] * 2, payoff, laws, discount)
