"""What names a run: every input, setting and source counts; where and when it runs does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from standoff.study import identity
from standoff.study.identity import Settings, canonical, hash_inputs, hash_source, identify


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "case.yaml").write_text("id: a\n")
    (folder / "events.csv").write_text("id\n")
    return folder


def test_the_same_files_have_one_name_wherever_they_lie(folder: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "a"
    moved.parent.mkdir()
    before = identify(folder, Settings(1)).digest
    folder.rename(moved)
    os.utime(moved / "case.yaml", (0, 0))
    (moved / "notes.txt").write_text("no part of the case")
    assert identify(moved, Settings(1)).digest == before


def test_every_input_and_setting_counts(folder: Path) -> None:
    digests = {
        identify(folder, settings).digest for settings in (Settings(1), Settings(2), Settings(1, ("A1",)))
    }
    (folder / "events.csv").write_text("id\nE1\n")
    digests.add(identify(folder, Settings(1)).digest)
    (folder / "events.csv").rename(folder / "ledger.csv")
    digests.add(identify(folder, Settings(1)).digest)
    assert len(digests) == 5


def test_versions_and_source_count(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = identify(folder, Settings(1)).digest
    monkeypatch.setattr(identity, "versions", lambda: {"python": "0"})
    other = identify(folder, Settings(1)).digest
    monkeypatch.setattr(identity, "hash_source", lambda: "other")
    assert len({before, other, identify(folder, Settings(1)).digest}) == 3


def test_the_source_is_every_file_of_the_package_but_the_cases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "PACKAGE", tmp_path)
    (tmp_path / "room" / "__pycache__").mkdir(parents=True)
    (tmp_path / "cases").mkdir()
    (tmp_path / "room" / "work.py").write_text("1")
    before = hash_source()
    (tmp_path / "cases" / "case.yaml").write_text("1")
    (tmp_path / "room" / "__pycache__" / "work.pyc").write_text("1")
    assert hash_source() == before
    (tmp_path / "room" / "page.html.j2").write_text("1")
    added = hash_source()
    (tmp_path / "room" / "work.py").write_text("2")
    assert len({before, added, hash_source()}) == 3


def test_what_is_no_folder_has_no_inputs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert hash_inputs(tmp_path / "file") == {}


def test_one_value_has_one_spelling() -> None:
    assert canonical({"b": 1.0, "a": "é"}) == '{\n  "a": "é",\n  "b": 1.0\n}\n'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"a": float("nan")})
