r"""Weight of evidence: a ledger of observations against accounts, summed in decibans (`good1985weight`).

A cell is a range for the probability of the observation under an account. With the hull [l, h] of the judges' ranges and
its geometric middle, an observation weighs for the claim against rival r

    low = 10 log10(l_claim / h_r),   middle = 10 log10(sqrt(l_claim h_claim) / sqrt(l_r h_r)),   high = 10 log10(h_claim / l_r)

each cut at the row's bound. A group counts its strongest member and a part of the rest, with their signs. *For* is the
least over the rivals. *Against* is against the equal mixture of rivals: -10 log10 of the mean over r of 10^(-W_r / 10).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import NamedTuple

import numpy as np

from standoff.claims.differences import FloatArray
from standoff.claims.results import Gate, LedgerCell, LedgerLine, LedgerResult
from standoff.claims.rules import GROUP_REST, INTERESTED_BOUND, ROW_BOUND, Kind, Weight, ledger_side
from standoff.record.claims_schema import LedgerTest
from standoff.record.rows import Judgement, LedgerRow, Record

OTHER_REST = (0.0, 0.5)  # the two other weights of a group's rest that are shown
TOP = 5
DISCOUNTS = 1000  # steps in which the common discount is looked for


@dataclass(frozen=True, slots=True)
class Line:
    """One row with its cells and its weight against every rival: (rivals, 3), low, middle, high."""

    row: LedgerRow
    cells: tuple[LedgerCell, ...]
    weights: FloatArray
    missing: tuple[str, ...]  # accounts without a cell


class Sum(NamedTuple):
    """Totals against every rival, shape (rivals, 3), and what they come to."""

    totals: FloatArray
    weight_for: Weight
    weight_against: Weight


def weigh(record: Record, test: LedgerTest, part: str, claim: str, kind: Kind) -> LedgerResult:
    """Sum the ledger of one part.

    A row without a judgement under one of the accounts weighs nothing and fails the gate. Errors: none beyond the
    schema's. Algorithm: docs/explanation/weight-of-evidence.md.
    """
    rows = [row for row in record.ledger if row.part == part]
    judged = _by_cell(record.judgements)
    lines = [_line(row, judged, claim, test.rivals) for row in rows]
    weighed = [line for line in lines if line.row.eligible and not line.missing]
    gate = _gate(lines)
    if not weighed:
        told = tuple(_told(line, test.rivals, None) for line in lines)
        none = "No row that the ledger may weigh."
        return LedgerResult(
            told, test.rivals, None, None, None, None, None, None, None, 0, (), None, gate, none
        )
    total = add_up(weighed, GROUP_REST)
    without = {
        line.row.id: add_up([other for other in weighed if other is not line], GROUP_REST, len(test.rivals))
        for line in weighed
    }
    moved = {name: total.weight_for.middle - other.weight_for.middle for name, other in without.items()}
    best = test.rivals[int(np.argmin(total.totals[:, 1]))]
    top = sorted(moved, key=lambda name: -abs(moved[name]))[:TOP]
    others = tuple(
        (rest, one.weight_for.middle, one.weight_against.middle)
        for rest, one in ((rest, add_up(weighed, rest)) for rest in OTHER_REST)
    )
    told = tuple(
        _told(line, test.rivals, without[line.row.id].weight_for.middle if line.row.id in without else None)
        for line in lines
    )
    ours, theirs = total.weight_for, total.weight_against
    return LedgerResult(
        lines=told,
        rivals=test.rivals,
        best_rival=best,
        low=ours.low,
        middle=ours.middle,
        high=ours.high,
        mixture_low=theirs.low,
        mixture_middle=theirs.middle,
        mixture_high=theirs.high,
        eligible_rows=len(weighed),
        top_rows=tuple(top),
        discount_at_change=discount_at_change(total.totals, kind),
        gates=gate,
        sentence=_sentence(total, best, len(weighed)),
        other_groupings=others,
    )


def add_up(lines: Sequence[Line], rest: float, rivals: int | None = None) -> Sum:
    """Sum rows into totals. ``rest``: weight of a group's members after its strongest. Without rows, all is zero."""
    count = rivals if rivals is not None else len(lines[0].weights)
    groups: dict[str, list[FloatArray]] = defaultdict(list)
    for line in lines:
        groups[line.row.group or f"row {line.row.id}"].append(line.weights)
    totals = np.zeros((count, 3))
    for members in groups.values():
        totals += group_weight(np.array(members), rest)
    return _summed(totals)


def group_weight(members: FloatArray, rest: float) -> FloatArray:
    """Weight of dependent rows: the strongest (by its middle, against each rival) plus ``rest`` of the others, signed.

    Shapes: (members, rivals, 3) in, (rivals, 3) out.
    """
    strongest = np.abs(members[:, :, 1]).argmax(axis=0)
    rivals = np.arange(members.shape[1])
    first = members[strongest, rivals]
    return np.asarray(first + rest * (members.sum(axis=0) - first))


