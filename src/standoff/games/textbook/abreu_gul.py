"""Reputation and bargaining: a war of attrition between two demands, either side possibly obstinate (Abreu-Gul).

Demands alpha_1 + alpha_2 > 1 of a pie of one; discount rates r_i; side i is obstinate with chance z_i and then never
concedes. With d = alpha_1 + alpha_2 - 1:

- side i, obstinate or not, concedes at rate lambda_i = r_j (1 - alpha_i) / d, which keeps j indifferent;
- T_i = -ln z_i / lambda_i, T0 = min(T_1, T_2): by T0 all who could concede have; c_i = min(1, z_i exp(lambda_i T0));
  side i concedes at once with chance 1 - c_i, at most one of the two does;
- F_i(t) = 1 - c_i exp(-lambda_i t), reputation mu_i(t) = z_i exp(lambda_i t) / c_i, for t < T0;
- agreement at once 1 - c_1 c_2, never z_1 z_2; E[delay | agreement] = [(c_1 c_2 - z_1 z_2) / Lambda - T0 z_1 z_2] /
  (1 - z_1 z_2), Lambda = lambda_1 + lambda_2; values u_i = (1 - c_j) alpha_i + c_j (1 - alpha_j).

As z falls to 0, demands that are met tend to the shares r_j / (r_1 + r_2). Source: [abreu_gul_2000].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from scipy.integrate import quad

from standoff.games.catalogue import Game, numbers_of
from standoff.games.checks import Relation, number, settle
from standoff.games.draws import Simulated, counted, mean_of, stream
from standoff.games.solved import Check, Equilibrium, Quantity, Solved, Value


@dataclass(frozen=True, slots=True)
class Reputations:
    """Numbers of the game; GamesError with every mistake."""

    demand_1: float = number(0.7, "(0, 1)", "alpha1", "share that side 1 demands")
    demand_2: float = number(0.6, "(0, 1)", "alpha2", "share that side 2 demands")
    discount_1: float = number(0.1, "(0, inf)", "r1", "discount rate of side 1")
    discount_2: float = number(0.15, "(0, inf)", "r2", "discount rate of side 2")
    obstinate_1: float = number(0.05, "(0, 1)", "z1", "chance that side 1 is obstinate")
    obstinate_2: float = number(0.1, "(0, 1)", "z2", "chance that side 2 is obstinate")

    game: ClassVar[str] = "abreu-gul"
    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(
            ("demand_1", "demand_2"),
            lambda n: bool(n["demand_1"] + n["demand_2"] > 1),
            "the demands fit into the pie",
            "there is nothing to fight over unless they sum to more than one",
            "raise a demand",
        ),
    )

    def __post_init__(self) -> None:
        settle(self)

    @property
    def demands(self) -> tuple[float, float]:
        return self.demand_1, self.demand_2

    @property
    def discounts(self) -> tuple[float, float]:
        return self.discount_1, self.discount_2

    @property
    def obstinate(self) -> tuple[float, float]:
        return self.obstinate_1, self.obstinate_2


class Attrition(NamedTuple):
    """Concession rates (2,), the horizon T0, and c (2,): one less the chance of conceding at once."""

    rates: tuple[float, float]
    horizon: float
    holds: tuple[float, float]


def attrition(game: Reputations) -> Attrition:
    """The equilibrium in its three parts."""
    demands, discounts = game.demands, game.discounts
    excess = sum(demands) - 1
    rates = tuple(discounts[1 - i] * (1 - demands[i]) / excess for i in (0, 1))
    logs = [-math.log(z) for z in game.obstinate]
    horizon = min(logs[i] / rates[i] for i in (0, 1))
    holds = tuple(min(1.0, math.exp(rates[i] * horizon - logs[i])) for i in (0, 1))
    return Attrition((rates[0], rates[1]), horizon, (holds[0], holds[1]))


def conceded_by(game: Reputations, side: int, time: float) -> float:
    """F: chance that the side (0 or 1) has conceded by a time, were the other never to concede."""
    play = attrition(game)
    return 1 - play.holds[side] * math.exp(-play.rates[side] * min(time, play.horizon))


def reputation(game: Reputations, side: int, time: float) -> float:
    """mu: chance that the side (0 or 1) is obstinate, given that it has not conceded by a time."""
    play = attrition(game)
    return game.obstinate[side] * math.exp(play.rates[side] * min(time, play.horizon)) / play.holds[side]


def values(game: Reputations) -> tuple[float, float]:
    """What the bargain is worth to each side when it is not obstinate."""
    play, demands = attrition(game), game.demands
    first, second = (
        (1 - play.holds[1 - i]) * demands[i] + play.holds[1 - i] * (1 - demands[1 - i]) for i in (0, 1)
    )
    return first, second


def value_of_waiting(game: Reputations, side: int, time: float) -> float:
    """The worth to a side of conceding at a time in (0, T0], by quadrature over the other's concessions."""
    play, i, j = attrition(game), side, 1 - side
    rate, hold, r = play.rates[j], play.holds[j], game.discounts[i]
    late = min(time, 40 / (rate + r))  # what is won later is worth less than rounding
    won, _ = quad(lambda t: rate * math.exp(-(rate + r) * t), 0.0, late, epsabs=1e-13, epsrel=1e-12)
    at_once = (1 - hold) * game.demands[i]
    given_up = hold * math.exp(-(rate + r) * time) * (1 - game.demands[j])
    return float(at_once + hold * game.demands[i] * won + given_up)


