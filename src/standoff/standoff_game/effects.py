"""Effects of an act by the same random numbers, and their split into belief and conduct.

A signal works through what the holder believes (belief) and through what the coercer and aid do (conduct). With
f(belief, conduct) the mean outcome when the act is heard by each, the total is f(1,1) - f(0,0); the parts do not add
up by themselves, so each is averaged over both orders and the interaction f11 - f10 - f01 + f00 is shown.
[standoff_game]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from standoff.standoff_game.schedule import Schedule, free_schedule, impose_signal
from standoff.standoff_game.simulation import DEAL, Paths, simulate
from standoff.standoff_game.solution import Solution
from standoff.standoff_game.start import Simulation, State

Outcome = Callable[[Paths], np.ndarray]


class Effect(NamedTuple):
    """Mean effect and its Monte Carlo standard error from paired paths."""

    mean: float
    error: float


class Split(NamedTuple):
    """Total effect, its belief and conduct parts (averages over both orders, which add up), and the interaction."""

    total: Effect
    belief: Effect
    conduct: Effect
    interaction: Effect


class Comparison(NamedTuple):
    """Paths with and without an act, and which of them were open when it began."""

    without: Paths
    with_act: Paths
    open: np.ndarray


def deal_within(weeks: int, start: int) -> Outcome:
    """1 where a path ends in a deal in weeks start .. start+weeks-1."""

    def outcome(paths: Paths) -> np.ndarray:
        dealt: np.ndarray = (paths.ending == DEAL) & (paths.week < start + weeks)
        return dealt.astype(np.float64)

    return outcome


def time_to_deal(cap: int) -> Outcome:
    """Weeks to a deal, capped; every other ending counts as the cap."""

    def outcome(paths: Paths) -> np.ndarray:
        weeks: np.ndarray = np.where(paths.ending == DEAL, np.minimum(paths.week, cap), cap)
        return weeks.astype(np.float64)

    return outcome


def effect(difference: np.ndarray) -> Effect:
    """Mean of paired differences and its standard error."""
    return Effect(float(np.mean(difference)), float(np.std(difference) / np.sqrt(max(len(difference), 1))))


def compare_signals(
    solution: Solution,
    weeks: range,
    signal: int,
    instead: int,
    simulation: Simulation,
    start: State | None = None,
    schedule: Schedule | None = None,
) -> Comparison:
    """Paths with a signal imposed in some weeks and with another instead; everything else the same."""
    first = start.week if start is not None else 1
    base = schedule or free_schedule(first - 1 + simulation.weeks)
    worlds = (impose_signal(base, weeks, instead), impose_signal(base, weeks, signal))
    return compare_schedules(solution, *worlds, weeks.start, simulation, start)


def compare_schedules(
    solution: Solution,
    without: Schedule,
    with_act: Schedule,
    begins: int,
    simulation: Simulation,
    start: State | None = None,
) -> Comparison:
    """Paths under two schedules that are the same before the week in which an act ``begins``; the same random numbers."""
    one, other = (simulate(solution, simulation, start, plan) for plan in (without, with_act))
    return Comparison(one, other, one.week >= begins)


def split_effect(
    solution: Solution,
    weeks: range,
    signal: int,
    instead: int,
    outcome: Outcome,
    simulation: Simulation,
    start: State | None = None,
    schedule: Schedule | None = None,
) -> Split:
    """The effect of a signal on an outcome, split into belief and conduct, over paths open when it begins."""
    first = start.week if start is not None else 1
    base = schedule or free_schedule(first - 1 + simulation.weeks)

    def world(news: int, conduct: int) -> Paths:
        heard = impose_signal(base, weeks, news, belief=True, conduct=False)
        return simulate(
            solution, simulation, start, impose_signal(heard, weeks, conduct, belief=False, conduct=True)
        )

    neither, both = world(instead, instead), world(signal, signal)
    belief_only, conduct_only = world(signal, instead), world(instead, signal)
    live = neither.week >= weeks.start
    f00, f11, f10, f01 = (outcome(p)[live] for p in (neither, both, belief_only, conduct_only))
    return Split(
        effect(f11 - f00),
        effect(((f10 - f00) + (f11 - f01)) / 2),
        effect(((f01 - f00) + (f11 - f10)) / 2),
        effect(f11 - f10 - f01 + f00),
    )