def discount_at_change(totals: FloatArray, kind: Kind) -> float | None:
    """Smallest common discount of all rows (0 to 1, in thousandths) at which the ledger's side changes; None: never.

    At discount 1 nothing weighs anything, so a ledger that takes a side loses it somewhere on the way, unless its
    kind of part asks only for the sign of the near end.
    """
    now = _summed(totals)
    side = ledger_side(kind, now.weight_for, now.weight_against)
    if side is None:
        return None
    for step in range(1, DISCOUNTS):
        left = _summed(totals * (1 - step / DISCOUNTS))
        if ledger_side(kind, left.weight_for, left.weight_against) != side:
            return step / DISCOUNTS
    return None


def mixture(totals: FloatArray) -> FloatArray:
    """Weight against the equal mixture of rivals. Shapes: (rivals, any) in, (any,) out."""
    from scipy.special import logsumexp

    nats = totals * np.log(10) / 10
    return np.asarray(-(logsumexp(-nats, axis=0) - np.log(len(totals))) * 10 / np.log(10))


def row_decibans(claim: LedgerCell, rival: LedgerCell, bound: float) -> tuple[float, float, float]:
    """Low, middle and high weight of one observation, each cut at plus and minus ``bound``."""
    low = 10 * log10(claim.low / rival.high)
    high = 10 * log10(claim.high / rival.low)
    return tuple(float(np.clip(value, -bound, bound)) for value in (low, (low + high) / 2, high))  # type: ignore[return-value]


def _summed(totals: FloatArray) -> Sum:
    ours = totals.min(axis=0)
    return Sum(totals, Weight(*ours.tolist()), Weight(*mixture(totals).tolist()))


def _by_cell(judgements: Sequence[Judgement]) -> dict[tuple[str, str], list[Judgement]]:
    cells: dict[tuple[str, str], list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        cells[judgement.row, judgement.account].append(judgement)
    return cells


def _line(
    row: LedgerRow, judged: dict[tuple[str, str], list[Judgement]], claim: str, rivals: tuple[str, ...]
) -> Line:
    found = {
        account: _cell(account, judged[row.id, account])
        for account in (claim, *rivals)
        if (row.id, account) in judged
    }
    bound = INTERESTED_BOUND if row.interested else ROW_BOUND
    weights = np.zeros((len(rivals), 3))
    for k, rival in enumerate(rivals):
        if row.eligible and claim in found and rival in found:
            weights[k] = row_decibans(found[claim], found[rival], bound)
    missing = tuple(account for account in (claim, *rivals) if account not in found)
    return Line(row, tuple(found.values()), weights, missing)


def _cell(account: str, judgements: Sequence[Judgement]) -> LedgerCell:
    """Hull of the judges' ranges."""
    return LedgerCell(
        account,
        min(one.low for one in judgements),
        max(one.high for one in judgements),
        tuple((one.judge, one.low, one.high, one.why) for one in judgements),
    )


def _told(line: Line, rivals: tuple[str, ...], without: float | None) -> LedgerLine:
    row = line.row
    decibans = tuple(
        (rival, float(low), float(middle), float(high))
        for rival, (low, middle, high) in zip(rivals, line.weights, strict=True)
    )
    return LedgerLine(
        row.id,
        row.observation,
        row.events,
        row.group,
        row.interested,
        row.eligible,
        line.cells,
        decibans,
        without,
        judges_differ(line.cells),
    )


def judges_differ(cells: Sequence[LedgerCell]) -> bool:
    """Whether two judges' ranges for one cell do not touch, or their middles point to different accounts.

    The first cell is the claim's.
    """
    for cell in cells:
        if max(low for _, low, _, _ in cell.judges) > min(high for _, _, high, _ in cell.judges):
            return True
    if not cells:
        return False
    middles = [{judge: log10(low * high) / 2 for judge, low, high, _ in cell.judges} for cell in cells]
    for rival in middles[1:]:
        sides = {
            np.sign(round(middles[0][judge] - rival[judge], 9)) for judge in middles[0].keys() & rival.keys()
        }
        if {-1.0, 1.0} <= sides:
            return True
    return False


def _gate(lines: Sequence[Line]) -> tuple[Gate, ...]:
    lacking = [
        f"{line.row.id} under {', '.join(line.missing)}"
        for line in lines
        if line.row.eligible and line.missing
    ]
    return (Gate("every weighed row judged under every account", not lacking, "; ".join(lacking)),)


def _sentence(total: Sum, best: str, rows: int) -> str:
    ours, theirs = total.weight_for, total.weight_against
    noun = "row" if rows == 1 else "rows"
    return (
        f"{rows} {noun}: {ours.middle:+.1f} dB ({ours.low:+.1f} to {ours.high:+.1f}) against the best rival, {best}; "
        f"{theirs.middle:+.1f} dB ({theirs.low:+.1f} to {theirs.high:+.1f}) against the mixture of rivals."
    )
