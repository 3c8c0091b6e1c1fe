"""Start paths from an observed past: the holder's belief and the analyst's weight on each type, week by week.

The holder updates as in the game (credulity weighs signals); the analyst's weight on the types uses the plain
likelihood of what was seen: l_theta(y) P_theta(act | s, y) (1 - omega_theta k), then the drift. [standoff_game]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from standoff.standoff_game.beliefs import belief_grid
from standoff.standoff_game.errors import GameSpecError, SpecMistake
from standoff.standoff_game.patron import credulity, signal_law
from standoff.standoff_game.solution import Solution
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.start import State
from standoff.standoff_game.sweep import build_game


class Past(NamedTuple):
    """An observed past of T weeks in which the standoff went on, as integers.

    ``signal``, ``force``, ``offer`` (T,), -1 where not seen. The state at each week's start, ``endurance``,
    ``pressure``, ``groups``, ``block``, (T+1,), the last being where paths start. ``credulity`` (T+1,) its level, None
    when it does not wear. ``accepted`` (T,) 1 where a staged offer was accepted, None when none was.
    """

    signal: np.ndarray
    force: np.ndarray
    offer: np.ndarray
    endurance: np.ndarray
    pressure: np.ndarray
    groups: np.ndarray
    block: np.ndarray
    credulity: np.ndarray | None = None
    accepted: np.ndarray | None = None


class Conditioned(NamedTuple):
    """Belief of the holder and weight on the unrestrained type at each week's start (T+1,), and log likelihood of the past."""

    belief: np.ndarray
    weight: np.ndarray
    log_likelihood: float


def _seen(array: Any, belief: float, grid: np.ndarray) -> np.ndarray:
    """A table (B, ...) read at one belief, linearly, constant beyond the ends."""
    inside = min(max(belief, float(grid[0])), float(grid[-1]))
    low = min(int(np.searchsorted(grid, inside, side="right")) - 1, len(grid) - 2)
    share = (inside - grid[low]) / (grid[low + 1] - grid[low])
    result: np.ndarray = (1 - share) * array[low] + share * array[low + 1]
    return result


def _bayes(belief: float, unrestrained: float, restrained: float) -> float:
    return belief * unrestrained / (belief * unrestrained + (1 - belief) * restrained)


def _check(past: Past, solution: Solution) -> None:
    spec, weeks = solution.specification, len(past.signal)
    limits = {
        "signal": (-1, len(spec.signals)), "force": (-1, len(spec.force)), "offer": (-1, len(spec.offers)),
        "endurance": (0, spec.endurance_levels), "pressure": (0, spec.pressure_levels),
        "groups": (1, spec.groups + 1), "block": (0, spec.state_shape[2]),
        "credulity": (0, spec.credulity_levels), "accepted": (0, 2),
    }  # fmt: skip
    mistakes = []
    if past.credulity is None and spec.credulity_levels > 1:
        mistakes.append(
            SpecMistake(
                "past.credulity", "is missing", "credulity wears in this game: how a signal is heard depends on it",
                "give its level at each week's start",
            )
        )  # fmt: skip
    for name, (low, high) in limits.items():
        if getattr(past, name) is None:
            continue
        array = np.asarray(getattr(past, name))
        wanted = weeks if name in ("signal", "force", "offer", "accepted") else weeks + 1
        if array.shape != (wanted,):
            mistakes.append(SpecMistake(f"past.{name}", f"has shape {array.shape}, needs ({wanted},)"))
        elif np.any((array < low) | (array >= high)):
            mistakes.append(
                SpecMistake(
                    f"past.{name}", f"leaves {low}..{high - 1}", "an observed act or state of the game"
                )
            )
    if not mistakes and past.accepted is not None:
        mistakes = list(_stage_mistakes(past, spec))
    if mistakes:
        raise GameSpecError(mistakes)


def _stage_mistakes(past: Past, spec: Specification) -> Iterator[SpecMistake]:
    for t in np.flatnonzero(np.asarray(past.accepted)):
        stage = spec.stages[int(past.offer[t])] if past.offer[t] >= 0 else 0
        if not 0 < stage < int(past.groups[t]) or int(past.groups[t + 1]) != int(past.groups[t]) - stage:
            yield SpecMistake(
                "past.accepted", f"names no stage in week {t + 1}",
                "the standoff goes on after a staged offer alone, with the groups that it does not free",
                "give that week's offer, and the groups left in the next",
            )  # fmt: skip


