"""What the templates are given: rows of the claims table, figures of harm, links from ids to rows.

No arithmetic beyond sums and counts of what the record holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from standoff.claims.part import ingredients
from standoff.claims.results import Assessment, ClaimResult, Gate, PartResult
from standoff.record.case_schema import SeriesInfo
from standoff.record.claims_schema import Claim
from standoff.record.rows import Event, LedgerRow, Position, Record, SeriesPoint, Source
from standoff.report import words
from standoff.report.model_views import Probability, probability
from standoff.report.text import anchor

ORDER = ("supported", "leans for", "cannot tell", "leans against", "contradicted", "unverified")
AGAINST = ("leans against", "contradicted")
HARM = ("deaths", "hostages", "aid", "prisoners")


class Numbers(NamedTuple):
    """The numbers of one part as text, for a row of the claims table; a dash where the part has none."""

    effect: str
    interval: str
    unit: str
    p: str
    weight: str
    weight_range: str
    share: str
    told: str
    posterior: Probability | None


class AgainstRivals(NamedTuple):
    """The rival that states a claim against the strongest other one, as text for the claims table."""

    own: str
    rival: str
    log10: str
    ahead: str
    passed: bool


class ClaimView(NamedTuple):
    """One claim with its result, the part that decided it, that part's numbers, and its own rival against the others."""

    claim: Claim
    result: ClaimResult
    deciding: PartResult
    numbers: Numbers
    found: str
    failed_gates: int
    against: AgainstRivals | None

    @property
    def anchor(self) -> str:
        return anchor("claim", self.claim.id)


class Figure(NamedTuple):
    """One figure of harm or of people: what, how much, over which reports, and where its values stand."""

    label: str
    value: str
    unit: str
    detail: str
    href: str


class Links:
    """Where each id of the case stands on the page; an id that stands nowhere has no link."""

    def __init__(self, record: Record) -> None:
        self.events: dict[str, Event] = {row.id: row for row in record.events}
        self.positions: dict[str, Position] = {row.id: row for row in record.positions}
        self.points: dict[str, SeriesPoint] = {row.id: row for row in record.series}
        self.sources: dict[str, Source] = {row.id: row for row in record.sources}
        self.ledger: dict[str, LedgerRow] = {row.id: row for row in record.ledger}
        self._actors = {actor.id: actor.name for actor in record.case.actors}

    def row(self, identifier: str) -> str | None:
        """Return the link to an event, position or series point."""
        known = identifier in self.events or identifier in self.positions or identifier in self.points
        return f"#{anchor('row', identifier)}" if known else None

    def named(self, identifier: str) -> Event | Position | None:
        """Return the event or position of an id."""
        return self.events.get(identifier) or self.positions.get(identifier)

    def source(self, identifier: str) -> Source | None:
        return self.sources.get(identifier)

    def evidence(self, identifiers: Iterable[str]) -> list[Event | Position]:
        """Return the events and positions named, in order of date."""
        named = dict.fromkeys(identifiers)
        rows: list[Event | Position] = [self.events[i] for i in named if i in self.events]
        rows += [self.positions[i] for i in named if i in self.positions]
        return sorted(rows, key=lambda row: (row.date, row.id))

    def names(self, identifiers: Iterable[str]) -> str:
        """Return the names of actors, joined."""
        return ", ".join(self._actors.get(i, i) for i in identifiers)


def claim_views(record: Record, assessment: Assessment, shared: str = "") -> tuple[ClaimView, ...]:
    """Return the claims that were assessed, in the order of the case's list; ``shared`` as in `probability`."""
    results = {result.id: result for result in assessment.claims}
    return tuple(
        _view(claim, results[claim.id], shared) for claim in record.claims.claims if claim.id in results
    )


def _view(claim: Claim, result: ClaimResult, shared: str) -> ClaimView:
    part = words.deciding(result)
    failed = sum(not gate.passed for each in result.parts for gate in gates(each))
    return ClaimView(
        claim, result, part, numbers(part, shared), words.found(part), failed, against_rivals(result)
    )


def against_rivals(result: ClaimResult) -> AgainstRivals | None:
    """Return the claim's own rival against the other that stands furthest ahead of it; None where it has none."""
    if not result.rivals:
        return None
    worst = min(result.rivals, key=lambda one: one.log10)
    ahead = sum(one.log10 > 0 for one in result.rivals)
    return AgainstRivals(
        own=", ".join(worst.own),
        rival=worst.rival,
        log10=words.signed(worst.log10),
        ahead=f"ahead of {ahead} of {len(result.rivals)}",
        passed=worst.passed,
    )


