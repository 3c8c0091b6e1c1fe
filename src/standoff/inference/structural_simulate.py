"""Records simulated from the standoff game as it is estimated, with the calendar, the gaps and the causes of a given one.

Kept from the given record: when spells begin, when they end at the latest, outside pressure, groups held, domestic blocks,
shocks, the patron's calendar, harm, stalled talks, private pressure, and in which weeks force, terms, stances and aid were
seen. Drawn: the type and its switches, signals, force, terms, both stances with the coder's error, deals and other ends,
dated deaths, aid, endurance. A spell that ends early is followed by a truce until the next one begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from standoff.inference.priors import value
from standoff.inference.rivals import Rival
from standoff.inference.structural import (
    FIRST_BELIEF,
    FLOOR,
    SEARCH,
    Tables,
    game_of,
    generosity,
    lean_to_offers,
    level_chances,
    patron_law,
    specification_of,
    tables,
)
from standoff.inference.structural_data import (
    LEVEL,
    STANCE_CENTRE,
    TOP_AID,
    StructuralData,
    endurance_moves,
    start_of_endurance,
    structural_data,
)
from standoff.inference.structural_priors import ENTRIES, NAMES, is_free
from standoff.panel.weekly import Stances, WeeklyRecord, endurance_chances
from standoff.standoff_game.beliefs import belief_grid, node_weights
from standoff.standoff_game.equilibrium import cold_start
from standoff.standoff_game.errors import NotConvergedError
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.solution import attempt
from standoff.standoff_game.specification import Specification

FloatArray = npt.NDArray[np.float64]


def values_from_prior(rival: Rival, seed: np.random.Generator) -> dict[str, float]:
    """Values by name drawn from the prior of a rival, neutral where it frees nothing."""
    z = seed.normal(size=len(ENTRIES))
    return {
        entry.prior.name: float(value(entry.prior, z[i])) if is_free(entry, rival) else entry.neutral
        for i, entry in enumerate(ENTRIES)
    }


class _Game(NamedTuple):
    """The solved game as the simulation reads it: tables of signals that are equally critical (one where they are in no payoff)."""

    spec: Specification
    parameters: Parameters
    grid: FloatArray
    by_signal: tuple[Tables, ...]


def _solved(values: Mapping[str, float], rival: Rival, data: StructuralData) -> _Game:
    spec = specification_of(rival)
    v = {name: jnp.asarray(values[name], dtype=jnp.float64) for name in NAMES}
    p = game_of(v, spec, jnp.asarray(data.domestic), jnp.asarray(data.privacy))
    found, tried = attempt(spec, p, cold_start(spec, p), SEARCH, "zero")
    if not tried[-1].converged:
        raise NotConvergedError(
            "the game did not converge at the values to simulate from",
            tuple(tried),
            "best replies may cycle where signals are strong",
            "draw other values",
        )
    by_signal = []
    for y in spec.first_signals if spec.tables > 1 else (0,):
        at = data._replace(signal=np.full_like(data.signal, y))
        by_signal.append(jax.tree.map(np.asarray, tables(spec, p, found.unknowns, at)))
    return _Game(
        spec, jax.tree.map(np.asarray, p), belief_grid(spec.belief_points, spec.belief_span), tuple(by_signal)
    )


class _Draws:
    """What is drawn so far: the arrays of a record, and what only the simulation knows."""

    def __init__(self, given: WeeklyRecord, levels: int, seed: np.random.Generator) -> None:
        weeks = given.weeks
        self.seed = seed
        self.signal = np.zeros(weeks, dtype=np.int64)
        self.force = given.force.copy()
        self.spell = given.spell.copy()
        self.time = given.time.copy()
        self.ends = {name: np.zeros(weeks) for name in ("deal", "forced_end", "collapse")}
        self.category = {side: np.full(weeks, -1, dtype=np.int64) for side in ("holder", "coercer")}
        self.standing = {side: np.full(weeks, np.nan) for side in ("holder", "coercer")}
        self.terms = np.full(weeks, np.nan)
        self.flow = np.full(weeks, np.nan)
        self.windows: list[tuple[int, int]] = []
        self.belief = FIRST_BELIEF
        self.kind = int(seed.uniform() < FIRST_BELIEF)
        self.chances = start_of_endurance(given, levels)
        self.endurance = int(seed.choice(levels, p=self.chances))

    def choose(self, chances: FloatArray) -> int:
        flat = np.cumsum(np.ravel(chances))
        return int(min(np.searchsorted(flat, self.seed.uniform() * flat[-1]), len(flat) - 1))

    def record_level(self, side: str, week: int, stances: Stances, chances: FloatArray) -> None:
        recorded = self.choose(stances.confusion[self.choose(chances)])
        self.category[side][week] = recorded
        self.standing[side][week + 1 :] = stances.levels[recorded]


def simulate(
    values: Mapping[str, float], rival: Rival, given: WeeklyRecord, seed: np.random.Generator
) -> WeeklyRecord:
    """A record drawn at values by name (all of NAMES) under a rival, with the calendar and the gaps of a given record.

    Errors: NotConvergedError where the game has no solution there.
    """
    use_float64()
    spec = specification_of(rival)
    data = structural_data(given, spec.endurance_levels)
    game = _solved(values, rival, data)
    draws = _Draws(given, spec.endurance_levels, seed)
    habits = _aid_habits(seed)
    for week in range(given.weeks):
        act = _week(week, values, game, given, data, draws)
        _aid(week, values, game.parameters, draws, act, habits)
        _deaths(week, values, draws, act)
        _move(week, game, given, draws)
    return _record(given, draws)


def _week(
    week: int, v: Mapping[str, float], game: _Game, given: WeeklyRecord, data: StructuralData, draws: _Draws
) -> int:
    """Signal, act, stances and end of a week; the level of force, or -1 where it was not drawn and is not known."""
    p = game.parameters
    causes = data.causes[week].copy()
    standing = draws.standing["holder"][week]
    causes[2] = 0.0 if np.isnan(standing) else (standing - STANCE_CENTRE) / LEVEL
    law = np.asarray(patron_law(v, jnp.asarray(causes)[None]))[0]
    y = draws.signal[week] = draws.choose(law[draws.kind])
    odds = (
        np.log(draws.belief) - np.log1p(-draws.belief) + p.credulity * (np.log(law[1, y]) - np.log(law[0, y]))
    )
    draws.belief = float(1.0 / (1.0 + np.exp(-odds)))
    if draws.spell[week] < 0:
        return int(draws.force[week])
    table = game.by_signal[game.spec.signal_tables[y] if game.spec.tables > 1 else 0]
    lean = np.full(table.conduct.shape[1:4], v["coercer_drift"] * given.time[week])
    conduct, own = (
        _read(game, np.asarray(lean_to_offers(c[week], lean)), draws.belief)
        for c in (table.conduct, table.own)
    )
    gap = _read(game, table.gap[week], draws.belief)
    mine = own[draws.endurance, draws.kind]
    _coercer_states(week, v, mine, given, draws)
    known = not np.isnan(draws.terms[week])
    offers = range(mine.shape[1])
    allowed = np.array([float(not known or x == (draws.terms[week] >= given.generous_from)) for x in offers])
    m, x = divmod(draws.choose(mine * allowed), mine.shape[1])
    draws.force[week] = m if given.force[week] >= 0 else -1
    soft = gap[draws.endurance, m, x] + v["holder_drift"] * given.time[week] + v["shock"] * given.shock[week]
    if given.holder.category[week] >= 0:
        chances = level_chances(
            v["holder_cut"], v["holder_spacing"], jnp.asarray(soft), len(given.holder.levels)
        )
        draws.record_level("holder", week, given.holder, np.asarray(chances))
    seen_m = np.arange(mine.shape[0]) == m if given.force[week] >= 0 else np.ones(mine.shape[0])
    acts = np.einsum("ekmx,e,m,x->k", conduct, draws.chances, seen_m, allowed)
    draws.belief = _bayes(draws.belief, acts[1], acts[0])
    _end(week, p, soft, m, given, draws)
    return int(m)


def _read(game: _Game, table: FloatArray, belief: float) -> FloatArray:
    weights = np.asarray(node_weights(game.grid, game.spec.rounding, jnp.asarray(belief)))
    return np.tensordot(weights, table, axes=1)


def _bayes(belief: float, unrestrained: float, restrained: float) -> float:
    return belief * unrestrained / (belief * unrestrained + (1.0 - belief) * restrained)


def _coercer_states(
    week: int, v: Mapping[str, float], mine: FloatArray, given: WeeklyRecord, draws: _Draws
) -> None:
    """The coercer's level where one was recorded; the last one stands wherever terms were known."""
    if given.coercer.category[week] >= 0:
        softness = -generosity(jnp.asarray(mine))
        chances = level_chances(v["coercer_cut"], v["coercer_spacing"], softness, len(given.coercer.levels))
        draws.record_level("coercer", week, given.coercer, np.asarray(chances))
        draws.terms[week] = given.coercer.levels[draws.category["coercer"][week]]
    elif not np.isnan(given.terms[week]):
        draws.terms[week] = draws.standing["coercer"][week]


