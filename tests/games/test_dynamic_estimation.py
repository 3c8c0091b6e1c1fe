"""Estimators of dynamic games: they agree where they must, recover what made the data, and refuse what cannot be."""

import numpy as np
import pytest

from standoff.games.dynamic.counterfactual import with_draws
from standoff.games.dynamic.errors import DynamicGameError
from standoff.games.dynamic.find import all_equilibria
from standoff.games.dynamic.fitting import as_fit, estimate_by
from standoff.games.dynamic.full import constrained, nested_fixed_point, start_at
from standoff.games.dynamic.pseudo import nested_pseudo_likelihood, two_step
from standoff.games.dynamic.rows import hidden, observed
from standoff.games.dynamic.solve import solve
from standoff.games.dynamic.stationary import simulate
from standoff.games.estimation.comparison import compare
from tests.games.dynamic_games import joint_project, random_game

THETA = np.array([0.5, -0.4, 0.3])


def rows_from(found, markets, periods, seed):
    history = simulate(found, markets, periods, seed)
    players = len(found.game.players)
    return observed(
        found.game, history.states[:, :-1].ravel(), history.actions.reshape(-1, players),
        np.repeat(np.arange(markets), periods),
    )  # fmt: skip


@pytest.fixture(scope="module")
def game():
    return random_game(11, (2, 2), discount=0.9)


@pytest.fixture(scope="module")
def rows(game):
    return rows_from(solve(game, THETA), 50, 40, 3)


@pytest.fixture(scope="module")
def fits(game, rows):
    return {
        "nested": nested_fixed_point(game, rows),
        "constrained": constrained(game, rows),
        "npl": nested_pseudo_likelihood(game, rows),
        "two": two_step(game, rows),
    }


def test_both_full_estimators_end_at_one_maximum(fits):
    nested, bound = fits["nested"], fits["constrained"]
    assert nested.passed and bound.passed
    assert bound.theta == pytest.approx(nested.theta, abs=1e-5)
    assert bound.log_likelihood == pytest.approx(nested.log_likelihood, abs=1e-7)
    assert bound.residual < 1e-9
    assert len(nested.optima) == 1 and len(nested.optima[0].starts) == 3
    assert bound.errors("hessian") == pytest.approx(nested.errors("hessian"), rel=1e-4)


def test_no_estimator_beats_the_full_maximum_and_all_are_near_it(fits):
    best, spread = fits["nested"], fits["nested"].errors("hessian")
    for name in ("npl", "two"):
        assert fits[name].passed
        assert np.max(np.abs(fits[name].theta - best.theta) / spread) < 1.5
    assert fits["npl"].log_likelihood <= best.log_likelihood + 1e-8
    assert fits["npl"].residual <= 1e-7 < fits["two"].residual


def test_the_truth_is_recovered_within_its_errors(fits):
    for fit in fits.values():
        for method in fit.covariance:
            assert np.max(np.abs(fit.theta - THETA) / fit.errors(method)) < 3.5
    nested = fits["nested"]
    ratio = nested.errors("sandwich") / nested.errors("hessian")
    assert ratio.min() > 0.8 and ratio.max() < 1.25
    assert {"hessian", "outer-product", "sandwich", "cluster"} <= set(nested.covariance)


def test_errors_of_two_steps_and_of_the_fixed_point_are_those_of_repeated_samples(game):
    found = solve(game, THETA)
    samples = [rows_from(found, 50, 40, 100 + draw) for draw in range(40)]
    for estimator in (two_step, nested_pseudo_likelihood):
        fits = [estimator(game, sample) for sample in samples]
        spread = np.std([fit.theta for fit in fits], axis=0, ddof=1)
        told = np.mean([fit.errors("sandwich") for fit in fits], axis=0)
        assert np.all(np.abs(np.log(told / spread)) < 0.45)


