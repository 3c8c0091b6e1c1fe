"""Dates, machine and durations, in a file of their own, since they are what equal runs do not share."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from standoff.study.folder import RunFolder, read_json
from standoff.study.identity import canonical

T = TypeVar("T")


class Timings:
    """The log of one call; calls that were stopped before stay in the file above it."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        earlier = read_json(folder.path / "timings.json") or {}
        calls = earlier.get("calls")
        self._earlier: list[Any] = calls if isinstance(calls, list) else []
        self._began = time.monotonic()
        self._call: dict[str, Any] = {
            "began": _now(),
            "ended": None,
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
            "seconds": {},
        }
        self._write()

    def timed(self, name: str, do: Callable[[], T]) -> T:
        """Do it, and note how long it took."""
        start = time.monotonic()
        result = do()
        self.note(name, time.monotonic() - start)
        return result

    def note(self, name: str, seconds: float) -> None:
        self._call["seconds"][name] = round(seconds, 3)
        self._write()

    def end(self) -> None:
        self._call["ended"] = _now()
        self.note("in all", time.monotonic() - self._began)

    def _write(self) -> None:
        self._folder.write("timings.json", canonical({"format": 1, "calls": [*self._earlier, self._call]}))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
