"""The commands as a person meets them: what they print, how they fail, and what a program reads."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from standoff.cli.group import COMMANDS, standoff


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(standoff, list(arguments))


def invoke_json(*arguments: str) -> tuple[int, dict[str, Any]]:
    result = invoke(*arguments, "--json")
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    assert invoke("new", str(folder)).exit_code == 0
    return folder


def test_help_names_every_command() -> None:
    result = invoke("--help")
    assert result.exit_code == 0
    assert all(f"\n  {name} " in result.stdout for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: standoff {command}")


def test_version() -> None:
    import standoff as package

    for option in ("-V", "--version"):
        assert invoke(option).stdout == f"standoff {package.__version__}\n"


def test_an_unknown_command_is_answered_with_the_nearest() -> None:
    result = invoke("chekc", "x")
    assert result.exit_code == 2
    assert "check" in result.stderr and "Did you mean" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("assess",),
        ("assess", "gaza-2023-2025", "--seed", "-1"),
        ("assess", "gaza-2023-2025", "--seed", "one"),
        ("assess", "gaza-2023-2025", "--workers", "0"),
        ("assess", "gaza-2023-2025", "--claims", "A1,,B2"),
        ("assess", "gaza-2023-2025", "--claims", ""),
        ("assess", "gaza-2023-2025", "--nothing"),
        ("check", "one", "two"),
        ("nothing",),
    ],
)
def test_a_misused_command_says_so_in_both_forms(arguments: tuple[str, ...]) -> None:
    plain = invoke(*arguments)
    assert plain.exit_code == 2
    assert plain.stderr.startswith("error: ")
    code, told = invoke_json(*arguments)
    assert code == 2
    assert told["error"]["kind"] == "usage"
    assert told["error"]["what"] and told["error"]["do"]


def test_check_passes_a_case_and_counts_its_rows(case: Path) -> None:
    assert invoke("check", str(case)).stdout.startswith("small: no mistakes (")
    code, told = invoke_json("check", str(case))
    assert code == 0 and told["mistakes"] == [] and told["rows"]["events"] > 0


def test_check_tells_every_mistake_at_once_and_writes_nothing(case: Path) -> None:
    events = case / "events.csv"
    events.write_text(events.read_text().replace("coercer-1,action", "coercre-1,action").replace(",E01", ""))
    claims = case / "claims.yaml"
    claims.write_text(claims.read_text().replace("sign:", "sing:"))
    before = {path: path.read_bytes() for path in case.iterdir()}
    result = invoke("check", str(case))
    assert result.exit_code == 2
    assert "events.csv:2:" in result.stderr and "claims.yaml:" in result.stderr
    code, told = invoke_json("check", str(case))
    assert code == 2
    assert told["error"]["kind"] == "case"
    assert len(told["error"]["mistakes"]) >= 2
    assert all(one["line"] > 0 and one["what"] and one["do"] for one in told["error"]["mistakes"])
    assert {path: path.read_bytes() for path in case.iterdir()} == before


def test_assess_refuses_a_case_with_mistakes_and_writes_nothing(case: Path, tmp_path: Path) -> None:
    (case / "sources.csv").unlink()
    result = invoke("assess", str(case), "--out", str(tmp_path / "runs"))
    assert result.exit_code == 2
    assert "sources.csv" in result.stderr
    assert not (tmp_path / "runs").exists()


def test_new_does_not_write_over_anything(case: Path) -> None:
    before = (case / "case.yaml").read_bytes()
    result = invoke("new", str(case))
    assert result.exit_code == 2
    assert (case / "case.yaml").read_bytes() == before


def test_cases_can_be_assessed_by_the_names_listed() -> None:
    names = invoke("cases").stdout.split()
    assert "gaza-2023-2025" in names
    _, told = invoke_json("cases")
    assert [one["name"] for one in told["cases"]] == names
    assert all((Path(one["folder"]) / "case.yaml").is_file() for one in told["cases"])


def test_claims_are_listed_and_shown(case: Path) -> None:
    listed = invoke("claims", str(case)).stdout
    _, told = invoke_json("claims", str(case))
    assert all(claim["id"] in listed for claim in told["claims"])
    one = invoke("claims", str(case), "B1")
    assert one.exit_code == 0 and "the record should not show" in one.stdout
    _, told = invoke_json("claims", str(case), "B1")
    assert [claim["id"] for claim in told["claims"]] == ["B1"]
    missing = invoke("claims", str(case), "Z9")
    assert missing.exit_code == 2 and "A1" in missing.stderr


def test_schemas_are_listed_and_valid() -> None:
    import jsonschema

    for name in invoke("schema").stdout.split():
        schema = json.loads(invoke("schema", name).stdout)
        if not name.endswith(".table-schema.json"):
            jsonschema.Draft202012Validator.check_schema(schema)
    assert invoke("schema", "nothing").exit_code == 2


@pytest.mark.parametrize("text", ["\x1b[2J\x1b]0;owned\x07", "a\rb", "\u202eevil", "\x9b31m", "[red]x[/red]"])
def test_text_from_a_user_cannot_steer_the_terminal(text: str) -> None:
    result = invoke("check", text)
    assert result.exit_code == 2
    hidden = [c for c in result.stderr if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160 or c == "\u202e")]
    assert hidden == []


def test_a_fault_of_the_program_is_told_calmly_with_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import standoff.record

    def break_down(name: str) -> Path:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(standoff.record, "find_case", break_down, raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = invoke("check", "any")
    assert result.exit_code == 70
    assert "Traceback" not in result.output
    (details,) = tmp_path.glob("standoff-fault-*.txt")
    assert str(details) in result.stderr
    assert "ZeroDivisionError: inside" in details.read_text()
    code, told = invoke_json("check", "any")
    assert code == 70 and told["error"]["kind"] == "fault"


def test_ctrl_c_is_told_calmly(monkeypatch: pytest.MonkeyPatch) -> None:
    import standoff.record

    def stop(name: str) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(standoff.record, "find_case", stop, raising=False)
    result = invoke("check", "any")
    assert result.exit_code == 130
    assert "Traceback" not in result.output and "go on from there" in result.stderr


ROW = (
    "A1",
    "cannot tell",
    "+21.7 [+11, +29] points of 100",
    ".93 q failed",
    "−0.3 M3/M1 failed",
    "+4 [−4, +10]",
    "100%",
    "2%",
    "Restraint hardened the holder",
)


def test_on_a_narrow_terminal_no_word_of_a_claim_is_cut(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from standoff.cli import verdicts

    monkeypatch.setattr(verdicts, "on_terminal", lambda: True)
    monkeypatch.setattr(verdicts, "_row", lambda claim: ROW)
    monkeypatch.setattr(verdicts, "_below", lambda summary: [])
    summary = {"title": "Small", "period": {"start": "2000-01-03", "end": "2000-06-30"}, "claims": [{}]}
    for width in ("40", "120"):
        monkeypatch.setenv("COLUMNS", width)
        verdicts.show(SimpleNamespace(summary=summary, report="report.html", reused=False))  # type: ignore[arg-type]
        told = capsys.readouterr().out
        assert "…" not in told and all(word in told for cell in ROW for word in cell.split())


def test_the_table_has_p_with_its_flags_and_a_line_on_the_rivals(capsys: pytest.CaptureFixture[str]) -> None:
    from standoff.cli import verdicts
    from standoff.study.summary import summarise
    from tests.report import synthetic, synthetic_models

    assessment = synthetic_models.with_models(synthetic.assessment())
    identity = SimpleNamespace(digest="0" * 64)
    for quick, rivals in (
        (True, "by the game, q M7 .69 failed, M12 .31"),
        (False, "by the game M7 .69 failed, M12 .31"),
        (None, "by the reduced form M12 .63, M7 .15, M1 .11"),
    ):
        summary = summarise(synthetic.record(), assessment, identity, synthetic_models.learned(quick))  # type: ignore[arg-type]
        verdicts.show(SimpleNamespace(summary=summary, report="report.html", reused=False))  # type: ignore[arg-type]
        told = capsys.readouterr().out
        head = told.splitlines()[2]
        cells = [row[head.index(" P ") + 1 :].split("  ")[0] for row in told.splitlines()[3:9]]
        assert cells == [".88 q", ".93 failed", ".50 q failed", "–", "–", "–"]
        assert f"{rivals}\n" in told


def test_without_models_the_table_says_nothing_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    from standoff.cli import verdicts
    from standoff.study.summary import summarise
    from tests.report import synthetic

    summary = summarise(synthetic.record(), synthetic.assessment(), SimpleNamespace(digest="0" * 64))  # type: ignore[arg-type]
    verdicts.show(SimpleNamespace(summary=summary, report="report.html", reused=False))  # type: ignore[arg-type]
    assert "rivals, at equal" not in capsys.readouterr().out


PRIORS = """format: 1
source: two earlier standoffs
priors:
  holder:
    newz: {location: 0.3, scale: 0, reason: both softened}
