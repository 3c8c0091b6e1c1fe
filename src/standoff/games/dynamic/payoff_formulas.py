"""A flow payoff by formula: its columns at every state of a game, in the notation of all the estimable games."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from standoff.errors import Mistake
from standoff.games.dynamic.game import Floats
from standoff.games.estimation.errors import refuse
from standoff.games.estimation.formulas import CONSTANT, designs
from standoff.games.estimation.table import table_of


def payoff_columns(
    equation: str, formulas: Mapping[str, str], grid: Mapping[str, ArrayLike], constant: str
) -> dict[str, Floats]:
    """Columns (M,) named "equation:term" that a formula makes of the values (M,) at all states; none given, none made.

    ``constant`` says what a constant could not be told from. EstimationError for a formula that cannot be read, another
    equation, a constant, and columns that are constant or collinear over the states.
    """
    if not formulas:
        return {}
    table = table_of({name: np.asarray(values) for name, values in grid.items()}, "the game's states")
    made, _, _ = designs(table, formulas, (equation,))
    design = made[equation]
    if CONSTANT in design.names or not design.names:
        what = (
            f"equation `{equation}` has a constant"
            if design.names
            else f"equation `{equation}` is fixed at zero"
        )
        why = f"it cannot be told from {constant}" if design.names else "nothing would be left to estimate"
        refuse(table.name, [Mistake("", 0, 0, "formula", what, why, f'write "{equation}: {" + ".join(grid)} - 1", for example')])  # fmt: skip
    return {f"{equation}:{name}": design.matrix[:, k] for k, name in enumerate(design.names)}
