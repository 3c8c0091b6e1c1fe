"""The weekly panel of a record: every measure on named axes, masked where nothing was seen, traceable to its rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from standoff.panel.acts import block_variable, shock_variable, signal_axes, signal_variables
from standoff.panel.cells import Axes, Variable, to_dataset
from standoff.panel.daylight import BOUNDS, SAMPLES, daylight_variables
from standoff.panel.days import WEEK, date_of, length_days
from standoff.panel.decay import HALF_LIFE
from standoff.panel.options import Options, baseline_options
from standoff.panel.outcomes import (
    calendar_variable,
    error_variables,
    outcome_axes,
    pressure_variable,
    series_variables,
    stance_variables,
    zone_variables,
)
from standoff.record.rows import Record

if TYPE_CHECKING:
    import xarray


def build_panel(
    record: Record, options: Options | None = None, half_life: float = HALF_LIFE
) -> xarray.Dataset:
    """The panel under one combination of coding choices (the case's baseline unless given).

    Axis `week` counts seven-day weeks from the period's first day; `week_start`, `week_end`, `days` and `phase`
    run along it. Each variable is float with NaN where unseen, beside `<name>_seen` and `<name>_rows`;
    docs/reference/measures.md defines every one. `half_life` is in weeks.

    Raises:
        SettingsError: `half_life` is not a positive number, or the case declares an option that no choice has.
    """
    options = options or baseline_options(record.case)
    axes: Axes = {**signal_axes(record, options), "sample": SAMPLES, "bound": BOUNDS, **outcome_axes(record)}
    panel = to_dataset(_variables(record, options, half_life), axes, _attributes(record, options, half_life))
    return panel.assign_coords(_along_weeks(record, axes))


def _variables(record: Record, options: Options, half_life: float) -> Iterator[Variable]:
    yield from signal_variables(record, options, half_life)
    yield from daylight_variables(record, options, half_life)
    yield from block_variable(record, options)
    yield from shock_variable(record, half_life)
    yield from stance_variables(record, options)
    yield from error_variables(record)
    yield from zone_variables(record, options)
    yield from pressure_variable(record)
    yield from series_variables(record)
    yield from calendar_variable(record)


def _attributes(record: Record, options: Options, half_life: float) -> dict[str, str | float]:
    choices = ", ".join(f"{choice}={value}" for choice, value in options._asdict().items())
    return {"case": record.case.id, "options": choices, "half_life_weeks": float(half_life)}


def _along_weeks(record: Record, axes: Axes) -> dict[str, tuple[str, list[str] | list[int]]]:
    """First and last date, number of days and phase of each week; the last week may be cut short."""
    weeks = [int(week) for week in axes["week"]]
    length = length_days(record)
    lasts = [min(week * WEEK + WEEK, length) - 1 for week in weeks]
    return {
        "week_start": ("week", [date_of(record, week * WEEK).isoformat() for week in weeks]),
        "week_end": ("week", [date_of(record, last).isoformat() for last in lasts]),
        "days": ("week", [last - week * WEEK + 1 for week, last in zip(weeks, lasts, strict=True)]),
        "phase": ("week", [_phase(record, week * WEEK) for week in weeks]),
    }


def _phase(record: Record, day: int) -> str:
    """Id of the phase that a day lies in; days before the first phase belong to it."""
    phases = sorted(record.case.phases, key=lambda phase: phase.start)
    begun = [phase for phase in phases if phase.start <= date_of(record, day)]
    return begun[-1].id if begun else phases[0].id
