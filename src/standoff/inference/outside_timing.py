"""The patron's own calendar as outside timing: a signal's effect from those of its changes alone that the calendar explains.

A patron criticises when harm rises or talks stall, so that a signal and a stance can share a cause. The dates of the
patron's own politics are set elsewhere. First stage: how far the week's public signal moves with them, on one scale on
which a week of criticism in place of silence is 1 (the news of `twin_data`, divided by that of criticism). Reduced form: the
calendar's fading stock in place of the patron's signals in the twin, beside all other terms. Both stocks fade alike, so
the ratio of the two is the effect of a week of criticism, if the calendar moves the stance through public signals only.
A ratio over a first stage near zero is no number, so it is given only where the gates are passed; they were fixed before
any record was looked at. Sources: [angrist1996identification], [staiger1997instrumental], [mackinnon1985hccme].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from standoff.inference.importance import Gate, resample
from standoff.inference.learned import GateResult, OutsideTiming
from standoff.inference.probe import (
    PROBE_EFFORT,
    Side,
    level_effect,
    probe_free,
    weighted_quantiles,
)
from standoff.inference.twin import BlockFit, block_values, fit_block
from standoff.inference.twin_data import NEWS, TwinData
from standoff.panel.decay import stock
from standoff.panel.weekly import BOTH, COSTLY, CRITICISM, NONE, SUPPORT

FloatArray = npt.NDArray[np.float64]

FEWEST: Final = 8  # weeks with a date of the calendar, and as many without
STRENGTH: Final = 10.0  # least F of the calendar in the first stage
DRAWS: Final = 4000
SIDES: Final[tuple[Side, ...]] = ("holder", "coercer")
REPEATED: Final[Mapping[Side, tuple[str, ...]]] = {
    "holder": ("news",),
    "coercer": ("criticism", "support", "costly"),
}  # the patron's public signals leave the model: what the calendar moved through them is what is asked for


class FirstStage(NamedTuple):
    """Change of the week's signal (in weeks of criticism) with a date of the calendar: ``slope``, its robust ``error``,
    ``strength`` F, residual ``degrees`` of freedom, ``weeks`` used and ``dated`` ones among them."""

    slope: float
    error: float
    strength: float
    degrees: int
    weeks: int
    dated: int


def outside_timing(data: TwinData, seed: int, generator: np.random.Generator) -> tuple[OutsideTiming, ...]:
    """What the calendar's variation says of each side's stance. Randomness: ``seed`` for fits, ``generator`` for draws."""
    stage = first_stage(data)
    return tuple(_side(data, side, stage, seed, generator) for side in SIDES)


def signal_scale(data: TwinData) -> FloatArray:
    """The week's public signal, (T,): 1 criticism, 0 silence, negative for support, above 1 for arms withheld."""
    restrain, enable, costly = data.restrain_mark > 0, data.enable_mark > 0, data.costly_mark > 0
    kind = np.select(
        [costly, restrain & enable, restrain, enable], [COSTLY, BOTH, CRITICISM, SUPPORT], default=NONE
    )
    return np.asarray(NEWS[kind] / NEWS[CRITICISM])


def first_stage(data: TwinData) -> FirstStage:
    """Least squares of the signal on the calendar beside last week's signal, harm, stalled talks and the last demand, over
    the weeks at risk; HC3 errors [mackinnon1985hccme]. Without two kinds of weeks the slope is 0 with an infinite error."""
    signal = signal_scale(data)
    used = np.flatnonzero(data.at_risk[1:] > 0) + 1
    before = used - 1
    columns = (
        data.calendar[used],
        signal[before],
        data.harm[before],
        data.stalled[before],
        data.standing[used],
    )
    design = np.stack([np.ones(len(used)), *columns], axis=1)
    dated = int(np.sum(columns[0] > 0))
    degrees = len(used) - int(np.linalg.matrix_rank(design)) if len(used) else 0
    if not 0 < dated < len(used) or degrees < 1:
        return FirstStage(0.0, float("inf"), 0.0, max(degrees, 1), len(used), dated)
    slope, error = _robust(design, signal[used])
    strength = (slope / error) ** 2 if error > 0 else 0.0
    return FirstStage(slope, error, strength, degrees, len(used), dated)


