"""To bargain or not to bargain: deterrence, attacks, and whether a pledge never to concede can work.

An attack fails for want of means with chance theta. After a success the government concedes, with chance p in the
attackers' belief, or refuses. Attackers get 0 without an attack, -c after a failure, m after a concession, n~ after a
refusal; c is spread over costs. The government pays D for deterrence in any case, and a after a failure, h after a
concession, n after a refusal; a concession also costs R in reputation.

- attack if c <= c^ = (1 - theta) [p m + (1 - p) n~] / theta, so with chance Omega = F(c^);
- once hostages are held, concede if h + R < n: a pledge p = 0 is empty where that has any chance;
- the pledge deters fully only if it is fully believed, refusal gains attackers nothing, deterrence then suffices, and
  the pledge would be kept in every state of h.

Sources: [lapan_sandler_1988]; the setting is also that of [atkinson_1987].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from standoff.games.catalogue import Game, numbers_of
from standoff.games.checks import Relation, number, settle
from standoff.games.draws import Simulated, counted, mean_of, stream
from standoff.games.solved import Check, Equilibrium, Quantity, Solved


@dataclass(frozen=True, slots=True)
class Pledge:
    """Numbers of the game; costs c and h are uniform between their ends. GamesError with every mistake."""

    failure: float = number(0.4, "(0, 1)", "theta", "chance that an attack fails, which deterrence buys")
    concession_gain: float = number(10.0, "(-inf, inf)", "m", "attackers' gain from a concession")
    refusal_gain: float = number(
        2.0, "(-inf, inf)", "n~", "attackers' gain from a refusal, such as publicity"
    )
    belief: float = number(0.3, "[0, 1]", "p", "attackers' belief that the government concedes")
    cost_low: float = number(0.0, "(-inf, inf)", "c_low", "least cost of a failed attack to attackers")
    cost_high: float = number(40.0, "(-inf, inf)", "c_high", "greatest cost of a failed attack to attackers")
    deterrence: float = number(5.0, "[0, inf)", "D", "what deterrence costs the government")
    failed_attack: float = number(1.0, "[0, inf)", "a", "what a failed attack costs the government")
    concession_low: float = number(2.0, "(-inf, inf)", "h_low", "least cost of a concession")
    concession_high: float = number(6.0, "(-inf, inf)", "h_high", "greatest cost of a concession")
    refusal: float = number(5.0, "(-inf, inf)", "n", "what a refusal costs the government")
    reputation: float = number(0.0, "[0, inf)", "R", "loss of reputation from a concession")

    game: ClassVar[str] = "lapan-sandler"
    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(
            ("cost_low", "cost_high"),
            lambda n: bool(n["cost_low"] < n["cost_high"]),
            "cost_low is not below cost_high",
            "costs are spread evenly between the two",
            "exchange or correct the two",
        ),
        Relation(
            ("concession_low", "concession_high"),
            lambda n: bool(n["concession_low"] <= n["concession_high"]),
            "concession_low is above concession_high",
            "the cost of a concession lies between the two",
            "exchange or correct the two",
        ),
    )

    def __post_init__(self) -> None:
        settle(self)


def critical_cost(game: Pledge, belief: float | None = None) -> float:
    """The cost c^ up to which attackers attack, at their belief or at another."""
    p = game.belief if belief is None else belief
    return (1 - game.failure) * (p * game.concession_gain + (1 - p) * game.refusal_gain) / game.failure


def attack_chance(
    game: Pledge, belief: float | None = None, cost_chance: Callable[[float], float] | None = None
) -> float:
    """Omega = F(c^); ``cost_chance`` is F, the chance of a cost at or below its argument, uniform unless given."""
    cost = critical_cost(game, belief)
    return _share_below(cost, game.cost_low, game.cost_high) if cost_chance is None else cost_chance(cost)


def concession_chance(game: Pledge) -> float:
    """Chance that h + R < n once hostages are held: what the government would really do."""
    bound = game.refusal - game.reputation
    if game.concession_low == game.concession_high:
        return float(game.concession_low < bound)
    return _share_below(bound, game.concession_low, game.concession_high)


def kept_in_every_state(game: Pledge) -> bool:
    """Whether h + R >= n whatever h is."""
    return game.concession_low + game.reputation >= game.refusal


def siege_cost(game: Pledge) -> float:
    """The government's expected cost of a success: the mean of min(h + R, n)."""
    p, bound = concession_chance(game), game.refusal - game.reputation
    conceded = (game.concession_low + min(bound, game.concession_high)) / 2 + game.reputation
    return p * conceded + (1 - p) * game.refusal if p > 0 else game.refusal


