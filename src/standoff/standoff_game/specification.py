"""The shape of a standoff game: what is counted and named, never what is estimated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from standoff.standoff_game.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Specification:
    """The static, hashable shape of a game; with `Parameters` it says everything about it.

    Counts: ``belief_points`` nodes at sigmoid(linspace(-span, span)); ``endurance_levels`` (e = 0..E-1),
    ``pressure_levels`` (k = 0..K-1), ``groups`` of hostages alive at the start. Names: ``signals`` (patron),
    ``force`` (levels of military pressure), ``offers``. ``stages[x]``: groups released by offer x, 0 = all of
    them, which ends the game. ``domestic``: the state carries d. ``aid_answers``: aid depends on the signal.
    ``signals_in_payoffs``: the signal enters payoffs or aid; when it does not, one table serves all signals.
    ``table_of``: the table of each signal while a game is solved, empty when each has its own. ``rounding``: kinks of
    the interpolation in belief are rounded over this share, 0 to .5, of the shorter interval beside each node (0: linear), in
    solutions and what is computed on the grid; simulated paths read between nodes linearly whatever it is.
    Source: model.md section 2; [standoff_game].
    """

    belief_points: int = 15
    belief_span: float = 4.0
    endurance_levels: int = 6
    pressure_levels: int = 4
    groups: int = 3
    signals: tuple[str, ...] = ("support", "none", "criticism", "both", "costly criticism")
    silence: str = "none"
    force: tuple[str, ...] = ("pause", "continuing", "major offensive")
    offers: tuple[str, ...] = ("lean", "generous")
    stages: tuple[int, ...] = (0, 0)
    credulity_levels: int = 1
    domestic: bool = True
    aid_answers: bool = True
    signals_in_payoffs: bool = True
    table_of: tuple[int, ...] = ()
    rounding: float = 0.0

    @property
    def state_shape(self) -> tuple[int, int, int, int]:
        """Sizes of (endurance, outside pressure, domestic block, credulity) within a class of hostages."""
        return (self.endurance_levels, self.pressure_levels, 2 if self.domestic else 1, self.credulity_levels)

    @property
    def states(self) -> int:
        """Number of states within one class of hostages alive."""
        e, k, d, c = self.state_shape
        return e * k * d * c

    @property
    def tables(self) -> int:
        """Number of signal tables kept: one for each signal, or one for all when signals enter no payoff."""
        if not self.signals_in_payoffs:
            return 1
        return len(set(self.table_of)) if self.table_of else len(self.signals)

    @property
    def signal_tables(self) -> tuple[int, ...]:
        """The table of each signal when there are several."""
        return self.table_of or tuple(range(len(self.signals)))

    @property
    def first_signals(self) -> tuple[int, ...]:
        """The first signal of each table when there are several."""
        return tuple(self.signal_tables.index(table) for table in range(self.tables))

    @property
    def acts(self) -> int:
        """Number of the coercer's acts: levels of force times offers."""
        return len(self.force) * len(self.offers)

    @property
    def cells(self) -> int:
        """Cells of one sweep over all classes: beliefs x tables x acts x states x classes."""
        return self.belief_points * self.tables * self.acts * self.states * self.groups

    def state_index(self, endurance: Any, pressure: Any, block: Any = 0, credulity: Any = 0) -> Any:
        """Flat index of a state within a class of hostages alive; integers or arrays of them."""
        _, pressures, blocks, credulities = self.state_shape
        return ((endurance * pressures + pressure) * blocks + block) * credulities + credulity


def reduce_exactly(specification: Specification, parameters: Parameters) -> Specification:
    """Drop what cannot matter: a block that cannot arise, aid that ignores signals, signals outside payoffs.

    Each reduction removes terms that are exactly zero, so the solution on what remains is the same. Needs
    concrete parameters (not traced ones). The domestic state goes only when Pr(0 -> 1) is zero, and then a
    path cannot start with the block on.
    """
    aid_answers = specification.aid_answers and float(parameters.aid_criticism) != 0.0
    moved = any(float(v) != 0.0 for v in (*parameters.criticism_penalty, *parameters.criticism_offer))
    domestic = specification.domestic and float(parameters.domestic[0]) != 0.0
    return replace(
        specification,
        domestic=domestic,
        aid_answers=aid_answers,
        signals_in_payoffs=specification.signals_in_payoffs
        and (aid_answers or moved or parameters.wear is not None),
    )


def share_tables(specification: Specification, parameters: Parameters) -> Specification:
    """One table for signals that are equally critical: they differ in what they tell, which acts before the tables.

    Exact, since criticism is all that a signal brings into payoffs and aid; not where each signal wears credulity.
    """
    if not specification.signals_in_payoffs or parameters.wear is not None:
        return specification
    levels = [float(c) for c in parameters.criticism]
    distinct = list(dict.fromkeys(levels))
    if len(distinct) == len(levels):
        return specification
    return replace(specification, table_of=tuple(distinct.index(level) for level in levels))
