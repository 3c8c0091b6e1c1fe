"""Comparative statics of the textbook games, and what holds at any numbers."""

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from standoff.games.catalogue import catalogue, load
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

some = settings(max_examples=40, deadline=None)
STEP = 1e-4


def between(low, high):
    return st.floats(low, high, allow_subnormal=False)


share = between(0.05, 0.95)
size = between(0.1, 100.0)


def change(of, game, name, step=STEP):
    """Change of a quantity when one number of a game rises a little."""
    return of(replace(game, **{name: getattr(game, name) * (1 + step)})) - of(game)


@st.composite
def kidnappings(draw):
    x = draw(size)
    return selten_kidnapping.Kidnapping(draw(share), draw(size), draw(share), x, draw(size), x + draw(size))


@some
@given(kidnappings())
def test_selten_signs(game):
    def demand(g):
        return selten_kidnapping.demand_bounds(g)[0]

    def value(g):
        return selten_kidnapping.kidnapper_value(g, demand(g))

    for name in ("death_loss", "anger", "capture"):  # more capture raises the ransom that is asked
        assert change(demand, game, name) > 0
    assert change(value, game, "capture") < 0
    assert change(selten_kidnapping.deterring_capture, game, "caught_release") < 0
    threshold = selten_kidnapping.deterring_capture(game)
    assert (value(game) > 0) == (game.capture < threshold) or abs(game.capture - threshold) < 1e-9
    a, w = game.anger, game.death_loss
    assert value(game) == pytest.approx(
        a * w / (1 + a) - game.capture * game.caught_release, rel=1e-9, abs=1e-9
    )
    assert selten_kidnapping.family_loss(game, demand(game), demand(game)) == pytest.approx(a * w / (1 + a))


@some
@given(kidnappings(), between(0.05, 3))
def test_selten_offers_fall_beyond_what_is_met_in_full(game, at):
    full, none = selten_kidnapping.demand_bounds(game)
    demand = at * none
    offer = selten_kidnapping.best_offer(game, demand)
    assert 0 <= offer <= demand
    if full < demand < none:
        assert selten_kidnapping.best_offer(game, demand * 1.001) < offer
    assert load("selten-kidnapping").solution(replace(game, demand=demand)).passed


@some
@given(share, between(0.1, 10), between(0.1, 10), share, between(0, 10), between(1, 50))
def test_lapan_sandler_signs(failure, more, refusal_gain, belief, low, width):
    assume(belief < 0.9)
    game = lapan_sandler.Pledge(failure, refusal_gain + more, refusal_gain, belief, low, low + width)
    attack = lapan_sandler.attack_chance(game)
    assert 0 <= attack <= 1
    rises = 1 if attack > 0 and lapan_sandler.critical_cost(game) * 1.01 < game.cost_high else 0
    for name in ("belief", "concession_gain", "refusal_gain"):
        moved = change(lapan_sandler.attack_chance, game, name)
        assert moved > 0 if rises else moved >= 0
    assert change(lapan_sandler.attack_chance, game, "failure") <= 0
    assert load("lapan-sandler").solution(game).passed


@some
@given(between(0.02, 0.5), between(0.02, 3), between(0, 0.5), between(1, 20), between(1.05, 4))
def test_cross_signs(discount, learning, cost, pie, optimism):
    expected = optimism * (discount * pie / 2 + cost)

    def alike(discount=discount, learning=learning, cost=cost, pie=pie, expected=expected):
        return cross_learning.Haggling(
            pie, discount, discount, learning, learning, cost, cost, expected, expected
        )

    assert load("cross-learning").solution(alike()).passed
    time = cross_learning.agreement_time(alike())
    assert time == pytest.approx(cross_learning.symmetric_time(alike()), rel=1e-6)
    up = 1 + STEP
    assert cross_learning.agreement_time(alike(expected=expected * up)) > time
    assert cross_learning.agreement_time(alike(learning=learning * up)) < time
    assert cross_learning.agreement_time(alike(pie=pie * up)) < time
    if cost > 1e-3:
        assert cross_learning.agreement_time(alike(cost=cost * up)) < time
        assert cross_learning.first_demands(alike(cost=cost * up)) < cross_learning.first_demands(alike())


