"""What can go wrong in the game room.

StandoffError
├── GameSpecError         a specification or parameters with one or more mistakes (all of them)
└── NotConvergedError     a solution that missed its gate; carries the partial result
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from standoff.errors import StandoffError


@dataclass(frozen=True, slots=True, order=True)
class SpecMistake:
    """One mistake: the parameter's path, what is wrong, why, what to do, and file:line:column where known.

    ``line`` and ``column`` are 1-based; 0 when the specification did not come from a file.
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
        """Where the mistake stands: ``file:line:column``, or the parameter's path."""
        return f"{self.file}:{self.line}:{self.column}" if self.file else self.parameter


class GameSpecError(StandoffError):
    """A game that cannot be solved as specified; ``mistakes`` holds all that were found."""

    kind = "game"

    def __init__(self, mistakes: Sequence[SpecMistake]) -> None:
        self.mistakes = tuple(mistakes)
        first = self.mistakes[0]
        more = "" if len(self.mistakes) == 1 else f" (and {len(self.mistakes) - 1} more)"
        super().__init__(
            f"{first.parameter}: {first.what}{more}",
            "a game is solved whole or not at all",
            "mend what is listed, then run the same command again",
        )


class NotConvergedError(StandoffError):
    """A solution that did not reach its gate; ``partial`` holds what was reached, for inspection only."""

    kind = "game"

    def __init__(self, what: str, partial: Any = None, why: str = "", do: str = "") -> None:
        super().__init__(what, why, do)
        self.partial = partial

    @property
    def details(self) -> Mapping[str, Any]:
        if not hasattr(self.partial, "residual"):
            return {}
        spent = self.partial.iterations
        return {
            "partial": {
                "residual": self.partial.residual,
                "iterations": [spent] if isinstance(spent, int) else list(spent),
            }
        }
