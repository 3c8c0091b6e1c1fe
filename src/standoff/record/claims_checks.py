"""Judges what `claims.yaml` says as a whole, and whether the ledger's judgements are all there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from standoff.errors import Mistake
from standoff.record.case_schema import CaseFrame
from standoff.record.claims_schema import (
    Claim,
    ClaimList,
    ContrastTest,
    LedgerTest,
    MultiverseTest,
    OrderTest,
    Part,
    QuotationTest,
    SeriesOutcome,
    ShareTest,
    Test,
)
from standoff.record.codes import Place, did_you_mean, mistake, shown
from standoff.record.frame_checks import duplicates
from standoff.record.known import Known
from standoff.record.rows import LedgerRow
from standoff.record.schema_mistakes import Loc, Locator
from standoff.record.selector_checks import check_selector, references
from standoff.record.sheets import Sheet

Found = Iterator[Mistake]

_NEEDED_TEST = {"pattern": "share", "quotation": "quotation", "belief": "ledger"}


def check_claims(claims: ClaimList, known: Known, at: Locator) -> Found:
    """Every mistake of a list of claims whose values are each well formed."""
    yield from duplicates([claim.id for claim in claims.claims], at, ("claims",))
    yield from _account_ids(claims, at)
    parts: dict[str, int] = {}
    for index, claim in enumerate(claims.claims):
        loc: Loc = ("claims", index)
        yield from references(known, "source", claim.source, at, (*loc, "source"))
        yield from references(known, "row", claim.evidence, at, (*loc, "evidence"))
        yield from _repeated(claim.models, claim.id, at, (*loc, "models"))
        yield from _part_ids(claim, parts, at, loc)
        for number, part in enumerate(claim.parts):
            yield from _part(claim, part, known, at, (*loc, "parts", number))
        yield from _next_observations(claim, at, loc)


def _account_ids(claims: ClaimList, at: Locator) -> Found:
    yield from duplicates([account.id for account in claims.accounts], at, ("accounts",))
    of_claims = {claim.id for claim in claims.claims}
    for index, account in enumerate(claims.accounts):
        if account.id in of_claims:
            what = f"the id {shown(account.id)} is already that of a claim"
            yield mistake(at(("accounts", index, "id")), "duplicate-id", what)


def _part_ids(claim: Claim, seen: dict[str, int], at: Locator, loc: Loc) -> Found:
    for number, part in enumerate(claim.parts):
        here = at((*loc, "parts", number, "id"))
        if part.id in seen:
            what = f"the part id {shown(part.id)} is already in line {seen[part.id]}"
            yield mistake(here, "duplicate-id", what)
        seen.setdefault(part.id, here.line)


def _next_observations(claim: Claim, at: Locator, loc: Loc) -> Found:
    own = tuple(part.id for part in claim.parts)
    for number, coming in enumerate(claim.would_change):
        if coming.part not in own and at.whole((*loc, "parts")):
            what = f"{shown(coming.part)} is no part of `{claim.id}`"
            do = did_you_mean(coming.part, own) or f"its parts are: {', '.join(own)}"
            yield mistake(at((*loc, "would_change", number, "part")), "unknown-part", what, do)


def _part(claim: Claim, part: Part, known: Known, at: Locator, loc: Loc) -> Found:
    names, whole = [test.test for test in part.tests], at.whole(loc)
    for number, test in enumerate(part.tests):
        here: Loc = (*loc, "tests", number)
        if names.index(test.test) < number:
            what = f"`{part.id}` has the test `{test.test}` twice"
            yield mistake(at(here), "repeated-test", what)
        if whole and test.test in ("multiverse", "tell") and not {"order", "contrast"} & set(names):
            what = f"`{part.id}` has `{test.test}` without an order or a contrast test"
            yield mistake(at(here), "test-without-effect", what)
        yield from _test(claim, test, known, at, here)
    if "order" in names and "contrast" in names:
        yield mistake(
            at((*loc, "tests")), "order-and-contrast", f"`{part.id}` has both an order and a contrast test"
        )
    needed = _NEEDED_TEST.get(part.kind)
    if whole and needed and needed not in names:
        what = f"`{part.id}` is of kind `{part.kind}` and has no `{needed}` test"
        yield mistake(at((*loc, "tests")), "part-without-test", what, do=f"add `- test: {needed}`")


def _test(claim: Claim, test: Test, known: Known, at: Locator, loc: Loc) -> Found:
    if isinstance(test, OrderTest | ContrastTest):
        yield from _effect(test, known, at, loc)
    elif isinstance(test, ShareTest):
        yield from duplicates([unit.id for unit in test.units], at, (*loc, "units"))
        for number, unit in enumerate(test.units):
            yield from references(known, "row", unit.rows, at, (*loc, "units", number, "rows"))
    elif isinstance(test, LedgerTest):
        yield from references(known, "rival", test.rivals, at, (*loc, "rivals"))
        yield from _repeated(test.rivals, claim.id, at, (*loc, "rivals"))
    elif isinstance(test, QuotationTest):
        yield from references(known, "row", test.rows, at, (*loc, "rows"))
    elif isinstance(test, MultiverseTest):
        yield from references(known, "choice", test.vary, at, (*loc, "vary"))


def _effect(test: OrderTest | ContrastTest, known: Known, at: Locator, loc: Loc) -> Found:
    yield from check_selector(test.signal, known, at, (*loc, "signal"))
    outcome = test.outcome
    if isinstance(outcome, SeriesOutcome) and not known.has("series", outcome.series):
        code, what, do = known.complaint("series", outcome.series)
        yield mistake(at((*loc, "outcome", "series")), code, what, do)
    if isinstance(test, ContrastTest):
        yield from check_selector(test.against, known, at, (*loc, "against"))
        if test.action is not None:
            yield from check_selector(test.action, known, at, (*loc, "action"))
        if (test.action is None) != (test.with_action_days is None):
            there = "with_action_days" if test.action is None else "action"
            yield mistake(at((*loc, there)), "action-mismatch", f"`{there}` stands alone")


def _repeated(rivals: Sequence[str], own: str, at: Locator, loc: Loc) -> Found:
    seen: set[str] = set()
    for index, rival in enumerate(rivals):
        if rival in seen:
            yield mistake(at((*loc, index)), "repeated-item", f"the rival {shown(rival)} is named twice")
        seen.add(rival)
        if rival == own:
            yield mistake(at((*loc, index)), "unknown-rival", f"`{own}` cannot be its own rival")


class Ledgers(NamedTuple):
    """For each part: the accounts under which its rows are judged, the claim's own first; ``None`` without a ledger."""

    accounts: Mapping[str, tuple[str, ...] | None]


