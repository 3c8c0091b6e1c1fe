"""Alternating offers (Rubinstein), with breakdown, outside options, and the limit of quick offers.

The sides take turns to divide a pie of one and discount by delta_i a round. The first proposer gets
(1 - delta_2) / (1 - delta_1 delta_2). With delta_i = exp(-r_i Delta) this tends to r_2 / (r_1 + r_2) as Delta falls to 0.

A refusal may end all with chance beta, at d = (d_1, d_2): with g_i = (1 - beta) delta_i a responder accepts
beta d_i + g_i y_i, where y_i is its share as a proposer. As offers become quick and only breakdown presses, shares tend
to Nash's, the maximum of (u_1 - d_1)(u_2 - d_2). A responder may also leave for an outside option o_i instead: it gets
max(o_i, beta d_i + g_i y_i), so that the option counts only where it is above what bargaining gives.
Sources: [rubinstein_1982]; breakdown and outside options: [binmore_1986].
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from standoff.games.catalogue import Game, numbers_of
from standoff.games.checks import Relation, number, settle
from standoff.games.solved import Check, Equilibrium, Quantity, Solved


@dataclass(frozen=True, slots=True)
class Offers:
    """Numbers of the game, in shares of the pie; GamesError with every mistake."""

    patience_1: float = number(
        0.9, "[0, 1]", "delta1", "what side 1 keeps of a share that comes a round later"
    )
    patience_2: float = number(
        0.8, "[0, 1]", "delta2", "what side 2 keeps of a share that comes a round later"
    )
    rate_1: float | None = number(
        None, "[0, inf)", "r1", "discount rate of side 1; sets patience_1 where given"
    )
    rate_2: float | None = number(
        None, "[0, inf)", "r2", "discount rate of side 2; sets patience_2 where given"
    )
    interval: float = number(1.0, "(0, inf)", "Delta", "time from one offer to the next, for the rates")
    breakdown: float = number(0.0, "[0, 1)", "beta", "chance that a refusal ends all")
    disagreement_1: float = number(0.0, "(-inf, inf)", "d1", "what side 1 gets at a breakdown")
    disagreement_2: float = number(0.0, "(-inf, inf)", "d2", "what side 2 gets at a breakdown")
    outside_1: float = number(0.0, "[0, 1]", "o1", "what side 1 gets when it leaves instead of accepting")
    outside_2: float = number(0.0, "[0, 1]", "o2", "what side 2 gets when it leaves instead of accepting")

    game: ClassVar[str] = "rubinstein"
    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(
            ("patience_1", "patience_2", "rate_1", "rate_2", "interval", "breakdown"),
            lambda n: _pressed(n) < 1,
            "neither side loses anything by waiting",
            "then every division is an equilibrium",
            "lower a patience below one, raise a rate, or let breakdown have a chance",
        ),
        Relation(
            ("disagreement_1", "disagreement_2"),
            lambda n: bool(n["disagreement_1"] + n["disagreement_2"] <= 1),
            "at a breakdown the sides would get more than the pie",
            "then neither would agree to anything",
            "lower disagreement_1 or disagreement_2",
        ),
        Relation(
            ("outside_1", "outside_2"),
            lambda n: bool(n["outside_1"] + n["outside_2"] <= 1),
            "outside the sides would get more than the pie",
            "then one of them would always leave",
            "lower outside_1 or outside_2",
        ),
    )

    def __post_init__(self) -> None:
        settle(self)

    @property
    def patience(self) -> tuple[float, float]:
        """(delta_1, delta_2) of a round."""
        return _patience(self.patience_1, self.rate_1, self.interval), _patience(
            self.patience_2, self.rate_2, self.interval
        )

    @property
    def rates(self) -> tuple[float, float]:
        """(r_1, r_2): those given, or those that the patience of a round implies."""
        found = []
        for rate, patience in ((self.rate_1, self.patience_1), (self.rate_2, self.patience_2)):
            implied = -math.log(patience) / self.interval if patience > 0 else math.inf
            found.append(implied if rate is None else rate)
        return found[0], found[1]


def _patience(given: float, rate: float | None, interval: float) -> float:
    return given if rate is None else math.exp(-rate * interval)


def _pressed(n: Mapping[str, Any]) -> float:
    stay = (1 - n["breakdown"]) ** 2
    for i in "12":
        stay *= _patience(n[f"patience_{i}"], n[f"rate_{i}"], n["interval"])
    return float(stay)


def proposer_shares(game: Offers) -> tuple[float, float]:
    """(y_1, y_2): what each side gets when it proposes first."""
    d, o = (game.disagreement_1, game.disagreement_2), (game.outside_1, game.outside_2)
    beta = game.breakdown
    g = tuple((1 - beta) * delta for delta in game.patience)
    free = (1 - beta * d[1] - g[1] * (1 - beta * d[0])) / (1 - g[0] * g[1])
    other = 1 - beta * d[0] - g[0] * free
    candidates = [(free, other)]
    candidates.append((1 - o[1], 1 - max(o[0], beta * d[0] + g[0] * (1 - o[1]))))
    candidates.append((1 - max(o[1], beta * d[1] + g[1] * (1 - o[0])), 1 - o[0]))
    return min(candidates, key=lambda shares: max(_gaps(game, shares)))


def _gaps(game: Offers, shares: tuple[float, float]) -> tuple[float, float]:
    """How far each proposer's share is from one less what its responder would hold out for."""
    first = shares[0] - (1 - held_out(game, 1, shares[1]))
    second = shares[1] - (1 - held_out(game, 0, shares[0]))
    return abs(first), abs(second)


