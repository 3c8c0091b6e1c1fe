"""The posterior of each estimable family: what made the data is in it, and it is near the likelihood's normal law."""

import jax
import numpy as np
import pytest

from standoff.cli.games_posterior import posterior_of, posterior_words
from standoff.errors import SettingsError
from standoff.games.dynamic.entry_game import entry_game
from standoff.games.dynamic.fitting import FOLLOWED, along
from standoff.games.dynamic.newton import newton
from standoff.games.dynamic.solve import shape_of
from standoff.games.estimation.posterior import log_posterior, whitened_posterior
from standoff.games.estimation.table import table_of
from standoff.games.fitting import Request, fit
from standoff.games.signalling.branch import _root, way_to
from standoff.games.signalling.simulate import simulate
from standoff.games.strategic.ultimatum import simulate_ultimatum
from tests.games.crisis import TRUTH, invented
from tests.games.test_attrition_duration import FORMULAS as CONTEST
from tests.games.test_attrition_duration import TRUTH as CONTEST_TRUTH
from tests.games.test_attrition_duration import made_table
from tests.games.test_dynamic_services import markets_table

pytest.importorskip("standoff.inference.sampling")

CRISIS = {"V_A": "1", "C_B": "1", "barW_A": "x", "barW_B": "y", "bar a": "z"}
FIRMS = {"FC_1": -1.9, "FC_2": -1.8, "S": 1.0, "RN": 2.0, "EC": 1.0}


def crises(games=120):
    """Plays of games in which each side's answer hangs on the other's, at their lowest equilibrium."""
    made = simulate(invented(games, seed=3), TRUTH, 100, 4, "lowest")
    columns = {name: made.loadings[row, :, k] for name, row, k in (("x", 3, 3), ("y", 4, 5), ("z", 5, 7))}
    counts = dict(zip(("sq", "cd", "sf", "bd"), made.counts.astype(int), strict=True))
    return table_of(columns | counts, "crises.csv")


@pytest.fixture(scope="module")
def crisis():
    return fit("crisis-signalling", crises(), Request(CRISIS, estimator="cml", starts=0))


@pytest.fixture(scope="module")
def white(crisis):
    return whitened_posterior(crisis)


@pytest.fixture(scope="module")
def entry():
    table = table_of(markets_table(400), "markets.csv")
    return fit("entry-game", table, Request({}, estimator="constrained", starts=0))


@pytest.fixture(scope="module")
def ultimatum():
    x, z = np.random.default_rng(2).normal(size=(2, 400))
    offer, accept = simulate_ultimatum(3 + 1.2 * x, 2 + 0.8 * z, 1.5, 1.0, 10.0, 9)
    table = table_of({"offer": offer, "accept": accept, "x": x, "z": z}, "offers.csv")
    return fit("ultimatum", table, Request({"R1": "x", "R2": "z"}, "offer + accept", high=10.0, starts=0))


@pytest.fixture(scope="module")
def contest():
    return fit("attrition-duration", made_table(300, 4), Request(CONTEST, starts=0))


@pytest.mark.parametrize(
    ("family", "truth"),
    [
        ("crisis", list(TRUTH)),
        ("entry", FIRMS),
        ("ultimatum", [3.0, 1.2, 2.0, 0.8, np.log(1.5), 0.0]),
        ("contest", list(CONTEST_TRUTH)),
    ],
)
def test_a_posterior_holds_the_truth_and_is_near_the_likelihood(family, truth, request):
    found = request.getfixturevalue(family)
    told = posterior_of(found, seed=0)
    assert told["passed"], told["gates"]
    assert told["divergences"] == 0
    assert told["equilibrium"] in told["sentence"]
    assert bool(told["equilibrium"]) == (family in ("crisis", "entry"))  # those that may have several
    errors = found.standard_errors("hessian")
    for k, one in enumerate(told["coefficients"]):
        made_by = truth[found.names[k]] if isinstance(truth, dict) else truth[k]
        assert one["name"] == found.names[k]
        assert one["low"] < one["mean"] < one["high"]
        assert one["mean"] == pytest.approx(found.estimate[k], abs=0.5 * errors[k])
        assert one["deviation"] == pytest.approx(errors[k], rel=0.25)
        assert abs(one["mean"] - made_by) < 4 * one["deviation"]
    assert all(name in posterior_words(told) for name in found.names)


