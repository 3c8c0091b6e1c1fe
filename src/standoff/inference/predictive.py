"""Predictive checks: does a rival, at its prior or at its posterior, make records like the one there is?

Each statistic speaks of what one rival is about. A record's own value should lie within the central 95% of what the
rival simulates with the same calendar and gaps. How signals follow harm and refusals is a gate: a model that does not
reproduce it cannot tell the effect of signals from their causes. Source: [gelman1996posterior].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from standoff.inference.importance import Gate, resample
from standoff.inference.rivals import ALL, rival
from standoff.inference.twin import TwinFit, block_values, free_places, neutral
from standoff.inference.twin_blocks import BLOCKS
from standoff.inference.twin_data import TwinData
from standoff.inference.twin_simulate import simulate

FloatArray = npt.NDArray[np.float64]

INSIDE: Final = 0.95
GATE: Final = "signals follow events in the model as in the record"


class Statistic(NamedTuple):
    """A number read off a record; ``about`` the rivals that it speaks of; ``gate`` whether P hangs on it."""

    name: str
    says: str
    about: tuple[str, ...]
    of: Callable[[TwinData], float]
    gate: bool = False


class Check(NamedTuple):
    """The record's value beside the rival's predictive interval; NaN value: the record has nothing to read."""

    statistic: str
    says: str
    rival: str
    observed: float
    low: float
    high: float
    passed: bool
    gate: bool


def _apart(values: FloatArray, of: FloatArray, seen: FloatArray | None = None) -> float:
    """Mean of ``values`` where ``of`` is high less where it is low; NaN where one side is empty."""
    known = np.ones(len(values), dtype=bool) if seen is None else seen > 0
    high, low = known & (of > 0), known & (of <= 0)
    if not high.any() or not low.any():
        return float("nan")
    return float(values[high].mean() - values[low].mean())


def _levels(d: TwinData, side: str) -> tuple[FloatArray, FloatArray]:
    category = getattr(d, f"{side}_category")
    return d.levels[np.maximum(category, 0).astype(int)], (category >= 0).astype(np.float64)


def _before(values: FloatArray) -> FloatArray:
    return np.concatenate([[0.0], values[:-1]])


def _after_harm(d: TwinData) -> float:
    return _apart(d.restrain_mark, _before(d.harm))


def _after_refusal(d: TwinData) -> float:
    return _apart(d.restrain_mark, _before(d.stalled))


def _after_stance(d: TwinData) -> float:
    return _apart(d.restrain_mark, d.standing)


def _holder_over_time(d: TwinData) -> float:
    level, seen = _levels(d, "holder")
    return _apart(level, d.time - 0.5, seen * (d.in_spell > 0))


def _coercer_blocked(d: TwinData) -> float:
    level, seen = _levels(d, "coercer")
    return _apart(level, d.block, seen)


def _holder_shocked(d: TwinData) -> float:
    level, seen = _levels(d, "holder")
    return _apart(level, d.shock - np.median(d.shock), seen)


def _holder_news(d: TwinData) -> float:
    level, seen = _levels(d, "holder")
    return _apart(level, d.news - np.median(d.news), seen)


def _force_criticised(d: TwinData) -> float:
    return _apart(d.force_level, d.criticism - np.median(d.criticism), d.force_seen)


def _holder_forced(d: TwinData) -> float:
    level, seen = _levels(d, "holder")
    return _apart(level, d.force, seen * d.force_seen)


def _holder_spread(d: TwinData) -> float:
    level, seen = _levels(d, "holder")
    return float(level[seen > 0].std()) if seen.any() else float("nan")


STATISTICS: Final[tuple[Statistic, ...]] = (
    Statistic("criticism-after-harm", "public restraint more often after weeks of much harm", (), _after_harm, True),
    Statistic("criticism-after-refusal", "public restraint more often after refusals", (), _after_refusal, True),
    Statistic("criticism-after-demand", "public restraint more often while the holder's last demand is high", (), _after_stance, True),
    Statistic("holder-late", "the holder's level late in a spell less its level early", ("M0",), _holder_over_time),
    Statistic("coercer-blocked", "the coercer's level while a domestic block stands less without", ("M1",), _coercer_blocked),
    Statistic("holder-shocked", "the holder's level after many shocks less after few", ("M2",), _holder_shocked),
    Statistic("holder-news", "the holder's level after news of an unrestrained coercer less without", ("M3", "M4"), _holder_news),
    Statistic("force-criticised", "force after much criticism less after little", ("M5",), _force_criticised),
    Statistic("holder-forced", "the holder's level in major offensives less otherwise", ("M6",), _holder_forced),
    Statistic("holder-spread", "standard deviation of the holder's levels", ("M7",), _holder_spread),
    Statistic("deals", "deals made", ("M7",), lambda d: float(d.deal.sum())),
)  # fmt: skip


def posterior_checks(
    data: TwinData, fit: TwinFit, seed: np.random.Generator, count: int = 200
) -> tuple[Check, ...]:
    """Every statistic of a record beside what one rival simulates at its posterior."""
    drawn = {name: block_values(one, resample(one.draws, count, seed)) for name, one in fit.blocks.items()}
    return _compare(data, fit.rival, simulate(data, drawn, seed))


def prior_checks(data: TwinData, seed: np.random.Generator, count: int = 400) -> tuple[Check, ...]:
    """The same at the prior of all terms together: what the priors think possible before any outcome is read."""
    return _compare(data, "prior", simulate(data, prior_values(count, seed), seed))


def prior_values(
    count: int, seed: np.random.Generator, name: str = ALL
) -> dict[str, Mapping[str, FloatArray]]:
    """Values by block and name, (count,), drawn from a rival's prior."""
    found: dict[str, Mapping[str, FloatArray]] = {}
    for one in BLOCKS:
        mask = np.zeros(len(one.priors))
        mask[list(free_places(one, rival(name), False))] = 1.0
        drawn = neutral(one.priors, seed.normal(size=(count, len(one.priors))), mask)
        found[one.name] = {key: np.broadcast_to(value, (count,)) for key, value in drawn.items()}
    return found


def _compare(data: TwinData, name: str, records: Sequence[TwinData]) -> tuple[Check, ...]:
    return tuple(_check(data, name, statistic, records) for statistic in STATISTICS)


def _check(data: TwinData, name: str, statistic: Statistic, records: Sequence[TwinData]) -> Check:
    observed = statistic.of(data)
    drawn = np.array([statistic.of(record) for record in records])
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(observed) or len(drawn) < 20:
        return Check(
            statistic.name,
            statistic.says,
            name,
            float("nan"),
            float("nan"),
            float("nan"),
            True,
            statistic.gate,
        )
    low, high = np.quantile(drawn, [(1 - INSIDE) / 2, (1 + INSIDE) / 2])
    passed = bool(low - 1e-12 <= observed <= high + 1e-12)
    return Check(
        statistic.name, statistic.says, name, observed, float(low), float(high), passed, statistic.gate
    )


def signal_gate(checks: Sequence[Check]) -> Gate:
    """Whether all checks that P hangs on were passed."""
    failed = [check.statistic for check in checks if check.gate and not check.passed]
    return Gate(GATE, not failed, ", ".join(failed) if failed else "within the 95% predictive intervals")
