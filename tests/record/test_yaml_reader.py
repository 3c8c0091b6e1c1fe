"""YAML: plain values by the core schema of YAML 1.2, every value with its place, and what is refused."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ruamel.yaml import YAML

from standoff.record.yaml_reader import DEPTH_LIMIT, read_yaml


def value_of(text: str) -> Any:
    node, mistakes = read_yaml("x.yaml", text)
    assert node is not None and not mistakes, mistakes
    return node.value


def codes_of(text: str) -> list[str]:
    return [mistake.code for mistake in read_yaml("x.yaml", text)[1]]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("12:30", "12:30"), ("2024-05-31", "2024-05-31"), ("true", True),
        ("False", False), ("~", None), ("null", None), ("", None), ("010", 10), ("0o10", 8), ("0x1F", 31), ("-3", -3),
        ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0), ("1_000", "1_000"), ("1,5", "1,5"), ("-.inf", float("-inf")),
        ('"1"', "1"), ("'true'", "true"), ("!!str 1", "1"), ("!!int '7'", 7),
    ],
)  # fmt: skip
def test_words(word: str, value: object) -> None:
    got = value_of(f"k: {word}\n")["k"]
    assert got == value and type(got) is type(value)


def test_a_second_reader_agrees_on_the_example() -> None:
    from standoff.record.scaffold import _EXAMPLE

    for name in ("case.yaml", "claims.yaml"):
        text = (_EXAMPLE / name).read_text(encoding="utf-8")
        other = YAML(typ="safe", pure=True).load(text)
        assert value_of(text) == _dates_as_text(other)


def _dates_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _dates_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def test_places() -> None:
    node, _ = read_yaml("x.yaml", "a:\n  - b: 1\n    c: [x, 'y']\n")
    assert node is not None
    inner = node.children["a"].children[0]
    assert inner.keys == {"b": (2, 5), "c": (3, 5)}
    second = inner.children["c"].children[1]
    assert (second.value, second.line, second.column) == ("y", 3, 12)


def test_an_alias_is_read_where_it_stands_complete() -> None:
    assert value_of("a: &x [1, 2]\nb: *x\n") == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize("text", ["a: *x\n", "a: &x [*x]\n", "&x a: *y\n"])
def test_an_alias_of_nothing_or_of_itself(text: str) -> None:
    assert codes_of(text) == ["yaml-alias"]


def test_an_alias_bomb_goes_off_nowhere() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    began = time.perf_counter()
    assert codes_of("\n".join(lines)) == ["yaml-alias"]
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("text", ["[" * 200_000, "{a: " * 50_000, "- " * 50_000, "? " * 5_000])
def test_depth_is_counted_not_fallen_into(text: str) -> None:
    assert codes_of(text)[-1] in ("yaml-too-deep", "yaml-key")


def test_depth_at_the_limit() -> None:
    assert codes_of("[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT) == []
    assert codes_of("[" * (DEPTH_LIMIT + 1) + "]" * (DEPTH_LIMIT + 1)) == ["yaml-too-deep"]


@pytest.mark.parametrize(
    "tag",
    ["!!python/object/apply:os.system ['true']", "!custom x", "!!binary aGk=", "!!set {a}", "!<tag:x> 1"],
)
def test_tags_that_ask_for_objects(tag: str) -> None:
    assert codes_of(f"a: {tag}\n") == ["yaml-tag"]


def test_every_duplicate_key_is_told() -> None:
    text = "a: 1\na: 2\nb:\n  c: 1\n  c: 2\n  'c': 3\n"
    assert [(m.code, m.line) for m in read_yaml("x.yaml", text)[1]] == [
        ("yaml-duplicate-key", 2),
        ("yaml-duplicate-key", 5),
        ("yaml-duplicate-key", 6),
    ]


@pytest.mark.parametrize(
    "text",
    ["a: [", "a: b: c", "\ta: 1", "a: 'x", "%YAML 9.9.9\n", "@", "%TAG ! a\n%TAG ! b\n---\n"],
)
def test_what_is_not_yaml(text: str) -> None:
    (mistake,) = read_yaml("x.yaml", text)[1]
    assert mistake.code == "yaml-syntax" and mistake.line >= 1


@pytest.mark.parametrize(
    "text", ["plain words", "- a list", "7", "null", "--- # only a comment", "# only a comment"]
)
def test_a_document_that_is_no_block_is_told_as_a_mistake_of_the_case(tmp_path: Any, text: str) -> None:
    from tests.record.example_case import codes, fresh

    folder = fresh(tmp_path)
    (folder / "case.yaml").write_text(text)
    assert codes(folder)


@pytest.mark.parametrize("escape", ["\\0", "\\e[2J", "\\x9b", "\\uD800", "\\r", "\\N", "\\uFEFF"])
def test_escapes_cannot_write_what_no_file_may_hold(escape: str) -> None:
    assert codes_of(f'a: "x{escape}"\n') == ["control-character"]
    assert codes_of(f'"x{escape}": a\n') == ["control-character"]
    assert value_of(f"a: x{escape}\n") == {"a": f"x{escape}"}


@pytest.mark.parametrize("item", ["null", "{id: x}", "[]", "{id: 1, name: a, role: b, oops: c}"])
def test_thousands_of_bad_items_take_no_minutes(tmp_path: Any, item: str) -> None:
    from standoff.record import check_case
    from tests.record.example_case import fresh

    folder = fresh(tmp_path)
    text = (folder / "case.yaml").read_text()
    (folder / "case.yaml").write_text(
        text.replace("  - id: mediator-1", f"  - {item}\n" * 5000 + "  - id: mediator-1")
    )
    began = time.process_time()
    assert len(check_case(folder)) >= 5000
    assert time.process_time() - began < 30
