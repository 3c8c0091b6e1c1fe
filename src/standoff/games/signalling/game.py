"""The crisis signalling game in the catalogue: one game solved at given payoffs, played, and fitted to data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from standoff.games.catalogue import Equation, Game, numbers_of
from standoff.games.checks import number, settle
from standoff.games.draws import Simulated, counted, mean_of, stream
from standoff.games.signalling.equations import EQUATIONS, OUTCOME_MEANINGS, OUTCOMES
from standoff.games.solved import Check, Equilibrium, Quantity, Solved

_RANGE = "[-50, 50]"
_CLOSED = 1e-10


@dataclass(frozen=True, slots=True)
class CrisisSignalling:
    """Mean payoffs of the game, in standard deviations of the private parts; GamesError with every mistake."""

    status_quo_a: float = number(0.0, _RANGE, "S_A", EQUATIONS["S_A"])
    victory_a: float = number(1.0, _RANGE, "V_A", EQUATIONS["V_A"])
    concession_b: float = number(0.0, _RANGE, "C_B", EQUATIONS["C_B"])
    war_a: float = number(-1.9, _RANGE, "barW_A", EQUATIONS["barW_A"])
    war_b: float = number(-2.9, _RANGE, "barW_B", EQUATIONS["barW_B"])
    back_down_a: float = number(-1.2, _RANGE, "bar_a", EQUATIONS["bar_a"])
    victory_b: float = number(1.0, _RANGE, "V_B", EQUATIONS["V_B"])

    game: ClassVar[str] = "crisis-signalling"

    def __post_init__(self) -> None:
        settle(self)


def _found(game: CrisisSignalling) -> Any:
    from standoff.games.signalling.equations import payoffs_of
    from standoff.games.signalling.equilibria import all_equilibria

    return all_equilibria(payoffs_of(numbers_of(game).values()))


def solution(game: CrisisSignalling) -> Solved:
    """Every equilibrium, with the probabilities of moves and outcomes in each."""
    found = _found(game)
    count = len(found.index)
    quantities = [
        Quantity("equilibria", float(count), "equilibria in which B resists with a chance between 0 and 1"),
        Quantity(
            "never challenged", bool(found.quiet[0]), "whether it is an equilibrium that A never challenges"
        ),
    ]
    equilibria = []
    for place in range(count):
        chances = dict(zip(OUTCOMES, (float(x) for x in found.outcomes[place]), strict=True))
        quantities += [
            Quantity(f"{name} ({place + 1})", chance, OUTCOME_MEANINGS[name])
            for name, chance in chances.items()
        ]
        conduct = {
            "p_C": float(found.challenge[place]),
            "p_R": float(found.resist[place]),
            "p_F": float(found.firm[place]),
            **chances,
            "slope of best responses": float(found.slope[place]),
        }
        stable = "best responses return to it" if abs(found.slope[place]) < 1 else "best responses leave it"
        equilibria.append(Equilibrium(f"{place + 1}: {stable}", conduct))
    checks = (
        Check("distance from best response", float(np.max(found.residual, initial=0.0)), _CLOSED),
        Check(
            "outcomes sum to one",
            float(np.max(np.abs(found.outcomes.sum(axis=1) - 1.0), initial=0.0)),
            _CLOSED,
        ),
    )
    return Solved(game.game, numbers_of(game), tuple(quantities), checks, tuple(equilibria), _sentence(found))


def _sentence(found: Any) -> str:
    count = len(found.index)
    if not count:
        return "A never challenges: no equilibrium gives B a chance to answer."
    chances = ", ".join(f"{x:.4f}" for x in found.resist)
    many = f"There {'is one equilibrium' if count == 1 else f'are {count} equilibria'}: B resists with chance {chances}."
    return many + (" That A never challenges is an equilibrium as well." if found.quiet[0] else "")


def simulation(game: CrisisSignalling, plays: int, seed: int) -> Simulated:
    """Plays with private payoffs drawn, in the equilibrium in which B resists least.

    A's threshold and B's index are those of the equilibrium; moves follow from the drawn payoffs.
    """
    found = _found(game)
    many, resist, index = counted(plays), float(found.resist[0]), float(found.index[0])
    stand = game.war_a + stream(f"{game.game}/war A", seed).standard_normal(many)
    back = game.back_down_a + stream(f"{game.game}/back down A", seed).standard_normal(many)
    threshold = game.victory_a + (game.status_quo_a - game.victory_a) / resist
    challenged = np.maximum(stand, back) > threshold
    resisted = stream(f"{game.game}/war B", seed).standard_normal(many) < index
    happened = {
        "SQ": ~challenged,
        "CD": challenged & ~resisted,
        "SF": challenged & resisted & (stand > back),
        "BD": challenged & resisted & (stand <= back),
    }
    exact = dict(zip(OUTCOMES, (float(x) for x in found.outcomes[0]), strict=True))
    return Simulated(plays, seed, {name: mean_of(seen, exact[name]) for name, seen in happened.items()})


def fit(*arguments: Any, **options: Any) -> Any:
    """See `standoff.games.signalling.fitting.fit`."""
    from standoff.games.signalling.fitting import fit as fit_table

    return fit_table(*arguments, **options)


GAME = Game(
    name="crisis-signalling",
    setting=(
        "A challenges B or leaves things as they are; B concedes or resists; A then stands firm or backs down. Each "
        "side knows its own value of a fight, and A its cost of backing down, and only the odds of the other's."
    ),
    sources=("lewis_schultz_2003", "crismancox_gibilisco_2019"),
    model=CrisisSignalling,
    solution=solution,
    simulation=simulation,
    equations=tuple(Equation(name, meaning) for name, meaning in EQUATIONS.items()),
    fit=fit,
)
