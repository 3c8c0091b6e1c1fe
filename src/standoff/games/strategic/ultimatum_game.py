"""The statistical ultimatum game, solved at given numbers. Equations: `standoff.games.strategic.ultimatum`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, wrightomega

from standoff.games.catalogue import Equation, Game, numbers_of
from standoff.games.checks import Relation, number, settle
from standoff.games.draws import Simulated, counted, mean_of, stream
from standoff.games.precision import use_float64
from standoff.games.solved import Check, Quantity, Solved
from standoff.games.strategic.ultimatum import EQUATIONS, expected, fit_ultimatum, simulate_ultimatum


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of the game, all in the unit of the offer; GamesError with every mistake."""

    r1: float = number(3.0, "(-inf, inf)", "X_1 b_1", "player 1's mean reservation value")
    r2: float = number(3.0, "(-inf, inf)", "X_2 b_2", "player 2's mean reservation value")
    s1: float = number(2.0, "(0, inf)", "s_1", "scale of player 1's reservation value")
    s2: float = number(1.0, "(0, inf)", "s_2", "scale of player 2's reservation value")
    low: float = number(0.0, "(-inf, inf)", "low", "lowest offer")
    high: float = number(15.0, "(-inf, inf)", "Q", "highest offer, the prize")

    game: ClassVar[str] = "ultimatum"
    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(("low", "high"), lambda n: bool(n["low"] < n["high"]), "low is not below high", "offers lie between them", "exchange or correct the two"),
    )  # fmt: skip

    def __post_init__(self) -> None:
        settle(self)


def best_offer(game: Numbers, reserve: float) -> float:
    """What player 1 offers when its own reservation value is ``reserve`` (the first-order condition, within the bounds)."""
    omega: Any = wrightomega((game.high - reserve - game.r2 - game.s2) / game.s2)
    return float(
        np.clip(game.high - reserve - game.s2 - game.s2 * float(np.real(omega)), game.low, game.high)
    )


def solve(game: Numbers) -> Solved:
    """The offer of a player 1 with the mean reservation value, and what is expected before it is known."""
    use_float64()
    one = jnp.ones((1, 1))
    theta = jnp.asarray([game.r1, game.r2])
    log_s = jnp.asarray([math.log(game.s1), math.log(game.s2)])
    offer, accept, lowest, highest = (
        float(x) for x in expected(theta, one, one, jnp.asarray(game.low), jnp.asarray(game.high), log_s)[0]
    )
    best = best_offer(game, game.r1)
    return Solved(
        game.game, numbers_of(game),
        (
            Quantity("offer", best, "offer of a player 1 whose reservation value is the mean", "unit of the offer"),
            Quantity("acceptance", float(expit((best - game.r2) / game.s2)), "chance that this offer is accepted", "probability"),
            Quantity("expected offer", offer, "mean offer over player 1's reservation values", "unit of the offer"),
            Quantity("expected acceptance", accept, "chance that an offer is accepted", "probability"),
            Quantity("chance of the lowest offer", lowest, "chance that player 1 offers least", "probability"),
            Quantity("chance of the highest offer", highest, "chance that player 1 offers all", "probability"),
        ),
        (Check("no other offer is worth more to player 1, per unit of the prize", _regret(game, best), 1e-7),),
        (), f"Player 1 offers {best:.3f} of {game.high:g}; it is accepted with chance {expit((best - game.r2) / game.s2):.3f}.",
    )  # fmt: skip


def _regret(game: Numbers, offer: float) -> float:
    """How much more the best of all offers is worth to player 1, found by search, over the prize."""

    def worth(y: float) -> float:
        p = float(expit((y - game.r2) / game.s2))
        return p * (game.high - y) + (1 - p) * game.r1

    found = minimize_scalar(
        lambda y: -worth(y), bounds=(game.low, game.high), method="bounded", options={"xatol": 1e-12}
    )
    best = max(-float(found.fun), worth(game.low), worth(game.high))
    return max(0.0, best - worth(offer)) / max(1.0, game.high - game.low)


def simulate(game: Numbers, plays: int, seed: int) -> Simulated:
    """Plays with both reservation values drawn."""
    counted(plays)
    drawn = int(stream("ultimatum/play", seed).integers(2**31))
    offer, accept = simulate_ultimatum(
        np.full(plays, game.r1), np.full(plays, game.r2), game.s1, game.s2, game.high, drawn, game.low
    )
    solved = solve(game)
    return Simulated(plays, seed, {
        "offer": mean_of(offer, solved["expected offer"]),
        "acceptance": mean_of(accept, solved["expected acceptance"]),
        "lowest offers": mean_of(offer <= game.low, solved["chance of the lowest offer"]),
        "highest offers": mean_of(offer >= game.high, solved["chance of the highest offer"]),
    })  # fmt: skip


GAME = Game(
    name="ultimatum",
    setting=(
        "Player 1 offers a part of a prize, player 2 takes it or leaves it; each has a private reservation value that it "
        "gets when there is no deal. The larger the offer, the surer the deal and the less is left of it. Fitted, the mean "
        "reservation values depend on regressors."
    ),
    sources=("ramsay_signorino_2009", "kenkel_signorino_2014"),
    model=Numbers,
    solution=solve,
    simulation=simulate,
    equations=tuple(Equation(name, meaning) for name, meaning in EQUATIONS),
    fit=fit_ultimatum,
)
