"""The reference page names every measure and axis, and every citation in the panel's pages has an entry."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from standoff.panel import build_panel
from standoff.panel.weekly import Stances, WeeklyRecord
from tests.panel.invented import event, make_record, position
from tests.panel.test_build import FULL

DOCS = Path(__file__).parents[2] / "docs"


def test_measures_page_names_every_measure_and_axis() -> None:
    page = (DOCS / "reference" / "measures.md").read_text("utf-8")
    record = make_record(case=FULL, events=(event("E1", 0),), positions=(position("P1", 1, "end", 50),))
    panel = build_panel(record)
    measures = {str(name) for name in panel.data_vars if not str(name).endswith(("_seen", "_rows"))}
    axes = {re.sub(r"^\w+_series$", "<measure>_series", str(axis)) for axis in panel.dims}
    missing = {name for name in measures | axes if f"`{name}`" not in page}
    assert not missing


def test_measures_page_names_every_array_of_the_weekly_record() -> None:
    page = (
        (DOCS / "reference" / "measures.md").read_text("utf-8").split("## The weekly record of the models")[1]
    )
    weekly, side = page.split("Of a side's stance:")
    for kind, text in ((WeeklyRecord, weekly), (Stances, side)):
        named = {field.name for field in dataclasses.fields(kind)}
        assert named == set(re.findall(r"`([a-z_]+)`", "\n".join(re.findall(r"^\| (.*?) \|", text, re.M))))


@pytest.mark.parametrize("page", ["reference/measures.md", "explanation/daylight.md"])
def test_every_key_cited_is_in_the_bibliography(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    cited = {
        key for group in re.findall(r"\[([a-z0-9; ]+\d{4}[a-z; 0-9]*)\]", text) for key in group.split("; ")
    }
    entries = set(re.findall(r"^@\w+\{([^,]+),", (DOCS / "references.bib").read_text("utf-8"), re.MULTILINE))
    assert cited, page
    assert cited <= entries


def test_keys_in_the_code_are_in_the_bibliography() -> None:
    entries = set(re.findall(r"^@\w+\{([^,]+),", (DOCS / "references.bib").read_text("utf-8"), re.MULTILINE))
    room = DOCS.parent / "src" / "standoff" / "panel"
    named = {
        key
        for file in room.glob("*.py")
        for key in re.findall(r"`([a-z]+\d{4}[a-z]+)`", file.read_text("utf-8"))
    }
    assert "krippendorff2011computing" in named
    assert named <= entries
