"""The weekly record of a standoff: what the game and its reduced form read, week by week, with what was not seen.

One row a week. Nothing is filled in: an unseen value is NaN (or -1 where it is a category), and the models
leave it out or average over it. Maps from rows to states are the case's own block `game`; docs/reference/measures.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from standoff.errors import SettingsError
from standoff.panel.agreement import level_pairs
from standoff.panel.days import WEEK, BoolArray, FloatArray, IntArray, day_of, in_core, length_weeks
from standoff.panel.decay import HALF_LIFE, peak, stock
from standoff.panel.options import Options, baseline_options
from standoff.panel.series import series_points
from standoff.panel.signals import PARTISAN, select_events
from standoff.panel.stance import levels
from standoff.record.case_schema import GameMaps, Selector, Side
from standoff.record.rows import Record

SIGNALS = ("support", "none", "criticism", "both", "costly criticism")
SUPPORT, NONE, CRITICISM, BOTH, COSTLY = range(5)
STALLED_WEEKS = 4  # after a refusal talks are stalled for so long; the middle of the response windows
BLOCK_WEEKS = 4  # and a domestic block stands for so long
CONFIDENCE = {"high": 1.0, "medium": 0.7, "low": 0.4}
PARTISAN_WEIGHT = 0.7  # of a position whose first source is a partisan or state outlet
MISCODED = (
    0.5  # added to every cell of the table of two readings, so that no error is ruled out by a small table
)
ENDURANCE_LEVELS = 6
PRESSURE_LEVELS = 4
GROUPS = 3


@dataclass(frozen=True)
class Stances:
    """One side's stance: ``category`` (T,) index into ``levels`` or -1 unseen; ``weight`` (T,) 0 to 1 by confidence and
    source; ``levels`` (L,) ascending, 100 = the holder's furthest demand; ``confusion`` (L, L) chance of the recorded
    level (column) given the true one (row); ``standing`` (T,) last level recorded before the week, NaN unknown."""

    category: IntArray
    weight: FloatArray
    levels: FloatArray
    confusion: FloatArray
    standing: FloatArray


@dataclass(frozen=True)
class WeeklyRecord:
    """The weekly record; T weeks from the first day of the core period.

    ``at_risk`` (T,) a deal could be made; ``spell`` (T,) its number or -1; ``deal``, ``forced_end``, ``collapse`` (T,)
    1 in the week that ended a spell so; ``span`` (T,) weeks among which that end lies, 1 where its day is known (the
    weeks before the last of them are then not at risk); ``signal`` (T,) index into SIGNALS; ``private`` (T,) 0/1;
    ``force`` (T,) 0-2 or -1; ``block``, ``stalled``, ``calendar`` (T,) 0/1; ``shock``, ``outside`` (T,) decaying
    stocks; ``harm``, ``aid`` (T,) standardised logs of weekly deaths and trucks, NaN unseen; ``holder``,
    ``coercer`` stances; ``terms`` (T,) the coercer's level in force, NaN unknown; ``deaths`` (T,) 1 where hostages
    died, spread over ``death_first``..``death_last`` weeks; ``endurance`` (T, 6) chances of each level;
    ``pressure``, ``groups`` (T,) states of the game; ``time`` (T,) weeks since the spell began over 52.
    """

    case: str
    at_risk: BoolArray
    spell: IntArray
    deal: FloatArray
    forced_end: FloatArray
    collapse: FloatArray
    span: FloatArray
    signal: IntArray
    private: FloatArray
    force: IntArray
    block: FloatArray
    stalled: FloatArray
    calendar: FloatArray
    shock: FloatArray
    outside: FloatArray
    harm: FloatArray
    aid: FloatArray
    holder: Stances
    coercer: Stances
    terms: FloatArray
    deaths: FloatArray
    death_windows: tuple[tuple[int, int], ...]
    endurance: FloatArray
    pressure: IntArray
    groups: IntArray
    time: FloatArray
    generous_from: float

    @property
    def weeks(self) -> int:
        return len(self.at_risk)


def weekly_record(
    record: Record, options: Options | None = None, without: frozenset[str] = frozenset()
) -> WeeklyRecord:
    """Read a record as weekly states under one combination of coding choices (the case's baseline unless given).

    ``without`` names events that are left out of signals, blocks, shocks and pressure from outside, to see what hangs
    on them; spells, force and positions stay.

    Raises:
        SettingsError: the case has no block `game`.
    """
    maps = record.case.game
    if maps is None:
        raise SettingsError(
            f"{record.case.id} does not say how its record is read as a game",
            "no model can be fitted without it",
            "write the block `game` in case.yaml (docs/how-to/write-your-own-case.md)",
        )
    options = options or baseline_options(record.case)
    if without:
        record = replace(record, events=tuple(event for event in record.events if event.id not in without))
    weeks = length_weeks(record)
    spells = _spells(record, maps, weeks)
    force = _force(record, weeks)
    aid = _logged(record, maps.aid, weeks)
    windows = tuple(_window(record, d.first, d.last) for d in maps.deaths)
    return WeeklyRecord(
        case=record.case.id,
        at_risk=spells.at_risk,
        spell=spells.spell,
        deal=spells.ends["deal"],
        forced_end=spells.ends["forced-end"],
        collapse=spells.ends["collapse"],
        span=spells.span,
        signal=_signal(record, maps, options, weeks),
        private=_any(record, maps.private, options, weeks),
        force=force,
        block=_standing(_blocks(record, options, weeks), BLOCK_WEEKS),
        stalled=_standing(_any(record, maps.refusals, options, weeks), STALLED_WEEKS),
        calendar=_calendar(record, weeks),
        shock=_shocks(record, weeks),
        outside=_scaled(stock(_count(record, maps.outside_pressure, options, weeks))),
        harm=_logged(record, maps.harm, weeks),
        aid=aid,
        holder=_stances(record, "holder", maps, options, weeks),
        coercer=_stances(record, "coercer", maps, options, weeks),
        terms=_terms(record, maps, options, weeks),
        deaths=_deaths(windows, weeks),
        death_windows=windows,
        endurance=endurance_chances(force, _flow(record, maps.aid, weeks)),
        pressure=_pressure(stock(_count(record, maps.outside_pressure, options, weeks))),
        groups=_groups(record, maps, spells.spell, weeks),
        time=spells.time,
        generous_from=maps.terms.generous_from,
    )


class _Spells(NamedTuple):
    spell: IntArray
    at_risk: BoolArray
    time: FloatArray
    span: FloatArray
    ends: dict[str, FloatArray]


def _spells(record: Record, maps: GameMaps, weeks: int) -> _Spells:
    spell = np.full(weeks, -1, dtype=np.int64)
    at_risk = np.zeros(weeks, dtype=np.bool_)
    time, span = np.zeros(weeks), np.ones(weeks)
    ends = {how: np.zeros(weeks) for how in ("deal", "forced-end", "collapse", "open")}
    for number, one in enumerate(maps.spells):
        first, last = _window(record, one.start, one.end)
        first = first if spell[first] < 0 else first + 1  # a week belongs to the spell that it begins in
        spell[first : last + 1] = number
        at_risk[first : last + 1] = True
        time[first : last + 1] = np.arange(last + 1 - first) / 52.0
        ends[one.ended][last] = 1.0
        if one.end_first is not None:
            earliest = max(day_of(record, one.end_first) // WEEK, first)
            at_risk[earliest:last] = False
            span[last] = last - earliest + 1
    return _Spells(spell, at_risk, time, span, ends)


def _window(record: Record, first: object, last: object) -> tuple[int, int]:
    return day_of(record, first) // WEEK, day_of(record, last) // WEEK  # type: ignore[arg-type]


def _count(record: Record, selector: Selector, options: Options, weeks: int) -> FloatArray:
    counts = np.zeros(weeks)
    for event in select_events(record, selector, options):
        counts[day_of(record, event.date) // WEEK] += 1
    return counts


def _any(record: Record, selector: Selector, options: Options, weeks: int) -> FloatArray:
    return np.minimum(_count(record, selector, options, weeks), 1.0)


def _signal(record: Record, maps: GameMaps, options: Options, weeks: int) -> IntArray:
    support = _any(record, maps.signals.support, options, weeks) > 0
    critic = _any(record, maps.signals.criticism, options, weeks) > 0
    costly = _any(record, maps.signals.costly, options, weeks) > 0
    signal = np.where(support & critic, BOTH, np.where(support, SUPPORT, np.where(critic, CRITICISM, NONE)))
    return np.where(costly, COSTLY, signal).astype(np.int64)


def _blocks(record: Record, options: Options, weeks: int) -> FloatArray:
    if record.case.domestic_blocks is None:
        return np.zeros(weeks)
    return _any(record, record.case.domestic_blocks, options, weeks)


def _standing(marks: FloatArray, weeks: int) -> FloatArray:
    """1 in a marked week and the weeks after it, ``weeks`` in all."""
    held = np.zeros_like(marks)
    for week in np.flatnonzero(marks):
        held[week : week + weeks] = 1.0
    return held


def _calendar(record: Record, weeks: int) -> FloatArray:
    marks = np.zeros(weeks)
    for entry in record.case.calendar:
        if in_core(record, entry.date):
            marks[day_of(record, entry.date) // WEEK] = 1.0
    return marks


def _shocks(record: Record, weeks: int) -> FloatArray:
    """Sum over the declared shocks of an impulse of one that fades."""
    dated = {event.id: event for event in record.events if in_core(record, event.date)}
    impulses = np.zeros((weeks, len(record.case.shocks)))
    for column, shock in enumerate(record.case.shocks):
        for name in shock.events:
            if name in dated:
                impulses[day_of(record, dated[name].date) // WEEK, column] = 1.0
    return np.asarray(peak(impulses, HALF_LIFE).sum(axis=1))


def _scaled(values: FloatArray) -> FloatArray:
    """Centred and divided by the standard deviation over the weeks seen; a constant becomes zero."""
    spread = float(np.nanstd(values)) if np.any(~np.isnan(values)) else 0.0
    if spread == 0.0:
        return np.where(np.isnan(values), np.nan, 0.0)
    return np.asarray((values - np.nanmean(values)) / spread)


def _logged(record: Record, series: str | None, weeks: int) -> FloatArray:
    values = np.full(weeks, np.nan)
    if series is not None:
        points = series_points(record, series)
        values[points.days // WEEK] = np.log1p(points.values)
    return _scaled(values)


def _force(record: Record, weeks: int) -> IntArray:
    """Highest level in force on any day of the week; -1 before the first span."""
    force = np.full(weeks, -1, dtype=np.int64)
    spans = sorted(record.case.pressure, key=lambda span: span.start)
    ends = [span.start - timedelta(days=1) for span in spans[1:]] + [record.case.period.end]
    for span, end in zip(spans, ends, strict=True):
        first, last = _window(record, span.start, end)
        force[max(first, 0) : last + 1] = np.maximum(force[max(first, 0) : last + 1], span.level)
    return force


def _stances(record: Record, side: Side, maps: GameMaps, options: Options, weeks: int) -> Stances:
    issue = maps.terms.issue
    issue_levels = {i.id: i for i in record.case.issues}[issue].levels
    ladder = np.array(sorted(one.level for one in issue_levels))
    recorded = levels(record, side, options).get(issue, {})
    category = np.full(weeks, -1, dtype=np.int64)
    weight, standing = np.zeros(weeks), np.full(weeks, np.nan)
    rows = {row.id: row for row in record.positions}
    partisan = {source.id for source in record.sources if source.quality == PARTISAN}
    for when, level in sorted(recorded.items()):
        week = day_of(record, when) // WEEK
        category[week] = int(np.argmin(np.abs(ladder - level.value)))
        kept = [rows[name] for name in level.rows]
        weight[week] = np.mean(
            [CONFIDENCE[r.confidence] * (PARTISAN_WEIGHT if r.source[0] in partisan else 1.0) for r in kept]
        )
        standing[week + 1 :] = level.value
    return Stances(category, weight, ladder, _confusion(record, issue, ladder), standing)


def _confusion(record: Record, issue: str, ladder: FloatArray) -> FloatArray:
    """Chance of the recorded level given the true one, from the two readings: counts both ways, MISCODED of a neighbour."""
    near = np.abs(np.subtract.outer(np.arange(len(ladder)), np.arange(len(ladder))))
    table = np.where(near == 0, 1.0, 0.0) + MISCODED * (near == 1) / 2
    for one, two in level_pairs(record).get(issue, []):
        i, j = (int(np.argmin(np.abs(ladder - value))) for value in (one, two))
        table[i, j] += 0.5
        table[j, i] += 0.5
    result: FloatArray = table / table.sum(axis=1, keepdims=True)
    return result


def _terms(record: Record, maps: GameMaps, options: Options, weeks: int) -> FloatArray:
    """The coercer's last bargaining level, as it stands for the weeks that the case declares and within its spell."""
    terms = np.full(weeks, np.nan)
    recorded = levels(record, "coercer", options).get(maps.terms.issue, {})
    for when, level in sorted(recorded.items()):
        week = day_of(record, when) // WEEK
        terms[week : week + record.case.stance.zone_valid_weeks] = level.value
        for restart in record.case.stance.restarts:
            if when < restart:
                terms[day_of(record, restart) // WEEK :] = np.nan
    return terms


def _deaths(windows: tuple[tuple[int, int], ...], weeks: int) -> FloatArray:
    marks = np.zeros(weeks)
    for first, last in windows:
        if first == last:
            marks[first] = 1.0
    return marks


def endurance_chances(force: IntArray, flow: FloatArray) -> FloatArray:
    """Chances of each level of endurance, a function of the record: fed by aid, worn by force, by the baseline's kernel.

    Up with weight .55 aid, down with weight .28 m + .25 x .55, weights divided by their sum above 1, no move beyond
    the ends, from level 4; unseen aid is the baseline's .6 - .2 m (model.md, section 2).
    """
    chances = np.zeros((len(force), ENDURANCE_LEVELS))
    here = np.eye(ENDURANCE_LEVELS)[4]
    for week in range(len(force)):
        chances[week] = here
        m = max(int(force[week]), 0)
        aid = 0.6 - 0.2 * m if np.isnan(flow[week]) else float(np.clip(flow[week], 0.0, 1.5))
        up, down = 0.55 * aid, 0.28 * m + 0.25 * 0.55
        up, down = up / max(up + down, 1.0), down / max(up + down, 1.0)
        moved = here * (1.0 - up - down)
        moved[1:] += up * here[:-1]
        moved[-1] += up * here[-1]
        moved[:-1] += down * here[1:]
        moved[0] += down * here[0]
        here = moved
    return chances


def _flow(record: Record, series: str | None, weeks: int) -> FloatArray:
    """Aid in the game's unit: .6 at the median of the weeks counted; NaN where nothing was counted."""
    flow = np.full(weeks, np.nan)
    if series is not None:
        points = series_points(record, series)
        middle = float(np.median(points.values)) if len(points.values) else 0.0
        if middle > 0:
            flow[points.days // WEEK] = 0.6 * points.values / middle
    return flow


def _pressure(standing: FloatArray) -> IntArray:
    """Outside pressure 0 to 3 by quarters of its own largest value."""
    top = float(standing.max())
    if top == 0.0:
        return np.zeros(len(standing), dtype=np.int64)
    return np.minimum(np.floor(PRESSURE_LEVELS * standing / top), PRESSURE_LEVELS - 1).astype(np.int64)


def _groups(record: Record, maps: GameMaps, spell: IntArray, weeks: int) -> IntArray:
    """Groups of hostages held, 1 to 3: thirds of what was held when the spell began; 3 where nothing is known."""
    held = np.full(weeks, np.nan)
    for series in reversed(maps.hostages):
        points = series_points(record, series)
        held[points.days // WEEK] = points.values
    groups = np.full(weeks, GROUPS, dtype=np.int64)
    known, start, current = np.nan, np.nan, -2
    for week in range(weeks):
        if spell[week] != current:
            current, start = int(spell[week]), np.nan
        known = held[week] if not np.isnan(held[week]) else known
        start = known if np.isnan(start) else start
        if not np.isnan(known) and start > 0:
            groups[week] = int(np.clip(np.ceil(GROUPS * known / start), 1, GROUPS))
    return groups
