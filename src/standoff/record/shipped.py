"""Finds a case: one that ships with the package by its name, any other by its folder."""

from __future__ import annotations

from pathlib import Path

from standoff.errors import NotFoundError
from standoff.record.codes import did_you_mean, shown

_CASES = Path(__file__).parent.parent / "cases"


def shipped_cases() -> tuple[str, ...]:
    """Names of the cases that ship with the package, sorted."""
    return tuple(sorted(folder.parent.name for folder in _CASES.glob("*/case.yaml")))


def find_case(name_or_path: str) -> Path:
    """The folder of a case; a folder here that holds a `case.yaml` comes before a shipped case of the same name.

    Raises NotFoundError, with the nearest name that would have been found.
    """
    path, shipped = Path(name_or_path), shipped_cases()
    try:
        if (path / "case.yaml").is_file():
            return path
        if name_or_path in shipped:
            return _CASES / name_or_path
        if path.exists():
            return path
    except PermissionError:
        return path  # it is there; what cannot be read of it is told by reading it
    except (OSError, ValueError):
        pass  # a name that no file can have
    raise NotFoundError(
        f"there is no case {shown(name_or_path)}",
        "it is neither a folder nor a case that ships with standoff",
        did_you_mean(name_or_path, shipped) or f"cases that ship: {', '.join(shipped) or 'none'}",
    )
