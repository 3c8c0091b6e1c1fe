"""What a run says while it goes: one small event for the terminal, a log or a page to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Progress(NamedTuple):
    """Where a run stands: ``done`` of ``total`` (parts, files) in ``phase``; ``message`` names the piece at hand."""

    phase: str
    done: float
    total: float
    message: str


Listener = Callable[[Progress], None]

PHASES = ("read", "tests", "verdicts", "tables", "charts", "report")


def silence(_: Progress) -> None:
    """The listener of a run that nobody watches."""
