"""Every source that a page or a docstring of the claims room names is in docs/references.bib, and is used."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    "order-in-time",
    "contrast",
    "weight-of-evidence",
    "multiverse",
    "could-this-record-have-told",
    "share",
]
KEY = r"[a-z]+[12][0-9]{3}[a-z]+"


def keys() -> set[str]:
    return set(re.findall(rf"^@[a-z]+\{{({KEY}),", (ROOT / "docs/references.bib").read_text(), flags=re.M))


def test_pages_cite_what_the_bibliography_holds():
    for page in PAGES:
        cited = set(re.findall(rf"\[({KEY})\]", (ROOT / f"docs/explanation/{page}.md").read_text()))
        assert cited, page
        assert cited <= keys(), page


def test_docstrings_cite_what_the_bibliography_holds():
    cited = set()
    for file in (ROOT / "src/standoff/claims").glob("*.py"):
        cited |= set(re.findall(rf"`({KEY})`", file.read_text()))
    assert len(cited) >= 5
    assert cited <= keys()
