"""Published games: textbook results and crisis games that can be estimated; each loaded by name when first used.

``catalogue()`` lists every game; ``load("selten-kidnapping").solve(death_loss=100)`` solves one at given numbers.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from standoff.games.catalogue import Game, catalogue, load
    from standoff.games.errors import GamesError
    from standoff.games.solved import Solved

_HOMES = {
    "Game": "catalogue",
    "GamesError": "errors",
    "Solved": "solved",
    "catalogue": "catalogue",
    "load": "catalogue",
}

__all__ = ["Game", "GamesError", "Solved", "catalogue", "load"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
