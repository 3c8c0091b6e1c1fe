"""The claims of the shipped case: all there, of the kinds that the verdict rules give them, and put by the same rules."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from standoff.panel import Options, baseline_options, select_events
from standoff.record import check_case, load_case
from standoff.record.case_schema import Selector
from standoff.record.claims_schema import (
    Claim,
    ClaimList,
    ContrastTest,
    LedgerTest,
    OrderTest,
    Part,
    QuotationTest,
    ShareTest,
    StanceOutcome,
    Test,
)
from standoff.record.rows import Record

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "src" / "standoff" / "cases" / "gaza-2023-2025"
HOW_TO = ROOT / "docs" / "how-to" / "write-a-claim.md"

KINDS = {
    "A1.stance": "effect-several",
    "A1.public-not-private": "effect-several",
    "A1.criticism-not-support": "effect-several",
    "A1.delay": "effect-few",
    "A2.words": "quotation",
    "A2.main-channel": "belief",
    "A3.words": "quotation",
    "A4.stance": "effect-few",
    "A5.losses": "effect-several",
    "A5.not-diplomacy": "effect-several",
    "A5.rafah": "effect-few",
    "A6.surprise": "belief",
    "A7.openings": "effect-several",
    "A7.closures": "effect-several",
    "A7.flow": "effect-several",
    "A8.stated": "pattern",
    "A8.aims": "belief",
    "A9.held-back": "counterfactual",
    "A9.effect": "counterfactual",
    "A10.force": "lesson",
    "A10.restraint": "lesson",
    "B1.terms": "effect-several",
    "B1.coalition": "effect-several",
    "B1.delay": "effect-few",
    "B1.would-have": "counterfactual",
    "B2.failed-on": "pattern",
    "B2.aims": "belief",
    "B3.shift": "effect-few",
    "B4.shift": "effect-few",
    "B5.a-threat": "effect-few",
    "B5.b-pressure": "effect-few",
    "B6.setback": "effect-few",
    "B7.deaths": "effect-several",
    "B7.balance": "pattern",
    "B8.optimism": "effect-several",
    "B8.not-criticism": "effect-several",
    "B9.reward": "effect-several",
    "B10.same-text": "pattern",
}
CONTRASTS = {  # "not X but Y" is tested as a difference
    "A1.public-not-private",
    "A1.criticism-not-support",
    "A5.not-diplomacy",
    "A10.restraint",
    "B8.not-criticism",
    "B9.reward",
}
PARTY_TERMS = re.compile(
    r"\b(?:terror|resistance|occupation|occupied|occupier|genocid|martyr|aggression|massacre|regime|zionist|apartheid"
    r"|savage|monster|barbar|liberat|cleansing|atrocit|blackmail|executed|brutal|heroic|slaughter|butcher|crusade"
    r"|murder|propaganda|so-called)",
    re.IGNORECASE,
)
HINTS = re.compile(
    r"\b(?:clearly|obviously|evidently|of course|in fact|proves?|proved|contradicts?|refutes?|undermines?|debunk\w*"
    r"|admit\w*|merely|supports? the|consistent with|as expected|even though|tellingly|notably)\b",
    re.IGNORECASE,
)
ROW_ID = re.compile(r"\b[EP]\d{3,4}\b")


def rows_of(table: str) -> list[dict[str, str]]:
    with (FOLDER / table).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The case without its ledger, so that the claims can be examined whether or not they have been judged."""
    folder = tmp_path_factory.mktemp("case") / "gaza"
    shutil.copytree(FOLDER, folder)
    for name in ("ledger.csv", "judgements.csv"):
        (folder / name).unlink(missing_ok=True)
    return load_case(folder)


@pytest.fixture(scope="module")
def parts(record: Record) -> dict[str, Part]:
    return {part.id: part for claim in record.claims.claims for part in claim.parts}


@pytest.fixture(scope="module")
def ledger() -> list[dict[str, str]]:
    return rows_of("ledger.csv")


def cited(row: dict[str, str]) -> set[str]:
    return set(filter(None, row["events"].split(";")))


def effect(part: Part) -> OrderTest | ContrastTest | None:
    return next((test for test in part.tests if isinstance(test, OrderTest | ContrastTest)), None)


def texts(claim: Claim) -> list[str]:
    own = [claim.statement, claim.said_by, claim.mechanism, claim.caution]
    own += [*claim.should_show, *claim.should_not_show]
    own += [part.statement for part in claim.parts]
    own += [coming.observation for coming in claim.would_change]
    shares = [test for part in claim.parts for test in part.tests if isinstance(test, ShareTest)]
    return own + [unit.why for share in shares for unit in share.units]


