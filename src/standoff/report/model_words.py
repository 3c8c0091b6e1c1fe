"""Words for what the models say: probabilities with their flags, and sentences that keep the number beside the word.

A number of a quick fit carries *quick*, one that missed a gate *FAILED*, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log, log10
from typing import Final

from standoff.claims.posterior import CAUSES, GAP, STRONGEST
from standoff.claims.results import ModelPower, PosteriorResult, RivalWeight
from standoff.inference.learned import (
    BoxResult,
    Estimator,
    InformedResult,
    Learned,
    OutsideTiming,
    RivalResult,
    SensitivityResult,
)
from standoff.report.words import chance, likelihood, number, percent, plural, signed

FAILED: Final = "✗ FAILED"
QUICK: Final = "quick"
FORMS: Final[Mapping[Estimator, str]] = {"twin": "reduced form", "game": "game"}
LEVERS: Final[Mapping[str, str]] = {
    "public-criticism": "Public criticism",
    "private-criticism": "Private criticism",
    "support": "Support",
    "withheld-arms": "Withholding arms",
    "pressure": "Military pressure",
    "aid-closure": "Closing aid",
}
OUTCOMES: Final[Mapping[str, str]] = {
    "stance": "Holder's stance",
    "deal": "Chance of a deal",
    "deaths": "Deaths of hostages",
}
CHANNELS: Final[Mapping[str, str]] = {
    "belief": "Belief",
    "conduct": "Conduct",
    "block": "Domestic blocks",
    "shock": "Shocks",
    "convergence": "Convergence",
}


def by(estimator: Estimator, quick: bool | None) -> str:
    """Return which form says it; the game's is marked as quick where its fit is."""
    return f"{FORMS[estimator]}, {QUICK}" if estimator == "game" and quick else FORMS[estimator]


def flags(quick: bool, passed: bool) -> tuple[str, ...]:
    """Return what must stand beside a number of a model."""
    return (*((QUICK,) if quick else ()), *(() if passed else (FAILED,)))


def flagged(p: float, marks: tuple[str, ...]) -> str:
    """Return a probability with its flags behind it."""
    return " ".join((chance(p), *marks))


def plain(outcome: str) -> str:
    """Return the name of an outcome as it stands inside a sentence."""
    title = OUTCOMES.get(outcome, outcome)
    return title[:1].lower() + title[1:]


def opposite(one: float, other: float) -> bool:
    """Return whether two probabilities lie on opposite sides of one half."""
    return (one - 0.5) * (other - 0.5) < 0


def strength(unrecorded: float) -> str:
    """Return the strength of an unrecorded cause as text; none is needed where P is below .80 as it is."""
    if unrecorded <= 0:
        return "none needed"
    return f"{STRONGEST:.0f} or more" if unrecorded >= STRONGEST else number(unrecorded)


def probability_sentence(
    result: PosteriorResult, twin_marks: tuple[str, ...], game_marks: tuple[str, ...]
) -> str:
    """Return P by both forms with their flags, which of them counts, and whether it can be used at all."""
    said = (
        f"The claimed direction has a probability of {flagged(result.twin, twin_marks)} by the reduced form"
    )
    if result.game is not None:
        said += f" and {flagged(result.game, game_marks)} by the game"
        if opposite(result.twin, result.game):
            said += ". They lie on opposite sides, so neither counts"
        elif abs(result.twin - result.game) > GAP:
            said += f". They are more than {chance(GAP)} apart; the one nearer one half counts"
    unused = "" if all(gate.passed for gate in result.gates) else " A gate failed, so it cannot be used."
    return f"{said}.{unused}"


def unrecorded_sentence(result: PosteriorResult) -> str:
    """Return how strong an unrecorded cause must be to undo it, in units of the strongest recorded one."""
    cause = CAUSES.get(result.strongest, result.strongest)
    if result.unrecorded <= 0:
        return "P of the likelier direction is below .80 as it is: no unrecorded cause is needed to undo it."
    if result.unrecorded >= STRONGEST:
        return (
            f"Only an unrecorded cause {STRONGEST:.0f} times as strong as the strongest recorded one, {cause}, "
            "or more would bring it below .80."
        )
    times = f"{number(result.unrecorded)} times as strong as the strongest recorded one, {cause},"
    weak = (
        " That is weaker than what is recorded, so the part leans at most." if result.unrecorded < 1 else ""
    )
    return f"An unrecorded cause {times} would bring it below .80.{weak}"


def power_sentence(power: ModelPower, size: float | None) -> str:
    """Return how often P would have told on records like this one, and how many cases would do."""
    asked = f"the declared size ({number(size)})" if size is not None else "the declared size"
    told = (
        f"Had the effect {asked}, P would have leant for it in {percent(power.tell_for)} of "
        f"{plural(power.records, 'simulated record')}; with the sign turned, against it in {percent(power.tell_against)}; "
        f"with no effect it would have leant for it wrongly in {percent(power.false_for)} and against it in "
        f"{percent(power.false_against)}."
    )
    lost = (
        f" {percent(power.failed)} of the fits failed and count as telling nothing."
        if power.failed > 0
        else ""
    )
    return f"{told}{lost} {cases_sentence(power.cases)}"


def cases_sentence(cases: float | None) -> str:
    """Return how many cases like this one would be needed for four chances in five."""
    if cases is None:
        return "No number of cases like this one would give it four chances in five."
    if cases <= 1:
        return "One case like this one gives it four chances in five."
    return f"About {number(cases, 0 if cases >= 10 else 1)} cases like this one would give it four chances in five."


