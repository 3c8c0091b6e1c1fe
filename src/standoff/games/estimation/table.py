"""A table of observations: cells as written, their lines in the file, and columns read as numbers or as categories.

A column is read as numbers where every cell that is not missing is a finite number, as categories where none is. A
column that is partly numbers is a mistake when it is used: it is neither. Missing cells are empty, ``NA`` or ``NaN``.
"""

from __future__ import annotations

import csv
import io
import math
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from standoff.errors import Mistake, NotFoundError, RunError
from standoff.games.estimation.errors import EstimationError, refuse

MISSING = frozenset({"", "NA", "NaN", "nan"})
SHOWN = 5  # mistakes of one kind in one column that are shown one by one


class Dropped(NamedTuple):
    """Rows left out because a cell that the model needs is missing: their lines, and how many cells by column."""

    lines: tuple[int, ...]
    by_column: Mapping[str, int]

    @property
    def sentence(self) -> str:
        if not self.lines:
            return "no row was left out"
        told = ", ".join(f"{name} in {count}" for name, count in self.by_column.items())
        return f"{len(self.lines)} rows were left out, as asked, for missing values ({told})"


@dataclass(frozen=True)
class Table:
    """Cells by column name, each a tuple of N strings; ``lines`` (N,) are 1-based, 0 where there is no file."""

    name: str
    cells: Mapping[str, tuple[str, ...]]
    lines: tuple[int, ...]

    @property
    def rows(self) -> int:
        return len(self.lines)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.cells)

    def place(self, column: str, row: int | None = None) -> tuple[str, int, int]:
        """File, line and column (1-based) of a cell, or of the column's head."""
        line = 1 if row is None else self.lines[row]
        at = self.names.index(column) + 1 if column in self.cells else 0
        return self.name, line if line else 0, at

    def missing(self, column: str) -> NDArray[np.bool_]:
        """Which cells (N,) of the column are missing."""
        return np.array([cell in MISSING for cell in self.cells[column]], dtype=np.bool_)

    def is_number(self, column: str) -> bool:
        """Whether every cell that is not missing is a finite number."""
        return all(cell in MISSING or _number(cell) is not None for cell in self.cells[column])

    def numbers(self, column: str) -> NDArray[np.float64]:
        """The column (N,) as float64, NaN where missing; EstimationError where a cell is not a number."""
        refuse(self.name, self.number_mistakes(column))
        return np.array(
            [_number(cell) if cell not in MISSING else math.nan for cell in self.cells[column]], float
        )

    def values(self, column: str) -> NDArray[Any]:
        """Numbers (N,) where the column is numeric, otherwise its words (N,)."""
        if self.is_number(column):
            return self.numbers(column)
        return np.array(self.cells[column], dtype=object)

    def number_mistakes(self, column: str) -> list[Mistake]:
        """Mistakes of a column that has to be numbers: that it does not exist, or its cells that are none."""
        if column not in self.cells:
            return [self.unknown(column)]
        bad = [
            i for i, cell in enumerate(self.cells[column]) if cell not in MISSING and _number(cell) is None
        ]
        return [
            Mistake(*self.place(column, i), "not-a-number", _many(column, self.cells[column][i], bad, k),
                    "this column is used as a number", "write a finite number with a decimal point, or leave the column out")
            for k, i in enumerate(bad[:SHOWN])
        ]  # fmt: skip

    def use_mistakes(self, column: str) -> list[Mistake]:
        """Mistakes of a column that a formula uses: unknown, or numbers and words mixed."""
        if column not in self.cells:
            return [self.unknown(column)]
        held = [cell for cell in self.cells[column] if cell not in MISSING]
        words = sum(_number(cell) is None for cell in held)
        return self.number_mistakes(column) if 0 < words < len(held) else []

    def unknown(self, column: str) -> Mistake:
        near = get_close_matches(column, self.names, n=1)
        do = f"did you mean `{near[0]}`?" if near else f"columns: {', '.join(self.names)}"
        return Mistake(
            self.name, 1, 0, "unknown-column", f"there is no column `{column}`", "a formula names it", do
        )

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Table:
        """The table of these rows, in this order; a row may come several times."""
        index = [int(i) for i in rows]
        cells = {name: tuple(held[i] for i in index) for name, held in self.cells.items()}
        return Table(self.name, cells, tuple(self.lines[i] for i in index))


