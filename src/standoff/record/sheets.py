"""Reads the text of a table into rows of cells that know their place.

The separator (comma, semicolon or tab) is the one under which the first line holds most of the columns; the
parser is the standard library's. Places are worked out only for cells that a message points at.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from standoff.errors import Mistake
from standoff.record.codes import Place, did_you_mean, mistake, shown
from standoff.record.columns import Table

if TYPE_CHECKING:
    from _csv import Reader

CELL_LIMIT = 20_000  # characters
_HEADER_LIMIT = 100  # columns that are told of one by one
_NO_NAME = "name it, or delete it and its separator from every line"
SEPARATORS = (",", ";", "\t")


@dataclass(slots=True)
class Sheet:
    """The cells of a table, in the order of its columns; ``starts`` holds the line on which each row begins.

    ``broken`` holds the ids of rows that could not be read; ``whole`` is false when reading ended early.
    """

    table: Table
    text: str
    separator: str
    order: tuple[int, ...]  # for each column: where it stands in the file
    rows: list[list[str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    whole: bool = True
    _offsets: list[int] = field(default_factory=list)

    def place(self, row: int, column: int = 0) -> Place:
        """The place of a cell, by row number and column number of the table."""
        return self.file_place(self.starts[row], self.order[column])

    def file_place(self, line: int, cell: int) -> Place:
        if not self._offsets:
            self._offsets = [0]
            for text in self.text.split("\n"):
                self._offsets.append(self._offsets[-1] + len(text) + 1)
        offset = self._offsets[line - 1]
        down, column = _cell_start(self.text, offset, self.separator, cell)
        return Place(self.table.file, line + down, column)


def _cell_start(text: str, offset: int, separator: str, cell: int) -> tuple[int, int]:
    """Lines down from a row's first line, and column, of its n-th cell."""
    quoted, down, line_start, seen = False, 0, offset, 0
    position = begin = offset
    while seen < cell and position < len(text):
        character = text[position]
        if quoted and text.startswith('""', position):
            position += 1  # a quote inside the quotes
        elif character == '"' and (quoted or position == begin):
            quoted = not quoted
        elif character == "\n" and not quoted:
            break  # the row has fewer cells
        elif character == "\n":
            down, line_start = down + 1, position + 1
        elif character == separator and not quoted:
            seen, begin = seen + 1, position + 1
        position += 1
    return down, position - line_start + 1


def read_sheet(table: Table, text: str) -> tuple[Sheet | None, list[Mistake]]:
    """The rows of a table's text, or ``None`` when its header cannot be used, and the mistakes."""
    separator = _separator(table, text)
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=separator, strict=True)
    try:
        header = [name.strip() for name in next(reader)]
    except csv.Error as error:
        return None, [_syntax(table, 1, error)]
    sheet = Sheet(table, text, separator, ())
    mistakes = _header_mistakes(sheet, header)
    if mistakes:
        return None, mistakes
    sheet.order = tuple(header.index(column.name) for column in table.columns)
    mistakes = _read_rows(sheet, reader, len(header))
    return sheet, mistakes


def _separator(table: Table, text: str) -> str:
    names = {column.name for column in table.columns}
    first = text.split("\n", 1)[0]

    def known(separator: str) -> tuple[int, int]:
        cells = [cell.strip().strip('"') for cell in first.split(separator)]
        return len(names & set(cells)), len(cells)

    return max(SEPARATORS, key=known)


def _header_mistakes(sheet: Sheet, header: list[str]) -> list[Mistake]:
    table = sheet.table
    known = tuple(column.name for column in table.columns)
    if not set(known) & set(header):
        do = f"begin the file with: {','.join(known)}"
        return [
            mistake(
                Place(table.file, 1, 1), "no-header", "the first line names no column of this table", do=do
            )
        ]
    missing = [name for name in known if name not in header]
    found: list[Mistake] = []
    seen: set[str] = set()
    for index, name in enumerate(header[:_HEADER_LIMIT]):
        place = sheet.file_place(1, index)
        if name not in known:
            what = f"the column {shown(name)} is not known" if name else "a column has no name"
            guess = did_you_mean(name, tuple(missing) or known) if name else _NO_NAME
            found.append(mistake(place, "unknown-column", what, do=guess))
        elif name in seen:
            found.append(mistake(place, "repeated-column", f"the column `{name}` is there twice"))
        seen.add(name)
    for name in missing:
        what = f"the column `{name}` is missing"
        found.append(mistake(Place(table.file, 1, 1), "missing-column", what, do=f"add a column `{name}`"))
    return found


def _read_rows(sheet: Sheet, reader: Reader, width: int) -> list[Mistake]:
    mistakes: list[Mistake] = []
    order, in_order = sheet.order, sheet.order == tuple(range(width))
    line = reader.line_num + 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            mistakes.append(_syntax(sheet.table, line, error))
            sheet.whole = False
            if reader.line_num > line or "field larger" in str(error):
                return mistakes  # a quote that was never closed swallowed lines: what follows is in doubt
            line += 1
            continue
        if cells is None:
            return mistakes
        start, line = line, reader.line_num + 1
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        trouble = _row_trouble(sheet, start, cells, width)
        if trouble:
            mistakes.append(trouble)
            sheet.broken.update(cells[order[0] : order[0] + 1])
            continue
        sheet.rows.append(cells if in_order else [cells[index] for index in order])
        sheet.starts.append(start)


def _row_trouble(sheet: Sheet, line: int, cells: list[str], width: int) -> Mistake | None:
    if len(cells) != width:
        place = sheet.file_place(line, min(len(cells), width))
        return mistake(place, "row-width", f"the row has {len(cells)} cells; the header has {width}")
    if max(map(len, cells)) > CELL_LIMIT:
        index = next(i for i, cell in enumerate(cells) if len(cell) > CELL_LIMIT)
        what = f"a cell of {len(cells[index]):,} characters; at most {CELL_LIMIT:,} are read"
        return mistake(sheet.file_place(line, index), "cell-too-large", what)
    return None


def _syntax(table: Table, line: int, error: csv.Error) -> Mistake:
    place = Place(table.file, line, 1)
    if "field larger" in str(error):
        return mistake(
            place, "cell-too-large", "a cell of more than a hundred thousand characters begins here"
        )
    return mistake(place, "csv-syntax", f"the row that begins here cannot be read: {error}")
