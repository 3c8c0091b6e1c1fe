"""Stand-ins for the rooms around study, so that a run can be watched and stopped without long computations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from standoff.claims.results import (
    Assessment,
    ClaimResult,
    Gate,
    PartResult,
    QuotationResult,
    Reason,
    Verdict,
)
from standoff.record.claims_schema import Claim, ClaimList, Part
from standoff.record.rows import Record

CLAIMS = ClaimList.model_validate(
    {
        "format": 1,
        "claims": [
            {
                "id": name,
                "list": "A",
                "title": f"Claim {name}",
                "statement": "Something was said.",
                "said_by": "a text",
                "source": ["paper"],
                "mechanism": "none",
                "should_show": ["this"],
                "should_not_show": ["that"],
                "parts": [
                    {
                        "id": f"{name}.{part}",
                        "statement": "It was said.",
                        "kind": "quotation",
                        "tests": [{"test": "quotation", "quote": "=1+1", "found": True, "note": "seen"}],
                    }
                    for part in ("a", "b", "c")
                ],
            }
            for name in ("A1", "B1")
        ],
    }
)


def part_result(part: Part, seed: int) -> PartResult:
    reason = Reason("found", "the quotation", f"seed {seed}", True)
    verdict = Verdict("supported", (reason,), (), "", None, ())
    quotation = QuotationResult("verified", (), "=1+1")
    return PartResult(
        part.id, part.statement, part.kind, part.sign, part.necessary, verdict, quotation=quotation
    )


def run_part(
    record: Record,
    claim: Claim,
    part: Part,
    seed: int,
    progress: Callable[[str, int, int], None] | None = None,
) -> PartResult:
    if progress:
        progress("looking", 1, 2)
    return part_result(part, seed)


def conclude(
    record: Record, parts: Mapping[str, tuple[PartResult, ...]], seed: int, learned: object = None
) -> Assessment:
    claims = tuple(
        ClaimResult(name, "A", f"Claim {name}", "supported", results[0].id, results, ())
        for name, results in parts.items()
    )
    return Assessment(record.case.id, claims, 0, 0.0, "rules", seed, ())


@dataclass(frozen=True)
class Drawing:
    spec: dict[str, Any]
    svg: str


class PlainPages:
    """Draws one chart and a page of one line."""

    def charts(
        self, record: Record, panel: object, assessment: Assessment, learned: object = None
    ) -> dict[str, Drawing]:
        return {"picture": Drawing({"mark": "point", "title": record.case.title}, "<svg/>")}

    def report(
        self,
        record: Record,
        panel: object,
        assessment: Assessment,
        manifest: Mapping[str, Any],
        charts: Mapping[str, Drawing],
        learned: object = None,
    ) -> str:
        verdicts = ", ".join(claim.verdict for claim in assessment.claims)
        return f"{record.folder} {manifest['digest']} {verdicts} {len(charts)}"


GATE = Gate("reproduces", True, "well")
