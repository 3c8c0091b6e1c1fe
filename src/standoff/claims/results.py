"""What the claims room hands on: results of tests, verdicts, and the assessment that holds them all.

Frozen dataclasses of plain values, so that each can be stored as JSON and read back the same. Missing numbers
are ``None``, never NaN. Effects are in the outcome's unit (stance: points of 100).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

VerdictWord = Literal["supported", "leans for", "cannot tell", "leans against", "contradicted", "unverified"]


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float
    level: float  # coverage, e.g. 0.90


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition that a result must meet to be used; a failed gate is shown wherever the result is."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One change of an outcome between two consecutive recorded points, and the occasions that preceded it."""

    date_before: str  # ISO date
    date_after: str
    before: float
    after: float
    change: float
    exposure: float  # 0/1 for order; in a contrast: +1 first kind, -1 second, 0 none or both
    start_level: float
    signals: tuple[str, ...]  # event ids of the occasions in the window before date_after
    rows_before: tuple[str, ...]  # position or series ids
    rows_after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Specification:
    """One point of the curve: the options chosen, the effect under them, and how many differences were exposed."""

    options: tuple[tuple[str, str], ...]  # (choice, option) in the case's order
    effect: float | None  # None where the specification leaves nothing to compare
    exposed: int
    differences: int


@dataclass(frozen=True, slots=True)
class Curve:
    """All specifications, packed: thousands of combinations share few outcomes, and name their options by place.

    ``choices``: (choice, its options). ``codes``: for each combination one character a choice, the place of its option
    among them in base 36. ``outcome_of``: for each combination the place of its outcome. ``outcomes``: (effect in the
    outcome's unit or None, exposed, differences).
    """

    choices: tuple[tuple[str, tuple[str, ...]], ...]
    codes: tuple[str, ...]
    outcome_of: tuple[int, ...]
    outcomes: tuple[tuple[float | None, int, int], ...]


DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def pack(specifications: Sequence[Specification]) -> Curve:
    """Pack specifications that name the same choices; ``unpack`` gives them back.

    Errors: ValueError where a choice has more than 36 options.
    """
    options: dict[str, dict[str, int]] = {}
    outcomes: dict[tuple[float | None, int, int], int] = {}
    codes = []
    outcome_of = []
    for one in specifications:
        places = []
        for choice, option in one.options:
            known = options.setdefault(choice, {})
            places.append(known.setdefault(option, len(known)))
        if max(places, default=0) >= len(DIGITS):
            raise ValueError(f"a choice has more than {len(DIGITS)} options")
        codes.append("".join(DIGITS[place] for place in places))
        outcome = (one.effect, one.exposed, one.differences)
        outcome_of.append(outcomes.setdefault(outcome, len(outcomes)))
    choices = tuple((choice, tuple(known)) for choice, known in options.items())
    return Curve(choices, tuple(codes), tuple(outcome_of), tuple(outcomes))


def unpack(curve: Curve) -> tuple[Specification, ...]:
    """Give back the specifications of a curve, in their order."""
    return tuple(
        Specification(
            tuple(
                (choice, options[int(digit, 36)])
                for (choice, options), digit in zip(curve.choices, code, strict=True)
            ),
            *curve.outcomes[outcome],
        )
        for code, outcome in zip(curve.codes, curve.outcome_of, strict=True)
    )


@dataclass(frozen=True, slots=True)
class ChoiceInfluence:
    """How much one choice moves the answer: median effect and share with the claimed sign under each of its options."""

    choice: str
    option: str
    median_effect: float | None
    share_claimed_sign: float | None


@dataclass(frozen=True, slots=True)
class MultiverseResult:
    """The specification curve of an order or contrast test."""

    curve: Curve
    combinations: int  # all combinations of the options
    distinct: int  # distinct designs among them
    median_effect: float | None
    share_claimed_sign: float | None  # R, of specifications that leave something to compare
    influences: tuple[ChoiceInfluence, ...]
    most_moving_choice: str | None
    subsets: tuple[
        tuple[str, float | None], ...
    ]  # median effect in: first collection, added rows, each reading
    sign_holds_in_subsets: bool | None
    share_other_sign: float | None = None  # R of the other side

    @property
    def specifications(self) -> tuple[Specification, ...]:
        return unpack(self.curve)


