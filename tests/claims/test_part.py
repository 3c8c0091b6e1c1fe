"""One part from a record to a verdict, and all parts to an assessment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from standoff.claims import conclude, run_part
from standoff.claims.rules import rules_hash
from standoff.errors import SettingsError
from standoff.record.rows import Judgement, LedgerRow

from .invented import ORDER, claim, drawn, make_record, part

LEDGER = {"test": "ledger", "rivals": ["other"]}


def ledger_row(name: str, **changes) -> LedgerRow:
    row = LedgerRow(name, "C1-stance", "A letter.", (), "", False, True, ("paper",), "high", "read", "")
    return replace(row, **changes)


def judgement(row: str, account: str, low: float, high: float, judge: str = "j1") -> Judgement:
    return Judgement(f"{row}-{account}-{judge}", row, account, judge, low, high, "because")


def strong_ledger(part_id: str = "C1-stance") -> dict:
    rows = (ledger_row("L1", part=part_id), ledger_row("L2", part=part_id, group="g"))
    cells = tuple(
        judgement(row, account, *bounds)
        for row in ("L1", "L2")
        for account, bounds in (("C1", (0.6, 0.8)), ("other", (0.05, 0.1)))
    )
    return {"ledger": rows, "judgements": cells}


def assess(record, seed=3):
    parts = {c.id: tuple(run_part(record, c, p, seed) for p in c.parts) for c in record.claims.claims}
    return conclude(record, parts, seed)


@pytest.mark.parametrize(("effect", "word"), [(45, "leans for"), (-45, "leans against")])
def test_a_large_planted_effect_is_found_on_its_side(effect, word):
    effects = claim([part(tests=[{**ORDER, "size": 30}, {"test": "multiverse"}, {"test": "tell"}])])
    record = drawn(5, effect=effect, points=40, claims=[effects])
    (result,) = assess(record).claims
    assert result.verdict == word, result.parts[0].verdict
    only = result.parts[0]
    assert only.order is not None and only.order.p is not None and only.order.p <= 0.1
    assert only.order.p_holm == pytest.approx(only.order.p)
    assert only.verdict.next_word in ("supported", "contradicted")
    assert any("no model is fitted" in cap for cap in only.verdict.caps)


def test_turning_the_claim_turns_the_verdict():
    tests = [{**ORDER, "size": 30}]
    up = drawn(5, effect=45, points=40, claims=[claim([part(tests=tests)])])
    down = drawn(5, effect=45, points=40, claims=[claim([part(tests=tests, sign="-")])])
    assert assess(up).claims[0].verdict == "leans for"
    assert assess(down).claims[0].verdict == "leans against"


def test_a_ledger_that_points_the_other_way_undoes_a_lean():
    tests = [{**ORDER, "size": 30}, LEDGER]
    made = strong_ledger()
    turned = tuple(
        replace(cell, account="other" if cell.account == "C1" else "C1") for cell in made["judgements"]
    )
    record = drawn(
        5, effect=45, points=40, claims=[claim([part(tests=tests)])], **(made | {"judgements": turned})
    )
    assert assess(record).claims[0].verdict == "cannot tell"
    record = drawn(5, effect=45, points=40, claims=[claim([part(tests=tests)])], **made)
    assert assess(record).claims[0].verdict == "leans for"


def test_a_claim_takes_its_lowest_necessary_part_and_an_unverified_quotation_sinks_it():
    quote = part(
        id="C1-quote",
        kind="quotation",
        tests=[{"test": "quotation", "quote": "We wait.", "found": False, "note": "Not found."}],
    )
    belief = part(id="C1-belief", kind="belief", tests=[LEDGER])
    made = strong_ledger("C1-belief")
    record = make_record([claim([belief])], **made)
    assert assess(record).claims[0].verdict == "leans for"
    record = make_record([claim([belief, quote])], **made)
    (result,) = assess(record).claims
    assert (result.verdict, result.deciding_part) == ("unverified", "C1-quote")
    record = make_record([claim([belief, {**quote, "necessary": False}])], **made)
    assert assess(record).claims[0].verdict == "leans for"


def test_what_would_change_the_answer():
    belief = part(id="C1-belief", kind="belief", tests=[LEDGER])
    ask = {"observation": "The minutes.", "form": "document", "part": "C1-belief"}
    record = make_record(
        [
            claim(
                [belief],
                would_change=[
                    {**ask, "if_claim": 0.9, "if_rival": 0.05},
                    {**ask, "observation": "A memoir.", "if_claim": 0.3, "if_rival": 0.2},
                ],
            )
        ],
        ledger=(ledger_row("L1", part="C1-belief"),),
        judgements=(judgement("L1", "C1", 0.2, 0.4), judgement("L1", "other", 0.05, 0.19)),
    )
    (result,) = assess(record).claims
    assert result.verdict == "cannot tell"
    first, second = result.would_change
    assert (first.observation, first.would_say) == ("The minutes.", "leans for")
    assert (second.observation, second.would_say) == ("A memoir.", "cannot tell")
    assert first.if_found == 10.0  # bounded as a row is; 10 log10(18) is 12.6
    assert first.if_not == pytest.approx(-9.777, abs=0.001)
    assert first.expected_shift == pytest.approx(0.475 * 10 + 0.525 * 9.777, abs=0.001)


def test_adding_a_part_changes_no_other_number():
    one = drawn(8, effect=20, claims=[claim([part()])])
    other = part(id="C1-trucks", tests=[{**ORDER, "outcome": {"series": "trucks"}}])
    two = drawn(8, effect=20, claims=[claim([other, part()])])
    first = run_part(one, one.claims.claims[0], one.claims.claims[0].parts[0], 3)
    again = run_part(two, two.claims.claims[0], two.claims.claims[0].parts[1], 3)
    assert first == again


def test_same_seed_same_result_and_another_seed_another_p():
    record = drawn(8, effect=10, claims=[claim([part()])])
    mine = record.claims.claims[0]
    first, again, other = (run_part(record, mine, mine.parts[0], seed) for seed in (3, 3, 4))
    assert first == again
    assert first.order is not None and other.order is not None
    assert first.order.effect == other.order.effect
    assert first.order.p != other.order.p


def test_holm_runs_over_all_claims_and_touches_no_lean():
    pytest.importorskip("statsmodels")
    claims = [
        claim([part(id=f"C{k}-stance", sign="+" if k % 2 else "-")], id=f"C{k}", list="A" if k < 2 else "B")
        for k in range(4)
    ]
    record = drawn(5, effect=45, points=40, claims=claims)
    assessment = assess(record)
    raw = [c.parts[0].order.p for c in assessment.claims]
    adjusted = [c.parts[0].order.p_holm for c in assessment.claims]
    assert assessment.parts_with_p == 4
    assert all(a >= p for a, p in zip(adjusted, raw, strict=True))
    assert min(adjusted) == pytest.approx(min(1, 4 * min(raw)))
    assert 0 <= assessment.leans_by_chance <= 4
    assert assessment.rules == rules_hash()


def test_a_record_without_signals_or_without_stance_cannot_tell():
    for record in (
        drawn(5, signals=0, claims=[claim([part()])]),
        drawn(5, points=0, claims=[claim([part()])]),
        drawn(5, points=3, claims=[claim([part()])]),
        make_record([claim([part()])]),
    ):
        (result,) = assess(record).claims
        assert result.verdict == "cannot tell"
        assert result.parts[0].order.p is None


def test_two_tests_of_one_sort_in_a_part_are_refused():
    doubled = claim([part(tests=[ORDER, ORDER])])
    record = drawn(5, claims=[doubled])
    with pytest.raises(SettingsError, match="two tests of the sort order or contrast"):
        run_part(record, doubled, doubled.parts[0], 1)


def test_progress_is_told_by_phase():
    record = drawn(8, claims=[claim([part()])])
    mine = record.claims.claims[0]
    said = []
    run_part(record, mine, mine.parts[0], 3, lambda *words: said.append(words))
    assert {phase for phase, _, _ in said} == {"specifications", "simulated worlds"}
    assert all(0 < done <= total for _, done, total in said)
