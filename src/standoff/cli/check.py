"""`standoff check`."""

from __future__ import annotations

import click

from standoff.cli.options import as_json, case_argument


@click.command(short_help="Report all mistakes in a case at once.")
@case_argument
@as_json
def check(case: str, json_wanted: bool) -> None:
    """Read CASE and report all its mistakes at once, each with file:line:column, why, and what to do.

    Nothing is written. The exit code is 0 when the case can be used, else 2.
    """
    from standoff.cli.text import line, print_json
    from standoff.record import find_case, load_case

    folder = find_case(case)
    record = load_case(folder)
    counts = {
        "events": len(record.events),
        "positions": len(record.positions),
        "series": len(record.series),
        "sources": len(record.sources),
        "claims": len(record.claims.claims),
    }
    if json_wanted:
        print_json({"format": 1, "case": record.case.id, "mistakes": [], "rows": counts})
        return
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    click.echo(f"{line(record.case.id)}: no mistakes ({told})")
