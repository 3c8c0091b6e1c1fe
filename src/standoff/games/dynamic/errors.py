"""What can go wrong with a dynamic game: all mistakes of a specification at once, or a solution that missed its gate."""

from __future__ import annotations

from collections.abc import Sequence

from standoff.errors import StandoffError


class DynamicGameError(StandoffError):
    """A game, or data for it, with one or more mistakes; ``listed`` holds them all."""

    kind = "games"

    def __init__(self, listed: Sequence[str], do: str = "mend what is listed") -> None:
        self.listed = tuple(listed)
        super().__init__("; ".join(self.listed), "a game is used whole or not at all", do)


class NoEquilibriumError(StandoffError):
    """No attempt reached the gate; the best residual is in the words."""

    kind = "games"
