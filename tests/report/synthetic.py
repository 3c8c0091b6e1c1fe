"""A small made-up case with a made-up assessment: every kind of result once, no number that means anything."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import date, timedelta

from standoff.claims.results import (
    Assessment,
    ChoiceInfluence,
    ClaimResult,
    Difference,
    Gate,
    Interval,
    LedgerCell,
    LedgerLine,
    LedgerResult,
    MultiverseResult,
    NextObservationResult,
    OrderResult,
    PartResult,
    QuotationResult,
    Reason,
    ShareResult,
    Specification,
    TellResult,
    Verdict,
    VerdictWord,
    World,
    pack,
)
from standoff.record.case_schema import CaseFrame
from standoff.record.claims_schema import ClaimList
from standoff.record.rows import Event, EventReading, Position, PositionReading, Record, SeriesPoint, Source

START, END = date(2030, 1, 1), date(2030, 9, 30)
WORDS: tuple[VerdictWord, ...] = (
    "supported",
    "leans for",
    "cannot tell",
    "leans against",
    "contradicted",
    "unverified",
)
CHANNELS = ("public", "private-reported", "action")


def frame() -> CaseFrame:
    """The frame of the made-up case: two sides, a patron, a mediator, two issues."""
    return CaseFrame.model_validate(
        {
            "format": 1,
            "id": "made-up",
            "title": "The made-up standoff",
            "summary": "A holder keeps people on an island; a coercer surrounds it; a patron backs the coercer and speaks in public and in private.",
            "period": {"start": START, "end": END},
            "actors": [
                {"id": "holder", "name": "The Holder", "role": "holder"},
                {"id": "coercer", "name": "The Coercer", "role": "coercer"},
                {"id": "patron", "name": "The Patron", "role": "patron", "backs": "coercer"},
                {"id": "go-between", "name": "The Go-between", "role": "mediator"},
            ],
            "issues": [
                {
                    "id": "ending",
                    "name": "Ending",
                    "question": "when must it end?",
                    "levels": [{"level": 0, "meaning": "never"}, {"level": 100, "meaning": "at once"}],
                },
                {
                    "id": "price",
                    "name": "Price",
                    "question": "how many for each?",
                    "levels": [{"level": 0, "meaning": "none"}, {"level": 100, "meaning": "all"}],
                },
            ],
            "codebook": {
                "kinds": [{"id": "CONSULT", "meaning": "speaks"}],
                "intensities": [{"level": k, "meaning": f"step {k}"} for k in range(1, 6)],
                "collections": [{"id": "first", "meaning": "found first"}],
                "direction_rule": "Relative to the coercer's freedom of action.",
                "channel_rule": "As it happened.",
            },
            "stance": {
                "actors": {"holder": ["holder"], "coercer": ["coercer"]},
                "composites": [{"id": "even", "name": "Even", "weights": {"ending": 1, "price": 1}, "needs": ["ending"]}],
                "restarts": [date(2030, 5, 1)],
            },
            "phases": [{"id": "one", "name": "One", "start": START}],
            "milestones": [
                {"date": date(2030, 3, 1), "label": "a truce", "events": ["E005"]},
                {"date": date(2030, 3, 6), "label": "the truce ends", "events": ["E006"]},
                {"date": date(2030, 9, 20), "label": "a deal is signed at last", "events": ["E012"]},
            ],
            "series": [
                {"id": "deaths", "name": "Deaths reported", "unit": "deaths", "step": "day", "measures": "deaths", "caution": "Booked on the day reported."},
                {"id": "trucks", "name": "Trucks", "unit": "trucks", "step": "week", "measures": "aid"},
                {"id": "held", "name": "Hostages held at the end of the month, computed", "unit": "people", "step": "month", "aggregate": "last", "measures": "hostages"},
                {"id": "released", "name": "Hostages released", "unit": "people", "step": "event", "measures": "hostages"},
            ],
            "choices": [
                {"choice": "window", "question": "how long after?", "baseline": 4, "options": [{"value": 2, "reason": "short"}, {"value": 4, "reason": "usual"}]},
                {"choice": "intensity", "question": "lowest that counts?", "baseline": 1, "options": [{"value": 1, "reason": "all"}, {"value": 3, "reason": "formal"}]},
            ],
            "judges": [{"id": "doubter", "instructed": "Doubt the claim."}],
            "cautions": {"main": "Nothing here happened.", "coding": "By a script.", "sampling": "By a script.", "thin": ["everything"], "disputed": [{"what": "The count of E003.", "events": ["E003"]}]},
            "licences": [{"data": "All of it", "licence": "CC0", "source": ["S1"]}],
        }
    )  # fmt: skip


def events() -> tuple[Event, ...]:
    rows = []
    for k in range(1, 41):
        direction = ("restrain", "enable", "neutral")[k % 3]
        rows.append(
            Event(
                id=f"E{k:03d}",
                date=START + timedelta(days=k * 6),
                date_precision="approx" if k % 7 == 0 else "day",
                actor=("patron",) if k % 4 else ("holder",),
                person="A Spokesman" if k % 5 == 0 else "",
                target=("coercer",),
                channel=CHANNELS[k % 3 if k % 2 else 0],  # type: ignore[arg-type]
                kind="CONSULT",
                direction=direction,  # type: ignore[arg-type]
                intensity=1 + k % 5,
                collection="first",
                category="",
                summary=f"Act {k} of the patron about the island.",
                quote="We said so." if k % 2 else "",
                source=("S1", "S2") if k % 2 else ("S2",),
                source_quality="named-outlet",
                confidence="high" if k % 6 else "low",
                basis="read",
                note="",
            )
        )
    return tuple(rows)


def positions() -> tuple[Position, ...]:
    rows = []
    plan = [
        ("holder", "ending", 20, 100.0, "bargaining"),
        ("holder", "ending", 60, 60.0, "bargaining"),
        ("holder", "ending", 200, 40.0, "bargaining"),
        ("holder", "ending", 215, 90.0, "public"),
        ("coercer", "ending", 40, 20.0, "bargaining"),
        ("coercer", "ending", 205, 40.0, "bargaining"),
        ("holder", "price", 30, 80.0, "bargaining"),
        ("coercer", "price", 30, 10.0, "bargaining"),
        ("go-between", "price", 90, 50.0, "bargaining"),
    ]
    for k, (who, issue, day, level, channel) in enumerate(plan, 1):
        rows.append(
            Position(
                f"P{k:03d}", START + timedelta(days=day), "day", (who,), channel, issue, None, "", issue, level,
                f"{who} on {issue}: {level:.0f}.", ("S1",), "high", "read", "",
            )
        )  # fmt: skip
    return tuple(rows)


def series() -> tuple[SeriesPoint, ...]:
    rows = [
        SeriesPoint(f"D{k:03d}", "deaths", START + timedelta(days=k), START + timedelta(days=k), float(k % 11), ("S1",), "high", "read", "")
        for k in range(270)
        if not 100 <= k < 121
    ]  # fmt: skip
    for k in range(20):
        first = START + timedelta(weeks=k)
        rows.append(
            SeriesPoint(
                f"T{k:02d}", "trucks", first, first + timedelta(days=6), 50.0 + k, ("S2",), "high", "read", ""
            )
        )
    for month, held in ((1, 50), (2, 50), (3, 45), (6, 40), (9, 2)):
        day = date(2030, month, 28)
        rows.append(SeriesPoint(f"H{month}", "held", day, day, float(held), ("S2",), "medium", "read", ""))
    rows.append(
        SeriesPoint("R1", "released", date(2030, 3, 2), date(2030, 3, 2), 5.0, ("S1",), "high", "read", "")
    )
    return tuple(rows)


def claims() -> ClaimList:
    """One claim for each verdict word; every kind of test is among them."""
    order = {
        "test": "order",
        "signal": {"roles": ["patron"], "directions": ["restrain"]},
        "outcome": {"stance": "holder"},
        "size": 5,
    }
    made = []
    for k, word in enumerate(WORDS, 1):
        made.append(
            {
                "id": f"{'A' if k <= 3 else 'B'}{k}",
                "list": "A" if k <= 3 else "B",
                "title": f"A claim that is to read {word}",
                "statement": f"Statement {k}: a signal moves the holder.",
                "said_by": "An author, 2030",
                "source": ["S1"],
                "mechanism": "It waits when it expects restraint.",
                "should_show": ["terms rise after a signal", "and not before"],
                "should_not_show": ["terms that fall after a signal"],
                "evidence": ["E001", "E002", "P001"],
                "caution": "Only a caution." if k == 1 else "",
                "parts": [
                    {
                        "id": f"part-{k}",
                        "statement": "Terms rise.",
                        "kind": "effect-several",
                        "tests": [order],
                    }
                ],
            }
        )
    return ClaimList.model_validate({"format": 1, "claims": made})


def record() -> Record:
    """The whole made-up record."""
    sources = (
        Source("S1", "The Island Paper, 2030-01-02", date(2030, 1, 2), "https://example.org/a?b=c&d=e", "named-outlet", "CC BY", ""),
        Source("S2", "A copy", None, "", "copy-or-aggregator", "", "seen once"),
    )  # fmt: skip
    readings = tuple(
        EventReading(e.id, e.kind, e.direction, min(e.intensity + 1, 5), False, "") for e in events()[:20]
    )
    return Record(
        "made-up", frame(), claims(), events(), positions(), series(), sources, readings,
        (PositionReading("P001", 100.0, False, ""), PositionReading("P002", 80.0, True, "")),
    )  # fmt: skip


def order_result(specifications: int = 0) -> OrderResult:
    differences = tuple(
        Difference(
            (START + timedelta(days=20 * k)).isoformat(), (START + timedelta(days=20 * k + 20)).isoformat(),
            50.0 + k, 50.0 + k + (-1) ** k * 3.5 * k, (-1) ** k * 3.5 * k, float(k % 2), 50.0 + k,
            (f"E{k:03d}",) if k % 2 else (), ("P001",), ("P002",),
        )
        for k in range(1, 10)
    )  # fmt: skip
    return OrderResult(
        "order", "the holder's stance", "points of 100", -6.25, Interval(-14.0, 1.5, 0.90), 0.132, 0.66, 0.004, 250, False,
        2000, differences, 5, 8, 0.5, 0.4, 0.25, Interval(-40.0, 30.0, 0.90), 5.0,
        (Gate("distinct changes", True, "5 of at least 4"), Gate("leads quiet", False, "lead is half the effect")), "",
    )  # fmt: skip


def multiverse_result(count: int = 300) -> MultiverseResult:
    chance = random.Random(7)
    specifications = tuple(
        Specification(
            (
                ("window", str((2, 4, 8)[k % 3])),
                ("intensity", str(1 + k % 2)),
                ("stance_channel", ("bargaining", "with-public")[k // 2 % 2]),
            ),
            None if k % 50 == 49 else math.sin(k) * 9 - 4 + chance.random(),
            3 + k % 4,
            12,
        )
        for k in range(count)
    )
    influences = tuple(ChoiceInfluence("window", str(w), -3.0 - w / 2, 0.6 + w / 40) for w in (2, 4, 8))
    return MultiverseResult(
        pack(specifications),
        count,
        count - 10,
        -4.1,
        0.74,
        influences,
        "window",
        (("first collection", -3.0), ("added rows", None)),
        None,
    )


def ledger_result() -> LedgerResult:
    def line(k: int, eligible: bool) -> LedgerLine:
        cells = (
            LedgerCell(
                "claim",
                0.4,
                0.7,
                (("doubter", 0.4, 0.5, "because it would"), ("friend", 0.5, 0.7, "so it seems")),
            ),
            LedgerCell("drift", 0.2, 0.4, (("doubter", 0.2, 0.4, "it could also"),)),
        )
        return LedgerLine(
            f"L{k}",
            f"Observation {k}",
            ("E001",),
            "",
            k == 2,
            eligible,
            cells,
            (("drift", -1.0, 2.0 + k, 5.0), ("other", -2.0, 1.0, 4.0)),
            3.0,
            k == 1,
        )

    lines = (line(1, True), line(2, True), line(3, False))
    return LedgerResult(
        lines,
        ("drift", "other"),
        "drift",
        -2.0,
        5.5,
        9.0,
        0.0,
        4.0,
        8.0,
        2,
        ("L1", "L2"),
        0.6,
        (Gate("eligible rows", True, "2"),),
        "",
    )


def tell_result() -> TellResult:
    worlds = (
        World("claim at declared size", 1000, 0.41, 0.0, 0.02, 0.57),
        World("drift", 1000, 0.03, 0.02, 0.1, 0.85),
    )
    return TellResult(worlds, 0.41, 0.38, 0.2, 0.03, 0.02, 5.0, "")


def share_result() -> ShareResult:
    rows = (
        ("First pause", True, ("E001",), "it says so"),
        ("Second pause", False, ("E002", "P001"), "it does not"),
    )
    return ShareResult(0.5, 0.5, 2, Interval(0.1, 0.9, 0.95), 0.5, 0.5, rows, (), "")


def part_result(k: int, word: VerdictWord) -> PartResult:
    reasons = (
        Reason("order in time", "p at most .10", "p .132", False),
        Reason("robust", "at least 60% of codings", "74%", True),
    )
    verdict = Verdict(word, reasons, ("failed gate: leads quiet",), "", "leans for", ("a p of at most .10",))
    part = PartResult(f"part-{k}", "Terms rise.", "effect-several", "+", True, verdict)
    if word == "unverified":
        return replace(
            part,
            kind="quotation",
            quotation=QuotationResult("unverified", ("found",), "The quotation was not found."),
        )
    if word == "contradicted":
        return replace(part, kind="pattern", share=share_result())
    if word == "leans against":
        return replace(part, kind="belief", ledger=ledger_result())
    return replace(
        part, order=order_result(), multiverse=multiverse_result(), tell=tell_result(), ledger=ledger_result()
    )


def assessment() -> Assessment:
    """One claim for each verdict word, every kind of result once."""
    results = []
    for claim, (k, word) in zip(claims().claims, enumerate(WORDS, 1), strict=True):
        part = part_result(k, word)
        change = (
            NextObservationResult("A letter of the holder", "document", part.id, 6.0, -2.0, 1.5, "leans for"),
        )
        results.append(
            ClaimResult(claim.id, claim.list, claim.title, word, part.id, (part,), change if k % 2 else ())
        )
    return Assessment(
        "made-up", tuple(results), 3, 0.6, "sha256:0123", 20301, ("one claim has no eligible row",)
    )


MANIFEST = {
    "seed": 20301,
    "inputs": {"case.yaml": "sha256:aa", "events.csv": "sha256:bb"},
    "versions": {"standoff": "0.1.0"},
    "gates": [{"claim": "A1", "part": "A1.a", "gate": "leads quiet", "passed": False, "detail": "made up"}],
}
