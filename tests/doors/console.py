"""Runs the examples of a page of documentation, in order, in one folder, and compares what they print.

In a page, a block marked ``console`` holds commands (lines that begin with ``$ ``, gone on with ``> ``) and what they
print; a block marked ``python`` is run as it stands. ``...`` stands for any text, on a line of its own for any lines.
A block that a reader is asked to add to a file stands under ``<!-- append to: FILE -->`` and is added to it as it stands.
A block that cannot be run in a test stands under a comment ``<!-- not run: why -->``, and the why is required.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

BLOCK = re.compile(
    r"(?P<mark><!-- not run: (?P<why>[^>]*) -->\n+)?```(?P<kind>console|python)\n(?P<body>.*?)```"
    r"|<!-- append to: (?P<file>[^> ]+) -->\n+```\w*\n(?P<lines>.*?)```",
    re.DOTALL,
)


class Example(NamedTuple):
    command: str
    printed: str
    line: int


def examples(page: Path) -> list[Example]:
    """Every command of the page that is to be run, with what it should print."""
    text = page.read_text(encoding="utf-8")
    found: list[Example] = []
    for block in BLOCK.finditer(text):
        if block["mark"]:
            assert block["why"].strip(), f"{page}: say why this block is not run"
            continue
        if block["file"]:
            added = f"cat >> {shlex.quote(block['file'])} <<'END'\n{block['lines']}END"
            found.append(Example(added, "", text.count("\n", 0, block.start()) + 1))
            continue
        first = text.count("\n", 0, block.start("body")) + 1
        if block["kind"] == "python":
            found.append(Example(f"python -c {shlex.quote(block['body'])}", "", first))
            continue
        for offset, line in enumerate(block["body"].splitlines()):
            if line.startswith("$ "):
                found.append(Example(line[2:], "", first + offset))
            elif line.startswith(">") and found and not found[-1].printed:
                found[-1] = found[-1]._replace(command=f"{found[-1].command}\n{line[2:]}")
            else:
                assert found, f"{page}:{first + offset}: output before any command"
                found[-1] = found[-1]._replace(printed=found[-1].printed + line + "\n")
    return found


def run(example: Example, folder: Path) -> str:
    """What the command prints, both streams; AssertionError where a Python block fails. Commands find this environment's programs first."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "COLUMNS": "200",
    }
    done = subprocess.run(
        ["bash", "-c", example.command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0 or not example.command.startswith("python -c"), done.stdout
    return done.stdout


def matches(printed: str, expected: str) -> bool:
    """Whether what was printed is what the page shows; a command shown with no output may print anything."""
    if not expected.strip():
        return True
    return re.fullmatch(_pattern(expected.strip()), printed.strip(), re.DOTALL) is not None


def _pattern(expected: str) -> str:
    lines = []
    for line in expected.splitlines():
        if line.strip() == "...":
            lines.append(r"(?:[^\n]*\n)*?[^\n]*")
        else:
            lines.append(r"[^\n]*?".join(re.escape(piece) for piece in line.rstrip().split("...")) + r"[ ]*")
    return "\n".join(lines)
