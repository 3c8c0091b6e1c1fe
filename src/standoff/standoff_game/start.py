"""Where paths start and how they are run; what is no state or act of the game is refused, all mistakes at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from standoff.standoff_game.errors import GameSpecError, SpecMistake
from standoff.standoff_game.schedule import FREE, Schedule
from standoff.standoff_game.specification import Specification


class State(NamedTuple):
    """Where paths stand at the start of a week; scalars or one entry a path (N,).

    ``belief`` b before the signal, ``endurance`` e, ``pressure`` k, ``groups`` alive, ``block`` d, ``credulity`` level (-1 full);
    ``unrestrained`` the true type (1 U, 0 R; -1 drawn with probability b). ``week`` counts from 1.
    """

    belief: Any = 0.5
    endurance: Any = 4
    pressure: Any = 1
    groups: Any = 3
    block: Any = 0
    credulity: Any = -1
    unrestrained: Any = -1
    week: int = 1


@dataclass(frozen=True, slots=True)
class Simulation:
    """How to simulate: paths, weeks, seed, threads (chunks of paths share the cores), whether weekly histories are kept."""

    paths: int = 20_000
    weeks: int = 75
    seed: int = 0
    threads: int = 1
    keep: bool = False


def _start_mistakes(spec: Specification, run: Simulation, start: State) -> Iterator[SpecMistake]:
    e, k, d, c = spec.state_shape
    dropped = " (the domestic block was dropped: it cannot arise)" if d == 1 else ""
    limits = {
        "belief": (0, 1, "the holder's probability that the coercer is unrestrained"),
        "endurance": (0, e - 1, "the holder's endurance"),
        "pressure": (0, k - 1, "outside pressure on the coercer"),
        "groups": (1, spec.groups, "groups of hostages alive"),
        "block": (0, d - 1, f"1 while the coercer's domestic politics block a generous offer{dropped}"),
        "credulity": (-1, c - 1, "level of credulity, -1 for full"),
        "unrestrained": (-1, 1, "the true type: 1 unrestrained, 0 restrained, -1 drawn"),
        "week": (1, np.inf, "the week in which paths start, counted from 1"),
    }
    for name, (low, high, meaning) in limits.items():
        values = np.asarray(getattr(start, name), dtype=np.float64)
        if values.shape not in ((), (run.paths,)):
            yield SpecMistake(
                f"start.{name}", f"has shape {values.shape}", meaning, "give one, or one a path"
            )
        elif not np.all((values >= low) & (values <= high)):
            yield SpecMistake(
                f"start.{name}", f"must lie in {low}..{high}", meaning, "give a state of the game"
            )
        elif name != "belief" and np.any(values != np.floor(values)):
            yield SpecMistake(f"start.{name}", "is not a whole number", meaning, "give a state of the game")


def _schedule_mistakes(
    spec: Specification, run: Simulation, start: State, schedule: Schedule
) -> Iterator[SpecMistake]:
    needed = int(start.week) - 1 + run.weeks if np.isfinite(start.week) else 0
    menus = {
        "signal": len(spec.signals), "news": len(spec.signals), "force": len(spec.force), "offer": len(spec.offers),
    }  # fmt: skip
    for name in Schedule._fields:
        values = np.asarray(getattr(schedule, name))
        if values.ndim != 1 or len(values) < needed:
            yield SpecMistake(
                f"schedule.{name}", f"has {values.size} weeks; {needed} are needed",
                "a schedule is indexed by week-1 and reaches the last week", "make a longer one",
            )  # fmt: skip
        elif name in menus and np.any((values < FREE) | (values >= menus[name])):
            yield SpecMistake(
                f"schedule.{name}", f"leaves {FREE}..{menus[name] - 1}", "an act of the menu by index, -1 where free",
                "name acts of the game",
            )  # fmt: skip
        elif not np.all(np.isfinite(values)):
            yield SpecMistake(f"schedule.{name}", "is not finite", "shocks add to what accepting is worth")


def check_simulation(spec: Specification, run: Simulation, start: State, schedule: Schedule) -> None:
    """Raise `GameSpecError` with every mistake in a run, its start and its schedule."""
    mistakes = [
        SpecMistake(f"simulation.{name}", f"is {getattr(run, name)}", meaning, "give at least 1")
        for name, meaning in (
            ("paths", "paths to draw"),
            ("weeks", "weeks to simulate"),
            ("threads", "cores to use"),
        )
        if getattr(run, name) < 1
    ]
    if not mistakes:
        mistakes += [*_start_mistakes(spec, run, start), *_schedule_mistakes(spec, run, start, schedule)]
    if mistakes:
        raise GameSpecError(mistakes)
