"""Text from a case is data: what is shown, what may be a link, what an anchor looks like."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.report.text import LONGEST, address, anchor, script_json, shown


def test_direction_overrides_are_spelt_out() -> None:
    assert shown("abc\u202egnp.exe\u202c") == "abc[U+202E]gnp.exe[U+202C]"


def test_overlong_text_is_cut_with_a_word_about_it() -> None:
    text = shown("x" * 1_000_000)
    assert len(text) < LONGEST + 100
    assert "1,000,000 characters in the case file" in text


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
def test_what_is_shown_can_be_written_and_hides_nothing(text: str) -> None:
    written = shown(text)
    written.encode("utf-8")
    assert all(c.isprintable() or c in "\n\t" or c.isspace() for c in written)


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org/x",
        "https:",
        "http://[::1",
        "https://example.org/\u202egnp",
        "https://example.org/a b",
        "",
        "example.org",
    ],
)
def test_only_web_addresses_become_links(text: str) -> None:
    assert address(text) is None


def test_a_web_address_stays_as_it_is() -> None:
    assert address("https://example.org/a?b=c&d=%20#e") == "https://example.org/a?b=c&d=%20#e"


def test_anchor_of_a_plain_id_is_the_id() -> None:
    assert anchor("row", "E001") == "row-E001"


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80))
def test_anchors_are_plain_and_tell_ids_apart(one: str, other: str) -> None:
    assert set(anchor("row", one)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
    assert (anchor("row", one) == anchor("row", other)) == (one == other)


@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_script_json_cannot_end_its_element_and_reads_back(value: object) -> None:
    text = script_json(value)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == value
