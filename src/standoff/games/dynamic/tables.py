"""Read play from a table: a row a market and period, with columns for the variables of the state and for the actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from standoff.errors import Mistake
from standoff.games.dynamic.design import StateSpace
from standoff.games.dynamic.game import Floats
from standoff.games.estimation.errors import refuse
from standoff.games.estimation.table import Dropped, Table, complete, groups_of

SHOWN = 5


class Play(NamedTuple):
    """Rows in order of market and time: states (T,) and actions (T,N) as whole numbers, markets (T,), the table's rows
    (T,) in that order, with what was left out, and labels of groups (T,)."""

    states: NDArray[np.int64]
    actions: NDArray[np.int64]
    market: NDArray[np.int64]
    order: NDArray[np.int64]
    table: Table
    dropped: Dropped
    cluster: NDArray[np.str_]


def read_play(
    table: Table,
    space: StateSpace,
    acts: Sequence[str],
    action_counts: Sequence[int],
    market: str = "market",
    time: str = "time",
    drop_missing: bool = False,
    cluster: str | None = None,
) -> Play:
    """Read the columns named; actions are whole numbers from 0, state variables are levels of ``space``, ``cluster`` is a
    column of groups (the markets if not given).

    Raises EstimationError with every mistake: columns that are not there or not numbers, missing cells, values that are
    no level or no action, a market's period given twice, or left out between two others.
    """
    needed = [market, time, *space.variables, *acts, *([cluster] if cluster else [])]
    mistakes = [table.unknown(column) for column in needed if column not in table.cells]
    numeric = [column for column in (time, *space.variables, *acts) if column in table.cells]
    mistakes += [mistake for column in numeric for mistake in table.number_mistakes(column)]
    refuse(table.name, mistakes)
    kept, dropped = complete(table, needed, drop_missing)
    columns = {name: kept.numbers(name) for name in space.variables}
    states = space.find(columns)
    mistakes = _level_mistakes(kept, space, columns)
    actions = np.column_stack([kept.numbers(name) for name in acts])
    for name, column, count in zip(acts, actions.T, action_counts, strict=True):
        mistakes += _action_mistakes(kept, name, column, count)
    labels = np.unique(np.array(kept.cells[market]), return_inverse=True)[1]
    clock = kept.numbers(time)
    order = np.lexsort((clock, labels))
    mistakes += _clock_mistakes(kept, time, labels, clock, order)
    refuse(table.name, mistakes)
    groups = groups_of(kept, cluster)
    marked = np.array(kept.cells[market]) if groups is None else groups
    return Play(
        states[order], actions[order].astype(np.int64), labels[order].astype(np.int64), order, kept, dropped,
        marked[order],
    )  # fmt: skip


def read_states(table: Table, space: StateSpace) -> NDArray[np.int64]:
    """State number (T,) of each row, by the columns of the state's variables; EstimationError with every mistake."""
    refuse(table.name, [mistake for name in space.variables for mistake in table.number_mistakes(name)])
    kept, _ = complete(table, space.variables, False)
    columns = {name: kept.numbers(name) for name in space.variables}
    refuse(table.name, _level_mistakes(kept, space, columns))
    return space.find(columns)


def _level_mistakes(table: Table, space: StateSpace, columns: dict[str, Floats]) -> list[Mistake]:
    found = []
    for name, levels in zip(space.variables, space.levels, strict=True):
        gap = np.abs(columns[name][:, None] - np.asarray(levels)).min(axis=1)
        wrong = np.flatnonzero(gap > 1e-9)
        told = ", ".join(f"{level:g}" for level in levels[:6]) + (", ..." if len(levels) > 6 else "")
        for row in wrong[:SHOWN]:
            what = f"`{name}` is {columns[name][row]:g}" + _more(wrong, row)
            why = "the game has no such state"
            found.append(Mistake(*table.place(name, int(row)), "unknown-level", what, why, f"levels: {told}"))
    return found


def _action_mistakes(table: Table, name: str, column: Floats, count: int) -> list[Mistake]:
    wrong = np.flatnonzero((column < 0) | (column >= count) | (column != np.round(column)))
    found = []
    for row in wrong[:SHOWN]:
        what = f"`{name}` is {column[row]:g}" + _more(wrong, row)
        do = f"actions are the whole numbers 0 to {count - 1}"
        found.append(Mistake(*table.place(name, int(row)), "unknown-action", what, "it is no action", do))
    if not len(wrong):
        for action in range(count):
            if not np.any(column == action):
                what = f"`{name}` is never {action}"
                why = "its payoff cannot be told from the others"
                found.append(
                    Mistake(*table.place(name), "outcome-never-seen", what, why, "leave the action out")
                )
    return found


def _more(wrong: NDArray[np.int64], row: int) -> str:
    """After the last row that is shown, how many more there are."""
    hidden = len(wrong) - SHOWN
    return f" (and {hidden} rows more)" if hidden > 0 and row == wrong[SHOWN - 1] else ""


def _clock_mistakes(
    table: Table, time: str, labels: NDArray[np.int64], clock: Floats, order: NDArray[np.int64]
) -> list[Mistake]:
    step = np.diff(clock[order])
    same = np.diff(labels[order]) == 0
    wrong = np.flatnonzero(same & (step != 1))
    found = []
    for place in wrong[:SHOWN]:
        row = int(order[place + 1])
        what = "the same period comes twice" if step[place] == 0 else f"periods jump by {step[place]:g}"
        do = "give each period of a market once, numbered one by one; or name its parts as different markets"
        found.append(
            Mistake(*table.place(time, row), "bad-time", what, "the state moves from one to the next", do)
        )
    return found


def refuse_moves(play: Play, column: str, places: NDArray[np.int64], what: str) -> None:
    """Refuse rows (places in the play's order) after which the state moves as it cannot."""
    found = []
    for place in places[:SHOWN]:
        row = int(play.order[place + 1])
        told = f"`{column}`: {what}" + (
            f" (and {len(places) - SHOWN} rows more)" if len(places) > SHOWN else ""
        )
        found.append(
            Mistake(
                *play.table.place(column, row),
                "bad-move",
                told,
                "the game's state cannot move so",
                "mend the row",
            )
        )
    refuse(play.table.name, found)