@pytest.mark.parametrize("family", ["crisis", "entry"])
def test_whitened_the_density_is_nearly_a_standard_normal(family, request):
    """Down by a half one step from the middle, in every direction; and it is the density of the coefficients, moved."""
    found = request.getfixturevalue(family)
    white = request.getfixturevalue("white") if family == "crisis" else whitened_posterior(found)
    plain = log_posterior(found.model)
    count, density = len(found.names), jax.jit(white.density)
    top = float(density(np.zeros(count)))
    for step in [*np.eye(count), *-np.eye(count)]:
        assert float(density(step)) - top == pytest.approx(-0.5, abs=0.2)
    there = np.linspace(-0.5, 0.5, count)
    assert float(density(there)) == pytest.approx(float(jax.jit(plain)(white.coefficients(there))), abs=1e-9)


def test_an_equilibrium_is_followed_further_than_one_newton_search_reaches(entry):
    """Numbers at which Newton's method from the estimate's choices ends in a cycle, while the way there is smooth."""
    data = entry.model.data
    shape = shape_of(entry_game(2))
    values = jax.jit(along(shape))
    short = 0
    for rivals in np.arange(3.0, 6.5, 0.5):
        numbers = np.array([-2.0, 1.4, rivals, 0.8, -1.9])
        assert np.isfinite(np.asarray(values(numbers, data))).all()
        direct = newton(shape, data.arrays, numbers, data.start, FOLLOWED)
        short += not float(direct.residual) <= FOLLOWED.tolerance
    assert short  # or the case is none


@pytest.mark.parametrize(("game", "estimator"), [("crisis-signalling", "npl"), ("entry-game", "two-step")])
def test_a_pseudo_likelihood_has_no_posterior(game, estimator):
    table = crises(60) if game == "crisis-signalling" else table_of(markets_table(60), "markets.csv")
    formulas = CRISIS if game == "crisis-signalling" else {}
    found = fit(game, table, Request(formulas, estimator=estimator, starts=0))
    with pytest.raises(SettingsError, match="no posterior of this fit"):
        posterior_of(found, 0)


def test_the_middle_of_whitened_coordinates_is_the_mode_and_the_fall_from_it_is_told(crisis, white):
    height, slope = white.slopes(np.zeros(len(crisis.names)))
    assert np.abs(slope).max() < 2e-3
    assert float(height) == pytest.approx(
        float(jax.jit(white.density)(np.zeros(len(crisis.names)))), abs=1e-9
    )
    assert white.strain < 0.2


def test_an_index_foretold_is_polished_to_the_one_that_newton_reaches_from_the_estimate(crisis, white):
    """And where it is foretold wrongly the way there is followed in shorter steps."""
    data, estimate = crisis.model.data, crisis.estimate
    reach = jax.jit(lambda theta, held: _root(held.loadings @ theta + held.offsets, way_to(theta, held)))
    draws = np.random.default_rng(0)
    unmoved = data._replace(moves=np.zeros_like(data.moves))
    for v in draws.normal(size=(20, len(estimate))):
        theta = white.coefficients(v)
        assert np.asarray(reach(theta, data)) == pytest.approx(np.asarray(reach(theta, unmoved)), abs=1e-11)
    near = np.asarray(reach(estimate + 1e-5, data)) - data.followed
    assert near == pytest.approx(data.moves.sum(axis=1) * 1e-5, rel=1e-2, abs=1e-8)
    astray = data._replace(moves=np.full_like(data.moves, np.nan))
    assert np.isfinite(np.asarray(jax.jit(crisis.model.contributions)(theta, astray))).all()
