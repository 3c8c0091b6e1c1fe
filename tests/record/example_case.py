"""The worked example as a test bed: a fresh copy, an edit with a marked place, and what the check then says."""

from __future__ import annotations

from pathlib import Path

from standoff.errors import Mistake
from standoff.record import check_case, scaffold_case

MARK = "¦"  # in an edit: where the mistake is expected


def fresh(folder: Path) -> Path:
    scaffold_case(folder / "example")
    return folder / "example"


def edit(folder: Path, file: str, old: str, new: str) -> tuple[int, int] | None:
    """Replace ``old`` (which must be there once) by ``new``; the line and column of the mark, if there is one."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
    text = text.replace(old, new)
    place = None
    if MARK in text:
        before, after = text.split(MARK)
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        text = before + after
    path.write_text(text, encoding="utf-8")
    return place


def codes(folder: Path) -> list[str]:
    return [mistake.code for mistake in check_case(folder)]


def only(folder: Path) -> Mistake:
    """The one mistake of a case."""
    (mistake,) = check_case(folder)
    return mistake
