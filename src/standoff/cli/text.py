"""Text on a terminal: nothing from a case can steer it, and a table reads the same in a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import click

from standoff.report.text import shown


def line(text: str) -> str:
    """Text fit for one line of a terminal: controls spelt out, line breaks turned into spaces."""
    return " ".join(shown(text).split())


def on_terminal() -> bool:
    return sys.stdout.isatty()


def print_json(value: Any) -> None:
    """The one spelling of every command's `--json`."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns padded with spaces, the last one left ragged; the first row is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
