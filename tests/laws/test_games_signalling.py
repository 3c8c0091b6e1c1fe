"""Properties of the crisis signalling game that hold at any payoffs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standoff.games.precision import use_float64
from standoff.games.signalling.equations import Payoffs, payoffs_of
from standoff.games.signalling.equilibria import all_equilibria
from standoff.games.signalling.pseudo import Beliefs, nested_pseudo, respond
from tests.games.crisis import invented

use_float64()
GAMES = 40
A_SIDE, B_SIDE = (0, 1, 3, 5), (2, 4, 6)


def drawn(seed, spread=2.0):
    return np.random.default_rng(seed).normal([0, 1, 0, -1, -1, -1, 0.5], spread, (GAMES, 7)).T


seeds = st.integers(0, 10_000)
few = settings(max_examples=12, deadline=None)


@few
@given(seeds)
def test_outcomes_sum_to_one_and_follow_from_the_moves(seed):
    found = all_equilibria(payoffs_of(drawn(seed)))
    c, r, f = found.challenge, found.resist, found.firm
    assert found.outcomes.sum(axis=1) == pytest.approx(np.ones(len(c)), abs=1e-12)
    assert found.outcomes == pytest.approx(
        np.stack([1 - c, c * (1 - r), c * r * f, c * r * (1 - f)], axis=1), abs=1e-12
    )
    assert found.residual.max(initial=0.0) < 1e-10


@few
@given(seeds)
def test_there_is_an_odd_number_counting_the_one_without_challenge(seed):
    """The gap runs from below zero to above it, unless A never challenging is an equilibrium at its lower end."""
    found = all_equilibria(payoffs_of(drawn(seed)))
    assert np.all((found.counts + found.quiet) % 2 == 1)


@few
@given(seeds)
def test_a_challenger_that_likes_concession_always_has_an_interior_equilibrium(seed):
    columns = drawn(seed)
    columns[1] = columns[0] + np.abs(columns[1]) + 0.1
    found = all_equilibria(payoffs_of(columns))
    assert np.all(found.counts % 2 == 1)
    assert not found.quiet.any()


@few
@given(seeds, st.floats(-3, 3), st.floats(-3, 3))
def test_only_differences_of_payoffs_matter(seed, up_a, up_b):
    columns = drawn(seed, 1.0)
    moved = columns.copy()
    moved[list(A_SIDE)] += up_a
    moved[list(B_SIDE)] += up_b
    one, other = all_equilibria(payoffs_of(columns)), all_equilibria(payoffs_of(moved))
    assert one.counts.tolist() == other.counts.tolist()
    assert other.resist == pytest.approx(one.resist, abs=1e-9)


@few
@given(seeds)
def test_the_order_of_games_permutes_the_answer(seed):
    columns, order = drawn(seed), np.random.default_rng(seed).permutation(GAMES)
    one, other = all_equilibria(payoffs_of(columns)), all_equilibria(payoffs_of(columns[:, order]))
    for place, game in enumerate(order):
        assert other.resist[other.game == place] == pytest.approx(one.resist[one.game == game], abs=1e-13)


def test_the_middle_equilibrium_repels_best_responses():
    found = all_equilibria(Payoffs(0.0, 1.0, 0.0, -1.9, -2.9, -1.2, 1.0))
    assert (found.slope > 1).tolist() == [False, True, False]


def test_best_responses_stay_at_an_equilibrium_and_leave_the_middle_one():
    data = invented(games=1)
    constant = data.loadings.copy()
    constant[:, :, :] = 0.0
    offsets = np.array([0.0, 1.0, 0.0, -1.9, -2.9, -1.2, 1.0])[:, None]
    still = type(data)(constant, offsets, data.counts, data.names)
    zero = np.zeros(len(data.names))
    found = all_equilibria(still.payoffs(zero))
    for place in range(3):
        here = Beliefs(found.resist[[place]], found.firm[[place]])
        there = respond(still, zero, here)
        assert there.resist == pytest.approx(here.resist, abs=1e-12)
        pushed = Beliefs(here.resist + 1e-4, here.firm)
        for _ in range(400):
            pushed = respond(still, zero, pushed)
        back = abs(float(pushed.resist[0] - here.resist[0])) < 1e-3
        assert back is (place != 1)


def test_nested_beliefs_are_an_equilibrium_of_every_game():
    from standoff.games.signalling.simulate import simulate
    from tests.games.crisis import TRUTH

    data = simulate(invented(games=200), TRUTH, plays=100, seed=1)
    run = nested_pseudo(data, Beliefs(np.full(200, 0.5), np.full(200, 0.5)))
    assert run.converged
    found = all_equilibria(data.payoffs(run.climb.point))
    nearest = [np.min(np.abs(found.resist[found.game == g] - run.beliefs.resist[g])) for g in range(200)]
    assert max(nearest) < 1e-9
