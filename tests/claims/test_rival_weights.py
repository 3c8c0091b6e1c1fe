"""Weight of the fitted rival that states a claim against every other: numbers by hand, the shipped case's map, no verdict."""

from __future__ import annotations

from dataclasses import replace
from math import exp, hypot, log, log10
from typing import get_args

import pytest

from standoff.claims.conclude import conclude
from standoff.claims.rival_weights import rival_weights
from standoff.inference.rivals import RIVALS
from standoff.record import find_case, load_case
from standoff.record.claims_schema import RivalName
from tests.report import synthetic, synthetic_models

LEARNED = synthetic_models.learned(None)
BY_NAME = {one.name: one for one in LEARNED.rivals}


def test_a_claim_can_name_just_the_rivals_that_are_fitted() -> None:
    assert get_args(RivalName) == tuple(one.name for one in RIVALS)


def test_one_rival_against_each_other_by_hand() -> None:
    found = {one.rival: one for one in rival_weights(["M12"], LEARNED)}
    assert found.keys() == BY_NAME.keys() - {"M12"}
    m0 = found["M0"]
    apart = BY_NAME["M12"].log_evidence - BY_NAME["M0"].log_evidence
    assert m0.log10 == pytest.approx(apart / log(10), rel=1e-12)
    assert m0.error == pytest.approx(hypot(0.04, 0.04) / log(10), rel=1e-12)
    assert m0.probability == pytest.approx(1 / (1 + exp(-apart)), rel=1e-12)
    # sensitivity: M0 over M12 is -20, -24, -30 with the priors halved, as they are and doubled
    assert (m0.low, m0.high) == pytest.approx((20 / log(10), 30 / log(10)), rel=1e-12)
    assert m0.passed and not found["M2"].passed  # M2 missed a gate


def test_a_rival_without_a_known_sensitivity_has_no_range() -> None:
    found = {one.rival: one for one in rival_weights(["M12"], LEARNED)}
    assert (found["M1"].low, found["M1"].high) == (None, None)


def test_several_rivals_are_mixed_in_equal_parts() -> None:
    found = {one.rival: one for one in rival_weights(["M12", "M1"], LEARNED)}
    assert "M1" not in found and "M12" not in found
    mean = (exp(BY_NAME["M12"].log_evidence + 210) + exp(BY_NAME["M1"].log_evidence + 210)) / 2
    assert found["M7"].log10 == pytest.approx(
        log10(mean) - (BY_NAME["M7"].log_evidence + 210) / log(10), rel=1e-9
    )
    one = {weight.rival: weight for weight in rival_weights(["M12"], LEARNED)}
    assert found["M7"].log10 < one["M7"].log10  # diluted by the worse of the two


def test_swapping_two_rivals_turns_the_sign() -> None:
    there = {one.rival: one for one in rival_weights(["M12"], LEARNED)}["M0"]
    back = {one.rival: one for one in rival_weights(["M0"], LEARNED)}["M12"]
    assert back.log10 == -there.log10
    assert there.low is not None and there.high is not None
    assert (back.low, back.high) == (-there.high, -there.low)


def test_nothing_is_said_without_an_own_rival_or_without_its_fit() -> None:
    assert rival_weights([], LEARNED) == ()
    assert rival_weights(["M3"], LEARNED) == ()


def test_it_enters_no_verdict() -> None:
    """The same parts with and without the weights end in the same words for the same reasons."""
    record = synthetic.record()
    named = record.claims.model_copy(
        update={
            "claims": tuple(claim.model_copy(update={"models": ("M12",)}) for claim in record.claims.claims)
        }
    )
    parts = {claim.id: claim.parts for claim in synthetic_models.with_models(synthetic.assessment()).claims}
    plain = conclude(record, parts, 1, LEARNED)
    weighed = conclude(replace(record, claims=named), parts, 1, LEARNED)
    assert all(claim.rivals for claim in weighed.claims)
    assert tuple(replace(claim, rivals=()) for claim in weighed.claims) == plain.claims


def test_the_shipped_case_names_rivals_in_both_lists() -> None:
    claims = load_case(find_case("gaza-2023-2025")).claims.claims
    named = {claim.id: claim.models for claim in claims if claim.models}
    assert {claim.list for claim in claims if claim.models} == {"A", "B"}
    assert named["A1"] == named["A4"] == ("M3",)
    assert (named["B1"], named["B3"], named["B10"]) == (("M1",), ("M2",), ("M0",))
