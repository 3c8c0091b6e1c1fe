"""The models of a run: fitted once, stored, taken up again, made again where damaged, and the same bytes each time."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import polars
import pytest

import standoff.claims
from standoff.cli.verdicts import show
from standoff.errors import PriorsError, SettingsError
from standoff.inference.learned import GameResult, Learned, with_game
from standoff.record.rows import Record
from standoff.study import Progress, parts, work, worker
from standoff.study.codec import game_to_json, informed_to_json, learned_from_json, learned_to_json
from standoff.study.model_tables import model_frames
from standoff.study.summary import summarise
from tests.report import synthetic, synthetic_models
from tests.study import standins
from tests.study.test_run import StopError, files, run

LEARNED = synthetic_models.learned()
NAMES = {"rivals", "effects", "channels", "checks", "sensitivity", "beliefs", "outside", "parameters"}
TABLES = {f"model_{name}" for name in NAMES} | {"posteriors", "influences", "claim_rivals"}


@pytest.fixture
def fitted(case: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The case with a stand-in for the fit of the models; the seeds of each fit, in order."""
    seeds: list[int] = []

    def learn(record: Record, seed: int, task: str, tell: object) -> bytes:
        seeds.append(seed)
        return worker._with_file(learned_to_json(LEARNED), "twin-M7", b"draws")

    monkeypatch.setattr(parts, "wants_models", lambda record: True)
    monkeypatch.setattr(parts, "RIVALS", ())
    monkeypatch.setattr(worker, "_learn", learn)
    return seeds


def test_a_run_keeps_what_the_models_say(case: Path, tmp_path: Path, fitted: list[int]) -> None:
    done = run(case, tmp_path / "runs", seed=5)
    assert fitted == [5]
    assert learned_from_json((done.folder / "models.json").read_bytes()) == LEARNED
    found = files(done.folder)
    assert {f"tables/{name}.{kind}" for name in TABLES for kind in ("csv", "parquet")} <= found.keys()
    assert {"models.json", "tables/model_rivals.csv"} <= done.manifest["files"].keys()
    assert (done.folder / "posteriors/twin-M7.nc").read_bytes() == b"draws"
    assert [one["name"] for one in done.summary["models"]["rivals"]] == [one.name for one in LEARNED.rivals]


def test_tables_of_the_models_hold_every_result(case: Path, tmp_path: Path, fitted: list[int]) -> None:
    folder = run(case, tmp_path / "runs").folder / "tables"
    rivals = polars.read_parquet(folder / "model_rivals.parquet")
    assert rivals["name"].to_list() == [one.name for one in LEARNED.rivals]
    assert rivals["passed"].to_list() == [one.passed for one in LEARNED.rivals]
    assert polars.read_parquet(folder / "model_effects.parquet").height == len(LEARNED.effects)
    checks = polars.read_parquet(folder / "model_checks.parquet")
    assert checks["observed"].null_count() == sum(one.observed is None for one in LEARNED.checks)
    for name in TABLES:
        parquet = polars.read_parquet(folder / f"{name}.parquet")
        assert polars.read_csv(folder / f"{name}.csv", schema=parquet.schema).height == parquet.height


def test_verdicts_charts_and_page_are_given_what_the_models_say(
    case: Path, tmp_path: Path, fitted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Learned | None] = []

    def noting(record, tested, seed, learned=None):  # type: ignore[no-untyped-def]
        given.append(learned)
        return standins.conclude(record, tested, seed, learned)

    for name in ("charts", "report"):
        drawn = getattr(standins.PlainPages, name)

        def noted(self, *args, drawn=drawn):  # type: ignore[no-untyped-def]
            given.append(args[-1])
            return drawn(self, *args)

        monkeypatch.setattr(standins.PlainPages, name, noted)
    monkeypatch.setattr(standoff.claims, "conclude", noting)
    run(case, tmp_path / "runs")
    assert given == [LEARNED] * 3


def test_without_models_nothing_of_them_is_written(case: Path, tmp_path: Path) -> None:
    done = run(case, tmp_path / "runs")
    assert not [name for name in files(done.folder) if "model" in name]
    assert done.summary["models"] is None


@pytest.mark.parametrize("after", [2, 4, 6, 9, 12, 16, 20])
def test_stopped_at_any_step_the_models_are_not_fitted_twice(
    case: Path, tmp_path: Path, fitted: list[int], after: int
) -> None:
    whole = files(run(case, tmp_path / "whole").folder)
    seen: list[Progress] = []

    def stop(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) > after:
            raise StopError

    fitted.clear()
    with contextlib.suppress(StopError):
        run(case, tmp_path / "runs", progress=stop)
    stored = list((tmp_path / "runs").rglob("steps/models.json"))
    before = len(fitted)
    done = run(case, tmp_path / "runs")
    assert files(done.folder) == whole
    assert len(fitted) - before == (0 if stored else 1)


