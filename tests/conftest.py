"""What all tests share: browser tests are skipped by name where there is no chromium, and compiled programs make room."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A merge is judged on the same examples every time; elsewhere each run looks at new ones.
settings.register_profile("merge", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("merge")

MOST_MAPPINGS = (
    25_000  # of memory in this process; the kernel allows 65,530, and a compiler that has none left aborts
)
MAPPINGS = Path("/proc/self/maps")


@pytest.fixture(autouse=True, scope="module")
def room_for_compiled_programs() -> Iterator[None]:
    """Every compiled program holds mappings for as long as it is kept; a process that runs all modules would run out."""
    yield
    jax = sys.modules.get("jax")
    if jax and MAPPINGS.exists() and MAPPINGS.read_bytes().count(b"\n") > MOST_MAPPINGS:
        jax.clear_caches()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if shutil.which("chromium"):
        return
    skip = pytest.mark.skip(reason="needs Debian's chromium: apt-get install chromium")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(skip)