@some
@given(share, share, size, size, between(0.001, 0.5), between(0.001, 0.5))
def test_abreu_gul_laws(first, second, r1, r2, z1, z2):
    assume(first + second > 1.05)
    game = abreu_gul.Reputations(first, second, r1, r2, z1, z2)
    found = load("abreu-gul").solution(game)
    assert found.passed, found.checks
    assert max(found["hold 1"], found["hold 2"]) == pytest.approx(1)
    for i in (1, 2):
        assert 0 <= found[f"flexible at once {i}"] <= 1
        more = replace(game, **{f"obstinate_{i}": getattr(game, f"obstinate_{i}") * 1.01})
        assert abreu_gul.values(more)[i - 1] >= abreu_gul.values(game)[i - 1] - 1e-12
        assert (
            1 - abreu_gul.attrition(more).holds[i - 1] <= 1 - abreu_gul.attrition(game).holds[i - 1] + 1e-12
        )
        patient = replace(game, **{f"discount_{i}": getattr(game, f"discount_{i}") * 0.99})
        assert abreu_gul.values(patient)[i - 1] >= abreu_gul.values(game)[i - 1] - 1e-12
        assert abreu_gul.attrition(patient).rates[2 - i] < abreu_gul.attrition(game).rates[2 - i]
    swapped = abreu_gul.Reputations(second, first, r2, r1, z2, z1)
    assert abreu_gul.values(swapped)[::-1] == pytest.approx(abreu_gul.values(game))


@some
@given(size, size, size, size, size)
def test_fearon_laws(a1, a2, c1, c2, v):
    game = fearon_attrition.Audiences(a1, a2, c1, c2, v)
    play = fearon_attrition.crisis(game)
    assert play.war + sum(play.backs_down) == pytest.approx(1, abs=1e-9)
    assert max(play.holds) == 1
    assert load("fearon-attrition").solution(game).passed
    for side in (0, 1):
        early, late = (fearon_attrition.believed_to_fight(game, side, s * play.horizon) for s in (0.1, 0.9))
        assert 0 <= early < late <= 1 + 1e-12
    if abs(a1 - a2) > 1e-6 * a1:
        alike = fearon_attrition.crisis(replace(game, war_spread_2=c1))
        weaker = 0 if a1 < a2 else 1
        assert alike.backs_down[weaker] > alike.backs_down[1 - weaker]


@some
@given(share, between(0, 0.5), between(0, 0.5), between(0.05, 1))
def test_risk_return_laws(p, cost_a, low, width):
    game = risk_return.Ultimatum(p, cost_a, low, low + width)

    def war(g):
        return risk_return.war_chance(g, risk_return.best_demand(g))

    assert (war(game) > 1e-9) == (game.cost_high - 2 * low > cost_a + 1e-9 * width) or war(game) < 1e-6
    for other in (0.1, 0.9):
        assert war(replace(game, strength=other)) == pytest.approx(war(game), abs=1e-9)
    assert war(replace(game, cost_a=cost_a + 0.01)) <= war(game)
    assert war(replace(game, cost_high=game.cost_high * 1.01)) >= war(game) - 1e-12
    for demands in ("any", "within the pie"):
        assert load("risk-return").solution(replace(game, demands=demands)).passed