@pytest.mark.parametrize("harm", ["gone", "changed", "half"])
@pytest.mark.parametrize("name", ["models.json", "steps/models.json", "tables/model_rivals.csv"])
def test_a_file_of_the_models_lost_or_changed_is_made_again(
    case: Path, tmp_path: Path, fitted: list[int], name: str, harm: str
) -> None:
    first = run(case, tmp_path / "runs")
    whole = files(first.folder)
    path = first.folder / name
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(b"{}" if harm == "changed" else path.read_bytes()[:-5])
    again = run(case, tmp_path / "runs")
    assert files(again.folder) == whole
    assert len(fitted) == (2 if name == "steps/models.json" else 1)


def test_a_number_changed_in_the_stored_models_is_noticed(
    case: Path, tmp_path: Path, fitted: list[int]
) -> None:
    first = run(case, tmp_path / "runs")
    whole = files(first.folder)
    path = first.folder / "steps" / "models.json"
    stored = json.loads(path.read_text())
    stored["result"]["found"]["rivals"][0]["probability"] = 0.99
    path.write_text(json.dumps(stored))
    assert files(run(case, tmp_path / "runs").folder) == whole
    assert len(fitted) == 2


def test_in_other_processes_too_the_same_bytes_come_of_what_is_stored(
    case: Path, tmp_path: Path, fitted: list[int]
) -> None:
    """What one call fitted is what a later call of more workers goes on from."""
    first = run(case, tmp_path / "runs")
    whole = files(first.folder)
    (first.folder / "report.html").unlink()
    assert files(run(case, tmp_path / "runs", workers=2).folder) == whole
    assert len(fitted) == 1


GAME = {one.name: one for one in LEARNED.rivals if one.estimator == "game"}


