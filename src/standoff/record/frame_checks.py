"""Judges what `case.yaml` says as a whole: ids, order of dates, references between its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from standoff.errors import Mistake
from standoff.record.case_schema import OPTION_RANGES, OPTION_WORDS, CaseFrame, CodingChoice
from standoff.record.codes import did_you_mean, mistake, shown
from standoff.record.game_checks import check_game_maps
from standoff.record.known import Known
from standoff.record.schema_mistakes import Loc, Locator
from standoff.record.selector_checks import check_selector, references

Found = Iterator[Mistake]

LONGEST_PERIOD = 50  # years
EARLIEST, LATEST = 1700, 2199  # years; a day just outside them still fits a time stamp in nanoseconds


def check_frame(frame: CaseFrame, known: Known, at: Locator, has_second: bool) -> Found:
    """Every mistake of a frame whose values are each well formed; ``has_second``: the case has a second reading."""
    yield from _ids(frame, at)
    yield from _actors(frame, at)
    yield from _dates(frame, at)
    yield from _stance(frame, known, at)
    yield from _references(frame, known, at)
    yield from _choices(frame, known, at, has_second)
    if frame.game is not None:
        yield from check_game_maps(frame, frame.game, known, at)


def duplicates(ids: Sequence[str], at: Locator, loc: Loc, key: str = "id") -> Found:
    """A mistake for each id of a list of blocks that an earlier block has."""
    first: dict[str, int] = {}
    for index, name in enumerate(ids):
        if name in first:
            line = at((*loc, first[name], key)).line
            yield mistake(
                at((*loc, index, key)), "duplicate-id", f"the id {shown(name)} is already in line {line}"
            )
        first.setdefault(name, index)


def _ids(frame: CaseFrame, at: Locator) -> Found:
    lists = {
        ("actors",): frame.actors,
        ("issues",): frame.issues,
        ("terms",): frame.terms,
        ("codebook", "kinds"): frame.codebook.kinds,
        ("codebook", "collections"): frame.codebook.collections,
        ("stance", "composites"): frame.stance.composites,
        ("series",): frame.series,
        ("phases",): frame.phases,
        ("shocks",): frame.shocks,
        ("calendar",): frame.calendar,
        ("judges",): frame.judges,
    }
    for loc, items in lists.items():
        yield from duplicates([item.id for item in items], at, loc)  # type: ignore[attr-defined]
    yield from duplicates([choice.choice for choice in frame.choices], at, ("choices",), "choice")
    levels = [str(code.level) for code in frame.codebook.intensities]
    yield from duplicates(levels, at, ("codebook", "intensities"), "level")
    for index, issue in enumerate(frame.issues):
        yield from duplicates(
            [f"{one.level:g}" for one in issue.levels], at, ("issues", index, "levels"), "level"
        )


def _actors(frame: CaseFrame, at: Locator) -> Found:
    roles = {actor.role for actor in frame.actors}
    for role in ("holder", "coercer"):
        if role not in roles and at.whole(("actors",)):
            yield mistake(at(("actors",)), "missing-role", f"no actor has the role `{role}`")
    for index, actor in enumerate(frame.actors):
        if actor.role == "patron" and actor.backs is None:
            what = f"the patron `{actor.id}` does not say whom it backs"
            yield mistake(
                at(("actors", index)), "wrong-backing", what, do="add `backs: coercer` or `backs: holder`"
            )
        if actor.role != "patron" and actor.backs is not None:
            what = f"`{actor.id}` is a {actor.role} and has `backs`"
            yield mistake(at(("actors", index, "backs")), "wrong-backing", what, do="remove `backs`")


def _dates(frame: CaseFrame, at: Locator) -> Found:
    period = frame.period
    last = period.extension_end or period.end
    if period.end < period.start:
        what = f"the end {period.end} is before the start {period.start}"
        yield mistake(at(("period", "end")), "end-before-start", what)
        return
    if last < period.end:
        what = f"the extension ends {last}, before the core record ends {period.end}"
        yield mistake(at(("period", "extension_end")), "end-before-start", what)
        return
    years = (last - period.start).days / 365.25
    if years > LONGEST_PERIOD or period.start.year < EARLIEST or last.year > LATEST:
        what = f"the record would run from {period.start} to {last}; at most {LONGEST_PERIOD} years between {EARLIEST} and {LATEST} are read"
        key = "start" if period.start.year < EARLIEST else "extension_end" if last != period.end else "end"
        yield mistake(at(("period", key)), "impossible-period", what)
    dated: list[tuple[Loc, date]] = []
    dated += [(("phases", i, "start"), phase.start) for i, phase in enumerate(frame.phases)]
    dated += [(("pressure", i, "start"), span.start) for i, span in enumerate(frame.pressure)]
    dated += [(("milestones", i, "date"), one.date) for i, one in enumerate(frame.milestones)]
    dated += [(("calendar", i, "date"), one.date) for i, one in enumerate(frame.calendar)]
    dated += [(("stance", "restarts", i), day) for i, day in enumerate(frame.stance.restarts)]
    for loc, day in dated:
        if not period.start <= day <= last:
            what = f"{day} lies outside the record, which runs from {period.start} to {last}"
            yield mistake(at(loc), "outside-period", what)
    yield from _ordered([phase.start for phase in frame.phases], at, ("phases",), "start")
    yield from _ordered([span.start for span in frame.pressure], at, ("pressure",), "start")
    yield from _ordered(frame.stance.restarts, at, ("stance", "restarts"), None)
    if frame.phases[0].start > period.start and at.whole(("phases",)):
        what = f"the first phase starts {frame.phases[0].start}; the days before it have no phase"
        yield mistake(at(("phases", 0, "start")), "out-of-order", what, do=f"start it on {period.start}")


def _ordered(days: Sequence[date], at: Locator, loc: Loc, key: str | None) -> Found:
    for index in range(1, len(days)):
        if days[index] <= days[index - 1]:
            here = (*loc, index) if key is None else (*loc, index, key)
            what = f"{days[index]} does not come after {days[index - 1]}, the entry before it"
            yield mistake(at(here), "out-of-order", what)


def _stance(frame: CaseFrame, known: Known, at: Locator) -> Found:
    for side, actors in frame.stance.actors.items():
        yield from references(known, "actor", actors, at, ("stance", "actors", side))
    for side in ("holder", "coercer"):
        if not frame.stance.actors.get(side) and at.whole(("stance",)):
            yield mistake(
                at(("stance", "actors")), "missing-side", f"the {side} has no actors under `stance`"
            )
    for index, composite in enumerate(frame.stance.composites):
        loc: Loc = ("stance", "composites", index)
        for issue in composite.weights:
            if not known.has("issue", issue):
                code, what, do = known.complaint("issue", issue)
                yield mistake(at((*loc, "weights", issue)), code, what, do)
        for place, issue in enumerate(composite.needs):
            if issue not in composite.weights and at.whole(loc):
                what = f"`{composite.id}` needs {shown(issue)}, which has no weight in it"
                yield mistake(at((*loc, "needs", place)), "needs-without-weight", what)


def _references(frame: CaseFrame, known: Known, at: Locator) -> Found:
    for key in ("pressure", "shocks", "milestones"):
        for index, item in enumerate(getattr(frame, key)):
            yield from references(known, "event", item.events, at, (key, index, "events"))
    for index, dispute in enumerate(frame.cautions.disputed):
        yield from references(known, "event", dispute.events, at, ("cautions", "disputed", index, "events"))
    for key in ("calendar", "licences"):
        for index, item in enumerate(getattr(frame, key)):
            yield from references(known, "source", item.source, at, (key, index, "source"))
    if frame.domestic_blocks is not None:
        yield from check_selector(frame.domestic_blocks, known, at, ("domestic_blocks",))


def _choices(frame: CaseFrame, known: Known, at: Locator, has_second: bool) -> Found:
    for index, choice in enumerate(frame.choices):
        loc: Loc = ("choices", index)
        values = [option.value for option in choice.options]
        yield from duplicates([str(value) for value in values], at, (*loc, "options"), "value")
        for place, value in enumerate(values):
            trouble = _option_trouble(choice, value, known.names["composite"] or ())
            here = at((*loc, "options", place, "value"))
            if trouble:
                yield mistake(
                    here, "bad-option", f"`{choice.choice}` has no option {shown(value)}", do=trouble
                )
            elif choice.choice == "reading" and value == "second" and not has_second:
                what = "`reading: second` is an option, but the case has no second reading"
                yield mistake(here, "option-without-data", what)
        if choice.baseline not in values and at.whole(loc):
            what = f"the baseline {shown(choice.baseline)} of `{choice.choice}` is not among its options"
            yield mistake(at((*loc, "baseline")), "baseline-not-an-option", what)


def _option_trouble(choice: CodingChoice, value: str | int, composites: tuple[str, ...]) -> str:
    """What to do about an option that the choice does not know; empty when it does."""
    if choice.choice in OPTION_RANGES:
        low, high = OPTION_RANGES[choice.choice]
        fits = isinstance(value, int) and low <= value <= high
        return "" if fits else f"use whole numbers from {low} to {high}"
    words = OPTION_WORDS.get(choice.choice, composites)
    if value in words:
        return ""
    return f"{did_you_mean(str(value), words)} use one of: {', '.join(words)}".strip()
