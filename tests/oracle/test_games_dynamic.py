"""The dynamic games' solver, derivatives and likelihood against plain loops and finite differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from standoff.games.dynamic.choice import reply, slope
from standoff.games.dynamic.full import SOLVED
from standoff.games.dynamic.objective import full_hessian, local, log_likelihood, row_values, scored
from standoff.games.dynamic.rows import filtered_states, hidden, observed, packed
from standoff.games.dynamic.solve import arrays_of, shape_of, solve
from standoff.games.dynamic.stationary import simulate, stationary_law
from tests.games.dynamic_games import random_game
from tests.oracle.slow_dynamic_game import SlowDynamicGame

THETA = np.array([0.4, -0.3, 0.2])


def slow(game, theta):
    profiles = [tuple(row) for row in game.profiles.tolist()]
    flow = game.features @ theta + game.offset
    return SlowDynamicGame(
        [len(names) for names in game.actions],
        len(game.states),
        lambda i, s, a: flow[i, s, profiles.index(a)],
        lambda s, a: game.transition[s, profiles.index(a)].tolist(),
        game.discount.tolist(),
    )


@pytest.mark.parametrize(
    ("seed", "counts", "discount"), [(0, (2, 3), 0.8), (1, (2, 2, 2), [0.7, 0.5, 0.8]), (2, (4,), 0.8)]
)
def test_solutions_are_those_of_plain_loops(seed, counts, discount):
    game = random_game(seed, counts, states=3, discount=discount)
    found = solve(game, THETA)
    chance, value = slow(game, THETA).solve()
    for i in range(len(counts)):
        assert found.choices[i] == pytest.approx(np.array(chance[i]), abs=1e-9)
        assert found.values[i] == pytest.approx(np.array(value[i]), abs=1e-8)


@pytest.mark.parametrize("discount", [0.9, [0.9, 0.5]])
def test_the_slope_at_an_equilibrium_is_the_whole_slope(discount):
    game = random_game(3, (2, 3), discount=discount)
    found = solve(game, THETA)
    shape, arrays = shape_of(game), arrays_of(game)
    q, theta = jnp.asarray(found.log_odds), jnp.asarray(THETA)
    whole = jax.jacfwd(lambda point: reply(shape, arrays, theta, point))(q)
    assert np.asarray(slope(shape, arrays, theta, q)[1]) == pytest.approx(np.asarray(whole), abs=1e-8)
    assert np.max(np.abs(whole)) > 0.05


def rows_of(game, found, markets=3, periods=40, seed=5):
    history = simulate(found, markets, periods, seed)
    return observed(
        game, history.states[:, :-1].ravel(), history.actions.reshape(-1, len(game.players)),
        np.repeat(np.arange(markets), periods),
    )  # fmt: skip


def test_scores_and_hessian_are_those_of_finite_differences():
    game = random_game(4, (2, 2), discount=0.95)
    found = solve(game, THETA)
    data, shape, arrays = packed(rows_of(game, found)), shape_of(game), arrays_of(game)
    start = jnp.asarray(found.log_odds)

    def value(theta):
        return float(
            row_values(shape, arrays, data, jnp.asarray(solve(game, theta, found, 1e-12).log_odds)).sum()
        )

    near = local(shape, arrays, jnp.asarray(THETA), start)
    scores = np.asarray(scored(shape, arrays, data, start, near.motion).scores)
    rise = jax.grad(lambda t: log_likelihood(shape, arrays, data, t, start, SOLVED))(jnp.asarray(THETA))
    hessian = np.asarray(full_hessian(shape, arrays, data, jnp.asarray(THETA), start, SOLVED))
    step = 1e-4
    units = step * np.eye(3)
    slopes = [(value(THETA + e) - value(THETA - e)) / (2 * step) for e in units]
    assert scores.sum(axis=0) == pytest.approx(slopes, rel=1e-5, abs=1e-5)
    assert np.asarray(rise) == pytest.approx(scores.sum(axis=0), rel=1e-9, abs=1e-9)

    def gradient(theta):
        q = jnp.asarray(solve(game, theta, found, 1e-12).log_odds)
        motion = local(shape, arrays, jnp.asarray(theta), q).motion
        return np.asarray(scored(shape, arrays, data, q, motion).scores).sum(axis=0)

    bent = np.array([(gradient(THETA + e) - gradient(THETA - e)) / (2 * step) for e in units])
    assert hessian == pytest.approx(bent, rel=1e-5, abs=1e-4)


def test_the_likelihood_is_that_of_plain_loops_seen_or_hidden():
    game = random_game(6, (2, 2), discount=0.8)
    found = solve(game, THETA)
    loops = slow(game, THETA)
    chance = [table.tolist() for table in found.choices]
    rows = rows_of(game, found, markets=1, periods=6)
    shape, arrays, q = shape_of(game), arrays_of(game), jnp.asarray(found.log_odds)
    seen = float(row_values(shape, arrays, packed(rows), q).sum())
    assert seen == pytest.approx(loops.log_likelihood(chance, rows.states, rows.actions), abs=1e-9)
    draws = np.random.default_rng(0)
    table, start = draws.normal(size=(6, 4)), draws.dirichlet(np.ones(4))
    covered = hidden(game, table, rows.actions, start=start)
    given = float(row_values(shape, arrays, packed(covered), q).sum())
    told = loops.hidden_log_likelihood(chance, np.exp(table), [tuple(a) for a in rows.actions], start)
    assert given == pytest.approx(told, abs=1e-9)
    twice = hidden(game, np.tile(table, (2, 1)), np.tile(rows.actions, (2, 1)), np.repeat([0, 1], 6), start)
    assert float(row_values(shape, arrays, packed(twice), q).sum()) == pytest.approx(2 * told, abs=1e-9)
    assert filtered_states(game, covered, found.choices).sum(axis=1) == pytest.approx(np.ones(6))


def test_simulated_play_has_the_laws_that_it_should():
    game = random_game(7, (2, 2), discount=0.9)
    found = solve(game, THETA)
    history = simulate(found, 20000, 2, 1)
    law = stationary_law(found)
    for period in (0, 1, 2):
        share = np.bincount(history.states[:, period], minlength=4) / 20000
        assert np.max(np.abs(share - law) / np.sqrt(law * (1 - law) / 20000)) < 4.5
    acted = np.bincount(history.actions[:, 0, 1], minlength=2) / 20000
    chance = law @ found.choices[1]
    assert np.max(np.abs(acted - chance) / np.sqrt(chance * (1 - chance) / 20000)) < 4.5