@some
@given(between(0, 0.99), between(0, 0.99), between(0, 0.5), between(-1, 0.5), between(-1, 0.5), share, share)
def test_rubinstein_laws(one, two, beta, d1, d2, o1, o2):
    game = rubinstein.Offers(one, two, None, None, 1, beta, d1, d2, o1 / 2, o2 / 2)
    assert load("rubinstein").solution(game).passed
    first, second = rubinstein.proposer_shares(game)
    swapped = rubinstein.Offers(two, one, None, None, 1, beta, d2, d1, o2 / 2, o1 / 2)
    assert rubinstein.proposer_shares(swapped) == pytest.approx((second, first), abs=1e-12)
    plain = rubinstein.proposer_shares(rubinstein.Offers(one, two))[0]
    assert plain == pytest.approx((1 - two) / (1 - one * two))
    more = rubinstein.proposer_shares(rubinstein.Offers(one, two * 0.99))[0]
    assert more >= plain


@some
@given(between(0, 0.999), size)
def test_sobel_takahashi_laws(patience, top):
    game = sobel_takahashi.Haggle(patience, top)
    found = load("sobel-takahashi").solution(game)
    assert found.passed, found.checks
    quicker = sobel_takahashi.Haggle(patience + (1 - patience) / 10, top)
    assert sobel_takahashi.price(quicker, top) < sobel_takahashi.price(game, top)
    assert sobel_takahashi.seller_value(quicker, top) < sobel_takahashi.seller_value(game, top)


def test_delay_vanishes_with_quick_offers():
    delays = []
    for interval in (1.0, 0.1, 0.01, 0.001):
        found = load("sobel-takahashi").solve(delta=math.exp(-0.1 * interval))
        delays.append(interval * (found["mean rounds"] - 1))
    assert delays == sorted(delays, reverse=True)
    assert delays[-1] < 0.11


@some
@given(between(0.05, 5), between(0.05, 5), share, share, share)
def test_threat_laws(audience, war_b, firm, s1, s0):
    assume(s1 > s0 + 1e-6)
    game = threat_bluff.Threats(audience, -war_b, firm, s1, s0)
    found = load("threat-bluff").solution(game)
    assert found.passed, found.checks
    single, spoken = threat_bluff.alone(game), threat_bluff.with_opposition(game)
    if not found["all threaten"]:
        assert threat_bluff.war_chance(game, spoken) <= threat_bluff.war_chance(game, single) + 1e-12
        assert change(lambda g: threat_bluff.alone(g).resists[0], game, "audience") < 0
        assert change(lambda g: load("threat-bluff").solution(g)["war after threat"], game, "audience") < 0
        harsher = replace(game, war_b=game.war_b * (1 - STEP))  # |w_B| lower, so war after a threat likelier
        assert load("threat-bluff").solution(harsher)["war after threat"] > found["war after threat"]
        if spoken.bluffs < 1:
            backed, opposed = spoken.resists
            assert backed < single.resists[0] < opposed
            if s0 * (1 + audience) <= audience:
                assert found["opposition: threat"] < found["threat"]


@some
@given(share, between(0.01, 0.3), between(0.05, 0.5), between(0.01, 0.5), between(0.5, 0.99))
def test_kydd_laws(strength, low, width, cost, mu):
    game = kydd_mediator.Mediation(0.5, low, low + width, cost, mu, 0.1, 0.1, strength)
    found = load("kydd-mediator").solution(game)
    assert found.passed
    assert found["weak is honest"] is False  # unbiased, with noise: it would say "resolved" whatever it knew
    if mu * game.cost_high > game.cost_low + 1e-3:
        assert change(kydd_mediator.least_bias, game, "mediator_cost") > 0
        assert change(kydd_mediator.least_bias, game, "weak_signal") < 0
        least = kydd_mediator.least_bias(game)
        if least < 0.999:
            assert kydd_mediator.gain_from_weak(replace(game, bias=least + 1e-3), mu) > 0
            assert kydd_mediator.gain_from_weak(replace(game, bias=least - 1e-3), mu) < 0


