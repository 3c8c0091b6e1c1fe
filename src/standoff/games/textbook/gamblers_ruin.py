"""Learning while fighting: forts as a random walk, two beliefs about who is stronger, offers that screen.

Of N forts one side holds s and wins each battle with chance p (q = 1 - p); it wins the war with chance
P = (1 - (q/p)^s) / (1 - (q/p)^N), s / N if p = q, and the war lasts (N P - s) / (p - q) battles on average, s (N - s) if p = q.
Someone who watches holds that the chance is p (U) or p_R (R): a win adds ln(p / p_R) to the log-odds of U, a loss
ln(q / q_R); under U they drift by the divergence of the two, under neither does belief drift by its own forecast. With
p_R = q a watcher who stops once the wins lead or lag by k errs with chance 1 / (1 + (p/q)^k) after
(k / (p - q)) ((p/q)^k - 1) / ((p/q)^k + 1) battles.

An opponent is weak with chance phi; a weak one accepts an offer with chance s and collapses with chance k_w, a tough one
never accepts and collapses with chance k_t. After a refusal and survival phi' = phi (1 - s)(1 - k_w) /
[phi (1 - s)(1 - k_w) + (1 - phi)(1 - k_t)]. Sources: [smith_stam_2004], [slantchev_2003], [feller_1968].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from standoff.games.catalogue import Game, numbers_of
from standoff.games.checks import Relation, number, settle, whole
from standoff.games.draws import Simulated, counted, mean_of, stream
from standoff.games.solved import Check, Equilibrium, Quantity, Solved


@dataclass(frozen=True, slots=True)
class Forts:
    """Numbers of the game; GamesError with every mistake."""

    forts: int = whole(10, "[2, 1000000]", "N", "forts in all")
    held: int = whole(5, "[1, 999999]", "s_0", "forts held at first")
    win: float = number(0.55, "(0, 1)", "p", "chance to win a battle (and what U holds it to be)")
    rival_win: float = number(0.45, "(0, 1)", "p_R", "chance to win a battle as R holds it to be")
    prior: float = number(0.5, "(0, 1)", "b", "belief in U at first")
    lead: int = whole(5, "[1, 1000000]", "k", "lead in battles at which a watcher makes up its mind")
    weak: float = number(0.6, "(0, 1)", "phi", "belief that the opponent is weak")
    weak_accepts: float = number(0.5, "[0, 1]", "s", "chance that a weak opponent accepts")
    weak_collapses: float = number(0.2, "[0, 1]", "k_w", "chance that a weak opponent collapses")
    tough_collapses: float = number(0.05, "[0, 1)", "k_t", "chance that a tough opponent collapses")

    game: ClassVar[str] = "gamblers-ruin"
    relations: ClassVar[tuple[Relation, ...]] = (
        Relation(
            ("forts", "held"),
            lambda n: bool(n["held"] < n["forts"]),
            "held is not below forts",
            "the war would be over before it began",
            "hold fewer forts than there are",
        ),
    )

    def __post_init__(self) -> None:
        settle(self)


def win_chance(p: float, held: int, forts: int) -> float:
    """Chance to win all forts, from ``held`` of them, with chance ``p`` a battle."""
    log = math.log1p(-p) - math.log(p)
    if abs(log) * forts < 1e-300:
        return held / forts
    if log > 0:  # in powers below one, so that nothing overflows
        scale = math.exp(-(forts - held) * log)
        return scale * math.expm1(-held * log) / math.expm1(-forts * log)
    return math.expm1(held * log) / math.expm1(forts * log)


def mean_battles(p: float, held: int, forts: int) -> float:
    """Mean number of battles until all forts are won or lost."""
    edge = 2 * p - 1
    if abs(edge) * forts < 5e-6:  # the first terms in the edge: the quotient below would be of two roundings
        return held * (forts - held) * (1 + edge * (forts - 2 * held) / 3)
    return (forts * win_chance(p, held, forts) - held) / edge


def log_odds_steps(game: Forts) -> tuple[float, float]:
    """What a win and a loss add to the log-odds of U."""
    return math.log(game.win / game.rival_win), math.log1p(-game.win) - math.log1p(-game.rival_win)


def belief_after(game: Forts, wins: int, losses: int) -> float:
    """Belief in U after so many wins and losses."""
    up, down = log_odds_steps(game)
    return _logistic(math.log(game.prior / (1 - game.prior)) + wins * up + losses * down)


def drift(game: Forts) -> float:
    """Mean change of the log-odds of U a battle, when U holds: the Kullback-Leibler divergence of the two."""
    up, down = log_odds_steps(game)
    return game.win * up + (1 - game.win) * down


def mistake_chance(game: Forts) -> float:
    """Chance that a watcher errs who stops at a lead or lag of k, when the chances are p and 1 - p."""
    p = max(game.win, 1 - game.win)
    return 1 - win_chance(p, game.lead, 2 * game.lead)


def after_refusal(game: Forts) -> float:
    """phi': belief that the opponent is weak after it refused and survived."""
    weak = game.weak * (1 - game.weak_accepts) * (1 - game.weak_collapses)
    return weak / (weak + (1 - game.weak) * (1 - game.tough_collapses))


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def solution(game: Forts) -> Solved:
    """The war, what is learned from it, and what a refusal tells."""
    won, battles = win_chance(game.win, game.held, game.forts), mean_battles(game.win, game.held, game.forts)
    up, down = log_odds_steps(game)
    refused = after_refusal(game)
    quantities = (
        Quantity("war won", won, "chance to win the war (P)"),
        Quantity("mean battles", battles, "mean length of the war", "battles"),
        Quantity("step of a win", up, "what a win adds to the log-odds of U"),
        Quantity("step of a loss", down, "what a loss adds to the log-odds of U"),
        Quantity("drift", drift(game), "mean change of the log-odds a battle, when U holds"),
        Quantity("belief after a win", belief_after(game, 1, 0), "belief in U after one win"),
        Quantity("belief after a loss", belief_after(game, 0, 1), "belief in U after one loss"),
        Quantity("mistake", mistake_chance(game), "chance that a watcher errs who stops at a lead or lag of k"),
        Quantity("battles to decide", mean_battles(game.win, game.lead, 2 * game.lead), "mean battles until it stops", "battles"),
        Quantity("weak after refusal", refused, "belief that the opponent is weak after it refused and survived (phi')"),
    )  # fmt: skip
    sentence = (
        f"The war is won with chance {won:.6g} after {battles:.6g} battles on average; a refusal moves the belief in a "
        f"weak opponent from {game.weak:.4g} to {refused:.4g}."
    )
    beliefs = Equilibrium(
        "beliefs", {"after a win": belief_after(game, 1, 0), "after a loss": belief_after(game, 0, 1)}
    )
    return Solved(game.game, numbers_of(game), quantities, _checks(game), (beliefs,), sentence)


