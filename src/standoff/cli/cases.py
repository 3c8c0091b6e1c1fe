"""`standoff cases`."""

from __future__ import annotations

import click

from standoff.cli.options import as_json


@click.command(short_help="List the cases that ship with the package.")
@as_json
def cases(json_wanted: bool) -> None:
    """List the cases that ship with the package, by the name that other commands take."""
    from standoff.cli.text import print_json
    from standoff.record import find_case, shipped_cases

    names = shipped_cases()
    if json_wanted:
        print_json({"format": 1, "cases": [{"name": name, "folder": str(find_case(name))} for name in names]})
        return
    for name in names:
        click.echo(name)