def _end(week: int, p: Parameters, soft: float, m: int, given: WeeklyRecord, draws: _Draws) -> None:
    """Deal, collapse, forced end or another week."""
    accept = 1.0 / (1.0 + np.exp(-soft))
    fall = FLOOR + (1.0 - FLOOR) * (draws.endurance == 0) * p.collapse * p.force_level[m] / p.force_level[-1]
    risk = np.asarray(p.forced_end) * given.pressure[week]
    end = FLOOR + (1.0 - FLOOR) * risk[draws.kind]
    u = draws.seed.uniform(size=3)
    for name, happened in (("deal", u[0] < accept), ("collapse", u[1] < fall), ("forced_end", u[2] < end)):
        if happened:
            draws.ends[name][week] = 1.0
            _truce(week, given, draws)
            return
    draws.belief = _bayes(draws.belief, 1.0 - risk[1], 1.0 - risk[0])


def _truce(week: int, given: WeeklyRecord, draws: _Draws) -> None:
    """The rest of the spell is a truce without force."""
    rest = np.flatnonzero((np.arange(given.weeks) > week) & (given.spell == given.spell[week]))
    draws.spell[rest] = -1
    draws.time[rest] = 0.0
    draws.force[rest] = np.where(given.force[rest] >= 0, 0, -1)


