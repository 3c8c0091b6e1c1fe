"""Paths of a solved game, from any state and week, with acts imposed; the same random numbers in every world.

A path interpolates conduct and acceptance at b1, then computes b2 by Bayes on the act and b3 by survival
(model.md section 2). Harm, aid and losses accrue in weeks of waiting only. [standoff_game]
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from standoff.standoff_game.beliefs import bayes, computed_once, drift_belief, weights_on_grid
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.patron import credulity, signal_law
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.randomness import keys_of, uniform
from standoff.standoff_game.schedule import FREE, Schedule, free_schedule
from standoff.standoff_game.solution import Solution
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.start import Simulation, State, check_simulation
from standoff.standoff_game.sweep import Game, Play, build_game

Array = jax.Array
OPEN, DEAL, FORCED_END, COLLAPSE, NONE_LEFT = range(5)
ENDINGS = ("open", "deal", "forced end", "collapse", "no hostage left")
STREAMS = (
    "type", "signal", "conduct", "acceptance", "ending", "loss", "endurance", "pressure", "domestic", "drift",
    "credulity", "private pressure", "holder's act",
)  # fmt: skip
CHUNK = 10_000


class Paths(NamedTuple):
    """What happened on each of N paths, and weekly means over paths still open.

    ``ending`` index into `ENDINGS`; ``week`` of the ending (last week simulated when open); ``offer`` accepted (-1
    none); ``lost`` groups; ``harm``, ``aid`` totals over weeks of waiting; ``price`` paid by the coercer; ``belief`` at
    the end; ``unrestrained`` the last true type. Weekly, (weeks,): ``open_share`` at the week's start, ``deals`` share
    of all paths that end in a deal, ``mean_belief`` and ``mean_force``, ``generous`` over open paths. ``first_week``.
    ``history`` weekly arrays (weeks, N) by name when asked for, else empty: ``live``, ``deal``, ``stage`` (a staged offer
    accepted), acts, and the state at each week's start.
    """

    ending: np.ndarray
    week: np.ndarray
    offer: np.ndarray
    lost: np.ndarray
    harm: np.ndarray
    aid: np.ndarray
    price: np.ndarray
    belief: np.ndarray
    unrestrained: np.ndarray
    open_share: np.ndarray
    deals: np.ndarray
    mean_belief: np.ndarray
    mean_force: np.ndarray
    generous: np.ndarray
    first_week: int
    history: dict[str, np.ndarray]


class Tables(NamedTuple):
    """Conduct laid out for look-up, rows ((class, table, state), belief).

    ``upto`` (rows 2 Z, acts-1) cumulative chances by private pressure and type; ``each`` (rows acts, 3) chance of an
    act under R and U and of its acceptance; ``holder_acts`` (rows, J, acts) and ``signals`` (class state belief, 2, Y-1)
    cumulative, with ``signal_chances`` (.., 2, Y), or None.
    """

    upto: Array
    each: Array
    holder_acts: Array | None
    signals: Array | None
    signal_chances: Array | None


class Walk(NamedTuple):
    """The moving part of a path; every field (n,)."""

    belief: Any
    endurance: Any
    pressure: Any
    groups: Any
    block: Any
    credulity: Any
    unrestrained: Any
    ending: Any
    week: Any
    offer: Any
    lost: Any
    harm: Any
    aid: Any
    price: Any


def _tables(spec: Specification, play: Play) -> Tables:
    """Rows (class, table, state, belief), so that the two nodes of an interpolation are neighbours."""
    acts, beliefs = spec.acts, spec.belief_points

    def rows(array: Array, lead: int) -> Array:  # (G, lead..., B, Y', M, X, S) -> (G Y' S B, lead, acts)
        flat = array.reshape(array.shape[0], lead, beliefs, array.shape[-4], acts, spec.states)
        return jnp.transpose(flat, (0, 3, 5, 2, 1, 4)).reshape(-1, lead, acts)

    conduct = rows(play.conduct, 2)
    shown = conduct if play.private is None else rows(play.private, play.private.shape[1] * 2)
    each = jnp.concatenate([conduct, rows(play.accept, 1)], axis=1)
    holder_acts = None if play.holder_acts is None else rows(play.holder_acts, play.holder_acts.shape[1])
    signals = chances = None
    if play.signals is not None:  # (G, 2, B, Y, S) -> (G S B, 2, Y)
        chances = jnp.transpose(play.signals, (0, 4, 2, 1, 3)).reshape(-1, 2, len(spec.signals))
        signals = jnp.cumsum(chances, axis=2)[..., :-1]
    upto = jnp.cumsum(shown, axis=2)[..., :-1].reshape(shown.shape[0] * shown.shape[1], acts - 1)
    return Tables(upto, jnp.transpose(each, (0, 2, 1)).reshape(-1, 3), holder_acts, signals, chances)


def _pick(cumulative: Array, draw: Array) -> Array:
    """Index of the alternative that a uniform draw picks; ``cumulative`` (n, alternatives-1)."""
    return jnp.sum(draw[:, None] >= cumulative, axis=1, dtype=jnp.int32)


def _mask(spec: Specification, force: Array, offer: Array) -> Array:
    """1 for acts that an imposed force or offer allows, (acts,)."""
    act = jnp.arange(spec.acts)
    offers = len(spec.offers)
    return jnp.where(
        ((force < 0) | (act // offers == force)) & ((offer < 0) | (act % offers == offer)), 1.0, 0.0
    )


class _Drawn(NamedTuple):
    """What a week's first half settles: belief after the signal, row, weight, act, chances of the act by type and of
    its acceptance, signal as conduct answers it and as the holder hears it."""

    belief: Array
    rows: Array
    weight: Array
    act: Array
    by_type: tuple[Array, Array]
    accept: Array
    signal: Array
    news: Array


class Engine(NamedTuple):
    """What paths of one game need, computed once: game, tables, signal laws (G, 2, Y, S or 1), stream keys."""

    game: Game
    tables: Tables
    laws: Array
    keys: Array


def _state(spec: Specification, walk: Walk) -> Any:
    return spec.state_index(walk.endurance, walk.pressure, walk.block, walk.credulity)


def _between(table: Array, weight: Array, first: Any, second: Any) -> Array:
    """Rows read between two neighbouring nodes of belief, (n, columns)."""
    low, high = table[first], table[second]
    return low + weight[:, None] * (high - low)


def _signal(
    spec: Specification, engine: Engine, walk: Walk, state: Array, draw: Array
) -> tuple[Array, Array, Array]:
    """The patron's signal drawn by the true type, and the laws of both types (n, Y), at the belief before it."""
    tables, kind = engine.tables, walk.unrestrained
    if tables.signals is not None and tables.signal_chances is not None:
        index, weight = weights_on_grid(engine.game.grid, spec.belief_span, walk.belief)
        row = ((walk.groups - 1) * spec.states + state) * spec.belief_points + index
        drawn = _pick(_between(tables.signals, weight, (row, kind), (row + 1, kind)), draw)
        law = [_between(tables.signal_chances, weight, (row, t), (row + 1, t)) for t in (0, 1)]
        return drawn, law[0], law[1]
    answers = engine.laws.shape[-1] > 1
    laws = engine.laws[walk.groups - 1, :, :, state] if answers else engine.laws[0, :, :, 0][None]
    upto = jnp.cumsum(laws, axis=2)[..., :-1]
    own = jnp.where(kind[:, None] == 1, upto[:, 1], upto[:, 0])
    return _pick(own, draw), laws[:, 0], laws[:, 1]