def rivals_sentence(rivals: tuple[RivalResult, ...], quick: bool | None) -> str:
    """Return what one form says of the rivals: the likeliest ones at equal prior odds, failed ones marked."""
    if not rivals:
        return ""
    ranked = sorted(rivals, key=lambda one: -one.probability)
    named = [
        f"{one.name} {chance(one.probability)}{'' if one.passed else f' {FAILED}'}" for one in ranked[:3]
    ]
    failed = sum(not one.passed for one in rivals)
    more = f" {failed} of {plural(len(rivals), 'rival')} missed a gate." if failed else ""
    return f"By the {by(rivals[0].estimator, quick)}, at equal prior odds of all rivals: {', '.join(named)}.{more}"


def sensitivity_sentence(result: SensitivityResult) -> str:
    """Return whether halving or doubling the priors of effects turns the comparison with the base; under threefold odds
    throughout, nothing is told either way."""
    values = (result.halved, result.as_is, result.doubled)
    if max(map(abs, values)) < log(3):
        return "under threefold odds either way"
    if max(values) > 0 > min(values):
        return "turns with the prior"
    return "for it throughout" if min(values) >= 0 else "against it throughout"


def weight_words(one: RivalWeight) -> str:
    """Return how likely the claim's own rival is against the other at equal prior odds, and whether that turns with the
    prior; the words are those of `likelihood`."""
    said = likelihood(one.probability)
    if one.low is None or one.high is None:
        return said
    if max(abs(one.low), abs(one.high)) < log10(3):
        return f"{said}; under threefold odds throughout"
    return f"{said}; turns with the prior" if one.low < 0 < one.high else said


def weights_sentence(weights: tuple[RivalWeight, ...]) -> str:
    """Return how many rivals the claim's own one is ahead of, and which one stands furthest ahead of it."""
    ahead = sum(one.log10 > 0 for one in weights)
    worst = min(weights, key=lambda one: one.log10)
    verb, subject = ("is", "it is") if len(worst.own) == 1 else ("in equal parts are", "they are")
    return (
        f"{' and '.join(worst.own)} {verb} ahead of {ahead} of {plural(len(weights), 'other rival')}; against the strongest of them, "
        f"{worst.rival}, {subject} {weight_words(worst)}{'' if worst.passed else ' ' + FAILED}."
    )


def outside_sentence(one: OutsideTiming) -> str:
    """Return what the signals that the patron's own calendar explains say of a side's stance, or plainly that they cannot
    tell, and why."""
    side = f"the {one.side}’s stance"
    if one.dated == 0:
        return f"Cannot tell for {side}: no week at risk holds a date of the patron’s own calendar."
    failed = [gate for gate in one.gates if not gate.passed]
    if failed or one.effect is None or one.higher is None:
        why = "; ".join(f"{gate.name}: {gate.detail}" for gate in failed)
        return f"Cannot tell for {side}: {why}."
    told = (
        f"By the calendar’s variation alone, a week of public criticism moves {side} by {signed(one.effect)} points "
        f"({signed(one.effect_low)} to {signed(one.effect_high)}); it is {likelihood(one.higher)} that it raises it."
    )
    sure = one.effect_low is not None and one.effect_high is not None and one.effect_low * one.effect_high > 0
    return told if sure else f"{told} The interval holds zero: it cannot tell which way."


def informed_sentence(found: InformedResult) -> str:
    """Return where priors from elsewhere came from, what was done to them, and how far they reach."""
    if not found.taken:
        return (
            f"Priors were asked for from elsewhere ({found.source}), but widened by {number(found.widen)} they say no more than the "
            "default’s of any effect: both columns are the same up to sampling error."
        )
    return (
        f"{plural(len(found.taken), 'prior')} came from elsewhere: {found.source}, with scales widened by {number(found.widen)}. "
        "All others are the default’s. No P, weight or verdict of this report uses them."
    )


def box_sentence(box: BoxResult) -> str:
    """Return the claim of which a box speaks: four weeks of the lever, and which way the stance goes."""
    way = {"+": "hardens the holder's stance", "-": "softens the holder's stance"}.get(box.sign, box.sign)
    return f"{LEVERS.get(box.lever, box.lever)} {way}"


def apart(
    what: str, chances: tuple[float, float], marks: tuple[tuple[str, ...], tuple[str, ...]]
) -> tuple[str, ...]:
    """Return that the two forms (reduced form, game) disagree about something, each with its flags; nothing where they
    do not."""
    twin, game = chances
    told = [flagged(value, mark) for value, mark in zip(chances, marks, strict=True)]
    said = f"{what}: {told[0]} by the {FORMS['twin']}, {told[1]} by the {FORMS['game']}."
    if opposite(twin, game):
        return (f"{said} They lie on opposite sides.",)
    return (f"{said} They are more than {chance(GAP)} apart.",) if abs(twin - game) > GAP else ()


def channels_sentence(learned: Learned) -> str:
    """Return what the channels add up to, and what they do together beside it."""
    return (
        f"The longest spell lasted {plural(learned.weeks, 'week')}; the model of all together expects "
        f"{number(learned.expected)} weeks to a deal in it. Channels act on one another: each is averaged over all orders of shutting "
        f"them, and the whole differs from the sum of each shut alone by {signed(learned.interaction)} weeks (interaction)."
    )
