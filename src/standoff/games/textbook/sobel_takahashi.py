"""One side makes all offers to another whose value is private (Sobel-Takahashi), and the limit of quick offers (Coase).

The buyer's value is uniform on [0, vbar]; both discount by delta a round. With m = sqrt(1 - delta), when values up to V
are left the price is V m / (1 + m) and values above V / (1 + m) accept: each round the same share m / (1 + m) of those
left. The seller's value is vbar^2 m / (2 (1 + m)) for buyers of density one, so vbar m / (2 (1 + m)) a buyer. With
delta = exp(-r Delta), the mean time to agreement, Delta / m, falls to 0 with Delta. Source: [sobel_takahashi_1983].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from standoff.games.catalogue import Game, numbers_of
from standoff.games.checks import number, settle
from standoff.games.draws import Simulated, counted, mean_of, stream
from standoff.games.solved import Check, Equilibrium, Quantity, Solved


@dataclass(frozen=True, slots=True)
class Haggle:
    """Numbers of the game; GamesError with every mistake."""

    patience: float = number(0.9, "[0, 1)", "delta", "what either keeps of a gain that comes a round later")
    highest: float = number(1.0, "(0, inf)", "vbar", "the highest value that the answering side can have")

    game: ClassVar[str] = "sobel-takahashi"

    def __post_init__(self) -> None:
        settle(self)

    @property
    def impatience(self) -> float:
        """m = sqrt(1 - delta)."""
        return math.sqrt(1 - self.patience)


def price(game: Haggle, left: float) -> float:
    """The price asked when values up to ``left`` are left."""
    return left * game.impatience / (1 + game.impatience)


def cut_off(game: Haggle, left: float) -> float:
    """The value from which that price is accepted."""
    return left / (1 + game.impatience)


def seller_value(game: Haggle, left: float) -> float:
    """The seller's value with buyers of density one on [0, left]."""
    return left**2 * game.impatience / (2 * (1 + game.impatience))


def solution(game: Haggle) -> Solved:
    """The stationary equilibrium."""
    m, top = game.impatience, game.highest
    accepts = m / (1 + m)
    quantities = (
        Quantity("price", price(game, top), "the first price"),
        Quantity("cut-off", cut_off(game, top), "the value from which the first price is accepted"),
        Quantity("cut-off ratio", 1 / (1 + m), "the cut-off as a share of the highest value left"),
        Quantity("acceptance", accepts, "chance of acceptance in each round"),
        Quantity("seller value", seller_value(game, top), "the seller's value with buyers of density one"),
        Quantity("seller value a buyer", seller_value(game, top) / top, "the seller's expected value"),
        Quantity("mean rounds", 1 / accepts, "mean number of offers to an agreement", "offers"),
    )
    sentence = f"The first price is {price(game, top):.6g}; each offer is accepted with chance {accepts:.6g}."
    return Solved(
        game.game, numbers_of(game), quantities, _checks(game),
        (Equilibrium("stationary", {"price": price(game, top), "cut-off": cut_off(game, top)}),), sentence,
    )  # fmt: skip


def _checks(game: Haggle) -> tuple[Check, ...]:
    """The cut-off value is indifferent, and no other price is worth more to the seller."""
    top, delta, m = game.highest, game.patience, game.impatience
    edge = cut_off(game, top)
    waits = delta * (edge - price(game, edge))
    cuts = np.linspace(0.0, top, 1001)
    asked = cuts * m  # the price that makes a value of ``cuts`` indifferent: v m
    worth = asked * (top - cuts) + delta * cuts**2 * m / (2 * (1 + m))
    regret = max(0.0, float(worth.max()) - seller_value(game, top))
    return (
        Check("the cut-off value is indifferent", abs(edge - price(game, top) - waits) / top, 1e-12),
        Check("seller's regret", regret / top**2, 1e-9),
    )


def simulation(game: Haggle, plays: int, seed: int) -> Simulated:
    """Values drawn, and the round and price at which each accepts."""
    m, top = game.impatience, game.highest
    value = top * (1 - stream(f"{game.game}/value", seed).random(counted(plays)))
    before = np.floor(np.log(top / value) / math.log1p(m))
    paid = top * m / (1 + m) ** (before + 1)
    gained = game.patience**before * paid
    means = {
        "acceptance at once": mean_of(before == 0, m / (1 + m)),
        "mean rounds": mean_of(before + 1, (1 + m) / m),
        "seller value a buyer": mean_of(gained, seller_value(game, top) / top),
    }
    return Simulated(plays, seed, means)


GAME = Game(
    name="sobel-takahashi",
    setting=(
        "A seller who does not know a buyer's value makes offer after offer; the buyer accepts or waits. As offers "
        "become quick, delay and the seller's gain vanish."
    ),
    sources=("sobel_takahashi_1983",),
    model=Haggle,
    solution=solution,
    simulation=simulation,
)
