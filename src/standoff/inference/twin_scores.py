"""Leave-future-out scores of the twin's rivals, block by block: how well each week was foretold by the weeks before it.

Blocks share no parameters, so a rival's score of a week is the sum of its blocks' scores; a block is scored once for each
set of free parameters and restricted sign. Blocks that all rivals share (signals, ends) are left out: they move no
difference. Source: [burkner2020future].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from standoff.inference.importance import Effort, Gate
from standoff.inference.leave_future_out import FutureScore, leave_future_out
from standoff.inference.rivals import Rival, rival
from standoff.inference.stacking import Score, Stacked, compare, stack
from standoff.inference.twin import (
    BlockFit,
    TwinFit,
    block,
    block_values,
    fit_block,
    free_places,
    sign_restrictions,
    week_terms,
)
from standoff.inference.twin_data import TwinData

FloatArray = npt.NDArray[np.float64]

FIRST_WEEK: Final = 20  # weeks before it teach, and are not scored
SCORED: Final = ("holder", "coercer", "force", "aid", "deaths")
REFIT: Final = Effort(draws=1024, rounds=5, starts=1, aim=600)
Key = tuple[str, tuple[int, ...], int]


class Scores(NamedTuple):
    """Scores of rivals, best first, their stacking, and a gate for each rival's k after refits."""

    scores: tuple[Score, ...]
    stacked: Stacked
    gates: Mapping[str, Gate]
    refits: int


def twin_scores(
    data: TwinData,
    fits: Mapping[str, TwinFit],
    seed: int,
    generator: np.random.Generator,
    progress: Callable[[int, int], None] | None = None,
) -> Scores:
    """Score every rival from `FIRST_WEEK` on."""
    wanted = {name: [_key(rival(name), part) for part in SCORED] for name in fits}
    keys = sorted({key for keys in wanted.values() for key in keys})
    known: dict[Key, FutureScore] = {}
    for done, key in enumerate(keys):
        name = next(name for name, mine in wanted.items() if key in mine)
        known[key] = _score(data, fits[name].blocks[key[0]], key, seed)
        if progress is not None:
            progress(done + 1, len(keys))
    table = np.stack([sum(known[key].elpd for key in wanted[name]) for name in fits], axis=1)
    gates = {name: _gate([known[key] for key in wanted[name]]) for name in fits}
    refits = sum(int(one.refitted.sum()) for one in known.values())
    names = list(fits)
    return Scores(compare(table, names), stack(table, names, generator), gates, refits)


def _key(one: Rival, part: str) -> Key:
    sign = next((sign for name, _, sign in sign_restrictions(one) if name == part), 0)
    return part, free_places(block(part), one, False), sign


def _score(data: TwinData, fitted: BlockFit, key: Key, seed: int) -> FutureScore:
    name, free, sign = key

    def of(one: BlockFit) -> tuple[FloatArray, FloatArray]:
        with np.errstate(divide="ignore"):
            return week_terms(data, one, one.draws.z), np.log(_cut(one, sign))

    def refit(week: int) -> tuple[FloatArray, FloatArray]:
        return of(fit_block(data, name, free, seed, REFIT, upto=week))

    return leave_future_out(*of(fitted), refit, FIRST_WEEK)


def _cut(one: BlockFit, sign: int) -> FloatArray:
    """Weights of the draws with the restricted sign; of all where none is restricted."""
    if sign == 0:
        return one.draws.weights
    parameter = "news" if one.block == "holder" else "block"
    column = block_values(one, one.draws.z)[parameter]
    return np.where(column * sign > 0, one.draws.weights, 0.0)


def _gate(parts: list[FutureScore]) -> Gate:
    failed = [gate for part in parts for gate in part.gates if not gate.passed]
    return failed[0] if failed else parts[0].gates[0]