def _aid_habits(seed: np.random.Generator) -> FloatArray:
    """Level, share of last week's and noise of aid, from the prior that `structural.aid_terms` integrates over."""
    variance = 1.0 / seed.gamma(2.0, 1.0 / 0.02)
    level, share = seed.normal([0.2, 0.7], np.sqrt(0.5 * variance))
    return np.array([level, share, np.sqrt(variance)])


def _aid(
    week: int, v: Mapping[str, float], p: Parameters, draws: _Draws, act: int, habits: FloatArray
) -> None:
    before = draws.flow[week - 1] if week else p.aid_base
    m, y = max(act if draws.force[week] >= 0 else 0, 0), draws.signal[week]
    mean = habits[0] + habits[1] * before - v["aid_force"] * m + v["aid_criticism"] * p.criticism[y]
    draws.flow[week] = np.clip(mean + habits[2] * draws.seed.normal(), 0.01, TOP_AID)


def _deaths(week: int, v: Mapping[str, float], draws: _Draws, act: int) -> None:
    levels = np.arange(3.0) if draws.force[week] < 0 else np.array([float(draws.force[week])])
    if draws.seed.uniform() < np.mean(np.clip(v["deaths"] + v["deaths_force"] * levels, 0.0, 0.95)):
        draws.windows.append((week, week))


def _move(week: int, game: _Game, given: WeeklyRecord, draws: _Draws) -> None:
    """Endurance, the type, and the belief that it may have switched; where aid was not seen endurance follows force alone."""
    drift = float(game.parameters.drift)
    draws.belief += drift * (1.0 - 2.0 * draws.belief)
    draws.kind = 1 - draws.kind if draws.seed.uniform() < drift else draws.kind
    fed = np.array([np.nan]) if np.isnan(given.aid[week]) else draws.flow[week : week + 1]
    kernel = endurance_moves(draws.force[week : week + 1], fed, len(draws.chances))[0]
    draws.endurance = draws.choose(kernel[draws.endurance])
    draws.chances = draws.chances @ kernel


def _record(given: WeeklyRecord, draws: _Draws) -> WeeklyRecord:
    seen = ~np.isnan(given.aid)
    flow = np.where(seen, draws.flow, np.nan)
    logs = np.log1p(flow)
    deaths = np.zeros(given.weeks)
    deaths[[first for first, _ in draws.windows]] = 1.0
    return replace(
        given,
        at_risk=draws.spell >= 0,
        spell=draws.spell,
        deal=draws.ends["deal"],
        forced_end=draws.ends["forced_end"],
        collapse=draws.ends["collapse"],
        span=np.ones(given.weeks),
        signal=draws.signal,
        force=draws.force,
        aid=(logs - np.nanmean(logs)) / np.nanstd(logs) if seen.any() else logs,
        holder=_stances(given.holder, "holder", draws),
        coercer=_stances(given.coercer, "coercer", draws),
        terms=draws.terms,
        deaths=deaths,
        death_windows=tuple(draws.windows),
        endurance=endurance_chances(draws.force, flow),
        time=draws.time,
    )


def _stances(given: Stances, side: str, draws: _Draws) -> Stances:
    category = draws.category[side]
    weight = np.where(category >= 0, given.weight, 0.0)
    return Stances(category, weight, given.levels, given.confusion, draws.standing[side])
