"""The worlds of *could this record have told?*: what moves the outcome in each, on the record's own days.

With the claim's effect at the size declared, with its sign turned, with none; and one for each rival, whose effect has
the same size and the claimed sign while the signals do nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Literal

import numpy as np

from standoff.claims.differences import NONE, WEEK, FloatArray, IntArray, response_table
from standoff.claims.problem import Posed, baseline_of
from standoff.claims.simulate import Jumps, Process
from standoff.panel import Options, length_days, occasions
from standoff.panel.days import day_of, in_core
from standoff.record.rows import Record

DRIFT_WEEKS = 13  # a drifting world moves by the size declared in so many weeks
CODER_ERROR = 5.0  # points of stance, where no second reading says otherwise
FEWEST_READINGS = 10
MOST_STEPS = 20_000

EFFECT, TURNED, NOTHING = "the claim's effect", "the sign turned", "no effect"


def worlds(
    record: Record,
    posed: Posed,
    options: Options,
    process: Process,
    days: IntArray,
    size: float,
    rivals: Sequence[str],
) -> dict[str, Jumps]:
    """Worlds by name; ``size`` carries the claimed sign. A rival without rows in the record has no world."""
    still = np.zeros(len(days))
    found = {
        EFFECT: _centred(process, days, signal_jumps(posed, process, days, size)),
        TURNED: _centred(process, days, signal_jumps(posed, process, days, -size)),
        NOTHING: Jumps(still, still),
    }
    for rival in rivals:
        jumps = _rival(record, posed, options, process, days, size, rival)
        if jumps is not None:
            found[rival] = jumps
    return found


def signal_jumps(posed: Posed, process: Process, days: IntArray, size: float) -> FloatArray:
    """Jumps that make each exposed difference of the baseline larger by ``size`` times its exposure (a contrast: half
    the size for either kind). Shape: (days,)."""
    acts, hit = baseline_of(posed)
    scaled = size / posed.problem.scale
    return _jumps(posed, process, days, [(act.day, scaled * act.kind) for act in acts], hit)


def _jumps(
    posed: Posed, process: Process, days: IntArray, acts: Iterable[tuple[int, float]], hit: IntArray
) -> FloatArray:
    """Jumps at the first day that can show each act, so large that a response within the window is seen in full.

    A difference moves once however many acts expose it. What an act before a longer gap leaves has worn off on the way.
    """
    design = posed.problem.designs[posed.problem.baseline]
    outcome = posed.problem.outcomes[design.outcome]
    responses = posed.readings.points[design.outcome].days
    gap_of = response_table(outcome, posed.problem.length, posed.problem.length)
    exposed = {int(where) for where in hit if where != NONE}
    side: Literal["left", "right"] = "right" if posed.readings.is_stance else "left"
    jump = np.zeros(len(days))
    done: set[tuple[int, int, bool]] = set()
    for (day, amount), where in zip(acts, hit, strict=True):
        place = int(np.searchsorted(days, day, side=side))  # a dated stance cannot show the same day's act
        seen = where != NONE
        mark = (int(where), -1 if seen else place, amount > 0)
        if place == len(days) or mark in done or (not seen and int(gap_of[day]) in exposed):
            continue
        done.add(mark)
        until = responses[outcome.after[where]] - days[place] if seen else day - days[place]
        jump[place] += amount / process.kept_a_week ** (float(until) / WEEK)
    return jump


def _centred(process: Process, days: IntArray, jump: FloatArray) -> Jumps:
    """The jumps with a level that keeps the record's own mean, so that a world does not lean on the end of the scale."""
    path = np.zeros(len(days))
    gaps = np.diff(days, prepend=days[:1]) / WEEK
    for k in range(len(days)):
        path[k] = (path[k - 1] * process.kept_a_week ** gaps[k] if k else 0.0) + jump[k]
    return Jumps(jump, np.full(len(days), -path.mean()))


def _rival(
    record: Record,
    posed: Posed,
    options: Options,
    process: Process,
    days: IntArray,
    size: float,
    rival: str,
) -> Jumps | None:
    still = np.zeros(len(days))
    if rival == "drift":
        weeks = (days - length_days(record) / 2) / WEEK
        return Jumps(still, size * weeks / DRIFT_WEEKS)
    if rival == "pressure":
        level = _pressure(record, days)
        return None if level is None else Jumps(still, size * (level - level.mean()))
    acts = _shock_days(record) if rival == "shock" else _block_days(record, options)
    if not acts:
        return None
    design = posed.problem.designs[posed.problem.baseline]
    outcome = posed.problem.outcomes[design.outcome]
    hit = np.full(len(acts), NONE, dtype=np.int64)
    for k, day in enumerate(acts):
        inside = np.flatnonzero((outcome.first <= day) & (day <= outcome.last))
        hit[k] = inside[0] if len(inside) else NONE
    return _centred(process, days, _jumps(posed, process, days, [(day, size) for day in acts], hit))


def _pressure(record: Record, days: IntArray) -> FloatArray | None:
    """Pressure at each day, from 0 to 1; None when the case has only one level."""
    spans = sorted(record.case.pressure, key=lambda span: span.start)
    if len({span.level for span in spans}) < 2:
        return None
    starts = np.array([day_of(record, span.start) for span in spans])
    levels = np.array([span.level for span in spans], dtype=np.float64)
    place = np.clip(np.searchsorted(starts, days, side="right") - 1, 0, None)
    return np.asarray(levels[place] / 2)


def _shock_days(record: Record) -> list[int]:
    named = {name for shock in record.case.shocks for name in shock.events}
    return sorted(
        {day_of(record, e.date) for e in record.events if e.id in named and in_core(record, e.date)}
    )


def _block_days(record: Record, options: Options) -> list[int]:
    if record.case.domestic_blocks is None:
        return []
    return [int(day) for day in occasions(record, record.case.domestic_blocks, options).days]


def coder_error(record: Record) -> float:
    """Spread of one reading of a level: that of the difference between two readings, divided by the root of two.

    The declared 5 points where fewer than ten positions have been read twice, and never less than half a point.
    """
    first = {row.id: row.level for row in record.positions}
    pairs = [
        (first[again.id], again.level)
        for again in record.position_readings
        if again.level is not None and first.get(again.id) is not None
    ]
    if len(pairs) < FEWEST_READINGS:
        return CODER_ERROR
    gaps = np.array([float(a or 0.0) - float(b or 0.0) for a, b in pairs])
    return max(float(np.sqrt((gaps**2).mean() / 2)), 0.5)


def steps_of(record: Record, composite: str) -> FloatArray | None:
    """All values that a composite can take when every issue of it is known; None when they are very many."""
    chosen = next((one for one in record.case.stance.composites if one.id == composite), None)
    issues = {issue.id: issue for issue in record.case.issues}
    if chosen is None or any(name not in issues for name in chosen.weights):
        return None
    levels = [[level.level for level in issues[name].levels] for name in chosen.weights]
    if np.prod([len(column) for column in levels], dtype=float) > MOST_STEPS:
        return None
    weights = np.array(list(chosen.weights.values()))
    values = np.array(list(product(*levels))) @ (weights / weights.sum())
    return np.unique(values.round(6))
