"""From evidence to a verdict: every threshold, and the pure function that applies them.

This file and docs/reference/verdict-rules.md are the one place where thresholds live. They were fixed before any
result on a shipped case was looked at; an assessment carries the hash of this file. The rules are the same for both
lists of claims and for either sign: `contradicted` is `supported` with the sign turned.

Nothing here computes a test. `verdict` reads ingredients and compares them; it uses no library and no random number.
"""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from standoff.claims.results import Gate, Interval, Reason, Verdict, VerdictWord

POSTERIOR_SUPPORTED: Final = 0.95
POSTERIOR_LEANS: Final = 0.90
UNRECORDED_CAUSE: Final = (
    1.0  # strength, in units of the strongest recorded cause, below which: at most leans
)
P_SUPPORTED: Final = 0.05  # order in time, after Holm
P_STAND_IN: Final = (
    0.10  # order in time where no model gives a posterior probability; also: the p a T must be able to reach
)
P_LEADS: Final = 0.10  # effect minus lead
LEAD_SHARE: Final = 0.5  # the lead must be smaller than this share of the effect
AGREE_SUPPORTED: Final = 0.80
AGREE_LEANS: Final = 0.60
AGREE_LEANS_FEW: Final = 0.80
AGREE_PATTERN_SUPPORTED: Final = 0.95
AGREE_PATTERN_LEANS: Final = 0.80
LEVEL_PATTERN_SUPPORTED: Final = 0.95  # interval wholly beyond the line
LEVEL_PATTERN_LEANS: Final = 0.60  # the same with one chance in five on the wrong side
WEIGHT_SUPPORTED: Final = 10.0  # decibans, middle; low end beyond zero as well
WEIGHT_LEANS: Final = 3.0
WEIGHT_BELIEF: Final = 10.0
LEVEL_SMALL: Final = 0.90  # interval of an effect that must lie within the declared size to be too small
TELL_FLOOR: Final = 0.30  # below: cannot tell
TELL_SUPPORTED: Final = 0.50  # below: at most leans
FALSE_SUPPORTED: Final = 0.05
FALSE_LEANS: Final = 0.20
REGION: Final = 0.80  # share of the assumption region with one sign
EXPOSED_EACH: Final = 2  # differences that a coefficient needs on either side

ROW_BOUND: Final = 10.0  # decibans, one ledger row
INTERESTED_BOUND: Final = 3.0  # decibans, an interested party's word
GROUP_REST: Final = 0.25  # weight of the members of a group after its strongest

Kind = Literal["effect-several", "effect-few", "pattern", "belief", "quotation", "counterfactual", "lesson"]
Side = Literal["for", "against"]
Level = Literal["strong", "leans"]

SIDES: Final[tuple[Side, Side]] = ("for", "against")
WORDS: Final[dict[tuple[Side, Level], VerdictWord]] = {
    ("for", "strong"): "supported",
    ("for", "leans"): "leans for",
    ("against", "leans"): "leans against",
    ("against", "strong"): "contradicted",
}
FROM_BEST: Final[tuple[VerdictWord, ...]] = (
    "supported",
    "leans for",
    "cannot tell",
    "leans against",
    "contradicted",
)
BEST_WORD: Final[dict[str, Level]] = {
    "effect-several": "strong",
    "pattern": "strong",
    "quotation": "strong",
    "effect-few": "leans",
    "counterfactual": "leans",
    "lesson": "leans",
    "belief": "leans",
}
TOO_SMALL: Final = "too small to matter"


