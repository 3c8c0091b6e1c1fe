"""Two players, three ends: a strategic choice (Signorino). Equations: `standoff.games.strategic.trees`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from standoff.games.catalogue import Equation, Game, numbers_of
from standoff.games.checks import choice, number, settle
from standoff.games.draws import Simulated
from standoff.games.solved import Solved
from standoff.games.strategic.fitting import fit_tree
from standoff.games.strategic.solving import play_tree, solve_tree
from standoff.games.strategic.trees import TREE_12


@dataclass(frozen=True, slots=True)
class Payoffs:
    """Payoffs of the game; GamesError with every mistake."""

    u11: float = number(
        0.0, "(-inf, inf)", "u11", "player 1's payoff when it moves left, in standard deviations of an error"
    )
    u13: float = number(
        0.5,
        "(-inf, inf)",
        "u13",
        "player 1's payoff when it moves right and player 2 left, in standard deviations of an error",
    )
    u14: float = number(
        -1.0,
        "(-inf, inf)",
        "u14",
        "player 1's payoff when both move right, in standard deviations of an error",
    )
    u24: float = number(
        0.2,
        "(-inf, inf)",
        "u24",
        "player 2's payoff when both move right, above that of moving left, in standard deviations of an error",
    )
    errors: str = choice(
        "probit",
        ("probit", "logit", "private"),
        "where chance comes from: agents' errors (probit, logit) or private information",
    )

    game: ClassVar[str] = "egame12"

    def __post_init__(self) -> None:
        settle(self)


def solve(payoffs: Payoffs) -> Solved:
    """Chances of every move and end."""
    return solve_tree(TREE_12, numbers_of(payoffs))


def simulate(payoffs: Payoffs, plays: int, seed: int) -> Simulated:
    """Plays of the game with errors, or private parts, drawn."""
    return play_tree(TREE_12, numbers_of(payoffs), plays, seed)


GAME = Game(
    name="egame12",
    setting=(
        "Player 1 moves left, which ends the game, or right; then player 2 moves left or right. Each foresees "
        "the other's moves only as chances, because payoffs have parts that it cannot see or because moves "
        "are made with error. Fitted, the payoffs depend on regressors."
    ),
    sources=("signorino_1999", "signorino_2003", "kenkel_signorino_2014"),
    model=Payoffs,
    solution=solve,
    simulation=simulate,
    equations=tuple(Equation(name, meaning) for name, meaning in TREE_12.equations),
    fit=fit_tree,
)
