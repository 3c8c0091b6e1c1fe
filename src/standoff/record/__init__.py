"""What happened: reads, checks and writes the folder that holds a case.

The functions are loaded on first use, so that importing this room costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from standoff.record.reader import check_case as check_case
    from standoff.record.reader import load_case as load_case
    from standoff.record.rows import Record as Record
    from standoff.record.scaffold import scaffold_case as scaffold_case
    from standoff.record.schemas import case_json_schemas as case_json_schemas
    from standoff.record.shipped import find_case as find_case
    from standoff.record.shipped import shipped_cases as shipped_cases
    from standoff.record.writer import save_case as save_case

_HOMES = {
    "Record": "rows",
    "case_json_schemas": "schemas",
    "check_case": "reader",
    "find_case": "shipped",
    "load_case": "reader",
    "save_case": "writer",
    "scaffold_case": "scaffold",
    "shipped_cases": "shipped",
}

__all__ = [
    "Record",
    "case_json_schemas",
    "check_case",
    "find_case",
    "load_case",
    "save_case",
    "scaffold_case",
    "shipped_cases",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