@dataclass(frozen=True, slots=True)
class Weight:
    """Decibans: low end, middle, high end."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a verdict reads. ``None`` is *not known*; what is not known is not met. Effects are in the outcome's unit,
    with the sign that was found, not the sign that was claimed."""

    # order in time, contrast
    effect: float | None = None  # at the baseline choices
    median_effect: float | None = None  # over the multiverse
    interval: Interval | None = None  # 90%
    size: float | None = None
    p: float | None = None
    p_holm: float | None = None
    smallest_p: float | None = None
    lead_effect: float | None = None
    lead_p: float | None = None
    agree_plus: float | None = (
        None  # share of specifications with a positive effect, or of readings above the line
    )
    agree_minus: float | None = None
    subset_effects: tuple[float | None, ...] = ()  # first collection, added rows, each reading, ...
    # weight of evidence
    weight_for: Weight | None = None  # against the best rival
    weight_against: Weight | None = None  # against the equal mixture of rivals
    eligible_rows: int = 0
    # pattern
    share: float | None = None
    line: float | None = None
    share_interval: Interval | None = None  # LEVEL_PATTERN_SUPPORTED
    share_interval_leans: Interval | None = None  # LEVEL_PATTERN_LEANS
    # could this record have told
    tell_for: float | None = None
    tell_against: float | None = None
    tell_small: float | None = None
    false_for: float | None = None
    false_against: float | None = None
    false_small: float | None = None
    false_for_strong: float | None = None
    false_against_strong: float | None = None
    # a fitted model; none is fitted yet
    posterior: float | None = None  # of the claimed direction, at equal prior odds
    unrecorded_cause: float | None = None
    # counterfactual
    act_observed: bool | None = None
    region_plus: float | None = None
    region_minus: float | None = None
    # quotation
    quotation: Literal["verified", "cut", "unverified"] | None = None
    quotation_failed: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()


def verdict(kind: Kind, sign: Literal["+", "-"], found: Ingredients) -> Verdict:
    """Give one part's verdict, with every line of the rule as a reason.

    Shapes: none; scalars only. Errors: none; what is missing is not met. Rule: docs/reference/verdict-rules.md.
    """
    if kind == "quotation":
        return _quotation(found)
    if _is_small(kind, found):
        return _small(found)
    for side in SIDES:
        leans = _lines(kind, sign, side, "leans", found)
        if all(line.met for line in leans):
            return _reached(kind, sign, side, leans, found)
    side = _leading_side(kind, sign, found)
    lines = _lines(kind, sign, side, "leans", found)
    unmet = tuple(line.rule for line in lines if not line.met)
    return Verdict("cannot tell", lines, _caps(lines), "", WORDS[side, "leans"], unmet)


def lowest(parts: Sequence[tuple[VerdictWord, bool]]) -> int:
    """Index of the part that decides a claim, of (word, necessary): an unverified one, else the lowest word.

    Parts that are not necessary do not count unless none is. The first of several equal ones decides.
    """
    if not parts:
        raise ValueError("a claim without parts has no verdict")
    necessary = [i for i, (_, needed) in enumerate(parts) if needed] or list(range(len(parts)))
    for i in necessary:
        if parts[i][0] == "unverified":
            return i
    return max(necessary, key=lambda i: (FROM_BEST.index(parts[i][0]), -i))


def ledger_side(kind: Kind, weight_for: Weight, weight_against: Weight) -> Side | None:
    """Side for which the ledger alone would meet the *leans* line of this kind of part."""
    for side, weight in zip(SIDES, (weight_for, weight_against), strict=True):
        if all(line.met for line in _weight_lines(kind, side, "leans", weight)):
            return side
    return None