def held_out(game: Offers, side: int, as_proposer: float) -> float:
    """What a responder (0 or 1) must get to accept, if it gets ``as_proposer`` when its turn comes."""
    d = (game.disagreement_1, game.disagreement_2)[side]
    o = (game.outside_1, game.outside_2)[side]
    later = game.breakdown * d + (1 - game.breakdown) * game.patience[side] * as_proposer
    return max(o, later)


def limit_share(game: Offers) -> float:
    """r_2 / (r_1 + r_2): side 1's share as offers become quick and nothing but time presses; NaN where undefined."""
    r1, r2 = game.rates
    if math.isinf(r1) or math.isinf(r2):
        return math.nan if math.isinf(r1) and math.isinf(r2) else float(math.isinf(r2))
    return r2 / (r1 + r2) if r1 + r2 > 0 else math.nan


def nash_share(game: Offers) -> float:
    """Side 1's share where (u_1 - d_1)(u_2 - d_2) is largest, within the pie."""
    return min(1.0, max(0.0, (1 + game.disagreement_1 - game.disagreement_2) / 2))


def solution(game: Offers) -> Solved:
    """The unique subgame-perfect division, whoever proposes first, and its limits."""
    first, second = proposer_shares(game)
    binds = tuple(
        o > 0 and o >= held_out(game, i, y)
        for i, (o, y) in enumerate(((game.outside_1, first), (game.outside_2, second)))
    )
    quantities = (
        Quantity("share of proposer 1", first, "side 1's share when it proposes first", "pie"),
        Quantity("share of responder 2", 1 - first, "side 2's share then", "pie"),
        Quantity("share of proposer 2", second, "side 2's share when it proposes first", "pie"),
        Quantity("quick offers", limit_share(game), "side 1's share as offers become quick", "pie"),
        Quantity("nash", nash_share(game), "side 1's share as offers become quick and breakdown alone presses", "pie"),
        Quantity("outside option of 1 binds", binds[0], "whether side 1's outside option counts"),
        Quantity("outside option of 2 binds", binds[1], "whether side 2's outside option counts"),
    )  # fmt: skip
    checks = (Check("what is offered is what is held out for", max(_gaps(game, (first, second))), 1e-12),)
    return Solved(
        game.game, numbers_of(game), quantities, checks,
        (Equilibrium("subgame perfect", {"share 1": first, "share 2": 1 - first}),),
        f"Side 1 proposes first and gets {first:.6g}; the offer is accepted at once.",
    )  # fmt: skip


GAME = Game(
    name="rubinstein",
    setting=(
        "Two sides take turns to propose how a pie is divided; waiting costs both. A refusal may end all, and a side "
        "that answers may leave for something outside."
    ),
    sources=("rubinstein_1982", "binmore_1986"),
    model=Offers,
    solution=solution,
)
