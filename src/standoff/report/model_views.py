"""What the templates are given of the models: P of a part with its flags, effects by lever, checks, where the forms disagree.

No arithmetic beyond putting both forms at equal prior odds before they are set side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from standoff.claims.posterior import GAME_GATE, even_odds
from standoff.claims.results import Assessment, PartResult, PosteriorResult
from standoff.inference.learned import (
    CheckResult,
    EffectResult,
    Estimator,
    Learned,
    ParameterResult,
    RivalResult,
)
from standoff.inference.rivals import ALL
from standoff.report import model_words as words
from standoff.report.model_charts import effect_href
from standoff.report.words import chance

FORMS: Final[tuple[Estimator, ...]] = ("twin", "game")
PRIOR: Final = "prior"  # the name under which the checks of the priors alone stand


class Probability(NamedTuple):
    """P of a part as text, what must stand beside it, and both forms' own numbers with their own flags."""

    counts: str
    flags: tuple[str, ...]
    twin: str
    twin_flags: tuple[str, ...]
    game: str
    game_flags: tuple[str, ...]
    opposite: bool


class PartProbability(NamedTuple):
    """One part of one claim with its P."""

    claim: str
    part: PartResult
    posterior: PosteriorResult
    shown: Probability


class LeverRow(NamedTuple):
    """What one lever does under one form, outcome by outcome; None where an outcome was not estimated."""

    estimator: Estimator
    lever: str
    name: str
    says: str
    outcomes: tuple[EffectResult | None, ...]
    passed: bool
    href: str


class CheckRow(NamedTuple):
    """One statistic of the record beside the interval of the priors alone and of every rival."""

    says: str
    gate: bool
    observed: float | None
    prior: CheckResult | None
    rivals: tuple[CheckResult, ...]


class BlockRows(NamedTuple):
    """The parameters of one block under one form; ``passed``: whether the fit that they are read off did."""

    estimator: Estimator
    name: str
    rows: tuple[ParameterResult, ...]
    passed: bool


class Models(NamedTuple):
    """All that the page of the models shows beside the plain results."""

    learned: Learned
    rivals: tuple[tuple[Estimator, tuple[RivalResult, ...]], ...]
    levers: tuple[LeverRow, ...]
    checks: tuple[CheckRow, ...]
    blocks: tuple[BlockRows, ...]
    parts: tuple[PartProbability, ...]
    apart: tuple[str, ...]
    default_rivals: Mapping[str, RivalResult]  # by the reduced form under the default priors, by name


def probability(result: PosteriorResult, shared: str = "") -> Probability:
    """Return P with its flags. A failed gate of one form stands beside that form's number and beside the one that counts;
    ``shared`` names the gate that both forms need."""
    game = result.game is not None
    failed = {gate.name for gate in result.gates if not gate.passed}
    quick = result.quick and game
    return Probability(
        counts=chance(result.counts),
        flags=words.flags(quick, not failed),
        twin=chance(result.twin),
        twin_flags=words.flags(False, not failed - {GAME_GATE}),
        game=chance(result.game),
        game_flags=words.flags(quick, not failed & {GAME_GATE, shared}) if game else (),
        opposite=result.game is not None and words.opposite(result.twin, result.game),
    )


def models(learned: Learned, assessment: Assessment) -> Models:
    """Return what the page of the models shows."""
    parts = tuple(_parts(learned, assessment))
    return Models(
        learned=learned,
        rivals=tuple(_rivals(learned)),
        levers=tuple(_levers(learned)),
        checks=_checks(learned.checks),
        blocks=tuple(_blocks(learned)),
        parts=parts,
        apart=tuple(_apart(learned, parts)),
        default_rivals={one.name: one for one in learned.rivals if one.estimator == "twin"},
    )


def fitted(learned: Learned, estimator: Estimator, *names: str) -> bool:
    """Return whether the fits of these rivals passed their gates: what is read off one that did not is shown as failed."""
    return all(
        one.passed for one in learned.rivals if one.estimator == estimator and one.name in (names or (ALL,))
    )


