"""What may lie in a case folder instead of a readable text: each is told, none is read further than it must be."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from standoff.errors import CaseError
from standoff.record import check_case, find_case, load_case
from standoff.record import files as record_files
from tests.record.example_case import codes, fresh, only


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    mistake = only(tmp_path / "none")
    assert (mistake.code, mistake.file, mistake.line) == ("missing-file", "none", 0)


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert codes(tmp_path / "file") == ["not-a-folder"]


def test_an_empty_folder_names_every_required_file(tmp_path: Path) -> None:
    missing = {mistake.file for mistake in check_case(tmp_path)}
    assert missing == {"case.yaml", "claims.yaml", "events.csv", "positions.csv", "series.csv", "sources.csv"}


def test_optional_tables_may_be_absent(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    (folder / "events_second_reading.csv").unlink()
    assert codes(folder) == []


@pytest.mark.parametrize("name", ["case.yaml", "events.csv", "ledger.csv"])
def test_a_folder_where_a_file_should_be(tmp_path: Path, name: str) -> None:
    folder = fresh(tmp_path)
    (folder / name).unlink()
    (folder / name).mkdir()
    mistake = check_case(folder)[0]
    assert (mistake.code, mistake.file) == ("not-a-file", name)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    (folder / "events.csv").unlink()
    os.mkfifo(folder / "events.csv")
    assert codes(folder) == ["not-a-file"]


@pytest.mark.parametrize("name", ["case.yaml", "events.csv", "ledger.csv"])
def test_a_loop_of_links(tmp_path: Path, name: str) -> None:
    folder = fresh(tmp_path)
    (folder / name).unlink()
    (folder / name).symlink_to(folder / name)
    assert ("unreadable-file", name) in {(mistake.code, mistake.file) for mistake in check_case(folder)}


def test_a_loop_of_links_as_the_folder(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert codes(tmp_path / "loop") == ["unreadable-file"]


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fresh(tmp_path)
    kept = Path.open

    def refuse(path: Path, *args: object, **kwargs: object) -> object:
        if path.name == "events.csv":
            raise PermissionError(13, "Permission denied")
        return kept(path, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    mistake = only(folder)
    assert mistake.code == "unreadable-file" and "permission denied" in mistake.what


def test_a_folder_that_may_not_be_searched_is_not_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, whole = fresh(tmp_path), Path.stat

    def refuse(path: Path, **options: bool) -> os.stat_result:
        if path.parent == folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return whole(path, **options)

    monkeypatch.setattr(Path, "stat", refuse)
    assert find_case(str(folder)) == folder
    assert set(codes(folder)) == {"unreadable-file"}


def test_a_huge_file_is_refused_by_its_size_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fresh(tmp_path)
    with (folder / "events.csv").open("wb") as stream:
        stream.truncate(3_000_000_000)  # sparse: takes no room
    kept, opened = Path.open, []
    monkeypatch.setattr(Path, "open", lambda path, *rest: opened.append(path.name) or kept(path, *rest))
    mistake = only(folder)
    assert mistake.code == "file-too-large" and "3,000.0 MB" in mistake.what
    assert "events.csv" not in opened


def test_a_cell_of_a_hundred_megabytes(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    with (folder / "events.csv").open("r+b") as stream:
        stream.seek(0, os.SEEK_END)
        stream.write(b'E99,"')
        stream.seek(100_000_000, os.SEEK_CUR)
        stream.write(b'"')
    assert codes(folder) == ["file-too-large"]


def test_a_file_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fresh(tmp_path)
    monkeypatch.setattr(record_files, "YAML_LIMIT", (folder / "case.yaml").stat().st_size - 1)
    assert "file-too-large" in codes(folder)


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("name", ["case.yaml", "claims.yaml", "sources.csv", "judgements.csv"])
def test_an_empty_file(tmp_path: Path, name: str, content: bytes) -> None:
    folder = fresh(tmp_path)
    (folder / name).write_bytes(content)
    assert ("empty-file", name) in {(mistake.code, mistake.file) for mistake in check_case(folder)}


@pytest.mark.parametrize("name", ["case.yaml", "events.csv"])
def test_the_first_byte_that_is_not_utf8_is_shown(tmp_path: Path, name: str) -> None:
    folder = fresh(tmp_path)
    content = (folder / name).read_bytes()
    at = content.index(b"patron")
    (folder / name).write_bytes(content[:at] + b"\xe9" + content[at:])
    mistake = check_case(folder)[0]
    before = content[:at]
    assert mistake.code == "bad-encoding"
    assert (mistake.line, mistake.column) == (before.count(b"\n") + 1, at - before.rfind(b"\n"))
    assert "0xe9" in mistake.what and "`é`" in mistake.what and "UTF-8" in mistake.do


def test_the_column_counts_letters_not_bytes_and_no_mark(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    (folder / "events.csv").write_bytes(b"\xef\xbb\xbf" + "\r\nééé".encode() + b"\xff")
    mistake = only(folder)
    assert (mistake.code, mistake.line, mistake.column) == ("bad-encoding", 2, 4)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_unicode_encodings(tmp_path: Path, encoding: str) -> None:
    folder = fresh(tmp_path)
    text = (folder / "events.csv").read_text(encoding="utf-8")
    (folder / "events.csv").write_bytes(text.encode(encoding))
    assert only(folder).code in ("bad-encoding", "control-character")


@pytest.mark.parametrize("bad", ["\x00", "\x1b[31m", "\x07", "\x9b", "\ufeff", "\uffff"])
@pytest.mark.parametrize("name", ["claims.yaml", "events.csv"])
def test_characters_that_do_not_print(tmp_path: Path, name: str, bad: str) -> None:
    folder = fresh(tmp_path)
    text = (folder / name).read_text(encoding="utf-8")
    (folder / name).write_text(text.replace("patron", "pat" + bad + "ron"), encoding="utf-8")
    mistake = only(folder)
    at = text.index("patron") + 3
    assert mistake.code == "control-character"
    assert (mistake.line, mistake.column) == (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
    assert "more in this file" in mistake.what
    assert bad not in mistake.what


def test_load_raises_them_all_at_once(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    (folder / "case.yaml").write_bytes(b"\xff\xfe")
    (folder / "events.csv").write_bytes(b"\x00")
    with pytest.raises(CaseError) as raised:
        load_case(folder)
    assert [mistake.code for mistake in raised.value.mistakes] == ["bad-encoding", "control-character"]
    assert raised.value.case == str(folder)