def government_cost(game: Pledge, attack: float) -> float:
    """The government's expected cost when attackers attack with this chance."""
    return game.deterrence + attack * (
        game.failure * game.failed_attack + (1 - game.failure) * siege_cost(game)
    )


def _share_below(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def solution(game: Pledge) -> Solved:
    """Attacks at the attackers' belief, under a believed pledge, and where belief is what the government would do."""
    attack, consistent = attack_chance(game), concession_chance(game)
    pledged = attack_chance(game, 0.0)
    conditions = {
        "believed": game.belief == 0,
        "no gain from refusal": game.refusal_gain <= 0,
        "deterrence suffices": pledged == 0,
        "certain": consistent in (0.0, 1.0),
        "kept": kept_in_every_state(game),
    }
    deters = all(conditions.values())
    quantities = (
        Quantity("critical cost", critical_cost(game), "attackers with at most this cost attack (c^)"),
        Quantity("attack", attack, "chance of an attack at the attackers' belief (Omega)"),
        Quantity("attack under a believed pledge", pledged, "chance of an attack at p = 0"),
        Quantity("concession", consistent, "chance that the government concedes once hostages are held"),
        Quantity("consistent attack", attack_chance(game, consistent), "chance of an attack at p = concession"),
        Quantity("government cost", government_cost(game, attack), "the government's expected cost"),
        Quantity("pledge believed", conditions["believed"], "p = 0"),
        Quantity("refusal gains nothing", conditions["no gain from refusal"], "n~ <= 0"),
        Quantity("deterrence suffices", conditions["deterrence suffices"], "no attack at p = 0"),
        Quantity("conduct certain", conditions["certain"], "the government is sure to concede, or sure to refuse"),
        Quantity("pledge kept", conditions["kept"], "h + R >= n in every state"),
        Quantity("pledge deters", deters, "all five hold"),
    )  # fmt: skip
    failed = ", ".join(name for name, held in conditions.items() if not held)
    why = "the pledge deters fully" if deters else f"the pledge does not deter fully (fails: {failed})"
    sentence = f"Attackers attack with chance {attack:.4g}; {why}."
    play = {"attack": attack_chance(game, consistent), "concession": consistent}
    return Solved(
        game.game, numbers_of(game), quantities, _checks(game),
        (Equilibrium("belief equals conduct", play),), sentence,
    )  # fmt: skip


def _checks(game: Pledge) -> tuple[Check, ...]:
    """The marginal attacker's gain, and the cost of a success against its mean over states."""
    cost, p = critical_cost(game), game.belief
    gain = (1 - game.failure) * (p * game.concession_gain + (1 - p) * game.refusal_gain)
    states = game.concession_low + (np.arange(20_000) + 0.5) / 20_000 * (
        game.concession_high - game.concession_low
    )
    mean = float(np.minimum(states + game.reputation, game.refusal).mean())
    scale = 1 + abs(game.refusal) + abs(game.concession_low) + abs(game.concession_high) + game.reputation
    return (
        Check("marginal attacker is indifferent", abs(gain - game.failure * cost) / (1 + abs(gain))),
        Check("cost of a success is a mean over states", abs(siege_cost(game) - mean) / scale, 1e-6),
    )


def simulation(game: Pledge, plays: int, seed: int) -> Simulated:
    """Attackers and governments drawn; attackers act on the belief p, governments on what they would do."""
    draws = {name: stream(f"{game.game}/{name}", seed).random(counted(plays)) for name in ("c", "means", "h")}
    attacked = game.cost_low + draws["c"] * (game.cost_high - game.cost_low) <= critical_cost(game)
    success = attacked & (draws["means"] >= game.failure)
    concession = game.concession_low + draws["h"] * (game.concession_high - game.concession_low)
    conceded = success & (concession + game.reputation < game.refusal)
    cost = np.where(conceded, concession + game.reputation, game.refusal)
    paid = game.deterrence + np.where(success, cost, np.where(attacked, game.failed_attack, 0.0))
    attack = attack_chance(game)
    means = {
        "attack": mean_of(attacked, attack),
        "attack and concession": mean_of(conceded, attack * (1 - game.failure) * concession_chance(game)),
        "government cost": mean_of(paid, government_cost(game, attack)),
    }
    return Simulated(plays, seed, means)


GAME = Game(
    name="lapan-sandler",
    setting=(
        "A government buys deterrence and pledges never to concede to hostage takers. They attack if a success is "
        "worth the risk; once hostages are held, the government concedes where that costs it less than refusing."
    ),
    sources=("lapan_sandler_1988", "atkinson_1987"),
    model=Pledge,
    solution=solution,
    simulation=simulation,
)
