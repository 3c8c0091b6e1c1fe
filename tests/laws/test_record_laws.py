"""Laws of the record: what is saved is read back, order of rows is no information, and no bytes can break the reader."""

from __future__ import annotations

import dataclasses
import random
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standoff.record.case_schema import LARGEST, CaseFrame
from standoff.record.claims_schema import ClaimList
from standoff.record.codes import CODES
from standoff.record.columns import TABLES
from standoff.record.files import CASE_FILE, CLAIMS_FILE, UNPRINTABLE
from standoff.record.reader import Reading, read_contents
from standoff.record.rows import Record
from standoff.record.scaffold import _EXAMPLE
from standoff.record.writer import _FIELDS, render_table
from standoff.record.yaml_writer import render_yaml

QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def example() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(_EXAMPLE.iterdir())}


def read(contents: dict[str, bytes]) -> Reading:
    return read_contents("memory", contents, [])


@cache
def record() -> Record:
    reading = read(example())
    assert reading.record is not None
    return reading.record


def is_clean(text: str) -> bool:
    return not UNPRINTABLE.search(text) and "\r" not in text


texts = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    | st.sampled_from(["=1+1", "@x", "- a", "a: b", "# no", "no", "2024-01-01", "1e3", "~", "'", '"', ";;", "a\nb", "{x", "<b>", "&a", "*a", "!t", "%", "|", ">-"])
).map(str.strip).filter(is_clean)  # fmt: skip
words = texts.filter(bool)
finite = st.floats(-LARGEST, LARGEST)


@given(st.data())
@QUICK
def test_what_is_saved_is_read_back(data: st.DataObject) -> None:
    kept = record()
    events = tuple(
        dataclasses.replace(
            event,
            summary=data.draw(words),
            quote=data.draw(texts),
            person=data.draw(texts),
            intensity=data.draw(st.integers(1, 5)),
        )
        for event in kept.events[:3]
    )
    series = tuple(dataclasses.replace(point, value=abs(data.draw(finite))) for point in kept.series[:4])
    positions = tuple(
        dataclasses.replace(
            one, value=data.draw(st.none() | finite.map(abs)), level=data.draw(st.floats(0, 100))
        )
        for one in kept.positions[:3]
    )
    frame = dict(kept.case) | {"title": data.draw(words), "summary": data.draw(words)}
    claim = kept.claims.claims[0].model_copy(
        update={"statement": data.draw(words), "caution": data.draw(texts)}
    )
    changed = dataclasses.replace(
        kept,
        case=CaseFrame.model_validate(frame),
        claims=ClaimList.model_validate(dict(kept.claims) | {"claims": (claim, *kept.claims.claims[1:])}),
        events=(*events, *kept.events[3:]),
        positions=(*positions, *kept.positions[3:]),
        series=(*series, *kept.series[4:]),
    )
    for base in (example(), {}):
        contents = {
            CASE_FILE: render_yaml(CASE_FILE, changed.case, base.get(CASE_FILE)),
            CLAIMS_FILE: render_yaml(CLAIMS_FILE, changed.claims, base.get(CLAIMS_FILE)),
        }
        contents |= {
            name: render_table(table, getattr(changed, _FIELDS[name])) for name, table in TABLES.items()
        }
        reading = read(contents)
        assert reading.mistakes == ()
        assert reading.record == changed


@given(st.randoms(use_true_random=False))
@QUICK
def test_the_order_of_rows_in_a_table_is_no_information(source: random.Random) -> None:
    contents = dict(example())
    for name in TABLES:
        if name in contents:
            header, *rows = contents[name].decode().splitlines()
            source.shuffle(rows)
            contents[name] = "\n".join([header, *rows]).encode()
    reading = read(contents)
    assert reading.record is not None
    for field in _FIELDS.values():
        assert sorted(getattr(reading.record, field), key=lambda row: row.id) == sorted(
            getattr(record(), field), key=lambda row: row.id
        )


@given(st.sampled_from(sorted(example())), st.binary(max_size=200))
@settings(QUICK, max_examples=100)
def test_no_file_of_any_bytes_breaks_the_reader(name: str, content: bytes) -> None:
    assert_told(read(example() | {name: content}))


@given(
    st.sampled_from(sorted(example())),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.binary(max_size=6)), min_size=1, max_size=4),
)
@settings(QUICK, max_examples=120)
def test_no_damage_to_a_file_breaks_the_reader(name: str, damages: list[tuple[float, int, bytes]]) -> None:
    content = example()[name]
    for where, length, put in damages:
        at = int(where * len(content))
        content = content[:at] + put + content[at + length :]
    assert_told(read(example() | {name: content}))


@given(
    st.sampled_from([CASE_FILE, CLAIMS_FILE]),
    st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from(["null", "[]", "{}", "-1", ".nan", "x", '"', "[[a]]", "*a", "&a b", "? ", "\"\\0\"", "\"\\uD800\"", "\"\\e[2J\"", "!!int x", "!!bool ''", "- ", "\n", ": "])),
        min_size=1,
        max_size=4,
    ),
)  # fmt: skip
@settings(QUICK, max_examples=120)
def test_no_other_value_in_the_yaml_breaks_the_reader(name: str, puts: list[tuple[float, str]]) -> None:
    lines = example()[name].decode().split("\n")
    for where, put in puts:
        at = min(int(where * len(lines)), len(lines) - 1)
        head, colon, _ = lines[at].partition(": ")
        lines[at] = head + colon + put
    assert_told(read(example() | {name: "\n".join(lines).encode()}))


def assert_told(reading: Reading) -> None:
    """Either a record, or mistakes that each have a known code, a place in a file of the case, and words."""
    assert (reading.record is None) == bool(reading.mistakes)
    assert list(reading.mistakes) == sorted(reading.mistakes)
    for mistake in reading.mistakes:
        assert mistake.code in CODES
        assert Path(mistake.file).name == mistake.file
        assert mistake.line >= 0 and mistake.column >= 0
        assert mistake.what and mistake.why and mistake.do
        assert is_clean(mistake.what + mistake.do)
