"""Fit a dynamic game to rows by any of its estimators, as the room's common `Fit`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from standoff.errors import SettingsError
from standoff.games.dynamic.choice import Arrays, Shape, log_choices, reply
from standoff.games.dynamic.climb import climb, place
from standoff.games.dynamic.design import StateSpace
from standoff.games.dynamic.estimate import Estimate
from standoff.games.dynamic.follow import followed
from standoff.games.dynamic.full import Start as Beginning
from standoff.games.dynamic.full import constrained, default_starts, nested_fixed_point, problem_of, start_at
from standoff.games.dynamic.game import DynamicGame, Floats
from standoff.games.dynamic.newton import Search, equilibrium_from
from standoff.games.dynamic.objective import full_hessian
from standoff.games.dynamic.predict import predictor_of
from standoff.games.dynamic.pseudo import nested_pseudo_likelihood, two_step
from standoff.games.dynamic.resample import Law, resampled, simulated
from standoff.games.dynamic.rows import (
    Observed,
    Rows,
    filtered_states,
    grouped,
    packed,
    refuse_impossible,
    row_log_likelihood,
    seen,
)
from standoff.games.dynamic.solve import arrays_of, shape_of
from standoff.games.dynamic.tables import Play
from standoff.games.estimation.bootstrap import Bootstrap, resample_gates
from standoff.games.estimation.covariance import inverse
from standoff.games.estimation.estimate import estimate
from standoff.games.estimation.fit import Fit, error_notes
from standoff.games.estimation.maximise import Array, Contributions, Start
from standoff.games.estimation.model import Climb, Climbed, Model
from standoff.games.estimation.penalty import Information, PenaltyName
from standoff.games.estimation.table import Dropped

if TYPE_CHECKING:
    from standoff.games.fitting import Request

ESTIMATORS = ("constrained", "nested-fixed-point", "npl", "two-step")
FULL = ("constrained", "nested-fixed-point")
FOLLOWED = Search(1e-9, 60)
FOLLOWS = "the equilibrium of the estimate is followed as parameters move, and where it ends the density is zero; another equilibrium would have a posterior of its own"


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
    """Data of the full likelihood: the game's numbers, the rows, and the equilibrium (n,) to follow, at parameters (K,)."""

    arrays: Arrays
    rows: tuple[Array, ...]
    start: Array
    origin: Array

    @property
    def response(self) -> tuple[Array, ...]:
        """What was observed, by which the tests of rival models see that both are of the same rows."""
        return self.rows


class Readied(NamedTuple):
    """What a table says of a game: its rows as read, the state's variables, and the game that rows make, with the law of
    motion that they imply; ``base`` is the game at any law, for its shape."""

    play: Play
    space: StateSpace
    base: DynamicGame
    law: Law


def fit_play(name: str, ready: Readied, request: Request, estimator: str) -> Fit:
    """Fit a game to rows as a request asks; SettingsError for options that do not go together."""
    play = ready.play
    _refuse_options(request, estimator)
    rows = seen(ready.base, play.states, play.actions, play.market, play.cluster)
    game = ready.law(rows)
    refuse_impossible(game, rows)
    found = estimate_by(game, rows, estimator, request.starts, request.seed)
    fit = as_fit(found, name, play.table.name, play.dropped, tuple(play.table.lines[i] for i in play.order))
    unmoved = (
        ()
        if len(rows.moves)
        else ("no market is seen in two periods: the law of motion is the published one",)
    )
    fit = replace(
        fit,
        predictor=predictor_of(found, ready.space),
        notes=(*fit.notes, *unmoved),
        formulas=request.formulas,
    )
    if request.penalty is not None:
        return penalised(fit, request.penalty, request.starts, request.seed)
    if request.cluster is not None:
        fit = replace(fit, main="cluster")
    if request.bootstraps:
        draw = simulated if request.parametric else resampled
        made = draw(found, request.bootstraps, request.seed, ready.law, request.told)
        fit = with_resamples(
            fit, made, "play of the fitted game" if request.parametric else _groups_told(rows)
        )
    return replace(fit, notes=(*fit.notes, *error_notes(fit)))


