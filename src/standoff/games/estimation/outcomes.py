"""Outcomes of a game as counts of its ends (N, J), from a column of words, columns of moves, or columns of counts.

Three ways to write them, ends always in the order of the tree:

    esc + war                                  moves, 1 for right, 0 for left, a column for each mover in order
    outcome = no attack, devaluation, defense  one column and its words for the ends; `y` alone takes the ends' names
    sq, capit, war                             a column of counts (or of 0 and 1) for each end
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from standoff.errors import Mistake
from standoff.games.estimation.errors import refuse
from standoff.games.estimation.table import SHOWN, Table


@dataclass(frozen=True)
class OutcomeColumns:
    """What an outcome text names: its form ("moves", "words" or "counts"), columns, and the words for the ends (J,)."""

    form: str
    columns: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Outcomes:
    """Counts of ends (N, J), their names (J,), and notes on what was in the columns but is not used."""

    names: tuple[str, ...]
    counts: NDArray[np.float64]
    notes: tuple[str, ...] = ()


def outcome_columns(text: str, ends: Sequence[str], movers: int) -> OutcomeColumns:
    """Read an outcome text; EstimationError where it fits none of the three forms."""
    column, equals, words = text.partition("=")
    if equals:
        named = tuple(word.strip() for word in words.split(","))
        if len(named) != len(ends) or len(set(named)) != len(named) or not all(named) or not column.strip():
            _refuse(text, f"needs {len(ends)} different words, one for each of the ends {', '.join(ends)}")
        return OutcomeColumns("words", (column.strip(),), named)
    if "+" in text:
        moves = tuple(part.strip() for part in text.split("+"))
        if len(moves) != movers or not all(moves) or len(set(moves)) != len(moves):
            _refuse(text, f"needs {movers} different columns of moves, one for each mover")
        return OutcomeColumns("moves", moves, tuple(ends))
    if "," in text:
        counts = tuple(part.strip() for part in text.split(","))
        if len(counts) != len(ends) or not all(counts) or len(set(counts)) != len(counts):
            _refuse(
                text,
                f"needs {len(ends)} different columns of counts, one for each of the ends {', '.join(ends)}",
            )
        return OutcomeColumns("counts", counts, counts)
    return OutcomeColumns("words", (text.strip(),), tuple(ends))


def read_outcomes(
    table: Table,
    given: OutcomeColumns,
    end_of_moves: Callable[[tuple[int, ...]], tuple[int, int]],
    total: str | None = None,
) -> Outcomes:
    """Counts of ends in a complete table.

    ``end_of_moves`` maps a row's moves to its end and the count of moves made. ``total`` names a column that the counts
    of a row must add up to. Raises EstimationError with every mistake: cells that are no move, word or count, counts
    that do not add up, ends that no row has.
    """
    if given.form == "words":
        found = _from_words(table, given)
    elif given.form == "moves":
        found = _from_moves(table, given, end_of_moves)
    else:
        found = _from_counts(table, given, total)
    refuse(table.name, _unseen(table, given, found))
    return found


def _from_words(table: Table, given: OutcomeColumns) -> Outcomes:
    column = given.columns[0]
    cells = table.cells[column]
    bad = [i for i, cell in enumerate(cells) if cell not in given.words]
    told = f"the ends are {', '.join(given.words)}"
    refuse(table.name, [
        Mistake(*table.place(column, i), "unknown-outcome", f"`{column}` is {cells[i]!r}{_more(bad, k)}", told,
                f'name the words of the ends: "{column} = word, word, ..."')
        for k, i in enumerate(bad[:SHOWN])
    ])  # fmt: skip
    where = {word: j for j, word in enumerate(given.words)}
    return Outcomes(given.words, np.eye(len(given.words))[[where[cell] for cell in cells]])


def _from_moves(
    table: Table, given: OutcomeColumns, end_of_moves: Callable[[tuple[int, ...]], tuple[int, int]]
) -> Outcomes:
    mistakes = [m for column in given.columns for m in table.number_mistakes(column)]
    refuse(table.name, mistakes)
    moves = np.stack([table.numbers(column) for column in given.columns], axis=1)
    for j, column in enumerate(given.columns):
        bad = np.flatnonzero(~np.isin(moves[:, j], (0.0, 1.0)))
        for k, i in enumerate(bad[:SHOWN]):
            what = f"`{column}` is {moves[i, j]:g}, which is no move{_more(bad, k)}"
            mistakes.append(Mistake(*table.place(column, int(i)), "not-a-move", what, "a move is 0 (left) or 1 (right)", "mend the cell"))  # fmt: skip
    refuse(table.name, mistakes)
    ends, made = np.array([end_of_moves(tuple(int(m) for m in row)) for row in moves]).T
    late = int(sum(row[n:].any() for row, n in zip(moves, made, strict=True)))
    note = f"{late} rows hold a move after their game has ended; it is not used"
    return Outcomes(given.words, np.eye(len(given.words))[ends], (note,) if late else ())


def _from_counts(table: Table, given: OutcomeColumns, total: str | None) -> Outcomes:
    columns = [*given.columns, *([total] if total else [])]
    mistakes = [m for column in columns for m in table.number_mistakes(column)]
    refuse(table.name, mistakes)
    counts = np.stack([table.numbers(column) for column in given.columns], axis=1)
    for j, column in enumerate(given.columns):
        bad = np.flatnonzero((counts[:, j] < 0) | (counts[:, j] != np.round(counts[:, j])))
        for k, i in enumerate(bad[:SHOWN]):
            what = f"`{column}` is {counts[i, j]:g}, which is no count{_more(bad, k)}"
            mistakes.append(Mistake(*table.place(column, int(i)), "not-a-count", what, "counts are whole and not negative", "mend the cell"))  # fmt: skip
    sums = counts.sum(axis=1)
    wanted = table.numbers(total) if total else np.where(sums > 0, sums, 1.0)
    bad = np.flatnonzero(sums != wanted)
    added = " + ".join(f"`{column}`" for column in given.columns)
    for k, i in enumerate(bad[:SHOWN]):
        should = f"`{total}` is {wanted[i]:g}" if total else "a row has at least one play"
        what = f"{added} is {sums[i]:g}, {should}{_more(bad, k)}"
        mistakes.append(Mistake(*table.place(total or given.columns[0], int(i)), "counts-do-not-add-up", what, "every play has one end", "mend the counts"))  # fmt: skip
    refuse(table.name, mistakes)
    return Outcomes(given.words, counts)


def _unseen(table: Table, given: OutcomeColumns, found: Outcomes) -> list[Mistake]:
    mistakes = []
    for j, name in enumerate(found.names):
        if found.counts[:, j].sum() == 0:
            column = given.columns[j] if given.form == "counts" else given.columns[-1]
            what = f"no row ends in `{name}`"
            why = "payoffs that only this end could tell would be estimated from nothing"
            mistakes.append(Mistake(*table.place(column), "outcome-never-seen", what, why, "use a smaller game, or more data"))  # fmt: skip
    return mistakes


def _more(bad: Sequence[int] | NDArray[np.int64], k: int) -> str:
    return f" (and {len(bad) - SHOWN} rows more)" if k == SHOWN - 1 and len(bad) > SHOWN else ""


def _refuse(text: str, what: str) -> None:
    do = 'write "moves1 + moves2", "column = word, word, ..." or "count1, count2, ..."'
    refuse("outcome", [Mistake("", 0, 0, "outcome", f"outcome {text!r} {what}", "ends are found by it", do)])
