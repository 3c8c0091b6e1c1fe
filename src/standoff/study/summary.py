"""The summary of a run: what the terminal prints and `--json` gives, small and stable (docs/reference/json.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from standoff.study.identity import Identity

if TYPE_CHECKING:
    from standoff.claims.results import Assessment, ClaimResult, Interval, PartResult
    from standoff.record.rows import Record

FORMAT = 1


def summarise(record: Record, assessment: Assessment, identity: Identity) -> dict[str, Any]:
    """Verdict and figures of each claim, with the deaths and harm beside them and the main caution."""
    from standoff.panel.totals import totals

    case = record.case
    return {
        "format": FORMAT,
        "case": case.id,
        "title": case.title,
        "period": {"start": case.period.start.isoformat(), "end": case.period.end.isoformat()},
        "run": identity.digest[:12],
        "seed": assessment.seed,
        "claims": [_claim(claim) for claim in assessment.claims],
        "leans_by_chance": assessment.leans_by_chance,
        "harm": [total._asdict() for total in totals(record, ("deaths", "hostages"))],
        "caution": case.cautions.main,
        "warnings": list(assessment.warnings),
    }


def _claim(claim: ClaimResult) -> dict[str, Any]:
    part = next(part for part in claim.parts if part.id == claim.deciding_part)
    return {
        "id": claim.id,
        "list": claim.list,
        "title": claim.title,
        "verdict": claim.verdict,
        "deciding_part": part.id,
        "note": part.verdict.note,
        "effect": _effect(part),
        "share": _share(part),
        "weight": _weight(part),
        "agree": part.multiverse.share_claimed_sign if part.multiverse else None,
        "could_tell": _could_tell(part),
    }


def _effect(part: PartResult) -> dict[str, Any] | None:
    order = part.order
    if order is None:
        return None
    return {
        "value": order.effect,
        "interval": _interval(order.interval),
        "unit": order.unit,
        "p": order.p,
        "p_holm": order.p_holm,
    }


def _share(part: PartResult) -> dict[str, Any] | None:
    share = part.share
    if share is None:
        return None
    return {
        "value": share.share,
        "interval": _interval(share.interval),
        "line": share.line,
        "units": share.units,
    }


def _weight(part: PartResult) -> dict[str, Any] | None:
    ledger = part.ledger
    if ledger is None:
        return None
    return {
        "rival": ledger.best_rival,
        "best": {"low": ledger.low, "middle": ledger.middle, "high": ledger.high},
        "mixture": {
            "low": ledger.mixture_low,
            "middle": ledger.mixture_middle,
            "high": ledger.mixture_high,
        },
    }


def _could_tell(part: PartResult) -> dict[str, float] | None:
    tell = part.tell
    if tell is None:
        return None
    return {"for": tell.power_for, "against": tell.power_against, "too_small": tell.power_too_small}


def _interval(interval: Interval | None) -> dict[str, float] | None:
    if interval is None:
        return None
    return {"low": interval.low, "high": interval.high, "level": interval.level}
