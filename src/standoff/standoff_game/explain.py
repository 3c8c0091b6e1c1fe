"""Why, at a state, waiting beats accepting or does not: the two payoffs term by term, and in words.

A = offer - giving up - risk of resumption; W = aid - cost of force + outside pressure - risk of collapse + hope of a
forced end + what may come later, by source. The terms sum to A and W of model.md section 2. [standoff_game]
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from standoff.standoff_game.beliefs import belief_grid
from standoff.standoff_game.later import SOURCES, sources_of_value
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.solution import Solution
from standoff.standoff_game.sweep import Game, build_game
from standoff.standoff_game.week import expect_next


class Situation(NamedTuple):
    """A state after a signal: belief b1, signal, force and offer by index, endurance, pressure, groups alive, block."""

    belief: float
    signal: int
    force: int
    offer: int
    endurance: int
    pressure: int
    groups: int
    block: int = 0


class Term(NamedTuple):
    """One term of a payoff: side ``accept`` or ``wait``, name, value in the holder's payoff, words."""

    side: str
    name: str
    value: float
    words: str


class Explanation(NamedTuple):
    """Both payoffs, the chance of acceptance, belief after the act, the terms and the account in words."""

    accepting: float
    waiting: float
    accept: float
    belief_after_act: float
    terms: tuple[Term, ...]
    words: str


def _at(table: Any, belief: float, grid: np.ndarray) -> float:
    return float(np.interp(belief, grid, table))


def _deal_terms(solution: Solution, here: Situation, after: float) -> list[Term]:
    p, spec = solution.parameters, solution.specification
    value = float(np.asarray(p.offer_value)[here.offer])
    worth = value * (1 - float(p.chip) + float(p.chip) * here.groups / spec.groups)
    resume = np.asarray(p.resume)
    risk = float(after * resume[1] + (1 - after) * resume[0])
    if p.offer_guarantee is not None:
        risk *= 1 - float(np.asarray(p.offer_guarantee)[here.offer])
    return [
        Term("accept", "offer", worth, f"the offer is worth {worth:.2f}"),
        Term("accept", "giving up", -float(p.give), f"giving up the hostages costs {float(p.give):.2f}"),
        Term("accept", "resumption", -risk * float(p.resume_loss),
             f"the coercer resumes after a deal with chance {risk:.2f}, which costs {risk * float(p.resume_loss):.2f}"),
    ]  # fmt: skip


def _next_week(solution: Solution, game: Game, here: Situation, state: int, after: float) -> np.ndarray:
    """Expected value next week at b3 by source (C,), for the holder's first act."""
    spec, p = solution.specification, solution.parameters
    grid = belief_grid(spec.belief_points, spec.belief_span)
    end_r, end_u = (float(game.week.force_end[t, state]) for t in (0, 1))
    survived = after * (1 - end_u) / (after * (1 - end_u) + (1 - after) * (1 - end_r))
    b3 = survived + float(p.drift) * (1 - 2 * survived)
    stack = sources_of_value(solution).values
    risk = np.asarray(game.week.loss)[:, None]
    mixed = (1 - risk) * stack[here.groups][:, :, None, :] + risk * stack[here.groups - 1][:, :, None, :]
    expected = np.asarray(expect_next(spec, game.parameters, game.week, jnp.asarray(mixed)))
    row = min(here.signal, expected.shape[3] - 1)
    return np.array([_at(table[:, row, here.force, state], b3, grid) for table in expected[0]])


def _waiting_terms(solution: Solution, game: Game, here: Situation, state: int, after: float) -> list[Term]:
    p, week = solution.parameters, game.week
    table = here.signal if solution.specification.tables > 1 else 0
    aid = float(week.aid[min(table, week.aid.shape[0] - 1), here.force])
    held = aid * (1.0 if p.aid_control is None else float(p.aid_control))
    pressure = float(p.pressure_value) * here.pressure
    flow = float(week.flow[0, min(table, week.flow.shape[1] - 1), here.force, state])
    cost = float(p.aid_value) * held + pressure - flow
    collapse = float(week.collapse[here.force, state])
    hope = float(after * week.force_end[1, state] + (1 - after) * week.force_end[0, state])
    share = (1 - collapse) * (1 - hope) * float(p.discount_holder)
    later = share * _next_week(solution, game, here, state, after)
    rescue = (1 - collapse) * hope * float(p.end_value)
    return [
        Term("wait", "aid", float(p.aid_value) * held, f"aid brings {float(p.aid_value) * held:.2f} a week"),
        Term("wait", "force", -cost, f"military pressure costs {cost:.2f} a week"),
        Term("wait", "outside pressure", pressure, f"outside pressure on the coercer brings {pressure:.2f} a week"),
        Term("wait", "collapse", -collapse * float(p.collapse_loss), f"collapse threatens with chance {collapse:.3f}"),
        Term("wait", "hope of a forced end", rescue,
             f"the coercer is made to end its campaign with chance {hope:.3f}, worth {rescue:.2f}"),
        *(Term("wait", f"later: {source}", float(worth), f"{source} {worth:+.2f}")
          for source, worth in zip(SOURCES, later, strict=True) if worth != 0.0),
    ]  # fmt: skip


