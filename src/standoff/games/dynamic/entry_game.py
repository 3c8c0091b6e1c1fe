"""The entry game of Aguirregabiria and Mira (2007): firms in local markets, size moving by itself, costs of entry.

Payoff of an active firm: FC_i + S s - RN ln(1 + N_-i) - EC (1 - a_i,t-1); of an inactive one, nought. The state is the
market's size and who was active. Source: [aguirregabiria_mira_2007], section 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from standoff.games.dynamic.design import (
    StateSpace,
    build_game,
    own_chain,
    remembered,
    state_space,
)
from standoff.games.dynamic.game import DynamicGame, Floats
from standoff.games.dynamic.solve import Equilibrium
from standoff.games.dynamic.stationary import profile_law, stationary_law

FIXED_COSTS = (-1.9, -1.8, -1.7, -1.6, -1.5)
SIZES = (1.0, 2.0, 3.0, 4.0, 5.0)
STAY_AT_END, STAY_INSIDE, STEP = 0.8, 0.6, 0.2


class LongRun(NamedTuple):
    """Statistics of the stationary law: active firms (mean, s.d., AR(1)), entrants, exits, excess turnover a period,
    and each firm's chance to be active (N,)."""

    active_mean: float
    active_sd: float
    active_autocorrelation: float
    entrants: float
    exits: float
    excess_turnover: float
    active: Floats


def size_law(count: int) -> Floats:
    """The published law of the market's size, (count, count): up, down or as it was."""
    law = np.diag(np.full(count, STAY_INSIDE))
    law += np.diag(np.full(count - 1, STEP), 1) + np.diag(np.full(count - 1, STEP), -1)
    law[0, 0] = law[-1, -1] = STAY_AT_END
    return law


def size_law_of(
    sizes: NDArray[np.int64], market: NDArray[np.int64], count: int, weight: Floats | None = None
) -> Floats | None:
    """The law of the size (count, count) by maximum likelihood from rows (T,) of positions and markets, in order of time.

    ``weight`` (T,) how often rows count. None where no market is seen twice; a size that is never left keeps the published law.
    """
    follows = market[1:] == market[:-1]
    if not follows.any():
        return None
    seen = np.zeros((count, count))
    often = np.ones(len(sizes)) if weight is None else weight
    np.add.at(seen, (sizes[:-1][follows], sizes[1:][follows]), often[:-1][follows])
    total = seen.sum(axis=1, keepdims=True)
    return np.where(total > 0, seen / np.maximum(total, 1.0), size_law(count))


def space_of(firms: int, sizes: Sequence[float] = SIZES) -> StateSpace:
    """Size, and for each firm whether it was active."""
    was = {f"active_{firm + 1}": (0.0, 1.0) for firm in range(firms)}
    return state_space(size=sizes, **was)


def entry_game(
    firms: int = 5,
    sizes: Sequence[float] = SIZES,
    law: ArrayLike | None = None,
    discount: float = 0.95,
    profit: Mapping[str, Floats] | None = None,
) -> DynamicGame:
    """The game of ``firms`` firms; parameters FC_1, S, RN, EC, then the other firms' FC.

    ``law`` (sizes, sizes) of the market's size; the published one if not given. ``profit`` columns (sizes, firms) by the
    market's size and the number of active rivals, by the names of their parameters, instead of S and RN.
    """
    number = np.arange(firms)
    columns = profit or {
        "S": np.repeat(np.asarray(sizes, dtype=np.float64)[:, None], firms, axis=1),
        "RN": np.repeat(-np.log1p(number)[None], len(sizes), axis=0),
    }
    space = space_of(firms, sizes)
    at = space.positions["size"][:, None]
    matrix = size_law(len(sizes)) if law is None else np.asarray(law, dtype=np.float64)

    def payoff(state: Mapping[str, Floats], actions: NDArray[np.int64], firm: int) -> dict[str, ArrayLike]:
        own = actions[firm]
        rivals = actions.sum(axis=0) - own
        return {
            f"FC_{firm + 1}": own,
            **{name: table[at, rivals] * own for name, table in columns.items()},
            "EC": -(1.0 - state[f"active_{firm + 1}"]) * own,
        }

    def laws(profiles: NDArray[np.int64]) -> dict[str, ArrayLike]:
        kept = {f"active_{firm + 1}": remembered(profiles, firm, 2) for firm in range(firms)}
        return {"size": own_chain(space, "size", matrix), **kept}

    names = [f"firm {firm + 1}" for firm in range(firms)]
    return build_game(space, names, [("inactive", "active")] * firms, payoff, laws, discount)


def published_theta(game: DynamicGame, entry_cost: float, competition: float) -> Floats:
    """The published parameters at an entry cost EC and an effect of rivals RN, in the game's order."""
    fixed = {f"FC_{firm + 1}": cost for firm, cost in enumerate(FIXED_COSTS)}
    numbers = {**fixed, "S": 1.0, "RN": competition, "EC": entry_cost}
    return np.array([numbers[name] for name in game.parameters])


def long_run(found: Equilibrium) -> LongRun:
    """Exact statistics of the stationary law of an entry game's equilibrium."""
    game = found.game
    law, weight = profile_law(found), stationary_law(found)
    acts = game.profiles
    sizes = len(game.states) // 2 ** len(game.players)
    before = np.tile(acts, (sizes, 1))  # states list the last actions in the profiles' order under each size
    joint = weight[:, None] * law
    number = acts.sum(axis=1).astype(float)
    mean = float((joint * number).sum())
    spread = float((joint * (number - mean) ** 2).sum())
    expected = law @ number
    again = np.einsum("sj,sjt,t->sj", joint, game.transition, expected)
    together = float((again * number).sum()) - mean**2
    came = ((acts[None] == 1) & (before[:, None] == 0)).sum(axis=2)
    went = ((acts[None] == 0) & (before[:, None] == 1)).sum(axis=2)
    excess = came + went - np.abs(came - went)
    return LongRun(
        mean,
        float(np.sqrt(spread)),
        together / spread,
        float((joint * came).sum()),
        float((joint * went).sum()),
        float((joint * excess).sum()),
        joint.sum(axis=0) @ acts,
    )