def test_all_twenty_claims_are_there(record: Record) -> None:
    wanted = [f"{list_}{number}" for list_ in "AB" for number in range(1, 11)]
    assert [claim.id for claim in record.claims.claims] == wanted
    assert all(claim.list == claim.id[0] for claim in record.claims.claims)


def test_every_part_has_the_kind_that_the_rules_give_it(parts: dict[str, Part]) -> None:
    assert {name: part.kind for name, part in parts.items()} == KINDS
    assert {name for name, part in parts.items() if isinstance(effect(part), ContrastTest)} == CONTRASTS


def test_every_claim_has_a_necessary_part_and_something_that_would_change_it(record: Record) -> None:
    for claim in record.claims.claims:
        assert any(part.necessary for part in claim.parts), claim.id
        assert 2 <= len(claim.would_change) <= 4, claim.id
        assert all(coming.if_claim != coming.if_rival for coming in claim.would_change), claim.id


def test_every_effect_is_repeated_over_the_coding_choices(parts: dict[str, Part]) -> None:
    for name, part in parts.items():
        if effect(part) is not None:
            assert "multiverse" in [test.test for test in part.tests], name


def test_the_quotation_that_was_not_found_is_evidence_nowhere(
    record: Record, parts: dict[str, Part], ledger: list[dict[str, str]]
) -> None:
    (test,) = parts["A3.words"].tests
    assert isinstance(test, QuotationTest)
    assert test.found is False and test.rows == ()
    assert not [row["id"] for row in ledger if row["part"].startswith("A3")]
    rivals = {
        rival
        for part in parts.values()
        for t in part.tests
        if isinstance(t, LedgerTest)
        for rival in t.rivals
    }
    assert "A3" not in rivals
    copies = {source.id for source in record.sources if "Failures of De-escalation" in source.label}
    assert copies
    assert not [row["id"] for row in ledger if copies & set(row["source"].split(";"))]


def test_the_cut_quotation_says_that_it_is_cut(parts: dict[str, Part]) -> None:
    (test,) = parts["A2.words"].tests
    assert isinstance(test, QuotationTest)
    assert (test.found, test.exact, test.whole, test.speaker, test.independent) == (
        True,
        True,
        False,
        True,
        True,
    )


def test_every_id_in_the_claims_and_the_ledger_resolves() -> None:
    mistakes = [m for m in check_case(FOLDER) if m.file in ("claims.yaml", "ledger.csv")]
    assert [m for m in mistakes if m.code != "missing-judgement"] == []


def test_every_id_named_in_a_text_resolves(record: Record) -> None:
    known = {row.id for row in (*record.events, *record.positions)}
    named = {name for claim in record.claims.claims for text in texts(claim) for name in ROW_ID.findall(text)}
    assert len(named) > 50
    assert named <= known


def test_no_row_weighs_what_a_test_of_its_part_already_reads(
    record: Record, parts: dict[str, Part], ledger: list[dict[str, str]]
) -> None:
    """An eligible row must rest on something besides its part's signals and the outcome side's recorded stances."""
    read = {name: signals(record, part) | stances(record, part) for name, part in parts.items()}
    assert len(read["A1.stance"]) > 20
    double = [
        row["id"]
        for row in ledger
        if row["eligible"] == "yes" and cited(row) and cited(row) <= read[row["part"]]
    ]
    assert double == []


def signals(record: Record, part: Part) -> set[str]:
    test = effect(part)
    if test is None:
        return set()
    selectors: list[Selector] = [test.signal]
    if isinstance(test, ContrastTest):
        selectors += [test.against, *([test.action] if test.action is not None else [])]
    base = baseline_options(record.case)
    ways: list[Options] = [
        base._replace(intensity=1, basis="all", outlets="all", collection="both", reading=reading, acts=acts)
        for reading in ("first", "second")
        for acts in ("with-statements", "apart")
    ]
    return {e.id for selector in selectors for way in ways for e in select_events(record, selector, way)}


def stances(record: Record, part: Part) -> set[str]:
    """Events that record, on the same day and by the same side, a position that the part's outcome reads."""
    test = effect(part)
    if test is None or not isinstance(test.outcome, StanceOutcome):
        return set()
    actors = set(record.case.stance.actors[test.outcome.stance])
    days = {p.date for p in record.positions if actors & set(p.actor) and p.level is not None}
    return {
        e.id
        for e in record.events
        if e.date in days and actors & set(e.actor) and e.kind in ("REQUEST", "REJECT", "YIELD", "COOPERATE")
    }


