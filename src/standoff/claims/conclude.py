"""From the results of all parts to an assessment: Holm, verdicts of claims, what chance alone would give, what would change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import log10
from typing import TYPE_CHECKING, cast

import numpy as np

from standoff.claims.part import ingredients, with_verdict
from standoff.claims.posterior import with_learned
from standoff.claims.results import Assessment, ClaimResult, NextObservationResult, PartResult, VerdictWord
from standoff.claims.rival_weights import rival_weights
from standoff.claims.rules import (
    P_STAND_IN,
    ROW_BOUND,
    Ingredients,
    Kind,
    Weight,
    has_order_test,
    lowest,
    rules_hash,
    verdict,
)
from standoff.claims.worlds import NOTHING
from standoff.record.claims_schema import Claim, NextObservation, PosteriorTest, Sign
from standoff.record.rows import Record

if TYPE_CHECKING:
    from standoff.inference.learned import Learned

ZERO = Weight(0.0, 0.0, 0.0)


def conclude(
    record: Record,
    parts: Mapping[str, tuple[PartResult, ...]],
    seed: int,
    learned: Learned | None = None,
) -> Assessment:
    """Adjust, decide, and say what would change the answer. ``parts``: results by claim id; ``learned``: what the models
    say of the whole record, None where none was fitted.

    Holm runs over all parts of both lists that have a T. Errors: KeyError for a claim without results.
    """
    if learned is not None:
        parts = _beside_learned(record, parts, learned)
    adjusted = {claim: tuple(map(with_verdict, mine)) for claim, mine in holm(parts).items()}
    claims = tuple(_claim(claim, adjusted[claim.id], learned) for claim in record.claims.claims)
    tested = [part for mine in adjusted.values() for part in mine if has_order_test(ingredients(part))]
    return Assessment(
        case=record.case.id,
        claims=claims,
        parts_with_p=len(tested),
        leans_by_chance=sum(map(chance_of_leaning, tested)),
        rules=rules_hash(),
        seed=seed,
        warnings=_warnings(record, adjusted, learned),
    )


def _beside_learned(
    record: Record, parts: Mapping[str, tuple[PartResult, ...]], learned: Learned
) -> dict[str, tuple[PartResult, ...]]:
    """Every part's P beside the game's, under the gates of the models."""
    stated = {part.id: part for claim in record.claims.claims for part in claim.parts}

    def beside(result: PartResult) -> PartResult:
        if result.posterior is None:
            return result
        part = stated[result.id]
        asked = next((test for test in part.tests if isinstance(test, PosteriorTest)), None)
        return replace(result, posterior=with_learned(result.posterior, asked, part.sign, learned))

    return {claim: tuple(map(beside, mine)) for claim, mine in parts.items()}


def holm(parts: Mapping[str, tuple[PartResult, ...]]) -> dict[str, tuple[PartResult, ...]]:
    """The parts with Holm's adjusted p-values (`holm1979simple`, from statsmodels) where they have a T."""
    from statsmodels.stats.multitest import multipletests

    places = [
        (claim, index, part.order.p)
        for claim, mine in parts.items()
        for index, part in enumerate(mine)
        if part.order is not None and part.order.p is not None and has_order_test(ingredients(part))
    ]
    if not places:
        return dict(parts)
    values = multipletests([p for _, _, p in places], method="holm")[1]
    changed = {claim: list(mine) for claim, mine in parts.items()}
    for (claim, index, _), value in zip(places, values, strict=True):
        part = changed[claim][index]
        assert part.order is not None
        changed[claim][index] = replace(part, order=replace(part.order, p_holm=float(value)))
    return {claim: tuple(mine) for claim, mine in changed.items()}


def chance_of_leaning(part: PartResult) -> float:
    """Chance that a part leans, either way, where signals do nothing: as simulated on its own calendar.

    *Too small* is right there and does not count. Without a simulation, the p-value that the rules ask for.
    """
    if part.tell is not None:
        for world in part.tell.worlds:
            if world.name == NOTHING:
                return world.says_for + world.says_against
    return P_STAND_IN


