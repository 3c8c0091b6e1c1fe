"""Golden numbers of the textbook games: G1 to G5, G7a to G7c, and the fixtures of G8."""

import math

import pytest

from standoff.games.catalogue import load
from standoff.games.textbook import abreu_gul, kydd_mediator, rubinstein, selten_kidnapping


def solved(name, **numbers):
    found = load(name).solve(**numbers)
    assert found.passed, found.checks
    return found


def near(value):
    return pytest.approx(value, rel=1e-6, abs=6e-7)


KIDNAPPING = {"a": 0.5, "w": 100, "q": 0.2, "x": 30, "y": 10, "z": 50}


def test_selten():
    found = solved("selten-kidnapping", **KIDNAPPING)
    assert found["best demand"] == near(41.666667)
    assert found["refused demand"] == near(125)
    assert found["value"] == near(27.333333)
    assert found["deterring capture"] == near(1.111111)
    assert found["execution"] == 0
    assert found["family loss"] == near(100 / 3)
    milder = solved("selten-kidnapping", **KIDNAPPING | {"x": 100, "z": 100})
    assert milder["deterring capture"] == near(1 / 3)


@pytest.mark.parametrize(
    ("demand", "offer", "value"),
    [(60, 32.5, 11.291667), (90, 17.5, -2.472222), (125, 0, -12), (400, 0, -12)],
)
def test_selten_off_the_path(demand, offer, value):
    found = solved("selten-kidnapping", **KIDNAPPING, D=demand)
    assert found["offer"] == near(offer)
    assert found["value of demand"] == near(value)


def test_selten_with_two_chances_of_capture():
    """Items 2 and 3 with q0, and a family that pays at least what makes a release rational."""
    game = selten_kidnapping.Kidnapping(0.5, 100, 0.8, 90, 10, 90, capture_execution=0.1)
    assert selten_kidnapping.least_safe_offer(game) == near((0.8 * 90 - 0.9 * 10 - 0.1 * 90) / 0.2)
    assert selten_kidnapping.demand_bounds(game)[0] == near(0.5 * 100 / (1.5 * 0.2))
    assert selten_kidnapping.best_offer(game, 300) >= selten_kidnapping.least_safe_offer(game)


LAPAN = {"theta": 0.4, "m": 10, "n~": 2, "p": 0.3, "c_low": 0, "c_high": 40}


@pytest.mark.parametrize(
    ("change", "cost", "attack"),
    [({}, 6.6, 0.165), ({"p": 0}, 3, 0.075), ({"p": 0, "n~": 0}, 0, 0)],
)
def test_lapan_sandler(change, cost, attack):
    found = solved("lapan-sandler", **LAPAN | change)
    assert found["critical cost"] == near(cost)
    assert found["attack"] == near(attack)


def test_a_pledge_deters_only_if_all_conditions_hold():
    kept = LAPAN | {"p": 0, "n~": 0, "h_low": 6, "h_high": 9, "n": 5}
    assert solved("lapan-sandler", **kept)["pledge deters"] is True
    for change in ({"p": 0.1}, {"n~": 1}, {"n": 7}, {"n~": -1, "c_low": -3, "c_high": 1}):
        assert solved("lapan-sandler", **kept | change)["pledge deters"] is False
    assert solved("lapan-sandler", **kept | {"n": 7, "R": 1})["pledge deters"] is True


def test_cross_alike():
    alike = {
        f"{name}{i}": value
        for i in (1, 2)
        for name, value in (("a", 0.1), ("alpha", 0.5), ("C", 0.2), ("r", 1))
    }
    found = solved("cross-learning", M=10, **alike)
    assert found["agreement time"] == near(4.280099)
    assert found["share 1"] == near(5)


def test_cross_unlike():
    """In the notes r lists what each side expects of the other: r_1 is side 1's."""
    numbers = {"a1": 0.1, "a2": 0.1, "alpha1": 0.5, "alpha2": 0.2, "C1": 0.2, "C2": 0.1, "r1": 1, "r2": 0.9}
    found = solved("cross-learning", M=10, **numbers)
    assert found["agreement time"] == near(5.472959)
    assert (found["share 1"], found["share 2"]) == (near(6.780534), near(3.219466))


@pytest.mark.parametrize(
    ("numbers", "rates", "horizon", "holds", "at_once", "delay", "never", "values"),
    [
        ((0.6, 0.6, 0.1, 0.1, 0.1, 0.1), (0.2, 0.2), 11.512925, (1, 1), 0, 2.383708, 0.01, (0.4, 0.4)),
        (
            (0.7, 0.6, 0.1, 0.15, 0.05, 0.1),
            (0.15, 0.133333), 17.269388, (0.666761, 1), 0.333239, 2.260582, 0.005, (0.4, 0.399972),
        ),
    ],
)  # fmt: skip
def test_abreu_gul(numbers, rates, horizon, holds, at_once, delay, never, values):
    found = solved(
        "abreu-gul", **dict(zip(("alpha1", "alpha2", "r1", "r2", "z1", "z2"), numbers, strict=True))
    )
    assert (found["rate 1"], found["rate 2"]) == (near(rates[0]), near(rates[1]))
    assert found["horizon"] == near(horizon)
    assert (found["hold 1"], found["hold 2"]) == (near(holds[0]), near(holds[1]))
    assert found["agreement at once"] == near(at_once)
    assert found["mean delay"] == near(delay)
    assert found["never"] == near(never)
    assert (found["value 1"], found["value 2"]) == (near(values[0]), near(values[1]))


