"""The stored calibration of the reduced form keeps its promises, belongs to the likelihood as it is, and is what the page says."""

from __future__ import annotations

import json

import pytest
from scipy.stats import binom

from . import models

STALE = "the stored calibration is of another likelihood: run `make calibrate`"


@pytest.fixture(scope="module")
def stored() -> models.Result:
    return json.loads(models.RESULTS.read_text(encoding="utf-8"))


def test_the_likelihood_is_the_one_that_was_calibrated(stored: models.Result) -> None:
    found = models.fingerprint()
    assert found.keys() == stored["fingerprint"].keys()
    for block, values in found.items():
        assert values == pytest.approx(stored["fingerprint"][block], rel=1e-6), STALE


def test_ranks_lie_within_their_bands(stored: models.Result) -> None:
    """As many quantities outside as chance alone would give one time in a thousand, at most."""
    outside = [name for name, one in stored["sbc"].items() if one["outside"]]
    assert stored["records"] >= 500 and len(stored["sbc"]) > 60
    assert binom.sf(len(outside) - 1, len(stored["sbc"]), 1 - models.LEVEL) > 1e-3, outside
    assert stored["failed_fits"] <= 0.05 * stored["records"]


def test_false_alarms_are_at_most_at_their_nominal_rate(stored: models.Result) -> None:
    """Not above it by more than one time in a thousand would by chance."""
    for one in stored["alarms"].values():
        count = round(one["false"] * one["records"])
        assert binom.sf(count - 1, one["records"], 2 * (1 - models.LINE)) > 1e-3


def test_a_planted_effect_is_found_with_its_sign(stored: models.Result) -> None:
    assert stored["alarms"]["holder"]["sign_right"] >= 0.8


def test_the_page_says_what_is_stored(stored: models.Result) -> None:
    assert models.PAGE.read_text(encoding="utf-8") == models.page(stored), "run `make calibrate`"
