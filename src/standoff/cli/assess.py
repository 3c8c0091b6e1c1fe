"""`standoff assess`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from standoff.cli.options import as_json, case_argument
from standoff.study import DEFAULT_SEED


def _split(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (value or "").split(","))
    if value is not None and not all(names):
        raise click.BadParameter("give claim ids separated by commas, such as A1,B2")
    return names if value is not None else ()


@click.command(short_help="Test every claim of a case and write its report.")
@case_argument
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("runs"),
    show_default=True,
    help="Folder that run folders are written to.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    metavar="N",
    default=DEFAULT_SEED,
    show_default=True,
    help="Root of all randomness; the same seed gives the same bytes.",
)
@click.option("--claims", callback=_split, metavar="IDS", help="Test only these claims, such as A1,B2.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    metavar="N",
    default=min(2, os.cpu_count() or 1),
    show_default="2, or 1 on one processor",
    help="Processes to test in; results do not hang on it.",
)
@click.option(
    "--full",
    is_flag=True,
    help="Sample the game's posteriors under every rival, in place of quick fits (many minutes); what it made is used from then on.",
)
@click.option(
    "--priors",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also fit the reduced form under priors from elsewhere: a YAML file, or the NetCDF posterior of another case. They enter no verdict.",
)
@click.option("--quiet", is_flag=True, help="Say nothing while working.")
@as_json
def assess(
    case: str,
    out: Path,
    seed: int,
    claims: tuple[str, ...],
    workers: int,
    full: bool,
    priors: Path | None,
    quiet: bool,
    json_wanted: bool,
) -> None:
    """Test every claim of CASE, print the verdicts, and write tables, charts and a one-file report.

    CASE is the name of a case that ships, or a folder. Stopped at any moment, the same command goes on from there;
    a run that is finished and unchanged is shown again at once.
    """
    from standoff.api import assess as run_assessment
    from standoff.cli.progress import watching
    from standoff.cli.text import print_json
    from standoff.cli.verdicts import show

    with watching(quiet) as progress:
        run = run_assessment(
            case,
            out,
            seed=seed,
            claims=claims,
            workers=workers,
            full=full,
            priors=priors,
            progress=progress,
        )
    if json_wanted:
        print_json(run.summary | {"folder": str(run.folder), "report": str(run.report), "reused": run.reused})
    else:
        show(run)
