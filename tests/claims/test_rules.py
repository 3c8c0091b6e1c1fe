"""The table of verdicts, line by line: every threshold on both of its sides, and the mirror image of each case."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from standoff.claims import rules
from standoff.claims.results import Gate, Interval
from standoff.claims.rules import Ingredients, Weight, lowest, verdict

ROOT = Path(__file__).parents[2]

WEIGHT = Weight(0.5, 10.0, 15.0)
TURNED = Weight(-15.0, -10.0, -0.5)
SEVERAL = Ingredients(
    effect=10.0,
    median_effect=9.0,
    interval=Interval(3, 17, 0.9),
    size=5.0,
    p=0.05,
    p_holm=0.05,
    smallest_p=0.01,
    lead_effect=4.9,
    lead_p=0.10,
    agree_plus=0.80,
    agree_minus=0.20,
    subset_effects=(1.0, 2.0),
    weight_for=WEIGHT,
    weight_against=WEIGHT,
    eligible_rows=3,
    tell_for=0.50,
    tell_against=0.50,
    tell_small=0.50,
    false_for=0.05,
    false_against=0.05,
    false_small=0.05,
    false_for_strong=0.05,
    false_against_strong=0.05,
    posterior=0.95,
    unrecorded_cause=1.0,
    act_observed=True,
    region_plus=0.80,
    region_minus=0.10,
)
PATTERN = Ingredients(
    share=0.9,
    line=0.5,
    share_interval=Interval(0.55, 0.99, 0.95),
    share_interval_leans=Interval(0.8, 0.95, 0.6),
    agree_plus=0.95,
    agree_minus=0.05,
    tell_for=0.5,
    tell_against=0.5,
    false_for=0.2,
    false_against=0.2,
    false_for_strong=0.05,
    false_against_strong=0.05,
)
BELIEF = Ingredients(weight_for=WEIGHT, weight_against=WEIGHT, eligible_rows=1)


def turned(found: Ingredients) -> Ingredients:
    """The same evidence for the other sign."""

    def flip(value):
        return None if value is None else -value

    def flip_interval(interval, about=0.0):
        if interval is None:
            return None
        return Interval(2 * about - interval.high, 2 * about - interval.low, interval.level)

    line = found.line or 0.0
    return replace(
        found,
        effect=flip(found.effect),
        median_effect=flip(found.median_effect),
        interval=flip_interval(found.interval),
        lead_effect=flip(found.lead_effect),
        agree_plus=found.agree_minus,
        agree_minus=found.agree_plus,
        subset_effects=tuple(flip(value) for value in found.subset_effects),
        weight_for=TURNED,
        weight_against=None
        if found.weight_for is None
        else Weight(-found.weight_for.high, -found.weight_for.middle, -found.weight_for.low),
        share=None if found.share is None else 2 * line - found.share,
        share_interval=flip_interval(found.share_interval, line),
        share_interval_leans=flip_interval(found.share_interval_leans, line),
        tell_for=found.tell_against,
        tell_against=found.tell_for,
        false_for=found.false_against,
        false_against=found.false_for,
        false_for_strong=found.false_against_strong,
        false_against_strong=found.false_for_strong,
        posterior=None if found.posterior is None else 1 - found.posterior,
        region_plus=found.region_minus,
        region_minus=found.region_plus,
    )


MIRROR = {
    "supported": "contradicted",
    "leans for": "leans against",
    "cannot tell": "cannot tell",
}

MODEL_FREE = replace(SEVERAL, posterior=None, unrecorded_cause=None)

CASES = [
    # kind, ingredients, word
    ("effect-several", SEVERAL, "supported"),
    ("effect-several", replace(SEVERAL, posterior=0.949), "leans for"),
    ("effect-several", replace(SEVERAL, p_holm=0.051), "leans for"),
    ("effect-several", replace(SEVERAL, p_holm=None), "leans for"),
    ("effect-several", replace(SEVERAL, lead_p=0.101), "leans for"),
    ("effect-several", replace(SEVERAL, lead_p=None), "leans for"),
    ("effect-several", replace(SEVERAL, agree_plus=0.79), "leans for"),
    ("effect-several", replace(SEVERAL, weight_for=Weight(0.0, 10.0, 15.0)), "leans for"),
    ("effect-several", replace(SEVERAL, weight_for=Weight(0.5, 9.9, 15.0)), "leans for"),
    ("effect-several", replace(SEVERAL, subset_effects=(1.0, -2.0)), "leans for"),
    ("effect-several", replace(SEVERAL, subset_effects=(1.0, None)), "leans for"),
    ("effect-several", replace(SEVERAL, subset_effects=()), "leans for"),
    ("effect-several", replace(SEVERAL, unrecorded_cause=0.99), "leans for"),
    ("effect-several", replace(SEVERAL, tell_for=0.49), "leans for"),
    ("effect-several", replace(SEVERAL, false_for_strong=0.051), "leans for"),
    ("effect-several", replace(SEVERAL, eligible_rows=0), "leans for"),
    ("effect-several", replace(SEVERAL, posterior=0.899), "cannot tell"),
    ("effect-several", replace(SEVERAL, agree_plus=0.59), "cannot tell"),
    ("effect-several", replace(SEVERAL, weight_for=Weight(-5, 3.0, 9)), "leans for"),
    ("effect-several", replace(SEVERAL, weight_for=Weight(-5, 2.9, 9)), "cannot tell"),
    ("effect-several", replace(SEVERAL, lead_effect=5.0), "cannot tell"),
    ("effect-several", replace(SEVERAL, lead_effect=-5.0), "cannot tell"),
    ("effect-several", replace(SEVERAL, lead_effect=None), "cannot tell"),
    ("effect-several", replace(SEVERAL, effect=-1.0), "cannot tell"),
    ("effect-several", replace(SEVERAL, median_effect=0.0), "cannot tell"),
    ("effect-several", replace(SEVERAL, tell_for=0.29), "cannot tell"),
    ("effect-several", replace(SEVERAL, tell_for=None), "cannot tell"),
    ("effect-several", replace(SEVERAL, false_for=0.21), "cannot tell"),
    ("effect-several", replace(SEVERAL, gates=(Gate("g", False, "failed"),)), "cannot tell"),
    ("effect-several", replace(SEVERAL, gates=(Gate("g", True, ""),)), "supported"),
    # no model: order in time stands in, and the word is leans at most
    ("effect-several", MODEL_FREE, "leans for"),
    ("effect-several", replace(MODEL_FREE, p=0.10), "leans for"),
    ("effect-several", replace(MODEL_FREE, p=0.101), "cannot tell"),
    ("effect-several", replace(MODEL_FREE, p=None), "cannot tell"),
    ("effect-several", replace(MODEL_FREE, smallest_p=0.101), "cannot tell"),
    ("effect-several", replace(MODEL_FREE, eligible_rows=0), "leans for"),
    # no T: judged as one to three occasions
    ("effect-several", replace(SEVERAL, p=None), "leans for"),
    ("effect-several", replace(SEVERAL, p=None, agree_plus=0.79), "cannot tell"),
    ("effect-several", replace(SEVERAL, p=None, eligible_rows=0), "cannot tell"),
    # one to three occasions
    ("effect-few", SEVERAL, "leans for"),
    ("effect-few", replace(SEVERAL, posterior=0.9, agree_plus=0.8), "leans for"),
    ("effect-few", replace(SEVERAL, posterior=0.89), "cannot tell"),
    ("effect-few", replace(SEVERAL, agree_plus=0.79), "cannot tell"),
    ("effect-few", replace(SEVERAL, weight_for=Weight(0.0, 9.0, 9.5)), "cannot tell"),
    ("effect-few", replace(SEVERAL, weight_for=Weight(0.1, 0.2, 9.5)), "leans for"),
    ("effect-few", replace(SEVERAL, eligible_rows=0), "cannot tell"),
    ("effect-few", replace(SEVERAL, lead_effect=None), "leans for"),
    ("effect-few", replace(MODEL_FREE, p=None), "cannot tell"),
    ("lesson", SEVERAL, "leans for"),
    ("lesson", replace(SEVERAL, tell_for=0.29), "cannot tell"),
    ("counterfactual", SEVERAL, "leans for"),
    ("counterfactual", replace(SEVERAL, act_observed=None), "cannot tell"),
    ("counterfactual", replace(SEVERAL, act_observed=False), "cannot tell"),
    ("counterfactual", replace(SEVERAL, region_plus=0.79), "cannot tell"),
    ("counterfactual", replace(SEVERAL, region_plus=None), "cannot tell"),
    # patterns
    ("pattern", PATTERN, "supported"),
    ("pattern", replace(PATTERN, share_interval=Interval(0.5, 0.99, 0.95)), "leans for"),
    ("pattern", replace(PATTERN, agree_plus=0.94), "leans for"),
    ("pattern", replace(PATTERN, tell_for=0.49), "leans for"),
    ("pattern", replace(PATTERN, agree_plus=0.79), "cannot tell"),
    ("pattern", replace(PATTERN, share_interval_leans=Interval(0.5, 0.9, 0.6)), "cannot tell"),
    ("pattern", replace(PATTERN, tell_for=0.29), "cannot tell"),
    ("pattern", replace(PATTERN, share_interval=None, share_interval_leans=None), "cannot tell"),
    # beliefs
    ("belief", BELIEF, "leans for"),
    ("belief", replace(BELIEF, weight_for=Weight(0.1, 9.9, 20)), "cannot tell"),
    ("belief", replace(BELIEF, weight_for=Weight(0.0, 20, 30)), "cannot tell"),
    ("belief", replace(BELIEF, eligible_rows=0), "cannot tell"),
    ("belief", replace(BELIEF, gates=(Gate("cells", False, "row L3 has no cell"),)), "cannot tell"),
]


@pytest.mark.parametrize(("kind", "found", "word"), CASES)
def test_table(kind, found, word):
    assert verdict(kind, "+", found).word == word


@pytest.mark.parametrize(("kind", "found", "word"), CASES)
def test_mirror_image(kind, found, word):
    """Turn all the evidence and the word turns with it; turn the claimed sign as well and it is the first word again."""
    assert verdict(kind, "+", turned(found)).word == MIRROR[word]
    if kind != "belief":
        # a belief has no direction of its own; its weight is for the claim or against it
        twice = replace(
            turned(found),
            weight_for=found.weight_for,
            weight_against=found.weight_against,
            tell_for=found.tell_for,
            tell_against=found.tell_against,
            false_for=found.false_for,
            false_against=found.false_against,
            false_for_strong=found.false_for_strong,
            false_against_strong=found.false_against_strong,
            posterior=found.posterior,
        )
        assert verdict(kind, "-", twice).word == word


SMALL = replace(
    SEVERAL, effect=1.0, median_effect=1.0, interval=Interval(0.2, 4.9, 0.9), size=5.0, lead_effect=0.1
)


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({}, rules.TOO_SMALL),
        ({"effect": -1.0, "median_effect": -1.0, "interval": Interval(-4.9, -0.2, 0.9)}, rules.TOO_SMALL),
        ({"interval": Interval(-1, 5.0, 0.9)}, ""),
        ({"interval": None}, ""),
        ({"median_effect": 5.0}, ""),
        ({"tell_small": 0.29}, ""),
        ({"false_small": 0.21}, ""),
        ({"gates": (Gate("g", False, "no"),)}, ""),
    ],
)
def test_too_small_to_matter_is_not_the_other_sign(change, note):
    given = verdict("effect-several", "+", replace(SMALL, **change))
    assert given.note == note
    if note:
        assert given.word == "leans against"


@pytest.mark.parametrize("kind", ["pattern", "belief", "quotation"])
def test_too_small_is_said_of_effects_only(kind):
    assert verdict(kind, "+", SMALL).note != rules.TOO_SMALL


@pytest.mark.parametrize(
    ("quotation", "word"),
    [("verified", "supported"), ("cut", "cannot tell"), ("unverified", "unverified"), (None, "unverified")],
)
def test_quotations(quotation, word):
    assert verdict("quotation", "+", Ingredients(quotation=quotation)).word == word


def test_nothing_known_is_cannot_tell_for_every_kind():
    for kind in ("effect-several", "effect-few", "pattern", "belief", "counterfactual", "lesson"):
        given = verdict(kind, "+", Ingredients())
        assert given.word == "cannot tell"
        assert given.missing
        assert not any(reason.met for reason in given.reasons if "ledger" not in reason.rule)


def test_a_verdict_says_what_is_missing_for_the_next_word():
    given = verdict("effect-several", "+", replace(SEVERAL, agree_plus=0.79))
    assert given.next_word == "supported"
    assert given.missing == ("specifications that agree (R)",)
    given = verdict("effect-several", "+", MODEL_FREE)
    assert any("no model is fitted" in cap for cap in given.caps)


def test_reasons_show_the_side_to_which_the_evidence_points():
    given = verdict("effect-several", "+", replace(MODEL_FREE, effect=-9.0, median_effect=-9.0, p=0.5))
    assert given.next_word == "leans against"


@pytest.mark.parametrize(
    ("parts", "index"),
    [
        ([("supported", True), ("leans for", True)], 1),
        ([("cannot tell", True), ("contradicted", False)], 0),
        ([("leans against", True), ("contradicted", True), ("contradicted", True)], 1),
        ([("contradicted", True), ("unverified", True)], 1),
        ([("contradicted", True), ("unverified", False)], 0),
        ([("leans for", False), ("cannot tell", False)], 1),
    ],
)
def test_a_claim_gets_the_lowest_word_of_its_necessary_parts(parts, index):
    assert lowest(parts) == index


def test_the_page_and_the_file_hold_the_same_thresholds():
    page = (ROOT / "docs/reference/verdict-rules.md").read_text()
    written = dict(re.findall(r"^\| `([A-Z_]+)` \| ([0-9.]+) \|", page, flags=re.M))
    held = {
        name: value
        for name, value in vars(rules).items()
        if name.isupper() and isinstance(value, int | float)
    }
    assert set(written) == set(held)
    for name, value in held.items():
        assert float(written[name]) == value, name


def test_an_assessment_can_say_which_rules_were_in_force():
    content = Path(rules.__file__).read_bytes()
    assert rules.rules_hash() == hashlib.sha256(content).hexdigest()
