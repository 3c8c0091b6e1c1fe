"""The war of attrition as durations: chances against quadrature and play by types, recovery, belief path, refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

from standoff.games import attrition_duration as attrition
from standoff.games.attrition_duration import (
    Contest,
    attrition_model,
    belief_path,
    chance_within,
    contributions,
    log_survival,
    outlook,
    reputation,
    shape,
    simulate,
)
from standoff.games.catalogue import load
from standoff.games.estimation.errors import EstimationError
from standoff.games.estimation.estimate import estimate
from standoff.games.estimation.table import table_of
from standoff.games.precision import use_float64

use_float64()


def contest(kappa=(0.15, 0.13), z=(0.05, 0.1), eta=0.0):
    return Contest(tuple(map(jnp.asarray, kappa)), tuple(map(jnp.asarray, z)), jnp.asarray(eta))


@pytest.mark.parametrize(
    ("kappa", "z", "horizon", "holds", "never"),
    [
        ((0.2, 0.2), (0.1, 0.1), 11.512925, (1, 1), 0.01),
        ((0.15, 2 / 15), (0.05, 0.1), 17.269388, (0.666761, 1), 0.005),
    ],
)
def test_without_outside_ends_it_is_the_published_game(kappa, z, horizon, holds, never):
    one = contest(kappa, z)
    made, seen = shape(one), outlook(one)
    assert float(made.horizon) == pytest.approx(horizon, abs=5e-7)
    assert [float(c) for c in made.holds] == pytest.approx(holds, abs=5e-7)
    assert float(seen.never) == pytest.approx(never)
    textbook = load("abreu-gul").solve(
        demand_1=0.6 if z[0] == 0.1 else 0.7,
        demand_2=0.6,
        r1=0.1,
        r2=0.1 if z[0] == 0.1 else 0.15,
        z1=z[0],
        z2=z[1],
    )
    assert any(
        float(made.horizon) == pytest.approx(q.value)
        for q in textbook.quantities
        if isinstance(q.value, float)
    )


@pytest.mark.parametrize("eta", [0.0, 0.02])
def test_chances_are_those_of_quadrature_and_add_up(eta):
    one = contest(eta=eta)
    made = shape(one)

    def density(side, t):
        rate = float(made.rates[side]) if t < float(made.horizon) else eta
        return rate * float(jnp.exp(log_survival(one, made, 0, t) + log_survival(one, made, 1, t)))

    for low, high in ((0.0, 2.0), (15.0, 25.0), (30.0, 40.0)):
        for side in (0, 1):
            points = [float(made.horizon)] if low < float(made.horizon) < high else None
            told = quad(lambda t, side=side: density(side, t), low, high, points=points, epsabs=1e-12)[0]
            told += 1 - float(made.holds[side]) if low == 0 else 0.0
            given = float(chance_within(one, made, side, jnp.asarray(low), jnp.asarray(high)))
            assert given == pytest.approx(told, abs=1e-9)
    seen = outlook(one)
    assert float(seen.first[0] + seen.first[1] + seen.never) == pytest.approx(1.0, abs=1e-12)


def play_by_types(rows, seed, kappa=(0.15, 0.13), z=(0.05, 0.1), eta=0.02):
    """Types first, then when each gives in: the obstinate at rate eta, the others so that the whole has its rate."""
    draws = np.random.default_rng(seed)
    horizon = min(-np.log(z[i]) / kappa[i] for i in (0, 1))
    ends = []
    for i in (0, 1):
        hold = z[i] * np.exp(kappa[i] * horizon)
        stubborn = draws.random(rows) < z[i]
        outside = draws.exponential(1 / eta, rows)
        grid = np.linspace(0.0, horizon, 200001)
        staying = hold * np.exp(-(kappa[i] + eta) * grid) - z[i] * np.exp(
            -eta * grid
        )  # not obstinate, still in
        chosen = grid[np.searchsorted(-staying, -(1 - z[i]) * draws.random(rows)).clip(0, 200000)]
        ends.append(np.where(stubborn, outside, chosen))
    return np.stack(ends)


def test_chances_and_beliefs_are_those_of_play_by_types():
    ends = play_by_types(200_000, 1)
    one = contest(eta=0.02)
    made, seen = shape(one), outlook(one)
    for side in (0, 1):
        share = np.mean(ends[side] < ends[1 - side])
        assert share == pytest.approx(float(seen.first[side]), abs=4.5 * np.sqrt(0.25 / 200_000))
        for time in (1.0, 8.0, 25.0):
            left = np.mean(ends[side] > time)
            assert left == pytest.approx(float(jnp.exp(log_survival(one, made, side, time))), abs=5e-3)
            believed = (0.05, 0.1)[side] * np.exp(-0.02 * time) / left
            assert min(believed, 1.0) == pytest.approx(float(reputation(one, made, side, time)), abs=0.05)
    drawn = simulate(one, 200_000, np.inf, 1e-9, 3)
    assert np.mean(drawn.gave_in == 1) == pytest.approx(
        float(seen.first[0]), abs=4.5 * np.sqrt(0.25 / 200_000)
    )


TRUTH = np.array([-2.0, 0.5, -1.8, -1.5, 0.7, -1.0, -4.0, -0.5])
FORMULAS = {"rate_1": "x", "obstinate_1": "w"}


def made_table(rows, seed):
    draws = np.random.default_rng(seed)
    x, w, u = draws.normal(size=(3, rows))
    lean = np.exp(TRUTH[7]) * u
    one = Contest(
        (jnp.exp(TRUTH[0] + TRUTH[1] * x), jnp.exp(TRUTH[2] + 0 * x)),
        (jax.nn.sigmoid(TRUTH[3] + TRUTH[4] * w + lean), jax.nn.sigmoid(TRUTH[5] - lean)),
        jnp.exp(TRUTH[6]),
    )
    drawn = simulate(one, rows, 60.0, 1.0, seed)
    return table_of({"duration": drawn.duration, "gave_in": drawn.gave_in, "x": x, "w": w})


@pytest.fixture(scope="module")
def fitted():
    table = made_table(800, 4)
    return table, estimate(attrition_model(table, FORMULAS), starts=0)


def test_what_made_the_data_is_recovered(fitted):
    _, fit = fitted
    assert fit.passed, fit.sentence
    assert np.max(np.abs(fit.estimate - TRUTH) / fit.standard_errors("hessian")) < 3.5
    assert len(fit.optima[0].starts) == 3


def test_the_unseen_is_integrated_without_error(fitted):
    table, _ = fitted
    model = attrition_model(table, FORMULAS)
    mixed = attrition.mixed_of(jnp.asarray(TRUTH), model.data.designs)
    grid = np.linspace(-4, 4, 4001)
    weight = np.exp(-(grid**2) / 2) * (grid[1] - grid[0]) / np.sqrt(2 * np.pi)
    by_node = jax.lax.map(
        lambda node: jnp.exp(attrition._at(attrition.at_node(mixed, node), model.data)), jnp.asarray(grid)
    )
    given = np.asarray(contributions(jnp.asarray(TRUTH), model.data))
    assert given == pytest.approx(np.log(weight @ np.asarray(by_node)), abs=2e-5)


def test_the_belief_path_grows_to_certainty(fitted):
    table, fit = fitted
    path = belief_path(
        attrition_model(table, FORMULAS), fit.estimate, 0, np.linspace(0, 60, 31), fit.errors["hessian"]
    )
    assert path.belief.shape == (2, 31)
    assert np.all(np.diff(path.belief, axis=1) >= -1e-12)
    assert np.all(path.belief[:, -1] == 1.0)
    inside = path.belief < 1.0
    assert np.all((path.low <= path.belief)[inside]) and np.all((path.belief <= path.high)[inside])


def test_predictions_are_chances(fitted):
    table, fit = fitted
    answer = fit.predict(table.take(range(5)), draws=50, seed=2)
    assert answer.values[:, 2:5].sum(axis=1) == pytest.approx(np.ones(5), abs=1e-3)
    assert np.all(answer.low <= answer.high)


def test_every_mistake_of_the_table_is_told_at_once():
    table = table_of({"duration": [1.0, -2.0, 0.5, 3.0], "gave_in": [1, 2, 7, 0], "x": [0.1, 0.2, 0.4, 0.3]})
    with pytest.raises(EstimationError) as told:
        attrition_model(table, {})
    words = " ".join(one.what for one in told.value.mistakes)
    for part in ("`duration` is -2", "`duration` is 0.5", "`gave_in` is '7'"):
        assert part in words
    never = table_of({"duration": [1.0, 2.0], "gave_in": [1, 0]})
    with pytest.raises(EstimationError) as told:
        attrition_model(never, {})
    assert "side 2 never gives in" in told.value.mistakes[0].what
