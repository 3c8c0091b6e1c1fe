"""Makes the rows of a table out of its cells, and says all that is wrong with them.

Each cell is read and its references are looked up; then each row is judged as a whole, on whichever of its
cells could be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from standoff.errors import Mistake
from standoff.record.case_schema import CaseFrame
from standoff.record.cells import BadCellError, read_cell
from standoff.record.codes import Place, mistake, shown
from standoff.record.columns import Column
from standoff.record.known import Known
from standoff.record.sheets import Sheet

COUNTED = ("deaths", "aid", "hostages", "prisoners")


@dataclass(slots=True)
class Surroundings:
    """What the rows are judged against."""

    known: Known
    period: tuple[date, date] | None  # first and last day, extension included
    units: Mapping[str, str] = field(default_factory=dict)  # unit of each term
    measures: Mapping[str, str] = field(default_factory=dict)  # what each series measures
    steps: Mapping[str, str] = field(default_factory=dict)  # the step of each series


def surroundings(known: Known, frame: CaseFrame | None) -> Surroundings:
    if frame is None:
        return Surroundings(known, None)
    core = frame.period
    last = core.extension_end or core.end
    period = (core.start, last) if core.start <= core.end <= last else None
    return Surroundings(
        known,
        period,
        {term.id: term.unit for term in frame.terms},
        {series.id: series.measures for series in frame.series},
        {series.id: series.step for series in frame.series},
    )


RowCheck = Callable[[Mapping[str, Any], Surroundings], list[tuple[str, str, str, str]]]


class Made(NamedTuple):
    """The rows of a sheet that are without mistake, their numbers in it, and every mistake of the others."""

    rows: list[Any]
    numbers: list[int]
    mistakes: list[Mistake]


def make_rows(sheet: Sheet, around: Surroundings) -> Made:
    """Read and judge every row of a sheet."""
    rows: list[Any] = []
    numbers: list[int] = []
    mistakes: list[Mistake] = []
    columns = tuple(enumerate(sheet.table.columns))
    check = ROW_CHECKS.get(sheet.table.file)
    names = [column.name for column in sheet.table.columns]
    for number, cells in enumerate(sheet.rows):
        values: dict[str, Any] = {}
        complaints: list[tuple[str, str, str, str]] = []
        for index, column in columns:
            try:
                value = values[column.name] = read_cell(column, cells[index])
            except BadCellError as bad:
                complaints.append((column.name, bad.code, bad.what, bad.do))
                continue
            if column.refers and value:
                complaints += _reference_complaints(column, value, around)
        if check is not None:
            complaints += check(values, around)
        if complaints:
            mistakes += [
                mistake(sheet.place(number, names.index(name)), code, what, do)
                for name, code, what, do in complaints
            ]
        else:
            rows.append(sheet.table.row(**values))
            numbers.append(number)
    return Made(rows, numbers, mistakes)


def _reference_complaints(
    column: Column, value: Any, around: Surroundings
) -> list[tuple[str, str, str, str]]:
    if column.refers == "period":
        return _outside(column.name, value, around)
    items = value if isinstance(value, tuple) else (str(value),)
    has = around.known.has
    return [
        (column.name, *around.known.complaint(column.refers, item))
        for item in items
        if not has(column.refers, item)
    ]


def _outside(name: str, day: date, around: Surroundings) -> list[tuple[str, str, str, str]]:
    if around.period is None or around.period[0] <= day <= around.period[1]:
        return []
    first, last = around.period
    return [(name, "outside-period", f"`{name}` is {day}; the record runs from {first} to {last}", "")]


def _check_position(row: Mapping[str, Any], around: Surroundings) -> list[tuple[str, str, str, str]]:
    found = []
    if row.get("level") is not None and row.get("issue") == "":
        found.append(("level", "level-without-issue", f"the level {row['level']:g} is of no issue", ""))
    if row.get("issue") and "level" in row and row["level"] is None:
        found.append(
            ("issue", "issue-without-level", f"the issue {shown(row['issue'])} has no level here", "")
        )
    unit, wanted = row.get("unit", ""), around.units.get(row.get("term", ""), "")
    if unit and wanted and unit != wanted:
        what = f"the unit is {shown(unit)}; that of the term `{row['term']}` is `{wanted}`"
        found.append(("unit", "wrong-unit", what, ""))
    return found


def _check_series(row: Mapping[str, Any], around: Surroundings) -> list[tuple[str, str, str, str]]:
    found: list[tuple[str, str, str, str]] = []
    start, end, value = row.get("start"), row.get("end"), row.get("value")
    if start and end and end < start:
        found.append(("end", "end-before-start", f"the end {end} is before the start {start}", ""))
    elif around.period is not None:
        if end and end < around.period[0]:
            found += _outside("end", end, around)
        if start and start > around.period[1]:
            found += _outside("start", start, around)
    counted = around.measures.get(row.get("series", "")) in COUNTED
    if counted and value is not None and value < 0:
        found.append(
            ("value", "impossible-number", f"`value` is {value:g}; a count cannot be below zero", "")
        )
    return found


def _check_judgement(row: Mapping[str, Any], around: Surroundings) -> list[tuple[str, str, str, str]]:
    found = []
    for name in ("low", "high"):
        if name in row and not 0 < row[name] < 1:
            what = f"`{name}` is {row[name]:g}; a probability lies between 0 and 1, without either"
            found.append((name, "impossible-number", what, "write .001 or .999 for what is all but certain"))
    if not found and "low" in row and "high" in row and row["low"] > row["high"]:
        found.append(("low", "low-above-high", f"low {row['low']:g} is above high {row['high']:g}", ""))
    return found


ROW_CHECKS: Mapping[str, RowCheck] = {
    "positions.csv": _check_position,
    "series.csv": _check_series,
    "judgements.csv": _check_judgement,
}


def overlaps(sheet: Sheet, made: Made, around: Surroundings) -> list[Mistake]:
    """Points of one series that cover a day twice; a series of single events may have several on a day."""
    found: list[Mistake] = []
    last: dict[str, tuple[date, str, int]] = {}
    start_column = [column.name for column in sheet.table.columns].index("start")
    for point, number in sorted(zip(made.rows, made.numbers, strict=True), key=lambda pair: pair[0].start):
        if around.steps.get(point.series) == "event":
            continue
        earlier = last.get(point.series)
        if earlier and point.start <= earlier[0]:
            line = sheet.starts[earlier[2]]
            what = f"`{point.series}` is already given for {point.start} by `{earlier[1]}` in line {line}"
            found.append(mistake(sheet.place(number, start_column), "overlapping-points", what))
        if not earlier or point.end > earlier[0]:
            last[point.series] = (point.end, point.id, number)
    return found


def duplicate_ids(sheets: Mapping[str, Sheet | None]) -> list[Mistake]:
    """Ids used twice: within a table, and across the tables whose rows are linked by bare id."""
    first: dict[str, Place] = {}
    found: list[Mistake] = []
    for file, sheet in sheets.items():
        if sheet is None:
            continue
        seen = {} if file.endswith("_second_reading.csv") else first
        for number, row in enumerate(sheet.rows):
            if not row[0]:
                continue
            if row[0] in seen:
                earlier = seen[row[0]]
                what = f"the id {shown(row[0])} is already in {earlier.file}, line {earlier.line}"
                found.append(mistake(sheet.place(number), "duplicate-id", what))
            else:
                seen[row[0]] = Place(file, sheet.starts[number])
    return found