def condition(
    solution: Solution, past: Past, belief: float = 0.5, weight: float | None = None
) -> Conditioned:
    """Filter an observed past from a first belief; ``weight`` is the analyst's first weight on U (the belief if None).

    Raises `GameSpecError` for a past that is not of the game. An act that was not seen (-1) is summed over. The
    likelihood is of signals, acts, answers and survival: moves of e, k, n and d depend on the type through force alone,
    which tells more where force is seen.
    """
    _check(past, solution)
    spec, play = solution.specification, solution.play
    game = build_game(spec, solution.parameters)
    grid = belief_grid(spec.belief_points, spec.belief_span)
    ends, drift = np.asarray(game.week.force_end), float(solution.parameters.drift)
    trust = np.broadcast_to(np.asarray(credulity(spec, solution.parameters, game.states)), (spec.states,))
    beliefs, weights, total = [belief], [belief if weight is None else weight], 0.0
    for t in range(len(past.signal)):
        n, s = int(past.groups[t]) - 1, int(spec.state_index(*_levels(past, t)))
        b, q, y = beliefs[-1], weights[-1], int(past.signal[t])
        likely = np.ones(2)
        if play.signals is not None:
            law = _seen(np.moveaxis(np.asarray(play.signals)[n, ..., s], 1, 0), b, grid)
        else:
            answers = signal_law(spec, game.parameters, game.states, np.float64(n + 1))  # type: ignore[arg-type]
            law = np.asarray(answers)[:, :, s if answers.shape[-1] > 1 else 0]
        if y >= 0:
            likely = likely * law[:, y]
            b = _bayes(b, (law[1, y] / law[0, y]) ** float(trust[s]), 1.0)
        table = max(y, 0) if spec.tables > 1 else 0
        conduct = _seen(np.moveaxis(np.asarray(play.conduct)[n, :, :, table, :, :, s], 1, 0), b, grid)
        accept = _seen(play.accept[n, :, table, :, :, s], b, grid)
        act = (int(past.force[t]), int(past.offer[t]))
        chance = _observed(conduct, *act)
        b = _bayes(b, chance[1], chance[0])
        if past.accepted is not None and past.accepted[t]:
            likely = likely * _observed(conduct * accept[None], *act)
        else:
            likely = likely * _observed(conduct * (1 - accept)[None], *act) * (1 - ends[:, s])
            b = _bayes(b, 1 - ends[1, s], 1 - ends[0, s])
        total += float(np.log((1 - q) * likely[0] + q * likely[1]))
        q = _bayes(q, likely[1], likely[0])
        beliefs.append(b + drift * (1 - 2 * b))
        weights.append(q + drift * (1 - 2 * q))
    return Conditioned(np.array(beliefs), np.array(weights), total)


def _levels(past: Past, t: int) -> tuple[int, int, int, int]:
    """Endurance, outside pressure, domestic block and credulity at a week's start."""
    trust = 0 if past.credulity is None else int(past.credulity[t])
    return int(past.endurance[t]), int(past.pressure[t]), int(past.block[t]), trust


def _observed(conduct: np.ndarray, force: int, offer: int) -> np.ndarray:
    """Chance of what was seen of the act by type (2,), from (2, M, X)."""
    part = conduct if force < 0 else conduct[:, force : force + 1]
    part = part if offer < 0 else part[:, :, offer : offer + 1]
    result: np.ndarray = part.sum(axis=(1, 2))
    return result


def state_after(solution: Solution, past: Past, conditioned: Conditioned, paths: int, seed: int = 0) -> State:
    """Where paths start after an observed past: its last state, the filtered belief, types drawn by the filter's weight."""
    import jax.numpy as jnp

    from standoff.standoff_game.randomness import key_of, uniform

    draw = np.asarray(uniform(jnp.asarray(key_of("type", seed)), jnp.arange(paths), jnp.asarray(0)))
    return State(
        float(conditioned.belief[-1]),
        int(past.endurance[-1]),
        int(past.pressure[-1]),
        int(past.groups[-1]),
        int(past.block[-1]),
        _levels(past, -1)[3],
        (draw < conditioned.weight[-1]).astype(np.int32),
        len(past.signal) + 1,
    )
