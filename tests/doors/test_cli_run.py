"""`standoff assess` as real processes: killed, interrupted, in two processes, on a terminal; always the same bytes."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

STANDOFF = str(Path(sys.executable).parent / "standoff")


def command(case: Path, out: Path, *options: str) -> list[str]:
    return [STANDOFF, "assess", str(case), "--out", str(out), *options]


def assess(case: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(case, out, *options), capture_output=True, text=True, check=False, timeout=300
    )


def files(out: Path) -> dict[str, bytes]:
    """Every file that equal runs share, and the name of the run."""
    apart = {"timings.json", ".lock"}
    paths = (path for path in out.rglob("*") if path.is_file() and path.name not in apart)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases") / "small"
    subprocess.run([STANDOFF, "new", str(folder)], check=True, capture_output=True)
    return folder


class Undisturbed(NamedTuple):
    out: Path
    files: dict[str, bytes]
    seconds: float


@pytest.fixture(scope="module")
def undisturbed(case: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """A run in one process that nothing disturbed."""
    out = tmp_path_factory.mktemp("undisturbed")
    start = time.monotonic()
    done = assess(case, out, "--workers", "1")
    assert done.returncode == 0, done.stderr
    return Undisturbed(out, files(out), time.monotonic() - start)


def test_two_processes_give_the_bytes_of_one_and_leave_nothing_beside(
    case: Path, tmp_path: Path, undisturbed: Undisturbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, temporary = tmp_path / "runs", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    assert assess(case, out, "--workers", "2").returncode == 0
    assert files(out) == undisturbed.files
    assert list(temporary.iterdir()) == []


def test_where_nothing_temporary_can_be_written_workers_share_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That takes longer, and is all."""
    from standoff.study import parts

    def refuse(**_: object) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(parts, "TemporaryDirectory", refuse)
    assert parts._shelf() is None


def test_killed_again_and_again_it_ends_with_the_bytes_of_an_undisturbed_run(
    case: Path, tmp_path: Path, undisturbed: Undisturbed
) -> None:
    kills = 0
    for share in (0.3, 0.6, 0.75, 0.9):
        process = subprocess.Popen(
            command(case, tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=undisturbed.seconds * share)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    assert kills > 0
    done = assess(case, tmp_path)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path) == undisturbed.files


