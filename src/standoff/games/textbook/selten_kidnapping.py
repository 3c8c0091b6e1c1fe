"""Selten's kidnapping game: what a family offers, what a kidnapper demands, and when capture deters.

The kidnapper takes a hostage or not, demands D > 0; the family offers C in [0, D]. With chance alpha = a (1 - C/D) the
hostage is then killed in anger; otherwise the kidnapper decides. Capture has chance q after a release and q1 after an
execution (q1 = q in the original). Payoffs (kidnapper, family): no kidnapping (0, 0); release, free (C, -C); release,
caught (-x, 0), the ransom is recovered; execution, free (-y, -w); execution, caught (-z, -w); w, x, y > 0, z >= x.

- a decision to kill pays only if C < (q x - (1 - q1) y - q1 z) / (1 - q), which is negative when q1 = q;
- D1 = a w / [(1 + a)(1 - q)], D2 = a w / [(1 - a)(1 - q)]; the best offer is D up to D1, then
  w / [2 (1 - q)] - (1 - a) D / (2 a), and 0 from D2 on; more where less would mean certain death;
- the best demand is D1: it is paid, nobody dies, and it is worth a w / (1 + a) - q x to the kidnapper;
- kidnapping pays only if q < a w / [(1 + a) x].

Sources: [selten_1977]; two capture chances: [iqbal_2017].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from standoff.games.catalogue import Game, numbers_of
from standoff.games.checks import Relation, number, settle
from standoff.games.draws import Simulated, counted, mean_of, stream
from standoff.games.solved import Check, Equilibrium, Quantity, Solved


@dataclass(frozen=True, slots=True)
class Kidnapping:
    """Numbers of the game, in units of ransom; GamesError with every mistake."""

    anger: float = number(0.5, "(0, 1)", "a", "chance of an execution in anger when nothing is offered")
    death_loss: float = number(100.0, "(0, inf)", "w", "what the hostage's death costs the family")
    capture: float = number(0.2, "(0, 1)", "q", "chance of capture after a release")
    caught_release: float = number(30.0, "(0, inf)", "x", "kidnapper's loss when caught after a release")
    free_execution: float = number(
        10.0, "(0, inf)", "y", "kidnapper's loss from an execution when not caught"
    )
    caught_execution: float = number(50.0, "(0, inf)", "z", "kidnapper's loss when caught after an execution")
    capture_execution: float | None = number(
        None, "(0, 1)", "q1", "chance of capture after an execution; the same as after a release unless given"
    )
    demand: float | None = number(None, "(0, inf)", "D", "a demand to look at; the best one unless given")

    game: ClassVar[str] = "selten-kidnapping"
    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(
            ("caught_release", "caught_execution"),
            lambda n: bool(n["caught_execution"] >= n["caught_release"]),
            "caught_execution is below caught_release",
            "who is caught after an execution is punished at least as much as after a release",
            "raise caught_execution (z), or lower caught_release (x)",
        ),
    )

    def __post_init__(self) -> None:
        settle(self)

    @property
    def execution_payoff(self) -> float:
        """The kidnapper's expected payoff from an execution."""
        q1 = self.capture if self.capture_execution is None else self.capture_execution
        return -(1 - q1) * self.free_execution - q1 * self.caught_execution


def demand_bounds(game: Kidnapping) -> tuple[float, float]:
    """(D1, D2): the highest demand that is met in full, and the lowest that is not met at all."""
    a, keep = game.anger, 1 - game.capture
    full = a * game.death_loss / keep
    return full / (1 + a), full / (1 - a)


def least_safe_offer(game: Kidnapping) -> float:
    """The offer below which the kidnapper decides to kill; negative where no offer is so low."""
    return (game.capture * game.caught_release + game.execution_payoff) / (1 - game.capture)


def anger_chance(game: Kidnapping, demand: float, offer: float) -> float:
    """Chance of an execution: in anger, or certain where the kidnapper decides to kill."""
    return 1.0 if offer < least_safe_offer(game) else game.anger * (1 - offer / demand)


def family_loss(game: Kidnapping, demand: float, offer: float) -> float:
    """The family's expected loss."""
    death = anger_chance(game, demand, offer)
    return death * game.death_loss + (1 - death) * (1 - game.capture) * offer


def best_offer(game: Kidnapping, demand: float) -> float:
    """The offer that costs the family least, given the demand."""
    a, (full, none) = game.anger, demand_bounds(game)
    if demand <= full:
        free = demand
    elif demand >= none:
        free = 0.0
    else:
        free = game.death_loss / (2 * (1 - game.capture)) - (1 - a) * demand / (2 * a)
    safe = min(max(free, least_safe_offer(game)), demand)
    return safe if family_loss(game, demand, safe) <= family_loss(game, demand, 0.0) else 0.0


