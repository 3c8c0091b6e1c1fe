"""What can go wrong in the room of published games.

StandoffError
├── GamesError            parameters, a formula or data with one or more mistakes (all of them)
└── LostCurveError        a curve of equilibria that could not be followed as far as asked
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from standoff.errors import StandoffError


@dataclass(frozen=True, slots=True, order=True)
class GameMistake:
    """One mistake: the parameter or column, what is wrong, why, what to do, and file:line:column where known.

    ``line`` and ``column`` are 1-based; 0 when the value did not come from a file.
    """

    parameter: str
    what: str
    why: str = ""
    do: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    @property
    def place(self) -> str:
        """Where the mistake stands: ``file:line:column``, or the parameter."""
        return f"{self.file}:{self.line}:{self.column}" if self.file else self.parameter


class GamesError(StandoffError):
    """A published game that cannot be used as asked; ``mistakes`` holds all that were found."""

    kind = "games"

    def __init__(self, subject: str, mistakes: Sequence[GameMistake]) -> None:
        count = len(mistakes)
        noun = "mistake" if count == 1 else "mistakes"
        super().__init__(
            f"{subject}: {count} {noun}",
            "a game is solved whole or not at all",
            f"mend what is listed; `standoff games show {subject}` tells each parameter and its range",
        )
        self.subject = subject
        self.mistakes = tuple(mistakes)


class LostCurveError(StandoffError):
    """A curve of equilibria that could not be followed as far as was asked."""

    kind = "games"
