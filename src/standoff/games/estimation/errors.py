"""What can go wrong when a published game is fitted.

StandoffError
└── EstimationError       data or formulas with one or more mistakes (all of them)
"""

from __future__ import annotations

from collections.abc import Sequence

from standoff.errors import Mistake, StandoffError


class EstimationError(StandoffError):
    """Data or formulas that cannot be used; ``mistakes`` holds all that were found, in the order of the file."""

    kind = "estimation"

    def __init__(self, subject: str, mistakes: Sequence[Mistake]) -> None:
        count = len(mistakes)
        super().__init__(
            f"{subject}: {count} {'mistake' if count == 1 else 'mistakes'}",
            "data are used whole or not at all: nothing is dropped or guessed in silence",
            "mend what is listed, then fit again",
        )
        self.subject = subject
        self.mistakes = tuple(sorted(mistakes))


def refuse(subject: str, mistakes: Sequence[Mistake]) -> None:
    """Raise `EstimationError` where there is any mistake."""
    if mistakes:
        raise EstimationError(subject, mistakes)
