"""Closed forms written apart from the solver: static limit, Bayes, martingale, ruin, stopping, agent logit."""

from dataclasses import replace

import numpy as np
import pytest

from standoff.standoff_game.agent_logit import Tree, agent_logit_equilibrium, lewis_schultz_tree
from standoff.standoff_game.beliefs import bayes, bayes_log_odds
from standoff.standoff_game.equilibrium import Search
from standoff.standoff_game.hazard import deal_within_weeks
from standoff.standoff_game.parameters import baseline_parameters, region_parameters
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.randomness import keys_of, uniform
from standoff.standoff_game.simulation import DEAL, simulate
from standoff.standoff_game.solution import solve
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.start import Simulation, State

TIGHT = Search(tolerance=1e-12, most=2000)
use_float64()


@pytest.mark.parametrize("region", ["waiting", "assurance"])
def test_static_limit_against_its_closed_form(region):
    p = region_parameters(region)._replace(discount_holder=0.0)
    solution = solve(Specification(), p, search=Search(tolerance=1e-10, most=2000))
    spec, play = solution.specification, solution.play
    grid = 1 / (1 + np.exp(-np.linspace(-4, 4, 15)))
    worst = 0.0
    for n in (1, 2, 3):
        for m in range(3):
            for x in range(2):
                for e in range(6):
                    for k in range(4):
                        cell = (slice(None), 2, m, x, spec.state_index(e, k))
                        u, r = play.conduct[(n - 1, 1, *cell)], play.conduct[(n - 1, 0, *cell)]
                        b2 = grid * u / (grid * u + (1 - grid) * r)
                        collapse = 0.03 * m / 2 if e == 0 else 0.0
                        slope = (p.forced_end[0] - p.forced_end[1]) * k * (1 - collapse) * p.end_value
                        slope -= (p.resume[1] - p.resume[0]) * p.resume_loss
                        aid = np.clip(0.6 - 0.2 * m, 0, 1.5)
                        flow = 0.3 * aid - p.force_cost[m] * (1 + 0.5 * (1 - e / 5)) + 0.1 * k
                        at_zero = p.offer_value[x] * (0.75 + 0.25 * n / 3) - p.give - p.resume[0] * 6.0
                        at_zero -= flow - collapse * 6.0 + (1 - collapse) * p.forced_end[0] * k * 9.0
                        closed = at_zero + slope * b2
                        gap = (play.accepting - play.waiting)[(n - 1, *cell)]
                        chance = 1 / (1 + np.exp(-closed / p.noise_holder))
                        worst = max(worst, np.max(np.abs(gap - closed)))
                        worst = max(worst, np.max(np.abs(chance - play.accept[(n - 1, *cell)])))
    assert worst < 1e-8


def stopping_game(**changes):
    """One act, no news, nothing moves: the holder alone decides when to stop."""
    base = baseline_parameters()._replace(
        offer_value=np.array([6.0]), offer_price=np.array([1.0]), generosity=np.array([0.0]), give=4.0, chip=0.0,
        resume=np.zeros(2), force_cost=np.zeros(1), harm=np.zeros(1), force_level=np.ones(1), pressure_value=0.0,
        aid_base=1.0, aid_force=0.0, aid_value=0.1, forced_end=np.zeros(2), collapse=0.0, death_base=0.0,
        death_force=0.0, discount_holder=0.95, noise_holder=0.5, drift=0.0,
    )  # fmt: skip
    spec = Specification(
        endurance_levels=2, pressure_levels=2, groups=1, force=("continuing",), offers=("lean",), stages=(0,)
    )
    return spec, base._replace(**changes)


def test_one_sided_limit_is_optimal_stopping():
    spec, p = stopping_game()
    solution = solve(spec, p, search=TIGHT)
    assert solution.unknowns.values[0, 0] == pytest.approx(3.121665, abs=5e-7)
    assert solution.play.accept == pytest.approx(0.106105, abs=5e-7)
    weeks = 400
    chances = deal_within_weeks(solution, weeks)[0, 0, 7, 0, 0]
    assert chances == pytest.approx(1 - (1 - 0.106105) ** weeks, abs=1e-6)
    paths = simulate(solution, Simulation(20_000, weeks, 5), State(endurance=1, pressure=1, groups=1))
    assert np.all(paths.ending == DEAL)
    error = np.std(paths.week) / np.sqrt(20_000)
    assert abs(np.mean(paths.week) - 9.424663) < 4 * error