def test_for_one_player_the_nested_pseudo_likelihood_is_the_full_likelihood():
    game = random_game(12, (2,), discount=0.95)
    rows = rows_from(solve(game, THETA), 50, 40, 1)
    pseudo = nested_pseudo_likelihood(game, rows)
    full = constrained(game, rows, [start_at("even odds", THETA, np.zeros(4))])
    assert pseudo.theta == pytest.approx(full.theta, abs=1e-5)
    assert pseudo.errors("sandwich") == pytest.approx(full.errors("sandwich"), rel=1e-3)


def test_a_hidden_state_measured_without_error_is_a_seen_one(game, rows, fits):
    table = np.where(np.arange(4)[None] == rows.states[:, None], 0.0, -np.inf)
    covered = hidden(game, table, rows.actions, rows.market)
    fit = constrained(game, covered, [start_at("truth", THETA, fits["nested"].log_odds)])
    assert fit.passed
    assert fit.theta == pytest.approx(fits["nested"].theta, abs=1e-5)


def test_a_hidden_state_measured_with_error_is_recovered(game):
    found = solve(game, THETA)
    seen = rows_from(found, 50, 40, 8)
    reading = seen.states + 0.6 * np.random.default_rng(0).normal(size=len(seen))
    table = -0.5 * ((reading[:, None] - np.arange(4)) / 0.6) ** 2
    begin = [start_at("nought", np.zeros(3), found.log_odds)]
    fit = constrained(game, hidden(game, table, seen.actions, seen.market), begin)
    assert fit.passed
    assert np.max(np.abs(fit.theta - THETA) / fit.errors("hessian")) < 3.5
    blurred = fit.errors("hessian") / constrained(game, seen, begin).errors("hessian")
    assert blurred.mean() > 1.0


def test_data_from_an_equilibrium_that_replies_leave_are_fitted_by_the_constraint():
    game, theta = joint_project(), np.array([4.0, 2.2, 1.0])
    found = all_equilibria(game, theta, starts=30, seed=1, homotopy=False)
    unstable = found.found[found.index.index(-1)]
    rows = rows_from(unstable, 200, 10, 2)
    fit = constrained(game, rows, [start_at("near", theta, unstable.log_odds)])
    assert fit.passed
    assert fit.residual < 1e-9
    truth = np.log(
        np.stack([c[rows.states, rows.actions[:, i]] for i, c in enumerate(unstable.choices)])
    ).sum()
    assert fit.log_likelihood >= truth - 1e-6


def test_a_fit_goes_on_to_the_rooms_tests_and_tables(game, rows, fits):
    full = as_fit(fits["constrained"], "random game", "made rows")
    assert full.passed and full.names == game.parameters
    assert full.log_likelihood == pytest.approx(full.contributions.sum())
    static = random_game(11, (2, 2), discount=0.0)
    again = observed(static, rows.states, rows.actions, rows.market)
    rival = as_fit(estimate_by(static, again, "constrained"), "static game", "made rows")
    assert compare(full, rival).sentence
    assert full.model is not None
    assert full.model.contributions(full.estimate, full.model.data).sum() == pytest.approx(
        full.log_likelihood
    )


def test_an_interval_of_a_counterfactual_holds_its_estimate(fits):
    answer = with_draws(fits["constrained"], {"b0": 1.0}, draws=20, seed=1)
    gap = answer.after - answer.before
    assert answer.low is not None and answer.high is not None
    assert np.all(answer.low <= gap) and np.all(gap <= answer.high)
    assert answer.broken == 0.0
    with pytest.raises(DynamicGameError, match="has no equilibrium"):
        with_draws(fits["two"], {"b0": 1.0})


def test_every_mistake_of_rows_is_told_at_once(game):
    with pytest.raises(DynamicGameError) as told:
        observed(game, [0, 9, 1], [[0, 0], [1, 2], [0, 0]], ["a", "b", "a"])
    words = " ".join(told.value.listed)
    for part in ("row 1 has 9", "actions of player 1: row 1 has 2", "must stand together"):
        assert part in words
    with pytest.raises(DynamicGameError, match="possible in no state"):
        hidden(game, np.full((1, 4), -np.inf), [[0, 0]])
