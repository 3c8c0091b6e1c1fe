"""The trade-off between risk and return: an ultimatum to a side whose cost of war is private.

A demands x of a pie of one; if B refuses, war gives (p - c_A, 1 - p - c_B), with c_B uniform on [c_l, c_h]. The best demand
is x* = max{p + c_l, p + (c_h - c_A) / 2}, and P(war) = max{0, (c_h - c_A) / 2 - c_l} / (c_h - c_l), which does not hang on
p and is zero if c_h - 2 c_l <= c_A. Nothing keeps x* within the pie here; with ``demands`` "within the pie" it stops at
one, which B then accepts whenever its cost is at least 1 - p.

With two types, c_h with chance h and c_l otherwise, the demand p + c_h is better than the safe p + c_l if
h > h* = (c_l + c_A) / (c_h + c_A). Source: [fearon_1995].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from standoff.games.catalogue import Game, numbers_of
from standoff.games.checks import Relation, choice, number, settle
from standoff.games.draws import Simulated, counted, mean_of, stream
from standoff.games.solved import Check, Equilibrium, Quantity, Solved


@dataclass(frozen=True, slots=True)
class Ultimatum:
    """Numbers of the game, in shares of the pie; GamesError with every mistake."""

    strength: float = number(0.5, "[0, 1]", "p", "chance that A wins the war")
    cost_a: float = number(0.1, "[0, inf)", "c_A", "what war costs A")
    cost_low: float = number(0.0, "[0, inf)", "c_l", "least that war costs B")
    cost_high: float = number(0.4, "[0, inf)", "c_h", "most that war costs B")
    high_chance: float = number(0.5, "[0, 1]", "h", "with two types: chance that B's cost is the high one")
    demands: str = choice("any", ("any", "within the pie"), "whether a demand may exceed the pie")

    game: ClassVar[str] = "risk-return"
    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(
            ("cost_low", "cost_high"),
            lambda n: bool(n["cost_low"] < n["cost_high"]),
            "cost_low is not below cost_high",
            "B's cost lies between the two",
            "exchange or correct the two",
        ),
    )

    def __post_init__(self) -> None:
        settle(self)

    @property
    def most(self) -> float:
        """The largest demand allowed."""
        return 1.0 if self.demands == "within the pie" else float("inf")


def best_demand(game: Ultimatum) -> float:
    """x*, the demand that is worth most to A."""
    free = game.strength + max(game.cost_low, (game.cost_high - game.cost_a) / 2)
    return min(free, game.most)


def war_chance(game: Ultimatum, demand: float) -> float:
    """Chance that B refuses a demand: that its cost is below demand - p."""
    share = (demand - game.strength - game.cost_low) / (game.cost_high - game.cost_low)
    return min(1.0, max(0.0, share))


def value(game: Ultimatum, demand: float) -> float:
    """What a demand is worth to A."""
    war = war_chance(game, demand)
    return war * (game.strength - game.cost_a) + (1 - war) * demand


def screening_threshold(game: Ultimatum) -> float:
    """h*, the chance of the high cost above which A risks war with two types; 1 where both sides' costs are zero."""
    whole = game.cost_high + game.cost_a
    return (game.cost_low + game.cost_a) / whole


def two_type_demand(game: Ultimatum) -> tuple[float, float]:
    """(demand, chance of war) with two types; the safe demand where A is indifferent."""
    risks = game.high_chance > screening_threshold(game)
    demand = game.strength + (game.cost_high if risks else game.cost_low)
    if demand <= game.most:
        return demand, (1 - game.high_chance if risks else 0.0)
    return _two_types_in_the_pie(game)


def _two_types_in_the_pie(game: Ultimatum) -> tuple[float, float]:
    """The better of the safe demand and of the whole pie, where p + c_h exceeds it."""
    safe = min(game.strength + game.cost_low, 1.0)
    war = 1 - game.high_chance if game.strength + game.cost_low < 1 else 0.0
    whole = war * (game.strength - game.cost_a) + (1 - war)
    return (1.0, war) if whole > safe else (safe, 0.0)


def solution(game: Ultimatum) -> Solved:
    """The best demand against a spread of costs, and against two types."""
    demand, (screening, war_of_two) = best_demand(game), two_type_demand(game)
    war, threshold = war_chance(game, demand), screening_threshold(game)
    quantities = (
        Quantity("best demand", demand, "what A demands (x*)", "pie"),
        Quantity("war", war, "chance of war"),
        Quantity("value", value(game, demand), "worth to A", "pie"),
        Quantity("fits the pie", demand <= 1, "whether the demand is at most the whole pie"),
        Quantity("screening threshold", threshold, "two types: the chance of high cost from which A risks war (h*)"),
        Quantity("demand of two types", screening, "two types: what A demands", "pie"),
        Quantity("war of two types", war_of_two, "two types: chance of war"),
    )  # fmt: skip
    risk = f"risks war with chance {war:.4g}" if war > 0 else "runs no risk of war"
    return Solved(
        game.game, numbers_of(game), quantities, _checks(game, demand),
        (Equilibrium("subgame perfect", {"demand": demand, "war": war}),),
        f"A demands {demand:.4g} and {risk}.",
    )  # fmt: skip


def _checks(game: Ultimatum, demand: float) -> tuple[Check, ...]:
    """Regret against a grid of demands."""
    top = min(game.strength + game.cost_high, game.most)
    grid = np.linspace(min(game.strength, top), top, 501)
    best = max(value(game, float(x)) for x in grid)
    return (Check("A's regret", max(0.0, best - value(game, demand))),)


def simulation(game: Ultimatum, plays: int, seed: int) -> Simulated:
    """Costs of B drawn, and its answers to the best demand."""
    u = stream(f"{game.game}/cost", seed).random(counted(plays))
    cost = game.cost_low + u * (game.cost_high - game.cost_low)
    demand = best_demand(game)
    refused = demand - game.strength > cost
    gained = np.where(refused, game.strength - game.cost_a, demand)
    means = {
        "war": mean_of(refused, war_chance(game, demand)),
        "value": mean_of(gained, value(game, demand)),
    }
    return Simulated(plays, seed, means)


GAME = Game(
    name="risk-return",
    setting=(
        "One side makes a demand that the other can only accept or refuse. What war costs the other is private: "
        "to demand more is to gain more and to risk war."
    ),
    sources=("fearon_1995",),
    model=Ultimatum,
    solution=solution,
    simulation=simulation,
)