def _refuse_options(request: Request, estimator: str) -> None:
    if request.parametric and not request.bootstraps:
        raise SettingsError("--parametric without --bootstrap", "it says how resamples are drawn", "give --bootstrap N, or leave it out")  # fmt: skip
    if request.penalty is not None and estimator not in FULL:
        raise SettingsError(f"no penalty with the estimator {estimator}", "a pseudo-likelihood is no likelihood", f"use --estimator {' or '.join(FULL)}")  # fmt: skip
    if request.penalty is not None and request.bootstraps:
        raise SettingsError("--penalty and --bootstrap do not go together", "resamples would be climbed without the penalty", "use one of them")  # fmt: skip


def _groups_told(rows: Observed) -> str:
    return f"{len(set(rows.cluster.tolist()))} groups"


def with_resamples(fit: Fit, made: Bootstrap, drawn: str) -> Fit:
    """The fit with a bootstrap as its main errors, its gate, and a note of what was drawn."""
    return replace(
        fit, errors={**fit.errors, "bootstrap": made.covariance}, main="bootstrap", resampled=made,
        gates=(*fit.gates, *resample_gates(made)), notes=(*fit.notes, f"resamples are drawn from {drawn}"),
    )  # fmt: skip


def penalised(fit: Fit, penalty: PenaltyName, starts: int, seed: int) -> Fit:
    """The full likelihood with a penalty, along the equilibrium that maximises it without one."""
    assert fit.model is not None
    made = estimate(fit.model, starts=starts, seed=seed, penalty=penalty)
    return replace(made, predictor=fit.predictor, notes=(*made.notes, *fit.notes))


def estimate_by(game: DynamicGame, rows: Rows, estimator: str, starts: int = 0, seed: int = 0) -> Estimate:
    """Fit by a named estimator, from its own starts and ``starts`` drawn ones; two steps climb a concave function once."""
    if estimator == "two-step":
        return two_step(game, rows)
    drawn = _drawn(game, rows, starts, seed)
    if estimator == "npl":
        return nested_pseudo_likelihood(game, rows, others=[(one.name, one.log_odds) for one in drawn])
    climb = constrained if estimator == "constrained" else nested_fixed_point
    return climb(game, rows, [*default_starts(game, rows), *drawn])


def _drawn(game: DynamicGame, rows: Rows, count: int, seed: int) -> list[Beginning]:
    random = np.random.default_rng(seed)
    first = default_starts(game, rows)[0]
    found: list[Beginning] = []
    for number in range(count):
        theta = first.theta + random.normal(0, 0.3, len(first.theta)) * (0.1 + np.abs(first.theta))
        odds = first.log_odds + random.normal(0, 1.5, len(first.log_odds))
        found.append(start_at(f"drawn {number + 1}", theta, odds))
    return found


def as_fit(
    found: Estimate, name: str, data: str, dropped: Dropped | None = None, lines: tuple[int, ...] = ()
) -> Fit:
    """The estimate as a `Fit` whose model is the full likelihood along its own equilibrium, for profiles and samplers.

    ``lines`` (T,) where the rows stand in their file.
    """
    fit = found.as_fit(name, data, dropped)
    if found.equilibrium is None:
        return fit
    return replace(fit, model=model_of(found, name, data, lines))


def model_of(found: Estimate, name: str, data: str, lines: tuple[int, ...] = ()) -> Model:
    """The full likelihood of the estimate's rows, following its equilibrium as the parameters move."""
    game, rows = found.game, found.rows
    held = Followed(arrays_of(game), packed(rows), jnp.asarray(found.log_odds), jnp.asarray(found.theta))
    shape = shape_of(game)
    return Model(
        game=name, estimator=found.estimator, names=game.parameters, contributions=along(shape), data=held,
        rows=len(rows), starts=(Start("estimate", found.theta), Start("nought", np.zeros(len(found.theta)))), scales=scales_of(found), formulas={}, table=data,
        dropped=Dropped((), {}), information=information_of(shape) if isinstance(rows, Observed) else None,
        clusters=grouped(rows), lines=lines, climb=_climber(found), followed=FOLLOWS,
    )  # fmt: skip


