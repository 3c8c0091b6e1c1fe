"""The tables of a run, each as CSV (for a spreadsheet) and Parquet (for a program), in the words of the reference."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import polars
from polars import selectors

from standoff.study.model_tables import model_frames
from standoff.study.panel_table import panel_frame

if TYPE_CHECKING:
    import xarray

    from standoff.claims.results import Assessment, ClaimResult, PartResult
    from standoff.inference.learned import Learned
    from standoff.record.rows import Record

Row = dict[str, Any]

TEXT, NUMBER, COUNT, FLAG = polars.String, polars.Float64, polars.Int64, polars.Boolean

FORMULA = r"^[\s]*[=+\-@\t\r]"  # how a cell begins that a spreadsheet would run


def tables(
    record: Record, panel: xarray.Dataset, assessment: Assessment, learned: Learned | None = None
) -> Mapping[str, bytes]:
    """Every table of the run as file name and bytes; times are ISO dates, an unseen value is an empty cell."""
    frames = {
        "claims": _frame(CLAIMS, (_claim(claim) for claim in assessment.claims)),
        "parts": _frame(PARTS, (_part(claim, part) for claim, part in _parts(assessment))),
        "reasons": _frame(REASONS, _reasons(assessment)),
        "specifications": _specifications(assessment),
        "differences": _frame(DIFFERENCES, _differences(assessment)),
        "ledger": _frame(LEDGER, _ledger(assessment)),
        "panel": panel_frame(panel),
        "positions": _frame(POSITIONS, (_cells(row, POSITIONS) for row in record.positions)),
        "zone": _frame(ZONE, _zone(record)),
        "series": _frame(SERIES, (_cells(row, SERIES) for row in record.series)),
    }
    if learned is not None:
        frames |= model_frames(learned, assessment)
    files: dict[str, bytes] = {}
    for name, frame in frames.items():
        files[f"tables/{name}.csv"] = to_csv(frame)
        files[f"tables/{name}.parquet"] = to_parquet(frame)
    return files


def to_csv(frame: polars.DataFrame) -> bytes:
    """CSV in which no text cell can be run as a formula: an apostrophe before it makes it text."""
    return frame.with_columns(selectors.string().str.replace(FORMULA, "'${0}")).write_csv().encode()


def to_parquet(frame: polars.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_parquet(file, compression="zstd")
    return file.getvalue()


def _frame(schema: Mapping[str, Any], rows: Iterable[Row]) -> polars.DataFrame:
    return polars.DataFrame(list(rows), schema=dict(schema), orient="row", strict=False)


def _cells(item: object, schema: Mapping[str, Any]) -> Row:
    """The columns that the item has fields for; a list of ids is one cell, as in a case's own tables."""
    return {name: _cell(getattr(item, name)) for name in schema if hasattr(item, name)}


def _cell(value: Any) -> Any:
    if isinstance(value, tuple):
        return ";".join(value)
    return value.isoformat() if isinstance(value, date) else value


def _parts(assessment: Assessment) -> Iterator[tuple[ClaimResult, PartResult]]:
    for claim in assessment.claims:
        for part in claim.parts:
            yield claim, part


CLAIM = {"claim": TEXT, "list": TEXT, "title": TEXT, "verdict": TEXT, "deciding_part": TEXT}
CLAIMS = {**CLAIM, "parts": COUNT, "would_change": TEXT}


def _claim(claim: ClaimResult) -> Row:
    observations = " | ".join(observation.observation for observation in claim.would_change)
    return _cells(claim, CLAIM) | {
        "claim": claim.id,
        "parts": len(claim.parts),
        "would_change": observations,
    }


ORDER = {
    "effect": NUMBER,
    "effect_low": NUMBER,
    "effect_high": NUMBER,
    "unit": TEXT,
    "p": NUMBER,
    "p_holm": NUMBER,
    "lead_effect": NUMBER,
    "lead_p": NUMBER,
    "occasions": COUNT,
    "distinct_differences": COUNT,
}
SHARE = {"share": NUMBER, "share_low": NUMBER, "share_high": NUMBER, "line": NUMBER}
WEIGHT = {"weight_low": NUMBER, "weight_middle": NUMBER, "weight_high": NUMBER, "best_rival": TEXT}
MULTIVERSE = {"share_claimed_sign": NUMBER, "median_effect": NUMBER}
TELL = {
    "power_for": NUMBER,
    "power_against": NUMBER,
    "power_too_small": NUMBER,
    "false_for": NUMBER,
    "false_against": NUMBER,
}
PART = {
    "claim": TEXT,
    "part": TEXT,
    "statement": TEXT,
    "kind": TEXT,
    "sign": TEXT,
    "necessary": FLAG,
    "verdict": TEXT,
    "note": TEXT,
    "caps": TEXT,
    "quotation": TEXT,
    "test": TEXT,
}
PARTS = {**PART, **ORDER, **SHARE, **WEIGHT, **MULTIVERSE, **TELL}


def _part(claim: ClaimResult, part: PartResult) -> Row:
    row = _cells(part, PART) | {
        "claim": claim.id,
        "part": part.id,
        "verdict": part.verdict.word,
        "note": part.verdict.note,
        "caps": " | ".join(part.verdict.caps),
        "quotation": part.quotation.word if part.quotation else None,
    }
    return row | _order(part) | _share(part) | _weight(part) | _robustness(part)


