"""Every mistake that a person can make in a case: its code, its exact place, and that nothing else is blamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from standoff.record import check_case
from standoff.record.codes import CODES
from tests.record.example_case import edit, fresh, only

# code, file, text that is there, text that replaces it (¦ marks the place), words in the advice
EDITS = [
    # YAML itself
    ("yaml-syntax", "case.yaml", "period:\n", "period: [\n", ""),
    ("yaml-duplicate-key", "case.yaml", "format: 1\n", "format: 1\n¦format: 1\n", "keep one"),
    ("yaml-alias", "case.yaml", "title: ", "title: ¦*nobody\nsummary2: ", ""),
    ("yaml-tag", "case.yaml", "title: ", "title: ¦!!python/object/apply:os.system ", "remove the tag"),
    ("yaml-key", "case.yaml", "format: 1\n", "format: 1\n? ¦[a, b]\n: 1\n", ""),
    ("yaml-documents", "case.yaml", "format: 1\n", "format: 1\n¦---\n", ""),
    ("yaml-too-deep", "case.yaml", "title: ", "title: " + "[" * 23 + "¦[\n#", ""),
    # what the schema asks
    ("missing-key", "case.yaml", "  coding: One person wrote the rows and their codes together.\n", "", "add `coding: ...`"),
    ("unknown-key", "case.yaml", "step: month\n    aggregate: last", "step: month\n    ¦agregate: last", "did you mean `aggregate`"),
    ("unknown-key", "claims.yaml", "            size: 5", "            ¦sise: 5\n            size: 5", "did you mean `size`"),
    ("not-a-block", "case.yaml", "period:\n  start: 2000-01-03\n  end: 2000-06-30\n  extension_end: 2000-07-31\n", "period: ¦2000\n", ""),
    ("not-a-list", "case.yaml", "    coercer: [coercer-1]", "    coercer: ¦coercer-1", ""),
    ("empty-list", "claims.yaml", "            rivals: [ordinary-causes, B1]", "            rivals: ¦[]", ""),
    ("not-text", "case.yaml", 'title: "Example: holder, coercer, patron"', "title: ¦2000", "quotes"),
    ("empty-text", "case.yaml", 'title: "Example: holder, coercer, patron"', "title: ¦''", "write the text"),
    ("long-text", "case.yaml", 'title: "Example: holder', 'title: ¦"' + "x" * 20_001, "shorten"),
    ("bad-value", "case.yaml", "    name: The holder\n", "    ¦name:\n", "give the value"),
    ("bad-id", "case.yaml", "{id: offensive, name", "{id: ¦1st-offensive, name", "begin with a letter"),
    ("bad-date", "case.yaml", "  end: 2000-06-30", "  end: ¦30.6.2000", "year-month-day"),
    ("bad-date", "case.yaml", "  end: 2000-06-30", "  end: ¦20000630", "year-month-day"),
    ("bad-date", "case.yaml", "  end: 2000-06-30", "  end: ¦2000-06-31", "year-month-day"),
    ("bad-yes-no", "claims.yaml", "                holds: no\n", "                holds: ¦perhaps\n", "`yes` or `no`"),
    ("not-a-number", "case.yaml", "zone_valid_weeks: 13", "zone_valid_weeks: ¦some", "digits"),
    ("decimal-comma", "claims.yaml", "if_claim: 0.4", 'if_claim: ¦"0,4"', "`0.4`"),
    ("impossible-number", "case.yaml", "      - {level: 50, meaning: ten}", "      - {level: ¦140, meaning: ten}", ""),
    ("impossible-number", "case.yaml", "weights: {pause: 2,", "weights: {pause: ¦.inf,", ""),
    ("impossible-number", "claims.yaml", "if_claim: 0.4", "if_claim: ¦.nan", ""),
    ("unknown-value", "case.yaml", "    role: mediator", "    role: ¦mediater", "did you mean `mediator`"),
    ("unknown-value", "claims.yaml", "- test: multiverse", "- ¦test: multivers", "did you mean `multiverse`"),
    # cells
    ("bad-id", "events.csv", "E02,2000", "¦2nd,2000", ""),
    ("bad-date", "events.csv", "E02,2000-01-17", "E02,¦17/1/2000", "`2000-01-17`"),
    ("bad-date", "events.csv", "E02,2000-01-17", "E02,¦2000-02-30", ""),
    ("bad-date", "events.csv", "E02,2000-01-17", "E02,¦1/2/2000", "day-month or as month-day"),
    ("bad-yes-no", "ledger.csv", ",papers,no,", ",papers,¦FALSE,", "`no`"),
    ("not-a-number", "positions.csv", ",60,days,pause,60,The holder asked", ",¦sixty,days,pause,60,The holder asked", ""),
    ("not-a-number", "series.csv", ",20,S01,high,read,\nH02", ",¦nan,S01,high,read,\nH02", "leave the cell empty"),
    ("not-a-number", "series.csv", ",20,S01,high,read,\nH02", ",¦1 200,S01,high,read,\nH02", "`1200`"),
    ("not-a-number", "events.csv", "enable,3,first,,The patron promised", "enable,¦2.5,first,,The patron promised", "whole"),
    ("decimal-comma", "series.csv", ",20,S01,high,read,\nH02", ',¦"3,5",S01,high,read,\nH02', "write `3.5`"),
    ("decimal-comma", "series.csv", ",20,S01,high,read,\nH02", ',¦"1,200",S01,high,read,\nH02', "`1200`"),
    ("impossible-number", "events.csv", "enable,3,first,,The patron promised", "enable,¦7,first,,The patron promised", ""),
    ("impossible-number", "positions.csv", ",60,days,pause,60,The holder asked", ",60,days,pause,¦140,The holder asked", ""),
    ("impossible-number", "positions.csv", ",60,days,pause,60,The holder asked", ",¦-60,days,pause,60,The holder asked", ""),
    ("impossible-number", "series.csv", ",20,S01,high,read,\nH02", ",¦-1,S01,high,read,\nH02", ""),
    ("impossible-number", "series.csv", ",20,S01,high,read,\nH02", ",¦1e999,S01,high,read,\nH02", ""),
    ("impossible-number", "series.csv", ",20,S01,high,read,\nH02", ",¦1e308,S01,high,read,\nH02", ""),
    ("impossible-number", "case.yaml", "weights: {pause: 2,", "weights: {pause: ¦1e308,", ""),
    ("impossible-number", "claims.yaml", "            size: 5", "            size: ¦1e308", ""),
    ("impossible-number", "judgements.csv", ",0.2,0.4,Such", ",0.2,¦1.4,Such", ""),
    ("impossible-number", "judgements.csv", ",0.2,0.4,Such", ",¦0,0.4,Such", ""),
    ("unknown-value", "events.csv", "public,SUPPORT,enable,3,first,,The patron promised", "public,SUPPORT,¦enabel,3,first,,The patron promised", "did you mean `enable`"),
    ("missing-value", "events.csv", ",The patron promised the coercer its full backing.,", ",¦,", ""),
    ("missing-value", "events.csv", "S01;S03", '¦"S01;;S03"', "remove one"),
    ("missing-source", "events.csv", ",we stand with the coercer,S01,", ",we stand with the coercer,¦,", "sources.csv"),
    ("repeated-item", "events.csv", "S01;S03", "¦S01;S01", "once"),
    ("repeated-item", "claims.yaml", "    evidence: [E05, E10]\n", "    evidence: [E05, E10]\n    models: [M1, ¦M1]\n", "once"),
    ("unknown-value", "claims.yaml", "    evidence: [E05, E10]\n", "    evidence: [E05, E10]\n    models: [¦M8]\n", "use one of: M0"),
    # the shape of a table
    ("no-header", "sources.csv", "id,label,date,address,quality,licence,note", "¦a,b,c,d,e,f,g", "begin the file with: id,label"),
    ("missing-column", "ledger.csv", "id,part,observation,events,group,", "¦id,part,observation,events,", "`group`"),
    ("unknown-column", "ledger.csv", "basis,note", "basis,note,¦colour", ""),
    ("repeated-column", "ledger.csv", "basis,note", "basis,note,¦note", ""),
    ("row-width", "sources.csv", "S03,Example State Gazette,", "S03,Example State Gazette, daily,", "double quotes"),
    ("csv-syntax", "sources.csv", "S03,Example State Gazette,", '¦S03,"Example" State Gazette,', "quotes"),
    ("csv-syntax", "sources.csv", "S03,Example State Gazette,", '¦S03,"Example State Gazette,', "quotes"),
    ("cell-too-large", "sources.csv", "S03,Example State Gazette,", "S03,¦" + "x" * 20_001 + ",", ""),
    ("cell-too-large", "sources.csv", "S03,Example State Gazette,", "¦S03," + "x" * 200_000 + ",", ""),
    # ids and references
    ("duplicate-id", "case.yaml", "  - id: mediator-1\n", "  - id: mediator-1\n    name: M\n    role: mediator\n  - id: ¦mediator-1\n", ""),
    ("duplicate-id", "events.csv", "E16,2000", "¦E02,2000", "another id"),
    ("duplicate-id", "series.csv", "H06,hostages", "¦E02,hostages", ""),
    ("duplicate-id", "claims.yaml", "  - id: ordinary-causes\n", "  - id: ordinary-causes\n    statement: x\n  - id: ¦B1\n", ""),
    ("duplicate-id", "claims.yaml", "{id: round-2,", "{id: ¦round-1,", ""),
    ("duplicate-id", "events_second_reading.csv", "E06,ACCUSE", "¦E03,ACCUSE", ""),
    ("unknown-actor", "events.csv", "E02,2000-01-17,day,patron-1,", "E02,2000-01-17,day,¦patron1,", "did you mean `patron-1`"),
    ("unknown-actor", "case.yaml", "    coercer: [coercer-1]", "    coercer: [¦coercer-2]", "did you mean `coercer-1`"),
    ("unknown-source", "events.csv", "S01;S03", "¦S01;S033", "did you mean `S03`"),
    ("unknown-source", "claims.yaml", "source: [S02]", "source: [S02, ¦S022]", "did you mean `S02`"),
    ("unknown-issue", "case.yaml", "weights: {pause: 2, price: 1}", "weights: {pause: 2, prise: ¦1}", "did you mean `price`"),
    ("unknown-issue", "positions.csv", ",60,days,pause,60,The holder asked", ",60,days,¦paus,60,The holder asked", "`pause`"),
    ("unknown-term", "positions.csv", "P01,2000-01-24,day,holder-1,bargaining,days-of-pause", "P01,2000-01-24,day,holder-1,bargaining,¦days-of-paus", ""),
    ("unknown-kind", "events.csv", "public,SUPPORT,enable,3,first,,The patron promised", "public,¦SUPORT,enable,3,first,,The patron promised", "did you mean `SUPPORT`"),
    ("unknown-intensity", "case.yaml", "    - {level: 1, meaning: a routine remark}\n    - {level: 2, meaning: a pointed statement}\n", "    - {level: 1, meaning: a routine remark}\n", ""),
    ("unknown-collection", "events.csv", "enable,3,first,,The patron promised", "enable,3,¦frist,,The patron promised", "did you mean `first`"),
    ("unknown-series", "series.csv", "H06,hostages-held", "H06,¦hostage-held", "did you mean `hostages-held`"),
    ("unknown-series", "claims.yaml", "outcome: {stance: holder}", "outcome: {series: ¦deaths}", ""),
    ("unknown-event", "case.yaml", "name: The offensive of March, events: [E08]", "name: The offensive of March, events: [¦E80]", ""),
    ("unknown-event", "ledger.csv", ",E04,envoy", ",¦E044,envoy", "did you mean `E04`"),
    ("unknown-event", "events_second_reading.csv", "E06,ACCUSE", "¦E66,ACCUSE", ""),
    ("unknown-row", "claims.yaml", "evidence: [E05, E10]", "evidence: [E05, ¦E010]", "did you mean `E10`"),
    ("unknown-choice", "claims.yaml", "- test: multiverse\n", "- test: multiverse\n            vary: [¦windows]\n", "did you mean `window`"),
    ("unknown-part", "claims.yaml", "        part: A1-stance\n", "        part: ¦A1-stence\n", "did you mean `A1-stance`"),
    ("unknown-rival", "claims.yaml", "rivals: [ordinary-causes, B1]", "rivals: [ordinary-causes, B1, ¦A1]", ""),
    ("unknown-account", "judgements.csv", "J03,L01,B1,judge-1", "J33,L01,¦B11,judge-1,0.1,0.3,Twice.\nJ03,L01,B1,judge-1", "did you mean `B1`"),
    ("unknown-judge", "judgements.csv", "J03,L01,B1,judge-1", "J33,L01,B1,¦judge-3,0.1,0.3,Who.\nJ03,L01,B1,judge-1", "did you mean"),
    ("unknown-ledger-row", "judgements.csv", "J03,L01,B1,judge-1", "J33,¦L99,B1,judge-1,0.1,0.3,Which.\nJ03,L01,B1,judge-1", ""),
    # meaning
    ("outside-period", "events.csv", "E16,2000-07-10", "E16,¦2001-07-10", "widen the period"),
    ("outside-period", "series.csv", "H01,hostages-held,2000-01-03,2000-01-31", "H01,hostages-held,1999-01-03,¦1999-01-31", ""),
    ("outside-period", "case.yaml", "    date: 2000-03-07", "    date: ¦1999-03-07", ""),
    ("end-before-start", "series.csv", "H01,hostages-held,2000-01-03,2000-01-31", "H01,hostages-held,2000-01-03,¦2000-01-01", ""),
    ("impossible-period", "case.yaml", "  extension_end: 2000-07-31", "  extension_end: ¦2100-07-31", "year"),
    ("impossible-period", "case.yaml", "  extension_end: 2000-07-31", "  extension_end: ¦9999-12-31", "year"),
    ("end-before-start", "case.yaml", "  extension_end: 2000-07-31", "  extension_end: ¦2000-05-31", ""),
    ("out-of-order", "case.yaml", "  - {start: 2000-03-20, level: 2", "  - {start: ¦2000-01-03, level: 2", ""),
    ("out-of-order", "case.yaml", "name: First contacts, start: 2000-01-03", "name: First contacts, start: ¦2000-01-04", "start it on 2000-01-03"),
    ("missing-role", "case.yaml", "    name: The holder\n    role: holder\n", "    name: The holder\n    role: audience\n", "add an actor"),
    ("wrong-backing", "case.yaml", "    backs: coercer\n", "", "add `backs"),
    ("wrong-backing", "case.yaml", "    role: mediator\n", "    role: mediator\n    backs: ¦holder\n", "remove `backs`"),
    ("missing-side", "case.yaml", "    coercer: [coercer-1]\n", "", ""),
    ("needs-without-weight", "case.yaml", "      weights: {pause: 1}\n      needs: [pause]", "      weights: {pause: 1}\n      needs: [¦price]", ""),
    ("empty-selector", "case.yaml", "domestic_blocks:\n  branches: [coalition]", "domestic_blocks: ¦{}", ""),
    ("bad-option", "case.yaml", "      - {value: 8, reason", "      - {value: ¦30, reason", "from 1 to 26"),
    ("bad-option", "case.yaml", "      - {value: pause-only, reason", "      - {value: ¦pause-olny, reason", "did you mean `pause-only`"),
    ("baseline-not-an-option", "case.yaml", "    baseline: 4\n", "    baseline: ¦5\n", ""),
    ("option-without-data", "case.yaml", "choices:\n", "choices:\n  - choice: reading\n    question: Whose?\n    baseline: first\n    options:\n      - {value: first, reason: a}\n      - {value: ¦second, reason: b}\n", ""),
    ("overlapping-points", "series.csv", "H02,hostages-held,2000-02-01", "H02,hostages-held,¦2000-01-31", ""),
    ("level-without-issue", "positions.csv", ",60,days,pause,60,The holder asked", ",60,days,,¦60,The holder asked", ""),
    ("issue-without-level", "positions.csv", ",60,days,pause,60,The holder asked", ",60,days,¦pause,,The holder asked", ""),
    ("wrong-unit", "positions.csv", ",60,days,pause,60,The holder asked", ",60,¦weeks,pause,60,The holder asked", ""),
    ("low-above-high", "judgements.csv", ",0.2,0.4,Such", ",¦0.6,0.4,Such", ""),
    ("repeated-test", "claims.yaml", "          - test: multiverse\n", "          - test: multiverse\n          - ¦test: multiverse\n", ""),
    ("test-without-effect", "claims.yaml", "          - test: share\n", "          - ¦test: tell\n          - test: share\n", ""),
    ("part-without-test", "claims.yaml", "kind: effect-several", "kind: quotation", "add `- test: quotation`"),
    ("ledger-without-test", "ledger.csv", "L03,A1-stance", "L03,¦B1-rounds", ""),
    ("missing-judgement", "judgements.csv", "J03,L01,B1,judge-1,0.1,0.3,The coalition's part does not bear on the paper.\n", "", ""),
    ("duplicate-judgement", "judgements.csv", "J03,L01,B1,judge-1", "J33,L01,B1,judge-1,0.1,0.3,Twice.\nJ03,¦L01,B1,judge-1", ""),
]  # fmt: skip


@pytest.mark.parametrize(("code", "file", "old", "new", "advice"), EDITS)
def test_one_mistake_is_told_once_at_its_place(
    tmp_path: Path, code: str, file: str, old: str, new: str, advice: str
) -> None:
    folder = fresh(tmp_path)
    if code == "option-without-data":
        (folder / "events_second_reading.csv").unlink()
    place = edit(folder, file, old, new)
    found = check_case(folder)
    mistake = found[0]
    assert {one.code for one in found} == {code}
    assert len(found) == (8 if code == "unknown-intensity" else 1)
    assert advice in mistake.do
    assert mistake.what and mistake.why and mistake.do
    if place:
        assert (mistake.file, mistake.line, mistake.column) == (file, *place)


CONTRAST = """          - ¦test: contrast
            signal: {roles: [patron], directions: [restrain]}
            against: {roles: [patron], directions: [enable]}
            outcome: {stance: holder}
            size: 5