def ledgers(claims: ClaimList, at: Locator) -> Ledgers:
    """The ledgers of a list of claims; parts of which a bad value was set aside are left out."""
    accounts: dict[str, tuple[str, ...] | None] = {}
    for index, claim in enumerate(claims.claims):
        for number, part in enumerate(claim.parts):
            if not at.whole(("claims", index, "parts", number)):
                continue
            test = next((one for one in part.tests if isinstance(one, LedgerTest)), None)
            accounts[part.id] = None if test is None else (claim.id, *test.rivals)
    return Ledgers(accounts)


class LedgerSheets(NamedTuple):
    """The two tables of the ledgers as read: rows with their numbers in the sheet, and every judgement's raw keys."""

    ledger: Sheet
    rows: Sequence[LedgerRow]
    numbers: Sequence[int]
    judgements: Sheet | None


_ROW, _ACCOUNT, _JUDGE = 1, 2, 3  # columns of judgements.csv


def check_ledger(sheets: LedgerSheets, of: Ledgers, frame: CaseFrame | None) -> Found:
    """Rows without a ledger, judgements under a wrong account or given twice, and judgements that are missing."""
    for row, number in zip(sheets.rows, sheets.numbers, strict=True):
        if row.part in of.accounts and of.accounts[row.part] is None:
            what = f"`{row.id}` belongs to `{row.part}`, which has no ledger test"
            yield mistake(sheets.ledger.place(number, 1), "ledger-without-test", what)
    if sheets.judgements is not None:
        yield from _given(sheets, sheets.judgements, of)
    if frame is not None:
        yield from _missing(sheets, of, tuple(judge.id for judge in frame.judges))


def _given(sheets: LedgerSheets, judgements: Sheet, of: Ledgers) -> Found:
    part_of = {row.id: row.part for row in sheets.rows}
    first: dict[tuple[str, ...], int] = {}
    for number, cells in enumerate(judgements.rows):
        accounts = of.accounts.get(part_of.get(cells[_ROW], ""))
        if accounts and cells[_ACCOUNT] and cells[_ACCOUNT] not in accounts:
            do = did_you_mean(cells[_ACCOUNT], accounts) or f"the accounts are: {', '.join(accounts)}"
            what = f"`{cells[_ROW]}` is not judged under the account {shown(cells[_ACCOUNT])}"
            yield mistake(judgements.place(number, _ACCOUNT), "unknown-account", what, do)
        key = tuple(cells[_ROW : _JUDGE + 1])
        if key in first:
            line = judgements.starts[first[key]]
            what = f"`{key[2]}` has already judged `{key[0]}` under `{key[1]}` in line {line}"
            yield mistake(judgements.place(number, _ROW), "duplicate-judgement", what)
        first.setdefault(key, number)


def _missing(sheets: LedgerSheets, of: Ledgers, judges: tuple[str, ...]) -> Found:
    eligible = [pair for pair in zip(sheets.rows, sheets.numbers, strict=True) if pair[0].eligible]
    whole = Place(sheets.ledger.table.file)
    if eligible and not judges:
        yield mistake(
            whole, "missing-judgement", "case.yaml declares no judges", do="declare them under `judges`"
        )
    if eligible and sheets.judgements is None:
        yield mistake(whole, "missing-judgement", "there is no judgements.csv", do="add the file")
        return
    rows = sheets.judgements.rows if sheets.judgements else []
    given = {tuple(cells[_ROW : _JUDGE + 1]) for cells in rows}
    for row, number in eligible:
        for account in of.accounts.get(row.part) or ():
            for judge in judges:
                if (row.id, account, judge) not in given:
                    what = f"`{row.id}` has no range by `{judge}` under `{account}`"
                    yield mistake(sheets.ledger.place(number), "missing-judgement", what)
