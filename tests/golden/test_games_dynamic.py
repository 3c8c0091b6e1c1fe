"""Published figures: Rust's bus engine, and the entry game of Aguirregabiria and Mira."""

import numpy as np
import pytest

from standoff.games.dynamic.bus_engine import (
    GROUP_4_COUNTS,
    GROUP_4_THETA,
    bus_engine,
    expected_values,
    increments_of,
)
from standoff.games.dynamic.design import build_game, own_chain, state_space
from standoff.games.dynamic.entry_game import entry_game, long_run, published_theta
from standoff.games.dynamic.find import all_equilibria
from standoff.games.dynamic.full import constrained, start_at
from standoff.games.dynamic.rows import hidden
from standoff.games.dynamic.solve import solve
from standoff.games.dynamic.stationary import simulate


def test_the_bus_engines_fixed_point():
    found = solve(bus_engine([0.2, 0.3, 0.15, 0.35]), [10.0, 2.0])
    assert found.passed
    assert expected_values(found)[:3] == pytest.approx([-1722.820390, -1722.923722, -1723.025850], abs=1e-6)
    assert found.choices[0][:3, 1] == pytest.approx([4.539787e-5, 5.043982e-5, 5.597435e-5], rel=1e-6)


def test_group_four_at_the_published_estimates():
    moved = increments_of(GROUP_4_COUNTS)
    assert moved.chances == pytest.approx([0.391892, 0.595294, 0.012815], abs=6e-7)
    assert moved.log_likelihood == pytest.approx(-3140.570557, abs=5e-7)
    assert moved.log_likelihood - 163.584 == pytest.approx(
        -3304.154557, abs=5e-7
    )  # the buses' choices: as published
    found = solve(bus_engine(moved.chances), GROUP_4_THETA)
    chances = found.choices[0][[0, 30, 60, 89], 1]
    assert chances == pytest.approx([4.211772e-5, 0.00434815, 0.03452027, 0.07270266], rel=2e-6)


def bellman_in_extended_precision(chances, price, slope, discount=0.9999, bins=90):
    """EV[0] by value iteration in extended precision, sped up by the middle of MacQueen's bounds."""
    number = np.longdouble
    x, p = np.arange(bins), np.asarray(chances, dtype=number)
    cost = number("0.001") * number(slope) * x.astype(number)
    beta, value = number(str(discount)), np.zeros(bins, dtype=number)
    for _ in range(20000):
        ahead = sum(p[j] * value[np.minimum(x + j, bins - 1)] for j in range(len(p)))
        keep, replace = -cost + beta * ahead, -number(price) + beta * ahead[0]
        new = np.maximum(keep, replace) + np.log1p(np.exp(-np.abs(keep - replace)))
        change = new - value
        value = new + beta / (1 - beta) * (change.max() + change.min()) / 2
        if change.max() - change.min() < number("1e-16"):
            break
    return float(sum(p[j] * value[np.minimum(x + j, bins - 1)] for j in range(len(p)))[0])


def test_group_fours_value_at_a_new_engine_is_that_of_extended_precision():
    """-1278.634181 is told elsewhere: 6e-5 away, as far as an iteration leaves it that stops at a change of 6e-9."""
    chances = increments_of(GROUP_4_COUNTS).chances
    value = float(expected_values(solve(bus_engine(chances), GROUP_4_THETA))[0])
    assert value == pytest.approx(bellman_in_extended_precision(chances, "10.0750", "2.2930"), abs=1e-7)
    assert value == pytest.approx(-1278.634181, abs=1e-4)


EXPERIMENTS = [
    (1, 0, (3.6780, 1.5489, 0.7408, 0.5216, 0.5216, 0.3293), (0.7001, 0.7181, 0.7359, 0.7534, 0.7706)),
    (1, 1, (2.7669, 1.6609, 0.7078, 0.6922, 0.6922, 0.4606), (0.4975, 0.5250, 0.5530, 0.5814, 0.6100)),
    (1, 2, (1.9961, 1.4289, 0.5749, 0.7503, 0.7503, 0.5185), (0.3205, 0.3574, 0.3968, 0.4386, 0.4828)),
]


@pytest.mark.parametrize(("entry", "rivals", "figures", "active"), EXPERIMENTS)
def test_the_entry_games_long_run(entry, rivals, figures, active):
    game = entry_game()
    found = solve(game, published_theta(game, entry, rivals), tolerance=1e-11)
    run = long_run(found)
    assert found.passed
    assert run[:6] == pytest.approx(figures, abs=5.1e-5)
    assert run.active == pytest.approx(active, abs=5.1e-5)


def test_the_entry_game_has_one_equilibrium_in_every_start():
    game = entry_game()
    found = all_equilibria(game, published_theta(game, 1, 2), starts=4, homotopy=False, pure=False)
    assert len(found.found) == 1
    assert found.index_sum == 1
    assert found.failed == 0


@pytest.mark.parametrize("discount", [0.99, 0.999, 0.9999])
def test_patience_near_one_is_solved(discount):
    game = entry_game(3, discount=discount)
    found = solve(
        game, np.array([{"S": 1.0, "RN": 2.0, "EC": 1.0}.get(name, -1.7) for name in game.parameters])
    )
    assert found.passed
    assert found.residual < 1e-9


def test_buses_of_two_unseen_kinds_are_told_apart():
    """The design remembered of Arcidiacono and Miller (2011): intercept 2, mileage -.15, unseen kind 1, patience .9."""
    space, truth = state_space(mileage=list(range(12)), kind=[0, 1]), np.array([2.0, -0.15, 1.0])

    def payoff(state, actions, _):
        keep = 1.0 - actions[0]
        return {"intercept": keep, "mileage": state["mileage"] * keep, "kind": state["kind"] * keep}

    def laws(_):
        ahead = np.zeros((24, 2, 12))
        ahead[np.arange(24), 0, np.minimum(space.positions["mileage"] + 1, 11)] = 1.0
        ahead[:, 1, 0] = 1.0
        return {"mileage": ahead, "kind": own_chain(space, "kind", np.eye(2))}

    game = build_game(space, ["owner"], [("keep", "replace")], payoff, laws, 0.9)
    begin = np.where(space.positions["mileage"] == 0, 0.5, 0.0)
    found = solve(game, truth)
    play = simulate(found, 150, 20, 6, begin)
    seen = play.states[:, :-1].ravel()
    same = space.positions["mileage"][seen][:, None] == space.positions["mileage"][None]
    rows = hidden(
        game, np.where(same, 0.0, -np.inf), play.actions.reshape(-1, 1), np.repeat(np.arange(150), 20), begin
    )
    fit = constrained(game, rows, [start_at("near", 0.8 * truth, found.log_odds)])
    assert fit.passed
    assert np.max(np.abs(fit.theta - truth) / fit.errors("hessian")) < 3.5
    assert fit.errors("hessian").max() < 0.5
