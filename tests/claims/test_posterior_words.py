"""P in words: every recorded cause by its name, none as the model spells it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from standoff.claims.posterior import CAUSES, STRONGEST, posterior_sentence
from standoff.inference import probe
from tests.report import synthetic_models


@pytest.mark.parametrize("cause", sorted({name for names in probe.CAUSES.values() for name in names}))
def test_every_recorded_cause_has_words(cause: str) -> None:
    said = posterior_sentence(replace(synthetic_models.posterior(), strongest=cause))
    assert f"the strongest recorded one ({CAUSES[cause]}) would bring it below .80." in said
    assert CAUSES[cause] != cause or cause in ("aid", "endurance")


def test_the_largest_strength_is_said_as_or_more() -> None:
    assert probe.STRONGEST == STRONGEST
    said = posterior_sentence(replace(synthetic_models.posterior(), unrecorded=STRONGEST))
    assert "20 or more times as strong" in said
