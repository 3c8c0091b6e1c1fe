"""The standoff game's view of a weekly record: acts, states, stances and ends as plain arrays of one shape.

Three readings beyond the weekly record. Aid in the game's unit is read back from the course of endurance, which it fed.
Endurance stands on as many levels as the game is solved on, and its moves are scaled so that the way from full to none takes
as long. The chances that a domestic block begins and ends are the record's own, with one week added to each count.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from standoff.panel.weekly import Stances, WeeklyRecord
from standoff.standoff_game.parameters import baseline_parameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STANCE_CENTRE, LEVEL = (
    60.0,
    20.0,
)  # the holder's last demand is read in levels of 20 around 60, as in the twin
TOP_AID = 1.5
ROWS = 8  # windows of deaths are kept in multiples of so many rows, so that records share one compiled shape


class StanceData(NamedTuple):
    """One side's recorded stance: ``category`` (T,) 0 where unseen, ``weight`` (T,) 0 where unseen, ``confusion`` (L, L)."""

    category: IntArray
    weight: FloatArray
    confusion: FloatArray


class StructuralData(NamedTuple):
    """T weeks. ``signal``, ``force`` and ``offer`` (-1 unseen), ``private``, ``groups`` less one, ``pressure``, ``block``: (T,)
    integers; ``open`` a deal could be made, ``spell`` within a spell, ``deal``, ``forced``, ``collapse`` ends, ``span`` weeks
    among which an end lies, ``time`` years since the spell began, ``shock``: (T,). ``causes`` (T, 4) of signals: harm a
    week before, stalled talks a week before, the holder's last demand, the patron's calendar. ``chances`` (T, E) and ``moves``
    (T, E, E) of endurance. ``death_weeks`` (W, T) marks of each window, ``safe`` (T,) weeks without a death. ``aid`` (T,) in
    the game's unit, ``aid_seen`` (T,) where this week's and the last one's were counted within a spell. ``domestic`` (2,) weekly
    chances that a block begins and ends, ``privacy`` share of weeks with private pressure."""

    signal: IntArray
    force: IntArray
    offer: IntArray
    private: IntArray
    groups: IntArray
    pressure: IntArray
    block: IntArray
    open: FloatArray
    spell: FloatArray
    deal: FloatArray
    forced: FloatArray
    collapse: FloatArray
    span: FloatArray
    time: FloatArray
    shock: FloatArray
    causes: FloatArray
    chances: FloatArray
    moves: FloatArray
    death_weeks: FloatArray
    safe: FloatArray
    aid: FloatArray
    aid_seen: FloatArray
    domestic: FloatArray
    privacy: float
    holder: StanceData
    coercer: StanceData


def structural_data(record: WeeklyRecord, endurance_levels: int) -> StructuralData:
    """Arrays of a weekly record for a game solved on so many levels of endurance (1: endurance is in no payoff)."""
    aid = aid_in_game_units(record)
    moves = endurance_moves(record.force, aid, endurance_levels)
    within = record.spell >= 0
    counted = ~np.isnan(record.aid) & ~np.isnan(aid) & within
    death_weeks, safe = death_marks(record)
    return StructuralData(
        signal=record.signal,
        force=record.force,
        offer=np.where(np.isnan(record.terms), -1, record.terms >= record.generous_from).astype(np.int64),
        private=record.private.astype(np.int64),
        groups=record.groups - 1,
        pressure=record.pressure,
        block=record.block.astype(np.int64),
        open=record.at_risk.astype(np.float64),
        spell=within.astype(np.float64),
        deal=record.deal,
        forced=record.forced_end,
        collapse=record.collapse,
        span=record.span,
        time=record.time,
        shock=record.shock,
        causes=causes_of_signals(record),
        chances=endurance_course(start_of_endurance(record, endurance_levels), moves),
        moves=moves,
        death_weeks=death_weeks,
        safe=safe,
        aid=np.nan_to_num(aid),
        aid_seen=np.concatenate([[0.0], (counted[1:] & counted[:-1]).astype(np.float64)]),
        domestic=_transitions(record.block),
        privacy=float((1.0 + record.private.sum()) / (2.0 + record.weeks)),
        holder=_stance(record.holder),
        coercer=_stance(record.coercer),
    )


