"""One part of a claim: run its tests, gather what the rules read, and give a provisional verdict (before Holm)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, TypeVar, cast

from standoff.claims.ledger import weigh
from standoff.claims.order import Ordered, order_in_time
from standoff.claims.posterior import part_posterior
from standoff.claims.quotation import check_quotation
from standoff.claims.results import (
    LedgerResult,
    ModelPower,
    MultiverseResult,
    OrderResult,
    PartResult,
    PosteriorResult,
    QuotationResult,
    ShareResult,
    TellResult,
    Verdict,
)
from standoff.claims.rules import Ingredients, Kind, Weight, verdict
from standoff.claims.share import measure, share_could_have_told
from standoff.claims.tell import RIVALS, could_have_told
from standoff.errors import SettingsError
from standoff.panel import baseline_options
from standoff.record.claims_schema import (
    Claim,
    ContrastTest,
    LedgerTest,
    MultiverseTest,
    OrderTest,
    Part,
    PosteriorTest,
    QuotationTest,
    ShareTest,
    Sign,
    TellTest,
)
from standoff.record.rows import Record

Progress = Callable[[str, int, int], None]
EFFECT_KINDS = ("effect-several", "effect-few", "counterfactual", "lesson")
NOT_YET = Verdict("cannot tell", (), (), "", None, ())


def run_part(
    record: Record, claim: Claim, part: Part, seed: int, progress: Progress | None = None
) -> PartResult:
    """Run every test of one part; the verdict is provisional until `conclude` has seen all parts.

    ``progress`` is called with a phase, how much of it is done, and its total. D is computed for every effect and
    pattern, listed among the tests or not. Random numbers depend on the seed and the ids of claim and part alone.
    Errors: SettingsError for a part with two tests of one sort, or with choices that the case does not declare.
    """
    tests = _tests(claim, part)
    name = f"{claim.id}/{part.id}"
    kind: Kind = part.kind
    result = PartResult(part.id, part.statement, part.kind, part.sign, part.necessary, NOT_YET)
    if tests.order is not None:
        ordered = _ordered(record, tests, part, seed, name, progress)
        result = replace(result, order=ordered.result, multiverse=ordered.multiverse)
        if part.kind in EFFECT_KINDS:
            tell = _tell(record, tests, part, ordered, seed, name, progress)
            result = replace(result, tell=tell)
            result = replace(result, posterior=_posterior(record, tests, part, seed, name, progress))
    if tests.share is not None:
        result = replace(result, share=measure(tests.share, part.sign, seed, name))
        if part.kind == "pattern":
            result = replace(result, tell=share_could_have_told(tests.share, part.sign))
    if tests.ledger is not None:
        result = replace(result, ledger=weigh(record, tests.ledger, part.id, claim.id, kind))
    if tests.quotation is not None:
        result = replace(result, quotation=check_quotation(tests.quotation))
    return with_verdict(result)


def with_verdict(result: PartResult) -> PartResult:
    """The same result with the verdict that the rules give it."""
    given = verdict(cast(Kind, result.kind), cast(Sign, result.sign), ingredients(result))
    return replace(result, verdict=given)


def ingredients(result: PartResult) -> Ingredients:
    """What the rules read of one part's results."""
    found = Ingredients()
    if result.kind in EFFECT_KINDS and result.order is not None:
        found = _of_order(found, result.order, result.multiverse, result.sign)
    if result.kind == "pattern" and result.share is not None:
        found = _of_share(found, result.share, result.sign)
    if result.posterior is not None:
        found = _of_posterior(found, result.posterior)
    if result.tell is not None:
        found = _of_tell(found, result.tell)
        if result.posterior is not None:
            found = _with_power(found, result.posterior.power)
    if result.ledger is not None and result.kind not in ("pattern", "quotation"):
        found = _of_ledger(found, result.ledger)
    if result.quotation is not None:
        found = _of_quotation(found, result.quotation)
    return found


def _of_order(
    found: Ingredients, order: OrderResult, multiverse: MultiverseResult | None, sign: str
) -> Ingredients:
    found = replace(
        found,
        effect=order.effect,
        interval=order.interval,
        size=order.size,
        p=order.p,
        p_holm=order.p_holm,
        smallest_p=order.smallest_p,
        lead_effect=order.lead_effect,
        lead_p=order.lead_p,
        gates=(*found.gates, *order.gates),
    )
    if multiverse is None:
        return found
    ours, theirs = multiverse.share_claimed_sign, multiverse.share_other_sign
    return replace(
        found,
        median_effect=multiverse.median_effect,
        agree_plus=ours if sign == "+" else theirs,
        agree_minus=theirs if sign == "+" else ours,
        subset_effects=tuple(value for _, value in multiverse.subsets),
    )


def _of_share(found: Ingredients, share: ShareResult, sign: str) -> Ingredients:
    ours, theirs = share.share_beyond_line, share.share_not_beyond
    return replace(
        found,
        share=share.share,
        line=share.line,
        share_interval=share.interval,
        share_interval_leans=share.interval_leans,
        agree_plus=ours if sign == "+" else theirs,
        agree_minus=theirs if sign == "+" else ours,
        gates=(*found.gates, *share.gates),
    )


