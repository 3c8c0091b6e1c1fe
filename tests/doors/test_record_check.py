"""`standoff check` and `standoff new` at the door: exit codes, all mistakes, no traceback, nothing written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.record.example_case import edit, fresh


def standoff(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "standoff", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def listing(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(path.relative_to(folder)), path.lstat().st_mtime_ns) for path in folder.rglob("*"))


def test_a_new_case_has_no_mistake(tmp_path: Path) -> None:
    assert standoff("new", "mine", cwd=tmp_path).returncode == 0
    again = standoff("new", "mine", cwd=tmp_path)
    assert again.returncode == 2 and "Traceback" not in again.stderr
    good = standoff("check", "mine", cwd=tmp_path)
    assert (good.returncode, good.stderr) == (0, "")


def test_all_mistakes_are_shown_with_their_places(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    line, column = edit(folder, "case.yaml", "    role: mediator", "    role: ¦mediater") or (0, 0)
    edit(folder, "events.csv", "E02,2000-01-17,day,patron-1,", "E02,2001-01-17,day,patron1,")
    before = listing(tmp_path)
    done = standoff("check", "example", cwd=tmp_path)
    told = done.stdout + done.stderr
    assert done.returncode == 2 and "Traceback" not in told
    for words in (
        f"case.yaml:{line}:{column}",
        "did you mean `mediator`?",
        "events.csv:3:5",
        "events.csv:3:20",
        "`patron-1`",
    ):
        assert words in told
    assert listing(tmp_path) == before


def test_mistakes_as_data(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    edit(folder, "events.csv", "E02,2000-01-17,day,patron-1,", "E02,2001-01-17,day,patron1,")
    done = standoff("check", "example", "--json", cwd=tmp_path)
    assert done.returncode == 2
    mistakes = json.loads(done.stdout)["error"]["mistakes"]
    assert [(one["file"], one["line"], one["code"]) for one in mistakes] == [
        ("events.csv", 3, "outside-period"),
        ("events.csv", 3, "unknown-actor"),
    ]


HOSTILE = {
    "bytes": ("events.csv", b"\xff\xfe\x00"),
    "nul": ("case.yaml", b"a: \x00"),
    "bomb": ("case.yaml", b"a: &a [x,x]\nb: &b [*a,*a]\n" * 1),
    "deep": ("claims.yaml", b"[" * 100_000),
    "object": ("case.yaml", b"!!python/object/apply:os.system ['touch pwned']"),
    "empty": ("claims.yaml", b""),
    "escape": ("sources.csv", b"id,label\n\x1b[2J,x"),
    "markup": ("case.yaml", b"'[bold red]<script>': '[/]'"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(tmp_path: Path, name: str) -> None:
    folder = fresh(tmp_path)
    file, content = HOSTILE[name]
    (folder / file).write_bytes(content)
    before = listing(tmp_path)
    done = standoff("check", "example", cwd=tmp_path)
    told = done.stdout + done.stderr
    assert done.returncode == 2, told
    assert "Traceback" not in told and "\x1b[2J" not in told and "\x00" not in told
    assert file in told
    assert listing(tmp_path) == before


def test_a_name_that_no_case_has(tmp_path: Path) -> None:
    done = standoff("check", "gaza-2023-2024", cwd=tmp_path)
    assert done.returncode == 2 and "did you mean `gaza-2023-2025`?" in done.stderr + done.stdout


def test_a_huge_cell(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    with (folder / "events.csv").open("r+b") as stream:
        stream.seek(0, os.SEEK_END)
        stream.write(b'E99,"')
        stream.seek(100_000_000, os.SEEK_CUR)
        stream.write(b'"')
    done = standoff("check", "example", cwd=tmp_path)
    assert done.returncode == 2 and "file-too-large" in done.stdout + done.stderr


def test_reading_a_case_loads_no_numbers(tmp_path: Path) -> None:
    fresh(tmp_path)
    program = (
        "import sys; from pathlib import Path; import standoff.record as r;"
        "assert 'pydantic' not in sys.modules, 'importing the room costs nothing';"
        "assert r.check_case(Path('example')) == ();"
        "heavy = {'numpy', 'xarray', 'polars', 'scipy', 'statsmodels', 'pandas', 'altair'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
