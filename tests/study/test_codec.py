"""What is stored reads back the same, whatever the claims room gives; what is not finite is refused."""

from __future__ import annotations

import dataclasses
import json

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standoff.claims.results import Assessment, Interval, OrderResult, PartResult
from standoff.study.codec import (
    assessment_from_json,
    assessment_schema,
    assessment_to_json,
    part_from_json,
    part_to_json,
)

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
slowly = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@slowly
@given(st.from_type(PartResult))
def test_a_part_reads_back_the_same(part: PartResult) -> None:
    stored = part_to_json(part)
    assert part_from_json(stored) == part
    assert part_to_json(part_from_json(stored)) == stored


@slowly
@given(st.from_type(Assessment))
def test_an_assessment_reads_back_the_same_and_keeps_to_its_schema(assessment: Assessment) -> None:
    stored = assessment_to_json(assessment)
    assert assessment_from_json(stored) == assessment
    jsonschema.validate(json.loads(stored), assessment_schema())


@slowly
@given(st.from_type(OrderResult), st.from_type(PartResult), st.sampled_from([float("nan"), float("inf")]))
def test_a_number_that_is_not_finite_is_refused(order: OrderResult, part: PartResult, bad: float) -> None:
    broken = dataclasses.replace(order, interval=Interval(bad, 1.0, 0.9))
    with pytest.raises(ValueError, match="not JSON compliant"):
        part_to_json(dataclasses.replace(part, order=broken))
