"""Writing: what was not changed stays byte for byte, comments stay, tables are canonical, all or nothing."""

from __future__ import annotations

import csv
import dataclasses
import io
from datetime import date
from pathlib import Path

import pytest

from standoff.errors import CaseError
from standoff.record import Record, load_case, save_case
from standoff.record.case_schema import Actor, CaseFrame, Term
from standoff.record.cells import read_cell, write_cell
from standoff.record.columns import Column
from tests.record.example_case import edit, fresh


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def comments(text: str) -> list[str]:
    return sorted(line.strip() for line in text.splitlines() if line.strip().startswith("#"))


def with_case(record: Record, **changes: object) -> Record:
    return dataclasses.replace(record, case=CaseFrame.model_validate({**dict(record.case), **changes}))


def test_saving_what_was_loaded_changes_no_byte(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    before = contents(folder)
    save_case(load_case(folder), folder)
    assert contents(folder) == before


def test_saving_elsewhere_takes_the_comments_along(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    record = load_case(folder)
    save_case(record, tmp_path / "a" / "copy")
    assert contents(tmp_path / "a" / "copy") == contents(folder)
    assert load_case(tmp_path / "a" / "copy") == record


def test_a_foreign_style_is_kept_when_nothing_changed(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    odd = b"\xef\xbb\xbf" + (folder / "claims.yaml").read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n# end"
    (folder / "claims.yaml").write_bytes(odd)
    save_case(load_case(folder), folder)
    assert (folder / "claims.yaml").read_bytes() == odd


def test_tables_become_canonical(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    canonical = (folder / "series.csv").read_bytes()
    stream = io.StringIO(newline="")
    rows = csv.reader(io.StringIO(canonical.decode()))
    csv.writer(stream, delimiter=";", quoting=csv.QUOTE_ALL).writerows(row[::-1] for row in rows)
    (folder / "series.csv").write_bytes(b"\xef\xbb\xbf" + stream.getvalue().encode() + b"\r\n")
    save_case(load_case(folder), folder)
    assert (folder / "series.csv").read_bytes() == canonical


def test_one_changed_value_changes_one_line(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    before = (folder / "case.yaml").read_text().split("\n")
    save_case(with_case(load_case(folder), title="Another title"), folder)
    after = (folder / "case.yaml").read_text().split("\n")
    assert [(a, b) for a, b in zip(before, after, strict=True) if a != b] == [
        ('title: "Example: holder, coercer, patron"', 'title: "Another title"')
    ]


def test_every_comment_outlives_its_neighbours(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    record = load_case(folder)
    case = record.case
    period = case.period.model_copy(update={"extension_end": None, "end": date(2000, 7, 15)})
    audience = Actor(id="audience-1", name="An audience", role="audience", note="a: b # c")
    changed = with_case(
        record,
        period=period,
        actors=(audience, *reversed(case.actors)),
        terms=(Term(id="first", name="n"), *case.terms),
        calendar=(),
        choices=case.choices[1:],
        domestic_blocks=None,
        judges=tuple(reversed(case.judges)),
    )
    claims = record.claims.model_copy(update={"claims": record.claims.claims[::-1], "note": ""})
    save_case(dataclasses.replace(changed, claims=claims), folder)
    example = tmp_path / "again"
    for name in ("case.yaml", "claims.yaml"):
        text = (folder / name).read_text()
        original = (fresh(example) if not example.exists() else example / "example") / name
        assert comments(text) == comments(original.read_text())
    assert load_case(folder).case == changed.case


def test_a_comment_moves_with_the_item_below_it(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    edit(folder, "case.yaml", "  - id: mediator-1\n", "  # about the mediator\n  - id: mediator-1\n")
    record = load_case(folder)
    actors = (record.case.actors[0], record.case.actors[4], *record.case.actors[1:4])
    save_case(with_case(record, actors=actors), folder)
    assert "  # about the mediator\n  - id: mediator-1\n" in (folder / "case.yaml").read_text()


def test_a_record_from_nowhere_is_written_whole(tmp_path: Path) -> None:
    record = dataclasses.replace(load_case(fresh(tmp_path)), folder="nowhere", lines={})
    save_case(record, tmp_path / "new")
    assert load_case(tmp_path / "new") == record


def test_an_optional_table_is_written_when_there_is_something_to_write(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    record = dataclasses.replace(load_case(folder), event_readings=())
    save_case(record, tmp_path / "new")
    assert not (tmp_path / "new" / "events_second_reading.csv").exists()
    save_case(record, folder)
    assert (folder / "events_second_reading.csv").read_text() == "id,kind,direction,intensity,doubt,note\n"


def test_a_record_with_mistakes_is_not_written(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    record, before = load_case(folder), contents(folder)
    bad = dataclasses.replace(record.events[0], actor=("nobody",))
    with pytest.raises(CaseError) as raised:
        save_case(dataclasses.replace(record, events=(bad, *record.events[1:])), folder)
    assert [mistake.code for mistake in raised.value.mistakes] == ["unknown-actor"]
    assert contents(folder) == before


@pytest.mark.parametrize("text", [" spaces around ", "a\r\nb"])
def test_what_would_not_read_back_is_not_written(tmp_path: Path, text: str) -> None:
    folder = fresh(tmp_path)
    record, before = load_case(folder), contents(folder)
    odd = dataclasses.replace(record.events[0], note=text)
    with pytest.raises(CaseError) as raised:
        save_case(dataclasses.replace(record, events=(odd, *record.events[1:])), folder)
    (mistake,) = raised.value.mistakes
    assert (mistake.code, mistake.file) == ("cannot-save", "events.csv")
    assert "1" in mistake.what
    assert contents(folder) == before


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    record = load_case(fresh(tmp_path))
    (tmp_path / "file").write_text("x")
    with pytest.raises(CaseError) as raised:
        save_case(record, tmp_path / "file" / "below")
    assert [mistake.code for mistake in raised.value.mistakes] == ["cannot-write"]


def test_a_write_that_fails_half_way_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fresh(tmp_path)
    record, before = load_case(folder), contents(folder)
    calls = iter([None])

    def full(_: int) -> None:
        if next(calls, "full") == "full":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("standoff.record.writer.os.fsync", full)
    with pytest.raises(CaseError) as raised:
        save_case(dataclasses.replace(with_case(record, title="T"), events=record.events[:-1]), folder)
    assert "no space left" in raised.value.mistakes[0].what
    assert contents(folder) == before


@pytest.mark.parametrize(
    "value", [0.0, -0.0, 1.5, 1e15, 123456789012345.0, 1e-7, 9.5e14, 0.1, 2.5e-300, -3.0]
)
def test_numbers_read_back_the_same(value: float) -> None:
    assert read_cell(Column("x", "number", ""), write_cell(value)) == value


def test_numbers_are_written_as_people_write_them() -> None:
    assert [write_cell(value) for value in (3.0, 42.5, 0.05, True, None, ("a", "b"))] == [
        "3", "42.5", "0.05", "yes", "", "a;b",
    ]  # fmt: skip
