"""Laws of the strategic games: chances, order, scale, counts, and intervals that cover."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standoff.games.catalogue import load
from standoff.games.estimation.bootstrap import DECREMENT, STEPS, climb
from standoff.games.estimation.indices import IndexData, derivatives_of
from standoff.games.estimation.table import table_of
from standoff.games.precision import use_float64
from standoff.games.strategic.fitting import fit_tree, simulate_tree
from standoff.games.strategic.trees import TREES, end_log_chances, row_of
from tests.games.strategic import FORMULAS, TRUTH, columns, designs_of, simulated

use_float64()

KINDS = [("probit", "agent"), ("logit", "agent"), ("probit", "private")]


@pytest.mark.parametrize("game", list(TREES))
@pytest.mark.parametrize(("link", "chance"), KINDS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_chances_of_ends_add_up_to_one(game, link, chance, data):
    tree = TREES[game]
    size = len(tree.equations)
    u = data.draw(st.lists(st.floats(-30, 30), min_size=size, max_size=size))
    held = np.exp(np.asarray(end_log_chances(tree, jnp.asarray(u), link, chance)))
    assert held.sum() == pytest.approx(1, abs=1e-12)
    assert (held >= 0).all()


@pytest.mark.parametrize("game", list(TREES))
@pytest.mark.parametrize("errors", ["probit", "logit", "private"])
def test_players_who_draw_their_errors_play_like_this(game, errors):
    played = load(game).simulate(100_000, 5, errors=errors)
    assert max(one.distance for one in played.means.values()) < 4
    assert load(game).solve(errors=errors).passed


def test_simulated_ultimatums_are_what_is_expected():
    for numbers in ({}, {"r1": 12.0, "s1": 3.0}, {"r2": -4.0, "s2": 3.0, "s1": 5.0}):
        played = load("ultimatum").simulate(100_000, 3, **numbers)
        assert max(one.distance for one in played.means.values()) < 4
        assert load("ultimatum").solve(**numbers).passed


def test_rows_may_come_in_any_order_and_scale():
    table, _ = simulated(200)
    fit = fit_tree("egame12", table, FORMULAS, "first + second", starts=0)
    shuffled = table.take(np.random.default_rng(1).permutation(200))
    again = fit_tree("egame12", shuffled, FORMULAS, "first + second", starts=0)
    assert again.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-9)
    assert np.allclose(again.estimate, fit.estimate, atol=1e-6)
    scaled = fit_tree("egame12", table, {**FORMULAS, "u24": "I(100 * w)"}, "first + second", starts=0)
    assert scaled.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-9)
    assert scaled.estimate[-1] * 100 == pytest.approx(fit.estimate[-1], abs=1e-6)


def test_two_equal_rows_are_a_row_counted_twice():
    table, ends = simulated(150)
    twice = table.take(np.repeat(np.arange(150), 2))
    counts = {f"n{j}": 2 * (ends == j) for j in range(3)}
    held = {name: list(map(float, table.cells[name])) for name in "xzw"}
    one = fit_tree("egame12", twice, FORMULAS, "first + second", starts=0)
    other = fit_tree("egame12", table_of({**held, **counts}), FORMULAS, "n0, n1, n2", starts=0)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-8)
    assert np.allclose(one.estimate, other.estimate, atol=1e-6)
    assert np.allclose(one.errors["hessian"], other.errors["hessian"], atol=1e-8)


def test_intervals_cover_as_they_say():
    """400 data sets of one design, all climbed in one compiled call from the truth."""
    rows, sets = 500, 400
    made = designs_of(columns(rows, 11))
    ends = np.stack([simulate_tree("egame12", TRUTH, made, 100 + i) for i in range(sets)])
    designs = tuple(jnp.asarray(x) for x in made)
    derivatives = derivatives_of(row_of("egame12", "probit", "agent"))

    @jax.jit
    @jax.vmap
    def one(counts):
        data, weights = IndexData(designs, counts), jnp.ones(rows)
        free = jnp.ones(6, dtype=bool)
        end = climb(derivatives, jnp.asarray(TRUTH), data, weights, STEPS, DECREMENT, free)
        return end.theta, jnp.diag(jnp.linalg.inv(-end.bent)), end.converged

    thetas, variances, converged = (np.asarray(x) for x in one(jnp.asarray(np.eye(3)[ends])))
    assert converged.mean() > 0.99
    z = ((thetas - TRUTH) / np.sqrt(variances))[converged]
    covered = (np.abs(z) < 1.96).mean(axis=0)
    assert (np.abs(covered - 0.95) < 0.04).all(), covered  # four Monte Carlo errors at 400 data sets
    assert (np.abs(thetas[converged].mean(axis=0) - TRUTH) < 0.15).all()