def _first_half(
    spec: Specification, engine: Engine, walk: Walk, plan: Any, draws: dict[str, Array]
) -> _Drawn:
    """Signal, belief after it, and the coercer's act."""
    state = _state(spec, walk)
    drawn, law_r, law_u = _signal(spec, engine, walk, state, draws["signal"])
    signal = jnp.where(plan.signal < 0, drawn, plan.signal)
    news = jnp.where(plan.news < 0, drawn, plan.news)
    belief = _hear(spec, engine, walk, state, news, jnp.log(law_u) - jnp.log(law_r))
    index, weight = weights_on_grid(engine.game.grid, spec.belief_span, belief)
    table = signal if spec.tables > 1 else jnp.zeros_like(signal)
    row = (((walk.groups - 1) * spec.tables + table) * spec.states + state) * spec.belief_points + index
    kinds = 2 if engine.game.parameters.private is None else 2 * len(engine.game.parameters.private.law)
    shown = row * kinds + walk.unrestrained + 2 * _private_level(engine, draws, row)
    upto = _between(engine.tables.upto, weight, shown, shown + kinds)
    if plan.force is not None:
        upto = _imposed(spec, upto, plan.force, plan.offer)
    act = _pick(upto, draws["conduct"])
    three = _between(engine.tables.each, weight, row * spec.acts + act, (row + 1) * spec.acts + act)
    return _Drawn(belief, row, weight, act, (three[:, 0], three[:, 1]), three[:, 2], signal, news)


