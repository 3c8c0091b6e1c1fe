"""What four weeks of a lever would do, by the game: on the holder's stance, on the chance of a deal, on deaths.

The record is read twice under one solved game, with the lever in four weeks and without it, and conduct from its first week
on is not the recorded one but the game's own: averaged over what each type of coercer would do at the holder's
belief, with the types weighed as the record has them. A lever that the record's weeks do not leave room for is not told.
The same is done at draws of the prior, since the game can build in a sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from standoff.inference.importance import resample
from standoff.inference.rivals import rival
from standoff.inference.structural import (
    Tables,
    at_belief,
    beliefs,
    constrained,
    filtered,
    game_of,
    lean_to_offers,
    level_chances,
    patron_law,
    reading,
    tables,
    week_chances,
)
from standoff.inference.structural_data import StructuralData, endurance_course, endurance_moves
from standoff.inference.structural_density import Density, problem
from standoff.inference.structural_fit import Fitted
from standoff.inference.twin_effects import HORIZON, OUTCOMES, WEEKS
from standoff.panel.weekly import COSTLY, CRITICISM, NONE, SUPPORT, WeeklyRecord
from standoff.standoff_game.specification import Specification

FloatArray = npt.NDArray[np.float64]
Effects = dict[str, dict[str, FloatArray]]  # lever -> outcome -> (draws,)

DRAWS: Final = 400
PRIOR_DRAWS: Final = 40
APART: Final = 6  # weeks between the starts that an effect is averaged over
SIGNALS: Final[Mapping[str, int]] = {
    "public-criticism": CRITICISM,
    "support": SUPPORT,
    "withheld-arms": COSTLY,
}
LEVERS: Final = (*SIGNALS, "private-criticism", "pressure", "aid-closure")


class _Arm(NamedTuple):
    """The weeks of one arm, stacked over starts (N, T): what differs between arms."""

    signal: npt.NDArray[np.int64]
    private: npt.NDArray[np.int64]
    force: npt.NDArray[np.int64]
    offer: npt.NDArray[np.int64]
    chances: FloatArray


def game_effects(record: WeeklyRecord, fitted: Fitted, seed: np.random.Generator) -> tuple[Effects, Effects]:
    """Effects (draws,) of every lever on every outcome, at the posterior and at the prior of a fitted rival."""
    density = Density(problem(record, rival(fitted.rival)))
    density.begin_from(fitted.start)
    starts = [t for t in range(1, record.weeks - HORIZON, APART) if _room(record, t)]
    if not starts:
        return {}, {}
    arms = {name: _arms(record, density.at.data, starts, name) for name in LEVERS}
    posterior = resample(fitted.draws, DRAWS, seed)
    prior = seed.normal(size=(PRIOR_DRAWS, posterior.shape[1]))
    return _at(density, posterior, arms, starts), _at(density, prior, arms, starts)


def effects_at(record: WeeklyRecord, name: str, draws: FloatArray, levers: Sequence[str]) -> Effects:
    """Effects (N,) of some levers under a rival at given free parameters (N, D); draws whose game is not solved are left out."""
    density = Density(problem(record, rival(name)))
    starts = [t for t in range(1, record.weeks - HORIZON, APART) if _room(record, t)]
    arms = {lever: _arms(record, density.at.data, starts, lever) for lever in levers if starts}
    return _at(density, draws, arms, starts)


def _room(record: WeeklyRecord, start: int) -> bool:
    return bool(np.all(record.at_risk[start : start + HORIZON]))


def _arms(record: WeeklyRecord, d: StructuralData, starts: list[int], name: str) -> tuple[_Arm, _Arm]:
    """The arm with the lever and the one without, each with conduct left to the game from the start on."""
    made = [[_one(record, d, start, name if on else "") for start in starts] for on in (True, False)]
    with_lever, without = (
        _Arm(*(np.stack([getattr(arm, field) for arm in side]) for field in _Arm._fields)) for side in made
    )
    return with_lever, without


def _one(record: WeeklyRecord, d: StructuralData, start: int, name: str) -> _Arm:
    weeks, window = slice(start, start + WEEKS), slice(start, start + HORIZON)
    signal, private = np.array(d.signal), np.array(d.private)
    force, offer = np.array(d.force), np.array(d.offer)
    force[window], offer[window] = -1, -1
    signal[weeks], private[weeks] = SIGNALS.get(name, NONE), int(name == "private-criticism")
    if name == "pressure":
        force[weeks] = 2
    moves = np.array(d.moves)
    if name == "aid-closure":
        level = np.maximum(record.force[weeks], 0)
        moves[weeks] = endurance_moves(level, np.zeros(WEEKS), moves.shape[1])[: moves[weeks].shape[0]]
    chances = np.asarray(endurance_course(np.array(d.chances[0]), moves))
    return _Arm(signal, private, force, offer, chances)


def _at(
    density: Density, draws: FloatArray, arms: Mapping[str, tuple[_Arm, _Arm]], starts: list[int]
) -> Effects:
    found: dict[str, dict[str, list[float]]] = {name: {o: [] for o in OUTCOMES} for name in arms}
    at = density.at
    window = np.array([np.arange(start, start + HORIZON) for start in starts])
    once, back = np.unique(draws, axis=0, return_inverse=True)  # what was drawn twice is solved once
    solved_draws: list[int] = []
    for place, z in enumerate(once):
        game = density.solve(z)
        if game is None:
            continue
        solved_draws.append(place)
        full = density.full(z)
        for name, (on, off) in arms.items():
            told = [
                _course(at.spec, full, at.free, at.neutral, game.unknowns, at.data, game.tables, arm, window)
                for arm in (on, off)
            ]
            for outcome, one, other in zip(OUTCOMES, *told, strict=True):
                found[name][outcome].append(float(np.mean(np.asarray(one) - np.asarray(other))))
    row = {place: i for i, place in enumerate(solved_draws)}
    kept = [row[int(place)] for place in back.ravel() if int(place) in row]
    return {name: {o: np.array(values)[kept] for o, values in one.items()} for name, one in found.items()}


WEEKLY: Final = (
    "signal", "private", "force", "offer", "groups", "pressure", "block", "chances", "time", "shock",
    "open", "deal", "forced", "collapse",
)  # fmt: skip


def _weeks(d: StructuralData, weeks: Any) -> StructuralData:
    """Of the record these weeks alone, in all that conduct and belief are read off; before them an arm is the record."""
    there: dict[str, Any] = {name: jnp.asarray(getattr(d, name))[weeks] for name in WEEKLY}
    return d._replace(**there)


@partial(jax.jit, static_argnums=0)
def _course(
    spec: Specification,
    z: Any,
    free: Any,
    neutral: Any,
    unknowns: Any,
    d: StructuralData,
    recorded: Tables,
    arm: _Arm,
    window: Any,
) -> tuple[Any, Any, Any]:
    """Mean level over the window, chance of a deal in it and expected weeks with deaths, for each start (N,)."""
    v = constrained(z, free, neutral)
    p = game_of(v, spec, jnp.asarray(d.domestic), jnp.asarray(d.privacy))
    law, plain = patron_law(v, jnp.asarray(d.causes)), reading(spec)
    path = beliefs(p, plain, v, law, recorded, d)
    _, weights = filtered(week_chances(p, plain, v, law, recorded, path.after_signal, d), d, p.drift)
    types = jnp.sum(weights, axis=1)  # (T, 2) as the record has them

    def one(
        signal: Any, private: Any, force: Any, offer: Any, chances: Any, weeks: Any
    ) -> tuple[Any, Any, Any]:
        changed = d._replace(signal=signal, private=private, force=force, offer=offer, chances=chances)
        there = _weeks(changed, weeks)
        play = tables(spec, p, unknowns, there)
        belief = beliefs(p, plain, v, law[weeks], play, there, path.before[weeks[0]]).after_signal
        own = at_belief(plain, play.own, belief)
        lean = jnp.broadcast_to((v["coercer_drift"] * there.time)[:, None, None], own.shape[:3])
        own = lean_to_offers(own, lean)
        seen = there.force[:, None]
        allowed = jnp.where((seen < 0) | (seen == jnp.arange(own.shape[-2])), 1.0, 0.0)
        own = own * allowed[:, None, None, :, None]
        own = own / jnp.sum(own, axis=(-2, -1), keepdims=True)
        mixed = jnp.einsum("tekmx,tk,te->temx", own, types[weeks], there.chances)
        shift = v["holder_drift"] * there.time + v["shock"] * there.shock
        softness = at_belief(plain, play.gap, belief) + shift[:, None, None, None]
        count = jnp.asarray(d.holder.confusion).shape[0]
        levels = level_chances(v["holder_cut"], v["holder_spacing"], softness, count)
        level = jnp.sum(levels * jnp.linspace(0.0, 100.0, count), axis=-1)
        stance = jnp.sum(mixed * level, axis=(1, 2, 3))
        accept = jnp.sum(mixed * jax.nn.sigmoid(softness), axis=(1, 2, 3))
        by_force = jnp.sum(mixed, axis=(1, 3))
        rate = jnp.clip(v["deaths"] + v["deaths_force"] * jnp.arange(by_force.shape[-1]), 0.0, 0.95)
        return jnp.mean(stance), 1.0 - jnp.prod(1.0 - accept), jnp.sum(by_force @ rate)

    over_starts: Any = jax.vmap(one)
    stance, deal, deaths = over_starts(*(jnp.asarray(x) for x in arm), jnp.asarray(window))
    return stance, deal, deaths
