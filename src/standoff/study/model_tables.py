"""The tables of what the models say: rivals, effects, channels, checks, parameters, and P with what hangs on each row."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import polars

if TYPE_CHECKING:
    from standoff.claims.results import Assessment
    from standoff.inference.learned import Learned

Row = dict[str, Any]
TYPES: Mapping[str, Any] = {
    "str": polars.String,
    "float": polars.Float64,
    "float | None": polars.Float64,
    "int": polars.Int64,
    "bool": polars.Boolean,
}


def model_frames(learned: Learned, assessment: Assessment) -> dict[str, polars.DataFrame]:
    """Every table by name; fields that are lists of their own are left to models.json."""
    from standoff.inference import learned as results

    elsewhere = learned.informed
    informed = (
        {
            "informed_priors": _of(results.TakenPrior, elsewhere.taken),
            "informed_rivals": _of(results.RivalResult, elsewhere.rivals),
            "informed_effects": _of(results.EffectResult, elsewhere.effects),
        }
        if elsewhere is not None
        else {}
    )
    return informed | {
        "model_rivals": _of(results.RivalResult, learned.rivals),
        "model_effects": _of(results.EffectResult, learned.effects),
        "model_channels": _of(results.ChannelResult, learned.channels),
        "model_checks": _of(results.CheckResult, learned.checks),
        "model_sensitivity": _of(results.SensitivityResult, learned.sensitivity),
        "model_beliefs": _of(results.BoxResult, learned.boxes),
        "model_outside": _of(results.OutsideTiming, learned.outside),
        "model_parameters": _of(results.ParameterResult, learned.parameters),
        "posteriors": polars.DataFrame(list(_posteriors(assessment)), schema=dict(POSTERIOR), orient="row"),
        "claim_rivals": polars.DataFrame(list(_rivals(assessment)), schema=dict(RIVAL), orient="row"),
        "influences": polars.DataFrame(list(_influences(assessment)), schema=dict(INFLUENCE), orient="row"),
    }


def _of(kind: type, rows: Iterable[object]) -> polars.DataFrame:
    """A table with the fields of a dataclass of plain values as its columns."""
    schema = {
        field.name: TYPES.get(str(field.type), polars.String)
        for field in dataclasses.fields(kind)
        if not str(field.type).startswith("tuple")
    }
    cells = [{name: getattr(row, name) for name in schema} for row in rows]
    return polars.DataFrame(cells, schema=schema, orient="row")


POSTERIOR: Mapping[str, Any] = {
    "claim": polars.String,
    "part": polars.String,
    "twin": polars.Float64,
    "game": polars.Float64,
    "quick": polars.Boolean,
    "counts": polars.Float64,
    "effect": polars.Float64,
    "effect_low": polars.Float64,
    "effect_high": polars.Float64,
    "unrecorded": polars.Float64,
    "strongest": polars.String,
    "passed": polars.Boolean,
    "tell_for": polars.Float64,
    "tell_against": polars.Float64,
    "false_for": polars.Float64,
    "false_against": polars.Float64,
    "cases": polars.Float64,
}
RIVAL: Mapping[str, Any] = {
    "claim": polars.String,
    "own": polars.String,
    "rival": polars.String,
    "log10": polars.Float64,
    "error": polars.Float64,
    "low": polars.Float64,
    "high": polars.Float64,
    "probability": polars.Float64,
    "passed": polars.Boolean,
}
INFLUENCE: Mapping[str, Any] = {
    "claim": polars.String,
    "part": polars.String,
    "row": polars.String,
    "without": polars.Float64,
    "shift": polars.Float64,
}


def _posteriors(assessment: Assessment) -> Iterator[Row]:
    for claim in assessment.claims:
        for part in claim.parts:
            if part.posterior is None:
                continue
            p, able = part.posterior, part.posterior.power
            yield {
                "claim": claim.id,
                "part": part.id,
                "twin": p.twin,
                "game": p.game,
                "quick": p.quick,
                "counts": p.counts,
                "effect": p.effect,
                "effect_low": p.interval.low,
                "effect_high": p.interval.high,
                "unrecorded": p.unrecorded,
                "strongest": p.strongest,
                "passed": all(gate.passed for gate in p.gates),
                "tell_for": able.tell_for,
                "tell_against": able.tell_against,
                "false_for": able.false_for,
                "false_against": able.false_against,
                "cases": able.cases,
            }


def _rivals(assessment: Assessment) -> Iterator[Row]:
    """The rival that states a claim against each other one; several that state it are joined by ``;``."""
    for claim in assessment.claims:
        for one in claim.rivals:
            yield {"claim": claim.id, "own": ";".join(one.own)} | {
                name: getattr(one, name) for name in RIVAL if name not in ("claim", "own")
            }


def _influences(assessment: Assessment) -> Iterator[Row]:
    for claim in assessment.claims:
        for part in claim.parts:
            for one in part.posterior.influences if part.posterior is not None else ():
                yield {
                    "claim": claim.id,
                    "part": part.id,
                    "row": one.row,
                    "without": one.without,
                    "shift": one.shift,
                }