def begin(case: Path, out: Path) -> tuple[subprocess.Popen[str], set[int]]:
    """A run that has begun to test in processes of its own, and the ids of these."""
    process = subprocess.Popen(command(case, out, "--workers", "2"), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    while not process.stderr.readline().startswith("tests 0/"):
        assert process.poll() is None
    until = time.monotonic() + 30
    workers: set[int] = set()
    while len(workers) < 2 and time.monotonic() < until:
        workers = {child for child in descendants(process.pid) if "spawn_main" in command_line(child)}
    assert len(workers) == 2
    return process, workers


def test_workers_end_with_a_killed_parent(case: Path, tmp_path: Path) -> None:
    process, workers = begin(case, tmp_path)
    process.kill()
    process.communicate()
    until = time.monotonic() + 30
    while any(alive(worker) for worker in workers) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(alive(worker) for worker in workers)


def test_a_killed_worker_is_told_plainly_and_the_same_command_goes_on(
    case: Path, tmp_path: Path, undisturbed: Undisturbed
) -> None:
    process, workers = begin(case, tmp_path)
    os.kill(min(workers), signal.SIGKILL)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "a worker process ended" in said and "Traceback" not in said
    assert assess(case, tmp_path).returncode == 0
    assert files(tmp_path) == undisturbed.files


def descendants(process: int) -> set[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in task.read_text().split():
            found |= {int(child)} | descendants(int(child))
    return found


def command_line(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def on_a_terminal(arguments: list[str], interrupt_at: bytes | None = None) -> tuple[int, str]:
    """Exit code and everything written to a terminal of 100 columns; ``interrupt_at``: press Ctrl-C when it is seen."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ |= {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
        os.execv(arguments[0], arguments)
    seen = b""
    pressed = False
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            seen += os.read(terminal, 65536)
        except OSError:  # the other side is closed
            break
        if interrupt_at and not pressed and interrupt_at in seen:
            os.write(terminal, b"\x03")
            pressed = True
    os.close(terminal)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), seen.decode()


def test_on_a_terminal_there_is_a_bar_with_phases_and_a_table(
    case: Path, tmp_path: Path, undisturbed: Undisturbed
) -> None:
    code, seen = on_a_terminal(command(case, tmp_path, "--claims", "B1"))
    assert code == 0, seen
    assert "2/6 tests" in seen and "%" in seen
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    assert "verdict" in last and "deaths:" in last and "caution:" in last and "report: " in last
    _, again = on_a_terminal(command(case, undisturbed.out))
    assert "finished before, unchanged" in again


def test_ctrl_c_is_calm_and_the_same_command_goes_on(
    case: Path, tmp_path: Path, undisturbed: Undisturbed
) -> None:
    code, seen = on_a_terminal(command(case, tmp_path), interrupt_at=b"2/6 tests")
    assert code == 130, seen
    assert "Traceback" not in seen and "go on from there" in seen
    assert assess(case, tmp_path).returncode == 0
    assert files(tmp_path) == undisturbed.files


def test_in_a_pipe_there_are_plain_lines(case: Path, tmp_path: Path) -> None:
    done = assess(case, tmp_path, "--claims", "B1")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    phases = list(dict.fromkeys(line.split()[0] for line in done.stderr.splitlines()))
    assert phases == ["read", "tests", "verdicts", "tables", "charts", "report"]
    assert (tmp_path / "small" / "latest" / "report.html").is_file()
    quiet = assess(case, tmp_path, "--claims", "B1", "--quiet")
    assert quiet.stderr == "" and "finished before, unchanged" in quiet.stdout


def test_json_holds_the_verdicts_and_where_the_run_lies(case: Path, undisturbed: Undisturbed) -> None:
    told = json.loads(assess(case, undisturbed.out, "--json").stdout)
    assert told["reused"] is True
    assert {claim["id"] for claim in told["claims"]} == {"A1", "B1"}
    assert Path(told["report"]).is_file()
    stored = json.loads((Path(told["folder"]) / "summary.json").read_text())
    assert {key: told[key] for key in stored} == stored


def test_a_reader_that_leaves_early_is_no_error(case: Path, undisturbed: Undisturbed) -> None:
    line = " ".join(command(case, undisturbed.out, "--json")) + " | head -1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.stdout == "{\n" and done.stderr == ""


def test_a_full_disk_is_told_plainly(case: Path, tmp_path: Path) -> None:
    line = f"ulimit -f 8; trap '' XFSZ; exec {' '.join(command(case, tmp_path, '--claims', 'B1'))}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "the disk is full" in done.stderr and "Traceback" not in done.stderr
    assert assess(case, tmp_path, "--claims", "B1").returncode == 0


def test_a_terminated_run_goes_on(case: Path, tmp_path: Path, undisturbed: Undisturbed) -> None:
    process = subprocess.Popen(command(case, tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(undisturbed.seconds / 2)
    process.send_signal(signal.SIGTERM)
    process.wait()
    assert assess(case, tmp_path).returncode == 0
    assert files(tmp_path) == undisturbed.files


@pytest.mark.parametrize("name", [b"caf\xc3\xa9", b"\xff\xfe", b"\xe2\x88\x92"])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_that_lacks_a_character_is_no_fault(name: bytes, encoding: str) -> None:
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    for option in ([], ["--json"]):
        done = subprocess.run(
            [STANDOFF, "check", name, *option], env=environment, capture_output=True, check=False
        )
        assert done.returncode == 2, done.stderr
        if option:
            assert json.loads(done.stdout.decode(errors="replace"))["error"]["kind"] == "not-found"


def test_verdicts_can_be_read_on_an_old_terminal(case: Path, undisturbed: Undisturbed) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command(case, undisturbed.out), env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