def mean_delay(game: Reputations) -> float:
    """Mean time to the agreement, given that there is one."""
    play, never = attrition(game), math.prod(game.obstinate)
    both = math.prod(play.holds)
    return ((both - never) / sum(play.rates) - play.horizon * never) / (1 - never)


def solution(game: Reputations) -> Solved:
    """The unique equilibrium of the war of attrition."""
    play, worth = attrition(game), values(game)
    never, at_once, delay = math.prod(game.obstinate), 1 - math.prod(play.holds), mean_delay(game)
    r1, r2 = game.discounts
    quantities = [
        Quantity("horizon", play.horizon, "when only the obstinate are left (T0)", "time"),
        Quantity("agreement at once", at_once, "chance of agreement at time zero"),
        Quantity("mean delay", delay, "mean time to agreement, given one", "time"),
        Quantity("never", never, "chance that neither ever concedes"),
    ]
    for i in (0, 1):
        z = game.obstinate[i]
        quantities += [
            Quantity(f"rate {i + 1}", play.rates[i], f"rate at which side {i + 1} concedes (lambda)", "1/time"),
            Quantity(f"hold {i + 1}", play.holds[i], f"chance that side {i + 1} does not concede at once (c)"),
            Quantity(f"flexible at once {i + 1}", (1 - play.holds[i]) / (1 - z), "the same of its flexible type, conceding"),
            Quantity(f"value {i + 1}", worth[i], f"worth to side {i + 1} when flexible (u)", "pie"),
        ]  # fmt: skip
    quantities.append(Quantity("patient share 1", r2 / (r1 + r2), "side 1's share as z falls to 0", "pie"))
    weak = next((i + 1 for i in (0, 1) if play.holds[i] < 1), None)
    who = (
        f"side {weak} is weak and gives in at once with chance {at_once:.4g}"
        if weak
        else "neither gives in at once"
    )
    sentence = f"After {play.horizon:.4g} only the obstinate are left; {who}; mean delay {delay:.4g}."
    conduct: dict[str, Value] = {"horizon": play.horizon, "rates": play.rates, "holds": play.holds}
    return Solved(
        game.game, numbers_of(game), tuple(quantities), _checks(game),
        (Equilibrium("war of attrition", conduct),), sentence,
    )  # fmt: skip


def _checks(game: Reputations) -> tuple[Check, ...]:
    play, worth = attrition(game), values(game)
    times = [play.horizon * share for share in (1e-6, 0.25, 0.5, 1.0)]
    spread = max(abs(value_of_waiting(game, i, t) - worth[i]) for i in (0, 1) for t in times)
    reached = max(abs(reputation(game, i, play.horizon) - 1) for i in (0, 1))
    return (
        Check("conceding at any time is worth the same", spread, 1e-9),
        Check("both reputations reach one together", reached, 1e-9),
    )


def simulation(game: Reputations, plays: int, seed: int) -> Simulated:
    """Types and concession times drawn from the equilibrium."""
    play, times = attrition(game), []
    for i in (0, 1):
        u = stream(f"{game.game}/side {i + 1}", seed).random(counted(plays))
        later = np.log(play.holds[i] / np.maximum(1 - u, 1e-300)) / play.rates[i]
        times.append(np.where(u >= 1 - game.obstinate[i], np.inf, np.maximum(later, 0.0)))
    first = np.minimum(*times)
    agreed = np.isfinite(first)
    means = {
        "agreement at once": mean_of(first == 0, 1 - math.prod(play.holds)),
        "mean delay": mean_of(first[agreed], mean_delay(game)),
        "never": mean_of(~agreed, math.prod(game.obstinate)),
    }
    return Simulated(plays, seed, means)


GAME = Game(
    name="abreu-gul",
    setting=(
        "Two sides demand more than the pie. Either may be obstinate; the others pretend to be, and concede at "
        "random until only the obstinate are left."
    ),
    sources=("abreu_gul_2000",),
    model=Reputations,
    solution=solution,
    simulation=simulation,
)
