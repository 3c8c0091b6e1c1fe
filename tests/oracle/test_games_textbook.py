"""Textbook games by a second method each: integration of the equations, backward induction, search, enumeration."""

import math

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm

from standoff.games.errors import GamesError
from standoff.games.textbook import (
    abreu_gul,
    cross_learning,
    fearon_attrition,
    gamblers_ruin,
    kydd_mediator,
    lapan_sandler,
    risk_return,
    rubinstein,
    selten_kidnapping,
    sobel_takahashi,
    threat_bluff,
)

gambit = pytest.importorskip("pygambit")


def test_selten_by_search_over_offers_and_demands():
    """The tree written out: the kidnapper's decision after the offer, then the family's offer, then the demand."""
    a, w, q, x, y, z, q1 = 0.4, 70.0, 0.3, 25.0, 5.0, 40.0, 0.5

    def ends(demand, offer):
        execution = -(1 - q1) * y - q1 * z
        release = (1 - q) * offer - q * x
        decided = max(release, execution)
        dies = float(execution > release)
        anger = a * (1 - offer / demand)
        kidnapper = anger * execution + (1 - anger) * decided
        family = (anger + (1 - anger) * dies) * w + (1 - anger) * (1 - dies) * (1 - q) * offer
        return kidnapper, family

    def answer(demand):
        found = minimize_scalar(
            lambda c: ends(demand, c)[1], bounds=(0, demand), method="bounded", options={"xatol": 1e-10}
        )
        return min((0.0, demand, float(found.x)), key=lambda c: ends(demand, c)[1])

    game = selten_kidnapping.Kidnapping(a, w, q, x, y, z, q1)
    for demand in (5.0, 20.0, 40.0, 60.0, 100.0):
        assert selten_kidnapping.best_offer(game, demand) == pytest.approx(answer(demand), abs=1e-5)
        assert selten_kidnapping.kidnapper_value(game, demand) == pytest.approx(
            ends(demand, answer(demand))[0], abs=1e-4
        )
    grid = np.linspace(1, 120, 2000)
    worth = [ends(d, answer(d))[0] for d in grid[::20]]
    best = grid[::20][int(np.argmax(worth))]
    assert best == pytest.approx(selten_kidnapping.demand_bounds(game)[0], abs=1.3)


def test_lapan_sandler_by_summing_over_attackers_and_states():
    game = lapan_sandler.Pledge(0.35, 8, 1, 0.4, 1, 30, 4, 2, 1, 7, 5, 0.5)
    costs = np.linspace(1, 30, 400_001)
    gain = 0.65 * (0.4 * 8 + 0.6 * 1)
    assert lapan_sandler.attack_chance(game) == pytest.approx(float((gain >= 0.35 * costs).mean()), abs=1e-5)
    states = np.linspace(1, 7, 400_001)
    assert lapan_sandler.concession_chance(game) == pytest.approx(float((states + 0.5 < 5).mean()), abs=1e-5)
    assert lapan_sandler.siege_cost(game) == pytest.approx(
        float(np.minimum(states + 0.5, 5).mean()), abs=1e-5
    )
    assert lapan_sandler.attack_chance(game, cost_chance=norm(10, 3).cdf) == pytest.approx(
        norm(10, 3).cdf(gain / 0.35)
    )


@pytest.mark.parametrize(
    "numbers", [(10, 0.1, 0.1, 0.5, 0.2, 0.2, 0.1, 1, 0.9), (5, 0.3, 0.2, 0.1, 0.15, 0.05, 0.1, 1.2, 1)]
)
def test_cross_by_integrating_the_learning(numbers):
    """Beliefs are the states here, demands follow from them: r_i' = alpha_i (-q_j' - r_i), q_i = (r_i - C_i) / a_i."""
    game = cross_learning.Haggling(*numbers)
    pie, a1, a2, l1, l2, c1, c2, *rates = numbers

    def learning(_, r):
        # r_1' = l1 (-r_2'/a2 - r_1) and the same for 2: solved for the slopes
        return np.linalg.solve([[1, l1 / a2], [l2 / a1, 1]], [-l1 * r[0], -l2 * r[1]])

    def fits(_, r):
        return (r[0] - c1) / a1 + (r[1] - c2) / a2 - pie

    fits.terminal = True
    course = solve_ivp(learning, [0, 200], rates, events=fits, rtol=1e-11, atol=1e-12)
    time = cross_learning.agreement_time(game)
    assert time == pytest.approx(course.t[-1], rel=1e-8)
    end = (course.y[0, -1] - c1) / a1, (course.y[1, -1] - c2) / a2
    assert cross_learning.course(game).at(time) == pytest.approx(end, rel=1e-7)


