"""The manifest: what a run depended on and what came out, the same for equal runs (no dates, durations, machine)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from standoff.study.identity import Identity

if TYPE_CHECKING:
    from standoff.claims.results import Assessment, PartResult
    from standoff.record.rows import Record

FORMAT = 1


def manifest(
    record: Record,
    identity: Identity,
    state: Literal["unfinished", "complete"],
    assessment: Assessment | None = None,
) -> dict[str, Any]:
    """The manifest without the list of files; `files` (name: SHA-256) joins it when all are written."""
    told = {
        "format": FORMAT,
        "state": state,
        "case": record.case.id,
        "title": record.case.title,
        "digest": identity.digest,
        **identity.as_dict(),
    }
    if assessment is None:
        return told
    return told | {
        "rules": assessment.rules,
        "warnings": list(assessment.warnings),
        "gates": [
            gate for claim in assessment.claims for part in claim.parts for gate in _gates(claim.id, part)
        ],
    }


def _gates(claim: str, part: PartResult) -> Iterator[dict[str, Any]]:
    for result in (part.order, part.posterior, part.share, part.ledger):
        for gate in result.gates if result else ():
            yield {
                "claim": claim,
                "part": part.id,
                "gate": gate.name,
                "passed": gate.passed,
                "detail": gate.detail,
            }