def _order(part: PartResult) -> Row:
    order = part.order
    if order is None:
        return {}
    return _cells(order, ORDER) | {
        "test": order.kind,
        "effect_low": order.interval.low if order.interval else None,
        "effect_high": order.interval.high if order.interval else None,
    }


def _share(part: PartResult) -> Row:
    share = part.share
    if share is None:
        return {}
    return {
        "test": "share",
        "share": share.share,
        "share_low": share.interval.low,
        "share_high": share.interval.high,
        "line": share.line,
    }


def _weight(part: PartResult) -> Row:
    ledger = part.ledger
    if ledger is None:
        return {}
    return {
        "weight_low": ledger.low,
        "weight_middle": ledger.middle,
        "weight_high": ledger.high,
        "best_rival": ledger.best_rival,
    }


def _robustness(part: PartResult) -> Row:
    row: Row = {}
    if part.multiverse:
        row |= _cells(part.multiverse, MULTIVERSE)
    if part.tell:
        row |= _cells(part.tell, TELL)
    return row


REASONS = {"claim": TEXT, "part": TEXT, "rule": TEXT, "asked": TEXT, "found": TEXT, "met": FLAG}


def _reasons(assessment: Assessment) -> Iterator[Row]:
    for claim, part in _parts(assessment):
        for reason in part.verdict.reasons:
            yield _cells(reason, REASONS) | {"claim": claim.id, "part": part.id}


SPECIFICATIONS = {"effect": NUMBER, "exposed": COUNT, "differences": COUNT}


def _specifications(assessment: Assessment) -> polars.DataFrame:
    rows: list[Row] = []
    choices: dict[str, Any] = {}
    for claim, part in _parts(assessment):
        for specification in part.multiverse.specifications if part.multiverse else ():
            options = dict(specification.options)
            choices |= dict.fromkeys(options, TEXT)
            row = _cells(specification, SPECIFICATIONS) | options
            rows.append(row | {"claim": claim.id, "part": part.id})
    schema = {
        "claim": TEXT,
        "part": TEXT,
        **choices,
        "effect": NUMBER,
        "exposed": COUNT,
        "differences": COUNT,
    }
    return _frame(schema, rows)


DIFFERENCES = {
    "claim": TEXT,
    "part": TEXT,
    "date_before": TEXT,
    "date_after": TEXT,
    "before": NUMBER,
    "after": NUMBER,
    "change": NUMBER,
    "exposure": NUMBER,
    "start_level": NUMBER,
    "signals": TEXT,
    "rows_before": TEXT,
    "rows_after": TEXT,
}


def _differences(assessment: Assessment) -> Iterator[Row]:
    for claim, part in _parts(assessment):
        for difference in part.order.differences if part.order else ():
            yield _cells(difference, DIFFERENCES) | {"claim": claim.id, "part": part.id}


DECIBANS = {"decibans_low": NUMBER, "decibans_middle": NUMBER, "decibans_high": NUMBER}
LEDGER = {
    "claim": TEXT,
    "part": TEXT,
    "row": TEXT,
    "observation": TEXT,
    "events": TEXT,
    "group": TEXT,
    "interested": FLAG,
    "eligible": FLAG,
    "account": TEXT,
    "low": NUMBER,
    "high": NUMBER,
    **DECIBANS,
    "without": NUMBER,
    "judges_differ": FLAG,
}


def _ledger(assessment: Assessment) -> Iterator[Row]:
    for claim, part in _parts(assessment):
        for line in part.ledger.lines if part.ledger else ():
            decibans = {rival: dict(zip(DECIBANS, sums, strict=True)) for rival, *sums in line.decibans}
            for cell in line.cells:
                row = _cells(line, LEDGER) | _cells(cell, LEDGER) | decibans.get(cell.account, {})
                yield row | {"claim": claim.id, "part": part.id, "row": line.id}


ZONE = {
    "issue": TEXT,
    "start": TEXT,
    "end": TEXT,
    "state": TEXT,
    "holder": NUMBER,
    "holder_since": TEXT,
    "holder_rows": TEXT,
    "coercer": NUMBER,
    "coercer_since": TEXT,
    "coercer_rows": TEXT,
    "gap": NUMBER,
    "gap_low": NUMBER,
    "gap_high": NUMBER,
}


def _zone(record: Record) -> Iterator[Row]:
    from standoff.panel.zone import zone

    for span in zone(record):
        row = _cells(span, ZONE)
        for side in ("holder", "coercer"):
            recorded = getattr(span, side)
            row[side] = recorded.level if recorded else None
            row[f"{side}_since"] = recorded.since.isoformat() if recorded else None
            row[f"{side}_rows"] = _cell(recorded.rows) if recorded else None
        yield row


POSITIONS = {
    "id": TEXT,
    "date": TEXT,
    "actor": TEXT,
    "channel": TEXT,
    "term": TEXT,
    "value": NUMBER,
    "unit": TEXT,
    "issue": TEXT,
    "level": NUMBER,
    "summary": TEXT,
    "source": TEXT,
    "confidence": TEXT,
    "basis": TEXT,
}


SERIES = {
    "id": TEXT,
    "series": TEXT,
    "start": TEXT,
    "end": TEXT,
    "value": NUMBER,
    "source": TEXT,
    "confidence": TEXT,
    "basis": TEXT,
}
