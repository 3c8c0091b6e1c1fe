"""A run: what it writes, that it goes on where it stopped, and that equal runs have equal bytes."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import polars
import pytest

import standoff.claims
import standoff.study.worker
from standoff.errors import NotFoundError, RunError
from standoff.study import Progress, Run, assess
from standoff.study.folder import only_writer
from tests.study import standins

PAGES = standins.PlainPages()
TABLES = {"claims", "parts", "reasons", "specifications", "differences", "ledger"}
TABLES |= {"panel", "positions", "zone", "series"}


def run(case: Path, out: Path, **settings: object) -> Run:
    return assess(str(case), out, pages=PAGES, **settings)  # type: ignore[arg-type]


def files(folder: Path) -> dict[str, bytes]:
    """Every file that equal runs share."""
    apart = {"timings.json", ".lock"}
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name not in apart)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_a_run_holds_all_that_it_promises(case: Path, tmp_path: Path) -> None:
    done = run(case, tmp_path / "runs")
    found = files(done.folder)
    assert {"manifest.json", "summary.json", "assessment.json", "report.html"} <= found.keys()
    assert {f"tables/{name}.{kind}" for name in TABLES for kind in ("csv", "parquet")} <= found.keys()
    assert {"charts/picture.vl.json", "charts/picture.svg"} <= found.keys()
    assert done.folder.parent == tmp_path / "runs" / "small"
    assert (done.folder.parent / "latest").resolve() == done.folder.resolve()


def test_the_manifest_names_what_the_run_depended_on_and_no_time_or_place(case: Path, tmp_path: Path) -> None:
    done = run(case, tmp_path / "runs", seed=5)
    manifest = done.manifest
    assert manifest["state"] == "complete"
    assert set(manifest["inputs"]) == {"case.yaml", "events.csv"}
    assert manifest["settings"] == {"seed": 5, "claims": [], "full": False}
    assert {"python", "standoff", "numpy", "polars"} <= manifest["versions"].keys()
    assert manifest["rules"] == "rules"
    assert set(manifest["files"]) == files(done.folder).keys() - {"manifest.json"}
    for name, data in files(done.folder).items():
        assert str(tmp_path).encode() not in data, name
    timings = json.loads((done.folder / "timings.json").read_text())
    assert timings["calls"][0]["ended"] and timings["calls"][0]["seconds"]["in all"] >= 0


def test_results_read_back_as_they_were(case: Path, tmp_path: Path) -> None:
    done = run(case, tmp_path / "runs", seed=7)
    assert [claim.id for claim in done.assessment.claims] == ["A1", "B1"]
    part = done.assessment.claims[0].parts[0]
    assert part == standins.part_result(standins.CLAIMS.claims[0].parts[0], 7)


def test_equal_runs_have_equal_bytes_wherever_they_lie(case: Path, tmp_path: Path) -> None:
    one, two = run(case, tmp_path / "one"), run(case, tmp_path / "elsewhere" / "two")
    assert files(one.folder) == files(two.folder)
    assert not one.reused and not two.reused


def test_a_finished_run_is_shown_again_without_reading_the_case(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = run(case, tmp_path / "runs")

    def refuse(folder: Path) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(standoff.record, "load_case", refuse)
    again = run(case, tmp_path / "runs")
    assert again.reused and again.folder == one.folder


def test_other_settings_and_other_files_have_other_folders(case: Path, tmp_path: Path) -> None:
    folders = [run(case, tmp_path / "runs", seed=seed).folder for seed in (1, 2)]
    folders.append(run(case, tmp_path / "runs", seed=1, claims=("A1",)).folder)
    (case / "events.csv").write_text("id\nx\n")
    folders.append(run(case, tmp_path / "runs", seed=1).folder)
    assert len(set(folders)) == 4


def test_only_the_claims_asked_for_are_tested_and_the_report_says_so(case: Path, tmp_path: Path) -> None:
    done = run(case, tmp_path / "runs", claims=("B1",))
    assert [claim.id for claim in done.assessment.claims] == ["B1"]
    assert "only B1" in done.summary["warnings"][0]


def test_an_unknown_claim_is_refused_before_anything_is_written(case: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        run(case, tmp_path / "runs", claims=("A11",))
    assert "did you mean `A1`?" in caught.value.why
    assert not (tmp_path / "runs").exists()


class StopError(Exception):
    """Stands for whatever ends a process."""


@pytest.mark.parametrize("after", range(0, 24, 1))
def test_stopped_at_any_step_the_next_call_does_only_what_is_missing(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    whole = files(run(case, tmp_path / "whole").folder)
    seen: list[Progress] = []

    def stop(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) > after:
            raise StopError

    with contextlib.suppress(StopError):
        run(case, tmp_path / "runs", progress=stop)
    stored = {path.stem for path in (tmp_path / "runs").rglob("steps/parts/*/*.json")}
    tested: list[str] = []
    monkeypatch.setattr(standoff.claims, "run_part", _noting(tested))
    done = run(case, tmp_path / "runs")
    assert files(done.folder) == whole
    assert stored.isdisjoint(tested)
    assert len(stored) + len(tested) == 6


def _noting(tested: list[str]) -> Callable[..., object]:
    def run_part(record, claim, part, seed, progress=None):  # type: ignore[no-untyped-def]
        tested.append(part.id)
        return standins.run_part(record, claim, part, seed, progress)

    return run_part


@pytest.mark.parametrize(
    "name", ["report.html", "charts/picture.svg", "steps/parts/A1/A1.b.json", "assessment.json"]
)
@pytest.mark.parametrize("harm", ["gone", "changed", "half"])
def test_a_file_lost_or_changed_in_a_finished_run_is_made_again(
    case: Path, tmp_path: Path, name: str, harm: str
) -> None:
    first = run(case, tmp_path / "runs")
    whole = files(first.folder)
    path = first.folder / name
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(b"{}" if harm == "changed" else path.read_bytes()[:-5])
    again = run(case, tmp_path / "runs")
    assert not again.reused
    assert files(again.folder) == whole


def test_what_a_killed_run_left_half_written_is_swept_away(case: Path, tmp_path: Path) -> None:
    first = run(case, tmp_path / "runs")
    whole = files(first.folder)
    (first.folder / "report.html").unlink()
    (first.folder / "charts" / ".unfinished-picture.svg").write_bytes(b"<sv")
    assert files(run(case, tmp_path / "runs").folder) == whole


def test_a_second_run_in_the_same_folder_at_once_is_refused(case: Path, tmp_path: Path) -> None:
    path = run(case, tmp_path / "runs").folder
    (path / "report.html").unlink()
    with only_writer(path), pytest.raises(RunError, match="in use"):
        run(case, tmp_path / "runs")


def test_a_case_that_changes_while_it_is_read_is_refused(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = standoff.record.load_case

    def change(folder: Path) -> object:
        (case / "events.csv").write_text("id\nnew\n")
        return load(folder)

    monkeypatch.setattr(standoff.record, "load_case", change)
    with pytest.raises(RunError, match="changed while it was read"):
        run(case, tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_cannot_be_made_is_told_plainly(case: Path, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file, not a folder")
    with pytest.raises(RunError, match="cannot write") as caught:
        run(case, tmp_path / "runs")
    assert "--out" in caught.value.do


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EROFS, "this folder may not be written"),
        (errno.EACCES, "this folder may not be written"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_refusal_to_write_is_told_plainly_and_leaves_nothing_half_written(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: int, why: str
) -> None:
    def refuse(_: int) -> None:
        raise OSError(refusal, os.strerror(refusal))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refuse)
        with pytest.raises(RunError) as caught:
            run(case, tmp_path / "runs")
    assert caught.value.why == why and caught.value.do
    assert not list((tmp_path / "runs").rglob(".unfinished-*"))
    assert run(case, tmp_path / "runs").report.is_file()


def test_no_cell_of_a_table_can_be_run_as_a_formula(case: Path, tmp_path: Path) -> None:
    tables = run(case, tmp_path / "runs").folder / "tables"
    csv = polars.read_csv(tables / "positions.csv")
    assert csv["summary"][0] == '\'=HYPERLINK("x")'
    assert polars.read_parquet(tables / "positions.parquet")["summary"][0] == '=HYPERLINK("x")'


def test_tables_say_the_same_in_both_forms(case: Path, tmp_path: Path) -> None:
    tables = run(case, tmp_path / "runs").folder / "tables"
    for name in TABLES:
        parquet = polars.read_parquet(tables / f"{name}.parquet")
        csv = polars.read_csv(tables / f"{name}.csv", schema=parquet.schema)
        assert csv.columns == parquet.columns
        assert csv.height == parquet.height, name
    panel = polars.read_parquet(tables / "panel.parquet")
    assert panel.filter(measure="daylight", rows="e1").height > 0
    assert panel["value"].is_nan().sum() == 0


def test_progress_never_goes_back_and_ends_whole(case: Path, tmp_path: Path) -> None:
    seen: list[Progress] = []
    run(case, tmp_path / "runs", progress=seen.append)
    by_phase: dict[str, list[float]] = {}
    for progress in seen:
        assert 0 <= progress.done <= progress.total
        by_phase.setdefault(progress.phase, []).append(progress.done)
    assert list(by_phase) == ["read", "tests", "verdicts", "tables", "charts", "report"]
    for phase, steps in by_phase.items():
        assert steps == sorted(steps), phase
    assert by_phase["tests"][-1] == 6


def test_a_part_that_begins_its_next_phase_takes_nothing_back(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_part(record, claim, part, seed, progress=None):  # type: ignore[no-untyped-def]
        for phase in ("order in time", "could this record have told"):
            for done in (0, 1, 2):
                progress(phase, done, 2)
        return standins.run_part(record, claim, part, seed)

    monkeypatch.setattr(standoff.claims, "run_part", run_part)
    monkeypatch.setattr(standoff.study.worker, "SAY_EVERY", 0.0)
    seen: list[float] = []
    run(case, tmp_path / "runs", progress=lambda p: seen.append(p.done) if p.phase == "tests" else None)
    assert len(set(seen)) > 6
    assert seen == sorted(seen)
