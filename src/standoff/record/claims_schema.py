"""What `claims.yaml` may say: claims, their parts, and the small vocabulary of tests.

A claim is split into parts, each of one kind; it gets the lowest verdict among its necessary parts.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from standoff.record.case_schema import LARGEST, Frozen, Identifier, Selector, Side, Text, YesNo

Sign = Literal["+", "-"]
Probability = Annotated[float, Field(gt=0, lt=1)]


class StanceOutcome(Frozen):
    """A side's stance (0-100, 100 = the holder's furthest demand), by the composite that the choice names."""

    stance: Side


class SeriesOutcome(Frozen):
    """A series of the case, as weekly values in its own unit."""

    series: Identifier


def _outcome_kind(value: object) -> str:
    """Tell the two kinds of outcome apart by their key, so that a mistake is reported once and where it stands."""
    named = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return "a series" if "series" in named else "a stance"


Outcome = Annotated[
    Annotated[StanceOutcome, Tag("a stance")] | Annotated[SeriesOutcome, Tag("a series")],
    Discriminator(_outcome_kind),
]


class OrderTest(Frozen):
    """Order in time: change of the outcome after a kind of signal, against the same signals at other times in their phase."""

    test: Literal["order"]
    signal: Selector
    outcome: Outcome
    size: Annotated[
        float,
        Field(
            gt=0,
            le=LARGEST,
            description="smallest effect that matters, in the outcome's unit, declared beforehand",
        ),
    ]


class ContrastTest(Frozen):
    """Contrast: the response after one kind of signal minus the response after another, labels permuted within phases."""

    test: Literal["contrast"]
    signal: Selector
    against: Selector
    with_action_days: Annotated[int, Field(ge=1, le=60)] | None = Field(
        None,
        description="if set, `signal` counts only with, `against` only without, an act of `action` within so many days",
    )
    action: Selector | None = None
    outcome: Outcome
    size: Annotated[float, Field(gt=0, le=LARGEST)]


class ShareTest(Frozen):
    """Share: how often a named feature holds among units (episodes, documents), against a line stated beforehand."""

    test: Literal["share"]
    question: Text
    unit: Text
    units: tuple[Unit, ...] = Field(min_length=1)
    line: Annotated[float, Field(ge=0, le=1)]
    size: Annotated[float, Field(gt=0, le=0.5, description="distance from the line that matters")]


class Unit(Frozen):
    """One unit of a share test: whether the feature holds, by the strict and by the generous reading."""

    id: Identifier
    label: Text
    holds: YesNo
    holds_otherwise: YesNo | None = Field(
        None, description="under the other defensible reading, when it differs"
    )
    rows: tuple[Identifier, ...] = Field(min_length=1, description="ids of the events or positions behind it")
    why: Text


class LedgerTest(Frozen):
    """Weight of evidence: the ledger rows of this part, the claim's account against its rivals, in decibans."""

    test: Literal["ledger"]
    rivals: tuple[Identifier, ...] = Field(min_length=1)


class QuotationTest(Frozen):
    """Quotation: found, exact, whole, by the speaker named, and independent of the text that makes the claim."""

    test: Literal["quotation"]
    quote: Text
    found: YesNo
    exact: YesNo | None = None
    whole: YesNo | None = None
    speaker: YesNo | None = None
    independent: YesNo | None = None
    rows: tuple[Identifier, ...] = ()
    note: Text


class MultiverseTest(Frozen):
    """Coding multiverse: the order or contrast test of this part under every combination of the declared choices."""

    test: Literal["multiverse"]
    vary: tuple[Identifier, ...] = Field(
        (), description="choices to vary; empty means all that the case declares"
    )


class TellTest(Frozen):
    """Could this record have told? Records simulated with this calendar under the claim and under its rivals."""

    test: Literal["tell"]
    rivals: tuple[Literal["drift", "domestic-block", "shock", "pressure"], ...] = (
        "drift",
        "domestic-block",
        "shock",
    )


LeverName = Literal[
    "public-criticism", "private-criticism", "support", "withheld-arms", "pressure", "aid-closure"
]


class PosteriorTest(Frozen):
    """Posterior: the part's own signal in the fitted model, beside domestic politics, shocks, conduct and force."""

    test: Literal["posterior"]
    lever: LeverName | None = Field(
        None,
        description="the act of the game that this signal is; its term would repeat the signal and is dropped",
    )


RivalName = Literal["M0", "M1", "M2", "M12", "M3", "M4", "M5", "M6", "M7"]

Test = Annotated[
    OrderTest
    | ContrastTest
    | ShareTest
    | LedgerTest
    | QuotationTest
    | MultiverseTest
    | TellTest
    | PosteriorTest,
    Field(discriminator="test"),
]

PartKind = Literal[
    "effect-several", "effect-few", "pattern", "belief", "quotation", "counterfactual", "lesson"
]


class Part(Frozen):
    """One testable part of a claim."""

    id: Identifier
    statement: Text
    kind: PartKind
    sign: Sign = Field(
        "+", description="direction that the part claims for the effect, contrast or distance from the line"
    )
    necessary: YesNo = True
    tests: tuple[Test, ...] = Field(min_length=1)


class NextObservation(Frozen):
    """An observation not yet made, with its probability if the claim's account holds and if the rival's does."""

    observation: Text
    form: Literal["document", "date", "second-source", "data"]
    part: Identifier
    if_claim: Probability
    if_rival: Probability


class Account(Frozen):
    """A rival account that a ledger names but that is no claim of the list (for example `ordinary-causes`)."""

    id: Identifier
    statement: Text


class Claim(Frozen):
    """A claim or rival: what it says, who says it, what the record should and should not show, and its parts."""

    id: Identifier
    list: Literal["A", "B"]
    title: Text
    statement: Text
    said_by: Text
    source: tuple[Identifier, ...] = Field(min_length=1)
    mechanism: Text
    should_show: tuple[Text, ...] = Field(min_length=1)
    should_not_show: tuple[Text, ...] = Field(min_length=1)
    evidence: tuple[Identifier, ...] = Field(
        (), description="events and positions that a reader should see beside it, both ways"
    )
    caution: str = ""
    models: tuple[RivalName, ...] = ()
    parts: tuple[Part, ...] = Field(min_length=1)
    would_change: tuple[NextObservation, ...] = ()


class ClaimList(Frozen):
    """The whole of `claims.yaml`."""

    format: Literal[1]
    note: str = ""
    accounts: tuple[Account, ...] = ()
    claims: tuple[Claim, ...] = ()


ShareTest.model_rebuild()