@dataclass(frozen=True, slots=True)
class OrderResult:
    """Order in time, or contrast: the effect at the baseline choices, its interval, and the randomisation p-value of the
    median over the multiverse."""

    kind: Literal["order", "contrast"]
    outcome: str
    unit: str
    effect: float | None
    interval: Interval | None
    p: float | None  # two-sided, of the median over the multiverse
    p_holm: float | None  # after Holm over all parts with a T; filled when all are known
    smallest_p: float  # smallest p that this calendar can reach
    arrangements: int  # distinct calendars within phases (or labellings), at most the number drawn
    exact: bool
    draws: int
    differences: tuple[Difference, ...]
    distinct_differences: int  # exposed ones
    occasions: int
    lead_effect: float | None
    lead_p: float | None  # of effect minus lead
    missing_share: float  # share of occasions with no outcome point in the window
    bounds: Interval | None  # effect if the missing responses were as far as the scale allows, either way
    size: float
    gates: tuple[Gate, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class ShareResult:
    """A measured share with its resampling interval and its distance from the line stated beforehand."""

    share: float
    share_otherwise: float  # under the other defensible reading of every doubtful unit
    units: int
    interval: Interval
    line: float
    share_beyond_line: float  # R: readings of the doubtful units under which the share is beyond the line
    rows: tuple[tuple[str, bool, tuple[str, ...], str], ...]  # (label, holds, row ids, why)
    gates: tuple[Gate, ...]
    sentence: str
    interval_leans: Interval | None = None  # the narrower interval that *leans* asks for
    resampled: Interval | None = None  # bootstrap over units, beside the exact interval
    share_not_beyond: float | None = (
        None  # R of the other side: readings under which the share is on the other side
    )


@dataclass(frozen=True, slots=True)
class LedgerCell:
    account: str
    low: float  # hull of the judges' ranges
    high: float
    judges: tuple[tuple[str, float, float, str], ...]  # (judge, low, high, why)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One weighed observation: decibans for the claim against each rival, after bounds, before grouping."""

    id: str
    observation: str
    events: tuple[str, ...]
    group: str
    interested: bool
    eligible: bool
    cells: tuple[LedgerCell, ...]
    decibans: tuple[tuple[str, float, float, float], ...]  # (rival, low, middle, high)
    without: float | None  # total W (middle, best rival) without this row
    judges_differ: bool


@dataclass(frozen=True, slots=True)
class LedgerResult:
    """Weight of evidence in decibans: for, against the best rival; against, against the equal mixture of rivals."""

    lines: tuple[LedgerLine, ...]
    rivals: tuple[str, ...]
    best_rival: str | None
    low: float | None  # for: the claim against its best rival
    middle: float | None
    high: float | None
    mixture_low: float | None  # against: the claim against the equal mixture of rivals
    mixture_middle: float | None
    mixture_high: float | None
    eligible_rows: int
    top_rows: tuple[str, ...]  # at most five rows that carry the sum
    discount_at_change: float | None  # common discount (0-1) of all rows at which the ledger's word changes
    gates: tuple[Gate, ...]
    sentence: str
    other_groupings: tuple[
        tuple[float, float, float], ...
    ] = ()  # (weight of the rest, middle for, middle against)


@dataclass(frozen=True, slots=True)
class QuotationResult:
    word: Literal["verified", "cut", "unverified"]
    failed: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class World:
    """One simulated world: how often the rules said what, over ``records`` simulated records (0: computed exactly)."""

    name: str
    records: int
    says_for: float
    says_against: float
    too_small: float
    cannot_tell: float


@dataclass(frozen=True, slots=True)
class TellResult:
    """Could this record have told? Rates of what the rules say on simulated records (W taken as passing: an upper bound)."""

    worlds: tuple[World, ...]
    power_for: float
    power_against: float
    power_too_small: float
    false_for: float  # highest rate of *for* over worlds without the effect
    false_against: float
    size: float
    sentence: str
    false_too_small: float | None = None  # highest rate of *too small* over worlds with an effect of the size
    false_for_strong: float | None = (
        None  # the same as false_for, of the stronger word (None: not reachable here)
    )
    false_against_strong: float | None = None


@dataclass(frozen=True, slots=True)
class RowInfluence:
    """How far P goes without one row; None where the weights that would tell failed."""

    row: str
    without: float | None
    shift: float | None


@dataclass(frozen=True, slots=True)
class ModelPower:
    """Could this record have told, by P alone: over records simulated by the reduced form with this calendar, how often P
    reaches its line *for* where the effect has the declared size, *against* where it has the other sign, and falsely
    where there is none. ``cases``: cases like this one for a chance of .80; None where no number would do."""

    records: int
    tell_for: float
    tell_against: float
    false_for: float
    false_against: float
    false_for_strong: float
    false_against_strong: float
    failed: float
    cases: float | None


@dataclass(frozen=True, slots=True)
class PosteriorResult:
    """P: posterior probability of the claimed direction, rivals' terms in the model, at equal prior odds.

    ``twin``: by the reduced form; ``game``: by the standoff game, None where the part's signal is no lever of it or none
    was fitted; ``quick``: the game's fit is a quick one. ``counts``: the one nearer one half, or one half where the two
    lie on opposite sides. Effect and interval in points of 100, by the reduced form, for one act a week old at most.
    ``unrecorded``: strength of an unrecorded cause that would undo it, in units of the strongest recorded one.
    """

    twin: float
    prior: float
    game: float | None
    quick: bool
    counts: float
    effect: float
    interval: Interval
    unrecorded: float
    strongest: str
    gates: tuple[Gate, ...]
    influences: tuple[RowInfluence, ...]
    power: ModelPower
    sentence: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of a verdict: the rule, what it asked, what was found, and whether it was met."""

    rule: str
    asked: str
    found: str
    met: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    word: VerdictWord
    reasons: tuple[Reason, ...]
    caps: tuple[str, ...]  # rules that held the word down
    note: str  # e.g. "too small to matter"
    next_word: VerdictWord | None  # the nearest stronger word
    missing: tuple[str, ...]  # what would have to be found for it


@dataclass(frozen=True, slots=True)
class NextObservationResult:
    observation: str
    form: str
    part: str
    if_found: float  # decibans
    if_not: float
    expected_shift: float
    would_say: VerdictWord


@dataclass(frozen=True, slots=True)
class PartResult:
    id: str
    statement: str
    kind: str
    sign: str
    necessary: bool
    verdict: Verdict
    order: OrderResult | None = None
    multiverse: MultiverseResult | None = None
    tell: TellResult | None = None
    share: ShareResult | None = None
    ledger: LedgerResult | None = None
    quotation: QuotationResult | None = None
    posterior: PosteriorResult | None = None


@dataclass(frozen=True, slots=True)
class RivalWeight:
    """The fitted rivals ``own`` that state a claim, mixed in equal parts, against one other: log10 of the Bayes factor by
    the reduced form with its standard error; ``low``, ``high`` its range with the priors of effects halved, as they are
    and doubled (None: not known); ``probability`` of the claim's own against the other at equal prior odds. It enters no
    verdict."""

    own: tuple[str, ...]
    rival: str
    log10: float
    error: float
    low: float | None
    high: float | None
    probability: float
    passed: bool


@dataclass(frozen=True, slots=True)
class ClaimResult:
    id: str
    list: str
    title: str
    verdict: VerdictWord
    deciding_part: str
    parts: tuple[PartResult, ...]
    would_change: tuple[NextObservationResult, ...]
    rivals: tuple[RivalWeight, ...] = ()  # against each other rival; empty where the case names no own rival


@dataclass(frozen=True, slots=True)
class Assessment:
    """All claims of one case with their tests and verdicts."""

    case: str
    claims: tuple[ClaimResult, ...]
    parts_with_p: int
    leans_by_chance: float  # how many *leans* chance alone would give among them
    rules: str  # hash of the rules in force
    seed: int
    warnings: tuple[str, ...]
