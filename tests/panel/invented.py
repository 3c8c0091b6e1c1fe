"""A small invented case for the panel's tests: two sides, two patrons, a mediator, three issues."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from standoff.record.case_schema import CaseFrame
from standoff.record.claims_schema import ClaimList
from standoff.record.rows import Event, EventReading, Position, PositionReading, Record, SeriesPoint, Source

START = date(2024, 2, 26)  # four days before a leap day


def frame(**changes: Any) -> CaseFrame:
    """The frame of the invented case, with `changes` to its top level."""
    raw: dict[str, Any] = {
        "format": 1,
        "id": "invented",
        "title": "An invented case",
        "summary": "Nothing in it happened.",
        "period": {"start": START, "end": START + timedelta(days=69), "extension_end": date(2024, 12, 31)},
        "actors": [
            {"id": "keepers", "name": "Keepers", "role": "holder"},
            {"id": "state", "name": "State", "role": "coercer"},
            {"id": "party", "name": "Party", "role": "coercer", "branch": "coalition"},
            {"id": "ally", "name": "Ally", "role": "patron", "backs": "coercer", "branch": "executive"},
            {
                "id": "ally-house",
                "name": "House of the ally",
                "role": "patron",
                "backs": "coercer",
                "branch": "legislature",
            },
            {"id": "friend", "name": "Friend", "role": "patron", "backs": "holder"},
            {"id": "broker", "name": "Broker", "role": "mediator"},
        ],
        "issues": [
            {"id": issue, "name": issue, "question": "How far?", "levels": LEVELS}
            for issue in ("end", "troops", "price")
        ],
        "codebook": {
            "kinds": [{"id": kind, "meaning": kind} for kind in ("CONSULT", "SUPPORT", "REJECT", "SANCTION")],
            "intensities": [{"level": level, "meaning": str(level)} for level in range(1, 6)],
            "collections": [
                {"id": "first", "meaning": "first"},
                {"id": "added", "meaning": "added", "quota": True},
            ],
            "direction_rule": "as told",
            "channel_rule": "as told",
        },
        "stance": {
            "actors": {"holder": ["keepers"], "coercer": ["state"]},
            "composites": [
                {
                    "id": "known",
                    "name": "known",
                    "weights": {"end": 2, "troops": 1, "price": 1},
                    "needs": ["end"],
                },
                {
                    "id": "carried",
                    "name": "carried",
                    "weights": {"end": 2, "troops": 1, "price": 1},
                    "needs": ["end", "troops", "price"],
                    "missing": "carry",
                },
            ],
        },
        "phases": [
            {"id": "one", "name": "One", "start": START},
            {"id": "two", "name": "Two", "start": START + timedelta(days=35)},
        ],
        "cautions": {"main": "invented", "coding": "invented", "sampling": "invented"},
    }
    return CaseFrame.model_validate(raw | changes)


LEVELS = [{"level": level, "meaning": str(level)} for level in (0, 50, 100)]


def event(name: str, day: int, **changes: Any) -> Event:
    """A public restrain act of the ally on `day`, with `changes`."""
    row = Event(
        id=name,
        date=START + timedelta(days=day),
        date_precision="day",
        actor=("ally",),
        person="",
        target=("state",),
        channel="public",
        kind="CONSULT",
        direction="restrain",
        intensity=3,
        collection="first",
        category="",
        summary="Something was said.",
        quote="",
        source=("paper",),
        source_quality="named-outlet",
        confidence="high",
        basis="read",
        note="",
    )
    return replace(row, **changes)


def position(name: str, day: int, issue: str, level: float | None, **changes: Any) -> Position:
    """A bargaining position of the holder on `day`, with `changes`."""
    row = Position(
        id=name,
        date=START + timedelta(days=day),
        date_precision="day",
        actor=("keepers",),
        channel="bargaining",
        term="",
        value=None,
        unit="",
        issue=issue,
        level=level,
        summary="A demand.",
        source=("paper",),
        confidence="high",
        basis="read",
        note="",
    )
    return replace(row, **changes)


def point(name: str, series: str, first: int, last: int, value: float) -> SeriesPoint:
    """One value of a series over the days `first` to `last`."""
    span = (START + timedelta(days=first), START + timedelta(days=last))
    return SeriesPoint(name, series, *span, value, ("paper",), "high", "read", "")


SOURCES = (
    Source("paper", "Paper", None, "", "named-outlet", "", ""),
    Source("organ", "Organ", None, "", "partisan-or-state-outlet", "", ""),
)


def make_record(
    case: dict[str, Any] | None = None,
    events: tuple[Event, ...] = (),
    positions: tuple[Position, ...] = (),
    series: tuple[SeriesPoint, ...] = (),
    event_readings: tuple[EventReading, ...] = (),
    position_readings: tuple[PositionReading, ...] = (),
) -> Record:
    """A record of the invented case; `case` changes the frame's top level."""
    return Record(
        folder="invented",
        case=frame(**(case or {})),
        claims=ClaimList(format=1),
        events=events,
        positions=positions,
        series=series,
        sources=SOURCES,
        event_readings=event_readings,
        position_readings=position_readings,
    )