def gates(part: PartResult) -> tuple[Gate, ...]:
    """Return the gates of every result of a part."""
    found: tuple[Gate, ...] = ()
    for result in (part.order, part.posterior, part.share, part.ledger):
        if result is not None:
            found += result.gates
    return found


def numbers(part: PartResult, shared: str = "") -> Numbers:
    """Return a part's numbers as text; ``shared`` as in `probability`."""
    effect, interval, unit = _effect(part)
    weight, weight_range = _weight(part)
    return Numbers(
        effect=effect,
        interval=interval,
        unit=unit,
        p=words.probability(part.order.p) if part.order else words.DASH,
        weight=weight,
        weight_range=weight_range,
        share=words.percent(_robust(part)),
        told=words.percent(_told(part)),
        posterior=probability(part.posterior, shared) if part.posterior is not None else None,
    )


def _weight(part: PartResult) -> tuple[str, str]:
    """Weight against the best rival; where the verdict is against, against the equal mixture of rivals, as the rules have it."""
    ledger = part.ledger
    if ledger is None or ledger.middle is None:
        return words.DASH, ""
    best = (ledger.low, ledger.middle, ledger.high)
    mixture = (ledger.mixture_low, ledger.mixture_middle, ledger.mixture_high)
    low, middle, high = mixture if part.verdict.word in AGAINST else best
    return words.signed(middle), f"[{words.signed(low)}, {words.signed(high)}]"


def _effect(part: PartResult) -> tuple[str, str, str]:
    if part.order is not None:
        level = f" ({part.order.interval.level:.0%})" if part.order.interval else ""
        return words.signed(part.order.effect), words.between(part.order.interval) + level, part.order.unit
    if part.share is not None:
        low, high = words.percent(part.share.interval.low), words.percent(part.share.interval.high)
        return (
            words.percent(part.share.share),
            f"{low} to {high} ({part.share.interval.level:.0%})",
            f"of {part.share.units} units",
        )
    return words.DASH, "", ""


def _robust(part: PartResult) -> float | None:
    if part.multiverse is not None:
        return part.multiverse.share_claimed_sign
    return part.share.share_beyond_line if part.share is not None else None


def _told(part: PartResult) -> float | None:
    """The power of the verdict's own side as the rules read it; for *cannot tell* that of the side claimed."""
    read = ingredients(part)
    if "too small" in part.verdict.note:
        return read.tell_small
    return read.tell_against if part.verdict.word in AGAINST else read.tell_for


def tally(views: Iterable[ClaimView]) -> list[tuple[str, list[ClaimView]]]:
    """Return the claims under each verdict word, in the order of the words; empty words stay, for the reader to see."""
    found: dict[str, list[ClaimView]] = {word: [] for word in ORDER}
    for view in views:
        found[view.result.verdict].append(view)
    return [(word, group) for word, group in found.items() if group or word != "unverified"]


def harm(record: Record) -> tuple[Figure, ...]:
    """Return the figures of harm of the core period: deaths, hostages, aid, prisoners, each as its source reports it."""
    figures: list[Figure | None] = []
    for measure in HARM:
        infos = [info for info in record.case.series if info.measures == measure]
        levels = [info for info in infos if info.aggregate == "last"]
        fullest = max(levels, key=lambda info: len(core_points(record, info.id)), default=None)
        # Several counts of one level, on different bases, stand side by side on the series page; here the fullest.
        figures += [_figure(record, info) for info in infos if info not in levels or info is fullest]
    return tuple(figure for figure in figures if figure is not None)


def core_points(record: Record, series: str) -> list[SeriesPoint]:
    """Return a series' points that end in the core period, in order."""
    period = record.case.period
    points = [p for p in record.series if p.series == series and period.start <= p.end <= period.end]
    return sorted(points, key=lambda p: (p.end, p.start, p.id))


def _figure(record: Record, info: SeriesInfo) -> Figure | None:
    points = core_points(record, info.id)
    if not points:
        return None
    href = f"#{anchor('series', info.id)}"
    span = f"{words.day(points[0].start)} to {words.day(points[-1].end)}"
    if info.aggregate == "last":
        value = f"{words.number(points[0].value, 0)} → {words.number(points[-1].value, 0)}"
        return Figure(info.name, value, info.unit, f"first and last report, {span}", href)
    total = sum(p.value for p in points)
    reports = f"{words.plural(len(points), 'value')}, {span}"
    if info.aggregate == "mean":
        return Figure(info.name, words.number(total / len(points)), info.unit, f"mean of {reports}", href)
    return Figure(info.name, words.number(total, 0), info.unit, f"sum of {reports}", href)