def _robust(design: FloatArray, outcome: FloatArray) -> tuple[float, float]:
    """Coefficient of the second column and its HC3 standard error."""
    inverse = np.linalg.pinv(design.T @ design)
    hat = np.einsum("ij,jk,ik->i", design, inverse, design)
    beta = inverse @ design.T @ outcome
    residual = (outcome - design @ beta) / np.maximum(1.0 - hat, 1e-6)
    spread = inverse @ (design.T * residual**2) @ design @ inverse
    return float(beta[1]), float(np.sqrt(max(spread[1, 1], 0.0)))


def stage_gates(stage: FirstStage) -> tuple[Gate, ...]:
    """Whether there are enough weeks of both kinds, and whether the calendar moves the signals strongly enough."""
    few = min(stage.dated, stage.weeks - stage.dated)
    detail = f"{stage.dated} with and {stage.weeks - stage.dated} without, must be at least {FEWEST} of each"
    told = f"F = {stage.strength:.1f}, must be at least {STRENGTH:g}"
    return (
        Gate("weeks with and without a date of the patron's calendar", few >= FEWEST, detail),
        Gate("strength of the calendar behind signals", stage.strength >= STRENGTH, told),
    )


def _side(
    data: TwinData, side: Side, stage: FirstStage, seed: int, generator: np.random.Generator
) -> OutsideTiming:
    gates, draws = list(stage_gates(stage)), None
    reduced: tuple[float, float, float] | None = None
    effect, higher = None, None
    if stage.dated > 0:
        calendar = _on_calendar(data, side)
        fitted = fit_block(calendar, side, probe_free(side, REPEATED[side], False), seed, PROBE_EFFORT)
        gates += fitted.draws.gates
        draws = _equal_draws(fitted, generator)
        reduced = _told(level_effect(calendar, side, draws))
    passed = all(gate.passed for gate in gates)
    if passed and draws is not None:
        slopes = stage.slope + stage.error * student.rvs(stage.degrees, size=DRAWS, random_state=generator)
        moved = level_effect(_on_calendar(data, side), side, {**draws, "probe": draws["probe"] / slopes})
        effect, higher = _told(moved), float(np.mean(moved > 0))
    return OutsideTiming(
        side=side,
        weeks=stage.weeks,
        dated=stage.dated,
        first=stage.slope if np.isfinite(stage.error) else None,
        first_error=stage.error if np.isfinite(stage.error) else None,
        strength=stage.strength,
        **_named("reduced", reduced),
        **_named("effect", effect),
        higher=higher,
        passed=passed,
        gates=tuple(GateResult(gate.name, gate.passed, gate.detail) for gate in gates),
    )


def _named(name: str, told: tuple[float, float, float] | None) -> dict[str, float | None]:
    values = (None, None, None) if told is None else told
    return dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))


def _on_calendar(data: TwinData, side: Side) -> TwinData:
    """The record with the calendar's stock as the probe of one side."""
    probe = np.zeros((len(data.calendar), 2))
    probe[:, 0 if side == "holder" else 1] = stock(data.calendar)
    return data._replace(probe=probe)


def _equal_draws(fitted: BlockFit, generator: np.random.Generator) -> dict[str, FloatArray]:
    return block_values(fitted, resample(fitted.draws, DRAWS, generator))


def _told(values: FloatArray) -> tuple[float, float, float]:
    """Median and 90% interval: a ratio of two draws has no mean."""
    middle, low, high = weighted_quantiles(values, np.full(len(values), 1 / len(values)), (0.5, 0.05, 0.95))
    return middle, low, high
