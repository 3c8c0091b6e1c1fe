"""Tables as they come out of spreadsheets and editors: all of these say the same as the example does."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

import pytest

from standoff.record import check_case, load_case
from standoff.record.columns import TABLES
from standoff.record.sheets import read_sheet
from tests.record.example_case import fresh

NAMES = ("events.csv", "positions.csv", "series.csv", "sources.csv", "ledger.csv", "judgements.csv")


def cells_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def rewrite(path: Path, rows: list[list[str]], **dialect: object) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, **dialect).writerows(rows)  # type: ignore[arg-type]
    path.write_bytes(stream.getvalue().encode("utf-8"))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_quotes_and_line_ends(tmp_path: Path, separator: str, quoting: int, end: str) -> None:
    folder = fresh(tmp_path)
    expected = load_case(folder)
    for name in NAMES:
        rewrite(
            folder / name, cells_of(folder / name), delimiter=separator, quoting=quoting, lineterminator=end
        )
    assert load_case(folder) == expected


def test_a_mark_spaces_blank_lines_and_other_order(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    expected = load_case(folder)
    for name in NAMES:
        rows = [[f" {cell} " for cell in reversed(row)] for row in cells_of(folder / name)]
        blank = [""] * len(rows[0])
        rewrite(folder / name, [rows[0], blank, *rows[1:], blank], lineterminator="\r\n")
        (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes() + b"\r\n\r\n")
    assert load_case(folder) == expected


def test_old_line_ends_and_no_last_one(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    expected = load_case(folder)
    for name in NAMES:
        (folder / name).write_bytes((folder / name).read_bytes().rstrip(b"\n").replace(b"\n", b"\r"))
    assert load_case(folder) == expected


def test_a_list_in_quotes_inside_a_table_with_semicolons(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    rewrite(folder / "events.csv", cells_of(folder / "events.csv"), delimiter=";")
    assert '"S01;S03"' in (folder / "events.csv").read_text()
    assert load_case(folder).events[2].source == ("S01", "S03")


def test_a_line_break_in_a_cell_keeps_later_places_right(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    rows = cells_of(folder / "sources.csv")
    rows[1][6] = 'two\nlines, and a "quotation"'
    rows[2][4] = "nonsense"
    rewrite(folder / "sources.csv", rows, lineterminator="\r\n")
    (mistake,) = check_case(folder)
    text = (folder / "sources.csv").read_text()
    line = next(number for number, line in enumerate(text.split("\n"), 1) if "nonsense" in line)
    assert (mistake.line, mistake.column) == (line, text.split("\n")[line - 1].index("nonsense") + 1)
    assert line == 4


def test_the_place_of_a_cell_after_a_line_break_in_its_own_row(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    rows = cells_of(folder / "events.csv")
    rows[1][12] = "one\ntwo, three"
    rows[1][17] = "guessed"
    rewrite(folder / "events.csv", rows)
    (mistake,) = check_case(folder)
    assert (mistake.code, mistake.line) == ("unknown-value", 3)
    assert (folder / "events.csv").read_text().split("\n")[2][mistake.column - 1 :].startswith("guessed")


def test_lines_of_rows_are_remembered(tmp_path: Path) -> None:
    record = load_case(fresh(tmp_path))
    assert record.lines["events.csv", "E01"] == 2
    assert record.lines["judgements.csv", "J12"] == 13
    text = (tmp_path / "example" / "claims.yaml").read_text().split("\n")
    assert "id: A1" in text[record.lines["claims.yaml", "A1"] - 1]


def test_an_empty_cell_is_missing_and_never_zero(tmp_path: Path) -> None:
    positions = {row.id: row for row in load_case(fresh(tmp_path)).positions}
    assert positions["P16"].value is None
    assert positions["P16"].level == 100.0


@pytest.mark.parametrize(
    "first", ["=1+1", "+1", "-1", "@x", "\u202eabc", "<script>alert(1)</script>", "'quoted", '"']
)
def test_text_is_data_whatever_it_begins_with(tmp_path: Path, first: str) -> None:
    folder = fresh(tmp_path)
    rows = cells_of(folder / "sources.csv")
    rows[1][1] = first
    rewrite(folder / "sources.csv", rows)
    assert load_case(folder).sources[0].label == first


def test_columns_are_the_fields_of_the_rows_in_order() -> None:
    import dataclasses

    for table in TABLES.values():
        assert [column.name for column in table.columns] == [
            one.name for one in dataclasses.fields(table.row)
        ]


def test_a_header_alone_is_a_table_without_rows() -> None:
    table = TABLES["sources.csv"]
    sheet, mistakes = read_sheet(table, ",".join(column.name for column in table.columns))
    assert sheet is not None and sheet.rows == [] and mistakes == []


def test_a_million_columns_or_rows_of_junk_take_no_minutes(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    header = (folder / "sources.csv").read_text().splitlines()[0]
    (folder / "sources.csv").write_text(header + ",x" * 1_000_000)
    (folder / "ledger.csv").write_text("id" + ",id" * 1_000_000)
    (folder / "series.csv").write_text((folder / "series.csv").read_text() + "junk\n" * 50_000)
    began = time.process_time()
    found = check_case(folder)
    assert time.process_time() - began < 30
    assert {mistake.code for mistake in found} >= {"unknown-column", "repeated-column", "row-width"}


@pytest.mark.parametrize(
    "label", ['5" tall', '"say ""yes"", then go"', '"a, b"', '"two\nlines ""x"", y"', '""']
)
def test_places_after_quotes_of_every_sort(tmp_path: Path, label: str) -> None:
    folder = fresh(tmp_path)
    path = folder / "sources.csv"
    text = (
        path.read_text()
        .replace("Example State Gazette", label)
        .replace("partisan-or-state-outlet", "nonsense")
    )
    path.write_text(text)
    mistake = next(one for one in check_case(folder) if one.code == "unknown-value")
    at = text.index("nonsense")
    assert (mistake.line, mistake.column) == (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
