"""A file of priors: what it holds, and every mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from standoff.errors import PriorsError
from standoff.record.priors_file import WIDEN, read_priors

KNOWN = {"holder": ("news", "force", "spread"), "coercer": ("block",)}
TEXT = """format: 1
source: two earlier standoffs
priors:
  holder:
    news: {location: 0.3, scale: 0.25, reason: both softened}
    spread: {location: 0.1, scale: 0.2, reason: they were steady}
  coercer:
    block: {location: 0.5, scale: 0.4, reason: hardened}
"""


def read(tmp_path: Path, text: str):  # type: ignore[no-untyped-def]
    path = tmp_path / "earlier.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return read_priors(path, KNOWN)


def test_a_file_as_it_should_be(tmp_path: Path) -> None:
    told = read(tmp_path, TEXT)
    assert (told.source, told.widen) == ("two earlier standoffs", WIDEN)
    assert list(told.priors) == [("holder", "news"), ("holder", "spread"), ("coercer", "block")]
    news = told.priors["holder", "news"]
    assert (news.location, news.scale, news.reason) == (0.3, 0.25, "both softened")
    assert read(tmp_path, TEXT.replace("priors:", "widen: 3\npriors:")).widen == 3.0


@pytest.mark.parametrize(
    ("before", "after", "code", "place"),
    [
        ("news:", "newz:", "unknown-key", "5:5"),
        ("    block:", "    news:", "unknown-key", "8:5"),
        ("  coercer:", "  coercers:", "unknown-key", "7:3"),
        ("scale: 0.25", "scale: 0", "impossible-number", "5:34"),
        ("scale: 0.25", "scale: -1", "impossible-number", "5:34"),
        ("scale: 0.25", "scale: .nan", "impossible-number", "5:34"),
        ("location: 0.3", "location: .inf", "impossible-number", "5:22"),
        ("location: 0.3", "location: some", "not-a-number", "5:22"),
        ("location: 0.3", 'location: "0,3"', "decimal-comma", "5:22"),
        (", reason: both softened", "", "missing-key", "5:5"),
        ("reason: both softened", "reason: ''", "empty-text", "5:48"),
        ("source: two earlier standoffs\n", "", "missing-key", "1:1"),
        ("format: 1", "format: 2", "unknown-value", "1:9"),
        ("priors:\n", "widen: 0.5\npriors:\n", "impossible-number", "3:8"),
        ("    news: {", "    news: {location: 0.1, ", "yaml-duplicate-key", "5:27"),
        ("news: {location: 0.3, scale: 0.25, reason: both softened}", "news: 0.3", "not-a-block", "5:11"),
        ("priors:", "priors: [", "yaml-syntax", None),
        ("both softened", "both \x07 softened", "control-character", None),
        ("both softened", "both \udcff softened", "bad-encoding", None),
    ],
)
def test_a_mistake_is_told_at_its_place(
    tmp_path: Path, before: str, after: str, code: str, place: str | None
) -> None:
    assert before in TEXT
    with pytest.raises(PriorsError) as caught:
        read(tmp_path, TEXT.replace(before, after, 1))
    (mistake,) = caught.value.mistakes
    assert mistake.code == code
    assert mistake.file == "earlier.yaml" and mistake.line > 0
    if place is not None:
        assert mistake.place == f"earlier.yaml:{place}"
    assert mistake.why and mistake.do


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = TEXT.replace("news:", "newz:").replace("scale: 0.4", "scale: 0").replace("format: 1", "format: 3")
    with pytest.raises(PriorsError) as caught:
        read(tmp_path, text)
    assert [mistake.code for mistake in caught.value.mistakes] == [
        "unknown-value", "unknown-key", "impossible-number",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["format: 1\nsource: a text\npriors: {}\n", "format: 1\nsource: a text\npriors: {holder: {}}\n"])  # fmt: skip
def test_a_file_without_a_parameter_is_no_file_of_priors(tmp_path: Path, text: str) -> None:
    with pytest.raises(PriorsError) as caught:
        read(tmp_path, text)
    assert [(m.code, m.line) for m in caught.value.mistakes] == [("empty-list", 3)]


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "nowhere.yaml", "missing-file"), (tmp_path, "not-a-file")):
        with pytest.raises(PriorsError) as caught:
            read_priors(path, KNOWN)
        assert [mistake.code for mistake in caught.value.mistakes] == [code]
    with pytest.raises(PriorsError, match="1 mistake"):
        read(tmp_path, "\n")
