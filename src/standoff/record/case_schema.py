"""What `case.yaml` may say: the frame of a case, as pydantic models that carry the published JSON Schema.

A case is a folder; this file holds its frame (who, when, what is at issue, how it was coded, which coding
choices are defensible). Long tables live beside it as CSV (see `rows.py`), the claims in `claims.yaml`
(see `claims_schema.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Level = Annotated[float, Field(ge=0, le=100)]

LARGEST = 1e15  # whole numbers up to here are exact, and no sum or square of a record's numbers overflows

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _iso_day(value: object) -> object:
    """Refuse what a date could be guessed from (a bare number, a time): only year-month-day is a date here."""
    if type(value) is date or (isinstance(value, str) and _ISO_DAY.fullmatch(value.strip())):
        return value
    raise PydanticCustomError("bad_date", "a date is written year-month-day")


Day = Annotated[date, BeforeValidator(_iso_day)]


def _yes_or_no(value: object) -> object:
    """Take `yes` and `no`, which YAML 1.2 reads as text, beside true and false, and nothing else."""
    if isinstance(value, bool):
        return value
    answers = {"yes": True, "no": False}
    if isinstance(value, str) and value.strip() in answers:
        return answers[value.strip()]
    raise PydanticCustomError("bool_parsing", "only yes and no are answers")


YesNo = Annotated[bool, BeforeValidator(_yes_or_no), WithJsonSchema({"enum": ["yes", "no", True, False]})]

Role = Literal["holder", "coercer", "patron", "mediator", "audience"]
Side = Literal["holder", "coercer"]
Channel = Literal["public", "private-reported", "action"]
Direction = Literal["restrain", "enable", "neutral"]
Confidence = Literal["high", "medium", "low"]
Basis = Literal["read", "read+memory", "memory"]
DatePrecision = Literal["day", "approx"]


class Frozen(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False, defer_build=True
    )


class Period(Frozen):
    """First and last day of the core record; the extension, if any, is a hold-out that no test reads."""

    start: Day
    end: Day
    extension_end: Day | None = None


class Actor(Frozen):
    """One actor; a patron says whom it backs, a branch tells parts of one state apart."""

    id: Identifier
    name: Text
    role: Role
    backs: Side | None = Field(None, description="for a patron: the side that it backs")
    branch: Literal["executive", "legislature", "coalition", "security", "public"] | None = None
    note: str = ""


class IssueLevel(Frozen):
    level: Level
    meaning: Text


class Issue(Frozen):
    """An issue: its ordinal levels (0-100; 100 is the holder's furthest demand) and each side's direction."""

    id: Identifier
    name: Text
    question: Text
    levels: tuple[IssueLevel, ...] = Field(min_length=2)
    holder_wants: Literal["high", "low"] = "high"
    coercer_wants: Literal["high", "low"] = "low"
    rule: str = Field("", description="how a level is read off a position, in words")


class Term(Frozen):
    """What a position row may record a value of (days, hostages, prisoners per hostage, ...)."""

    id: Identifier
    name: Text
    unit: str = ""


class KindCode(Frozen):
    id: Identifier
    meaning: Text


class IntensityCode(Frozen):
    level: Annotated[int, Field(ge=1, le=5)]
    meaning: Text


class CollectionCode(Frozen):
    """One way in which events came into the record; a quota sample is not a rate, so collections are kept apart."""

    id: Literal["first", "added"]
    meaning: Text
    quota: YesNo = False


class Codebook(Frozen):
    """The signal codebook: kinds of act, intensities, and the written rules of the codes."""

    kinds: tuple[KindCode, ...] = Field(min_length=1)
    intensities: tuple[IntensityCode, ...] = Field(min_length=1)
    collections: tuple[CollectionCode, ...] = Field(min_length=1)
    direction_rule: Text
    channel_rule: Text


class Composite(Frozen):
    """A weighting of issues into one stance (0-100).

    ``missing``: *known* renormalises the weights over the issues seen at that date when all named in
    ``needs`` are there; *carry* fills an unseen issue from its last bargaining value since the last restart.
    """

    id: Identifier
    name: Text
    weights: dict[Identifier, Annotated[float, Field(gt=0, le=LARGEST)]] = Field(min_length=1)
    needs: tuple[Identifier, ...] = Field(min_length=1)
    missing: Literal["known", "carry"] = "known"


class StanceRules(Frozen):
    """How each side's recorded positions become its stance."""

    actors: dict[Side, tuple[Identifier, ...]]
    composites: tuple[Composite, ...] = Field(min_length=1)
    restarts: tuple[Day, ...] = ()
    zone_valid_weeks: Annotated[int, Field(ge=1, le=104)] = 13
    note: str = ""


class SeriesInfo(Frozen):
    """One series at the step that its source has."""

    id: Identifier
    name: Text
    unit: Text
    step: Literal["day", "week", "month", "event"]
    aggregate: Literal["sum", "last", "mean"] = "sum"
    measures: Literal["deaths", "aid", "hostages", "prisoners", "other"]
    caution: str = ""


class CalendarEntry(Frozen):
    """One date of the patron's own political calendar: timing from outside the talks."""

    id: Identifier
    date: Day
    date_precision: DatePrecision = "day"
    event: Text
    type: Text
    source: tuple[Identifier, ...] = Field(min_length=1)
    confidence: Confidence = "high"
    basis: Basis = "read"
    note: str = ""


class Phase(Frozen):
    """A phase of the talks; randomisation never moves a signal out of its phase."""

    id: Identifier
    name: Text
    start: Day


class PressureSpan(Frozen):
    """Military pressure from ``start`` on: 0 pause or low, 1 continuing, 2 major offensive."""

    start: Day
    level: Literal[0, 1, 2]
    events: tuple[Identifier, ...] = Field(min_length=1)
    reason: Text


class Shock(Frozen):
    """A blow to the holder's leadership or allies, or a deadline, that signal claims must stand beside."""

    id: Identifier
    name: Text
    events: tuple[Identifier, ...] = Field(min_length=1)


class Milestone(Frozen):
    """A date drawn as a line through the picture."""

    date: Day
    label: Text
    events: tuple[Identifier, ...] = Field(min_length=1)


class Selector(Frozen):
    """Which events count as one kind of signal; every named condition must hold."""

    actors: tuple[Identifier, ...] = ()
    roles: tuple[Role, ...] = ()
    backs: Side | None = None
    branches: tuple[Literal["executive", "legislature", "coalition", "security", "public"], ...] = ()
    channels: tuple[Channel, ...] = ()
    directions: tuple[Direction, ...] = ()
    kinds: tuple[Identifier, ...] = ()
    targets: tuple[Identifier, ...] = ()
    intensity_at_least: Annotated[int, Field(ge=1, le=5)] = 1
    events: tuple[Identifier, ...] = Field(
        (), description="exactly these rows; only for kinds that the codebook cannot name"
    )


class SignalMaps(Frozen):
    """The patron's public signal of a week, read off what it did and said in that week."""

    support: Selector
    criticism: Selector
    costly: Selector


class Spell(Frozen):
    """A stretch of days in which a deal could be made, and how it ended."""

    start: Day
    end: Day
    end_first: Day | None = None
    ended: Literal["deal", "forced-end", "collapse", "open"]
    events: tuple[Identifier, ...] = Field(min_length=1)
    reason: Text


class HostageDeaths(Frozen):
    """Hostages who died between two days; the same day twice where the day is known."""

    first: Day
    last: Day
    number: Annotated[int, Field(ge=1, le=1000)]
    events: tuple[Identifier, ...] = Field(min_length=1)


class TermsOnTheTable(Frozen):
    """The issue that makes the coercer's terms lean or generous, and the level from which they are generous."""

    issue: Identifier
    generous_from: Level


class GameMaps(Frozen):
    """How the record is read as the weekly state of the standoff game; with it, `assess` fits the rivals."""

    signals: SignalMaps
    private: Selector
    outside_pressure: Selector
    refusals: Selector
    terms: TermsOnTheTable
    aid: Identifier | None = None
    harm: Identifier | None = None
    hostages: tuple[Identifier, ...] = ()
    deaths: tuple[HostageDeaths, ...] = ()
    spells: tuple[Spell, ...] = Field(min_length=1)
    note: str = ""


ChoiceName = Literal[
    "window",
    "intensity",
    "basis",
    "outlets",
    "reading",
    "collection",
    "stance_channel",
    "composite",
    "patron",
    "acts",
]


# The options that a choice knows: words, or whole numbers from low to high; `composite` knows those of the case.
OPTION_WORDS: Mapping[str, tuple[str, ...]] = {
    "basis": ("all", "read"),
    "outlets": ("all", "no-partisan"),
    "reading": ("first", "second"),
    "collection": ("both", "first", "added"),
    "stance_channel": ("bargaining", "with-public"),
    "patron": ("executive", "with-legislature"),
    "acts": ("with-statements", "apart"),
}
OPTION_RANGES: Mapping[str, tuple[int, int]] = {"window": (1, 26), "intensity": (1, 5)}


class ChoiceOption(Frozen):
    value: str | int
    reason: Text


class CodingChoice(Frozen):
    """One defensible choice of the multiverse: its options, each with a reason, and the baseline.

    Values: window 1-26 (weeks) · intensity 1-5 (lowest that counts) · basis all|read · outlets all|no-partisan ·
    reading first|second · collection both|first|added · stance_channel bargaining|with-public ·
    composite (an id of stance.composites) · patron executive|with-legislature · acts with-statements|apart.
    """

    choice: ChoiceName
    question: Text
    baseline: str | int
    options: tuple[ChoiceOption, ...] = Field(min_length=1)


class Dispute(Frozen):
    what: Text
    events: tuple[Identifier, ...] = ()


class Cautions(Frozen):
    """What a reader must know before any number: printed on the first screen and beside the rows."""

    main: Text
    coding: Text
    sampling: Text
    thin: tuple[Text, ...] = ()
    disputed: tuple[Dispute, ...] = ()


class Licence(Frozen):
    data: Text
    licence: Text
    source: tuple[Identifier, ...] = ()


class Judge(Frozen):
    """One of the readings of the ledger, made apart from the others."""

    id: Identifier
    instructed: Text


class CaseFrame(Frozen):
    """The whole of `case.yaml`."""

    format: Literal[1]
    id: Identifier
    title: Text
    summary: Text
    period: Period
    step: Literal["week"] = "week"
    actors: tuple[Actor, ...] = Field(min_length=2)
    issues: tuple[Issue, ...] = Field(min_length=1)
    terms: tuple[Term, ...] = ()
    codebook: Codebook
    stance: StanceRules
    phases: tuple[Phase, ...] = Field(min_length=1)
    pressure: tuple[PressureSpan, ...] = ()
    domestic_blocks: Selector | None = None
    shocks: tuple[Shock, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    series: tuple[SeriesInfo, ...] = ()
    calendar: tuple[CalendarEntry, ...] = ()
    game: GameMaps | None = None
    choices: tuple[CodingChoice, ...] = ()
    judges: tuple[Judge, ...] = ()
    cautions: Cautions
    licences: tuple[Licence, ...] = ()
