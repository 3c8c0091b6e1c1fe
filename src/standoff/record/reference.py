"""The parts of the reference pages that are made from the code, so that they cannot leave anything out.

``python -m standoff.record.reference FOLDER`` renews them in docs/reference; a test compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from standoff.record.codes import CODES
from standoff.record.columns import TABLES, Column
from standoff.record.schemas import case_json_schemas

BEGIN, END = "<!-- made from the code: begin -->", "<!-- made from the code: end -->"


def case_format() -> str:
    """Every key of the YAML files and every column of the tables."""
    schemas = case_json_schemas()
    lines = [
        *_yaml_file("case.yaml", "CaseFrame", schemas["case.schema.json"], set()),
        *_yaml_file(
            "claims.yaml",
            "ClaimList",
            schemas["claims.schema.json"],
            set(schemas["case.schema.json"]["$defs"]),
        ),
    ]
    for file, table in TABLES.items():
        need = "" if table.required else " (optional)"
        lines += ["", f"## `{file}`{need}", "", f"{table.meaning.capitalize()}, one a row.", ""]
        lines += ["| column | needed | holds | meaning |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{column.name}` | {'yes' if column.required else ''} | {_cell(column)} | {column.meaning} |"
            for column in table.columns
        ]
    return "\n".join(lines).strip()


def mistake_codes() -> str:
    """Every code with why it matters and what to do."""
    entries = (f"### `{code}`\n\n{_sentence(why)}\n\nTo do: {do}.\n" for code, (why, do) in CODES.items())
    return "\n".join(entries).strip()


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def _yaml_file(file: str, root: str, schema: dict[str, Any], known: set[str]) -> Iterator[str]:
    blocks = {name: block for name, block in schema["$defs"].items() if name not in known}
    yield from ("", f"## `{file}`", "", *_block(schema))
    for name, block in blocks.items():
        summary = _summary(block)
        yield from ("", f"### {name}", "", *([summary, ""] if summary else []), *_block(block))


def _summary(block: dict[str, Any]) -> str:
    return " ".join(str(block.get("description", "")).split("\n\n")[0].split())


def _block(schema: dict[str, Any]) -> Iterator[str]:
    required = schema.get("required", ())
    yield "| key | needed | holds | meaning |"
    yield "| --- | --- | --- | --- |"
    for key, held in schema["properties"].items():
        yield f"| `{key}` | {'yes' if key in required else ''} | {_holds(held)} | {held['description']} |"


def _holds(held: dict[str, Any]) -> str:
    """What a value may be, in words, read off its JSON Schema."""
    if "$ref" in held:
        name = str(held["$ref"]).rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "const" in held:
        return f"`{held['const']}`"
    if held.get("enum") == ["yes", "no", True, False]:
        return "yes or no"
    if "enum" in held:
        return "one of " + ", ".join(f"`{word}`" for word in held["enum"])
    for several in ("anyOf", "oneOf"):
        if several in held:
            return " or ".join(_holds(one) for one in held[several] if one.get("type") != "null")
    if held["type"] == "array":
        return f"list of {_holds(held['items'])}"
    if held["type"] == "object":
        return "block of names, each with " + _holds(_values(held))
    if held["type"] == "string":
        return "day" if held.get("format") == "date" else "id" if "pattern" in held else "text"
    return _bounded(held)


def _values(held: dict[str, Any]) -> dict[str, Any]:
    patterned = held.get("patternProperties") or {}
    return next(iter(patterned.values()), held.get("additionalProperties") or {"type": "string"})


def _bounded(held: dict[str, Any]) -> str:
    noun = "whole number" if held["type"] == "integer" else "number"
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
    }
    limits = [f"{word} {held[name]:g}" for name, word in words.items() if name in held]
    return f"{noun}, {', '.join(limits)}" if limits else noun


def _cell(column: Column) -> str:
    if column.words:
        return "one of " + ", ".join(f"`{word}`" for word in column.words)
    nouns = {
        "references": "ids, separated by `;`",
        "reference": "id",
        "id": "id",
        "date": "day",
        "yes-no": "yes or no",
    }
    noun = nouns.get(column.kind, {"integer": "whole number", "number": "number"}.get(column.kind, "text"))
    if column.low is None:
        return noun
    return (
        f"{noun}, {column.low:g} to {column.high:g}"
        if column.high is not None
        else f"{noun}, at least {column.low:g}"
    )


def renewed(page: str, made: str) -> str:
    """A page with the part between the two marks made anew."""
    head, _, rest = page.partition(BEGIN)
    return f"{head}{BEGIN}\n\n{made}\n\n{END}{rest.partition(END)[2]}"


def main(arguments: list[str]) -> None:
    for name, made in (("case-format.md", case_format()), ("errors.md", mistake_codes())):
        path = Path(arguments[0]) / name
        path.write_text(renewed(path.read_text(encoding="utf-8"), made), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
