"""The verbs of the public face, and the one place where a run (study) meets its pages (report).

Nothing heavy is loaded before a verb is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standoff.study import DEFAULT_SEED, Listener, Run
from standoff.study import assess as _assess

if TYPE_CHECKING:
    import xarray

    from standoff.claims.results import Assessment
    from standoff.errors import Mistake
    from standoff.inference.learned import Learned
    from standoff.record.rows import Record
    from standoff.study import Picture

Place = str | PathLike[str]


def assess(
    case: Place,
    out: Place = "runs",
    *,
    seed: int = DEFAULT_SEED,
    claims: Iterable[str] = (),
    workers: int = 1,
    full: bool = False,
    priors: Place | None = None,
    progress: Listener | None = None,
) -> Run:
    """Test every claim of a case (or those named) and write its run folder under ``out``; go on where one stopped.

    ``full`` samples the game's posteriors; a finished full run is used from then on. ``priors``: a YAML file of priors, or
    the NetCDF posterior of another case; what they give stands beside the default's and enters no verdict.

    Raises:
        NotFoundError: no such case or claim.
        CaseError: the case has mistakes; nothing is written.
        PriorsError, SettingsError: priors that cannot be used.
        RunError: the folder cannot be written, is in use, or the case changed meanwhile.
    """
    return _assess(
        str(case),
        Path(out),
        seed,
        progress,
        pages=_ReportPages(),
        claims=tuple(claims),
        workers=workers,
        full=full,
        priors=None if priors is None else Path(priors),
    )


def load(case: Place) -> Record:
    """The record of a case, by the name of one that ships or by its folder; CaseError with all its mistakes."""
    from standoff.record import find_case, load_case

    return load_case(find_case(str(case)))


def check(case: Place) -> tuple[Mistake, ...]:
    """Every mistake in a case, in file order; none means that it can be used."""
    from standoff.record import check_case, find_case

    return check_case(find_case(str(case)))


def save(record: Record, folder: Place) -> None:
    """Write a record as a case folder that reads back the same."""
    from standoff.record import save_case

    save_case(record, Path(folder))


def new(folder: Place) -> None:
    """Begin a case in a new folder, from a worked example."""
    from standoff.record import scaffold_case

    scaffold_case(Path(folder))


def cases() -> tuple[str, ...]:
    """Names of the cases that ship with the package."""
    from standoff.record import shipped_cases

    return shipped_cases()


class _ReportPages:
    """The report room as what draws a run."""

    def charts(
        self, record: Record, panel: xarray.Dataset, assessment: Assessment, learned: Learned | None
    ) -> Mapping[str, Picture]:
        from standoff.report import charts

        return charts(record, panel, assessment, learned)

    def report(
        self,
        record: Record,
        panel: xarray.Dataset,
        assessment: Assessment,
        manifest: Mapping[str, Any],
        charts: Mapping[str, Any],
        learned: Learned | None,
    ) -> str:
        from standoff.report import render_report

        return render_report(record, panel, assessment, manifest, charts, learned)