def _hear(spec: Specification, engine: Engine, walk: Walk, state: Array, news: Array, ratio: Array) -> Array:
    """Belief after a signal: Bayes with the credulity of the state; ``ratio`` (n or 1, Y) log likelihood ratios."""
    trust = credulity(spec, engine.game.parameters, engine.game.states)
    if trust.ndim == 0 and ratio.shape[0] == 1:
        odds = jnp.exp(-trust * ratio[0])[news]
    else:
        heard = jnp.take_along_axis(
            jnp.broadcast_to(ratio, (news.shape[0], ratio.shape[1])), news[:, None], 1
        )[:, 0]
        odds = jnp.exp(-(trust[state] if trust.ndim else trust) * heard)
    return jnp.asarray(walk.belief / (walk.belief + (1.0 - walk.belief) * odds))


def _private_level(engine: Engine, draws: dict[str, Array], row: Array) -> Array:
    """Private pressure that the coercer sees this week, (n,); 0 when there is none."""
    private = engine.game.parameters.private
    if private is None:
        return jnp.zeros_like(row)
    upto = jnp.cumsum(jnp.asarray(private.law))[:-1]
    return _pick(upto[None], draws["private pressure"])


def _imposed(spec: Specification, upto: Array, force: Array, offer: Array) -> Array:
    """Cumulative chances among the acts that an imposed force or offer allows."""
    ones, zeros = jnp.ones_like(upto[:, :1]), jnp.zeros_like(upto[:, :1])
    each = jnp.diff(jnp.concatenate([zeros, upto, ones], axis=1), axis=1) * _mask(spec, force, offer)
    total = jnp.cumsum(each, axis=1)
    return (total / total[:, -1:])[:, :-1]


def _accept(engine: Engine, drawn: _Drawn, shock: Array | None) -> Array:
    """Chance of acceptance at b1 for the act, moved by a shock to A - W."""
    if shock is None:
        return drawn.accept
    push = jnp.exp(shock / engine.game.parameters.noise_holder)
    moved = drawn.accept * push / (drawn.accept * push + 1.0 - drawn.accept)
    return jnp.where(shock == 0.0, drawn.accept, moved)


def _step(value: Array, draw: Array, up: Array, down: Array, top: int) -> Array:
    """One step up or down by chance, none beyond the ends."""
    moved = value + (draw < up).astype(value.dtype) - ((draw >= up) & (draw < up + down)).astype(value.dtype)
    return jnp.clip(moved, 0, top)


