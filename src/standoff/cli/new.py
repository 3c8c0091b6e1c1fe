"""`standoff new`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from standoff.cli.options import as_json


@click.command(short_help="Begin a case of your own from a worked example.")
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@as_json
def new(folder: Path, json_wanted: bool) -> None:
    """Write a small worked example of a case into FOLDER, which must not exist yet or be empty.

    It passes `standoff check` as it stands; change it row by row into the case you have.
    """
    from standoff.cli.text import line, print_json
    from standoff.record import scaffold_case

    scaffold_case(folder)
    files = sorted(path.name for path in folder.iterdir())
    if json_wanted:
        print_json({"format": 1, "folder": str(folder), "files": files})
        return
    click.echo(f"{line(str(folder))} is begun: {', '.join(files)}")
    click.echo(f"next: standoff check {line(shlex.quote(str(folder)))}")