def test_cross_demand_is_the_best_one():
    a, rate, cost, other, pie = 0.1, 0.9, 0.2, 8.0, 10.0

    def loss(q):
        wait = max(0.0, (q + other - pie) / rate)
        return -(q * math.exp(-a * wait) - cost * (1 - math.exp(-a * wait)) / a)

    found = minimize_scalar(loss, bounds=(pie - other, 30), method="bounded", options={"xatol": 1e-9})
    assert found.x == pytest.approx((rate - cost) / a, abs=1e-5)


def test_abreu_gul_delay_by_integrating_what_is_left():
    game = abreu_gul.Reputations(0.75, 0.55, 0.2, 0.15, 0.03, 0.2)
    horizon = abreu_gul.attrition(game).horizon
    never = 0.03 * 0.2

    def open_at(t):
        return (1 - abreu_gul.conceded_by(game, 0, t)) * (1 - abreu_gul.conceded_by(game, 1, t)) - never

    area, _ = quad(open_at, 0, horizon, epsabs=1e-12)
    assert abreu_gul.mean_delay(game) == pytest.approx(area / (1 - never), rel=1e-9)


def test_abreu_gul_reputations_by_bayes_along_the_way():
    """Reputation rises as mu' = lambda mu, from the rate at which the flexible concede."""
    game = abreu_gul.Reputations(0.7, 0.6, 0.1, 0.15, 0.05, 0.1)
    play = abreu_gul.attrition(game)
    for side in (0, 1):
        start = game.obstinate[side] / play.holds[side]
        course = solve_ivp(
            lambda _, mu, r=play.rates[side]: r * mu, [0, play.horizon], [start], rtol=1e-10, atol=1e-13
        )
        assert course.y[0, -1] == pytest.approx(1, rel=1e-6)
        assert abreu_gul.reputation(game, side, play.horizon / 3) == pytest.approx(
            start * math.exp(play.rates[side] * play.horizon / 3)
        )


def test_fearon_by_partial_fractions_and_by_integrating_the_quitting():
    a1, a2, v = 2.0, 0.7, 1.5
    game = fearon_attrition.Audiences(a1, a2, 2.5, 1.2, v)
    play = fearon_attrition.crisis(game)
    t, k = play.horizon, math.prod(play.holds)
    A, B = a2 / v, a1 / v  # side 1 quits at rate A / (1 + A t), side 2 at B / (1 + B t)
    whole = -A * B / (A - B) ** 2 * math.log((1 + A * t) / (1 + B * t)) + A * A * t / ((A - B) * (1 + A * t))
    assert play.backs_down[0] == pytest.approx(1 - play.holds[0] + k * whole, rel=1e-10)

    def quitting(time, s):
        h1, h2 = a2 / (v + a2 * time), a1 / (v + a1 * time)
        both = s[0] * s[1]
        return [-h1 * s[0], -h2 * s[1], h1 * both, h2 * both]

    course = solve_ivp(quitting, [0, t], [*play.holds, 0, 0], rtol=1e-11, atol=1e-13)
    assert course.y[:2, -1] == pytest.approx(play.fights, rel=1e-7)
    gone = [1 - play.holds[0] + course.y[2, -1], 1 - play.holds[1] + course.y[3, -1]]
    assert gone == pytest.approx(play.backs_down, rel=1e-7)