def kidnapper_value(game: Kidnapping, demand: float) -> float:
    """The kidnapper's expected payoff from a demand that the family answers with its best offer."""
    offer = best_offer(game, demand)
    death = anger_chance(game, demand, offer)
    release = (1 - game.capture) * offer - game.capture * game.caught_release
    return (1 - death) * release + death * game.execution_payoff


def deterring_capture(game: Kidnapping) -> float:
    """The chance of capture q* from which kidnapping does not pay; capture alone cannot deter where it is 1 or more."""
    return game.anger * game.death_loss / ((1 + game.anger) * game.caught_release)


def solution(game: Kidnapping) -> Solved:
    """The subgame-perfect equilibrium, and the family's answer to the demand that was asked about."""
    full, none = demand_bounds(game)
    asked = full if game.demand is None else game.demand
    offer, threshold, value = best_offer(game, asked), deterring_capture(game), kidnapper_value(game, full)
    kidnaps = game.capture < threshold
    quantities = (
        Quantity("best demand", full, "the demand that pays the kidnapper most (D*, D1)", "ransom"),
        Quantity("refused demand", none, "the demand from which nothing is offered (D2)", "ransom"),
        Quantity("value", value, "what a kidnapping is worth to the kidnapper (V*)", "ransom"),
        Quantity("deterring capture", threshold, "the chance of capture that deters (q*)"),
        Quantity("kidnaps", kidnaps, "whether kidnapping pays"),
        Quantity("demand", asked, "the demand looked at", "ransom"),
        Quantity("offer", offer, "the family's best offer to it (C*)", "ransom"),
        Quantity("execution", anger_chance(game, asked, offer), "chance of an execution after this offer"),
        Quantity("value of demand", kidnapper_value(game, asked), "its worth to the kidnapper (V)", "ransom"),
        Quantity("family loss", family_loss(game, asked, offer), "the family's expected loss", "ransom"),
    )
    deters = "capture alone cannot deter" if threshold >= 1 else f"a capture chance of {threshold:.4g} deters"
    sentence = f"Kidnapping {'pays' if kidnaps else 'does not pay'}: the best demand is {full:.4g}, which is paid; {deters}."
    path = {"kidnap": kidnaps, "demand": full, "offer": best_offer(game, full)}
    return Solved(
        game.game, numbers_of(game), quantities, _checks(game, asked),
        (Equilibrium("subgame perfect", path),), sentence,
    )  # fmt: skip


def _checks(game: Kidnapping, asked: float) -> tuple[Check, ...]:
    """Regrets against a grid of offers and of demands, as shares of the family's loss from a death."""
    full, none = demand_bounds(game)
    offers = np.linspace(0.0, asked, 201)
    least = min(family_loss(game, asked, float(c)) for c in offers)
    demands = np.linspace(full / 100, 1.5 * none, 300)
    best = max(kidnapper_value(game, float(d)) for d in demands)
    chosen = max(kidnapper_value(game, full), game.execution_payoff)
    return (
        Check("family's regret", max(0.0, family_loss(game, asked, best_offer(game, asked)) - least) / game.death_loss),
        Check("kidnapper's regret", max(0.0, best - chosen) / game.death_loss),
    )  # fmt: skip


def simulation(game: Kidnapping, plays: int, seed: int) -> Simulated:
    """Kidnappings with the demand looked at and the family's best offer."""
    full, _ = demand_bounds(game)
    asked = full if game.demand is None else game.demand
    offer = best_offer(game, asked)
    death = anger_chance(game, asked, offer)
    q1 = game.capture if game.capture_execution is None else game.capture_execution
    killed = stream(f"{game.game}/anger", seed).random(counted(plays)) < death
    caught = stream(f"{game.game}/capture", seed).random(plays) < np.where(killed, q1, game.capture)
    executed = np.where(caught, -game.caught_execution, -game.free_execution)
    released = np.where(caught, -game.caught_release, offer)
    loss = np.where(killed, game.death_loss, np.where(caught, 0.0, offer))
    means = {
        "execution": mean_of(killed, death),
        "value of demand": mean_of(np.where(killed, executed, released), kidnapper_value(game, asked)),
        "family loss": mean_of(loss, family_loss(game, asked, offer)),
    }
    return Simulated(plays, seed, means)


GAME = Game(
    name="selten-kidnapping",
    setting=(
        "A kidnapper demands a ransom; a family offers part of it. The less is offered, the likelier the hostage is "
        "killed in anger; capture is possible in any case."
    ),
    sources=("selten_1977", "iqbal_2017"),
    model=Kidnapping,
    solution=solution,
    simulation=simulation,
)
