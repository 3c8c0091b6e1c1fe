"""Data of other packages under a copyleft licence: read from beside the checkout, downloaded nowhere.

A test that needs them is skipped by name where they are absent; where the environment says CI, it fails instead.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PEERS = Path(__file__).parents[3] / "shared" / "peers"


def peer(name: str) -> Path:
    """The path of a peer's file; skips (or, under CI, fails) the test where it is absent."""
    path = PEERS / name
    if path.exists():
        return path
    told = f"needs {name}, which is not beside this checkout (../shared/peers)"
    if os.environ.get("CI"):
        pytest.fail(told)
    pytest.skip(told)
