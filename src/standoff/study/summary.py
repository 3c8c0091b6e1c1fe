"""The summary of a run: what the terminal prints and `--json` gives, small and stable (docs/reference/json.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from standoff.study.identity import Identity

if TYPE_CHECKING:
    from standoff.claims.results import Assessment, ClaimResult, Interval, PartResult, RivalWeight
    from standoff.inference.learned import Learned
    from standoff.record.rows import Record

FORMAT = 1


def summarise(
    record: Record, assessment: Assessment, identity: Identity, learned: Learned | None = None
) -> dict[str, Any]:
    """Verdict and figures of each claim, with the deaths and harm beside them and the main caution; ``learned``: what the
    models say of the whole record, None where none was fitted."""
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
        "models": _models(learned),
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
        "posterior": _posterior(part),
        "weight": _weight(part),
        "rivals": [_rival(one) for one in claim.rivals],
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


def _rival(one: RivalWeight) -> dict[str, Any]:
    """The claim's own fitted rival against one other; it enters no verdict."""
    return {
        "own": list(one.own),
        "rival": one.rival,
        "log10": one.log10,
        "error": one.error,
        "range": None if one.low is None else {"low": one.low, "high": one.high},
        "probability": one.probability,
        "passed": one.passed,
    }


def _could_tell(part: PartResult) -> dict[str, float | None] | None:
    """As the rules read it: where a part has a P, the lower of what order in time and P could have told."""
    from standoff.claims.part import ingredients

    if part.tell is None:
        return None
    read = ingredients(part)
    return {"for": read.tell_for, "against": read.tell_against, "too_small": read.tell_small}


def _posterior(part: PartResult) -> dict[str, Any] | None:
    """P of the claimed direction, the one that counts first; ``passed``: every gate behind it was."""
    found = part.posterior
    if found is None:
        return None
    return {
        "value": found.counts,
        "twin": found.twin,
        "game": found.game,
        "quick": found.quick,
        "passed": all(gate.passed for gate in found.gates),
        "effect": found.effect,
        "interval": _interval(found.interval),
        "unrecorded": found.unrecorded,
        "strongest": found.strongest,
    }


def _models(learned: Learned | None) -> dict[str, Any] | None:
    if learned is None:
        return None
    return {
        "quick": learned.quick,
        "signals_follow": learned.signals_follow.passed,
        "rivals": [
            {
                "estimator": one.estimator,
                "name": one.name,
                "says": one.says,
                "log_evidence": one.log_evidence,
                "probability": one.probability,
                "passed": one.passed,
            }
            for one in learned.rivals
        ],
        "informed": _informed(learned),
    }


def _informed(learned: Learned) -> dict[str, Any] | None:
    """Rivals under priors from elsewhere beside the default's; they enter no verdict."""
    found = learned.informed
    if found is None:
        return None
    default = {one.name: one.probability for one in learned.rivals if one.estimator == "twin"}
    return {
        "source": found.source,
        "origin": found.origin,
        "widen": found.widen,
        "parameters": [f"{one.block}.{one.name}" for one in found.taken],
        "rivals": [
            {
                "name": one.name,
                "log_evidence": one.log_evidence,
                "probability": one.probability,
                "default": default[one.name],
                "passed": one.passed,
            }
            for one in found.rivals
        ],
    }


def _interval(interval: Interval | None) -> dict[str, float] | None:
    if interval is None:
        return None
    return {"low": interval.low, "high": interval.high, "level": interval.level}
