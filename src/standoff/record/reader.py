"""Reads a case folder into a record, or says everything that is wrong with it.

The work goes in stages, and no stage stops the next: files to text, text to plain values and cells, the ids
that they declare, then each value by itself, each row, and the case as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from standoff.errors import CaseError, Mistake
from standoff.record.aside_checks import check_aside
from standoff.record.case_schema import CaseFrame
from standoff.record.claims_checks import Ledgers, LedgerSheets, check_claims, check_ledger, ledgers
from standoff.record.claims_schema import ClaimList
from standoff.record.columns import TABLES
from standoff.record.files import CASE_FILE, CLAIMS_FILE, decode_all, read_bytes
from standoff.record.frame_checks import check_frame
from standoff.record.known import Known, gather
from standoff.record.rows import Record
from standoff.record.schema_mistakes import Locator, validate
from standoff.record.sheets import Sheet, read_sheet
from standoff.record.table_checks import Made, duplicate_ids, make_rows, overlaps, surroundings
from standoff.record.yaml_reader import Node, read_yaml

REQUIRED = (CASE_FILE, CLAIMS_FILE, *(file for file, table in TABLES.items() if table.required))
OPTIONAL = tuple(file for file, table in TABLES.items() if not table.required)


class Reading(NamedTuple):
    """What came of reading: a record when there is no mistake, else every mistake in file order."""

    record: Record | None
    mistakes: tuple[Mistake, ...]


def load_case(folder: Path) -> Record:
    """Read a case folder.

    Raises CaseError with all mistakes.
    """
    reading = read_case(Path(folder))
    if reading.record is None:
        raise CaseError(str(folder), reading.mistakes)
    return reading.record


def check_case(folder: Path) -> tuple[Mistake, ...]:
    """Every mistake of a case folder, in file order; empty when the case can be used."""
    return read_case(Path(folder)).mistakes


def read_case(folder: Path) -> Reading:
    contents, mistakes = read_bytes(folder, REQUIRED, OPTIONAL)
    if mistakes and not contents:
        return Reading(None, tuple(sorted(mistakes)))
    return read_contents(str(folder), contents, mistakes)


def read_contents(folder: str, contents: Mapping[str, bytes], mistakes: list[Mistake]) -> Reading:
    """Read a case from the content of its files; ``mistakes`` are those met before."""
    texts, found = decode_all(contents)
    found = [*mistakes, *found]
    trees: dict[str, Node | None] = {}
    sheets: dict[str, Sheet | None] = {}
    for name in (CASE_FILE, CLAIMS_FILE):
        trees[name], more = read_yaml(name, texts[name]) if name in texts else (None, [])
        found += more
    for name, table in TABLES.items():
        sheets[name], more = read_sheet(table, texts[name]) if name in texts else (None, [])
        found += more
    absent = frozenset(OPTIONAL) - contents.keys() - {one.file for one in mistakes}
    known = gather(trees[CASE_FILE], trees[CLAIMS_FILE], sheets, absent)
    frame, claims, more = _judge_yaml(trees, known, sheets)
    found += more
    made, more = _judge_tables(sheets, known, frame)
    found += more
    tree = trees[CLAIMS_FILE]
    if claims is not None and tree is not None:
        found += _judge_ledger(sheets, made, frame, ledgers(claims, Locator(CLAIMS_FILE, tree)))
    if found or frame is None or claims is None:
        return Reading(None, tuple(sorted(set(found))))
    return Reading(_record(folder, frame, claims, made, _lines(trees, sheets)), ())


def _judge_yaml(
    trees: Mapping[str, Node | None], known: Known, sheets: Mapping[str, Sheet | None]
) -> tuple[CaseFrame | None, ClaimList | None, list[Mistake]]:
    found: list[Mistake] = []
    frame: CaseFrame | None = None
    claims: ClaimList | None = None
    case_tree, claims_tree = trees[CASE_FILE], trees[CLAIMS_FILE]
    if case_tree is not None:
        frame, found = validate(CaseFrame, CASE_FILE, case_tree)
        if frame is not None:
            has_second = any(
                sheets.get(file) is not None for file in TABLES if file.endswith("_second_reading.csv")
            )
            found += check_frame(frame, known, Locator(CASE_FILE, case_tree), has_second)
        found += check_aside(CASE_FILE, _unjudged(frame, case_tree), known, found)
    if claims_tree is not None:
        claims, more = validate(ClaimList, CLAIMS_FILE, claims_tree)
        if claims is not None:
            more += check_claims(claims, known, Locator(CLAIMS_FILE, claims_tree))
        more += check_aside(CLAIMS_FILE, _unjudged(claims, claims_tree), known, more)
        found += more
    return frame, claims, found


def _unjudged(model: object | None, tree: Node) -> list[Node]:
    """What no check of a whole file has seen: all of it where the file gave no model, else what was set aside."""
    return [*tree.aside, tree] if model is None else tree.aside


def _judge_tables(
    sheets: Mapping[str, Sheet | None], known: Known, frame: CaseFrame | None
) -> tuple[dict[str, Made], list[Mistake]]:
    around = surroundings(known, frame)
    made: dict[str, Made] = {}
    found = duplicate_ids(sheets)
    for file, sheet in sheets.items():
        made[file] = make_rows(sheet, around) if sheet is not None else Made([], [], [])
        found += made[file].mistakes
    series = sheets["series.csv"]
    if series is not None:
        found += overlaps(series, made["series.csv"], around)
    return made, found


def _judge_ledger(
    sheets: Mapping[str, Sheet | None],
    made: Mapping[str, Made],
    frame: CaseFrame | None,
    of: Ledgers,
) -> list[Mistake]:
    ledger = sheets["ledger.csv"]
    if ledger is None:
        return []
    rows = made["ledger.csv"]
    both = LedgerSheets(ledger, rows.rows, rows.numbers, sheets["judgements.csv"])
    return list(check_ledger(both, of, frame))


def _lines(
    trees: Mapping[str, Node | None], sheets: Mapping[str, Sheet | None]
) -> dict[tuple[str, str], int]:
    lines = {
        (file, row[0]): start
        for file, sheet in sheets.items()
        if sheet is not None
        for row, start in zip(sheet.rows, sheet.starts, strict=True)
    }
    claims = trees[CLAIMS_FILE]
    listed = claims.children.get("claims") if claims else None
    for claim in listed.children.values() if listed else ():
        lines[CLAIMS_FILE, str(claim.value["id"]).strip()] = claim.line
    return lines


def _record(
    folder: str,
    frame: CaseFrame,
    claims: ClaimList,
    made: Mapping[str, Made],
    lines: Mapping[tuple[str, str], int],
) -> Record:
    rows: dict[str, tuple[Any, ...]] = {file: tuple(table.rows) for file, table in made.items()}
    return Record(
        folder,
        frame,
        claims,
        events=rows["events.csv"],
        positions=rows["positions.csv"],
        series=rows["series.csv"],
        sources=rows["sources.csv"],
        event_readings=rows["events_second_reading.csv"],
        position_readings=rows["positions_second_reading.csv"],
        ledger=rows["ledger.csv"],
        judgements=rows["judgements.csv"],
        lines=lines,
    )