def test_one_sided_limit_with_a_moving_state_agrees_with_value_iteration():
    """A coercer without a stake tosses a fair coin among six acts; the holder's values by plain value iteration on (e, k)."""
    nothing = np.zeros(2)
    p = baseline_parameters()._replace(
        hostage_value=0.0,
        offer_price=nothing,
        holding_cost=0.0,
        force_value=nothing,
        criticism_penalty=nothing,
        pressure_penalty=nothing,
        end_loss=0.0,
        win_value=0.0,
        forced_end=np.array([0.01, 0.01]),
    )
    spec = replace(Specification(), groups=1)
    solution = solve(spec, p, search=Search(tolerance=1e-10, most=3000))
    value = np.zeros((6, 4))
    for _ in range(3000):
        new = np.zeros((6, 4))
        for e in range(6):
            for k in range(4):
                for m in range(3):
                    aid = 0.6 - 0.2 * m
                    up, down = 0.55 * aid, 0.28 * m + 0.25 * 0.55
                    rise, fall = 0.18 * p.harm[m] * (1.3 - 0.5 * aid), 0.15
                    up, down = up / max(up + down, 1), down / max(up + down, 1)
                    rise, fall = rise / max(rise + fall, 1), fall / max(rise + fall, 1)
                    ahead = 0.0
                    for i, pe in ((min(e + 1, 5), up), (max(e - 1, 0), down), (e, 1 - up - down)):
                        for j, pk in ((min(k + 1, 3), rise), (max(k - 1, 0), fall), (k, 1 - rise - fall)):
                            ahead += pe * pk * value[i, j] * (1 - 0.006 - 0.02 * m)
                    collapse = 0.03 * m / 2 if e == 0 else 0.0
                    flow = 0.3 * aid - p.force_cost[m] * (1 + 0.5 * (1 - e / 5)) + 0.1 * k
                    wait = (
                        flow - collapse * 6 + (1 - collapse) * (0.01 * k * 9 + (1 - 0.01 * k) * 0.97 * ahead)
                    )
                    for x in range(2):
                        accept = p.offer_value[x] - 3.5 - 0.3 * 6
                        new[e, k] += np.logaddexp(accept / 0.8, wait / 0.8) * 0.8 / 6
        gap, value = np.max(np.abs(new - value)), new
        if gap < 1e-12:
            break
    mine = solution.unknowns.values[0, 0].reshape(15, 6, 4)
    assert np.max(np.abs(mine - value)) < 1e-6


def test_two_type_bayes_and_random_walk_of_log_odds():
    """G8.1: each result moves the log-odds by ln(p/q); stopping at +-5 steps errs with chance 1/(1+(p/q)^5)."""
    p, q, k = 0.6, 0.4, 5
    belief, ladder = 0.5, []
    for _ in range(k):
        belief = float(bayes(belief, p, q))
        ladder.append(belief)
    assert ladder[-1] == pytest.approx((p / q) ** k / (1 + (p / q) ** k), rel=1e-12)
    assert 1 - ladder[-1] == pytest.approx(0.116364, abs=5e-7)
    assert float(bayes(bayes(0.3, p, q), q, p)) == pytest.approx(0.3, rel=1e-12)
    assert float(bayes_log_odds(0.3, np.log(p / q))) == pytest.approx(float(bayes(0.3, p, q)), rel=1e-14)
    errors, lengths = walk(p, k, 2 * k, 40_000)
    assert abs(errors - 0.116364) < 4 * np.sqrt(0.116364 * 0.883636 / 40_000)
    assert abs(lengths.mean() - 19.181818) < 4 * lengths.std() / np.sqrt(40_000)


def walk(p, start, top, paths):
    """Share of walks that end at 0, and their lengths, from the room's own named random numbers."""
    key = keys_of((f"walk {p} {start} {top}",), 2)[0]
    at, length = np.full(paths, start), np.zeros(paths)
    week = 0
    while np.any((at > 0) & (at < top)):
        week += 1
        live = (at > 0) & (at < top)
        step = np.where(np.asarray(uniform(key, np.arange(paths), week)) < p, 1, -1)
        at, length = np.where(live, at + step, at), length + live
    return np.mean(at == 0), length