def _claim(claim: Claim, parts: tuple[PartResult, ...], learned: Learned | None) -> ClaimResult:
    index = lowest([(part.verdict.word, part.necessary) for part in parts])
    word = parts[index].verdict.word
    by_id = {part.id: part for part in parts}
    shifts = [
        shift(observation, by_id[observation.part])
        for observation in claim.would_change
        if observation.part in by_id
    ]
    shifts.sort(key=lambda one: -one.expected_shift)
    against = rival_weights(claim.models, learned) if learned is not None else ()
    return ClaimResult(
        claim.id, claim.list, claim.title, word, parts[index].id, parts, tuple(shifts), against
    )


def shift(observation: NextObservation, part: PartResult) -> NextObservationResult:
    """Decibans that an observation would add, found or not; what is expected at equal odds; and the part's verdict if found.

    An observation is bounded as a ledger row is. Expected shift: the mean over both answers of the decibans without
    sign, each answer as probable as the claim and its rival make it on average (`good1985weight`).
    """
    found = _bounded(10 * log10(observation.if_claim / observation.if_rival))
    absent = _bounded(10 * log10((1 - observation.if_claim) / (1 - observation.if_rival)))
    chance = (observation.if_claim + observation.if_rival) / 2
    expected = chance * abs(found) + (1 - chance) * abs(absent)
    return NextObservationResult(
        observation.observation,
        observation.form,
        observation.part,
        found,
        absent,
        expected,
        _would_say(part, found),
    )


def _would_say(part: PartResult, decibans: float) -> VerdictWord:
    now = ingredients(part)
    later: Ingredients = replace(
        now,
        weight_for=_moved(now.weight_for or ZERO, decibans),
        weight_against=_moved(now.weight_against or ZERO, decibans),
        eligible_rows=now.eligible_rows + 1,
    )
    return verdict(cast(Kind, part.kind), cast(Sign, part.sign), later).word


def _moved(weight: Weight, decibans: float) -> Weight:
    return Weight(weight.low + decibans, weight.middle + decibans, weight.high + decibans)


def _of_models(learned: Learned | None) -> list[str]:
    if learned is None:
        return [
            "No model is fitted: order in time stands in for a posterior probability, and an effect leans at most."
        ]
    found = list(learned.warnings)
    if learned.informed is not None:
        found.append(
            f"Priors from elsewhere were asked for ({learned.informed.source}): what they give stands beside the default's, marked, under "
            "what the models say. Every P, weight and verdict is by the default priors."
        )
    if learned.quick is None:
        found.append(
            "The game is not fitted to this record: P is the reduced form's alone. `standoff assess --full` adds the game."
        )
    elif learned.quick:
        found.append(
            "The game is fitted quickly (Laplace with an importance check), not sampled in full: run `standoff assess --full` for that."
        )
    return found


def _bounded(decibans: float) -> float:
    return float(np.clip(decibans, -ROW_BOUND, ROW_BOUND))


def _warnings(
    record: Record, parts: Mapping[str, Sequence[PartResult]], learned: Learned | None
) -> tuple[str, ...]:
    """What a reader must know of the whole assessment: one line for each gate, with every part that failed it."""
    found = _of_models(learned)
    collections = [code.id for code in record.case.codebook.collections if code.quota]
    if collections:
        found.append(
            f"A quota sample is not a rate: rows of the collection {', '.join(collections)} count as acts, never as frequencies."
        )
    failed: dict[str, list[str]] = {}
    for part in (part for mine in parts.values() for part in mine):
        for gate in ingredients(part).gates:
            if not gate.passed:
                failed.setdefault(gate.name, []).append(f"{part.id} ({gate.detail})")
    found += [
        f"Gate failed, so that these parts cannot tell ({name}): {', '.join(where)}."
        for name, where in failed.items()
    ]
    return tuple(found)