def _one_week(
    spec: Specification, engine: Engine, walk: Walk, plan: Any, draws: dict[str, Array]
) -> tuple[Walk, dict[str, Array]]:
    """One week of every path; paths that ended stay as they are."""
    p, this = engine.game.parameters, engine.game.week
    live = walk.ending == OPEN
    drawn = _first_half(spec, engine, walk, plan, draws)
    offers = len(spec.offers)
    force, offer = drawn.act // offers, drawn.act % offers
    state = _state(spec, walk)
    after = bayes(drawn.belief, drawn.by_type[1], drawn.by_type[0])
    accepted = live & (draws["acceptance"] < _accept(engine, drawn, plan.shock))
    freed = jnp.asarray([stage if stage > 0 else spec.groups for stage in spec.stages])[offer]
    staged = accepted & (freed < walk.groups)
    waits = live & ~accepted
    unrestrained = walk.unrestrained == 1
    end_chance = jnp.where(unrestrained, this.force_end[1][state], this.force_end[0][state])
    collapse = this.collapse[force, state]
    collapsed = waits & (draws["ending"] < collapse)
    forced = waits & ~collapsed & (draws["ending"] < collapse + (1.0 - collapse) * end_chance)
    lost = waits & (draws["loss"] < this.loss[force])
    groups = walk.groups - lost.astype(jnp.int32)
    table = drawn.signal if this.aid.shape[0] > 1 else jnp.zeros_like(drawn.signal)
    ending = jnp.where(
        accepted & ~staged,
        DEAL,
        jnp.where(
            collapsed,
            COLLAPSE,
            jnp.where(forced, FORCED_END, jnp.where(waits & (groups == 0), NONE_LEFT, walk.ending)),
        ),
    )
    act_held = _held_act(engine, drawn, draws)
    goes_on = live & (ending == OPEN)
    moves = goes_on & ~staged
    end_r, end_u = this.force_end[0][state], this.force_end[1][state]
    survived = jnp.where(staged, after, bayes(after, 1.0 - end_u, 1.0 - end_r))
    share = jnp.minimum(freed / jnp.maximum(walk.groups, 1), 1.0)
    switched = jnp.where(draws["drift"] < p.drift, 1 - walk.unrestrained, walk.unrestrained)
    next_walk = Walk(
        jnp.where(goes_on, drift_belief(survived, p.drift), jnp.where(live, after, walk.belief)),
        jnp.where(
            moves,
            _step(walk.endurance, draws["endurance"], this.up[act_held, table if this.up.shape[1] > 1 else 0, force],
                  this.down[act_held, table if this.down.shape[1] > 1 else 0, force], spec.endurance_levels - 1),
            walk.endurance,
        ),
        jnp.where(
            moves,
            _step(walk.pressure, draws["pressure"], this.rise[act_held, table if this.rise.shape[1] > 1 else 0, force],
                  this.fall[act_held, table if this.fall.shape[1] > 1 else 0, force], spec.pressure_levels - 1),
            walk.pressure,
        ),
        jnp.where(staged, walk.groups - freed, groups).astype(jnp.int32),
        _move_block(spec, p, walk, moves, draws),
        _move_credulity(spec, p, walk, drawn, moves, draws),
        jnp.where(goes_on, switched, walk.unrestrained),
        ending,
        walk.week + goes_on.astype(jnp.int32),
        jnp.where(accepted & ~staged, offer, walk.offer),
        walk.lost + lost.astype(jnp.int32),
        walk.harm + jnp.where(waits, _harm(engine, table, force, act_held), 0.0),
        walk.aid + jnp.where(waits, this.aid[table, force], 0.0),
        walk.price + jnp.where(accepted, share * p.offer_price[offer], 0.0),
    )  # fmt: skip
    seen = {
        "live": live,
        "deal": accepted & ~staged,
        "stage": staged,
        "belief": walk.belief,
        "signal": drawn.signal,
        "force": force,
        "offer": offer,
        "endurance": walk.endurance,
        "pressure": walk.pressure,
        "groups": walk.groups,
        "block": walk.block,
        "credulity": walk.credulity,
    }
    return next_walk, seen


def _held_act(engine: Engine, drawn: _Drawn, draws: dict[str, Array]) -> Array:
    """What the holder does while it waits, (n,); 0 when it has no choice."""
    if engine.tables.holder_acts is None or engine.game.parameters.holder_acts is None:
        return jnp.zeros_like(drawn.act)
    tables, act = engine.tables.holder_acts, drawn.act
    low, high = tables[drawn.rows, :, act], tables[drawn.rows + 1, :, act]
    chances = low + drawn.weight[:, None] * (high - low)
    return _pick(jnp.cumsum(chances, axis=1)[:, :-1], draws["holder's act"])


def _harm(engine: Engine, table: Array, force: Array, act: Array) -> Array:
    """Harm of a week of waiting, with what provocation adds."""
    harm = engine.game.week.harm[table, force]
    acts = engine.game.parameters.holder_acts
    return harm if acts is None else harm + jnp.asarray(acts.provocation)[act]