def read_table(path: Path | str) -> Table:
    """Read a CSV file (UTF-8, a head, commas).

    Raises NotFoundError where there is no such file, EstimationError with every mistake of its form: no head, names
    given twice, rows that are longer or shorter than the head, no rows.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise EstimationError(str(path), [Mistake(str(path), 0, 0, "not-utf-8", "the file is not UTF-8", str(error.reason), "save it as UTF-8")]) from error  # fmt: skip
    except OSError as error:
        raise NotFoundError(f"cannot read {path}", error.strerror or str(error), "name a CSV file that exists") from error  # fmt: skip
    return _parsed(str(path), text)


def table_of(columns: Mapping[str, Iterable[Any]], name: str = "table") -> Table:
    """A table from columns of equal length: numbers or words; None and NaN are missing."""
    cells = {key: tuple(_cell(value) for value in held) for key, held in columns.items()}
    lengths = {len(held) for held in cells.values()}
    if len(lengths) != 1 or lengths == {0}:
        what = "columns are not equally long, or there are none"
        raise EstimationError(
            name, [Mistake("", 0, 0, "ragged", what, "a row has a cell in each", "give them whole")]
        )
    return Table(name, cells, (0,) * lengths.pop())


def write_table(path: Path | str, table: Table) -> None:
    """Write a table as CSV (UTF-8) under a temporary name, then rename; RunError where that cannot be done."""
    path = Path(path)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.names)
    writer.writerows(zip(*table.cells.values(), strict=True))
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(out.getvalue())
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise RunError(f"cannot write {path}", error.strerror or str(error), "name a place that can be written") from error  # fmt: skip


def complete(table: Table, columns: Sequence[str], drop_missing: bool) -> tuple[Table, Dropped]:
    """The rows in which no cell of ``columns`` is missing, and what was left out.

    Rows are left out only where ``drop_missing`` says so; otherwise EstimationError names every column and line.
    """
    gaps = _gaps(table, columns)
    if not gaps:
        return table, Dropped((), {})
    if not drop_missing:
        raise EstimationError(table.name, missing_mistakes(table, columns))
    out = np.any(list(gaps.values()), axis=0)
    if out.all():
        what = "every row has a missing value in a column that is used"
        raise EstimationError(table.name, [Mistake(table.name, 0, 0, "no-rows", what, "nothing is left", "fill the columns, or use others")])  # fmt: skip
    dropped = Dropped(
        tuple(table.lines[i] for i in np.flatnonzero(out)), {k: int(g.sum()) for k, g in gaps.items()}
    )
    return table.take(np.flatnonzero(~out)), dropped


def groups_of(table: Table, column: str | None) -> NDArray[Any] | None:
    """Labels (N,) of the groups that a column names, None for no column; EstimationError where there is one group only."""
    if column is None:
        return None
    labels = np.array(table.cells[column])
    if len(set(labels.tolist())) < 2:
        what, do = f"`{column}` is the same in every row", "name a column that tells groups apart"
        raise EstimationError(
            table.name,
            [Mistake(*table.place(column), "constant-column", what, "errors by groups need two or more", do)],
        )
    return labels


def missing_mistakes(table: Table, columns: Sequence[str]) -> list[Mistake]:
    """A mistake for each of these columns in which cells are missing."""
    return [_gap(table, name, gap) for name, gap in _gaps(table, columns).items()]


def _gaps(table: Table, columns: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    gaps = {name: table.missing(name) for name in dict.fromkeys(columns) if name in table.cells}
    return {name: gap for name, gap in gaps.items() if gap.any()}


def _gap(table: Table, column: str, gap: NDArray[np.bool_]) -> Mistake:
    rows = np.flatnonzero(gap)
    lines = ", ".join(str(table.lines[i]) for i in rows[:SHOWN]) + (", ..." if len(rows) > SHOWN else "")
    where = f" (lines {lines})" if table.lines[0] else ""
    what = f"`{column}` is missing in {len(rows)} of {table.rows} rows{where}"
    do = "fill the cells, or leave such rows out knowingly with --drop-missing (drop_missing=True)"
    return Mistake(*table.place(column, int(rows[0])), "missing-value", what, "the model uses the column", do)


def _many(column: str, cell: str, bad: Sequence[int], k: int) -> str:
    shown = cell if len(cell) <= 40 else cell[:37] + "..."
    more = f" (and {len(bad) - SHOWN} cells more)" if k == SHOWN - 1 and len(bad) > SHOWN else ""
    return f"`{column}` holds {shown!r}, which is not a number{more}"


def _number(cell: str) -> float | None:
    if "_" in cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, (float, np.floating)) and math.isnan(value)):
        return ""
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    return str(value.item() if isinstance(value, np.generic) else value)


def _parsed(name: str, text: str) -> Table:
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    mistakes: list[Mistake] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    head: list[str] = []
    start = 1
    try:
        for row in reader:
            if not head:
                head = [cell.strip() for cell in row]
            elif row:
                rows.append([cell.strip() for cell in row])
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        mistakes.append(
            Mistake(name, reader.line_num, 0, "not-csv", f"not CSV: {error}", "", "mend the quotes")
        )
    mistakes += _form(name, head, rows, lines)
    refuse(name, mistakes)
    return Table(name, {key: tuple(row[i] for row in rows) for i, key in enumerate(head)}, tuple(lines))


def _form(name: str, head: list[str], rows: list[list[str]], lines: list[int]) -> list[Mistake]:
    mistakes = []
    for i, key in enumerate(head):
        if not key or key in head[:i]:
            what = f"the name `{key}` is given twice" if key else "a column has no name"
            mistakes.append(
                Mistake(name, 1, i + 1, "bad-head", what, "columns are found by name", "give each its own")
            )
    if not rows:
        mistakes.append(
            Mistake(name, 1, 0, "no-rows", "the table has no rows", "there is nothing to fit", "add rows")
        )
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(head):
            what = f"the row has {len(row)} cells, the head {len(head)}"
            mistakes.append(
                Mistake(name, line, 0, "ragged", what, "cells would be taken for others", "quote commas")
            )
    return mistakes
