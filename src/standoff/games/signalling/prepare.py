"""What a fit of the crisis signalling game needs, read from a table and checked, every mistake told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from standoff.errors import Mistake, SettingsError
from standoff.games.estimation import formulas as written_formulas
from standoff.games.estimation.errors import refuse
from standoff.games.estimation.outcomes import OutcomeColumns, outcome_columns, read_outcomes
from standoff.games.estimation.table import Dropped, Table, groups_of
from standoff.games.signalling.design import Design, design
from standoff.games.signalling.equations import EQUATIONS, OUTCOMES
from standoff.games.signalling.first_stage import FirstStage, first_stage
from standoff.games.signalling.pseudo import Beliefs

DEFAULT_OUTCOME = "sq, cd, sf, bd"


@dataclass(frozen=True)
class Prepared:
    """Checked data of a fit: design, complete table, formulas' designs, first stage (None when given), clusters."""

    design: Design
    table: Table
    dropped: Dropped
    made: Mapping[str, written_formulas.Design]
    fixed: Mapping[str, float]
    beliefs: Beliefs
    stage: FirstStage | None
    clusters: NDArray[Any] | None


def prepare(
    table: Table,
    formulas: Mapping[str, str],
    outcome: str = DEFAULT_OUTCOME,
    beliefs: str | None = None,
    fixed: Mapping[str, float] | None = None,
    cluster: str | None = None,
    total: str | None = None,
    drop_missing: bool = False,
    others: Sequence[str] = (),
) -> Prepared:
    """Read and check all that a fit needs; EstimationError with every mistake."""
    renamed, fixed = _canonical(formulas), _canonical(fixed or {})
    given = outcome_columns(outcome, OUTCOMES, 3)
    if given.form != "counts":
        raise SettingsError(
            f"outcome {outcome!r} is not four columns of counts",
            "one row is one game, played several times",
            f'write it as "{DEFAULT_OUTCOME}": challenges not made, conceded, stood firm, backed down',
        )
    believed = _two(beliefs)
    also = [*given.columns, *believed, *([total] if total else []), *([cluster] if cluster else []), *others]
    zero = dict.fromkeys(EQUATIONS, "0")
    made, kept, dropped = written_formulas.designs(
        table, renamed, list(EQUATIONS), optional=zero, also=also, drop_missing=drop_missing
    )
    seen = read_outcomes(kept, OutcomeColumns("counts", given.columns, OUTCOMES), lambda _: (0, 0), total)
    refuse(kept.name, [*_identified(made), *_fixed_twice(made, fixed)])
    matrices = {name: one.matrix for name, one in made.items()}
    names = {name: one.names for name, one in made.items()}
    whole = design(matrices, seen.counts.T, names, fixed)
    stage = None if believed else first_stage(whole)
    use = stage.beliefs if stage else _beliefs(kept, believed)
    clusters = groups_of(kept, cluster)
    return Prepared(whole, kept, dropped, made, fixed, use, stage, clusters)


def _canonical(given: Mapping[str, Any]) -> dict[str, Any]:
    """Equations by their own names: barWA, W_A, "bar a" and the like are taken for barW_A and bar_a."""

    def bare(name: str) -> str:
        kept = "".join(c for c in name.casefold() if c.isalnum())
        return kept.removeprefix("bar") if kept.startswith("bar") else kept

    known = {bare(name): name for name in EQUATIONS}
    return {known.get(bare(name), name): text for name, text in given.items()}


def _two(beliefs: str | None) -> tuple[str, ...]:
    if beliefs is None:
        return ()
    columns = tuple(part.strip() for part in beliefs.split(","))
    if len(columns) != 2 or not all(columns):
        raise SettingsError(
            f"beliefs {beliefs!r} are not two columns", "", 'write the columns of p_R and p_F: "PRhat, PFhat"'
        )
    return columns


def _beliefs(table: Table, columns: Sequence[str]) -> Beliefs:
    mistakes = []
    for column in columns:
        values = table.numbers(column)
        for row in np.flatnonzero((values <= 0.0) | (values >= 1.0))[:5]:
            what = f"`{column}` is {values[row]:g}, which is no probability between 0 and 1"
            mistakes.append(Mistake(*table.place(column, int(row)), "not-a-probability", what, "it is used as one", "mend the cell"))  # fmt: skip
    refuse(table.name, mistakes)
    return Beliefs(*(table.numbers(column) for column in columns))


def _identified(made: Mapping[str, written_formulas.Design]) -> list[Mistake]:
    """A column in every payoff of one side moves no choice."""
    mistakes = []
    for side in (("S_A", "V_A", "barW_A", "bar_a"), ("C_B", "barW_B", "V_B")):
        for column in made[side[0]].names:
            if all(column in made[name].names for name in side):
                shown = "the constant" if column == "Intercept" else f"`{column}`"
                what = f"{shown} is in every payoff of one side ({', '.join(side)})"
                mistakes.append(Mistake("", 0, 0, "not-identified", what, "only differences of payoffs move a choice", "leave it out of one of them"))  # fmt: skip
    if not any(one.names for one in made.values()):
        mistakes.append(Mistake("", 0, 0, "no-coefficients", "no payoff has a formula", "nothing would be estimated", "give one, as in barW_A: 1"))  # fmt: skip
    return mistakes


def _fixed_twice(made: Mapping[str, written_formulas.Design], fixed: Mapping[str, float]) -> list[Mistake]:
    return [
        Mistake(
            "",
            0,
            0,
            "fixed-twice",
            f"`{name}` has a formula and a fixed number, or is no payoff",
            "only one can hold",
            "keep one",
        )
        for name in fixed
        if name not in made or made[name].names
    ]
