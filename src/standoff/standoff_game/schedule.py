"""Acts imposed on paths, week by week: imposed, removed, moved; what is left free is drawn as the game has it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from standoff.standoff_game.errors import GameSpecError, SpecMistake

FREE = -1


class Schedule(NamedTuple):
    """Acts imposed by week, index week-1, -1 where free: (weeks,) integers.

    ``signal`` what the patron does, as conduct answers it; ``news`` what the holder's belief hears, the same unless
    effects are taken apart; ``force`` and ``offer`` of the coercer; ``shock`` (weeks,) added to A - W (payoff units).
    """

    signal: Any
    news: Any
    force: Any
    offer: Any
    shock: Any


def _weeks_index(schedule: Schedule, weeks: range) -> np.ndarray:
    """Indices of weeks in a schedule; raises `GameSpecError` for weeks that it does not reach."""
    last = len(schedule.signal)
    if len(weeks) and (min(weeks) < 1 or max(weeks) > last):
        raise GameSpecError(
            [
                SpecMistake(
                    "schedule",
                    f"weeks {min(weeks)} to {max(weeks)} are not all in 1..{last}",
                    "an act is imposed in a week of the schedule; weeks count from 1",
                    "name weeks of the schedule, or make a longer one",
                )
            ]
        )
    return np.asarray([week - 1 for week in weeks], dtype=np.int64)


def free_schedule(weeks: int) -> Schedule:
    """Nothing imposed for a number of weeks."""
    free = np.full(weeks, FREE, dtype=np.int32)
    return Schedule(free, free.copy(), free.copy(), free.copy(), np.zeros(weeks))


def impose_signal(
    schedule: Schedule, weeks: range, signal: int, belief: bool = True, conduct: bool = True
) -> Schedule:
    """The same schedule with a signal imposed in some weeks (counted from 1), through belief, conduct or both."""
    index = _weeks_index(schedule, weeks)
    heard, done = schedule.news.copy(), schedule.signal.copy()
    if belief:
        heard[index] = signal
    if conduct:
        done[index] = signal
    return schedule._replace(news=heard, signal=done)


def impose_conduct(schedule: Schedule, weeks: range, force: int = FREE, offer: int = FREE) -> Schedule:
    """The same schedule with the coercer's force or offer imposed in some weeks (-1 leaves one free)."""
    index = _weeks_index(schedule, weeks)
    pushed, offered = schedule.force.copy(), schedule.offer.copy()
    pushed[index], offered[index] = force, offer
    return schedule._replace(force=pushed, offer=offered)


def remove_signal(schedule: Schedule, week: int, silence: int) -> Schedule:
    """The same schedule with silence in place of the signal of a week."""
    return impose_signal(schedule, range(week, week + 1), silence)


def move_signal(schedule: Schedule, week: int, to_week: int, silence: int) -> Schedule:
    """The same schedule with the signal of one week sent in another, and silence where it stood."""
    signal = int(schedule.signal[int(_weeks_index(schedule, range(week, week + 1))[0])])
    return impose_signal(remove_signal(schedule, week, silence), range(to_week, to_week + 1), signal)


def remove_conduct(schedule: Schedule, weeks: range) -> Schedule:
    """The same schedule with the coercer free again in some weeks."""
    return impose_conduct(schedule, weeks)


def move_conduct(schedule: Schedule, week: int, to_week: int) -> Schedule:
    """The same schedule with the force and offer imposed in one week imposed in another, free where they stood."""
    at = int(_weeks_index(schedule, range(week, week + 1))[0])
    force, offer = int(schedule.force[at]), int(schedule.offer[at])
    return impose_conduct(
        remove_conduct(schedule, range(week, week + 1)), range(to_week, to_week + 1), force, offer
    )
