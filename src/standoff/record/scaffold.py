"""Begins a new case: a small complete example, with comments that teach, for a person to replace part by part."""

from __future__ import annotations

import re
from pathlib import Path

from standoff.errors import CaseError, SettingsError
from standoff.record.codes import shown
from standoff.record.files import CASE_FILE
from standoff.record.writer import write_files

_EXAMPLE = Path(__file__).parent / "example"


def scaffold_case(folder: Path) -> None:
    """Write the worked example into a new or empty folder; the case is called after the folder.

    Raises SettingsError when something is there already or the folder cannot be written.
    """
    folder = Path(folder)
    _refuse_taken(folder)
    contents = {path.name: path.read_bytes() for path in sorted(_EXAMPLE.iterdir()) if path.is_file()}
    named = contents[CASE_FILE].replace(b"\nid: example\n", f"\nid: {_id_from(folder)}\n".encode(), 1)
    try:
        write_files(folder, {**contents, CASE_FILE: named})
    except CaseError as error:
        trouble = error.mistakes[0]
        raise SettingsError(f"{shown(folder)}: {trouble.what}", trouble.why, trouble.do) from None


def _refuse_taken(folder: Path) -> None:
    try:
        taken = folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir())))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(
            f"{shown(folder)} cannot be used: {reason.lower()}", do="choose another name"
        ) from None
    if taken:
        raise SettingsError(
            f"{shown(folder)} is there already and is not an empty folder",
            "a new case never overwrites what someone has written",
            "choose another name, or remove what is there",
        )


def _id_from(folder: Path) -> str:
    """An id made of the folder's name; `example` when nothing of it can serve."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", folder.absolute().name).strip("-.")
    name = re.sub(r"^[^A-Za-z]+", "", name)[:64]
    return name or "example"