def _move_block(
    spec: Specification, p: Parameters, walk: Walk, moves: Array, draws: dict[str, Array]
) -> Array:
    if not spec.domestic:
        return jnp.asarray(walk.block)
    chance = jnp.where(walk.block == 0, p.domestic[0], p.domestic[1])
    return jnp.where(moves & (draws["domestic"] < chance), 1 - walk.block, walk.block)


def _move_credulity(
    spec: Specification, p: Parameters, walk: Walk, drawn: _Drawn, moves: Array, draws: dict[str, Array]
) -> Array:
    if p.wear is None or spec.credulity_levels == 1:
        return jnp.asarray(walk.credulity)
    lower = jnp.asarray(p.wear.contradiction)[drawn.news]  # it is the hearer whose trust wears
    stepped = _step(
        walk.credulity, draws["credulity"], (1.0 - lower) * p.wear.mend, lower, spec.credulity_levels - 1
    )
    return jnp.where(moves, stepped, walk.credulity)


def _used(spec: Specification, parameters: Parameters) -> tuple[str, ...]:
    """Streams that a game draws from; each is keyed by its own name, so leaving one out moves no other."""
    skip = set()
    if not spec.domestic:
        skip.add("domestic")
    if parameters.wear is None or spec.credulity_levels == 1:
        skip.add("credulity")
    if parameters.private is None:
        skip.add("private pressure")
    if parameters.holder_acts is None:
        skip.add("holder's act")
    return tuple(name for name in STREAMS if name not in skip and name != "type")


def _engine(spec: Specification, parameters: Parameters, play: Play, keys: Array) -> Engine:
    game = build_game(spec, parameters)
    groups = jnp.arange(1.0, spec.groups + 1)
    laws = jnp.stack([signal_law(spec, game.parameters, game.states, n) for n in groups])
    return Engine(game, _tables(spec, play), laws, keys)


engine_jit = jax.jit(_engine, static_argnames=("spec",))


@partial(jax.jit, static_argnames=("spec", "weeks", "keep"))
def walk_chunk(
    spec: Specification,
    engine: Engine,
    walk: Walk,
    path: Array,
    first: Array,
    schedule: Schedule,
    weeks: int,
    keep: bool,
) -> tuple[Walk, dict[str, Array], dict[str, Array]]:
    """A chunk of paths through ``weeks`` weeks: the end, weekly sums over the chunk, and histories if kept."""
    names = _used(spec, engine.game.parameters)
    where = {name: i for i, name in enumerate(names)}
    keys = engine.keys[np.array([STREAMS.index(name) for name in names])]

    def one(walk: Walk, t: Array) -> tuple[Walk, tuple[dict[str, Array], dict[str, Array]]]:
        plan = jax.tree.map(lambda a: a[t], schedule)
        drawn = computed_once(lambda key, at: uniform(key[:, None], path, at), keys, first + t)
        draws = {name: drawn[where[name]] for name in names}
        following, seen = _one_week(spec, engine, walk, plan, draws)
        live = seen["live"].astype(jnp.float64)
        sums = {
            "live": jnp.sum(live),
            "deal": jnp.sum(seen["deal"]),
            "belief": jnp.sum(live * seen["belief"]),
            "force": jnp.sum(live * seen["force"]),
            "generous": jnp.sum(live * engine.game.parameters.generosity[seen["offer"]]),
        }
        return following, (sums, seen if keep else {})

    end, (sums, history) = jax.lax.scan(one, walk, jnp.arange(weeks))
    return end, sums, history


