"""How much of the delay went through belief, conduct, domestic blocks, shocks and convergence, by the twin of M7.

Expected weeks to a deal in a spell, with any set of channels shut; a channel's part is its Shapley value, the mean over all
orders of shutting them of what it adds, since the parts do not add up by themselves. A positive part lengthened the
standoff. The interaction is what the whole differs from the sum of each channel shut alone. Source: [shorrocks2013decomposition].
"""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from standoff.inference.twin_data import TwinData
from standoff.inference.twin_effects import Course, Values

FloatArray = npt.NDArray[np.float64]

CHANNELS: Final = ("belief", "conduct", "block", "shock", "convergence")


class Decomposition(NamedTuple):
    """``parts`` channel -> weeks (S,) that it added; ``whole`` weeks (S,) that all added; ``interaction`` (S,);
    ``expected`` weeks (S,) to a deal with all channels open, at most ``weeks``, the length of the spell."""

    parts: dict[str, FloatArray]
    whole: FloatArray
    interaction: FloatArray
    expected: FloatArray
    weeks: int


def decompose(data: TwinData, values: Values, spell: tuple[int, int]) -> Decomposition:
    """Split the expected time to a deal from the first week of ``spell`` = (first, last week)."""
    first, last = spell
    length = last - first + 1
    every = frozenset(CHANNELS)
    times = {
        frozenset(shut): _weeks(data, values, first, length, frozenset(shut))
        for size in range(len(CHANNELS) + 1)
        for shut in combinations(CHANNELS, size)
    }
    parts = {channel: _shapley(times, channel) for channel in CHANNELS}
    whole = times[frozenset()] - times[every]
    alone = sum(times[frozenset()] - times[frozenset({channel})] for channel in CHANNELS)
    return Decomposition(parts, whole, np.asarray(whole - alone), times[frozenset()], length)


def _weeks(data: TwinData, values: Values, first: int, length: int, off: frozenset[str]) -> FloatArray:
    """Expected weeks without a deal, (S,), at most the spell's length."""
    start = max(first, 1)
    course = Course(data, values, np.array([start]), off=off)
    still = np.ones((len(values["holder"]["deal"]), 1))
    total = np.zeros_like(still)
    for week in range(length - (start - first)):
        total += still
        still = still * course.no_deal(course.step(week))
    return total[:, 0]


def _shapley(times: dict[frozenset[str], FloatArray], channel: str) -> FloatArray:
    others = [name for name in CHANNELS if name != channel]
    count = len(CHANNELS)
    total = np.zeros_like(times[frozenset()])
    for size in range(count):
        share = factorial(size) * factorial(count - size - 1) / factorial(count)
        for shut in combinations(others, size):
            total += share * (times[frozenset(shut)] - times[frozenset(shut) | {channel}])
    return total


def longest_spell(data: TwinData) -> tuple[int, int]:
    """First and last week of the longest run of weeks at risk. Errors: ValueError where no week is."""
    runs, start = [], None
    for week, open_ in enumerate([*(data.at_risk > 0), False]):
        ends = week > 0 and week - 1 < len(data.deal) and data.deal[week - 1] > 0
        if start is not None and (not open_ or ends):
            runs.append((start, week - 1))
            start = None
        if open_ and start is None:
            start = week
    if not runs:
        raise ValueError("no week of this record is at risk of a deal")
    return max(runs, key=lambda run: run[1] - run[0])