def _climber(found: Estimate) -> Climb:
    """Climbs of the full likelihood that carry the equilibrium along."""
    problem = problem_of(found.game, found.rows)

    @cache
    def bread() -> Floats:
        if "hessian" in found.covariance:
            return found.covariance["hessian"]
        theta, q = jnp.asarray(found.theta), jnp.asarray(found.log_odds)
        return inverse(-np.asarray(full_hessian(*problem, theta, q, FOLLOWED)))

    def climber(start: Floats, free: NDArray[np.bool_], memory: Array | None) -> Climbed:
        near = jnp.asarray(found.log_odds) if memory is None else memory
        end, arrived = climb(problem, place(problem, start, near), bread(), free)
        return Climbed(end.theta, end.value, arrived, end.q if np.isfinite(end.value) else near)

    return climber


def scales_of(found: Estimate) -> Floats:
    """Standard deviation (K,) over the rows of what a parameter multiplies in a flow payoff, beside that of the player's
    first action and the others' estimated choices; of several players and actions the largest. 0 for what is constant."""
    game, shape = found.game, shape_of(found.game)
    choices = [np.exp(np.asarray(log)) for log in log_choices(shape, jnp.asarray(found.log_odds))]
    weight = filtered_states(game, found.rows, tuple(choices)).sum(axis=0)
    weight /= weight.sum()
    largest = np.zeros(len(game.parameters))
    for player, count in enumerate(shape.actions):
        of_actions = _expected(game, choices, player)
        for action in range(1, count):
            gap = of_actions[:, action] - of_actions[:, 0]
            largest = np.maximum(largest, np.sqrt(weight @ (gap - weight @ gap) ** 2))
    return np.where(largest > 1e-9, largest, 0.0)


def _expected(game: DynamicGame, choices: Sequence[Floats], player: int) -> Floats:
    """Features (S,A_i,K) of a player's actions, the others choosing as given."""
    acts = game.profiles
    others = np.ones((len(game.states), len(acts)))
    for rival, table in enumerate(choices):
        if rival != player:
            others = others * table[:, acts[:, rival]]
    weighted = others[:, :, None] * game.features[player]
    return np.stack(
        [weighted[:, acts[:, player] == a].sum(axis=1) for a in range(choices[player].shape[1])], axis=1
    )


def _equilibrium(shape: Shape, theta: Array, data: Followed) -> Array:
    """Log odds (n,) of the followed equilibrium, differentiable in ``theta`` (K,)."""
    near = followed(shape, data.arrays, data.origin, data.start, jax.lax.stop_gradient(theta), FOLLOWED)
    return equilibrium_from(shape, data.arrays, theta, near, FOLLOWED)


@cache
def along(shape: Shape) -> Contributions:
    """The log-likelihood of rows at the equilibrium that is followed; one function a shape, so compiled once.

    Where that equilibrium has ended it is minus infinity.
    """

    def contributions(theta: Array, data: Followed) -> Array:
        q = _equilibrium(shape, theta, data)
        left = jax.lax.stop_gradient(jnp.max(jnp.abs(reply(shape, data.arrays, theta, q) - q)))
        values = row_log_likelihood(shape, data.arrays, data.rows, log_choices(shape, q))
        return jnp.where(left <= FOLLOWED.tolerance, values, -jnp.inf)

    return contributions


@cache
def information_of(shape: Shape) -> Information:
    """The expected information (K, K) of actions in the states that were seen, along the equilibrium."""

    def information(theta: Array, data: Followed) -> Array:
        def logs(numbers: Array) -> tuple[Array, ...]:
            return log_choices(shape, _equilibrium(shape, numbers, data))

        weight, states, _ = data.rows
        visits = jnp.zeros(shape.states).at[states].add(weight)
        total = jnp.zeros((theta.shape[0], theta.shape[0]))
        for log, slopes in zip(logs(theta), jax.jacfwd(logs)(theta), strict=True):
            total += jnp.einsum("s,sa,sak,sal->kl", visits, jnp.exp(log), slopes, slopes)
        return total

    return information
