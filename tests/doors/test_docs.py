"""Every example on every page runs and prints what the page shows; every link between pages leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.doors.console import examples, matches, run

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)], ids=_name)
def test_examples_print_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    for example in examples(page):
        printed = run(example, tmp_path)
        place = f"{_name(page)}:{example.line}: {example.command}"
        assert matches(printed, example.printed), (
            f"{place}\nprinted:\n{printed}\nthe page shows:\n{example.printed}"
        )


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{_name(page)}: {target}"


def test_every_page_can_be_reached_from_the_first() -> None:
    docs = ROOT / "docs"
    linked = {
        (docs / target).resolve() for target in LINK.findall((docs / "index.md").read_text(encoding="utf-8"))
    }
    pages = {page for page in docs.rglob("*.md") if page.parent.name != "decisions"} - {docs / "index.md"}
    assert not {page.relative_to(docs).as_posix() for page in pages - linked}


@pytest.mark.parametrize(
    ("printed", "expected", "same"),
    [
        ("one\ntwo\nthree\n", "one\n...\nthree\n", True),
        ("one\nthree\n", "one\n...\nthree\n", False),
        ("a 12 b\n", "a ... b\n", True),
        ("a 12 c\n", "a ... b\n", False),
        ("more\nthan shown\n", "more\n", False),
    ],
)
def test_the_runner_tells_equal_from_different(printed: str, expected: str, same: bool) -> None:
    assert matches(printed, expected) is same
