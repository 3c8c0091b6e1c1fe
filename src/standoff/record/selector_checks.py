"""Judges lists of ids and selectors, wherever in a case they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from standoff.errors import Mistake
from standoff.record.case_schema import Selector
from standoff.record.codes import mistake
from standoff.record.known import Known
from standoff.record.schema_mistakes import Loc, Locator

Found = Iterator[Mistake]


def references(known: Known, what: str, names: Iterable[str], at: Locator, loc: Loc) -> Found:
    """A mistake for each id of a list that is not known."""
    for index, name in enumerate(names):
        if not known.has(what, name):
            code, text, do = known.complaint(what, name)
            yield mistake(at((*loc, index)), code, text, do)


def check_selector(selector: Selector, known: Known, at: Locator, loc: Loc) -> Found:
    """Unknown ids of a selector, and a selector without any condition."""
    yield from references(known, "actor", selector.actors, at, (*loc, "actors"))
    yield from references(known, "actor", selector.targets, at, (*loc, "targets"))
    yield from references(known, "kind", selector.kinds, at, (*loc, "kinds"))
    yield from references(known, "event", selector.events, at, (*loc, "events"))
    if not selector.model_dump(exclude_defaults=True):
        yield mistake(at(loc), "empty-selector", "this selector states no condition")
