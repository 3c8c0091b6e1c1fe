"""One slip is told of once: what hangs on it is not blamed, and mistakes further on are not hidden by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from standoff.record import check_case
from tests.record.example_case import edit, fresh, only


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("case.yaml", "\nactors:\n", "\nactrs:\n"),
        ("case.yaml", "\nissues:\n", "\nisues:\n"),
        ("case.yaml", "\ncodebook:\n", "\ncodbook:\n"),
        ("case.yaml", "  kinds:\n", "  kindes:\n"),
        ("claims.yaml", "\nclaims:\n", "\nclaims: {}\nmore:\n"),
    ],
)
def test_a_list_that_is_not_there_does_not_make_every_row_wrong(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    folder = fresh(tmp_path)
    edit(folder, file, old, new)
    assert {mistake.file for mistake in check_case(folder)} == {file}


@pytest.mark.parametrize("text", ["- a\n- b\n", "hello\n", "~\n"])
@pytest.mark.parametrize("file", ["case.yaml", "claims.yaml"])
def test_a_file_of_another_shape_is_told_of_once(tmp_path: Path, file: str, text: str) -> None:
    folder = fresh(tmp_path)
    (folder / file).write_text(text)
    assert only(folder).file == file


def test_a_stray_quote_does_not_hide_the_rows_after_it(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    edit(folder, "events.csv", "The holder took twenty", '"The" holder took twenty')
    edit(folder, "events.csv", "E03,2000-01-31", "E03,2000-01-32")
    found = [(mistake.line, mistake.code) for mistake in check_case(folder)]
    assert found == [(2, "csv-syntax"), (4, "bad-date")]


def test_a_quote_that_is_never_closed_is_told_of_alone(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    edit(folder, "events.csv", "The holder took twenty", '"The holder took twenty')
    mistake = only(folder)
    assert (mistake.line, mistake.code) == (2, "csv-syntax")


def test_columns_without_a_name(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    path = folder / "sources.csv"
    path.write_text("".join(line + ",,\n" for line in path.read_text().splitlines()))
    assert {(mistake.what, mistake.line) for mistake in check_case(folder)} == {("a column has no name", 1)}
    assert "every line" in check_case(folder)[0].do


@pytest.mark.parametrize("escape", ["\\UFFFFFFFF", "\\U00110000"])
def test_an_escape_that_stands_for_no_character(tmp_path: Path, escape: str) -> None:
    folder = fresh(tmp_path)
    edit(folder, "case.yaml", 'title: "Example', f'title: "{escape}Example')
    mistake = only(folder)
    assert mistake.code == "yaml-syntax" and "escape" in mistake.what and "int" not in mistake.what
    assert mistake.line == 10


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        # in one unit, in a block of its own
        (
            [("claims.yaml", "label: May, holds: no, rows: [E14]", "label: May, holds: maybe, rows: [E99]")],
            {"bad-yes-no", "unknown-row"},
        ),
        # a value of the claim, an id deep inside it
        (
            [
                ("claims.yaml", "    list: A\n", "    list: C\n"),
                ("claims.yaml", "rivals: [ordinary-causes, B1]", "rivals: [ordinary-causes, B9]"),
            ],
            {"unknown-value", "unknown-rival"},
        ),
        # an id in the very list of which another item is no id
        (
            [("claims.yaml", "evidence: [E05, E10]", "evidence: [E05, E77, {a: b}]")],
            {"not-text", "unknown-row"},
        ),
        # the frame gives no model at all
        (
            [
                ("case.yaml", "  start: 2000-01-03\n", "  start: spring\n"),
                ("case.yaml", "events: [E08], reason", "events: [E80], reason"),
            ],
            {"bad-date", "unknown-event"},
        ),
    ],
)
def test_a_bad_value_does_not_hide_an_unknown_id_beside_it(
    tmp_path: Path, edits: list[tuple[str, str, str]], expected: set[str]
) -> None:
    folder = fresh(tmp_path)
    for file, old, new in edits:
        edit(folder, file, old, new)
    found = check_case(folder)
    assert {mistake.code for mistake in found} == expected
    assert len(found) == len(expected)
