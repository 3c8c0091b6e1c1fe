"""The commands where something around them is odd: no arguments, streams that are full or closed, an output folder in the way."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

STANDOFF = str(Path(sys.executable).parent / "standoff")


def shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-c", line.replace("standoff", shlex.quote(STANDOFF), 1)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("streams")
    assert shell("standoff new small", folder).returncode == 0
    return folder


def test_without_arguments_the_help_is_shown_as_it_is(here: Path) -> None:
    done = shell("standoff", here)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == shell("standoff --help", here).stdout


@pytest.mark.parametrize("command", ["standoff check small", "standoff schema case.schema.json"])
def test_a_full_standard_output_is_not_a_fault_of_the_program(here: Path, command: str) -> None:
    done = shell(f"{command} > /dev/full", here)
    assert done.returncode == 2
    assert "cannot write the answer" in done.stderr and "No space left" in done.stderr
    assert "Exception" not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("standoff check small >&-", 0),
        ("standoff check none 2>&-", 2),
        ("standoff check none 2> /dev/full", 2),
    ],
)
def test_a_stream_that_cannot_take_words_does_not_change_the_exit_code(
    here: Path, command: str, code: int
) -> None:
    done = shell(command, here)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("standoff claims small a1", "did you mean `A1`?"),
        ("standoff schema case", "did you mean `case.schema.json`?"),
        ("standoff assess small --claims b1,A1", "did you mean `B1`?"),
        ("standoff assess small --claims A1-stance", "`A1-stance` is a part of A1"),
    ],
)
def test_a_name_that_is_not_there_is_answered_with_the_nearest(here: Path, command: str, hint: str) -> None:
    done = shell(command, here)
    assert done.returncode == 2 and hint in done.stderr, done.stderr


def test_every_claim_that_is_not_there_is_named(here: Path) -> None:
    done = shell("standoff assess small --claims X1,A1,X2", here)
    assert done.returncode == 2 and "`X1`" in done.stderr and "`X2`" in done.stderr


@pytest.mark.parametrize("out", [".", "small/..", "''"])
def test_a_run_is_never_written_into_its_own_case(here: Path, out: str) -> None:
    before = sorted(path.name for path in (here / "small").rglob("*"))
    done = shell(f"standoff assess small --out {out} --json", here)
    assert done.returncode == 2
    told = json.loads(done.stdout)["error"]
    assert told["kind"] == "settings" and "--out" in told["do"]
    assert sorted(path.name for path in (here / "small").rglob("*")) == before


def test_what_new_says_to_do_next_can_be_pasted(here: Path) -> None:
    done = shell('standoff new "it\'s my case"', here)
    advice = next(line for line in done.stdout.splitlines() if line.startswith("next: "))
    assert shell(advice.removeprefix("next: "), here).returncode == 0


def test_new_where_nothing_can_be_written_speaks_of_that_alone(here: Path) -> None:
    done = shell("standoff new /dev/null/mine --json", here)
    told = json.loads(done.stdout)["error"]
    assert done.returncode == 2 and told["mistakes"] == []
    assert "not a directory" in told["what"] and "mistake" not in told["what"] + told["do"]
