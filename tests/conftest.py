"""What all tests share: browser tests are skipped by name where there is no chromium."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import settings

# A merge is judged on the same examples every time; elsewhere each run looks at new ones.
settings.register_profile("merge", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("merge")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if shutil.which("chromium"):
        return
    skip = pytest.mark.skip(reason="needs Debian's chromium: apt-get install chromium")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(skip)