def _rivals(learned: Learned) -> Iterable[tuple[Estimator, tuple[RivalResult, ...]]]:
    order = list(dict.fromkeys(one.name for one in learned.rivals))  # the same under both forms
    for form in FORMS:
        found = [one for one in learned.rivals if one.estimator == form]
        if found:
            yield form, tuple(sorted(found, key=lambda one: order.index(one.name)))


def _parts(learned: Learned, assessment: Assessment) -> Iterable[PartProbability]:
    shared = learned.signals_follow.name
    for claim in assessment.claims:
        for part in claim.parts:
            if part.posterior is not None:
                yield PartProbability(claim.id, part, part.posterior, probability(part.posterior, shared))


def _levers(learned: Learned) -> Iterable[LeverRow]:
    met = dict.fromkeys((one.lever, one.estimator) for one in learned.effects)
    order = list(dict.fromkeys(lever for lever, _ in met))
    for lever, form in sorted(met, key=lambda pair: (order.index(pair[0]), pair[1] != "twin")):
        found = tuple(learned.effect(form, lever, outcome) for outcome in words.OUTCOMES)
        known = [one for one in found if one is not None]
        yield LeverRow(
            form,
            lever,
            words.LEVERS.get(lever, lever),
            known[0].says,
            found,
            all(one.passed for one in known),
            effect_href(form, lever),
        )


def _checks(checks: Iterable[CheckResult]) -> tuple[CheckRow, ...]:
    found: dict[str, list[CheckResult]] = {}
    for check in checks:
        found.setdefault(check.statistic, []).append(check)
    return tuple(
        CheckRow(
            rows[0].says,
            rows[0].gate,
            rows[0].observed,
            next((row for row in rows if row.rival == PRIOR), None),
            tuple(row for row in rows if row.rival != PRIOR),
        )
        for rows in found.values()
    )


IN_TABLES_ALONE = (
    "force",
    "aid",
    "signals",
    "deaths",
    "ends",
)  # the page is one file: the rest stands in the tables


def _blocks(learned: Learned) -> Iterable[BlockRows]:
    found: dict[tuple[Estimator, str], list[ParameterResult]] = {}
    for one in learned.parameters:
        if one.block not in IN_TABLES_ALONE and not one.name.startswith(("cut", "step")):
            found.setdefault((one.estimator, one.block), []).append(one)
    for (form, block), rows in found.items():
        yield BlockRows(form, "" if block == form else block, tuple(rows), fitted(learned, form))


def _apart(learned: Learned, parts: Iterable[PartProbability]) -> Iterable[str]:
    """Every place where the two forms disagree, at equal prior odds, with the flags of either."""
    best = [max(found, key=lambda one: one.probability) for _, found in _rivals(learned)]
    if len(best) == 2 and best[0].name != best[1].name:
        named = [
            f"{one.name} ({words.flagged(one.probability, words.flags(False, one.passed))}) by the "
            f"{words.by(one.estimator, learned.quick)}"
            for one in best
        ]
        yield f"The likeliest rival: {', '.join(named)}."
    for one in learned.effects:
        other = learned.effect("game", one.lever, one.outcome) if one.estimator == "twin" else None
        if other is not None:
            what = f"{words.LEVERS.get(one.lever, one.lever)} raises the {words.plain(one.outcome)}"
            flags = (words.flags(False, one.passed), words.flags(bool(learned.quick), other.passed))
            pair = (
                even_odds(one.higher, one.prior_higher),
                even_odds(other.higher, other.prior_higher),
            )
            yield from words.apart(what, pair, flags)
    for each in parts:
        if each.posterior.game is not None:
            pair = (each.posterior.twin, each.posterior.game)
            flags = (each.shown.twin_flags, each.shown.game_flags)
            yield from words.apart(f"P of {each.part.id}", pair, flags)
