"""Bootstrap of a dynamic game: groups drawn again, or play simulated from the fitted game; each resample is fitted anew.

What is estimated from the rows before the payoffs (the law of motion, a first step) is estimated again in each resample,
so that these errors hold its error too. Groups are the markets, or those of a column; rows within them stay together.
A fit begins at the estimate; what does not arrive is counted as failed.
Source: Efron and Tibshirani (1993) [efron_tibshirani_1993].
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import jax.numpy as jnp
import numpy as np

from standoff.games.dynamic.choice import log_choices
from standoff.games.dynamic.climb import climb, place
from standoff.games.dynamic.errors import DynamicGameError
from standoff.games.dynamic.estimate import Estimate
from standoff.games.dynamic.full import problem_of
from standoff.games.dynamic.game import DynamicGame, Floats
from standoff.games.dynamic.pseudo import choose_first_step, second_step, settle
from standoff.games.dynamic.rows import Observed, Rows
from standoff.games.dynamic.solve import shape_of
from standoff.games.dynamic.stationary import draw
from standoff.games.estimation.bootstrap import Bootstrap, draw_weights

Law = Callable[[Observed], DynamicGame]
Told = Callable[[int, int], None]


def resampled(
    found: Estimate, count: int, seed: int, law: Law | None = None, told: Told | None = None
) -> Bootstrap:
    """Fit ``count`` resamples of the groups of the rows; ``law`` makes the game of seen rows, with its law of motion.

    Raises `DynamicGameError` where the rows have one group only.
    """
    if len(set(found.rows.cluster.tolist())) < 2:
        raise DynamicGameError(
            ["all rows are of one group: nothing can be drawn again"],
            "name groups by a column, or draw play from the fitted game",
        )
    weights = draw_weights(len(found.rows), count, seed, found.rows.cluster)
    samples: Iterator[Rows] = (replace(found.rows, weight=weight) for weight in weights)
    return _fitted(found, samples, count, seed, law, told)


def simulated(
    found: Estimate, count: int, seed: int, law: Law | None = None, told: Told | None = None
) -> Bootstrap:
    """Fit ``count`` samples that the fitted game plays: markets of the same first states and lengths.

    Raises `DynamicGameError` where the state is hidden: how it is measured is not part of the game.
    """
    rows = found.rows
    if not isinstance(rows, Observed):
        raise DynamicGameError(
            ["play of a hidden state cannot be simulated: its measurement is not part of the game"],
            "draw groups again",
        )
    random = np.random.default_rng(seed)
    samples = (played(found, rows, random) for _ in range(count))
    return _fitted(found, samples, count, seed, law, told)


def played(found: Estimate, rows: Observed, random: np.random.Generator) -> Observed:
    """Rows like those given, each market from its first state on as the estimate's choices play it."""
    game = found.game
    logs = log_choices(shape_of(game), jnp.asarray(found.log_odds))
    choices = [np.cumsum(np.exp(np.asarray(log)), axis=1) for log in logs]
    ahead = np.cumsum(game.transition, axis=2)
    first = np.flatnonzero(np.append(True, rows.market[1:] != rows.market[:-1]))
    length = np.diff(np.append(first, len(rows)))
    states, actions = np.empty(len(rows), dtype=np.int64), np.empty_like(rows.actions)
    state = rows.states[first]
    for t in range(int(length.max())):
        live = length > t
        at = first[live] + t
        states[at] = state[live]
        for player, table in enumerate(choices):
            actions[at, player] = draw(table[states[at]], random.random(len(at)))
        state[live] = draw(ahead[states[at], game.profile_of(actions[at])], random.random(len(at)))
    follows = rows.market[1:] == rows.market[:-1]
    moves = np.column_stack([states[:-1], game.profile_of(actions)[:-1], states[1:]])[follows]
    return replace(rows, states=states, actions=actions, moves=moves)


def _fitted(
    found: Estimate, samples: Iterable[Rows], count: int, seed: int, law: Law | None, told: Told | None
) -> Bootstrap:
    estimates = np.full((count, len(found.theta)), np.nan)
    converged = np.zeros(count, dtype=np.bool_)
    for number, rows in enumerate(samples):
        game = law(rows) if law is not None and isinstance(rows, Observed) else found.game
        estimates[number], converged[number] = again(found, game, rows)
        if told is not None:
            told(number + 1, count)
    return Bootstrap(estimates, converged, seed)


def again(found: Estimate, game: DynamicGame, rows: Rows) -> tuple[Floats, bool]:
    """The same estimator on other rows of the game, begun at the estimate: parameters (K,), and whether it arrived."""
    if found.estimator.startswith("two-step"):
        first = choose_first_step(game, rows, found.estimator[len("two-step (") : -1])
        theta, end, _ = second_step(game, rows, first)
        return theta, end.converged
    if found.estimator == "nested pseudo-likelihood":
        settled = settle(game, rows, "estimate", found.log_odds, found.theta)
        return settled.theta, settled.end.converged
    problem = problem_of(game, rows)
    begin = place(problem, found.theta, jnp.asarray(found.log_odds))
    reached, arrived = climb(problem, begin, found.covariance["hessian"])
    return reached.theta, arrived
