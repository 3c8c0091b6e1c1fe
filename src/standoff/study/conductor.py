"""`assess`: one run of one case from its files to its report, doing only what is missing.

Light on purpose: a run that is finished is recognised by hashes alone, without reading the case or loading
anything that computes (see `work.py` for the rest).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from standoff.errors import RunError, SettingsError
from standoff.study.folder import RunFolder, only_writer, point_latest, read_json
from standoff.study.identity import Settings, hash_file, hash_inputs, identify
from standoff.study.progress import Listener, silence

if TYPE_CHECKING:
    import xarray

    from standoff.claims.results import Assessment
    from standoff.inference.learned import Learned
    from standoff.record.rows import Record

DEFAULT_SEED = 1
DEFAULT_OUT = Path("runs")


class Picture(Protocol):
    """A chart as the run folder stores it: a Vega-Lite specification with its data, and its static drawing."""

    @property
    def spec(self) -> dict[str, Any]: ...
    @property
    def svg(self) -> str: ...


class Pages(Protocol):
    """What draws a run. The report room fits; study does not know it, since the two are siblings."""

    def charts(
        self, record: Record, panel: xarray.Dataset, assessment: Assessment, learned: Learned | None
    ) -> Mapping[str, Picture]: ...

    def report(
        self,
        record: Record,
        panel: xarray.Dataset,
        assessment: Assessment,
        manifest: Mapping[str, Any],
        charts: Mapping[str, Any],
        learned: Learned | None,
    ) -> str: ...


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: its folder, and whether this call found it finished already."""

    folder: Path
    reused: bool

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    @property
    def summary(self) -> dict[str, Any]:
        """What the terminal prints and `--json` gives (docs/reference/json.md)."""
        return self._stored("summary.json")

    @property
    def manifest(self) -> dict[str, Any]:
        """What the run depended on and what it made (docs/reference/run-folder.md)."""
        return self._stored("manifest.json")

    @property
    def assessment(self) -> Assessment:
        """Every claim with its tests and verdict, as the claims room gave it."""
        from standoff.study.codec import assessment_from_json

        return assessment_from_json((self.folder / "assessment.json").read_bytes())

    def _stored(self, name: str) -> dict[str, Any]:
        stored = read_json(self.folder / name)
        if stored is None:
            raise RunError(
                f"cannot read {self.folder / name}",
                "it is not there, or was changed",
                "run `standoff assess` again: it makes again what is missing",
            )
        return stored


def assess(
    case: str,
    out: Path | None = None,
    seed: int = DEFAULT_SEED,
    progress: Listener | None = None,
    *,
    pages: Pages,
    claims: tuple[str, ...] = (),
    workers: int = 1,
    full: bool = False,
    priors: Path | None = None,
) -> Run:
    """Test every claim of a case (or those named) and write the run folder; continue what was begun.

    Runs of other files, settings, seeds or versions have other folders, so none overwrites another. With
    ``workers`` above 1 the parts are tested in that many processes; the bytes are the same. ``full`` samples the game's
    posteriors; a finished full run is used from then on where a quick one is asked for. ``priors``: a file of priors from
    elsewhere, whose results stand beside the default's and enter no verdict.

    Raises:
        NotFoundError: no such case or claim.
        CaseError: the case has mistakes (all of them; nothing is written).
        SettingsError: the run would be written into the case; priors that cannot serve here.
        PriorsError: mistakes in the file of priors.
        RunError: the folder cannot be written, is in use, or the case changed meanwhile.
    """
    from standoff.record import find_case

    listener = progress or silence
    source = find_case(case)
    elsewhere = _hash_priors(priors)
    identity = identify(source, Settings(seed, tuple(sorted(set(claims))), full, elsewhere))
    place = (out or DEFAULT_OUT) / source.resolve().name
    if place.resolve() == source.resolve():
        raise SettingsError(
            f"the run would be written into the case itself, {source}",
            "a case is only ever read",
            "choose another folder with --out",
        )
    path = place / identity.digest[:12]
    folder = RunFolder(path, identity.digest)
    for made in (identity.in_full(), identity) if priors is None or elsewhere else ():
        known = place / made.digest[:12]
        if RunFolder(known, made.digest).finished():
            point_latest(known)
            return Run(known, reused=True)

    from standoff.study.work import read, read_priors, work

    record = read(source, identity.settings.claims, listener)
    informed = None if priors is None else read_priors(priors, record)
    if _hash_priors(priors) != elsewhere:
        raise RunError(
            f"{priors} changed while it was read", "", "run the same command again when it is saved"
        )
    if hash_inputs(source) != identity.inputs:
        raise RunError(
            f"{source} changed while it was read", "", "run the same command again when it is saved"
        )
    with only_writer(path):
        if not folder.finished():  # else another process ended it while this one waited to begin
            folder.mend()
            work(folder, record, identity, pages, workers, listener, informed)
        point_latest(path)
    return Run(path, reused=False)


def _hash_priors(priors: Path | None) -> str:
    """SHA-256 of the file of priors; empty where there is none, or where its reader will say why it cannot be read."""
    if priors is None or not priors.is_file() or not os.access(priors, os.R_OK):
        return ""
    return hash_file(priors)