@pytest.fixture
def with_game_fitted(case: Path, fitted: list[int], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The same with the game beside it, under two rivals; the tasks of each fit, in order."""
    tasks: list[str] = []

    def learn(record: Record, seed: int, task: str, tell: object) -> bytes:
        tasks.append(task)
        if task == "models":
            return worker._with_file(learned_to_json(synthetic_models.learned(None)), "twin-M7", b"twin")
        kind, name = task.split("-")
        effects = tuple(one for one in LEARNED.effects if one.estimator == "game" and name == "M7")
        found = GameResult(name, GAME[name], effects, (), kind == "quick", 0, (-1.0,))
        return worker._with_file(game_to_json(found), f"game-{name}", name.encode())

    monkeypatch.setattr(parts, "RIVALS", ("M7", "M12"))
    monkeypatch.setattr(worker, "_learn", learn)
    return tasks


def test_without_full_the_game_is_fitted_quickly_and_the_run_says_so(
    case: Path, tmp_path: Path, with_game_fitted: list[str]
) -> None:
    done = run(case, tmp_path / "runs")
    assert sorted(with_game_fitted) == ["models", "quick-M12"]
    told = learned_from_json((done.folder / "models.json").read_bytes())
    assert told.quick is True and any(one.estimator == "game" for one in told.rivals)


def test_a_rival_that_cannot_be_fitted_has_no_row_and_says_so() -> None:
    lost = GameResult("M5", None, (), (), False, 0, (), "no start has a finite posterior density")
    told = with_game(synthetic_models.learned(None), [lost])
    assert not any(one.estimator == "game" for one in told.rivals)
    assert any("M5 could not be fitted" in warning for warning in told.warnings)


def test_the_game_stands_beside_the_reduced_form_rival_by_rival(
    case: Path, tmp_path: Path, with_game_fitted: list[str]
) -> None:
    done = run(case, tmp_path / "runs", full=True)
    assert sorted(with_game_fitted) == sorted(["full-M7", "full-M12", "models"])
    told = learned_from_json((done.folder / "models.json").read_bytes())
    assert told.quick is False
    game = {one.name: one.probability for one in told.rivals if one.estimator == "game"}
    assert game.keys() == {"M7", "M12"} and sum(game.values()) == pytest.approx(1.0)
    assert {one.lever for one in told.effects if one.estimator == "game"} == {"public-criticism", "pressure"}
    assert any("Gate of the game missed" in warning and "M7 (" in warning for warning in told.warnings)
    assert done.summary["models"]["quick"] is False
    for name in ("M7", "M12"):
        assert (done.folder / f"posteriors/game-{name}.nc").read_bytes() == name.encode()


@pytest.mark.parametrize("harmed", ["steps/full-M7.json", "steps/full-M12.json", "posteriors/game-M7.nc"])
@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_fit_of_the_game_lost_or_changed_is_made_again_and_no_other(
    case: Path, tmp_path: Path, with_game_fitted: list[str], harmed: str, harm: str
) -> None:
    first = run(case, tmp_path / "runs", full=True)
    whole = files(first.folder)
    path = first.folder / harmed
    path.unlink() if harm == "gone" else path.write_bytes(b"{}")
    with_game_fitted.clear()
    assert files(run(case, tmp_path / "runs", full=True).folder) == whole
    assert with_game_fitted == ([Path(harmed).stem] if harmed.startswith("steps") else [])


@pytest.mark.parametrize("after", [1, 3, 5, 8, 14])
def test_stopped_between_two_rivals_the_next_call_fits_only_the_rest(
    case: Path, tmp_path: Path, with_game_fitted: list[str], after: int
) -> None:
    whole = files(run(case, tmp_path / "whole", full=True).folder)
    seen: list[Progress] = []

    def stop(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) > after:
            raise StopError

    with contextlib.suppress(StopError):
        run(case, tmp_path / "runs", full=True, progress=stop)
    stored = {path.stem for path in (tmp_path / "runs").rglob("steps/*M*.json")}
    with_game_fitted.clear()
    assert files(run(case, tmp_path / "runs", full=True).folder) == whole
    assert stored.isdisjoint(with_game_fitted)


PRIORS = """format: 1
source: two earlier standoffs
priors:
  holder:
    news: {location: 0.3, scale: 0.25, reason: both softened}
"""


@pytest.fixture
def elsewhere(
    fitted: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> tuple[Path, list[worker.Job]]:
    """A file of priors, and the jobs under which the reduced form is fitted with it."""
    jobs: list[worker.Job] = []

    def learn(job: worker.Job, tell: object) -> bytes:
        jobs.append(job)
        return worker._with_file(informed_to_json(synthetic_models.informed()), "informed", b"")

    monkeypatch.setattr(worker, "_learn_informed", learn)
    monkeypatch.setattr(work, "wants_models", lambda record: True)
    path = tmp_path / "earlier.yaml"
    path.write_text(PRIORS)
    return path, jobs


def test_priors_from_elsewhere_join_the_run_and_leave_all_else_as_it_was(
    case: Path, tmp_path: Path, fitted: list[int], elsewhere: tuple[Path, list[worker.Job]]
) -> None:
    path, jobs = elsewhere
    plain = run(case, tmp_path / "runs")
    with_priors = run(case, tmp_path / "runs", priors=path)
    assert with_priors.folder != plain.folder
    (job,) = jobs
    assert job.informed is not None
    assert job.informed.lines["holder", "news"][:2] == (0.3, 0.5)  # widened by two
    told = learned_from_json((with_priors.folder / "models.json").read_bytes())
    assert told.informed == synthetic_models.informed()
    assert replace(told, informed=None) == learned_from_json((plain.folder / "models.json").read_bytes())
    before, after = files(plain.folder), files(with_priors.folder)
    added = {
        f"tables/informed_{name}.{kind}"
        for name in ("priors", "rivals", "effects")
        for kind in ("csv", "parquet")
    }
    assert added | {"steps/informed.json"} <= after.keys() - before.keys()
    same = {name for name in before if name.startswith(("tables/", "steps/parts/", "posteriors/"))}
    assert all(
        json.loads(after[n])["result"] == json.loads(before[n])["result"]
        if n.startswith("steps")
        else after[n] == before[n]
        for n in same
    )
    summary = with_priors.summary["models"]["informed"]
    assert summary["parameters"] == ["holder.news"]
    assert [(one["name"], one["probability"], one["default"]) for one in summary["rivals"]] == [
        ("M12", 0.3, 0.63),
        ("M1", 0.7, 0.11),
    ]
    assert plain.summary["models"]["informed"] is None
    assert (
        "priors" not in plain.manifest["settings"] and len(with_priors.manifest["settings"]["priors"]) == 64
    )


def test_the_same_priors_are_used_again_and_others_have_another_folder(
    case: Path, tmp_path: Path, elsewhere: tuple[Path, list[worker.Job]]
) -> None:
    path, jobs = elsewhere
    first = run(case, tmp_path / "runs", priors=path)
    assert run(case, tmp_path / "runs", priors=path).reused and len(jobs) == 1
    path.write_text(PRIORS.replace("0.25", "0.3"))
    assert run(case, tmp_path / "runs", priors=path).folder != first.folder


def test_priors_that_cannot_serve_leave_nothing_behind(
    case: Path, tmp_path: Path, elsewhere: tuple[Path, list[worker.Job]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = elsewhere
    path.write_text(PRIORS.replace("news", "newz"))
    with pytest.raises(PriorsError) as caught:
        run(case, tmp_path / "runs", priors=path)
    assert caught.value.mistakes[0].place == "earlier.yaml:5:5"
    with pytest.raises(PriorsError):
        run(case, tmp_path / "runs", priors=tmp_path / "nowhere.yaml")
    path.write_text(PRIORS)
    monkeypatch.setattr(work, "wants_models", lambda record: False)
    with pytest.raises(SettingsError, match="cannot serve"):
        run(case, tmp_path / "runs", priors=path)
    assert not (tmp_path / "runs").exists()


def test_the_terminal_says_that_priors_came_from_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    learned = replace(LEARNED, informed=synthetic_models.informed())
    told = summarise(synthetic.record(), synthetic.assessment(), _Identity(), learned)  # type: ignore[arg-type]
    show(SimpleNamespace(summary=told, report="report.html", reused=False))  # type: ignore[arg-type]
    said = capsys.readouterr().out
    assert (
        "under PRIORS FROM ELSEWHERE (two earlier standoffs), which enter no verdict: M1 .70 (default .11) failed"
        in said
    )


def test_what_is_learnt_comes_back_from_json_as_it_was() -> None:
    for quick in (True, False, None):
        one = synthetic_models.learned(quick)
        assert learned_from_json(learned_to_json(one)) == one


class _Identity:
    digest = "0" * 64


def test_the_summary_has_p_with_its_flags_and_d_as_the_lower_of_two() -> None:
    plain = synthetic.assessment()
    told = summarise(synthetic.record(), synthetic_models.with_models(plain), _Identity(), LEARNED)  # type: ignore[arg-type]
    json.dumps(told, allow_nan=False)
    a1, a2, a3, b4 = (claim["posterior"] for claim in told["claims"][:4])
    assert (a1["value"], a1["twin"], a1["game"], a1["quick"], a1["passed"]) == (0.88, 0.93, 0.88, True, True)
    assert (a2["game"], a2["quick"], a2["passed"]) == (None, False, False)
    assert (a3["value"], a3["passed"]) == (0.5, False)
    assert b4 is None
    assert told["claims"][0]["could_tell"]["for"] == 0.34
    assert summarise(synthetic.record(), plain, _Identity())["claims"][0]["could_tell"]["for"] == 0.41  # type: ignore[arg-type]


def test_the_table_of_weights_against_rivals_holds_each_one() -> None:
    frame = model_frames(LEARNED, synthetic_models.with_models(synthetic.assessment()))["claim_rivals"]
    assert frame["own"].to_list() == ["M1"] * 3 and frame["rival"].to_list() == ["M0", "M2", "M7"]
    assert frame["log10"].to_list() == [1.4, -0.75, 0.05] and frame["passed"].to_list() == [True, False, True]
    assert frame["claim"].to_list() == ["A1"] * 3


def test_the_summary_and_the_terminal_have_the_weight_against_each_rival(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = summarise(
        synthetic.record(), synthetic_models.with_models(synthetic.assessment()), _Identity(), LEARNED
    )  # type: ignore[arg-type]
    first, second = (claim["rivals"] for claim in told["claims"][:2])
    assert second == []
    assert [one["rival"] for one in first] == ["M0", "M2", "M7"]
    assert first[1] == {
        "own": ["M1"], "rival": "M2", "log10": -0.75, "error": 0.04, "range": {"low": -1.3, "high": -0.6},
        "probability": 0.15, "passed": False,
    }  # fmt: skip
    show(SimpleNamespace(summary=told, report="report.html", reused=False))  # type: ignore[arg-type]
    said = capsys.readouterr().out
    assert "−0.8 M1/M2 failed" in said and "enters no verdict" in said
    plain = summarise(synthetic.record(), synthetic.assessment(), _Identity())  # type: ignore[arg-type]
    show(SimpleNamespace(summary=plain, report="report.html", reused=False))  # type: ignore[arg-type]
    assert "rivals" not in capsys.readouterr().out.split("weight dB")[0]


def test_a_finished_full_run_is_used_where_a_quick_one_is_asked_for(
    case: Path, tmp_path: Path, fitted: list[int]
) -> None:
    full = run(case, tmp_path / "runs", full=True)
    plain = run(case, tmp_path / "runs", full=True)
    assert plain.reused and plain.folder == full.folder and len(fitted) == 1
    assert full.manifest["settings"]["full"] is True
