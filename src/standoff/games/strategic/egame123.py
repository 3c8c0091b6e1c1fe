"""Three players, four ends: a strategic choice (Signorino). Equations: `standoff.games.strategic.trees`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from standoff.games.catalogue import Equation, Game, numbers_of
from standoff.games.checks import choice, number, settle
from standoff.games.draws import Simulated
from standoff.games.solved import Solved
from standoff.games.strategic.fitting import fit_tree
from standoff.games.strategic.solving import play_tree, solve_tree
from standoff.games.strategic.trees import TREE_123


@dataclass(frozen=True, slots=True)
class Payoffs:
    """Payoffs of the game; GamesError with every mistake."""

    u11: float = number(
        0.0, "(-inf, inf)", "u11", "player 1's payoff when it moves left, in standard deviations of an error"
    )
    u13: float = number(
        0.2,
        "(-inf, inf)",
        "u13",
        "player 1's payoff when player 2 moves left, in standard deviations of an error",
    )
    u15: float = number(
        0.5,
        "(-inf, inf)",
        "u15",
        "player 1's payoff when player 3 moves left, in standard deviations of an error",
    )
    u16: float = number(
        -0.5,
        "(-inf, inf)",
        "u16",
        "player 1's payoff when all move right, in standard deviations of an error",
    )
    u23: float = number(
        0.0, "(-inf, inf)", "u23", "player 2's payoff when it moves left, in standard deviations of an error"
    )
    u25: float = number(
        0.4,
        "(-inf, inf)",
        "u25",
        "player 2's payoff when player 3 moves left, in standard deviations of an error",
    )
    u26: float = number(
        -0.4,
        "(-inf, inf)",
        "u26",
        "player 2's payoff when all move right, in standard deviations of an error",
    )
    u36: float = number(
        0.1,
        "(-inf, inf)",
        "u36",
        "player 3's payoff when it moves right, above that of moving left, in standard deviations of an error",
    )
    errors: str = choice(
        "probit",
        ("probit", "logit", "private"),
        "where chance comes from: agents' errors (probit, logit) or private information",
    )

    game: ClassVar[str] = "egame123"

    def __post_init__(self) -> None:
        settle(self)


def solve(payoffs: Payoffs) -> Solved:
    """Chances of every move and end."""
    return solve_tree(TREE_123, numbers_of(payoffs))


def simulate(payoffs: Payoffs, plays: int, seed: int) -> Simulated:
    """Plays of the game with errors, or private parts, drawn."""
    return play_tree(TREE_123, numbers_of(payoffs), plays, seed)


GAME = Game(
    name="egame123",
    setting=(
        "Three players move in turn; left ends the game, right hands the move on, and after the third "
        "player's move the game is over. Each foresees later moves only as chances, because payoffs have "
        "parts that it cannot see or because moves are made with error. Fitted, the payoffs depend on "
        "regressors."
    ),
    sources=("signorino_1999", "signorino_2003", "kenkel_signorino_2014"),
    model=Payoffs,
    solution=solve,
    simulation=simulate,
    equations=tuple(Equation(name, meaning) for name, meaning in TREE_123.equations),
    fit=fit_tree,
)
