"""The reference leaves nothing out: published schemas, every key and column, every mistake and error."""

from __future__ import annotations

import dataclasses
import json
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from standoff import errors
from standoff.record import case_json_schemas
from standoff.record.case_schema import CaseFrame
from standoff.record.claims_schema import ClaimList
from standoff.record.codes import CODES
from standoff.record.columns import TABLES
from standoff.record.meanings import MEANINGS
from standoff.record.reference import case_format, mistake_codes, renewed
from standoff.record.scaffold import _EXAMPLE
from standoff.record.schemas import schema_text

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = DOCS / "reference"


def _error_modules() -> list[ModuleType]:
    """The exception tree, and the modules of rooms that add their own branches to it."""
    package = Path(errors.__file__).parent
    names = [path.relative_to(package).with_suffix("").parts for path in package.rglob("errors.py")]
    return [import_module(".".join(("standoff", *parts))) for parts in names]


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def test_the_published_schemas_are_current() -> None:
    made = {name: schema_text(schema) for name, schema in case_json_schemas().items()}
    published = {path.name: path.read_text(encoding="utf-8") for path in (REFERENCE / "schema").iterdir()}
    assert published == made, "renew with: python -m standoff.record.schemas docs/reference/schema"


@pytest.mark.parametrize("name", ["case", "claims"])
def test_the_example_meets_the_published_schema_and_nonsense_does_not(name: str) -> None:
    schema = case_json_schemas()[f"{name}.schema.json"]
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    document = plain(
        YAML(typ="safe", pure=True).load((_EXAMPLE / f"{name}.yaml").read_text(encoding="utf-8"))
    )
    assert list(check.iter_errors(document)) == []
    assert list(check.iter_errors({**document, "nonsense": 1}))
    assert list(check.iter_errors({key: value for key, value in document.items() if key != "format"}))


def test_every_key_has_its_meaning() -> None:
    for model, file in ((CaseFrame, "case"), (ClaimList, "claims")):
        schema = case_json_schemas()[f"{file}.schema.json"]
        blocks = {model.__name__: schema, **schema["$defs"]}
        for name, block in blocks.items():
            assert set(block["properties"]) == set(MEANINGS[name])
            assert all(held["description"] for held in block["properties"].values())


@pytest.mark.parametrize(("page", "made"), [("case-format.md", case_format), ("errors.md", mistake_codes)])
def test_the_reference_pages_are_current(page: str, made: Any) -> None:
    text = (REFERENCE / page).read_text(encoding="utf-8")
    assert text == renewed(text, made()), "renew with: python -m standoff.record.reference docs/reference"


def test_every_file_key_and_column_is_on_the_page() -> None:
    text = (REFERENCE / "case-format.md").read_text(encoding="utf-8")
    for file, table in TABLES.items():
        section = text.split(f"\n## `{file}`")[1].split("\n## ")[0]
        columns = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        assert columns == [field.name for field in dataclasses.fields(table.row)]
        assert f"| `{file}` |" in text
    for name, keys in MEANINGS.items():
        heading = {"CaseFrame": "## `case.yaml`", "ClaimList": "## `claims.yaml`"}.get(name, f"### {name}")
        section = text.split(f"\n{heading}\n")[1].split("\n##")[0]
        assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(keys)


def test_every_error_has_its_entry_and_every_entry_its_error() -> None:
    text = (REFERENCE / "errors.md").read_text(encoding="utf-8")
    tree = {
        name
        for module in _error_modules()
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, errors.StandoffError)
    }
    entries = re.findall(r"^### `([\w-]+)`$", text, re.MULTILINE)
    assert sorted(entries) == sorted(tree | set(CODES))


def test_every_option_of_every_choice_is_on_the_page() -> None:
    from standoff.record.case_schema import OPTION_WORDS

    text = (REFERENCE / "case-format.md").read_text(encoding="utf-8")
    section = text.split("## The options of each choice")[1].split("\n## ")[0]
    for choice, words in OPTION_WORDS.items():
        line = next(line for line in section.splitlines() if line.startswith(f"| `{choice}`"))
        assert all(f"`{word}`" in line for word in words)


def test_links_between_the_pages_resolve() -> None:
    for page in ("reference/case-format.md", "reference/errors.md", "how-to/write-your-own-case.md"):
        text = (DOCS / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            if "://" not in target:
                assert ((DOCS / page).parent / target).exists(), f"{page}: {target}"
        anchors = {
            re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-")
            for line in text.splitlines()
            if line.startswith("#")
        }
        assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors


def test_published_json_is_plain() -> None:
    for path in (REFERENCE / "schema").iterdir():
        json.loads(path.read_text(encoding="utf-8"))