"""


def test_mistakes_in_priors_are_told_with_their_places(tmp_path: Path) -> None:
    file = tmp_path / "earlier.yaml"
    file.write_text(PRIORS)
    arguments = (
        "assess",
        "gaza-2023-2025",
        "--out",
        str(tmp_path / "runs"),
        "--quiet",
        "--priors",
        str(file),
    )
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert "earlier.yaml:5:5: `holder` has no parameter `newz`" in result.stderr
    assert "earlier.yaml:5:34: `scale` is `0`" in result.stderr
    code, told = invoke_json(*arguments)
    assert (code, told["error"]["kind"]) == (2, "priors")
    assert [(one["line"], one["column"], one["code"]) for one in told["error"]["mistakes"]] == [
        (5, 5, "unknown-key"), (5, 34, "impossible-number"),
    ]  # fmt: skip
    assert not (tmp_path / "runs").exists()


def test_priors_for_a_case_without_models_are_refused(case: Path, tmp_path: Path) -> None:
    file = tmp_path / "earlier.yaml"
    file.write_text(PRIORS.replace("newz", "news").replace("scale: 0", "scale: 0.2"))
    code, told = invoke_json("assess", str(case), "--out", str(tmp_path / "runs"), "--priors", str(file))
    assert (code, told["error"]["kind"]) == (2, "settings")
    assert "no model is fitted" in told["error"]["why"]


def test_a_claim_is_shown_with_the_fitted_rival_that_states_it() -> None:
    assert "stated by the fitted rival: M3" in invoke("claims", "gaza-2023-2025", "A1").stdout
    assert "stated by the fitted" not in invoke("claims", "gaza-2023-2025", "A3").stdout
