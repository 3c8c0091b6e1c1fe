"""What every estimable game offers, for the dynamic ones: predictions, resamples, groups, penalties, profiles, posteriors."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from standoff.cli.group import standoff
from standoff.errors import SettingsError
from standoff.games.dynamic.entry_game import entry_game, space_of
from standoff.games.dynamic.errors import DynamicGameError
from standoff.games.dynamic.fitting import along, as_fit, information_of, scales_of
from standoff.games.dynamic.full import constrained, nested_fixed_point, start_at
from standoff.games.dynamic.pseudo import nested_pseudo_likelihood, two_step
from standoff.games.dynamic.published_entry import game_of
from standoff.games.dynamic.resample import again, played, resampled, simulated
from standoff.games.dynamic.rows import hidden, observed
from standoff.games.dynamic.solve import shape_of, solve
from standoff.games.dynamic.stationary import simulate
from standoff.games.estimation.bootstrap import draw_weights
from standoff.games.estimation.errors import EstimationError
from standoff.games.estimation.profile import profile
from standoff.games.estimation.table import table_of, write_table
from standoff.games.fitting import Request, fit
from tests.games.dynamic_games import random_game

TRUTH = {"FC_1": -1.9, "FC_2": -1.8, "S": 1.0, "RN": 2.0, "EC": 1.0}
MARKETS, PERIODS = 150, 4


def markets_table(markets=MARKETS, seed=2):
    game = entry_game(2)
    play = simulate(solve(game, [TRUTH[name] for name in game.parameters]), markets, PERIODS, seed)
    states, acts = play.states[:, :-1].ravel(), play.actions.reshape(-1, 2)
    which = np.repeat(np.arange(markets), PERIODS)
    held = {name: column[states].astype(int) for name, column in space_of(2).columns.items()}
    return {
        "market": which, "time": np.tile(np.arange(PERIODS), markets), **held, "act_1": acts[:, 0],
        "act_2": acts[:, 1], "region": [f"r{m // 5}" for m in which],
    }  # fmt: skip


@pytest.fixture(scope="module")
def table():
    return table_of(markets_table(), "markets.csv")


def fitted(table, estimator="npl", **options):
    return fit("entry-game", table, Request({}, estimator=estimator, starts=0, **options))


@pytest.fixture(scope="module")
def full(table):
    return fitted(table, "constrained", cluster="region")


@pytest.fixture(scope="module")
def small():
    """A game without names for its rows, its fits by all estimators, and its rows."""
    game = random_game(11, (2, 2), discount=0.9)
    theta = np.array([0.5, -0.4, 0.3])
    play = simulate(solve(game, theta), 40, 20, 3)
    rows = observed(
        game, play.states[:, :-1].ravel(), play.actions.reshape(-1, 2), np.repeat(np.arange(40), 20)
    )
    start = [start_at("truth", theta, np.zeros(8))]
    return game, rows, {
        "constrained": constrained(game, rows, start), "nested": nested_fixed_point(game, rows, start),
        "npl": nested_pseudo_likelihood(game, rows), "two": two_step(game, rows),
    }  # fmt: skip


# predictions


def test_predictions_are_the_equilibriums_choices_in_the_rows_states(full, table):
    told = full.predict(table.take(range(8)), draws=40)
    assert told.names == ("firm 1: inactive", "firm 1: active", "firm 2: inactive", "firm 2: active")
    space, game = space_of(2), game_of(full_rows(table))
    states = space.find({name: table.take(range(8)).numbers(name) for name in space.variables})
    choices = solve(game, full.estimate).choices
    assert told.values == pytest.approx(np.concatenate(choices, axis=1)[states], abs=1e-8)


def full_rows(table):
    space = space_of(2)
    states = space.find({name: table.numbers(name) for name in space.variables})
    acts = np.column_stack([table.numbers(f"act_{i}") for i in (1, 2)]).astype(int)
    return observed(entry_game(2), states, acts, table.numbers("market"))


@pytest.mark.parametrize("estimator", ["constrained", "npl", "two-step"])
def test_predicted_choices_add_up_and_lie_in_their_intervals(table, full, estimator):
    found = full if estimator == "constrained" else fitted(table, estimator)
    told = found.predict(table.take(range(6)), draws=60)
    assert told.values.reshape(6, 2, 2).sum(axis=2) == pytest.approx(np.ones((6, 2)), abs=1e-12)
    assert np.all(told.low < told.values) and np.all(told.values < told.high)


def test_intervals_of_predictions_are_those_of_the_delta_method(full, table):
    told = full.predict(table.take(range(4)), draws=1500, level=0.5)
    predicted = full.predictor(table.take(range(4))).values_at
    step = 1e-5 * np.eye(len(full.estimate))
    slopes = np.stack(
        [(predicted(full.estimate + s) - predicted(full.estimate - s)) / 2e-5 for s in step], axis=2
    )
    spread = np.sqrt(np.einsum("tjk,kl,tjl->tj", slopes, full.errors[full.main], slopes))
    assert (told.high - told.low) / spread == pytest.approx(np.full((4, 4), 2 * 0.6745), rel=0.2)


def test_draws_that_lead_to_no_prediction_are_told(full, table):
    broken = replace(
        full, predictor=lambda rows: full.predictor(rows)._replace(values_at=sometimes(full, rows))
    )
    told = broken.predict(table.take([0]), draws=50)
    assert "of them left out" in told.method
    assert np.isfinite(told.low).all()


def sometimes(full, rows):
    inner = full.predictor(rows).values_at
    return lambda theta: inner(theta) * (1.0 if theta[0] <= full.estimate[0] + 0.1 else np.nan)


def test_rows_to_predict_have_states_of_the_game(full):
    with pytest.raises(EstimationError) as told:
        full.predict(table_of({"size": [1, 9], "active_1": [0, 1], "active_2": [0, "x"]}))
    assert {one.code for one in told.value.mistakes} == {"not-a-number"}
    with pytest.raises(EstimationError) as told:
        full.predict(table_of({"size": [1, 9], "active_1": [0, 1], "active_2": [0, 1]}))
    assert {one.code for one in told.value.mistakes} == {"unknown-level"}


# resamples


def test_a_resample_is_the_fit_of_rows_written_twice(small):
    game, rows, fits = small
    weight = draw_weights(len(rows), 1, 4, rows.market)[0]
    often = weight.reshape(40, 20)[:, 0].astype(int)
    picked = np.concatenate([np.arange(20 * m, 20 * m + 20) for m in range(40) for _ in range(often[m])])
    twice = observed(game, rows.states[picked], rows.actions[picked], np.repeat(np.arange(40), 20))
    weighted = replace(rows, weight=weight)
    truth = [start_at("estimate", fits["constrained"].theta, fits["constrained"].log_odds)]
    others = {
        "constrained": constrained(game, twice, truth), "nested": nested_fixed_point(game, twice, truth),
        "npl": nested_pseudo_likelihood(game, twice), "two": two_step(game, twice),
    }  # fmt: skip
    for name, other in others.items():
        theta, arrived = again(fits[name], game, weighted)
        assert arrived
        assert theta == pytest.approx(other.theta, abs=2e-4), name


def test_both_kinds_of_resamples_agree_with_the_sandwich(small):
    _, _, fits = small
    for name in ("nested", "npl", "two"):
        for made in (resampled(fits[name], 80, 1), simulated(fits[name], 80, 1)):
            assert made.converged.all()
            ratio = np.sqrt(np.diag(made.covariance)) / fits[name].errors("sandwich")
            assert np.all((ratio > 0.7) & (ratio < 1.4)), (name, ratio)


def test_simulated_play_has_the_markets_of_the_rows_and_the_choices_of_the_estimate(small):
    game, rows, fits = small
    found = fits["nested"]
    made = [played(found, rows, np.random.default_rng(seed)) for seed in range(30)]
    firsts = np.arange(0, 800, 20)
    for one in made:
        assert np.array_equal(one.states[firsts], rows.states[firsts])
        assert np.all(game.transition[tuple(one.moves.T)] > 0)
    states = np.concatenate([one.states for one in made])
    acts = np.concatenate([one.actions[:, 1] for one in made])
    for state in range(4):
        here = acts[states == state]
        chance = found.equilibrium.choices[1][state, 1]
        assert abs(here.mean() - chance) < 4.5 * np.sqrt(chance * (1 - chance) / len(here))


def test_resamples_estimate_the_law_of_motion_again(table):
    rows = full_rows(table)
    weight = draw_weights(len(rows), 1, 0, rows.market)[0]
    once, again_ = game_of(rows), game_of(replace(rows, weight=weight))
    assert np.abs(once.transition - again_.transition).max() > 0.01
    picked = np.repeat(np.arange(len(rows)), weight.astype(int))
    sizes = space_of(2).positions["size"][rows.states]
    moved = rows.market[1:] == rows.market[:-1]
    seen = np.zeros((5, 5))
    for row in picked[picked < len(rows) - 1]:
        if moved[row]:
            seen[sizes[row], sizes[row + 1]] += 1
    law = seen / seen.sum(axis=1, keepdims=True)
    assert np.stack(
        [again_.transition[4 * s, 0].reshape(5, 4).sum(axis=1) for s in range(5)]
    ) == pytest.approx(law)


def test_resamples_are_seeded_and_told(table):
    heard = []
    one = fitted(table, bootstraps=5, seed=3, told=lambda done, count: heard.append((done, count)))
    assert heard[-1] == (5, 5)
    assert one.main == "bootstrap"
    assert np.array_equal(one.errors["bootstrap"], fitted(table, bootstraps=5, seed=3).errors["bootstrap"])
    assert not np.array_equal(
        one.errors["bootstrap"], fitted(table, bootstraps=5, seed=4).errors["bootstrap"]
    )
    assert any("150 groups" in note for note in one.notes)
    assert any(
        "play of the fitted game" in note for note in fitted(table, bootstraps=2, parametric=True).notes
    )


def test_what_cannot_be_drawn_is_refused(small):
    game, rows, fits = small
    alone = observed(game, rows.states[:20], rows.actions[:20])
    with pytest.raises(DynamicGameError, match="one group"):
        resampled(replace(fits["npl"], rows=alone), 3, 0)
    covered = hidden(game, np.zeros((800, 4)), rows.actions, rows.market)
    with pytest.raises(DynamicGameError, match="its measurement is not part of the game"):
        simulated(replace(fits["npl"], rows=covered), 3, 0)
    with pytest.raises(DynamicGameError, match="counts whole"):
        hidden(game, np.zeros((800, 4)), rows.actions, rows.market, cluster=np.arange(800) % 7)
    with pytest.raises(DynamicGameError, match="cluster: 3 entries"):
        observed(game, rows.states, rows.actions, rows.market, [0, 1, 2])


# groups


def test_errors_by_groups_are_those_of_scores_summed_by_hand(small):
    game, rows, fits = small
    groups = np.arange(800) // 50
    again_ = nested_fixed_point(
        game, observed(game, rows.states, rows.actions, rows.market, groups),
        [start_at("estimate", fits["nested"].theta, fits["nested"].log_odds)],
    )  # fmt: skip
    sums = np.stack([again_.scores[groups == g].sum(axis=0) for g in range(16)])
    bread = again_.covariance["hessian"]
    assert again_.covariance["cluster"] == pytest.approx(bread @ (sums.T @ sums) @ bread * 16 / 15, rel=1e-9)


def test_groups_of_a_column_become_the_main_errors(full, table):
    assert full.main == "cluster"
    by_market = fitted(table, "constrained")
    assert by_market.main == "hessian"
    assert not np.allclose(by_market.errors["cluster"], full.errors["cluster"])
    same = table_of(markets_table() | {"region": ["all"] * MARKETS * PERIODS})
    with pytest.raises(EstimationError) as told:
        fitted(same, cluster="region")
    assert {one.code for one in told.value.mistakes} == {"constant-column"}
    with pytest.raises(EstimationError) as told:
        fitted(table, cluster="regoin")
    assert "did you mean `region`" in told.value.mistakes[0].do


# penalties


def test_the_expected_information_is_the_mean_of_scores_squared(small):
    import jax.numpy as jnp

    game, _, fits = small
    found = fits["nested"]
    data = as_fit(found, "g", "d").model.data
    expected = np.asarray(information_of(shape_of(game))(jnp.asarray(found.theta), data))
    step, total = 1e-5, np.zeros((3, 3))
    tables = [
        [np.log(t) for t in solve(game, found.theta + sign * step * np.eye(3)[k], found.log_odds).choices]
        for k in range(3) for sign in (1, -1)
    ]  # fmt: skip
    for player in range(2):
        slopes = np.stack(
            [(tables[2 * k][player] - tables[2 * k + 1][player]) / (2 * step) for k in range(3)], axis=2
        )
        for state in found.rows.states:
            p = found.equilibrium.choices[player][state]
            total += np.einsum("a,ak,al->kl", p, slopes[state], slopes[state])
    assert expected == pytest.approx(total, rel=1e-4)


def test_a_penalty_keeps_a_separated_fit_finite():
    held = markets_table(12, seed=5)
    held["act_2"] = (np.asarray(held["size"]) >= 3).astype(int)  # the size tells firm 2's every move
    held["active_2"] = np.where(np.asarray(held["time"]) == 0, held["active_2"], np.roll(held["act_2"], 1))
    few = table_of(held, "few.csv")
    found = fitted(few, "constrained", penalty="log-f")
    assert found.penalty == "log-f"
    assert found.optima[0].converged
    assert np.isfinite(found.standard_errors()).all()
    assert np.abs(found.estimate).max() < 60


def test_a_penalty_moves_a_fit_of_many_rows_little(table, full):
    for penalty in ("jeffreys", "log-f"):
        found = fitted(table, "constrained", penalty=penalty)
        assert found.log_likelihood < full.log_likelihood
        assert np.all(np.abs(found.estimate - full.estimate) < 0.5 * full.standard_errors("hessian"))


def test_scales_are_spreads_of_what_a_parameter_multiplies(small, table):
    rows = full_rows(table)
    found = nested_pseudo_likelihood(entry_game(2), rows)
    scales = dict(zip(found.game.parameters, scales_of(found), strict=True))
    assert scales["FC_1"] == scales["FC_2"] == 0.0
    assert scales["S"] == pytest.approx(table.numbers("size").std())
    was = [table.numbers(f"active_{i}").std() for i in (1, 2)]
    assert scales["EC"] == pytest.approx(max(was))
    with pytest.raises(SettingsError, match="no penalty with the estimator npl"):
        fitted(table, "npl", penalty="jeffreys")
    with pytest.raises(SettingsError, match="do not go together"):
        fitted(table, "constrained", penalty="log-f", bootstraps=5)
    with pytest.raises(SettingsError, match="without --bootstrap"):
        fitted(table, "npl", parametric=True)


def test_where_no_equilibrium_is_reached_there_is_no_likelihood(small):
    import jax.numpy as jnp

    game, _, fits = small
    model = as_fit(fits["nested"], "g", "d").model
    value = along(shape_of(game))(jnp.asarray([np.nan, 0.0, 0.0]), model.data)
    assert np.all(np.asarray(value) == -np.inf)


# profiles


def test_a_profile_is_the_climb_of_the_others(full, table):
    told = profile(full, "RN")
    assert told.passed
    assert told.low < told.estimate < told.high
    at = int(np.argmin(np.abs(told.values - (told.estimate + full.standard_errors("hessian")[2]))))
    rows, value = full_rows(table), told.values[at]
    game = game_of(rows)
    k = full.names.index("RN")
    from standoff.games.dynamic.game import dynamic_game

    rest = [i for i in range(len(full.names)) if i != k]
    held = dynamic_game(
        game.players, game.actions, game.states, [full.names[i] for i in rest], game.features[..., rest],
        game.transition, game.discount, game.offset + value * game.features[..., k],
    )  # fmt: skip
    best = constrained(held, rows, [start_at("estimate", full.estimate[rest], full.model.data.start)])
    assert told.log_likelihoods[at] == pytest.approx(best.log_likelihood, abs=1e-6)


def test_a_profile_of_another_estimator_says_that_it_is_no_maximum(table):
    told = profile(fitted(table, "npl"), "RN")
    assert told.converged.all()
    assert told.better > 0
    with pytest.raises(SettingsError, match="no profile"):
        profile(fitted(table, "two-step"), "RN")


# the command


def run(folder, table, *args):
    path = folder / "markets.csv"
    write_table(path, table)
    return CliRunner().invoke(
        standoff, ["games", "fit", "entry-game", "--data", str(path), "--starts", "0", *map(str, args)]
    )


def test_the_command_takes_the_options_of_the_other_games(table, tmp_path):
    states = tmp_path / "states.csv"
    write_table(states, table_of({"size": [1, 5], "active_1": [0, 1], "active_2": [1, 0]}))
    done = run(tmp_path, table, "--cluster", "region", "--bootstrap", 5, "--parametric", "--profile", "EC", "--predict", states,
               "--table", "csv", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["errors"] == "bootstrap" and told["bootstrap"]["resamples"] == 5
    assert {gate["name"] for gate in told["gates"]} >= {"found again", "resamples"}
    assert np.array(told["prediction"]["values"]).shape == (2, 4)
    assert told["profiles"][0]["name"] == "EC"
    assert "estimate" in told["table"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--parametric",), "without --bootstrap"),
        (("--estimator", "npl", "--penalty", "log-f"), "a pseudo-likelihood is no likelihood"),
        (("--cluster", "nosuch"), "no column `nosuch`"),
        (("--total", "market"), "takes no --total"),
    ],
)
def test_options_that_cannot_be_are_refused(table, tmp_path, args, words):
    done = run(tmp_path, table, *args)
    assert done.exit_code == 2
    assert words in done.output
    assert "Traceback" not in done.output
