"""Domestic audiences in a crisis: a war of attrition with audience costs and private war values (Fearon).

A prize v goes to the one who stays. Quitting at t costs side i a_i t; war is worth w_i <= 0, private, w_i ~ F_i; no
discounting. Until a horizon t* side i quits at rate h_i(t) = a_j / (v + a_j t): it hangs on the *other* side's audience
costs. Then S_i(t) = k_i / (1 + a_j t / v), and at t* all who remain (w_i >= -a_i t*) fight.

- t* = min t_i with (1 + a_j t_i / v) (1 - F_i(-a_i t_i)) = 1;
- k_i = (1 + a_j t* / v) (1 - F_i(-a_i t*)) <= 1; side i quits at once with chance 1 - k_i;
- P(war) = product of 1 - F_i(-a_i t*).

War values are uniform on [-c_i, 0] unless other chances of standing firm are given. For alike sides
a t* = v (-1 + sqrt(1 + 4 c / v)) / 2. Source: [fearon_1994]; the equilibrium is restated here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

from standoff.games.catalogue import Game, numbers_of
from standoff.games.checks import number, settle
from standoff.games.draws import Simulated, counted, mean_of, stream
from standoff.games.errors import GameMistake, GamesError
from standoff.games.solved import Check, Equilibrium, Quantity, Solved, Value

Firm = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Audiences:
    """Numbers of the game; GamesError with every mistake."""

    audience_1: float = number(2.0, "(0, inf)", "a1", "audience cost of side 1 per unit of time")
    audience_2: float = number(1.0, "(0, inf)", "a2", "audience cost of side 2 per unit of time")
    war_spread_1: float = number(2.0, "(0, inf)", "c1", "war is worth from -c1 to 0 to side 1")
    war_spread_2: float = number(2.0, "(0, inf)", "c2", "war is worth from -c2 to 0 to side 2")
    prize: float = number(1.0, "(0, inf)", "v", "the prize of who stays")

    game: ClassVar[str] = "fearon-attrition"

    def __post_init__(self) -> None:
        settle(self)

    @property
    def audiences(self) -> tuple[float, float]:
        return self.audience_1, self.audience_2

    @property
    def uniform(self) -> tuple[Firm, Firm]:
        """Chances that war is worth more than -x, uniform on [-c, 0]."""
        c1, c2 = self.war_spread_1, self.war_spread_2
        return (lambda x: min(1.0, x / c1)), (lambda x: min(1.0, x / c2))


class Crisis(NamedTuple):
    """The horizon t*, k (2,), the chance that each side is ready to fight (2,), and of each end."""

    horizon: float
    holds: tuple[float, float]
    fights: tuple[float, float]
    war: float
    backs_down: tuple[float, float]


def crisis(game: Audiences, firm: tuple[Firm, Firm] | None = None) -> Crisis:
    """The equilibrium; ``firm`` holds for each side the chance that w >= -x (continuous, rising, 0 at 0).

    Raises `GamesError` where some chance does not rise far enough for the crisis to end.
    """
    ready = game.uniform if firm is None else firm
    a, v = game.audiences, game.prize
    ends = [_end_of(game, i, ready[i], firm is None) for i in (0, 1)]
    horizon = min(ends)
    fights = tuple(ready[i](a[i] * horizon) for i in (0, 1))
    holds = tuple(1.0 if ends[i] == horizon else (1 + a[1 - i] * horizon / v) * fights[i] for i in (0, 1))
    backs = tuple(1 - holds[i] + math.prod(holds) * _first_to_quit(game, i, horizon) for i in (0, 1))
    return Crisis(
        horizon, (holds[0], holds[1]), (fights[0], fights[1]), math.prod(fights), (backs[0], backs[1])
    )


def _end_of(game: Audiences, side: int, ready: Firm, uniform: bool) -> float:
    """t_i: when side i's readiness to fight has caught up with its chance of having stayed."""
    own, other, v = game.audiences[side], game.audiences[1 - side], game.prize
    if uniform:
        c = (game.war_spread_1, game.war_spread_2)[side]
        return 2 * c / (own * (1 + math.sqrt(1 + 4 * c * other / (own * v))))

    def excess(time: float) -> float:
        return (1 + other * time / v) * ready(own * time) - 1

    late = v / other
    for _ in range(200):
        if excess(late) >= 0:
            return float(brentq(excess, 0.0, late, xtol=1e-15, rtol=1e-14))
        late *= 2
    raise GamesError(
        game.game,
        [GameMistake(f"firm {side + 1}", "side never becomes ready to fight", "the crisis would not end", "let its chance rise towards 1")],
    )  # fmt: skip


