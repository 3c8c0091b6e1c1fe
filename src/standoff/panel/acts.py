"""Signals in the panel: counts and intensities by who, how and which way; stock; daylight; domestic blocks; shocks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from standoff.panel.cells import Axes, Cells, Variable
from standoff.panel.days import WEEK, BoolArray, day_of, in_core, length_weeks
from standoff.panel.decay import peak, stock
from standoff.panel.options import Options
from standoff.panel.signals import coded_events, select_events
from standoff.record.case_schema import Actor
from standoff.record.rows import Event, Record

CHANNELS = ("public", "private-reported", "action")
DIRECTIONS = ("restrain", "enable", "neutral")
BANDS = ("1-2", "3", "4-5")  # readings of intensity differ by one step at most, nearly always within a band
COLLECTIONS = ("first", "added")


def signal_axes(record: Record, options: Options) -> Axes:
    """Axes of the signal variables; actor groups in the order in which the case lists actors."""
    groups = dict.fromkeys(actor_group(actor, options) for actor in record.case.actors)
    return {
        "week": tuple(range(length_weeks(record))),
        "actor_group": tuple(groups),
        "channel": CHANNELS,
        "direction": DIRECTIONS,
        "band": BANDS,
        "collection": COLLECTIONS,
    }


def actor_group(actor: Actor, options: Options) -> str:
    """An actor's role; a patron's group says whom it backs, and its legislature stands apart unless chosen in."""
    if actor.role != "patron":
        return actor.role
    group = f"patron-of-{actor.backs}" if actor.backs else "patron"
    apart = actor.branch == "legislature" and options.patron == "executive"
    return f"{group}-legislature" if apart else group


def signal_variables(record: Record, options: Options, half_life: float) -> Iterator[Variable]:
    """Counts, sums of intensity and decayed stock of signals; an act of two groups counts once in each."""
    axes = signal_axes(record, options)
    cells = Cells(axes)
    for event in coded_events(record, options):
        for group in _groups(record, event, options):
            place = (
                week_of(record, event),
                group,
                event.channel,
                event.direction,
                _band(event),
                event.collection,
            )
            cells.add(place, event.id, event.intensity)
    seen = weeks_seen(record, options)
    names = tuple(axes)
    mask_axes = ("week", "collection")
    yield Variable(
        "signals", names, cells.count, "acts recorded", "rows", cells.rows, seen=seen, seen_axes=mask_axes
    )
    yield Variable(
        "signal_intensity",
        names,
        cells.weight,
        "sum of the intensities of the acts recorded",
        "intensity",
        rows_of="signals",
        seen=seen,
        seen_axes=mask_axes,
    )
    yield Variable(
        "signal_stock",
        tuple(name for name in names if name != "band"),
        stock(cells.weight.sum(axis=names.index("band")), half_life),
        "decayed sum of the intensities of the acts recorded",
        "intensity",
        rows_of="signals",
        reach="past",
        seen=np.logical_or.accumulate(seen, axis=0),
        seen_axes=mask_axes,
    )


def weeks_seen(record: Record, options: Options) -> BoolArray:
    """Weeks, shape (weeks, collections), in which a collection has any row at all, whatever the row says.

    A week without one row is a week that was not looked at closely enough to say that nothing happened.
    """
    seen = np.zeros((length_weeks(record), len(COLLECTIONS)), dtype=np.bool_)
    for event in record.events:
        if in_core(record, event.date) and options.collection in ("both", event.collection):
            seen[week_of(record, event), COLLECTIONS.index(event.collection)] = True
    return seen


def block_variable(record: Record, options: Options) -> Iterator[Variable]:
    """Weekly rows of the case's domestic blocks."""
    if record.case.domestic_blocks is None:
        return
    cells = Cells({"week": tuple(range(length_weeks(record)))})
    for event in select_events(record, record.case.domestic_blocks, options):
        cells.add((week_of(record, event),), event.id)
    seen: BoolArray = np.any(weeks_seen(record, options), axis=1)
    yield Variable(
        "domestic_blocks", ("week",), cells.count, "domestic blocks recorded", "rows", cells.rows, seen=seen
    )


def shock_variable(record: Record, half_life: float) -> Iterator[Variable]:
    """Each shock as an impulse of one that fades; several rows of one shock are one shock, so peaks and no sums.

    Shocks are declared by the case and not sampled: coding choices leave them alone and every week is seen.
    """
    shocks = record.case.shocks
    if not shocks:
        return
    dated = {event.id: event for event in record.events if in_core(record, event.date)}
    cells = Cells({"week": tuple(range(length_weeks(record))), "shock": tuple(shock.id for shock in shocks)})
    for shock in shocks:
        for name in shock.events:
            if name in dated:
                cells.add((week_of(record, dated[name]), shock.id), name)
    values = peak(np.minimum(cells.count, 1.0), half_life)
    yield Variable(
        "shocks", ("week", "shock"), values, "shock, fading", "1 in its own week", cells.rows, reach="past"
    )


def week_of(record: Record, event: Event) -> int:
    return day_of(record, event.date) // WEEK


def _groups(record: Record, event: Event, options: Options) -> list[str]:
    actors = {actor.id: actor for actor in record.case.actors}
    return list(dict.fromkeys(actor_group(actors[name], options) for name in event.actor))


def _band(event: Event) -> str:
    return BANDS[0] if event.intensity <= 2 else BANDS[1] if event.intensity == 3 else BANDS[2]