def start_walk(solution: Solution, start: State, count: int, seed: int) -> Walk:
    """Paths at their start; the type is drawn with probability b where it is not given."""
    levels = solution.specification.credulity_levels
    whole = partial(np.full, count)
    fields = [np.broadcast_to(np.asarray(v), (count,)) for v in start[:7]]
    belief = fields[0].astype(np.float64)
    draw = np.asarray(uniform(jnp.asarray(keys_of(("type",), seed)[0]), jnp.arange(count), jnp.asarray(0)))
    given = fields[6].astype(np.int32)
    kind = np.where(given >= 0, given, (draw < belief).astype(np.int32)).astype(np.int32)
    moving = [f.astype(np.int32) for f in fields[1:6]]
    moving[4] = np.where(moving[4] < 0, levels - 1, moving[4])
    none = whole(0, dtype=np.int32)
    zero = whole(0.0)
    none_yet, week = whole(FREE, dtype=np.int32), whole(start.week, dtype=np.int32)
    e, k, n, d, c = moving
    walk = Walk(belief, e, k, n, d, c, kind, none, week, none_yet, none, zero, zero, zero)
    result: Walk = jax.tree.map(jnp.asarray, walk)
    return result


def simulate(
    solution: Solution,
    simulation: Simulation | None = None,
    start: State | None = None,
    schedule: Schedule | None = None,
) -> Paths:
    """Paths of a solved game from a start, with acts imposed; weeks count from ``start.week``.

    ``schedule`` is indexed by week-1 from week 1 and must reach the last week. Random numbers are keyed by name,
    path and week: two schedules differ in nothing else. Raises `GameSpecError` with every mistake for a schedule
    that is too short or names acts outside the menu, and for a start that is no state of the solved game.
    """
    use_float64()
    run, start = simulation or Simulation(), start or State()
    spec = solution.specification
    schedule = schedule or free_schedule(max(int(start.week) - 1 + run.weeks, 0))
    check_simulation(spec, run, start, schedule)
    last = start.week - 1 + run.weeks
    part = _used_parts(schedule, start.week, last)
    engine = engine_jit(spec, solution.parameters, solution.play, jnp.asarray(keys_of(STREAMS, run.seed)))
    walk = start_walk(solution, start, run.paths, run.seed)
    size = min(CHUNK, run.paths)
    bounds = [(i, min(i + size, run.paths)) for i in range(0, run.paths, size)]

    def chunk(bound: tuple[int, int]) -> Any:
        low, high = bound
        piece = jax.tree.map(lambda a: a[low:high], walk)
        result = walk_chunk(
            spec, engine, piece, jnp.arange(low, high), jnp.asarray(start.week), part, run.weeks, run.keep
        )
        return jax.tree.map(np.asarray, result)

    if run.threads > 1:
        with ThreadPoolExecutor(run.threads) as pool:
            results = list(pool.map(chunk, bounds))
    else:
        results = [chunk(bound) for bound in bounds]
    return _gather(results, run, start.week)


def _used_parts(schedule: Schedule, first_week: int, last: int) -> Schedule:
    """The weeks simulated; imposed conduct and shocks are left out (None) where there are none."""
    cut = [np.asarray(a)[first_week - 1 : last] for a in schedule]
    signal, news, force, offer, shock = (jnp.asarray(a) for a in cut)
    conduct = bool(np.any(cut[2] >= 0) or np.any(cut[3] >= 0))
    return Schedule(
        signal,
        news,
        force if conduct else None,
        offer if conduct else None,
        shock if np.any(cut[4] != 0) else None,
    )


def _gather(results: list[Any], run: Simulation, first_week: int) -> Paths:
    ends = [r[0] for r in results]
    end = Walk(*(np.concatenate([e[i] for e in ends]) for i in range(len(Walk._fields))))
    sums = {name: np.sum([r[1][name] for r in results], axis=0) for name in results[0][1]}
    history = {name: np.concatenate([r[2][name] for r in results], axis=1) for name in results[0][2]}
    live = np.maximum(sums["live"], 1.0)
    ended = np.asarray(end.ending) != OPEN
    week = np.where(ended, end.week, first_week + run.weeks - 1)
    return Paths(
        np.asarray(end.ending), week, np.asarray(end.offer), np.asarray(end.lost), np.asarray(end.harm),
        np.asarray(end.aid), np.asarray(end.price), np.asarray(end.belief), np.asarray(end.unrestrained),
        sums["live"] / run.paths, sums["deal"] / run.paths, sums["belief"] / live, sums["force"] / live,
        sums["generous"] / live, first_week, history,
    )  # fmt: skip