def _of_tell(found: Ingredients, tell: TellResult) -> Ingredients:
    return replace(
        found,
        tell_for=tell.power_for,
        tell_against=tell.power_against,
        tell_small=tell.power_too_small,
        false_for=tell.false_for,
        false_against=tell.false_against,
        false_small=tell.false_too_small,
        false_for_strong=tell.false_for_strong,
        false_against_strong=tell.false_against_strong,
    )


def _of_posterior(found: Ingredients, posterior: PosteriorResult) -> Ingredients:
    return replace(
        found,
        posterior=posterior.counts,
        unrecorded_cause=posterior.unrecorded,
        gates=(*found.gates, *posterior.gates),
    )


def _with_power(found: Ingredients, power: ModelPower) -> Ingredients:
    """D asks both: that order in time could have told, and that P could; the false rates are the higher of the two."""
    return replace(
        found,
        tell_for=_least(found.tell_for, power.tell_for),
        tell_against=_least(found.tell_against, power.tell_against),
        false_for=_most(found.false_for, power.false_for),
        false_against=_most(found.false_against, power.false_against),
        false_for_strong=_most(found.false_for_strong, power.false_for_strong),
        false_against_strong=_most(found.false_against_strong, power.false_against_strong),
    )


def _least(known: float | None, also: float) -> float:
    return also if known is None else min(known, also)


def _most(known: float | None, also: float) -> float:
    return also if known is None else max(known, also)


def _of_ledger(found: Ingredients, ledger: LedgerResult) -> Ingredients:
    found = replace(found, eligible_rows=ledger.eligible_rows, gates=(*found.gates, *ledger.gates))
    if ledger.low is None or ledger.middle is None or ledger.high is None:
        return found
    against = (ledger.mixture_low, ledger.mixture_middle, ledger.mixture_high)
    return replace(
        found,
        weight_for=Weight(ledger.low, ledger.middle, ledger.high),
        weight_against=Weight(*(value if value is not None else 0.0 for value in against)),
    )


def _of_quotation(found: Ingredients, quotation: QuotationResult) -> Ingredients:
    return replace(found, quotation=quotation.word, quotation_failed=quotation.failed)


class PartTests(NamedTuple):
    """The tests of one part by sort; order and contrast share a place."""

    order: OrderTest | ContrastTest | None
    share: ShareTest | None
    ledger: LedgerTest | None
    quotation: QuotationTest | None
    multiverse: MultiverseTest | None
    tell: TellTest | None
    posterior: PosteriorTest | None


T = TypeVar("T")


def _tests(claim: Claim, part: Part) -> PartTests:
    orders = [test for test in part.tests if isinstance(test, OrderTest | ContrastTest)]
    if len(orders) > 1:
        raise _twice(claim, part, "order or contrast")
    return PartTests(
        orders[0] if orders else None,
        _only(claim, part, ShareTest),
        _only(claim, part, LedgerTest),
        _only(claim, part, QuotationTest),
        _only(claim, part, MultiverseTest),
        _only(claim, part, TellTest),
        _only(claim, part, PosteriorTest),
    )


def _only(claim: Claim, part: Part, sort: type[T]) -> T | None:
    found = [test for test in part.tests if isinstance(test, sort)]
    if len(found) > 1:
        raise _twice(claim, part, sort.__name__.removesuffix("Test").lower())
    return found[0] if found else None


def _twice(claim: Claim, part: Part, sort: str) -> SettingsError:
    return SettingsError(
        f"part {part.id!r} of claim {claim.id!r} has two tests of the sort {sort}",
        "a part says one thing, so that one result decides it",
        "split it into two parts, each with its own test",
    )


def _ordered(
    record: Record, tests: PartTests, part: Part, seed: int, name: str, progress: Progress | None
) -> Ordered:
    assert tests.order is not None
    vary = tests.multiverse.vary if tests.multiverse is not None else ()
    return order_in_time(record, tests.order, part.sign, seed, name, vary, _phase(progress, "specifications"))


def _posterior(
    record: Record, tests: PartTests, part: Part, seed: int, name: str, progress: Progress | None
) -> PosteriorResult | None:
    assert tests.order is not None
    found = part_posterior(
        record, tests.order, tests.posterior, part.sign, baseline_options(record.case), seed, name
    )
    say = _phase(progress, "model")
    if say is not None and found is not None:
        say(1, 1)
    return found


def _tell(
    record: Record,
    tests: PartTests,
    part: Part,
    ordered: Ordered,
    seed: int,
    name: str,
    progress: Progress | None,
) -> TellResult | None:
    assert tests.order is not None
    rivals = tests.tell.rivals if tests.tell is not None else RIVALS
    return could_have_told(
        record,
        tests.order,
        ordered.posed,
        part.kind,
        part.sign,
        seed,
        name,
        rivals,
        _phase(progress, "simulated worlds"),
    )


def _phase(progress: Progress | None, phase: str) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    told = progress

    def say(done: int, total: int) -> None:
        told(phase, done, total)

    return say