def test_fearon_with_other_war_values():
    """War values cut off at zero from a normal: the horizon by a root of its own, and the uniform as a special case."""
    game = fearon_attrition.Audiences(1.0, 1.5, 2.0, 3.0, 1.0)

    def firm(mean):
        return lambda x: float((norm.cdf(0, mean) - norm.cdf(-x, mean)) / norm.cdf(0, mean))

    ready = firm(-1), firm(-2)
    play = fearon_attrition.crisis(game, ready)
    ends = [
        brentq(lambda t: (1 + 1.5 * t) * ready[0](t) - 1, 0, 10),
        brentq(lambda t: (1 + 1.0 * t) * ready[1](1.5 * t) - 1, 0, 10),
    ]
    assert play.horizon == pytest.approx(min(ends), rel=1e-10)
    assert play.war + sum(play.backs_down) == pytest.approx(1)
    same = fearon_attrition.crisis(game, game.uniform)
    assert same.horizon == pytest.approx(fearon_attrition.crisis(game).horizon, rel=1e-12)
    with pytest.raises(GamesError, match="1 mistake"):
        fearon_attrition.crisis(game, (ready[0], lambda x: 0.0))


@pytest.mark.parametrize(
    "numbers", [(0.5, 0.1, 0, 0.4), (0.2, 0.3, 0.1, 0.6), (0.7, 0.5, 0.2, 0.4), (0.9, 0.1, 0, 0.8)]
)
def test_risk_return_by_search_over_demands(numbers):
    for limit, demands in ((5.0, "any"), (1.0, "within the pie")):
        game = risk_return.Ultimatum(*numbers, demands=demands)
        p, cost, low, high = numbers
        grid = np.linspace(p, min(limit, p + high), 200_001)
        accept = np.clip((high - (grid - p)) / (high - low), 0, 1)
        best = grid[np.argmax(accept * grid + (1 - accept) * (p - cost))]
        assert risk_return.best_demand(game) == pytest.approx(best, abs=1e-4)


def test_rubinstein_by_backward_induction_from_any_end():
    for last in (0.0, 0.3, 1.0):
        first = last  # what side 1 gets when its turn comes, in the last round
        for _ in range(400):
            second = 1 - 0.9 * first
            first = 1 - 0.8 * second
        assert rubinstein.proposer_shares(rubinstein.Offers(0.9, 0.8))[0] == pytest.approx(first, abs=1e-13)
        assert first == pytest.approx(0.7142857142857, abs=1e-12)


def test_rubinstein_with_everything_by_backward_induction():
    game = rubinstein.Offers(0.95, 0.9, None, None, 1, 0.05, 0.1, -0.2, 0.2, 0.55)
    one = two = 0.5
    for _ in range(2000):
        one = 1 - max(0.55, 0.05 * -0.2 + 0.95 * 0.9 * two)
        two = 1 - max(0.2, 0.05 * 0.1 + 0.95 * 0.95 * one)
    assert rubinstein.proposer_shares(game) == pytest.approx((one, two), abs=1e-12)


@pytest.mark.parametrize("patience", [0.0, 0.5, 0.9, 0.99])
def test_sobel_takahashi_as_the_limit_of_a_last_round(patience):
    """With n rounds left the price is a V and the seller's value s V^2: backward from a last offer."""
    a, s = 0.5, 0.25
    for _ in range(20_000):
        k = 1 - patience + patience * a  # the price that makes a value of one indifferent
        cut = k / (2 * (k - patience * s))
        a, s = k * cut, k * cut * (1 - cut) + patience * s * cut**2
    game = sobel_takahashi.Haggle(patience)
    assert sobel_takahashi.price(game, 1.0) == pytest.approx(a, abs=1e-9)
    assert sobel_takahashi.seller_value(game, 1.0) == pytest.approx(s, abs=1e-9)


def bayesian_crisis(game, answers, signals):
    """(A, B) payoffs in strategic form; A's plan: does each type (firm, bluffer) threaten; B's: an answer a signal."""
    rows, war_a = [(f, b) for f in (1, 0) for b in (1, 0)], 0.2
    plans = [tuple(int(c) for c in np.binary_repr(n, answers)) for n in range(2**answers)]
    table = np.zeros((2, len(rows), len(plans)))
    for i, threats in enumerate(rows):
        for j, plan in enumerate(plans):
            for kind, chance in enumerate((game.firm, 1 - game.firm)):
                for heard, resists in enumerate(plan):
                    weight = chance * signals[kind][heard] * threats[kind]
                    stand = kind == 0
                    gain_a = (war_a if stand else -game.audience) if resists else 1.0
                    gain_b = (game.war_b if stand else 1.0) if resists else 0.0
                    table[:, i, j] += weight * np.array([gain_a, gain_b])
    return table, plans


