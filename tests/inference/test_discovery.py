"""Scenario discovery: a planted box is found, its measures are those of plain loops, its words say its bounds."""

from itertools import pairwise

import numpy as np
import pytest

from standoff.inference.discovery import Box, Peel, choose, measured, prim, share_inside, simplify
from standoff.inference.discovery_tree import tree_boxes
from standoff.inference.discovery_words import Meaning, in_words

NAMES = ("rebuke", "conduct", "noise", "more")
PLANTED = {"rebuke": (0.5, np.inf), "conduct": (-np.inf, 0.2)}


def planted(error=0.05, count=3000, seed=0):
    rng = np.random.default_rng(seed)
    draws = rng.normal(size=(count, 4))
    inside = (draws[:, 0] >= 0.5) & (draws[:, 1] <= 0.2)
    return draws, np.where(rng.uniform(size=count) < error, ~inside, inside)


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_box_is_found_and_chance_restrictions_go(seed):
    draws, holds = planted(seed=seed)
    box = simplify(choose(prim(draws, holds, NAMES)), draws, holds, NAMES)
    assert set(box.bounds) == set(PLANTED)
    assert box.bounds["rebuke"][0] == pytest.approx(0.5, abs=0.25) and box.bounds["rebuke"][1] == np.inf
    assert box.bounds["conduct"][1] == pytest.approx(0.2, abs=0.25) and box.bounds["conduct"][0] == -np.inf
    assert box.density >= 0.8 and box.coverage > 0.6
    assert all(value < 1e-6 for value in box.quasi_p.values())


def test_without_error_pasting_ends_in_a_pure_box_and_the_tree_agrees():
    draws, holds = planted(error=0.0)
    boxes = prim(draws, holds, NAMES)
    assert boxes[0].bounds == {} and boxes[0].coverage == 1 and boxes[0].density == holds.mean()
    assert boxes[-1].density == 1.0 and boxes[-1].coverage >= boxes[-2].coverage
    assert boxes[-1].coverage > 0.9
    leaf = tree_boxes(draws, holds, NAMES)[0]
    assert set(leaf.bounds) == set(PLANTED) and leaf.density == 1.0 and leaf.coverage == 1.0
    assert leaf.bounds["rebuke"][0] == draws[draws[:, 0] >= 0.5, 0].min()


def test_peeling_raises_density_and_lowers_coverage_and_stops_at_the_least_support():
    draws, holds = planted(error=0.2, seed=4)
    path = prim(draws, holds, NAMES, Peel(alpha=0.1, support=0.1))[:-1]
    assert len(path) > 3
    for before, after in pairwise(path):
        assert after.density > before.density and after.coverage <= before.coverage
        assert 0.85 * before.support < after.support < before.support
    assert all(box.support >= 0.1 for box in path)


def test_where_the_claim_holds_everywhere_nothing_is_restricted():
    draws, _ = planted()
    boxes = prim(draws, np.ones(len(draws), dtype=bool), NAMES)
    assert all(box.bounds == {} and box.density == 1.0 for box in boxes)
    assert in_words(choose(boxes), {}) == "Nothing in particular need be believed."


def test_answers_by_chance_leave_little_that_is_not_chance():
    rng = np.random.default_rng(1)
    draws, holds = rng.normal(size=(500, 4)), rng.uniform(size=500) < 0.3
    assert choose(prim(draws, holds, NAMES), density=0.8).density < 0.8
    assert tree_boxes(draws, holds, NAMES) == ()


def test_ties_go_together():
    rng = np.random.default_rng(2)
    draws = np.column_stack([rng.integers(0, 3, 600), rng.normal(size=600)]).astype(float)
    holds = draws[:, 0] >= 1
    box = choose(prim(draws, holds, ("level", "noise")), density=0.99)
    assert box.density == 1.0 and box.bounds == {"level": (1.0, np.inf)} and box.coverage == 1.0


def test_how_much_of_a_posterior_lies_inside():
    draws, _ = planted()
    weights = np.exp(draws[:, 0])  # tilts N(0, 1) to N(1, 1)
    share, error = share_inside({"rebuke": (1.0, np.inf)}, draws, weights, NAMES)
    assert share == pytest.approx(0.5, abs=4 * error) and 0.005 < error < 0.03
    assert share_inside({}, draws, weights, NAMES) == (pytest.approx(1.0), pytest.approx(0.0, abs=1e-9))


def box_of(bounds):
    return Box(bounds, 1.0, 1.0, 0.5, 10, {})


def test_a_box_in_words():
    meanings = {
        "rebuke": Meaning("the holder's belief moves {} on a public rebuke as on conduct", "times"),
        "rent": Meaning("the rent is {} a week"),
        "share": Meaning("the chance of rescue is {}", "percent"),
    }
    assert in_words(box_of({"rebuke": (2.02, np.inf)}), meanings) == (
        "The holder's belief moves at least twice as much on a public rebuke as on conduct."
    )
    assert in_words(
        box_of({"rebuke": (0.5, 3.3), "rent": (-np.inf, 0.123), "share": (0.1, np.inf)}), meanings
    ) == (
        "The holder's belief moves at least half as much and at most 3.3 times as much on a public rebuke as on"
        " conduct, the rent is at most 0.12 a week, and the chance of rescue is at least 10%."
    )
    with pytest.raises(KeyError):
        in_words(box_of({"other": (0.0, 1.0)}), meanings)


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ((0.0, np.inf), "at least 50%"),
        ((np.log(3.0), np.inf), "at least 75%"),
        ((-np.inf, -np.log(4.0)), "at most 20%"),
        ((30.0, np.inf), "at least 99%"),  # never all, never none
        ((-np.log(3.0), np.log(3.0)), "at least 25% and at most 75%"),
    ],
)
def test_a_shift_in_logits_is_said_as_what_an_even_chance_becomes(bounds, said):
    meanings = {"belief": Meaning("belief makes of an even chance {}", "chance")}
    assert in_words(box_of({"belief": bounds}), meanings) == f"Belief makes of an even chance {said}."


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ((0.5, np.inf), "at least half as much"),
        ((-np.inf, 2.0), "at most twice as much"),
        ((-0.5, np.inf), "at most half as much the other way"),
        ((-np.inf, -2.0), "at least twice as much the other way"),
        ((-2.0, -0.5), "at least half as much and at most twice as much the other way"),
        ((-0.5, 2.0), "at most half as much the other way and at most twice as much this way"),
    ],
)
def test_multiples_below_zero_go_the_other_way(bounds, said):
    meanings = {"ratio": Meaning("it moves {} on this", "times")}
    assert in_words(box_of({"ratio": bounds}), meanings) == f"It moves {said} on this."


@pytest.mark.parametrize(
    ("draws", "holds", "names"),
    [
        (np.zeros((3, 1)), [True, False, False], ("a", "b")),
        (np.full((3, 1), np.nan), [True, False, False], ("a",)),
        (np.zeros((3, 1)), [False, False, False], ("a",)),
        (np.zeros((3, 2)), [True, False, False], ("a", "a")),
    ],
)
def test_what_does_not_fit_is_said(draws, holds, names):
    with pytest.raises(ValueError, match=r"fit|finite|no draw"):
        prim(draws, np.array(holds), names)


def test_a_box_that_holds_nothing():
    draws, holds = planted()
    empty = measured({"rebuke": (50.0, np.inf)}, draws, holds, NAMES)
    assert (empty.density, empty.coverage, empty.inside, empty.quasi_p["rebuke"]) == (0.0, 0.0, 0, 1.0)
