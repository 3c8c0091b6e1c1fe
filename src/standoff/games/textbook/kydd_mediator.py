"""When a mediator is believed (Kydd), with two types of cost.

Side 1 makes a demand of side 2, whose cost of war is c_l or c_h. A mediator knows more: given its signal the chance of
c_h is mu after a sign of weakness and mu' after a sign of resolve. Peace at x is worth b x + (1 - b)(1 - x) to it, and
war costs it c_M. "2 is weak" makes side 1 demand p + c_h, "2 is resolved" p + c_l.

- "2 is weak" is honest if (2 b - 1)(mu c_h - c_l) >= (1 - mu) c_M; given mu c_h > c_l, if
  b >= b* = 1/2 + (1 - mu) c_M / [2 (mu c_h - c_l)];
- "2 is resolved" after mu' is honest if (2 b - 1)(mu' c_h - c_l) <= (1 - mu') c_M;
- side 1 heeds the mediator only if mu' < h* < mu, h* = (c_l + c_A) / (c_h + c_A).

An unbiased mediator (b = 1/2) whose knowledge has any noise is never believed when it counsels restraint: it would say
"resolved" whatever it knew. Source: [kydd_2003]; the two-type version is restated here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from standoff.games.catalogue import Game, numbers_of
from standoff.games.checks import Relation, number, settle
from standoff.games.draws import Simulated, counted, mean_of, stream
from standoff.games.solved import Check, Equilibrium, Quantity, Solved


@dataclass(frozen=True, slots=True)
class Mediation:
    """Numbers of the game, in shares of the pie; GamesError with every mistake."""

    bias: float = number(0.6, "[0, 1]", "b", "weight of the mediator on side 1's share; 1/2 is unbiased")
    cost_low: float = number(0.1, "[0, inf)", "c_l", "side 2's cost of war when resolved")
    cost_high: float = number(0.4, "(0, inf)", "c_h", "side 2's cost of war when weak")
    mediator_cost: float = number(0.05, "[0, inf)", "c_M", "what war costs the mediator")
    weak_signal: float = number(0.9, "[0, 1]", "mu", "chance that side 2 is weak after a sign of weakness")
    firm_signal: float = number(0.2, "[0, 1]", "mu'", "chance that side 2 is weak after a sign of resolve")
    cost_1: float = number(0.1, "[0, inf)", "c_A", "what war costs side 1")
    strength: float = number(0.5, "[0, 1]", "p", "chance that side 1 wins the war")

    game: ClassVar[str] = "kydd-mediator"
    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(
            ("cost_low", "cost_high"),
            lambda n: bool(n["cost_low"] < n["cost_high"]),
            "cost_low is not below cost_high",
            "war costs a weak side 2 more than a resolved one",
            "exchange or correct the two",
        ),
        Relation(
            ("weak_signal", "firm_signal"),
            lambda n: bool(n["firm_signal"] <= n["weak_signal"]),
            "firm_signal is above weak_signal",
            "weakness is likelier after a sign of weakness",
            "exchange or correct the two",
        ),
    )

    def __post_init__(self) -> None:
        settle(self)


def gain_from_weak(game: Mediation, weak: float) -> float:
    """What "2 is weak" gains the mediator over "2 is resolved" when it holds side 2 weak with chance ``weak``."""
    return (2 * game.bias - 1) * (weak * game.cost_high - game.cost_low) - (1 - weak) * game.mediator_cost


def least_bias(game: Mediation) -> float:
    """b*, from which "2 is weak" is honest; infinite where mu c_h <= c_l, so that no bias towards side 1 suffices."""
    gained = game.weak_signal * game.cost_high - game.cost_low
    lost = (1 - game.weak_signal) * game.mediator_cost
    return 0.5 + lost / (2 * gained) if gained > 0 else math.inf


def screening_threshold(game: Mediation) -> float:
    """h*: the chance of weakness above which side 1 risks war by its demand."""
    return (game.cost_low + game.cost_1) / (game.cost_high + game.cost_1)


def solution(game: Mediation) -> Solved:
    """Whether each advice is honest and heeded."""
    least, threshold = least_bias(game), screening_threshold(game)
    weak = gain_from_weak(game, game.weak_signal) >= -1e-15
    firm = gain_from_weak(game, game.firm_signal) <= 1e-15
    heard = game.firm_signal < threshold < game.weak_signal
    believed = weak and firm and heard
    quantities = (
        Quantity("least bias", least, "bias from which 'weak' is honest (b*)"),
        Quantity("attainable", least <= 1, "whether any bias is enough"),
        Quantity("weak is honest", weak, "the mediator says 'weak' after a sign of weakness"),
        Quantity("resolved is honest", firm, "the mediator says 'resolved' after a sign of resolve"),
        Quantity("threshold", threshold, "chance of weakness from which side 1 risks war (h*)"),
        Quantity("heeded", heard, "whether the signals would change side 1's demand"),
        Quantity("believed", believed, "whether the mediator is honest and heeded in both"),
        Quantity("war after weak", 1 - game.weak_signal, "chance of war when 'weak' is believed"),
    )  # fmt: skip
    sentence = f"The mediator is {'believed' if believed else 'not believed'}; it takes a bias of {least:.6g} or more."
    told = Equilibrium("advice", {"honest": weak and firm, "heeded": heard})
    return Solved(game.game, numbers_of(game), quantities, _checks(game), (told,), sentence)


def mediator_payoff(game: Mediation, weak: float, demand: float) -> float:
    """The mediator's expected payoff of a demand by side 1, when side 2 is weak with chance ``weak``."""
    b, p = game.bias, game.strength
    accepted = weak if demand > p + game.cost_low else 1.0
    war = b * p + (1 - b) * (1 - p) - game.mediator_cost
    return accepted * (b * demand + (1 - b) * (1 - demand)) + (1 - accepted) * war


def _checks(game: Mediation) -> tuple[Check, ...]:
    """The conditions against the mediator's payoffs, advice by advice."""
    p, worst = game.strength, 0.0
    for weak in (game.weak_signal, game.firm_signal):
        high = mediator_payoff(game, weak, p + game.cost_high)
        low = mediator_payoff(game, weak, p + game.cost_low)
        worst = max(worst, abs(high - low - gain_from_weak(game, weak)))
    return (Check("gain from saying weak", worst / (1 + game.cost_high + game.mediator_cost), 1e-12),)


def simulation(game: Mediation, plays: int, seed: int) -> Simulated:
    """Side 2's cost drawn after a sign of weakness, when 'weak' is believed."""
    weak = stream(f"{game.game}/cost", seed).random(counted(plays)) < game.weak_signal
    b, p, demand = game.bias, game.strength, game.strength + game.cost_high
    peace, war = b * demand + (1 - b) * (1 - demand), b * p + (1 - b) * (1 - p) - game.mediator_cost
    means = {
        "war after weak": mean_of(~weak, 1 - game.weak_signal),
        "mediator's payoff": mean_of(
            np.where(weak, peace, war), mediator_payoff(game, game.weak_signal, demand)
        ),
    }
    return Simulated(plays, seed, means)


GAME = Game(
    name="kydd-mediator",
    setting=(
        "A mediator knows more about a side's resolve than the other does, and wants peace. Only a mediator that leans "
        "towards the listener is believed when it says that the opponent is resolved."
    ),
    sources=("kydd_2003",),
    model=Mediation,
    solution=solution,
    simulation=simulation,
)
