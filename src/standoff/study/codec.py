"""Results as JSON and back: the one place that knows how the claims room's dataclasses are stored."""

from __future__ import annotations

import json
from functools import cache

from pydantic import TypeAdapter

from standoff.claims.results import Assessment, PartResult
from standoff.inference.learned import GameResult, InformedResult, Learned
from standoff.study.identity import canonical


@cache
def _parts() -> TypeAdapter[PartResult]:
    return TypeAdapter(PartResult)


@cache
def _learned() -> TypeAdapter[Learned]:
    return TypeAdapter(Learned)


@cache
def _assessments() -> TypeAdapter[Assessment]:
    return TypeAdapter(Assessment)


def part_to_json(part: PartResult) -> bytes:
    """A part's result in its one spelling; ValueError for a number that is not finite."""
    return canonical(_parts().dump_python(part, mode="json"))


def part_from_json(data: bytes) -> PartResult:
    return _parts().validate_python(json.loads(data))


def learned_to_json(learned: Learned) -> bytes:
    """What the models say, in its one spelling; ValueError for a number that is not finite."""
    return canonical(_learned().dump_python(learned, mode="json"))


def learned_from_json(data: bytes) -> Learned:
    return _learned().validate_python(json.loads(data))


@cache
def _games() -> TypeAdapter[GameResult]:
    return TypeAdapter(GameResult)


def game_to_json(found: GameResult) -> bytes:
    """What the game says under one rival, in its one spelling; ValueError for a number that is not finite."""
    return canonical(_games().dump_python(found, mode="json"))


@cache
def _informed() -> TypeAdapter[InformedResult]:
    return TypeAdapter(InformedResult)


def informed_to_json(found: InformedResult) -> bytes:
    """What the reduced form says under priors from elsewhere; ValueError for a number that is not finite."""
    return canonical(_informed().dump_python(found, mode="json"))


def informed_from_json(data: bytes) -> InformedResult:
    return _informed().validate_python(json.loads(data))


def game_from_json(data: bytes) -> GameResult:
    return _games().validate_python(json.loads(data))


def assessment_to_json(assessment: Assessment) -> bytes:
    """An assessment in its one spelling; ValueError for a number that is not finite."""
    return canonical(_assessments().dump_python(assessment, mode="json"))


def assessment_from_json(data: bytes) -> Assessment:
    return _assessments().validate_python(json.loads(data))


def assessment_schema() -> dict[str, object]:
    """JSON Schema of assessment.json."""
    return _assessments().json_schema(mode="serialization")