def _checks(game: Forts) -> tuple[Check, ...]:
    """The recursions of the walk around the forts held, and belief as a martingale under its own forecast."""
    p, n, s = game.win, game.forts, game.held
    chance = [_edge_or(win_chance, p, s + step, n) for step in (-1, 0, 1)]
    length = [_edge_or(mean_battles, p, s + step, n) for step in (-1, 0, 1)]
    b = game.prior
    wins = b * game.win + (1 - b) * game.rival_win
    forecast = wins * belief_after(game, 1, 0) + (1 - wins) * belief_after(game, 0, 1)
    walk = abs(chance[1] - p * chance[2] - (1 - p) * chance[0])
    clock = abs(length[1] - 1 - p * length[2] - (1 - p) * length[0]) / (1 + length[1])
    return (
        Check("chance to win is its mean a battle later", walk),
        Check("length is one more than its mean a battle later", clock, 1e-8),
        Check("belief is a martingale", abs(forecast - b), 1e-12),
    )


def _edge_or(what: Any, p: float, held: int, forts: int) -> float:
    """A chance or a length, also where the war is over."""
    if held in (0, forts):
        return float(held == forts) if what is win_chance else 0.0
    return float(what(p, held, forts))


def simulation(game: Forts, plays: int, seed: int) -> Simulated:
    """Wars fought battle by battle; every war is followed to its end."""
    draws = stream(f"{game.game}/battles", seed)
    held = np.full(counted(plays), game.held)
    battles = np.zeros(plays)
    going = np.arange(plays)
    while going.size:
        battles[going] += 1
        held[going] += np.where(draws.random(going.size) < game.win, 1, -1)
        going = going[(held[going] > 0) & (held[going] < game.forts)]
    means = {
        "war won": mean_of(held > 0, win_chance(game.win, game.held, game.forts)),
        "mean battles": mean_of(battles, mean_battles(game.win, game.held, game.forts)),
    }
    return Simulated(plays, seed, means)


GAME = Game(
    name="gamblers-ruin",
    setting=(
        "A war is fought for forts, one battle after another. Those who differ about who is stronger learn from the "
        "battles; who makes offers learns from refusals and from survival."
    ),
    sources=("smith_stam_2004", "slantchev_2003", "feller_1968"),
    model=Forts,
    solution=solution,
    simulation=simulation,
)
