"""Laws of dynamic games: names do not matter, common payoffs do not matter, no patience is a static game."""

import numpy as np
import pytest
from scipy.special import softmax

from standoff.games.dynamic.counterfactual import changed_theta, counterfactual
from standoff.games.dynamic.errors import DynamicGameError, NoEquilibriumError
from standoff.games.dynamic.find import all_equilibria
from standoff.games.dynamic.game import dynamic_game, profiles_of
from standoff.games.dynamic.path import follow, follow_from_indifference
from standoff.games.dynamic.solve import solve
from standoff.games.dynamic.stationary import profile_law
from tests.games.dynamic_games import joint_project, random_game

THETA = np.array([0.4, -0.3, 0.2])
COUNTS = (2, 2)
JOINT = [4.0, 2.2, 1.0]


def renamed(game, order, states):
    """The same game with players and states in another order."""
    counts = [len(game.actions[i]) for i in order]
    profiles = profiles_of(counts)
    back = np.empty_like(profiles)
    back[:, order] = profiles
    was = game.profile_of(back)
    pick = np.ix_(order, states, was)
    return dynamic_game(
        [game.players[i] for i in order], [game.actions[i] for i in order], [game.states[s] for s in states],
        game.parameters, game.features[pick], game.transition[np.ix_(states, was, states)],
        game.discount[list(order)], game.offset[pick],
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_names_of_players_and_states_permute_the_answer(seed):
    game = random_game(seed, COUNTS, discount=[0.9, 0.6])
    order, states = [1, 0], [2, 0, 3, 1]
    found, other = solve(game, THETA), solve(renamed(game, order, states), THETA)
    for place, player in enumerate(order):
        assert other.choices[place] == pytest.approx(found.choices[player][states], abs=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_a_payment_that_no_choice_moves_leaves_choices_alone(seed):
    game = random_game(seed, COUNTS)
    paid = dynamic_game(
        game.players, game.actions, game.states, game.parameters, game.features, game.transition,
        game.discount, game.offset + np.array([7.0, -3.0])[:, None, None],
    )  # fmt: skip
    found, other = solve(game, THETA), solve(paid, THETA)
    for one, two in zip(found.choices, other.choices, strict=True):
        assert two == pytest.approx(one, abs=1e-8)
    assert other.values[0] - found.values[0] == pytest.approx(np.full(4, 70.0), abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_without_patience_each_state_is_a_static_logit_game(seed):
    game = random_game(seed, COUNTS, discount=0.0)
    found = solve(game, THETA)
    flow = (game.features @ THETA + game.offset).reshape(2, 4, 2, 2)
    first = softmax(np.einsum("sab,sb->sa", flow[0], found.choices[1]), axis=1)
    second = softmax(np.einsum("sab,sa->sb", flow[1], found.choices[0]), axis=1)
    assert found.choices[0] == pytest.approx(first, abs=1e-8)
    assert found.choices[1] == pytest.approx(second, abs=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_tables_of_chances_add_up_to_one_and_residuals_pass(seed):
    game = random_game(seed, COUNTS, discount=0.999, spread=2.0)
    found = solve(game, THETA)
    assert found.passed
    assert profile_law(found).sum(axis=1) == pytest.approx(np.ones(4))
    assert all(np.all(table > 0) for table in found.choices)


def test_a_change_there_and_back_ends_where_it_began():
    game = random_game(5, COUNTS)
    found = solve(game, THETA)
    there = follow(found, [1.0, 0.5, -0.4]).arrived
    assert there is not None and there.passed
    back = follow(there, THETA).arrived
    assert back is not None
    assert back.log_odds == pytest.approx(found.log_odds, abs=1e-7)
    assert there.log_odds == pytest.approx(solve(game, [1.0, 0.5, -0.4]).log_odds, abs=1e-7)


def test_patience_can_be_followed():
    game = random_game(5, COUNTS)
    way = follow(solve(game, THETA), THETA, discount=0.99)
    assert way.arrived is not None and way.arrived.passed
    patient = random_game(5, COUNTS, discount=0.99)
    assert way.arrived.log_odds == pytest.approx(solve(patient, THETA).log_odds, abs=1e-7)


@pytest.fixture(scope="module")
def several():
    """The equilibria of a game in which two gain only together."""
    return all_equilibria(joint_project(), JOINT, starts=30, seed=1, homotopy=False)


def act(found):
    return float(found.choices[0][0, 1])


def test_all_equilibria_of_a_game_with_several(several):
    assert len(several.found) == 3
    assert several.index_sum == 1
    assert sorted(several.index) == [-1, 1, 1]
    assert all(one.passed for one in several.found)
    assert several.failed == 0
    assert (
        several.radius[several.index.index(-1)]
        > 1
        > max(radius for radius, sign in zip(several.radius, several.index, strict=True) if sign == 1)
    )


def test_an_index_sum_that_is_not_one_tells_of_a_missed_equilibrium(several):
    fewer = all_equilibria(joint_project(), JOINT, starts=0, homotopy=False)
    assert len(fewer.found) < len(several.found)
    assert fewer.index_sum != 1
    assert "at least one more was missed" in fewer.sentence()
    for one in fewer.found:
        assert min(np.abs(one.log_odds - other.log_odds).max() for other in several.found) < 1e-6


def test_the_set_of_equilibria_is_the_same_for_swapped_players(several):
    for one in several.found:
        swapped = [one.choices[1][[0, 2, 1, 3]], one.choices[0][[0, 2, 1, 3]]]
        gaps = [
            max(np.abs(a - b).max() for a, b in zip(swapped, other.choices, strict=True))
            for other in several.found
        ]
        assert min(gaps) < 1e-6


def test_a_counterfactual_follows_its_own_equilibrium(several):
    ordered = sorted(several.found, key=act)
    low, high = ordered[0], ordered[-1]
    changed = [counterfactual(one, {"alone": 2.3}) for one in (low, high)]
    assert all(one.continuous and one.end.passed for one in changed)
    assert [act(one.end) for one in changed] == pytest.approx([0.046, 0.454], abs=1e-3)
    assert "lasts the whole way" in changed[0].sentence()


def test_a_counterfactual_says_where_the_conduct_of_the_estimate_ends(several):
    ordered = sorted(several.found, key=act)
    with pytest.raises(NoEquilibriumError) as told:
        counterfactual(ordered[0], {"alone": 1.8})
    assert "turned back" in told.value.what
    game = ordered[0].game
    way = follow(ordered[0], changed_theta(game, ordered[0].theta, {"alone": 1.8}))
    assert len(way.folds) == 1 and 0.01 < way.folds[0] < 0.05
    assert way.log_odds[-1] == pytest.approx(ordered[1].log_odds, abs=0.5)  # back by the unstable branch
    near = counterfactual(ordered[0], {"alone": 2.2 - 0.4 * 0.01})  # just before the fold it is still there
    assert near.continuous


def test_the_homotopy_from_even_odds_finds_what_newton_finds():
    game = random_game(9, COUNTS)
    way = follow_from_indifference(game, THETA)
    assert way.arrived is not None
    assert way.arrived.log_odds == pytest.approx(solve(game, THETA).log_odds, abs=1e-7)
    assert way.log_odds[0] == pytest.approx(np.zeros(8))


def test_every_mistake_of_a_game_is_told_at_once():
    game = random_game(0, COUNTS)
    motion = game.transition.copy()
    motion[1, 2, 0] += 0.5
    with pytest.raises(DynamicGameError) as told:
        dynamic_game(
            ["a", "a"], game.actions, game.states, game.parameters, game.features[:, :, :, :2], motion, 1.0
        )
    words = " ".join(told.value.listed)
    for part in ("players: named more than once", "discount", "features: shape", "state 1"):
        assert part in words
    with pytest.raises(DynamicGameError, match="b1 is no finite number"):
        solve(game, [0.0, np.nan, 1.0])
    with pytest.raises(DynamicGameError, match="no parameter 'b7'"):
        changed_theta(game, THETA, {"b7": 1.0})
