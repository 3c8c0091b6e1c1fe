"""Fit a dynamic game to rows by any of its estimators, as the room's common `Fit`."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from standoff.errors import SettingsError
from standoff.games.dynamic.choice import Arrays, Shape, log_choices
from standoff.games.dynamic.estimate import Estimate
from standoff.games.dynamic.full import Start as Beginning
from standoff.games.dynamic.full import constrained, default_starts, nested_fixed_point, start_at
from standoff.games.dynamic.game import DynamicGame
from standoff.games.dynamic.newton import Search, equilibrium_from
from standoff.games.dynamic.pseudo import nested_pseudo_likelihood, two_step
from standoff.games.dynamic.rows import Rows, packed, row_log_likelihood
from standoff.games.dynamic.solve import arrays_of, shape_of
from standoff.games.estimation.fit import Fit
from standoff.games.estimation.maximise import Array, Contributions, Start
from standoff.games.estimation.model import Model
from standoff.games.estimation.table import Dropped

ESTIMATORS = ("constrained", "nested-fixed-point", "npl", "two-step")


def columns_of(text: str | None, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Column names from "a + b + ..." in the order of the usual ones, or those; SettingsError for another number."""
    if text is None:
        return usual
    given = tuple(part.strip() for part in text.split("+"))
    if len(given) != len(usual) or not all(given) or len(set(given)) != len(given):
        raise SettingsError(
            f"--outcome {text!r} does not name {len(usual)} different columns",
            f"they stand for {', '.join(usual)}",
            f'write "{" + ".join(usual)}" with your names',
        )
    return given


class Followed(NamedTuple):
    """Data of the full likelihood: the game's numbers, the rows, and where Newton begins (n,)."""

    arrays: Arrays
    rows: tuple[Array, ...]
    start: Array

    @property
    def response(self) -> tuple[Array, ...]:
        """What was observed, by which the tests of rival models see that both are of the same rows."""
        return self.rows


def estimate_by(game: DynamicGame, rows: Rows, estimator: str, starts: int = 0, seed: int = 0) -> Estimate:
    """Fit by a named estimator; the two full ones climb also from ``starts`` drawn beginnings."""
    if estimator == "two-step":
        return two_step(game, rows)
    if estimator == "npl":
        return nested_pseudo_likelihood(game, rows)
    drawn = [*default_starts(game, rows), *_drawn(game, rows, starts, seed)]
    return (constrained if estimator == "constrained" else nested_fixed_point)(game, rows, drawn)


def _drawn(game: DynamicGame, rows: Rows, count: int, seed: int) -> list[Beginning]:
    random = np.random.default_rng(seed)
    first = default_starts(game, rows)[0]
    found: list[Beginning] = []
    for number in range(count):
        theta = first.theta + random.normal(0, 0.3, len(first.theta)) * (0.1 + np.abs(first.theta))
        odds = first.log_odds + random.normal(0, 1.5, len(first.log_odds))
        found.append(start_at(f"drawn {number + 1}", theta, odds))
    return found


def as_fit(found: Estimate, name: str, data: str, dropped: Dropped | None = None) -> Fit:
    """The estimate as a `Fit` whose model is the full likelihood along its own equilibrium, for profiles and samplers."""
    fit = found.as_fit(name, data, dropped)
    if found.equilibrium is None:
        return fit
    return replace(fit, model=model_of(found, name, data))


def model_of(found: Estimate, name: str, data: str) -> Model:
    """The full likelihood of the estimate's rows, following its equilibrium as the parameters move."""
    game, rows = found.game, found.rows
    start = Start("estimate", found.theta)
    held = Followed(arrays_of(game), packed(rows), jnp.asarray(found.log_odds))
    return Model(
        game=name, estimator=found.estimator, names=game.parameters, contributions=along(shape_of(game)), data=held,
        rows=len(rows), starts=(start,), scales=np.zeros(len(game.parameters)), formulas={}, table=data,
        dropped=Dropped((), {}),
    )  # fmt: skip


@cache
def along(shape: Shape) -> Contributions:
    """The log-likelihood of rows at the equilibrium reached from a start; one function a shape, so compiled once."""

    def contributions(theta: Array, data: Followed) -> Array:
        q = equilibrium_from(shape, data.arrays, theta, data.start, Search(1e-9, 60))
        return row_log_likelihood(shape, data.arrays, data.rows, log_choices(shape, q))

    return contributions
