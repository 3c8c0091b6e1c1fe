"""The steps of a run, each stored as soon as it is done: tests, verdicts, tables, charts, report, manifest."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standoff.errors import NotFoundError, SettingsError
from standoff.study.codec import assessment_from_json, assessment_to_json, learned_to_json
from standoff.study.folder import RunFolder
from standoff.study.identity import Identity, canonical
from standoff.study.manifest import manifest
from standoff.study.parts import run_parts, wants_models
from standoff.study.progress import Listener, Progress
from standoff.study.summary import summarise
from standoff.study.tables import tables
from standoff.study.timings import Timings

if TYPE_CHECKING:
    import xarray

    from standoff.claims.results import Assessment
    from standoff.inference.informed import Informed
    from standoff.record.rows import Record
    from standoff.study.conductor import Pages, Picture

Files = Mapping[str, bytes]


def read(source: Path, claims: tuple[str, ...], listener: Listener) -> Record:
    """The record of a case, with the claims that were asked for, in the case's order; none named means all.

    Raises:
        CaseError: the case has mistakes.
        NotFoundError: a claim that the case does not have.
    """
    from standoff.record import load_case

    listener(Progress("read", 0, 1, source.name))
    # The name, not the path: where a case lies must not reach a result.
    record = dataclasses.replace(load_case(source), folder=source.resolve().name)
    listener(Progress("read", 1, 1, source.name))
    known = [claim.id for claim in record.claims.claims]
    unknown = [name for name in claims if name not in known]
    if unknown:
        raise _no_claims(record, unknown, known)
    if not claims:
        return record
    chosen = tuple(claim for claim in record.claims.claims if claim.id in claims)
    return dataclasses.replace(record, claims=record.claims.model_copy(update={"claims": chosen}))


def _no_claims(record: Record, unknown: list[str], known: list[str]) -> NotFoundError:
    from standoff.record.codes import did_you_mean, shown

    parts = {part.id: claim.id for claim in record.claims.claims for part in claim.parts}
    hints = [
        f"{shown(name)} is a part of {parts[name]}" if name in parts else did_you_mean(name, tuple(known))
        for name in unknown
    ]
    return NotFoundError(
        f"no claim {', '.join(map(shown, unknown))} in {record.case.id}",
        "; ".join([*filter(None, hints), f"it has: {', '.join(known) or 'none'}"]),
        "name claims by their id, separated by commas",
    )


def read_priors(path: Path, record: Record) -> Informed:
    """Priors from elsewhere for a record.

    Raises:
        PriorsError: mistakes in the file.
        SettingsError: a posterior that cannot serve, or a case in which no model is fitted.
        RunError: a posterior that is damaged.
    """
    from standoff.study.worker import one_thread_each

    if not wants_models(record):
        raise SettingsError(
            f"priors cannot serve {record.case.id}",
            "no model is fitted: the case has no block `game`, or no claim to be tested has an effect on a stance",
            "leave out --priors, or write the block `game` in case.yaml",
        )
    one_thread_each()  # before compiled arrays are loaded, as in every process
    from standoff.inference.informed import read_informed

    return read_informed(path, record.case.id)


def work(
    folder: RunFolder,
    record: Record,
    identity: Identity,
    pages: Pages,
    workers: int,
    listener: Listener,
    informed: Informed | None = None,
) -> None:
    """Do every step that the folder does not have yet; stopped anywhere, a later call goes on from there."""
    timings = Timings(folder)
    unfinished = manifest(record, identity, "unfinished")
    folder.write("manifest.json", canonical(unfinished))
    desk = _Desk(folder, timings, listener)

    settings = identity.settings
    tested = run_parts(folder, record, settings.seed, settings.full, workers, timings, listener, informed)

    def verdicts() -> Files:
        from standoff.claims import conclude

        concluded = _with_warning(
            conclude(record, tested.parts, identity.settings.seed, tested.learned), identity
        )
        models = {} if tested.learned is None else {"models.json": learned_to_json(tested.learned)}
        return models | {
            "assessment.json": assessment_to_json(concluded),
            "summary.json": canonical(summarise(record, concluded, identity, tested.learned)),
        }

    desk.step("verdicts", verdicts)
    # Read back even when fresh, so that what is drawn never differs between a first call and a later one.
    assessment = assessment_from_json((folder.path / "assessment.json").read_bytes())
    told = manifest(record, identity, "complete", assessment)

    @cache
    def panel() -> xarray.Dataset:
        from standoff.panel import build_panel

        return timings.timed("panel", lambda: build_panel(record))

    @cache
    def drawn() -> Mapping[str, Any]:
        return timings.timed("draw", lambda: pages.charts(record, panel(), assessment, tested.learned))

    def page() -> Files:
        return {
            "report.html": pages.report(record, panel(), assessment, told, drawn(), tested.learned).encode()
        }

    desk.step("tables", lambda: tables(record, panel(), assessment, tested.learned))
    if tested.files:
        desk.step("posteriors", lambda: tested.files)
    desk.step("charts", lambda: chart_files(drawn()))
    desk.step("report", page)
    timings.end()
    folder.write("manifest.json", canonical(told | {"files": folder.listing()}))


def chart_files(charts: Mapping[str, Picture]) -> Files:
    """Each chart as its Vega-Lite specification and as its drawing."""
    files = {}
    for name, chart in charts.items():
        files[f"charts/{name}.vl.json"] = canonical(chart.spec)
        files[f"charts/{name}.svg"] = chart.svg.encode()
    return files


@dataclasses.dataclass(frozen=True, slots=True)
class _Desk:
    folder: RunFolder
    timings: Timings
    listener: Listener

    def step(self, name: str, make: Callable[[], Files]) -> None:
        """Make and keep the files of one step, unless they are there."""
        self.listener(Progress(name, 0, 1, ""))
        if self.folder.done(name) is None:
            self.folder.keep(name, self.timings.timed(name, make))
        self.listener(Progress(name, 1, 1, ""))


def _with_warning(assessment: Assessment, identity: Identity) -> Assessment:
    if not identity.settings.claims:
        return assessment
    warning = (
        f"only {', '.join(identity.settings.claims)} tested, as asked: "
        "the correction for many tests counts these alone, so a verdict can be milder in a run of all claims"
    )
    return dataclasses.replace(assessment, warnings=(*assessment.warnings, warning))
