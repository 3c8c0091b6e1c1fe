"""Which events are signals of one kind under one combination of coding choices, and the occasions they make."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from standoff.panel.days import WEEK, IntArray, day_of, in_core
from standoff.panel.options import Options
from standoff.record.case_schema import Actor, Selector
from standoff.record.rows import Event, EventReading, Record

PARTISAN = "partisan-or-state-outlet"


class Occasions(NamedTuple):
    """Occasions of a signal: first days, shape (occasions,), ascending, and the event ids of each."""

    days: IntArray
    events: tuple[tuple[str, ...], ...]


def select_events(record: Record, selector: Selector, options: Options) -> tuple[Event, ...]:
    """The events of the core period that meet every condition of `selector` under `options`, by date and id.

    Under `reading=second` a recoded event carries the second reading's kind, direction and intensity; an event
    without a second reading keeps its first. One and the same actor must meet all conditions on actors.
    """
    events = coded_events(record, options)
    actors = {actor.id: actor for actor in record.case.actors}
    return tuple(event for event in events if _meets(event, selector, options, actors))


def coded_events(record: Record, options: Options) -> tuple[Event, ...]:
    """All events of the core period that `options` let in (basis, outlets, collection, intensity), recoded."""
    readings = {reading.id: reading for reading in record.event_readings}
    second = options.reading == "second"
    coded = (_recoded(event, readings) if second else event for event in record.events)
    kept = (event for event in coded if in_core(record, event.date) and _let_in(event, options))
    return tuple(sorted(kept, key=lambda event: (event.date, event.id)))


def occasions(record: Record, selector: Selector, options: Options) -> Occasions:
    """Occasions of a signal: acts at most seven days after an occasion's first act are one with it.

    The occasion falls on its first act's day. Occasions do not chain: the seven days run from the first act,
    so that a long series of acts makes several occasions and not one of arbitrary length.
    """
    days: list[int] = []
    members: list[list[str]] = []
    for event in select_events(record, selector, options):
        day = day_of(record, event.date)
        if not days or day - days[-1] > WEEK:
            days.append(day)
            members.append([])
        members[-1].append(event.id)
    return Occasions(np.array(days, dtype=np.int64), tuple(tuple(ids) for ids in members))


def _recoded(event: Event, readings: dict[str, EventReading]) -> Event:
    reading = readings.get(event.id)
    if reading is None:
        return event
    return replace(event, kind=reading.kind, direction=reading.direction, intensity=reading.intensity)


def _let_in(event: Event, options: Options) -> bool:
    return (
        event.intensity >= options.intensity
        and (options.basis == "all" or event.basis == "read")
        and (options.outlets == "all" or event.source_quality != PARTISAN)
        and options.collection in ("both", event.collection)
    )


def _meets(event: Event, selector: Selector, options: Options, actors: dict[str, Actor]) -> bool:
    return (
        _within(event.channel, _channels(selector, options))
        and _within(event.direction, selector.directions)
        and _within(event.kind, selector.kinds)
        and _within(event.id, selector.events)
        and event.intensity >= selector.intensity_at_least
        and (not selector.targets or not set(selector.targets).isdisjoint(event.target))
        and any(_actor_meets(actors[name], selector, options) for name in event.actor)
    )


def _within(value: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or value in wanted


def _channels(selector: Selector, options: Options) -> tuple[str, ...]:
    if options.acts == "with-statements" and "public" in selector.channels:
        return (*selector.channels, "action")
    return selector.channels


def _actor_meets(actor: Actor, selector: Selector, options: Options) -> bool:
    return (
        _within(actor.id, selector.actors)
        and _within(actor.role, selector.roles)
        and selector.backs in (None, actor.backs)
        and _branch_meets(actor, selector, options)
    )


def _branch_meets(actor: Actor, selector: Selector, options: Options) -> bool:
    """The choice on the patron's legislature; a selector that names that branch, or that actor, has chosen itself."""
    if actor.role != "patron" or actor.branch != "legislature":
        return not selector.branches or actor.branch in selector.branches
    if "legislature" in selector.branches or actor.id in selector.actors:
        return not selector.branches or "legislature" in selector.branches
    in_question = not selector.branches or "executive" in selector.branches
    return in_question and options.patron == "with-legislature"
