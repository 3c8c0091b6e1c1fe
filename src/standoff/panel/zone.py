"""The zone of possible agreement, read off the recorded positions issue by issue, with what is not known left open.

On an issue where the holder wants a high level and the coercer a low one, a demand of h says that the holder
takes any level from h up, an offer of c that the coercer grants any level up to c. They meet where c >= h; the
gap is h - c points, and below zero it is room to spare. Issues are never averaged here: a line over whatever
happened to be recorded would draw a change of what was recorded as a change of terms.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from standoff.panel.days import WEEK
from standoff.panel.options import Options, baseline_options
from standoff.panel.stance import Level, levels
from standoff.record.case_schema import Issue, Side
from standoff.record.rows import Record

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The latest recorded level of one side on one issue, the hull of both readings of it, and the rows behind it."""

    level: float
    low: float
    high: float
    since: date
    rows: tuple[str, ...]

    def age(self, when: date) -> int:
        """Days since it was recorded."""
        return (when - self.since).days


@dataclass(frozen=True, slots=True)
class ZoneSpan:
    """One issue over the days `start` to `end` (both included), through which what is known does not change."""

    issue: str
    start: date
    end: date
    holder: Recorded | None  # None: nothing recorded, or too old, or from before a restart of the talks
    coercer: Recorded | None
    state: Literal["meet", "gap", "unknown"]
    gap: float | None  # points of 100 between demand and offer; zero or less where they meet
    gap_low: float | None  # hull over the readings
    gap_high: float | None


def zone(record: Record, options: Options | None = None) -> tuple[ZoneSpan, ...]:
    """The zone of possible agreement: issues in the case's order, the spans of each in order of time.

    The spans of an issue cover the core period without overlap. A position counts for
    `stance.zone_valid_weeks` weeks from its date, until the side's next one, or until talks restart.
    """
    options = options or baseline_options(record.case)
    spans: list[ZoneSpan] = []
    holder, coercer = (_recorded(record, side, options) for side in ("holder", "coercer"))
    for issue in record.case.issues:
        spans.extend(_issue_spans(record, issue, holder.get(issue.id, ()), coercer.get(issue.id, ())))
    return tuple(spans)


def _recorded(record: Record, side: Side, options: Options) -> dict[str, tuple[Recorded, ...]]:
    """What each issue's positions said, oldest first, with the hull of the two readings."""
    chosen = levels(record, side, options)
    others = [levels(record, side, options._replace(reading=reading)) for reading in ("first", "second")]
    return {
        issue: tuple(
            _with_hull(level, when, [other[issue][when] for other in others if when in other.get(issue, {})])
            for when, level in sorted(dates.items())
        )
        for issue, dates in chosen.items()
    }


def _with_hull(level: Level, when: date, readings: list[Level]) -> Recorded:
    read = [reading.value for reading in readings]
    return Recorded(level.value, min(read), max(read), when, level.rows)


def _issue_spans(
    record: Record, issue: Issue, holder: tuple[Recorded, ...], coercer: tuple[Recorded, ...]
) -> list[ZoneSpan]:
    starts = _changes(record, (*holder, *coercer))
    ends = [start - DAY for start in starts[1:]] + [record.case.period.end]
    spans: list[ZoneSpan] = []
    for start, end in zip(starts, ends, strict=True):
        span = _span(issue, start, end, _standing(record, holder, start), _standing(record, coercer, start))
        if spans and (spans[-1].holder, spans[-1].coercer) == (span.holder, span.coercer):
            spans[-1] = replace(spans[-1], end=end)
        else:
            spans.append(span)
    return spans


def _changes(record: Record, positions: Iterable[Recorded]) -> list[date]:
    """First days of the core on which something may change: a position, its running out, a restart."""
    period, validity = record.case.period, _validity(record)
    days = {period.start, *record.case.stance.restarts}
    for position in positions:
        days |= {position.since, position.since + validity + DAY}
    return sorted(day for day in days if period.start <= day <= period.end)


def _validity(record: Record) -> timedelta:
    return timedelta(days=record.case.stance.zone_valid_weeks * WEEK)


def _standing(record: Record, positions: tuple[Recorded, ...], when: date) -> Recorded | None:
    """The last position that still counts on a day."""
    restart = max((day for day in record.case.stance.restarts if day <= when), default=date.min)
    past = [position for position in positions if restart <= position.since <= when]
    if past and when - past[-1].since <= _validity(record):
        return past[-1]
    return None


def _span(
    issue: Issue, start: date, end: date, holder: Recorded | None, coercer: Recorded | None
) -> ZoneSpan:
    if holder is None or coercer is None:
        return ZoneSpan(issue.id, start, end, holder, coercer, "unknown", None, None, None)
    gap, low, high = _gap(issue, holder, coercer)
    return ZoneSpan(issue.id, start, end, holder, coercer, "gap" if gap > 0 else "meet", gap, low, high)


def _gap(issue: Issue, holder: Recorded, coercer: Recorded) -> tuple[float, float, float]:
    """Gap, lowest gap and highest gap over the readings; two sides that want the same always meet."""
    if issue.holder_wants == issue.coercer_wants:
        return 0.0, 0.0, 0.0
    if issue.holder_wants == "low":
        holder, coercer = coercer, holder
    return holder.level - coercer.level, holder.low - coercer.high, holder.high - coercer.low