def test_rows_on_one_event_share_a_group(ledger: list[dict[str, str]]) -> None:
    apart = [
        (one["id"], two["id"])
        for i, one in enumerate(ledger)
        for two in ledger[i + 1 :]
        if one["part"] == two["part"] and cited(one) & cited(two) and one["group"] != two["group"]
    ]
    assert apart == []


def test_every_ledger_has_rows_and_every_row_a_source(
    parts: dict[str, Part], ledger: list[dict[str, str]]
) -> None:
    for name, part in parts.items():
        rows = [row for row in ledger if row["part"] == name]
        has_test = any(isinstance(test, LedgerTest) for test in part.tests)
        assert (4 <= len(rows) <= 10) == has_test, name
    assert all(row["source"] for row in ledger)
    assert len({row["observation"] for row in ledger if row["part"] == "A1.stance"}) > 5


def test_what_suggested_a_claim_is_shown_and_weighs_nothing(ledger: list[dict[str, str]]) -> None:
    silent = {row["part"].split(".")[0] for row in ledger if row["eligible"] == "no"}
    assert silent >= {"A1", "A2", "A5", "B1", "B3", "B6", "B7", "B8", "B9"}
    assert all(row["note"] for row in ledger if row["eligible"] == "no")


def test_both_lists_are_put_by_the_same_schema_and_the_same_sizes(record: Record) -> None:
    lists = {name: [c for c in record.claims.claims if c.list == name] for name in ("A", "B")}
    sizes: dict[str, set[float]] = {}
    for name, claims in lists.items():
        effects = [effect(part) for claim in claims for part in claim.parts]
        sizes[name] = {t.size for t in effects if t is not None and isinstance(t.outcome, StanceOutcome)}
        rivals = {
            rival
            for claim in claims
            for part in claim.parts
            for test in part.tests
            if isinstance(test, LedgerTest)
            for rival in test.rivals
        }
        other = {c.id for c in lists["B" if name == "A" else "A"]}
        assert rivals & other, f"list {name} meets no rival from the other list"
        assert all(claim.should_show and claim.should_not_show for claim in claims)
    assert sizes["A"] == sizes["B"] == {20.0}
    lines = {
        test.line
        for c in record.claims.claims
        for p in c.parts
        for test in p.tests
        if isinstance(test, ShareTest)
    }
    assert lines == {0.5}


def test_rows_are_picked_by_hand_only_where_the_codebook_has_no_name(parts: dict[str, Part]) -> None:
    by_hand = {
        name
        for name, part in parts.items()
        if (test := effect(part)) is not None
        and (test.signal.events or (isinstance(test, ContrastTest) and test.against.events))
    }
    assert by_hand == {"A4.stance", "A5.rafah", "B3.shift", "B4.shift", "B9.reward"}


def test_words_are_neutral(record: Record, ledger: list[dict[str, str]]) -> None:
    claims = [text for claim in record.claims.claims for text in (*texts(claim), claim.title)]
    accounts = [account.statement for account in record.claims.accounts]
    rows = [text for row in ledger for text in (row["observation"], row["note"])]
    assert [text for text in (*claims, *accounts, *rows) if PARTY_TERMS.search(text)] == []


def test_an_observation_does_not_hint_at_a_verdict(ledger: list[dict[str, str]]) -> None:
    assert [row["id"] for row in ledger if HINTS.search(row["observation"])] == []


def test_the_word_lists_catch_what_they_should() -> None:
    assert PARTY_TERMS.search("the regime") and PARTY_TERMS.search("liberated")
    assert HINTS.search("This clearly shows") and HINTS.search("which proves that")
    assert not HINTS.search("He approved the plan.")


def how_to_blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)


def test_the_how_to_shows_every_test_and_its_yaml_is_valid() -> None:
    whole, *tests = how_to_blocks()
    yaml = YAML(typ="safe")
    claims = ClaimList.model_validate(yaml.load(whole))
    shown = {test.test for claim in claims.claims for part in claim.parts for test in part.tests}
    some_tests = TypeAdapter(tuple[Test, ...])
    for block in tests:
        shown |= {test.test for test in some_tests.validate_python(yaml.load(block))}
    assert shown == {"order", "contrast", "share", "ledger", "quotation", "multiverse", "tell"}