def test_forts_are_a_gamblers_ruin():
    """G8.2: ten forts, five held, p = .55: won with chance .731717 after 23.171740 battles."""
    lost, lengths = walk(0.55, 5, 10, 40_000)
    assert abs((1 - lost) - 0.731717) < 4 * np.sqrt(0.7317 * 0.2683 / 40_000)
    assert abs(lengths.mean() - 23.171740) < 4 * lengths.std() / np.sqrt(40_000)


def test_screening_and_survival_both_lower_the_weak_prior():
    """G8.3: phi' = phi(1-s)(1-kw) / [phi(1-s)(1-kw) + (1-phi)(1-kt)] = .387097."""
    screened = float(bayes(0.6, 1 - 0.5, 1.0))
    survived = float(bayes(screened, 1 - 0.2, 1 - 0.05))
    assert survived == pytest.approx(0.387097, abs=5e-7)
    assert survived < screened < 0.6


def test_drift_of_log_odds_is_the_divergence_of_the_signal_laws():
    """G8.4: under U the log-odds rise by KL(l_U || l_R) a week."""
    law = baseline_parameters().signal_law
    rise = sum(
        law[1, y] * (np.log(b / (1 - b)) - np.log(0.4 / 0.6))
        for y in range(5)
        for b in [float(bayes(0.4, law[1, y], law[0, y]))]
    )
    assert rise == pytest.approx(np.sum(law[1] * np.log(law[1] / law[0])), rel=1e-12)


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (1, (0.931785, 0.539087, 0.614444)),
        (2, (0.995178, 0.502729, 0.664847)),
        (5, (0.999999, 0.409020, 0.691201)),
    ],
)
def test_agent_logit_of_stripped_down_poker(scale, expected):
    """G9a: king and queen equally likely; bet or fold; call or fold; payoffs 2 and 1.

    The notes list (.314444, .762959) at lambda = 5, which is no fixed point (the caller's log-odds there are
    negative); the row here is ours and agrees with pygambit 16.7 to 1e-7 (see tests/oracle).
    """
    ends = []
    for card, (bet, fold, stake) in enumerate(((0, 1, 2.0), (2, 3, -2.0))):
        assert card in (0, 1)
        ends += [((fold, -1), (-1.0, 0.0)), ((bet, 4), (stake, -stake)), ((bet, 5), (1.0, -1.0))]
    tree = Tree(
        np.full(6, 0.5),
        np.array([e[0] for e in ends]),
        np.array([e[1] for e in ends]),
        np.array([0, 0, 1, 1, 2, 2]),
    )
    found = agent_logit_equilibrium(tree, scale, steps=20)
    assert found.chances[[0, 2, 4]] == pytest.approx(expected, abs=1e-6)
    assert found.residual < 1e-10


def test_lewis_schultz_agent_logit_is_a_fixed_point_of_its_own_closed_form():
    """One number, B's resistance, sums up the game: checked by an iteration written apart."""
    cuts = 20
    found = agent_logit_equilibrium(lewis_schultz_tree(cuts), 1.0)
    go, resist, firm = (found.chances[2 * cuts * i : 2 * cuts * (i + 1) : 2] for i in range(3))
    from statistics import NormalDist

    shock = np.array([NormalDist().inv_cdf((i + 0.5) / cuts) for i in range(cuts)])

    def logistic(x):
        return 1 / (1 + np.exp(-x))

    stand = logistic(-1.9 + shock + 1.2)
    resisted = resist.mean()
    fight = stand * (-1.9 + shock) + (1 - stand) * -1.2
    challenge = logistic((1 - resisted) + resisted * fight)
    share = np.sum(challenge * stand) / np.sum(challenge)
    assert firm == pytest.approx(stand, abs=1e-9)
    assert go == pytest.approx(challenge, abs=1e-9)
    assert resist == pytest.approx(logistic(share * (-2.8 + shock) + (1 - share)), abs=1e-9)
