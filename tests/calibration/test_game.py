"""The stored calibration of the game keeps its promises, belongs to the likelihood as it is, and is what the page says."""

from __future__ import annotations

import json

import pytest
from scipy.stats import binom

from . import game


@pytest.fixture(scope="module")
def stored() -> game.Result:
    return json.loads(game.RESULTS.read_text(encoding="utf-8"))


def test_the_likelihood_is_the_one_that_was_calibrated(stored: game.Result) -> None:
    assert game.fingerprint() == pytest.approx(stored["fingerprint"], rel=1e-5), (
        "the stored calibration is of another likelihood: run `make calibrate`"
    )


def test_ranks_lie_within_their_bands(stored: game.Result) -> None:
    """As many quantities outside as chance alone would give one time in a thousand, at most."""
    outside = [name for name, one in stored["sbc"].items() if one["outside"]]
    assert stored["records"] >= 50 and len(stored["sbc"]) > 25
    assert binom.sf(len(outside) - 1, len(stored["sbc"]), 1 - game.LEVEL) > 1e-3, outside
    assert stored["failed_fits"] <= 0.1 * stored["records"]


def test_every_rival_of_the_game_was_read_by_the_reduced_form(stored: game.Result) -> None:
    assert len(stored["reduced"]) == len(game.RIVALS) - 1
    assert all(sum(one["chosen"].values()) == one["records"] > 0 for one in stored["reduced"].values())


def test_the_page_says_what_is_stored(stored: game.Result) -> None:
    assert game.PAGE.read_text(encoding="utf-8") == game.page(stored), "run `make calibrate`"
