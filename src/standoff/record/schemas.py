"""The published schemas of a case: JSON Schema for the YAML files, Table Schema for the tables.

``python -m standoff.record.schemas FOLDER`` writes them; a test compares the published files with these.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from standoff.record.case_schema import CaseFrame
from standoff.record.claims_schema import ClaimList
from standoff.record.columns import TABLES, Column, Table
from standoff.record.meanings import MEANINGS

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TABLE_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
_ID_PATTERN = "^[A-Za-z][A-Za-z0-9_.-]{0,63}$"
_TYPES = {"date": "date", "integer": "integer", "number": "number", "yes-no": "boolean", "references": "list"}


def case_json_schemas() -> dict[str, dict[str, Any]]:
    """Every published schema by file name: `case.schema.json`, `claims.schema.json`, and one for each table."""
    schemas: dict[str, dict[str, Any]] = {
        "case.schema.json": _model_schema(CaseFrame),
        "claims.schema.json": _model_schema(ClaimList),
    }
    for file, table in TABLES.items():
        schemas[file.replace(".csv", ".table-schema.json")] = _table_schema(table)
    return schemas


def _model_schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = {"$schema": _DRAFT, **model.model_json_schema()}
    blocks = {model.__name__: schema, **schema.get("$defs", {})}
    for name, block in blocks.items():
        for key, held in block["properties"].items():
            held["description"] = MEANINGS[name][key]
            held.pop("title", None)
    return schema


def _table_schema(table: Table) -> dict[str, Any]:
    return {
        "$schema": _TABLE_PROFILE,
        "title": table.meaning,
        "fields": [_field(column) for column in table.columns],
        "missingValues": [""],
        "primaryKey": ["id"],
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES.get(column.kind, "string"),
        "description": column.meaning,
    }
    if column.kind == "references":
        field |= {"delimiter": ";", "itemType": "string"}
    if column.kind == "yes-no":
        field |= {"trueValues": ["yes"], "falseValues": ["no"]}
    constraints: dict[str, Any] = {"required": column.required}
    if column.kind == "id":
        constraints |= {"unique": True, "pattern": _ID_PATTERN}
    if column.words:
        constraints["enum"] = list(column.words)
    for name, bound in (("minimum", column.low), ("maximum", column.high)):
        if bound is not None:
            constraints[name] = bound
    return {**field, "constraints": constraints}


def schema_text(schema: dict[str, Any]) -> str:
    """The text of a schema as it is published."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in case_json_schemas().items():
        (folder / name).write_text(schema_text(schema), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
