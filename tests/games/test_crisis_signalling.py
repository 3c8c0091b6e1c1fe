"""The crisis signalling game as it is used: data in, recovery of what made them, mistakes told, errors by method."""

from __future__ import annotations

import numpy as np
import pytest

from standoff.errors import SettingsError
from standoff.games.estimation.comparison import compare
from standoff.games.estimation.errors import EstimationError
from standoff.games.estimation.profile import profile
from standoff.games.estimation.table import table_of
from standoff.games.signalling.fitting import change_column, fit
from standoff.games.signalling.game import GAME
from standoff.games.signalling.prepare import prepare
from standoff.games.signalling.simulate import simulate
from tests.games.crisis import MILD, invented

FORMULAS = {"V_A": "1", "barW_A": "x", "barW_B": "y", "bar a": "z"}
GAMES = 400


def columns(plays=200, seed=2):
    data = simulate(invented(GAMES, mild=True), MILD, plays, seed)
    held = {name: data.loadings[row, :, k] for name, row, k in (("x", 3, 2), ("y", 4, 4), ("z", 5, 6))}
    counts = dict(zip(("sq", "cd", "sf", "bd"), data.counts.astype(int), strict=True))
    return held | counts | {"pair": np.arange(GAMES) // 2}


@pytest.fixture(scope="module")
def table():
    return table_of(columns(), "invented.csv")


@pytest.fixture(scope="module")
def fits(table):
    return {
        name: fit(table, FORMULAS, estimator=name, cluster="pair", starts=2) for name in ("pl", "npl", "cml")
    }


@pytest.mark.parametrize("name", ["pl", "npl", "cml"])
def test_what_made_the_data_is_recovered(fits, name):
    found = fits[name]
    assert found.passed, found.gates
    assert found.names == ("V_A:Intercept", "barW_A:Intercept", "barW_A:x", "barW_B:Intercept", "barW_B:y", "bar_a:Intercept", "bar_a:z")  # fmt: skip
    away = np.abs(found.estimate - MILD) / found.standard_errors()
    assert away.max() < 4.0
    assert found.standard_errors().max() < 0.5
    assert found.contributions.sum() == pytest.approx(found.log_likelihood, abs=1e-6)


def test_full_likelihood_is_the_highest(fits):
    """The fixed point of the nested estimator is feasible for the full one, which maximises."""
    assert fits["cml"].log_likelihood >= fits["npl"].log_likelihood - 1e-6


def test_every_method_of_errors_is_there(fits):
    assert set(fits["pl"].errors) == {
        "first-stage-known",
        "sandwich",
        "cluster",
        "two-step",
        "two-step, cluster",
    }
    assert set(fits["npl"].errors) == {"nested", "beliefs-known", "sandwich", "cluster"}
    assert set(fits["cml"].errors) == {"hessian", "sandwich", "cluster"}
    assert fits["pl"].main == "two-step, cluster"


def test_the_first_stage_adds_error(fits):
    known, carried = (fits["pl"].standard_errors(m) for m in ("sandwich", "two-step"))
    assert np.all(carried[[0, 1, 5]] > known[[0, 1, 5]])


def test_two_step_errors_agree_with_the_spread_over_simulated_samples():
    made = [fit(table_of(columns(seed=seed)), FORMULAS, estimator="pl", starts=0) for seed in range(60)]
    spread = np.std([one.estimate for one in made], axis=0)
    told = np.mean([one.standard_errors("two-step") for one in made], axis=0)
    assert told / spread == pytest.approx(np.ones(7), abs=0.35)


def test_a_penalty_shrinks_and_needs_a_likelihood(fits, table):
    found = fit(table, FORMULAS, estimator="cml", starts=1, penalty="log-f")
    assert found.penalty == "log-f"
    assert found.log_likelihood < fits["cml"].log_likelihood
    assert found.log_likelihood == pytest.approx(fits["cml"].log_likelihood, abs=1.0)
    with pytest.raises(SettingsError):
        fit(table, FORMULAS, estimator="pl", penalty="log-f")


def test_bootstrap_is_seeded_and_near_the_sandwich(table):
    found = [fit(table, FORMULAS, estimator="npl", starts=0, bootstraps=30, seed=5) for _ in range(2)]
    assert np.array_equal(found[0].errors["bootstrap"], found[1].errors["bootstrap"])
    ratio = found[0].standard_errors("bootstrap") / found[0].standard_errors("sandwich")
    assert np.all((ratio > 0.5) & (ratio < 1.8))


def test_predictions_bound_every_equilibrium(fits, table):
    told = fits["npl"].predict(table.take(range(5)), draws=20)
    assert told.names[0] == "equilibria"
    least, most = told.values[:, 1::2], told.values[:, 2::2]
    assert np.all(least <= most)
    single = told.values[:, 0] == 1
    assert least[single].sum(axis=1) == pytest.approx(np.ones(single.sum()), abs=1e-10)


def test_a_column_is_changed_in_all_games(fits, table):
    ready = prepare(table, FORMULAS)
    moved = change_column(ready, fits["npl"].estimate, "y", [-1.0, 1.0])
    assert moved.residual < 1e-10
    assert moved.most.shape == (2, 4)
    assert moved.most[0, 3] + moved.most[0, 2] < moved.least[1, 3] + moved.least[1, 2]  # B resists more


def test_a_posterior_density_is_the_likelihood_of_the_branch(fits):
    import jax
    import jax.numpy as jnp

    model = fits["cml"].model
    at = jnp.asarray(fits["cml"].estimate)
    value, slope = jax.jit(jax.value_and_grad(lambda t: model.contributions(t, model.data).sum()))(at)
    assert float(value) == pytest.approx(fits["cml"].log_likelihood, abs=1e-7)
    assert np.abs(slope).max() < 1e-3


def test_rivals_by_full_likelihood_are_compared_and_others_refused(fits, table):
    rival = fit(table, {**FORMULAS, "barW_B": "x"}, estimator="cml", starts=1)
    told = compare(fits["cml"], rival)
    assert told.difference > 0
    assert told.vuong_z > 1.96
    assert told.clarke_rows > told.clarke_of / 2
    with pytest.raises(SettingsError, match="cannot be compared"):
        compare(fits["npl"], fits["npl"])


def test_a_profile_of_the_full_likelihood_is_near_its_normal_interval(fits):
    told = profile(fits["cml"], "barW_B:y")
    assert told.passed, told.sentence
    k = fits["cml"].names.index("barW_B:y")
    reach = 1.96 * fits["cml"].standard_errors("hessian")[k]
    assert told.low == pytest.approx(fits["cml"].estimate[k] - reach, abs=0.2 * reach)
    assert told.high == pytest.approx(fits["cml"].estimate[k] + reach, abs=0.2 * reach)


def mistakes(error):
    return {one.code for one in error.value.mistakes}


@pytest.mark.parametrize(
    ("change", "formulas", "codes"),
    [
        ({"x": ["a", *["1"] * (GAMES - 1)]}, FORMULAS, {"not-a-number"}),
        ({"x": [None, *range(GAMES - 1)]}, FORMULAS, {"missing-value"}),
        ({"x": [1.0] * GAMES}, FORMULAS, {"constant-column"}),
        ({"sq": [-1, *[10] * (GAMES - 1)]}, FORMULAS, {"not-a-count"}),
        ({"bd": [0] * GAMES}, FORMULAS, {"outcome-never-seen"}),
        ({}, {**FORMULAS, "S_A": "1"}, {"not-identified"}),
        ({}, {"C_B": "y", "barW_B": "y", "V_B": "y"}, {"not-identified"}),
        ({}, {}, {"no-coefficients"}),
        ({}, {**FORMULAS, "W_C": "x"}, {"formula"}),
    ],
)  # fmt: skip
def test_mistakes_are_told(change, formulas, codes):
    with pytest.raises(EstimationError) as error:
        fit(table_of(columns() | change, "bad.csv"), formulas)
    assert mistakes(error) & codes, error.value.mistakes


def test_beliefs_have_to_be_probabilities():
    with pytest.raises(EstimationError) as error:
        fit(table_of(columns() | {"r": [1.0] * GAMES, "f": [0.5] * GAMES}), FORMULAS, beliefs="r, f")
    assert mistakes(error) == {"not-a-probability"}


@pytest.mark.parametrize("options", [{"estimator": "ml"}, {"outcome": "sq"}, {"beliefs": "x"}])
def test_options_that_cannot_be(table, options):
    with pytest.raises(SettingsError):
        fit(table, FORMULAS, **options)


def test_the_catalogue_solves_and_plays_one_game():
    solved = GAME.solution(GAME.model())
    assert solved.passed
    assert solved["equilibria"] == 3.0
    played = GAME.simulation(GAME.model(), 100_000, 3)
    assert max(mean.distance for mean in played.means.values()) < 4.5


def test_without_an_interior_equilibrium_nothing_is_simulated():
    data = invented(3)
    with pytest.raises(SettingsError):
        simulate(data, np.array([-30.0, 0.0, -1.7, 0.0, -40.0, 0.0, -1.2, 0.0]), 10, 0)
