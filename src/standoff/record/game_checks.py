"""Judges the block `game` of `case.yaml`: selectors, series, spells in order, deaths within the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from standoff.errors import Mistake
from standoff.record.case_schema import CaseFrame, GameMaps, Selector
from standoff.record.codes import mistake
from standoff.record.known import Known
from standoff.record.schema_mistakes import Loc, Locator
from standoff.record.selector_checks import check_selector, references

Found = Iterator[Mistake]


def check_game_maps(frame: CaseFrame, maps: GameMaps, known: Known, at: Locator) -> Found:
    """Every mistake of the block whose values are each well formed."""
    for keys, selector in _selectors(maps):
        yield from check_selector(selector, known, at, ("game", *keys))
    yield from _names(maps, known, at)
    spans = [(("spells", i), spell.start, spell.end) for i, spell in enumerate(maps.spells)]
    spans += [(("deaths", i), deaths.first, deaths.last) for i, deaths in enumerate(maps.deaths)]
    for keys, first, last in spans:
        yield from _span(frame, ("game", *keys), first, last, at)
    yield from _uncertain(maps, at)
    yield from _apart(maps, at)


def _selectors(maps: GameMaps) -> list[tuple[Loc, Selector]]:
    return [
        (("signals", "support"), maps.signals.support),
        (("signals", "criticism"), maps.signals.criticism),
        (("signals", "costly"), maps.signals.costly),
        (("private",), maps.private),
        (("outside_pressure",), maps.outside_pressure),
        (("refusals",), maps.refusals),
    ]


def _names(maps: GameMaps, known: Known, at: Locator) -> Found:
    for key, name in (("aid", maps.aid), ("harm", maps.harm)):
        if name is not None and not known.has("series", name):
            yield mistake(at(("game", key)), *known.complaint("series", name))
    yield from references(known, "series", maps.hostages, at, ("game", "hostages"))
    if not known.has("issue", maps.terms.issue):
        yield mistake(at(("game", "terms", "issue")), *known.complaint("issue", maps.terms.issue))
    named = {("spells", i): spell.events for i, spell in enumerate(maps.spells)}
    named |= {("deaths", i): deaths.events for i, deaths in enumerate(maps.deaths)}
    for keys, events in named.items():
        yield from references(known, "event", events, at, ("game", *keys, "events"))


def _span(frame: CaseFrame, loc: Loc, first: date, last: date, at: Locator) -> Found:
    period = frame.period
    end = "end" if loc[1] == "spells" else "last"
    if last < first:
        yield mistake(at((*loc, end)), "end-before-start", f"the end {last} is before the start {first}")
    for key, day in (("start" if end == "end" else "first", first), (end, last)):
        if not period.start <= day <= period.end:
            what = f"{day} lies outside the core record, which runs from {period.start} to {period.end}"
            yield mistake(at((*loc, key)), "outside-period", what)


def _uncertain(maps: GameMaps, at: Locator) -> Found:
    for index, spell in enumerate(maps.spells):
        if spell.end_first is not None and not spell.start <= spell.end_first <= spell.end:
            what = f"{spell.end_first} does not lie between {spell.start} and {spell.end}"
            yield mistake(at(("game", "spells", index, "end_first")), "out-of-order", what)


def _apart(maps: GameMaps, at: Locator) -> Found:
    for index in range(1, len(maps.spells)):
        before, here = maps.spells[index - 1], maps.spells[index]
        if here.start <= before.end:
            what = f"{here.start} does not come after {before.end}, the end of the spell before it"
            yield mistake(at(("game", "spells", index, "start")), "out-of-order", what)
