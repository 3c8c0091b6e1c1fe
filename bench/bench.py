"""Speed and memory of what a person waits for, each beside a limit and beside a peer measured in the same run.

A shared machine is slow for everybody at once, so the ratio to the peer says more than the seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PYTHON = sys.executable
STANDOFF = str(Path(PYTHON).parent / "standoff")
MEMORY = 1024  # MB
CASE = "gaza-2023-2025"
FOLDER = Path(__file__).parents[1] / "src" / "standoff" / "cases" / CASE

READ_TABLES = (
    f"import polars, pathlib; [polars.read_csv(p) for p in pathlib.Path({str(FOLDER)!r}).glob('*.csv')]"
)
READ_YAML = (
    "import pathlib; from ruamel.yaml import YAML; "
    f"[YAML(typ='rt').load(p) for p in pathlib.Path({str(FOLDER)!r}).glob('*.yaml')]"
)
IMPORTS = "import scipy.stats, statsmodels.api, xarray, polars"


class Spent(NamedTuple):
    seconds: float
    megabytes: float  # highest resident memory of the processes, added up over those alive at once


class Figure(NamedTuple):
    name: str
    command: Sequence[str]
    limit: float  # seconds
    repeats: int
    peer: str
    peer_command: Sequence[str]


def spend(command: Sequence[str]) -> Spent:
    """Run once and measure; SystemExit with what it printed when it fails."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT)
        most, ended = 0.0, 0
        while not ended:
            most = max(most, resident(process.pid))
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            time.sleep(0 if ended else 0.01)
        seconds = time.monotonic() - start
        if status:
            printed.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{printed.read().decode(errors='replace')}")
    return Spent(seconds, max(most, usage.ru_maxrss / 1024))


def resident(process: int) -> float:
    """Megabytes that a process and its descendants hold now; shared pages count once in each, so this is high."""
    total, waiting = 0.0, [process]
    page = os.sysconf("SC_PAGESIZE") / 2**20
    while waiting:
        here = waiting.pop()
        try:
            total += int(Path(f"/proc/{here}/statm").read_text().split()[1]) * page
            for task in Path(f"/proc/{here}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def best(command: Sequence[str], repeats: int) -> Spent:
    spent = [spend(command) for _ in range(repeats)]
    return Spent(min(one.seconds for one in spent), max(one.megabytes for one in spent))


def figures(out: Path) -> list[Figure]:
    assess = [STANDOFF, "assess", CASE, "--quiet", "--out", str(out)]
    return [
        Figure(
            "standoff --help", [STANDOFF, "--help"], 0.3, 7, "python, click", [PYTHON, "-c", "import click"]
        ),
        Figure(
            "standoff check", [STANDOFF, "check", CASE], 1.0, 5, "reading its YAML", [PYTHON, "-c", READ_YAML]
        ),
        Figure("assess, from nothing", assess, 90.0, 1, "importing the numerics", [PYTHON, "-c", IMPORTS]),
        Figure("assess, unchanged", assess, 3.0, 3, "reading its tables", [PYTHON, "-c", READ_TABLES]),
    ]


def main() -> None:
    print(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; best of several, memory the highest\n"
    )
    head = ("what", "seconds", "limit", "of limit", "MB", "peer", "seconds", "ratio")
    print("{:<22}{:>9}{:>8}{:>10}{:>7}  {:<24}{:>8}{:>8}".format(*head))
    over = []
    with tempfile.TemporaryDirectory(prefix="standoff-bench-") as folder:
        for figure in figures(Path(folder)):
            peer = best(figure.peer_command, min(figure.repeats, 3))
            ours = best(figure.command, figure.repeats)
            if ours.seconds > figure.limit or ours.megabytes > MEMORY:
                over.append(figure.name)
            print(
                f"{figure.name:<22}{ours.seconds:>9.2f}{figure.limit:>8.1f}{ours.seconds / figure.limit:>10.0%}"
                f"{ours.megabytes:>7.0f}  {figure.peer:<24}{peer.seconds:>8.2f}{ours.seconds / peer.seconds:>8.1f}"
            )
    print(f"\nlimit of memory: {MEMORY} MB; over a limit: {', '.join(over) or 'nothing'}")


if __name__ == "__main__":
    main()
