"""The rows of a case's tables: one frozen dataclass a table, the order of fields is the order of columns.

A cell that lists several ids separates them by ``;``. An empty cell is missing, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from standoff.record.case_schema import Basis, CaseFrame, Channel, Confidence, DatePrecision, Direction
from standoff.record.claims_schema import ClaimList


@dataclass(frozen=True, slots=True)
class Event:
    """One dated act or statement (events.csv)."""

    id: str
    date: date
    date_precision: DatePrecision
    actor: tuple[str, ...]
    person: str  # the public figure who acted or spoke, free text, may be empty
    target: tuple[str, ...]
    channel: Channel
    kind: str
    direction: Direction
    intensity: int  # 1-5
    collection: str  # "first" or "added"
    category: str  # protocol category of an added row, else empty
    summary: str
    quote: str
    source: tuple[str, ...]
    source_quality: str  # named-outlet | copy-or-aggregator | partisan-or-state-outlet
    confidence: Confidence
    basis: Basis
    note: str


@dataclass(frozen=True, slots=True)
class Position:
    """One recorded position of one actor on one term at one date (positions.csv)."""

    id: str
    date: date
    date_precision: DatePrecision
    actor: tuple[str, ...]
    channel: str  # bargaining | public
    term: str
    value: float | None
    unit: str
    issue: str  # the issue whose level the row gives, or empty
    level: float | None  # 0-100, 100 = the holder's furthest demand
    summary: str
    source: tuple[str, ...]
    confidence: Confidence
    basis: Basis
    note: str


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """One value of one series over [start, end] (series.csv)."""

    id: str
    series: str
    start: date
    end: date
    value: float
    source: tuple[str, ...]
    confidence: Confidence
    basis: Basis
    note: str


@dataclass(frozen=True, slots=True)
class Source:
    """One source (sources.csv)."""

    id: str
    label: str
    date: date | None
    address: str
    quality: str  # named-outlet | copy-or-aggregator | partisan-or-state-outlet | dataset | document
    licence: str
    note: str


@dataclass(frozen=True, slots=True)
class EventReading:
    """A second reading of an event's codes (events_second_reading.csv)."""

    id: str
    kind: str
    direction: Direction
    intensity: int
    doubt: bool
    note: str


@dataclass(frozen=True, slots=True)
class PositionReading:
    """A second reading of a position's level (positions_second_reading.csv)."""

    id: str
    level: float | None
    doubt: bool
    note: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One observation that a ledger weighs (ledger.csv): never a stance change, signal date or deal that a test reads."""

    id: str
    part: str
    observation: str
    events: tuple[str, ...]
    group: str  # dependent rows (one event, one source, one decision) share a group
    interested: bool  # an interested party's word: bounded at 3 dB
    eligible: (
        bool  # False: shown, weighs nothing (the observation that suggested the claim, or used by a test)
    )
    source: tuple[str, ...]
    confidence: Confidence
    basis: Basis
    note: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """One cell of a ledger by one judge (judgements.csv): a range for the probability of the observation under an account."""

    id: str
    row: str
    account: str
    judge: str
    low: float
    high: float
    why: str


@dataclass(frozen=True, slots=True)
class Record:
    """A whole case in words, as read; ``lines`` maps (file, row id) to the 1-based line where the row begins.

    Two records are equal when they say the same, wherever they were read from.
    """

    folder: str = field(compare=False)
    case: CaseFrame
    claims: ClaimList
    events: tuple[Event, ...]
    positions: tuple[Position, ...]
    series: tuple[SeriesPoint, ...]
    sources: tuple[Source, ...]
    event_readings: tuple[EventReading, ...] = ()
    position_readings: tuple[PositionReading, ...] = ()
    ledger: tuple[LedgerRow, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict, compare=False)
