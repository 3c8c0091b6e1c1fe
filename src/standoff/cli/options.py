"""What several commands take: the case, and `--json`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def case_argument(command: Command) -> Command:
    """CASE: the name of a case that ships, or a folder."""
    return click.argument("case", metavar="CASE")(command)


def as_json(command: Command) -> Command:
    """--json: the same answer for a program to read."""
    option = click.option(
        "--json", "json_wanted", is_flag=True, help="Print the answer as JSON (docs/reference/json.md)."
    )
    return option(command)