@some
@given(share, between(0.5, 1))
def test_a_mediator_who_knows_nothing_more_changes_nothing(mu, bias):
    game = kydd_mediator.Mediation(bias, weak_signal=mu, firm_signal=mu)
    found = load("kydd-mediator").solution(game)
    assert found["heeded"] is False
    assert found["believed"] is False


@some
@given(between(0.001, 0.999), between(0.01, 0.99), st.integers(2, 3000), share)
def test_ruin_laws(win, rival, forts, at):
    held = min(forts - 1, max(1, int(at * forts)))
    game = gamblers_ruin.Forts(forts, held, win, rival)
    found = load("gamblers-ruin").solution(game)
    assert found.passed, found.checks
    mirrored = gamblers_ruin.win_chance(1 - win, forts - held, forts)
    assert found["war won"] + mirrored == pytest.approx(1, abs=1e-9)
    assert found["drift"] >= -1e-15
    assert found["mistake"] <= 0.5 + 1e-12


@some
@given(share, share, between(0.0, 0.9), between(0.0, 0.9))
def test_refusal_and_survival_both_lower_the_belief_in_weakness(phi, accepts, collapses, less):
    tough = less * collapses
    game = gamblers_ruin.Forts(
        weak=phi, weak_accepts=accepts, weak_collapses=collapses, tough_collapses=tough
    )
    refused_only = replace(game, weak_collapses=0.0, tough_collapses=0.0)
    survived_only = replace(game, weak_accepts=0.0)
    assert gamblers_ruin.after_refusal(refused_only) < phi
    assert gamblers_ruin.after_refusal(survived_only) <= phi + 1e-15
    assert gamblers_ruin.after_refusal(game) <= gamblers_ruin.after_refusal(refused_only) + 1e-15


WITH_CHANCE = [one.name for one in catalogue() if one.kind == "textbook" and load(one.name).simulation]


@pytest.mark.parametrize("name", WITH_CHANCE)
def test_simulations_agree_with_the_exact_values_and_repeat_themselves(name):
    game = load(name)
    numbers = {"D": 80} if name == "selten-kidnapping" else {}
    first = game.simulate(40_000, 7, **numbers)
    assert first == game.simulate(40_000, 7, **numbers)
    assert first.means != game.simulate(40_000, 8, **numbers).means
    for what, mean in first.means.items():
        assert mean.distance < 4.5, (what, mean)


def test_cross_where_both_speeds_of_learning_cancel():
    """alpha = a leaves one rule of learning: alike sides still agree at the closed form's time, others are refused."""
    for learning in (0.1, 0.1 + 1e-12, 0.1 + 1e-7):
        game = cross_learning.Haggling(10, 0.1, 0.1, learning, learning, 0.2, 0.2, 1, 1)
        assert cross_learning.agreement_time(game) == pytest.approx(
            cross_learning.symmetric_time(game), rel=1e-6
        )
    with pytest.raises(GamesError) as refused:
        cross_learning.Haggling(10, 0.1, 0.1, 0.1, 0.1, 0.2, 0.1, 1, 0.9)
    assert "not in step" in refused.value.mistakes[0].what


@some
@given(
    *[between(0.02, 0.5)] * 2, *[between(0.02, 3)] * 2, *[between(0, 0.3)] * 2, *[between(0.5, 5)] * 2, share
)
def test_cross_agrees_at_the_first_time_that_fits(a1, a2, l1, l2, c1, c2, r1, r2, fits):
    assume(abs(l1 * l2 / (a1 * a2) - 1) > 1e-3)
    demands = (r1 - c1) / a1 + (r2 - c2) / a2
    game = cross_learning.Haggling(fits * demands, a1, a2, l1, l2, c1, c2, r1, r2)
    time, path = cross_learning.agreement_time(game), cross_learning.course(game)
    before = [path.total(s * (time if math.isfinite(time) else 1.0)) for s in (0, 0.3, 0.6, 0.9, 0.99)]
    assert min(before) > game.pie
    assert load("cross-learning").solution(game).passed