"""


def test_order_beside_contrast(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    edit(
        folder,
        "claims.yaml",
        "          - test: multiverse\n",
        CONTRAST.replace("¦", "") + "          - test: multiverse\n",
    )
    assert only(folder).code == "order-and-contrast"


def test_days_without_an_action(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    text = (folder / "claims.yaml").read_text(encoding="utf-8")
    start = text.index("          - test: order")
    end = text.index("          # The same under every combination")
    contrast = CONTRAST.replace("¦", "") + "            with_action_days: 14\n"
    (folder / "claims.yaml").write_text(text[:start] + contrast + text[end:], encoding="utf-8")
    assert only(folder).code == "action-mismatch"


def test_unknown_position_in_a_second_reading(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    (folder / "positions_second_reading.csv").write_text("id,level,doubt,note\nP01,60,no,\nP99,60,no,\n")
    mistake = only(folder)
    assert (mistake.code, mistake.line, mistake.column) == ("unknown-position", 3, 1)


def test_unknown_part_of_a_ledger_row_brings_no_other_complaint(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    edit(folder, "ledger.csv", "L03,A1-stance", "L03,A1-stanse")
    mistake = only(folder)
    assert mistake.code == "unknown-part" and "A1-stance" in mistake.do


def test_judges_or_judgements_that_are_not_there_at_all(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    (folder / "judgements.csv").unlink()
    assert only(folder).code == "missing-judgement"


def test_many_mistakes_are_told_together_and_in_order(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    edit(folder, "case.yaml", "    role: mediator", "    role: mediater")
    edit(folder, "case.yaml", "name: The offensive of March, events: [E08]", "name: x, events: [E80]")
    edit(folder, "claims.yaml", "kind: effect-several", "kind: effects")
    edit(folder, "claims.yaml", "evidence: [E05, E10]", "evidence: [E05, E99]")
    edit(folder, "events.csv", "E02,2000-01-17,day,patron-1,", "E02,2000-01-97,day,patron1,")
    edit(folder, "judgements.csv", ",0.2,0.4,Such", ",0.6,0.4,Such")
    (folder / "sources.csv").write_bytes(b"id,label\n\xff")
    found = check_case(folder)
    assert [mistake.code for mistake in found] == [
        "unknown-value", "unknown-event",  # case.yaml
        "unknown-value", "unknown-row",  # claims.yaml
        "bad-date", "unknown-actor",  # events.csv
        "low-above-high",  # judgements.csv
        "bad-encoding",  # sources.csv
    ]  # fmt: skip
    assert list(found) == sorted(found)


def test_a_misspelt_role_does_not_make_its_actor_unknown(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    edit(folder, "case.yaml", "    role: patron", "    role: patrun")
    assert only(folder).code == "unknown-value"


def test_a_row_with_too_many_cells_is_still_known(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    edit(folder, "events.csv", "E08,2000-03-20,day,", "E08,2000-03-20,day,day,")
    assert only(folder).code == "row-width"


def test_thousands_of_unknown_ids_take_no_minutes(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    rows = [f"Z{i},series-{i},2000-01-03,2000-01-03,1,source-{i},high,read," for i in range(3000)]
    header = "id,series,start,end,value,source,confidence,basis,note\n"
    (folder / "series.csv").write_text(header + "\n".join(rows))
    assert len(check_case(folder)) == 6000


def test_every_code_is_tested_and_has_advice() -> None:
    in_files = {
        "missing-file", "not-a-folder", "not-a-file", "unreadable-file", "file-too-large", "empty-file", "bad-encoding",
        "control-character",
    }  # fmt: skip
    in_writing = {"cannot-save", "cannot-write"}
    here = {"order-and-contrast", "action-mismatch", "unknown-position"}
    assert set(CODES) == {code for code, *_ in EDITS} | in_files | in_writing | here
    assert all(advice.why and advice.do for advice in CODES.values())
