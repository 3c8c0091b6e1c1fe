"""A run folder that was damaged, tampered with or is in the way: made right again, or refused with a reason; never believed."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from standoff.errors import RunError
from standoff.study import Run
from standoff.study.identity import hash_inputs
from tests.study.test_run import files, run


@pytest.fixture
def done(case: Path, tmp_path: Path) -> Run:
    return run(case, tmp_path / "runs")


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Fail rather than hang."""

    def fail(*_: object) -> None:
        raise AssertionError(f"not done after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def change(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    stored = json.loads(path.read_text())
    edit(stored)
    path.write_text(json.dumps(stored))


def spoil(value: object) -> Callable[[dict[str, Any]], object]:
    return lambda stored: stored.update(result=value)


@pytest.mark.parametrize("value", [{}, [1], None, "x"])
def test_a_stored_part_that_is_none_is_tested_again(
    case: Path, tmp_path: Path, done: Run, value: object
) -> None:
    whole = files(done.folder)
    change(next((done.folder / "steps" / "parts").rglob("*.json")), spoil(value))
    (done.folder / "manifest.json").unlink()
    run(case, tmp_path / "runs")
    assert files(done.folder) == whole


def test_a_number_changed_in_a_stored_part_is_noticed(case: Path, tmp_path: Path, done: Run) -> None:
    whole = files(done.folder)
    path = done.folder / "steps" / "parts" / "A1" / "A1-one.json"
    path = path if path.exists() else next((done.folder / "steps" / "parts").rglob("*.json"))
    change(path, lambda stored: stored["result"].update(statement="another"))
    for name in ("manifest.json", "assessment.json"):
        (done.folder / name).unlink()
    run(case, tmp_path / "runs")
    assert files(done.folder) == whole


@pytest.mark.parametrize("listed", [[], None, {"report.html": 3}, {"../../../evil": "x"}, {}])
def test_a_note_of_a_step_that_lists_no_files_is_not_believed(
    case: Path, tmp_path: Path, done: Run, listed: object
) -> None:
    whole = files(done.folder)
    change(done.folder / "steps" / "report.json", lambda stored: stored.update(files=listed))
    (done.folder / "manifest.json").unlink()
    run(case, tmp_path / "runs")
    assert files(done.folder) == whole


@pytest.mark.parametrize("listed", [[], None, {}, {"report.html": 3}, {"/etc/hostname": "x"}])
def test_a_manifest_that_lists_no_run_is_not_believed(
    case: Path, tmp_path: Path, done: Run, listed: object
) -> None:
    whole = files(done.folder)
    change(done.folder / "manifest.json", lambda stored: stored.update(files=listed))
    again = run(case, tmp_path / "runs")
    assert files(done.folder) == whole and not again.reused


def test_a_manifest_without_a_state_is_not_believed(case: Path, tmp_path: Path, done: Run) -> None:
    whole = files(done.folder)
    change(done.folder / "manifest.json", lambda stored: stored.pop("state"))
    run(case, tmp_path / "runs")
    assert files(done.folder) == whole


def test_nothing_outside_the_run_folder_is_ever_removed(case: Path, tmp_path: Path, done: Run) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    change(done.folder / "manifest.json", lambda stored: stored["files"].update({"../../../precious": "x"}))
    run(case, tmp_path / "runs")
    assert precious.read_text() == "mine"


@pytest.mark.parametrize("name", [".lock", "manifest.json", "timings.json", "steps/report.json"])
def test_a_pipe_in_the_place_of_a_file_never_hangs_a_run(
    case: Path, tmp_path: Path, done: Run, name: str
) -> None:
    whole = files(done.folder)
    (done.folder / name).unlink()
    os.mkfifo(done.folder / name)
    (done.folder / "report.html").unlink()
    with at_most(20):
        run(case, tmp_path / "runs")
    assert files(done.folder) == whole


def test_the_lock_never_empties_what_it_points_to(case: Path, tmp_path: Path, done: Run) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (done.folder / ".lock").unlink()
    (done.folder / ".lock").symlink_to(precious)
    (done.folder / "report.html").unlink()
    run(case, tmp_path / "runs")
    assert precious.read_text() == "mine"


@pytest.mark.parametrize("name", ["report.html", "summary.json", "steps/report.json"])
def test_a_folder_in_the_place_of_a_file_is_said_to_be_in_the_way(
    case: Path, tmp_path: Path, done: Run, name: str
) -> None:
    (done.folder / name).unlink()
    (done.folder / name).mkdir()
    with pytest.raises(RunError) as caught:
        run(case, tmp_path / "runs")
    assert name.split("/")[-1] in caught.value.what and "in the way" in caught.value.why
    assert "move it away" in caught.value.do


def test_files_that_no_case_could_hold_are_not_hashed(case: Path) -> None:
    with (case / "events.csv").open("r+b") as stream:
        stream.truncate(200_000_000_000)  # sparse: no such room is taken
    with at_most(20):
        assert hash_inputs(case)["events.csv"] != hash_inputs(case)["case.yaml"]