def causes_of_signals(record: WeeklyRecord) -> FloatArray:
    """What a signal may answer, (T, 4), zero where unseen: nothing of the week itself but the calendar."""
    before = [np.concatenate([[0.0], np.nan_to_num(x)[:-1]]) for x in (record.harm, record.stalled)]
    standing = np.nan_to_num((record.holder.standing - STANCE_CENTRE) / LEVEL)
    return np.stack([*before, standing, record.calendar], axis=1)


def aid_in_game_units(record: WeeklyRecord) -> FloatArray:
    """Aid that fed endurance, (T,), read back from the two moves between a week's chances and the next; last week NaN.

    The chances follow `standoff.panel.weekly.endurance_chances`; the two weights of its moves are linear in them.
    """
    aid = np.full(record.weeks, np.nan)
    game = baseline_parameters()
    for week in range(record.weeks - 1):
        here, change = record.endurance[week], record.endurance[week + 1] - record.endurance[week]
        rise, fall = np.zeros_like(here), np.zeros_like(here)
        rise[1:] += here[:-1]
        rise[:-1] -= here[:-1]
        fall[:-1] += here[1:]
        fall[1:] -= here[1:]
        up, down = np.linalg.lstsq(np.stack([rise, fall], axis=1), change, rcond=None)[0]
        worn = game.endurance_down * max(int(record.force[week]), 0) + 0.25 * game.endurance_up
        aid[week] = np.clip(up / down * worn / game.endurance_up, 0.0, TOP_AID)
    return aid


def endurance_moves(force: IntArray, aid: FloatArray, levels: int) -> FloatArray:
    """Chances of moves of endurance (T, E, E): the game's kernel under the recorded force and aid (unseen: .6 - .2 m)."""
    game = baseline_parameters()
    moves = np.tile(np.eye(levels), (len(force), 1, 1))
    if levels == 1:
        return moves
    for week, kernel in enumerate(moves):
        m = max(int(force[week]), 0)
        fed = game.aid_base - game.aid_force * m if np.isnan(aid[week]) else aid[week]
        up = step_scale(levels) * game.endurance_up * fed
        down = step_scale(levels) * (game.endurance_down * m + 0.25 * game.endurance_up)
        total = max(up + down, 1.0)
        for level in range(levels):
            for to, chance in ((level + 1, up / total), (level - 1, down / total)):
                if 0 <= to < levels:
                    kernel[level, to] += chance
                    kernel[level, level] -= chance
    return moves


def step_scale(levels: int) -> float:
    """A step on fewer levels goes further, so it is taken more seldom: (E - 1) / 5."""
    return (levels - 1) / 5.0


def start_of_endurance(record: WeeklyRecord, levels: int) -> FloatArray:
    """Chances of each level at the start, (E,): six levels put together in equal parts."""
    return np.array([part.sum() for part in np.array_split(record.endurance[0], levels)])


def endurance_course(start: FloatArray, moves: FloatArray) -> FloatArray:
    """Chances of each level at each week's start, (T, E)."""
    course = [start]
    for kernel in moves[:-1]:
        course.append(course[-1] @ kernel)
    return np.array(course)


def death_marks(record: WeeklyRecord) -> tuple[FloatArray, FloatArray]:
    """Marks of each window (W, T), with empty rows to a multiple of eight, and the weeks in none of them (T,)."""
    marks = np.zeros((-(-max(len(record.death_windows), 1) // ROWS) * ROWS, record.weeks))
    for row, (first, last) in enumerate(record.death_windows):
        marks[row, first : last + 1] = 1.0
    return marks, 1.0 - np.clip(marks.sum(axis=0), 0.0, 1.0)


def _transitions(block: FloatArray) -> FloatArray:
    before, after = block[:-1], block[1:]
    on = (1.0 + np.sum((before == 0) & (after == 1))) / (2.0 + np.sum(before == 0))
    off = (1.0 + np.sum((before == 1) & (after == 0))) / (2.0 + np.sum(before == 1))
    return np.array([on, off])


def _stance(stances: Stances) -> StanceData:
    seen = stances.category >= 0
    return StanceData(
        np.where(seen, stances.category, 0), np.where(seen, stances.weight, 0.0), stances.confusion
    )