@pytest.mark.parametrize("opposition", [None, (0.9, 0.1), (0.8, 0.5), (0.95, 0.3)])
def test_threats_against_all_nash_equilibria_of_the_strategic_form(opposition):
    s1, s0 = opposition or (1.0, 0.0)
    game = threat_bluff.Threats(0.5, -0.6, 0.2, s1, s0)
    signals = [[1.0], [1.0]] if opposition is None else [[s1, 1 - s1], [s0, 1 - s0]]
    table, plans = bayesian_crisis(game, len(signals[0]), signals)
    strategic = gambit.Game.from_arrays(*table)
    ours = threat_bluff.alone(game) if opposition is None else threat_bluff.with_opposition(game)
    found = []
    for profile in gambit.nash.enummixed_solve(strategic, rational=False).equilibria:
        chances = np.array([float(profile[s]) for s in strategic.strategies])
        a, b = chances[:4], chances[4:]
        bluffs = (a[0] + a[2]) if a[0] + a[1] > 0.999 else math.nan
        resists = [
            float(sum(c for c, plan in zip(b, plans, strict=True) if plan[h])) for h in range(len(plans[0]))
        ]
        found.append((bluffs, *resists))
    wanted = (ours.bluffs, *ours.resists[: len(plans[0])])
    assert min(max(abs(x - y) for x, y in zip(one, wanted, strict=True)) for one in found) < 1e-6


def test_kydd_by_enumerating_advice():
    rng = np.random.default_rng(1)
    for _ in range(200):
        b, p, low, cost_m, mu = rng.uniform([0, 0, 0.01, 0, 0.05], [1, 1, 0.3, 0.3, 1])
        high = low + rng.uniform(0.05, 0.4)
        game = kydd_mediator.Mediation(b, low, high, cost_m, mu, 0.0, 0.1, p)

        def peace(x, b=b):
            return b * x + (1 - b) * (1 - x)

        says_weak = mu * peace(p + high) + (1 - mu) * (peace(p) - cost_m)
        says_firm = peace(p + low)
        assert kydd_mediator.gain_from_weak(game, mu) == pytest.approx(says_weak - says_firm, abs=1e-12)
        least = kydd_mediator.least_bias(game)
        if math.isfinite(least) and abs(b - least) > 1e-9:
            assert (says_weak >= says_firm) == (b >= least)


@pytest.mark.parametrize(
    ("win", "held", "forts"),
    [(0.55, 5, 10), (0.5, 3, 11), (0.2, 30, 40), (0.5 + 1e-9, 100, 300), (0.500002, 7, 19)],
)
def test_ruin_by_solving_the_chain(win, held, forts):
    chain = np.zeros((forts - 1, forts - 1))
    chain[np.arange(forts - 2), np.arange(1, forts - 1)] = win
    chain[np.arange(1, forts - 1), np.arange(forts - 2)] = 1 - win
    to_win = np.zeros(forts - 1)
    to_win[-1] = win
    won = np.linalg.solve(np.eye(forts - 1) - chain, to_win)[held - 1]
    length = np.linalg.solve(np.eye(forts - 1) - chain, np.ones(forts - 1))[held - 1]
    assert gamblers_ruin.win_chance(win, held, forts) == pytest.approx(won, rel=1e-9)
    assert gamblers_ruin.mean_battles(win, held, forts) == pytest.approx(length, rel=1e-8)


def test_belief_by_multiplying_likelihoods():
    game = gamblers_ruin.Forts(win=0.6, rival_win=0.3, prior=0.2)
    for wins, losses in ((0, 0), (3, 1), (0, 4)):
        u, r = 0.2 * 0.6**wins * 0.4**losses, 0.8 * 0.3**wins * 0.7**losses
        assert gamblers_ruin.belief_after(game, wins, losses) == pytest.approx(u / (u + r))
    assert gamblers_ruin.drift(game) == pytest.approx(0.6 * math.log(2) + 0.4 * math.log(4 / 7))
