"""Signals of a test under every combination of coding choices, as days and laws; words go in, arrays come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from standoff.claims import arrangements as law
from standoff.claims.differences import NONE, WEEK, FloatArray, IntArray
from standoff.claims.engine import Expose
from standoff.panel import Options, length_days, occasions, phase_starts, select_events
from standoff.panel.days import day_of
from standoff.panel.signals import coded_events
from standoff.record.claims_schema import ContrastTest, OrderTest
from standoff.record.rows import Event, Record


class Occasion(NamedTuple):
    """Acts within a week of the first are one: its day, +1 (the kind tested) or -1 (the kind against), its event ids."""

    day: int
    kind: int
    events: tuple[str, ...]


class SignalSets(NamedTuple):
    """Distinct sets of occasions; which set each key of options has; how to expose them under a law.

    ``either`` is set for a contrast. ``arrangements``, ``exact``: of the law. ``both``: acts that are of both kinds.
    """

    sets: tuple[tuple[Occasion, ...], ...]
    set_of: dict[Options, int]
    expose: Expose
    either: Callable[[int, IntArray, int], FloatArray] | None
    arrangements: int
    exact: bool
    draws: int
    both: int


class Recoded(NamedTuple):
    """The record under each reading, recoded once."""

    first: Record
    second: Record

    def under(self, options: Options) -> Record:
        """The record with the codes that the options ask for."""
        return self.second if options.reading == "second" else self.first


def recoded(record: Record, options: Options) -> Recoded:
    """Apply the second reading of events once, and not again for every combination."""
    everything = options._replace(
        intensity=1, basis="all", outlets="all", collection="both", reading="second"
    )
    first = replace(record, event_readings=())
    return Recoded(first, replace(first, events=coded_events(record, everything)))


def signal_key(options: Options) -> Options:
    """The options with everything that does not touch the signals put to a fixed value."""
    return options._replace(window=1, stance_channel="", composite="")


def order_sets(
    record: Record, test: OrderTest, grid: Sequence[Options], rng: np.random.Generator, draws: int
) -> SignalSets:
    """Occasions of one kind of signal, and the law of shifted calendars."""
    found: dict[tuple[Occasion, ...], int] = {}
    set_of: dict[Options, int] = {}
    coded = recoded(record, grid[0])
    for key in dict.fromkeys(signal_key(options) for options in grid):
        days, events = occasions(coded.under(key), test.signal, key)
        acts = tuple(Occasion(int(day), 1, ids) for day, ids in zip(days, events, strict=True))
        set_of[key] = found.setdefault(acts, len(found))
    sets = tuple(found)
    every = np.array(sorted({act.day for acts in sets for act in acts}), dtype=np.int64)
    shifts = law.shifts(phase_starts(record), length_days(record), every, rng, draws)
    moved = law.shifted(shifts, every)
    columns = [np.searchsorted(every, [act.day for act in acts]) for acts in sets]

    def expose(table: IntArray, differences: int) -> Callable[[int], law.SignalArray]:
        hit = table[moved]
        return lambda which: law.mark(hit[:, columns[which]], differences)

    return SignalSets(sets, set_of, expose, None, shifts.distinct, shifts.exact, len(shifts.offsets) - 1, 0)


class Units(NamedTuple):
    """What a contrast permutes: the acts of one kind within a week, over all coding choices together."""

    events: tuple[tuple[str, ...], ...]
    phases: IntArray
    kinds: IntArray


def contrast_sets(
    record: Record, test: ContrastTest, grid: Sequence[Options], rng: np.random.Generator, draws: int
) -> SignalSets:
    """Occasions of two kinds of signal, and the law of permuted labels with timing fixed.

    The unit is the occasion formed once over all coding choices, so that one permutation acts on every specification.
    """
    keys = list(dict.fromkeys(signal_key(options) for options in grid))
    coded = recoded(record, grid[0])
    labelled = [labelled_acts(coded.under(key), test, key) for key in keys]
    both = len({name for _, shared in labelled for name in shared})
    acts = [chosen for chosen, _ in labelled]
    days = {event.id: day_of(record, event.date) for event in record.events}
    units = _units(record, acts, days)
    found: dict[tuple[Occasion, ...], int] = {}
    set_of: dict[Options, int] = {}
    for key, chosen in zip(keys, acts, strict=True):
        set_of[key] = found.setdefault(_in_units(units, chosen, days), len(found))
    sets = tuple(found)
    unit_days = np.array([[act.day for act in members] for members in sets], dtype=np.int64)
    unit_kinds = np.array([[act.kind for act in members] for members in sets], dtype=np.int64)
    active = np.array([[bool(act.events) for act in members] for members in sets], dtype=bool)
    permuted = law.labels(units.phases, unit_kinds, rng, draws)

    def expose(table: IntArray, differences: int) -> Callable[[int], law.SignalArray]:
        return lambda which: law.labelled_exposure(
            permuted, unit_days[which], active[which], unit_kinds[which], table, differences
        )

    def either(which: int, table: IntArray, differences: int) -> FloatArray:
        hit = np.where(active[which], table[unit_days[which]], NONE)
        return np.isin(np.arange(differences), hit).astype(np.float64)

    shown = tuple(tuple(act for act in members if act.events) for members in sets)
    return SignalSets(
        shown, set_of, expose, either, permuted.distinct, permuted.exact, len(permuted.order) - 1, both
    )


def two_sources(record: Record) -> Record:
    """The record without events that rest on a single source."""
    return replace(record, events=tuple(event for event in record.events if len(event.source) > 1))


def labelled_acts(record: Record, test: ContrastTest, key: Options) -> tuple[dict[str, int], set[str]]:
    """Kind of every act (+1, -1) under one key, and the acts that are of both kinds and count for neither."""
    first = {event.id: event for event in select_events(record, test.signal, key)}
    second = {event.id: event for event in select_events(record, test.against, key)}
    if test.with_action_days is not None and test.action is not None:
        actions = [day_of(record, event.date) for event in select_events(record, test.action, key)]
        near = test.with_action_days
        first = {name: act for name, act in first.items() if _near(record, act, actions, near)}
        second = {name: act for name, act in second.items() if not _near(record, act, actions, near)}
    shared = first.keys() & second.keys()
    kinds = {name: 1 for name in first if name not in shared}
    kinds |= {name: -1 for name in second if name not in shared}
    return kinds, set(shared)


def _near(record: Record, event: Event, days: list[int], within: int) -> bool:
    own = day_of(record, event.date)
    return any(abs(own - day) <= within for day in days)


def _units(record: Record, acts: Sequence[dict[str, int]], days: dict[str, int]) -> Units:
    kinds: dict[str, int] = {}
    for chosen in acts:
        for name, kind in chosen.items():
            kinds.setdefault(name, kind)  # the first key that has the act labels it
    groups: list[tuple[int, list[str]]] = []
    for kind in (1, -1):
        opened: int | None = None
        for name in sorted((n for n in kinds if kinds[n] == kind), key=lambda n: (days[n], n)):
            if opened is None or days[name] - opened > WEEK:
                opened = days[name]
                groups.append((kind, []))
            groups[-1][1].append(name)
    groups.sort(key=lambda group: (days[group[1][0]], group[1][0]))
    first_days = np.array([days[names[0]] for _, names in groups], dtype=np.int64)
    phases = np.searchsorted(phase_starts(record), first_days, side="right") - 1
    return Units(
        tuple(tuple(names) for _, names in groups),
        phases,
        np.array([kind for kind, _ in groups], dtype=np.int64),
    )


def _in_units(units: Units, chosen: dict[str, int], days: dict[str, int]) -> tuple[Occasion, ...]:
    """Every unit under one key: where none of its acts is in, it keeps its place and label, without events."""
    members = []
    for names, kind in zip(units.events, units.kinds, strict=True):
        present = tuple(name for name in names if name in chosen)
        if present:
            members.append(Occasion(days[present[0]], chosen[present[0]], present))
        else:
            members.append(Occasion(days[names[0]], int(kind), ()))
    return tuple(members)