def rules_hash() -> str:
    """Hash (SHA-256) of this file, that is of the rules in force."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


# --- the table ---------------------------------------------------------------------------------------------------


def _lines(kind: Kind, sign: str, side: Side, level: Level, found: Ingredients) -> tuple[Reason, ...]:
    if kind == "pattern":
        lines = _pattern_lines(sign, side, level, found)
    elif kind == "belief":
        lines = _ledger_lines(kind, side, level, found)
    else:
        lines = _effect_lines(kind, sign, side, level, found)
    return (*lines, *_tell_lines(kind, side, level, found), *_gate_lines(found))


def _effect_lines(kind: Kind, sign: str, side: Side, level: Level, found: Ingredients) -> tuple[Reason, ...]:
    direction = _direction(sign, side)
    lines = [*_direction_lines(direction, found), *_posterior_lines(side, level, found)]
    # A calendar that cannot reach the line has no T: the part is judged by the column for few occasions.
    several = kind == "effect-several" and has_order_test(found)
    column: Kind = "effect-few" if kind == "effect-several" and not several else kind
    if several:
        lines += _lead_lines(level, found)
        if level == "strong":
            lines += _strong_lines(direction, found)
    least = AGREE_SUPPORTED if level == "strong" else (AGREE_LEANS if several else AGREE_LEANS_FEW)
    agree = found.agree_plus if direction > 0 else found.agree_minus
    lines.append(_at_least("specifications that agree (R)", agree, least))
    if kind == "counterfactual":
        lines += _counterfactual_lines(direction, found)
    return (*lines, *_ledger_lines(column, side, level, found))


def has_order_test(found: Ingredients) -> bool:
    """Whether there is a T at all: a p-value, on a calendar that could reach the line."""
    return found.p is not None and found.smallest_p is not None and found.smallest_p <= P_STAND_IN


def _direction_lines(direction: int, found: Ingredients) -> list[Reason]:
    asked = "above zero" if direction > 0 else "below zero"
    return [
        Reason(name, asked, _number(value), value is not None and value * direction > 0)
        for name, value in (
            ("effect at the baseline choices", found.effect),
            ("median effect over the coding choices", found.median_effect),
        )
    ]


def _posterior_lines(side: Side, level: Level, found: Ingredients) -> list[Reason]:
    rule = "posterior probability of this direction (P)"
    least = POSTERIOR_SUPPORTED if level == "strong" else POSTERIOR_LEANS
    if found.posterior is not None:
        own = found.posterior if side == "for" else 1 - found.posterior
        return [_at_least(rule, own, least)]
    if level == "strong":
        return [Reason(rule, f"at least {least:g}", "no model is fitted yet", False)]
    stand_in = "order in time (T), in place of P"
    if not has_order_test(found):
        reachable = _number(found.smallest_p)
        return [Reason(stand_in, f"p at most {P_STAND_IN:g}", f"no T (smallest p: {reachable})", False)]
    return [_at_most(stand_in, found.p, P_STAND_IN)]


def _lead_lines(level: Level, found: Ingredients) -> list[Reason]:
    small = None
    if found.lead_effect is not None and found.effect:
        small = abs(found.lead_effect) / abs(found.effect)
    lines = [
        Reason(
            "lead, as a share of the effect",
            f"under {LEAD_SHARE:g}",
            _number(small),
            small is not None and small < LEAD_SHARE,
        )
    ]
    if level == "strong":
        lines.append(_at_most("effect minus lead (leads quiet)", found.lead_p, P_LEADS))
    return lines


def _strong_lines(direction: int, found: Ingredients) -> list[Reason]:
    holds = bool(found.subset_effects) and all(
        value is not None and value * direction > 0 for value in found.subset_effects
    )
    cause = found.unrecorded_cause
    return [
        _at_most("order in time (T), after Holm", found.p_holm, P_SUPPORTED),
        Reason(
            "sign in each collection and each reading alone",
            "the same in all",
            ", ".join(_number(value) for value in found.subset_effects) or "not known",
            holds,
        ),
        _at_least("strength of an unrecorded cause that would undo it", cause, UNRECORDED_CAUSE),
    ]


def _counterfactual_lines(direction: int, found: Ingredients) -> list[Reason]:
    region = found.region_plus if direction > 0 else found.region_minus
    seen = {True: "yes", False: "no", None: "not known"}[found.act_observed]
    return [
        Reason("act within what was observed", "yes", seen, found.act_observed is True),
        _at_least("assumption region with this sign", region, REGION),
    ]


def _pattern_lines(sign: str, side: Side, level: Level, found: Ingredients) -> tuple[Reason, ...]:
    above = _direction(sign, side) > 0
    strong = level == "strong"
    interval = found.share_interval if strong else found.share_interval_leans
    per_cent = round(100 * (LEVEL_PATTERN_SUPPORTED if strong else LEVEL_PATTERN_LEANS))
    met = False
    if interval is not None and found.line is not None:
        met = interval.low > found.line if above else interval.high < found.line
    where = "above" if above else "below"
    agree = found.agree_plus if above else found.agree_minus
    least = AGREE_PATTERN_SUPPORTED if strong else AGREE_PATTERN_LEANS
    return (
        Reason(
            f"{per_cent}% interval of the share (M)",
            f"wholly {where} {_number(found.line)}",
            _interval(interval),
            met,
        ),
        _at_least("readings of the doubtful units that agree (R)", agree, least),
    )


def _ledger_lines(kind: Kind, side: Side, level: Level, found: Ingredients) -> tuple[Reason, ...]:
    weight = found.weight_for if side == "for" else found.weight_against
    if found.eligible_rows == 0 or weight is None:
        # Several occasions may lean on timing alone; nothing else may stand without a weighed row.
        enough = kind == "effect-several" and level == "leans"
        return (Reason("rows that the ledger may weigh (W)", "at least one", "none", enough),)
    return _weight_lines(kind, side, level, weight)


def _weight_lines(kind: Kind, side: Side, level: Level, weight: Weight) -> tuple[Reason, ...]:
    turn = 1 if side == "for" else -1
    against = "the best rival" if side == "for" else "the mixture of rivals"
    near = weight.low if side == "for" else weight.high
    least: float | None
    if level == "strong":
        least, beyond = WEIGHT_SUPPORTED, True
    elif kind == "effect-several":
        least, beyond = WEIGHT_LEANS, False
    elif kind == "belief":
        least, beyond = WEIGHT_BELIEF, True
    else:
        least, beyond = None, True
    lines = []
    if beyond:
        asked = "above 0 dB" if turn > 0 else "below 0 dB"
        end = "low" if turn > 0 else "high"
        rule = f"weight of evidence (W), {end} end, against {against}"
        lines.append(Reason(rule, asked, f"{near:.1f} dB", turn * near > 0))
    if least is not None:
        asked = f"at least {least:g} dB" if turn > 0 else f"at most {-least:g} dB"
        rule = f"weight of evidence (W), middle, against {against}"
        lines.append(Reason(rule, asked, f"{weight.middle:.1f} dB", turn * weight.middle >= least))
    return tuple(lines)


def _tell_lines(kind: Kind, side: Side, level: Level, found: Ingredients) -> tuple[Reason, ...]:
    if kind == "belief":
        return ()
    tell = found.tell_for if side == "for" else found.tell_against
    false = found.false_for if side == "for" else found.false_against
    strong_false = found.false_for_strong if side == "for" else found.false_against_strong
    if level == "strong":
        return (
            _at_least("could this record have told (D)", tell, TELL_SUPPORTED),
            _at_most("false rate under the best rival", strong_false, FALSE_SUPPORTED),
        )
    return (
        _at_least("could this record have told (D)", tell, TELL_FLOOR),
        _at_most("false rate under the best rival", false, FALSE_LEANS),
    )


def _gate_lines(found: Ingredients) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            f"gate: {gate.name}",
            "passed",
            gate.detail or ("passed" if gate.passed else "failed"),
            gate.passed,
        )
        for gate in found.gates
    )


# --- too small, quotation ----------------------------------------------------------------------------------------


def _is_small(kind: Kind, found: Ingredients) -> bool:
    effect_kinds = ("effect-several", "effect-few", "counterfactual", "lesson")
    return kind in effect_kinds and all(line.met for line in _small_lines(found))


def _small_lines(found: Ingredients) -> tuple[Reason, ...]:
    size, interval, median = found.size, found.interval, found.median_effect
    within = size is not None and interval is not None and -size < interval.low and interval.high < size
    middle = size is not None and median is not None and abs(median) < size
    asked = f"within -{_number(size)} to {_number(size)}"
    return (
        Reason(f"{round(100 * LEVEL_SMALL)}% interval of the effect", asked, _interval(interval), within),
        Reason("median effect over the coding choices", asked, _number(median), middle),
        _at_least("could this record have told (D)", found.tell_small, TELL_FLOOR),
        _at_most("called too small where it is not", found.false_small, FALSE_LEANS),
        *_gate_lines(found),
    )


def _small(found: Ingredients) -> Verdict:
    return Verdict("leans against", _small_lines(found), (), TOO_SMALL, None, ())


def _quotation(found: Ingredients) -> Verdict:
    word = found.quotation or "unverified"
    failed = ", ".join(found.quotation_failed) or "nothing"
    asked = "found, exact, whole, by the speaker named, independent of the text that uses it"
    reason = Reason("quotation", asked, f"{word}; not shown: {failed}", word == "verified")
    if word == "verified":
        return Verdict("supported", (reason,), (), "of what was said, not of what it caused", None, ())
    if word == "cut":
        note = "the words are exact, but cut where the rest matters"
        return Verdict("cannot tell", (reason,), ("a cut quotation",), note, "supported", ("whole",))
    note = "not evidence, and nothing may rest on it"
    return Verdict(
        "unverified", (reason,), ("an unverified quotation",), note, "supported", found.quotation_failed
    )


# --- putting a verdict together ----------------------------------------------------------------------------------


def _reached(kind: Kind, sign: str, side: Side, leans: tuple[Reason, ...], found: Ingredients) -> Verdict:
    """The verdict of a part whose *leans* lines are all met: the stronger word when its lines are met as well."""
    few = kind == "effect-several" and not has_order_test(found)
    if BEST_WORD[kind] == "leans" or few:
        return Verdict(WORDS[side, "leans"], leans, ("this kind of part leans at best",), "", None, ())
    strong = _lines(kind, sign, side, "strong", found)
    unmet = tuple(line.rule for line in strong if not line.met)
    if not unmet:
        return Verdict(WORDS[side, "strong"], strong, (), "", None, ())
    return Verdict(WORDS[side, "leans"], leans, _caps(strong), "", WORDS[side, "strong"], unmet)


CAP_RULES: Final = (
    "posterior",
    "could this record",
    "false rate",
    "gate:",
    "rows that the ledger",
    "sign in each",
    "strength of an unrecorded",
    "order in time (T), in place",
    "act within",
)


def _caps(lines: tuple[Reason, ...]) -> tuple[str, ...]:
    """The unmet lines that hold a word down whatever the rest says."""
    return tuple(
        f"{line.rule}: {line.found}" for line in lines if not line.met and line.rule.startswith(CAP_RULES)
    )


def _leading_side(kind: Kind, sign: str, found: Ingredients) -> Side:
    """The side to which the evidence points where neither is reached; its lines are the ones shown."""
    if kind == "pattern" and found.share is not None and found.line is not None:
        return "for" if (found.share - found.line) * _direction(sign, "for") >= 0 else "against"
    if kind != "belief" and found.median_effect is not None:
        return "for" if found.median_effect * _direction(sign, "for") >= 0 else "against"
    if found.weight_for is not None and found.weight_against is not None:
        return "against" if found.weight_against.middle < 0 else "for"
    return "for"


def _direction(sign: str, side: Side) -> int:
    return (1 if sign == "+" else -1) * (1 if side == "for" else -1)


def _at_least(rule: str, value: float | None, least: float) -> Reason:
    met = value is not None and operator.ge(value, least)
    return Reason(rule, f"at least {least:g}", _number(value), met)


def _at_most(rule: str, value: float | None, most: float) -> Reason:
    met = value is not None and operator.le(value, most)
    return Reason(rule, f"at most {most:g}", _number(value), met)


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3g}"


def _interval(interval: Interval | None) -> str:
    return "not known" if interval is None else f"{interval.low:.3g} to {interval.high:.3g}"
