"""The columns of every table: what a cell may hold, what it refers to, and what it means.

One description serves the reader, the published table schemas and the reference page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from standoff.record.rows import (
    Event,
    EventReading,
    Judgement,
    LedgerRow,
    Position,
    PositionReading,
    SeriesPoint,
    Source,
)

CellKind = Literal["id", "reference", "references", "text", "word", "date", "integer", "number", "yes-no"]


class Column(NamedTuple):
    """One column; ``refers`` names what its ids are ids of, ``words`` the words it knows, ``low``/``high`` its bounds."""

    name: str
    kind: CellKind
    meaning: str
    required: bool = True
    refers: str = ""
    words: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


class Table(NamedTuple):
    """One table of a case: its file, the dataclass of its rows, and its columns in order."""

    file: str
    row: type[Any]
    columns: tuple[Column, ...]
    required: bool
    meaning: str


DIRECTIONS = ("restrain", "enable", "neutral")
CHANNELS = ("public", "private-reported", "action")
OUTLETS = ("named-outlet", "copy-or-aggregator", "partisan-or-state-outlet")

_ID = Column("id", "id", "the row's id, unique in the whole case")
_NOTE = Column("note", "text", "what a reader of the row should know", required=False)
_SOURCE = Column("source", "references", "ids of its sources", refers="source")
_CONFIDENCE = Column("confidence", "word", "how well the row is founded", words=("high", "medium", "low"))
_BASIS = Column(
    "basis",
    "word",
    "whether the source was read, read with a detail from memory, or not read",
    words=("read", "read+memory", "memory"),
)
_DATE = Column("date", "date", "the day, as year-month-day", refers="period")
_PRECISION = Column("date_precision", "word", "whether the day is exact", words=("day", "approx"))
_DOUBT = Column("doubt", "yes-no", "whether the second reader was in doubt")
_LEVEL = Column(
    "level",
    "number",
    "the level, 0-100; 100 is the holder's furthest demand",
    required=False,
    low=0,
    high=100,
)

EVENTS = Table(
    "events.csv",
    Event,
    (
        _ID,
        _DATE,
        _PRECISION,
        Column("actor", "references", "ids of the actors that acted or spoke", refers="actor"),
        Column("person", "text", "the public figure who acted or spoke", required=False),
        Column("target", "references", "ids of the actors that it was aimed at", False, "actor"),
        Column("channel", "word", "said openly, said in private and reported, or done", words=CHANNELS),
        Column("kind", "reference", "the kind of act, an id of the codebook", refers="kind"),
        Column("direction", "word", "which way it pushes the coercer's freedom of action", words=DIRECTIONS),
        Column("intensity", "integer", "1 (routine) to 5 (decisive)", refers="intensity", low=1, high=5),
        Column("collection", "reference", "how the row came into the record", refers="collection"),
        Column("category", "text", "protocol category of an added row", required=False),
        Column("summary", "text", "what happened, in your own words"),
        Column("quote", "text", "the words that were used, as the source gives them", required=False),
        _SOURCE,
        Column("source_quality", "word", "what kind of outlet the first source is", words=OUTLETS),
        _CONFIDENCE,
        _BASIS,
        _NOTE,
    ),
    True,
    "dated acts and statements",
)

POSITIONS = Table(
    "positions.csv",
    Position,
    (
        _ID,
        _DATE,
        _PRECISION,
        Column("actor", "references", "ids of the actors that hold the position", refers="actor"),
        Column("channel", "word", "put forward in the talks, or said openly", words=("bargaining", "public")),
        Column("term", "reference", "the term that the position is on", refers="term"),
        Column("value", "number", "the number that was named", required=False, low=0),
        Column("unit", "text", "the unit of the value", required=False),
        Column("issue", "reference", "the issue whose level the row gives", False, "issue"),
        _LEVEL,
        Column("summary", "text", "the position, in your own words"),
        _SOURCE,
        _CONFIDENCE,
        _BASIS,
        _NOTE,
    ),
    True,
    "recorded positions",
)

SERIES = Table(
    "series.csv",
    SeriesPoint,
    (
        _ID,
        Column("series", "reference", "the series that the value belongs to", refers="series"),
        Column("start", "date", "first day that the value covers"),
        Column("end", "date", "last day that the value covers"),
        Column("value", "number", "the value, in the unit of the series"),
        _SOURCE,
        _CONFIDENCE,
        _BASIS,
        _NOTE,
    ),
    True,
    "values of the series",
)

SOURCES = Table(
    "sources.csv",
    Source,
    (
        _ID,
        Column("label", "text", "what the source is called"),
        Column("date", "date", "when it was published", required=False),
        Column("address", "text", "where it was found", required=False),
        Column("quality", "word", "what kind of source it is", words=(*OUTLETS, "dataset", "document")),
        Column("licence", "text", "the terms under which it may be passed on", required=False),
        _NOTE,
    ),
    True,
    "sources",
)

EVENT_READINGS = Table(
    "events_second_reading.csv",
    EventReading,
    (
        Column("id", "id", "id of the event that was read again", refers="event"),
        Column("kind", "reference", "the kind by the second reading", refers="kind"),
        Column("direction", "word", "the direction by the second reading", words=DIRECTIONS),
        Column(
            "intensity", "integer", "the intensity by the second reading", True, "intensity", low=1, high=5
        ),
        _DOUBT,
        _NOTE,
    ),
    False,
    "a second reading of events",
)

POSITION_READINGS = Table(
    "positions_second_reading.csv",
    PositionReading,
    (
        Column("id", "id", "id of the position that was read again", refers="position"),
        _LEVEL,
        _DOUBT,
        _NOTE,
    ),
    False,
    "a second reading of positions",
)

LEDGER = Table(
    "ledger.csv",
    LedgerRow,
    (
        _ID,
        Column("part", "reference", "the part of a claim that the observation bears on", refers="part"),
        Column("observation", "text", "what was observed"),
        Column("events", "references", "ids of the events behind it", False, "event"),
        Column("group", "text", "a name shared by rows that depend on each other", required=False),
        Column("interested", "yes-no", "whether it is the word of an interested party"),
        Column(
            "eligible",
            "yes-no",
            "whether it may weigh; `no` for what a test reads or what suggested the claim",
        ),
        _SOURCE,
        _CONFIDENCE,
        _BASIS,
        _NOTE,
    ),
    False,
    "observations that a ledger weighs",
)

JUDGEMENTS = Table(
    "judgements.csv",
    Judgement,
    (
        _ID,
        Column("row", "reference", "the ledger row that is judged", refers="ledger-row"),
        Column(
            "account", "text", "the account that is supposed to hold: the claim's id, or a rival of its part"
        ),
        Column("judge", "reference", "who judged", refers="judge"),
        Column("low", "number", "lowest defensible probability of the observation under the account"),
        Column("high", "number", "highest defensible probability"),
        Column("why", "text", "the reason, in one sentence"),
    ),
    False,
    "judged probabilities",
)

TABLES: Mapping[str, Table] = {
    table.file: table
    for table in (
        EVENTS,
        POSITIONS,
        SERIES,
        SOURCES,
        EVENT_READINGS,
        POSITION_READINGS,
        LEDGER,
        JUDGEMENTS,
    )
}
