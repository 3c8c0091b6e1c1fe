"""Writes a record as a case folder, all of it or nothing.

Everything is made first and read back; only a text that says the same as the record is written. Each file goes
to a temporary name, to the disk, and then to its own name.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from standoff.errors import CaseError
from standoff.record.cells import write_cell
from standoff.record.codes import Place, mistake
from standoff.record.columns import TABLES, Table
from standoff.record.files import CASE_FILE, CLAIMS_FILE, read_bytes
from standoff.record.reader import OPTIONAL, REQUIRED, read_contents
from standoff.record.rows import Record
from standoff.record.yaml_writer import render_yaml

_FIELDS: Mapping[str, str] = {
    "events.csv": "events",
    "positions.csv": "positions",
    "series.csv": "series",
    "sources.csv": "sources",
    "events_second_reading.csv": "event_readings",
    "positions_second_reading.csv": "position_readings",
    "ledger.csv": "ledger",
    "judgements.csv": "judgements",
}


def save_case(record: Record, folder: Path) -> None:
    """Write a record into a folder, which is made if need be; comments in the YAML that it was read from are kept.

    Raises CaseError, with nothing written, when the record would not read back the same or cannot be written.
    """
    folder = Path(folder)
    there = _existing(folder)
    contents = _render(record, _existing(Path(record.folder)) or there, there)
    reading = read_contents(str(folder), contents, [])
    if reading.record is None:
        raise CaseError(str(folder), reading.mistakes)
    if reading.record != record:
        raise CaseError(str(folder), [_difference(reading.record, record)])
    write_files(folder, {name: content for name, content in contents.items() if there.get(name) != content})


def _existing(folder: Path) -> dict[str, bytes]:
    return read_bytes(folder, REQUIRED, OPTIONAL)[0]


def _render(record: Record, base: Mapping[str, bytes], there: Mapping[str, bytes]) -> dict[str, bytes]:
    contents = {
        CASE_FILE: render_yaml(CASE_FILE, record.case, base.get(CASE_FILE)),
        CLAIMS_FILE: render_yaml(CLAIMS_FILE, record.claims, base.get(CLAIMS_FILE)),
    }
    for name, table in TABLES.items():
        rows = getattr(record, _FIELDS[name])
        if rows or table.required or name in there:
            contents[name] = render_table(table, rows)
    return contents


def render_table(table: Table, rows: Iterable[Any]) -> bytes:
    """The canonical form of a table: UTF-8 without a mark, commas, line feeds, quotes only where they are needed."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    names = [column.name for column in table.columns]
    writer.writerow(names)
    writer.writerows([write_cell(getattr(row, name)) for name in names] for row in rows)
    return stream.getvalue().encode("utf-8")


def _difference(back: Record, record: Record) -> Any:
    names = {CASE_FILE: "case", CLAIMS_FILE: "claims", **_FIELDS}
    file, field = next(
        (file, field) for file, field in names.items() if getattr(back, field) != getattr(record, field)
    )
    pairs = zip(getattr(back, field), getattr(record, field), strict=False)
    number = next((number for number, (one, other) in enumerate(pairs) if one != other), None)
    where = "" if number is None else f", row or key {number + 1}"
    return mistake(Place(file), "cannot-save", f"`{file}`{where} would not read back as it is now")


def write_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files into a folder so that each is there whole or as it was before.

    Raises CaseError when the folder cannot be written; what was begun is removed.
    """
    staged: dict[Path, Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            temporary = folder / f".{name}.{os.getpid()}.new"
            staged[temporary] = folder / name
            with temporary.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        for temporary, final in staged.items():
            temporary.replace(final)
        _sync(folder)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        what = f"the folder cannot be written: {reason.lower()}"
        raise CaseError(str(folder), [mistake(Place(folder.name), "cannot-write", what)]) from None
    finally:
        for temporary in staged:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