def explain(solution: Solution, here: Situation) -> Explanation:
    """Account for the holder's choice in a situation; terms sum to A and W exactly at nodes of the grid.

    With acts of its own while waiting the holder's W is more than that of staying quiet; a term shows the rest.
    """
    use_float64()
    spec, p, play = solution.specification, solution.parameters, solution.play
    game = build_game(spec, p)
    grid = belief_grid(spec.belief_points, spec.belief_span)
    state = spec.state_index(here.endurance, here.pressure, here.block, spec.credulity_levels - 1)
    table = here.signal if spec.tables > 1 else 0
    n = here.groups - 1
    chances = [
        _at(play.conduct[n, t, :, table, here.force, here.offer, state], here.belief, grid) for t in (0, 1)
    ]
    after = here.belief * chances[1] / (here.belief * chances[1] + (1 - here.belief) * chances[0])
    terms = [*_deal_terms(solution, here, after), *_waiting_terms(solution, game, here, state, after)]
    node = [
        _at(a[n, :, table, here.force, here.offer, state], here.belief, grid)
        for a in (play.accepting, play.waiting)
    ]
    stage = spec.stages[here.offer]
    if 0 < stage < here.groups:
        share = stage / here.groups
        terms[:3] = [t._replace(value=t.value * share) for t in terms[:2]]
        rest = node[0] - sum(t.value for t in terms if t.side == "accept")
        terms.insert(
            2,
            Term(
                "accept", "what follows the stage", rest, f"after the stage the standoff is worth {rest:.2f}"
            ),
        )
    if p.holder_acts is not None:
        rest = node[1] - sum(t.value for t in terms if t.side == "wait")
        terms.append(Term("wait", "its own acts", rest, f"propaganda and provocation add {rest:.2f}"))
    accepting = sum(t.value for t in terms if t.side == "accept")
    waiting = sum(t.value for t in terms if t.side == "wait")
    accept = 1 / (1 + np.exp(-(accepting - waiting) / float(p.noise_holder)))
    return Explanation(
        accepting,
        waiting,
        float(accept),
        after,
        tuple(terms),
        _words(solution, here, after, terms, float(accept)),
    )


def _words(solution: Solution, here: Situation, after: float, terms: list[Term], accept: float) -> str:
    spec = solution.specification
    accepting = sum(t.value for t in terms if t.side == "accept")
    waiting = sum(t.value for t in terms if t.side == "wait")
    verdict = "Waiting beats accepting" if waiting > accepting else "Accepting beats waiting"
    against = sorted(terms, key=lambda t: -(t.value if t.side == "wait" else -t.value))
    decisive = against[0] if waiting > accepting else against[-1]
    now = [t for t in terms if t.side == "wait" and not t.name.startswith("later: ")]
    later = [t for t in terms if t.name.startswith("later: ")]
    lines = [
        f"{verdict}: waiting is worth {waiting:.2f}, accepting {accepting:.2f}; the holder accepts with chance {accept:.3f}.",
        f"After {spec.signals[here.signal]!r}, with {spec.force[here.force]!r} and {spec.offers[here.offer]!r}, "
        f"it believes the coercer unrestrained with probability {after:.2f}.",
        "If it accepts: " + "; ".join(t.words for t in terms if t.side == "accept") + ".",
        "If it waits: " + "; ".join(t.words for t in now) + ".",
        f"What may come later is worth {sum(t.value for t in later):.2f}: "
        + ", ".join(t.words for t in later)
        + ".",
        f"The term that weighs most: {decisive.name} ({decisive.value:+.2f}).",
    ]
    return "\n".join(lines)
