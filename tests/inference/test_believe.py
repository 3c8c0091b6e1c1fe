"""What you would have to believe: clauses without the units of a model, and assumptions that are what the model's terms do."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from standoff.inference.believe import ASKED, SIZE, assumptions, boxes
from standoff.inference.discovery import Box
from standoff.inference.discovery_words import in_words
from standoff.inference.predictive import prior_values
from standoff.inference.twin_data import NEWS
from standoff.inference.twin_effects import lever, lever_effects
from standoff.panel.weekly import CRITICISM
from tests.inference.weeks import data

VALUES = prior_values(400, np.random.default_rng(3))


@pytest.mark.parametrize(("name", "sign"), ASKED)
def test_no_clause_speaks_in_logits_or_raw_names(name: str, sign: int) -> None:
    region = assumptions(VALUES, name, sign)
    assert region.draws.shape == (400, len(region.meanings)) and np.all(np.isfinite(region.draws))
    for (low, high), key in product(((0.4, np.inf), (-np.inf, 0.4), (-0.7, 0.4)), region.meanings):
        said = in_words(Box({key: (low, high)}, 1.0, 1.0, 0.5, 10, {}), region.meanings)
        assert "logit" not in said and "{" not in said and not ("-" in name and name in said)
        assert "%" in said or "as much" in said


def test_belief_is_the_news_of_the_signal_and_its_own_departure() -> None:
    region, h = assumptions(VALUES, "public-criticism", 1), VALUES["holder"]
    hardens = -(h["news"] * NEWS[CRITICISM] + h["criticism"])
    np.testing.assert_allclose(region.draws[:, list(region.meanings).index("belief")], hardens)
    turned = assumptions(VALUES, "public-criticism", -1)
    np.testing.assert_allclose(turned.draws[:, 0], -hardens)


def test_inside_the_region_the_effect_holds_far_oftener_than_outside() -> None:
    found = {box.lever: box for box in boxes(data(), VALUES, np.random.default_rng(1))}
    assert found.keys() == {name for name, _ in ASKED}
    told = found["public-criticism"]
    assert told.density > 2 * told.prior_share
    assert "turns an even chance of a harder stance into at least" in told.sentence
    again = lever_effects(data(), VALUES, lever("public-criticism"))["stance"]
    assert 0 < np.mean(again >= SIZE) < 1