def _first_to_quit(game: Audiences, side: int, horizon: float) -> float:
    """The integral over (0, t*) of the side's rate of quitting, both still there; k's left out.

    With u = ln(1 + a_j t / v) it is that of exp(-u) / (1 + (a_i / a_j)(exp(u) - 1)).
    """
    own, other = game.audiences[side], game.audiences[1 - side]
    top = math.log1p(other * horizon / game.prize)
    share, _ = quad(
        lambda u: math.exp(-u) / (1 + own / other * math.expm1(u)), 0.0, top, epsabs=1e-14, epsrel=1e-13
    )
    return float(share)


def stays(game: Audiences, side: int, time: float) -> float:
    """S: chance that the side (0 or 1) has not quit by a time before the horizon, were the other never to quit."""
    play = crisis(game)
    t = min(time, play.horizon)
    return play.holds[side] / (1 + game.audiences[1 - side] * t / game.prize)


def believed_to_fight(game: Audiences, side: int, time: float) -> float:
    """Chance that the side (0 or 1) will fight, given that it has not quit by a time before the horizon."""
    play = crisis(game)
    return play.fights[side] / stays(game, side, time)


def quitting_rate(game: Audiences, side: int, time: float) -> float:
    """h: rate at which the side (0 or 1) quits at a time in (0, t*)."""
    other = game.audiences[1 - side]
    return other / (game.prize + other * time)


def solution(game: Audiences) -> Solved:
    """The equilibrium of the crisis."""
    play = crisis(game)
    quantities = [
        Quantity("horizon", play.horizon, "when all who are left fight (t*)", "time"),
        Quantity("war", play.war, "chance of war"),
    ]
    for i in (0, 1):
        quantities += [
            Quantity(f"hold {i + 1}", play.holds[i], f"chance that side {i + 1} does not quit at once (k)"),
            Quantity(f"fights {i + 1}", play.fights[i], f"chance that side {i + 1} is ready to fight at the horizon"),
            Quantity(f"backs down {i + 1}", play.backs_down[i], f"chance that side {i + 1} backs down"),
        ]  # fmt: skip
    often = max((0, 1), key=lambda i: play.backs_down[i])
    alike = math.isclose(*play.backs_down, rel_tol=1e-9)
    who = "Both back down equally often" if alike else f"Side {often + 1} backs down more often"
    sentence = f"{who}; war has chance {play.war:.4g} and comes at {play.horizon:.4g} if no side has quit."
    conduct: dict[str, Value] = {"horizon": play.horizon, "holds": play.holds, "fights": play.fights}
    return Solved(
        game.game, numbers_of(game), tuple(quantities), _checks(game, play),
        (Equilibrium("war of attrition", conduct),), sentence,
    )  # fmt: skip


def _checks(game: Audiences, play: Crisis) -> tuple[Check, ...]:
    """All ends sum to one; who would quit is indifferent; one side at most quits at once; readiness meets survival."""
    a, v = game.audiences, game.prize
    drift = 0.0
    for i in (0, 1):
        for t in (0.1 * play.horizon, 0.9 * play.horizon):
            drift = max(drift, abs(quitting_rate(game, 1 - i, t) * (v + a[i] * t) - a[i]) / a[i])
    meets = max(abs(play.holds[i] / (1 + a[1 - i] * play.horizon / v) - play.fights[i]) for i in (0, 1))
    return (
        Check("chances of the ends sum to one", abs(play.war + sum(play.backs_down) - 1)),
        Check("who quits later is indifferent", drift),
        Check("who has stayed is who fights", meets),
        Check("one side at most quits at once", (1 - play.holds[0]) * (1 - play.holds[1])),
    )


def simulation(game: Audiences, plays: int, seed: int) -> Simulated:
    """War values and quitting times drawn: a side that will not fight quits at a random time before the horizon."""
    play, times = crisis(game), []
    for i in (0, 1):
        u = stream(f"{game.game}/side {i + 1}", seed).random(counted(plays))
        other = game.audiences[1 - i]
        quits = game.prize / other * (play.holds[i] / np.maximum(1 - u, 1e-300) - 1)
        times.append(np.where(1 - u <= play.fights[i], np.inf, np.maximum(quits, 0.0)))
    war = np.isinf(times[0]) & np.isinf(times[1])
    means = {
        "war": mean_of(war, play.war),
        "backs down 1": mean_of(times[0] < times[1], play.backs_down[0]),
        "backs down 2": mean_of(times[1] < times[0], play.backs_down[1]),
    }
    return Simulated(plays, seed, means)


GAME = Game(
    name="fearon-attrition",
    setting=(
        "Two states stand against each other before their publics; backing down costs more the longer they stand. "
        "How much war is worth is private. Those who will not fight quit at random before a horizon."
    ),
    sources=("fearon_1994",),
    model=Audiences,
    solution=solution,
    simulation=simulation,
)
