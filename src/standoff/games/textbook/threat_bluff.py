"""Threats and bluffs (the engine of Schultz-type models), alone and with an opposition that speaks.

A gets 0 at the status quo, 1 if B concedes, -a if it backs down from a threat that B resists, and w_A in war; w_A is
private and w_A >= -a, so that A stands firm, with chance F. B gets 0 from conceding, 1 from resisting a bluff and w_B < 0 in
war. While F (1 - w_B) < 1 some who would back down threaten as well:

- P(B resists) = 1 / (1 + a), which leaves a bluff worth nothing;
- P(stands firm | threat) = 1 / (1 - w_B), which leaves B indifferent;
- P(threat) = F (1 - w_B), P(war | threat) = 1 / [(1 + a)(1 - w_B)].

From F (1 - w_B) = 1 on, all threaten and B concedes. An opposition then backs a threat with chance s1 if A stands firm and
s0 < s1 if it bluffs, in public. Where s0 (1 + a) <= a, a backed threat is never resisted and an opposed one with chance
1 / [(1 - s0)(1 + a)]; else an opposed threat is always resisted and a backed one with chance 1 - a / [s0 (1 + a)]. Either
way, unless all would threaten without it, resistance is below 1 / (1 + a) after support and not below it after
opposition, and war is rarer than without an opposition; threats are rarer only in the first case. Source: [schultz_1998]; the two-type version with a noisy
opposition is this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from standoff.games.catalogue import Game, numbers_of
from standoff.games.checks import Relation, number, settle
from standoff.games.draws import Simulated, counted, mean_of, stream
from standoff.games.solved import Check, Equilibrium, Quantity, Solved


@dataclass(frozen=True, slots=True)
class Threats:
    """Numbers of the game; GamesError with every mistake."""

    audience: float = number(0.5, "(0, inf)", "a", "what A loses when it backs down from a threat")
    war_b: float = number(-0.6, "(-inf, 0)", "w_B", "what war is worth to B")
    firm: float = number(0.2, "(0, 1)", "Fbar", "chance that A would stand firm")
    backs_firm: float = number(0.9, "[0, 1]", "s1", "chance that the opposition backs a threat that is meant")
    backs_bluff: float = number(0.1, "[0, 1]", "s0", "chance that the opposition backs a bluff")

    game: ClassVar[str] = "threat-bluff"
    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(
            ("backs_firm", "backs_bluff"),
            lambda n: bool(n["backs_firm"] > n["backs_bluff"]),
            "the opposition backs a bluff as often as a threat that is meant, or more often",
            "its support would then say nothing, or the contrary",
            "raise backs_firm (s1), or lower backs_bluff (s0)",
        ),
    )

    def __post_init__(self) -> None:
        settle(self)

    @property
    def doubt(self) -> float:
        """The chance of standing firm, 1 / (1 - w_B), up to which B resists."""
        return 1 / (1 - self.war_b)


class Threatened(NamedTuple):
    """Chances: that a bluffer threatens; that B resists, by announcement (backed, opposed)."""

    bluffs: float
    resists: tuple[float, float]


def alone(game: Threats) -> Threatened:
    """Without an opposition: both announcements are the same."""
    bluffs = game.firm * -game.war_b / (1 - game.firm)
    resists = 1 / (1 + game.audience) if bluffs < 1 else 0.0
    return Threatened(min(bluffs, 1.0), (resists, resists))


def with_opposition(game: Threats) -> Threatened:
    """With an opposition that backs or opposes the threat in public before B answers."""
    a, s1, s0 = game.audience, game.backs_firm, game.backs_bluff
    odds = game.firm * -game.war_b / (1 - game.firm)
    if s0 * (1 + a) <= a:
        bluffs = odds * (1 - s1) / (1 - s0)
        return Threatened(min(bluffs, 1.0), (0.0, 1 / ((1 - s0) * (1 + a)) if bluffs < 1 else 0.0))
    bluffs = odds * s1 / s0
    if bluffs < 1:
        return Threatened(bluffs, (1 - a / (s0 * (1 + a)), 1.0))
    return Threatened(1.0, (0.0, float(odds * (1 - s1) < 1 - s0)))


def threat_chance(game: Threats, play: Threatened) -> float:
    """Chance of a threat."""
    return game.firm + (1 - game.firm) * play.bluffs


def war_chance(game: Threats, play: Threatened) -> float:
    """Chance of war, before any threat."""
    backed, opposed = play.resists
    return game.firm * (game.backs_firm * backed + (1 - game.backs_firm) * opposed)


def solution(game: Threats) -> Solved:
    """The equilibrium with and without an opposition."""
    single, spoken = alone(game), with_opposition(game)
    threat, voiced = threat_chance(game, single), threat_chance(game, spoken)
    quantities = (
        Quantity("resists", single.resists[0], "chance that B resists a threat"),
        Quantity("stands firm", game.firm / threat, "chance that A stands firm, given a threat"),
        Quantity("threat", threat, "chance of a threat"),
        Quantity("war after threat", single.resists[0] * game.firm / threat, "chance of war, given a threat"),
        Quantity("war", war_chance(game, single), "chance of war"),
        Quantity("all threaten", single.bluffs >= 1, "whether also all who would back down threaten"),
        Quantity("opposition: resists if backed", spoken.resists[0], "chance that B resists a threat that is backed"),
        Quantity("opposition: resists if opposed", spoken.resists[1], "chance that B resists a threat that is opposed"),
        Quantity("opposition: threat", voiced, "chance of a threat"),
        Quantity("opposition: war", war_chance(game, spoken), "chance of war"),
    )  # fmt: skip
    equilibria = tuple(
        Equilibrium(name, {"bluffs": p.bluffs, "resists if backed": p.resists[0], "resists if opposed": p.resists[1]})
        for name, p in (("no opposition", single), ("with an opposition", spoken))
    )  # fmt: skip
    sentence = (
        f"A threatens with chance {threat:.4g} and B resists with chance {single.resists[0]:.4g}; an opposition that "
        f"speaks moves the chance of war from {war_chance(game, single):.4g} to {war_chance(game, spoken):.4g}."
    )
    checks = (*_checks(game, single, "alone", 1.0, 1.0), *_checks(game, spoken, "with an opposition"))
    return Solved(game.game, numbers_of(game), quantities, checks, equilibria, sentence)


def _checks(
    game: Threats, play: Threatened, name: str, s1: float | None = None, s0: float | None = None
) -> tuple[Check, ...]:
    """Regret of a bluffer, and of B at each announcement that can be heard."""
    s1, s0 = game.backs_firm if s1 is None else s1, game.backs_bluff if s0 is None else s0
    worth = [1 - r * (1 + game.audience) for r in play.resists]
    bluff = s0 * worth[0] + (1 - s0) * worth[1]
    regret = max(bluff, 0.0) - play.bluffs * bluff
    hold_out = 0.0
    for r, firm, bluffs in ((play.resists[0], s1, s0), (play.resists[1], 1 - s1, 1 - s0)):
        meant, not_meant = game.firm * firm, (1 - game.firm) * play.bluffs * bluffs
        if meant + not_meant > 0:
            gain = (meant * game.war_b + not_meant) / (meant + not_meant)
            hold_out = max(hold_out, (max(gain, 0.0) - r * gain) / (1 - game.war_b))
    return Check(f"bluffer's regret, {name}", regret / (1 + game.audience)), Check(
        f"B's regret, {name}", hold_out
    )


def simulation(game: Threats, plays: int, seed: int) -> Simulated:
    """Crises without an opposition."""
    play = alone(game)
    names = ("type", "threat", "answer")
    draws: Any = {name: stream(f"{game.game}/{name}", seed).random(counted(plays)) for name in names}
    firm = draws["type"] < game.firm
    threat = firm | (draws["threat"] < play.bluffs)
    war = firm & (draws["answer"] < play.resists[0])
    chance = threat_chance(game, play)
    means = {
        "threat": mean_of(threat, chance),
        "war": mean_of(war, war_chance(game, play)),
        "war after threat": mean_of(np.asarray(war)[threat], war_chance(game, play) / chance),
    }
    return Simulated(plays, seed, means)


GAME = Game(
    name="threat-bluff",
    setting=(
        "A government may threaten, and may be bluffing; who resists a bluff makes it back down before its public. An "
        "opposition that speaks in public lends credit to a threat, or takes it away."
    ),
    sources=("schultz_1998",),
    model=Threats,
    solution=solution,
    simulation=simulation,
)
