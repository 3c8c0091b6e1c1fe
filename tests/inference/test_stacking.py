"""Stacking weights: a closed form, a slow optimiser, plain loops, and what may not change them."""

import numpy as np
import pytest
from scipy.optimize import minimize

from standoff.inference import stacking


def rng(seed=0):
    return np.random.default_rng(seed)


def test_two_rivals_in_closed_form():
    # Twice (.6, .2), once (.2, .6): 2 log(.2 + .4 w) + log(.6 - .4 w) is largest at w = 5/6.
    scores = np.log([[0.6, 0.2], [0.6, 0.2], [0.2, 0.6]])
    found = stacking.stack(scores, ["a", "b"], rng())
    assert np.allclose(found.stacking, [5 / 6, 1 / 6], atol=1e-6) and found.passed
    assert np.isclose(found.score, 2 * np.log(0.2 + 1 / 3) + np.log(0.6 - 1 / 3))
    assert np.all(found.low <= found.stacking) and np.all(found.stacking <= found.high)


@pytest.mark.parametrize("seed", range(5))
def test_against_a_general_optimiser(seed):
    scores = rng(seed).normal(size=(60, 4)) * 1.5 - [0.0, 0.3, 0.3, 2.0]
    shares = rng(seed + 50).dirichlet(np.ones(60), size=3)
    weights, gap = stacking.stacking_weights(scores, shares)
    assert np.all(gap <= stacking.LARGEST_GAP) and np.allclose(weights.sum(1), 1.0)
    for share, found in zip(shares, weights, strict=True):

        def loss(free, share=share):
            whole = np.append(free, 1 - free.sum())
            return -share @ np.log(np.maximum(np.exp(scores) @ whole, 1e-300))

        bounds, simplex = [(0, 1)] * 3, {"type": "ineq", "fun": lambda free: 1 - free.sum()}
        slow = minimize(loss, np.full(3, 0.25), bounds=bounds, constraints=simplex, tol=1e-12)
        assert loss(found[:3]) <= slow.fun + 1e-8
        assert np.allclose(found[:3], slow.x, atol=2e-3)


def test_weights_forget_what_all_rivals_share_and_the_order_of_names():
    scores = rng(1).normal(size=(40, 3))
    plain = stacking.stacking_weights(scores, np.full((1, 40), 1 / 40))[0][0]
    moved = scores + rng(2).normal(size=(40, 1)) * 200
    assert np.allclose(stacking.stacking_weights(moved, np.full((1, 40), 1 / 40))[0][0], plain, atol=1e-5)
    turned = stacking.stacking_weights(scores[:, ::-1], np.full((1, 40), 1 / 40))[0][0]
    assert np.allclose(turned[::-1], plain, atol=1e-5)


def test_an_impossible_week_rules_a_rival_out_of_bma_but_not_of_stacking():
    scores = np.log([[0.9, 0.2], [0.9, 0.2], [0.9, 0.2], [1e-12, 0.2]])
    scores[3, 0] = -np.inf
    found = stacking.stack(scores, ["a", "b"], rng())
    assert 0.3 < found.stacking[0] < 1.0 and found.passed
    assert np.array_equal(found.bma_plus, [0.0, 1.0])
    rows = stacking.compare(scores, ["a", "b"])
    assert [row.name for row in rows] == ["b", "a"] and rows[1].difference == -np.inf


def test_bma_plus_by_loops():
    scores, shares = rng(3).normal(size=(12, 3)), rng(4).dirichlet(np.ones(12), size=20)
    total = np.zeros(3)
    for share in shares:
        sums = [12 * sum(share[t] * scores[t, m] for t in range(12)) for m in range(3)]
        powers = np.exp(np.array(sums) - max(sums))
        total += powers / powers.sum()
    assert np.allclose(stacking.bma_plus(scores, shares), total / 20)


def test_differences_carry_the_error_of_differences():
    scores = rng(5).normal(size=(50, 1)) * 10 + np.array([[0.0, -0.1]])  # they run together week by week
    scores[:, 1] += 0.01 * rng(6).normal(size=50)
    first, second = stacking.compare(scores, ["a", "b"])
    assert first.difference == 0 and first.difference_error == 0 and first.error > 50
    assert np.isclose(second.difference, second.elpd - first.elpd) and second.difference_error < 0.2


def test_the_better_rival_gets_the_weight_and_equal_seeds_equal_intervals():
    scores = rng(7).normal(size=(75, 2)) * 0.3 - [0.0, 0.5]
    one, two = (stacking.stack(scores, ["a", "b"], rng(8)) for _ in range(2))
    assert one.stacking[0] > 0.99 and one.low[0] > 0.7
    assert np.array_equal(one.low, two.low)


@pytest.mark.parametrize(
    ("scores", "names"),
    [
        (np.zeros((3, 2)), ["a"]),
        (np.array([[np.nan, 0.0]]), ["a", "b"]),
        (np.full((2, 2), -np.inf), ["a", "b"]),
        (np.zeros((0, 2)), ["a", "b"]),
    ],
)
def test_what_cannot_be_stacked_is_said(scores, names):
    with pytest.raises(ValueError, match=r"rivals|missing|impossible"):
        stacking.stack(scores, names, rng())
