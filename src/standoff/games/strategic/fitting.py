"""Fit a strategic game (egame12, egame122, egame123) to data: probit or logit, agent error or private information.

The log-likelihood of a row is the sum over ends of its count times the log chance of that end in the equilibrium at the
row's payoffs (Signorino 1999, 2003). Payoffs are linear in their regressors, an equation each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from standoff.errors import Mistake, SettingsError
from standoff.games.estimation.errors import refuse
from standoff.games.estimation.estimate import estimate
from standoff.games.estimation.fit import Fit, Predicted
from standoff.games.estimation.formulas import Design, designs
from standoff.games.estimation.indices import IndexData, contributions_of, derivatives_of, indices
from standoff.games.estimation.maximise import Array, Start
from standoff.games.estimation.model import Model
from standoff.games.estimation.outcomes import Outcomes, outcome_columns, read_outcomes
from standoff.games.estimation.penalty import Information, PenaltyName, information_of_ends
from standoff.games.estimation.separation import separating
from standoff.games.estimation.table import Table, groups_of
from standoff.games.precision import use_float64
from standoff.games.strategic.start import backward_start
from standoff.games.strategic.trees import TREES, Chance, Link, Tree, end_log_chances, row_of


def fit_tree(
    game: str,
    table: Table,
    formulas: Mapping[str, str],
    outcome: str,
    *,
    link: Link = "probit",
    chance: Chance = "agent",
    cluster: str | None = None,
    total: str | None = None,
    drop_missing: bool = False,
    starts: int = 4,
    seed: int = 0,
    bootstraps: int = 0,
    penalty: PenaltyName | None = None,
    also: Sequence[str] = (),
    told: Callable[[int, int], None] | None = None,
) -> Fit:
    """Fit ``game`` ("egame12", "egame122" or "egame123") to the rows of a table.

    ``formulas`` give each payoff equation its regressors; ``outcome`` says how the ends are written (see
    `standoff.games.estimation.outcomes`); ``link`` is "probit" or "logit", ``chance`` "agent" or "private"; ``cluster``
    and ``total`` name columns, ``also`` others in which a row must not be missing. Raises EstimationError with every
    mistake in data and formulas, SettingsError for options that do not go together.
    """
    model = tree_model(
        game, table, formulas, outcome,
        link=link, chance=chance, cluster=cluster, total=total, drop_missing=drop_missing, separable=penalty is not None, also=also,
    )  # fmt: skip
    return estimate(model, starts=starts, seed=seed, bootstraps=bootstraps, penalty=penalty, told=told)


def tree_model(
    game: str, table: Table, formulas: Mapping[str, str], outcome: str, *, link: Link = "probit",
    chance: Chance = "agent", cluster: str | None = None, total: str | None = None, drop_missing: bool = False,
    separable: bool = False, also: Sequence[str] = (),
) -> Model:  # fmt: skip
    """The model of a strategic game on data, checked; ``separable`` lets separated data pass (for penalised fits)."""
    use_float64()
    tree = TREES[game]
    if link == "logit" and chance == "private":
        raise SettingsError("no logit with private information", "its chances have no closed form", "use --link probit, or --chance agent")  # fmt: skip
    given = outcome_columns(outcome, tree.ends, 3 if game == "egame123" else 2)
    needed = [*given.columns, *([total] if total else []), *([cluster] if cluster else []), *also]
    made, kept, dropped = designs(
        table, formulas, [name for name, _ in tree.equations], also=needed, drop_missing=drop_missing
    )
    outcomes = read_outcomes(kept, given, partial(_end_of_moves, tree), total)
    refuse(kept.name, _unidentified(tree, made))
    if not separable:
        refuse(kept.name, _separated(tree, kept, made, outcomes))
    names = tuple(f"{one.equation}:{column}" for one in made.values() for column in one.names)
    data = IndexData(tuple(jnp.asarray(one.matrix) for one in made.values()), jnp.asarray(outcomes.counts))
    row = row_of(game, link, chance)
    return Model(
        game=game, estimator=f"{link}, {'private information' if chance == 'private' else 'agent error'}", names=names,
        contributions=contributions_of(row), data=data, rows=kept.rows,
        starts=(Start("backward induction", backward_start(tree, link, chance, data)), Start("zero", np.zeros(len(names)))),
        scales=np.concatenate([one.matrix.std(axis=0) for one in made.values()]) if names else np.zeros(0),
        formulas={name: one.formula for name, one in made.items()}, table=kept.name, dropped=dropped,
        derivatives=derivatives_of(row), information=_information(game, link, chance),
        predictor=partial(_predict, tree, link, chance, tuple(made.values()), outcomes.names),
        clusters=groups_of(kept, cluster), notes=outcomes.notes, lines=kept.lines,
    )  # fmt: skip


@cache
def _information(game: str, link: Link, chance: Chance) -> Information:
    return information_of_ends(partial(_ends, game, link, chance))


def _ends(game: str, link: Link, chance: Chance, u: Array) -> Array:
    return end_log_chances(TREES[game], u, link, chance)


def _end_of_moves(tree: Tree, moves: tuple[int, ...]) -> tuple[int, int]:
    """The end that these moves, one a mover, lead to, and how many of them were made."""
    for end, path in enumerate(tree.paths):
        if moves[: len(path)] == path:
            return end, len(path)
    raise AssertionError("every sequence of moves has an end")


@partial(jax.jit, static_argnums=(0, 1, 2))
def _chances(game: str, link: Link, chance: Chance, theta: Array, held: tuple[Array, ...]) -> Array:
    found: Array = jnp.exp(jax.vmap(lambda u: _ends(game, link, chance, u))(indices(theta, held)))
    return found


def _predict(
    tree: Tree, link: Link, chance: Chance, made: Sequence[Design], ends: tuple[str, ...], table: Table
) -> Predicted:
    held = tuple(jnp.asarray(one.of(table)) for one in made)
    return Predicted(
        ends, lambda theta: np.asarray(_chances(tree.name, link, chance, jnp.asarray(theta), held))
    )


def _unidentified(tree: Tree, made: Mapping[str, Design]) -> list[Mistake]:
    """Columns that stand in every payoff of a mover, so that only differences of their coefficients matter."""
    mistakes = []
    equations = [name for name, _ in tree.equations]
    for node, held in zip(tree.nodes, tree.equations_of, strict=True):
        if len(held) == 1:
            continue
        mine = [made[equations[e]] for e in held]
        for column in mine[0].names:
            if all(column in one.names for one in mine):
                shown = "the constant" if column == "Intercept" else f"`{column}`"
                what = f"{shown} is in every payoff of {node} ({', '.join(one.equation for one in mine)})"
                mistakes.append(Mistake("", 0, 0, "not-identified", what, "only differences of payoffs move a choice", "leave it out of one of them"))  # fmt: skip
    return mistakes


def _separated(tree: Tree, table: Table, made: Mapping[str, Design], outcomes: Outcomes) -> list[Mistake]:
    """Equations whose regressors alone predict without error the moves at the node where they count."""
    mistakes = []
    equations = [name for name, _ in tree.equations]
    for n, (node, held) in enumerate(zip(tree.nodes, tree.equations_of, strict=True)):
        left, right = np.zeros(table.rows), np.zeros(table.rows)
        for end, (after, path) in enumerate(zip(tree.node_after, tree.paths, strict=True)):
            for at, move in zip(after, path, strict=True):
                if at == n:
                    (right if move else left)[:] += outcomes.counts[:, end]
        for e in held:
            design = made[equations[e]]
            columns = separating(design.matrix, left, right, design.names)
            if columns:
                told = ", ".join(f"`{c}`" for c in columns)
                named = next((c for c in columns if c in table.cells), None)
                place = table.place(named) if named else (table.name, 1, 0)
                mistakes.append(Mistake(*place, "separation", f"{told} in `{design.equation}` predicts every move of {node}",
                                        "its coefficient would grow without end", "use --penalty jeffreys, or leave it out"))  # fmt: skip
    return mistakes


def simulate_tree(
    game: str, coefficients: NDArray[np.float64], made: Sequence[NDArray[np.float64]], seed: int, *,
    link: Link = "probit", chance: Chance = "agent",
) -> NDArray[np.int64]:  # fmt: skip
    """Draw an end (N,), counted from 0, for each row of the designs, matrices (N, K_e) in the order of the equations."""
    use_float64()
    held = tuple(jnp.asarray(x, dtype=jnp.float64) for x in made)
    chances: Any = np.asarray(_chances(game, link, chance, jnp.asarray(coefficients), held))
    draws = np.random.default_rng(seed).random(len(chances))
    ends: NDArray[np.int64] = (draws[:, None] > np.cumsum(chances, axis=1)[:, :-1]).sum(axis=1)
    return ends
