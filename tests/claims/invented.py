"""An invented case for the claims room: one patron's signals, one holder's stance, everything drawn from a seed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from standoff.record.case_schema import CaseFrame
from standoff.record.claims_schema import Claim, ClaimList
from standoff.record.rows import (
    Event,
    EventReading,
    Judgement,
    LedgerRow,
    Position,
    Record,
    SeriesPoint,
    Source,
)

START = date(2030, 1, 1)
LENGTH = 540
PHASES = (0, 60, 200, 330, 450)


def frame(**changes: Any) -> CaseFrame:
    """The frame of the invented case, with `changes` to its top level."""
    raw: dict[str, Any] = {
        "format": 1,
        "id": "invented",
        "title": "An invented case",
        "summary": "Nothing in it happened.",
        "period": {"start": START, "end": START + timedelta(days=LENGTH - 1)},
        "actors": [
            {"id": "keepers", "name": "Keepers", "role": "holder"},
            {"id": "state", "name": "State", "role": "coercer"},
            {"id": "party", "name": "Party", "role": "coercer", "branch": "coalition"},
            {"id": "ally", "name": "Ally", "role": "patron", "backs": "coercer", "branch": "executive"},
        ],
        "issues": [
            {
                "id": "end",
                "name": "End",
                "question": "How far?",
                "levels": [{"level": level, "meaning": str(level)} for level in (0, 25, 50, 75, 100)],
            }
        ],
        "codebook": {
            "kinds": [{"id": "CONSULT", "meaning": "talk"}, {"id": "SANCTION", "meaning": "withhold"}],
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
            "composites": [{"id": "end-alone", "name": "End", "weights": {"end": 1}, "needs": ["end"]}],
        },
        "phases": [
            {"id": f"p{k}", "name": f"Phase {k}", "start": START + timedelta(days=day)}
            for k, day in enumerate(PHASES)
        ],
        "pressure": [
            {"start": START, "level": 1, "events": ["E0"], "reason": "begins"},
            {"start": START + timedelta(days=200), "level": 2, "events": ["E0"], "reason": "offensive"},
            {"start": START + timedelta(days=330), "level": 0, "events": ["E0"], "reason": "pause"},
        ],
        "shocks": [{"id": "loss", "name": "A loss", "events": ["X0", "X1"]}],
        "domestic_blocks": {"actors": ["party"]},
        "series": [{"id": "trucks", "name": "Trucks", "unit": "trucks", "step": "week", "measures": "aid"}],
        "choices": [
            {
                "choice": "window",
                "question": "How long may a response take?",
                "baseline": 4,
                "options": [{"value": weeks, "reason": "as said"} for weeks in (2, 4, 8)],
            },
            {
                "choice": "intensity",
                "question": "Which acts count?",
                "baseline": 1,
                "options": [{"value": level, "reason": "as said"} for level in (1, 2)],
            },
        ],
        "judges": [
            {"id": "j1", "instructed": "doubt the claim"},
            {"id": "j2", "instructed": "doubt the rival"},
        ],
        "cautions": {"main": "invented", "coding": "invented", "sampling": "invented"},
    }
    return CaseFrame.model_validate(raw | changes)


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
        source=("paper", "wire"),
        source_quality="named-outlet",
        confidence="high",
        basis="read",
        note="",
    )
    return replace(row, **changes)


def position(name: str, day: int, level: float | None, **changes: Any) -> Position:
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
        issue="end",
        level=level,
        summary="A demand.",
        source=("paper",),
        confidence="high",
        basis="read",
        note="",
    )
    return replace(row, **changes)


def week_of_trucks(week: int, value: float) -> SeriesPoint:
    """A week's sum of the invented series."""
    first = START + timedelta(days=7 * week)
    return SeriesPoint(
        f"T{week}", "trucks", first, first + timedelta(days=6), value, ("paper",), "high", "read", ""
    )


SOURCES = (
    Source("paper", "Paper", None, "", "named-outlet", "", ""),
    Source("wire", "Wire", None, "", "named-outlet", "", ""),
)

ORDER = {
    "test": "order",
    "signal": {"actors": ["ally"], "directions": ["restrain"], "channels": ["public"]},
    "outcome": {"stance": "holder"},
    "size": 15,
}


def part(**changes: Any) -> dict[str, Any]:
    """A part with an order test."""
    raw: dict[str, Any] = {
        "id": "C1-stance",
        "statement": "Public division is followed by a harder stance.",
        "kind": "effect-several",
        "tests": [ORDER],
    }
    return raw | changes


def claim(parts: list[dict[str, Any]], **changes: Any) -> Claim:
    """A claim with these parts."""
    raw: dict[str, Any] = {
        "id": "C1",
        "list": "A",
        "title": "A claim",
        "statement": "It is so.",
        "said_by": "Somebody",
        "source": ["paper"],
        "mechanism": "somehow",
        "should_show": ["this"],
        "should_not_show": ["that"],
        "parts": parts,
    }
    return Claim.model_validate(raw | changes)


def make_record(
    claims: list[Claim] | None = None,
    events: tuple[Event, ...] = (),
    positions: tuple[Position, ...] = (),
    series: tuple[SeriesPoint, ...] = (),
    event_readings: tuple[EventReading, ...] = (),
    ledger: tuple[LedgerRow, ...] = (),
    judgements: tuple[Judgement, ...] = (),
    case: dict[str, Any] | None = None,
) -> Record:
    """A record of the invented case."""
    return Record(
        folder="",
        case=frame(**(case or {})),
        claims=ClaimList(format=1, claims=tuple(claims or ())),
        events=events,
        positions=positions,
        series=series,
        sources=SOURCES,
        event_readings=event_readings,
        ledger=ledger,
        judgements=judgements,
    )


def drawn(seed: int, effect: float = 0.0, signals: int = 20, points: int = 18, **changes: Any) -> Record:
    """A record with signals and stance points at random days; `effect` is added to the stance at each signal."""
    rng = np.random.default_rng(seed)
    days = np.sort(rng.choice(LENGTH - 1, signals, replace=False))
    seen = np.sort(rng.choice(LENGTH, points, replace=False))
    at = np.concatenate([[0], seen])[: len(seen)]
    fresh = np.array([((days >= a) & (days < b)).any() for a, b in zip(at, seen, strict=True)])
    moved = effect * (fresh - fresh.mean()) if points else fresh
    level, positions = 50.0, []
    for k, day in enumerate(seen):
        level = 50 + 0.6 * (level - 50) + rng.normal(0, 8) + moved[k]
        snapped = float(np.clip(25 * np.round(level / 25), 0, 100))
        positions.append(position(f"P{k}", int(day), snapped))
    events = [
        event(
            f"E{k}",
            int(day),
            intensity=int(rng.integers(1, 5)),
            collection="first" if k % 2 else "added",
        )
        for k, day in enumerate(days)
    ]
    events += [event(f"X{k}", int(day), actor=("party",)) for k, day in enumerate((100, 250, 400))]
    trucks = tuple(week_of_trucks(week, float(rng.poisson(80))) for week in range(LENGTH // 7))
    return make_record(events=tuple(events), positions=tuple(positions), series=trucks, **changes)