def test_abreu_gul_equal_rates_at_rubinstein_shares():
    game = abreu_gul.Reputations(0.6 + 1e-9, 0.4 + 1e-9, 0.1, 0.15, 0.01, 0.01)
    one, two = abreu_gul.attrition(game).rates
    assert one == pytest.approx(two, rel=1e-6)


@pytest.mark.parametrize(
    ("numbers", "horizon", "holds", "war", "backs"),
    [
        ((1, 1, 2, 2), 1, (1, 1), 0.25, (0.375, 0.375)),
        ((2, 1, 2, 2), 0.618034, (1, 0.690983), 0.190983, (0.183144, 0.625873)),
    ],
)
def test_fearon(numbers, horizon, holds, war, backs):
    found = solved("fearon-attrition", v=1, **dict(zip(("a1", "a2", "c1", "c2"), numbers, strict=True)))
    assert found["horizon"] == near(horizon)
    assert (found["hold 1"], found["hold 2"]) == (near(holds[0]), near(holds[1]))
    assert found["war"] == near(war)
    assert (found["backs down 1"], found["backs down 2"]) == (near(backs[0]), near(backs[1]))


def test_fearon_closed_form_of_alike_sides():
    for a, c, v in ((1, 2, 1), (0.3, 5, 2), (4, 0.1, 3)):
        found = solved("fearon-attrition", a1=a, a2=a, c1=c, c2=c, v=v)
        assert a * found["horizon"] == near(v * (-1 + math.sqrt(1 + 4 * c / v)) / 2)


def test_risk_return():
    found = solved("risk-return", p=0.5, c_A=0.1, c_l=0, c_h=0.4)
    assert (found["best demand"], found["war"]) == (near(0.65), near(0.375))
    two = solved("risk-return", c_A=0.1, c_l=0.05, c_h=0.3, h=0.376)
    assert two["screening threshold"] == near(0.375)
    assert two["war of two types"] == near(0.624)
    assert solved("risk-return", c_A=0.1, c_l=0.05, c_h=0.3, h=0.374)["war of two types"] == 0


def test_rubinstein():
    assert solved("rubinstein", delta1=0.9, delta2=0.8)["share of proposer 1"] == near(0.714286)
    # The last one is cut, not rounded, in the notes: (1 - e^-.002) / (1 - e^-.003) = .66699994.
    for interval, share in ((1, 0.699390), (0.1, 0.669994), (0.01, 0.6669999)):
        found = solved("rubinstein", r1=0.1, r2=0.2, Delta=interval)
        assert found["share of proposer 1"] == near(share)
        assert found["quick offers"] == near(2 / 3)


def test_rubinstein_tends_to_nash_under_breakdown_and_options_bind_only_above_the_share():
    quick = rubinstein.Offers(1, 1, breakdown=1e-7, disagreement_1=0.3, disagreement_2=0.1)
    assert rubinstein.proposer_shares(quick)[0] == pytest.approx((1 + 0.3 - 0.1) / 2, abs=1e-6)
    plain = rubinstein.proposer_shares(rubinstein.Offers(0.9, 0.8))
    low = rubinstein.proposer_shares(rubinstein.Offers(0.9, 0.8, outside_2=0.28))
    high = rubinstein.proposer_shares(rubinstein.Offers(0.9, 0.8, outside_2=0.5))
    assert low == pytest.approx(plain)
    assert high[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("patience", "price", "ratio"),
    [(0, 0.5, 0.5), (0.5, 0.414214, 0.585786), (0.9, 0.240253, 0.759747), (0.99, 0.090909, 0.909091)],
)
def test_sobel_takahashi(patience, price, ratio):
    for top in (1, 3):
        found = solved("sobel-takahashi", delta=patience, vbar=top)
        assert found["price"] / top == near(price)
        assert found["acceptance"] == near(price)
        assert found["cut-off ratio"] == near(ratio)
        m = math.sqrt(1 - patience)
        assert found["seller value"] == near(top**2 * m / (2 * (1 + m)))


def test_threat_bluff():
    found = solved("threat-bluff", a=0.5, w_B=-0.6, Fbar=0.2)
    assert found["resists"] == near(0.666667)
    assert found["stands firm"] == near(0.625)
    assert found["threat"] == near(0.32)
    assert found["war after threat"] == near(0.416667)


def test_kydd():
    numbers = {"c_l": 0.1, "c_h": 0.4, "c_M": 0.05}
    assert solved("kydd-mediator", **numbers, mu=0.9)["least bias"] == near(0.509615)
    assert solved("kydd-mediator", **numbers, mu=1)["least bias"] == near(0.5)
    assert solved("kydd-mediator", **numbers, mu=0.9, b=0.51)["weak is honest"] is True
    assert solved("kydd-mediator", **numbers, mu=0.9, b=0.509)["weak is honest"] is False
    assert math.isinf(kydd_mediator.least_bias(kydd_mediator.Mediation(weak_signal=0.2)))


def test_gamblers_ruin():
    found = solved("gamblers-ruin", N=10, s_0=5, p=0.55)
    assert (found["war won"], found["mean battles"]) == (near(0.731717), near(23.171740))
    watcher = solved("gamblers-ruin", p=0.6, p_R=0.4, k=5)
    assert (watcher["mistake"], watcher["battles to decide"]) == (near(0.116364), near(19.181818))
    refused = solved("gamblers-ruin", phi=0.6, s=0.5, k_w=0.2, k_t=0.05)
    assert refused["weak after refusal"] == near(0.387097)
    assert watcher["drift"] == near(0.6 * math.log(1.5) + 0.4 * math.log(2 / 3))
