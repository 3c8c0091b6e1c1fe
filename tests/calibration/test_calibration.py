"""The stored calibration keeps its promises, belongs to the method as it is, and is what the page says."""

from __future__ import annotations

import json

import pytest

from standoff.claims.rules import FALSE_LEANS, FALSE_SUPPORTED, P_STAND_IN, rules_hash

from . import calibrate
from .measure import upper_bound
from .worlds import EFFECT_WORLDS, NULL_WORLDS


@pytest.fixture(scope="module")
def stored():
    return json.loads(calibrate.RESULTS.read_text(encoding="utf-8"))


STALE = "the stored calibration is of another method: run `make calibrate`"


@pytest.mark.parametrize("world", NULL_WORLDS)
def test_the_method_still_gives_the_stored_p_values(stored, world):
    again = [row.p for row in calibrate.null_batch(world, range(calibrate.PROBE))]
    assert again == pytest.approx(stored["null"][world]["probe"], abs=1e-9), STALE


@pytest.mark.parametrize("world", EFFECT_WORLDS)
def test_the_method_still_gives_the_stored_words(stored, world):
    assert calibrate.effect_batch(world, range(calibrate.PROBE_EFFECT)) == stored["effect"][world]["probe"], (
        STALE
    )


def test_the_rules_are_those_of_the_stored_calibration(stored):
    assert stored["rules"] == rules_hash(), STALE


@pytest.mark.parametrize("world", NULL_WORLDS)
def test_p_values_are_uniform(stored, world):
    """Not smaller than uniform ones, within the band that 99% of uniform samples keep. Larger ones (ties, few calendars) are no fault."""
    found = stored["null"][world]
    assert found["records"] >= 1000
    assert found["with_p"] >= 0.95 * found["records"]
    assert found["distance"] <= found["band"]
    for level in ("0.05", "0.1"):
        count = round(found["p_at_most"][level] * found["with_p"])
        # the nominal rate lies within what such a count allows
        assert float(level) >= 2 * count / found["with_p"] - upper_bound(count, found["with_p"])


@pytest.mark.parametrize("world", NULL_WORLDS)
def test_false_rates_stay_at_or_below_their_nominal_ones(stored, world):
    found = stored["null"][world]
    assert upper_bound(found["strong"], found["records"]) <= FALSE_SUPPORTED
    assert found["strong_in_family"] / found["families"] <= FALSE_SUPPORTED
    leans = found["leans_for"] + found["leans_against"]
    assert upper_bound(leans, found["records"]) <= FALSE_LEANS
    assert (
        upper_bound(leans, found["records"]) <= P_STAND_IN
    )  # the line that stands in for a model is enough by itself
    assert found["interval_covers"] >= 0.87


@pytest.mark.parametrize("world", EFFECT_WORLDS)
def test_a_large_effect_is_told_on_its_side(stored, world):
    found = stored["effect"][world]
    assert found["records"] >= 200
    assert found["right"] / found["records"] >= calibrate.POWER
    assert found["wrong"] / found["records"] <= 0.01


def test_the_page_is_what_the_results_say(stored):
    assert calibrate.PAGE.read_text(encoding="utf-8") == calibrate.page(stored), "run `make calibrate`"
