"""One sweep: values and conduct of a class of hostages, given the last ones, by logit best replies and Bayes.

The unknowns of a class with N groups alive are the values V = (V_H, V_R, V_U) on the grid of beliefs, before
the signal, and r = log P_U(a) - log P_R(a), the only way in which conduct enters beliefs. The sweep maps
(V, r) to its logit best reply; an equilibrium is a fixed point. Classes only shrink, so they are solved in
turn from the last group up. Equations: model.md section 2; [standoff_game].
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from standoff.standoff_game.beliefs import (
    Nodes,
    bayes,
    bayes_log_odds,
    belief_grid,
    computed_once,
    drift_belief,
    interpolate,
)
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.patron import at_signal, credulity, patron_reply, signal_law, signal_news
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.week import (
    RESTRAINED,
    UNRESTRAINED,
    StateGrid,
    Week,
    expect_next,
    state_grid,
    week,
)

Array = jax.Array


class Unknowns(NamedTuple):
    """What is solved for in a class.

    ``values`` (3 or 5, B, S) of holder, coercer R, coercer U and, as a player, the patron by type; ``log_ratio``
    (B, Y', M, X, S) of conduct; ``signal_ratio`` log p_U(y)/p_R(y) (B, Y, S) when the patron plays, else None.
    """

    values: Array
    log_ratio: Array
    signal_ratio: Array | None = None


class Play(NamedTuple):
    """Conduct in a class; None where an option is off.

    ``conduct`` (2, B, Y', M, X, S) chance of each act by type, over private pressure; ``accept`` (B, Y', M, X, S)
    the holder's chance of accepting, ``accepting`` (A) and ``waiting`` (W) its two payoffs; ``deal_gain``
    (2, B, Y', M, X, S) what a deal is worth to each type of coercer over waiting; ``holder_acts``
    (J, B, Y', M, X, S) what it does while it waits; ``private`` (Z, 2, B, Y', M, X, S) conduct at each private pressure;
    ``signals`` (2, B, Y, S) the patron's.
    """

    conduct: Array
    accept: Array
    accepting: Array
    waiting: Array
    deal_gain: Array
    holder_acts: Array | None
    private: Array | None
    signals: Array | None


class Hostages(NamedTuple):
    """A class of hostages: ``groups`` alive N; ``lost`` (V, B, S) values with one group less; with staged offers,
    ``staged`` (X, V, B, S) values after each, ``share`` (X,) of the groups it frees; both None without."""

    groups: Array
    lost: Array
    staged: Array | None = None
    share: Array | None = None


class Game(NamedTuple):
    """What sweeps need, computed once: parameters, grid (B,), state levels and the week's tables."""

    parameters: Parameters
    grid: Nodes
    states: StateGrid
    week: Week


class News(NamedTuple):
    """Over cells (B, Y', M, X, S): belief after conduct b2, after the week b3, and w, the chance of a forced end."""

    after_conduct: Array
    after_week: Array
    forced_end: Array


class Future(NamedTuple):
    """Expected values next week over the cells: holder's, coercer's and patron's by type (None when no player)."""

    holder: Array
    coercer: tuple[Array, Array]
    patron: tuple[Array, Array] | None


class Reply(NamedTuple):
    """The holder's side of a sweep: chances, payoffs and the value of an act to the holder, over the cells."""

    accept: Array
    accepting: Array
    waiting: Array
    value: Array
    acts: Array | None


def build_game(specification: Specification, parameters: Parameters) -> Game:
    """Tables of a game that do not change from sweep to sweep."""
    arrays = jax.tree.map(lambda v: jnp.asarray(v, dtype=jnp.float64), parameters)
    grid = belief_grid(specification.belief_points, specification.belief_span)
    return Game(arrays, grid, state_grid(specification), week(specification, arrays))


def first_guess(specification: Specification, parameters: Parameters) -> Unknowns:
    """Zero values and conduct that tells nothing, for one class: the fixed start of a solution."""
    spec = specification
    players = 3 if parameters.patron is None else 5
    values = jnp.zeros((players, spec.belief_points, spec.states))
    ratio = jnp.zeros((spec.belief_points, spec.tables, len(spec.force), len(spec.offers), spec.states))
    signals = None
    if parameters.patron is not None:
        signals = jnp.zeros((spec.belief_points, len(spec.signals), spec.states))
    return Unknowns(values, ratio, signals)


def _news(game: Game, log_ratio: Array) -> News:
    """b2 by Bayes on conduct; w; b3 by Bayes on survival, then drift."""
    before = jnp.asarray(game.grid)[:, None, None, None, None]
    end_r, end_u = game.week.force_end[RESTRAINED], game.week.force_end[UNRESTRAINED]
    after = bayes_log_odds(before, log_ratio)
    forced = after * end_u + (1.0 - after) * end_r
    survived = bayes(after, 1.0 - end_u, 1.0 - end_r)
    return News(after, drift_belief(survived, game.parameters.drift), forced)


def _mix_types(values: tuple[Array, ...], drift: Array, first: int) -> tuple[Array, Array]:
    """A pair of values by type next week, mixed by the chance that the type switches."""
    r, u = values[first], values[first + 1]
    return (1.0 - drift) * r + drift * u, (1.0 - drift) * u + drift * r


def _split(game: Game, values: tuple[Array, ...]) -> Future:
    drift = game.parameters.drift
    patron = _mix_types(values, drift, 3) if len(values) > 3 else None
    return Future(values[0], _mix_types(values, drift, 1), patron)


def _futures(
    spec: Specification, game: Game, hostages: Hostages, values: Array, belief: Array, ramps: bool
) -> list[Future]:
    """E V at b3 for each of the holder's acts while it waits."""
    risk = game.week.loss[:, None]
    mixed = (1.0 - risk) * values[:, :, None, :] + risk * hostages.lost[:, :, None, :]
    expected = expect_next(spec, game.parameters, game.week, mixed)[..., None, :]
    return [
        _split(
            game, interpolate(game.grid, spec.belief_span, tuple(expected[j]), belief, ramps, spec.rounding)
        )
        for j in range(expected.shape[0])
    ]


def _staged_future(
    spec: Specification, game: Game, hostages: Hostages, news: News, ramps: bool
) -> Future | None:
    """E V after a staged offer is accepted: the type may switch, nothing else moves."""
    if hostages.staged is None:
        return None
    tables = jnp.moveaxis(hostages.staged, 0, 2)[:, :, None, None]  # (V, B, 1, 1, X, S)
    belief = drift_belief(news.after_conduct, game.parameters.drift)
    return _split(game, interpolate(game.grid, spec.belief_span, tuple(tables), belief, ramps, spec.rounding))


def type_futures(
    spec: Specification, game: Game, now: Array, lost: Array, log_ratio: Array, acts: Array | None
) -> tuple[Array, Array]:
    """Expected value next week of a quantity kept by type (2, B, S), over the cells, when conduct is settled."""
    news = _news(game, log_ratio)
    risk = game.week.loss[:, None]
    mixed = (1.0 - risk) * now[:, :, None, :] + risk * lost[:, :, None, :]
    expected = expect_next(spec, game.parameters, game.week, mixed)[..., None, :]
    pairs = [
        interpolate(game.grid, spec.belief_span, tuple(table), news.after_week, False, spec.rounding)
        for table in expected
    ]
    mean = [
        pairs[0][t] if acts is None else sum(a * pair[t] for a, pair in zip(acts, pairs, strict=True))
        for t in (0, 1)
    ]
    return _mix_types((mean[0], mean[1]), game.parameters.drift, 0)


def _deal_value(
    spec: Specification, game: Game, hostages: Hostages, news: News, staged: Future | None
) -> Array:
    """A: what accepting is worth to the holder; a staged offer pays its share and the game goes on."""
    p, b2 = game.parameters, news.after_conduct
    price: Array = (p.offer_value * (1.0 - p.chip + p.chip * hostages.groups / spec.groups) - p.give)[:, None]
    risk = b2 * p.resume[UNRESTRAINED] + (1.0 - b2) * p.resume[RESTRAINED]
    if p.offer_guarantee is not None:
        risk = risk * (1.0 - jnp.asarray(p.offer_guarantee)[:, None])
    whole: Array = price - risk * p.resume_loss
    if staged is None or hostages.share is None:
        return whole
    share = hostages.share[:, None]
    result: Array = jnp.where(share < 1.0, share * price + p.discount_holder * staged.holder, whole)
    return result


def _waiting_payoffs(game: Game, news: News, futures: list[Future]) -> list[Array]:
    """W for each of the holder's acts: flow - p_c Lc + (1-p_c)[w B + (1-w) beta E V_H]."""
    p, this = game.parameters, game.week
    collapse = this.collapse[None, None, :, None, :]
    payoffs = []
    for j, future in enumerate(futures):
        flow = this.flow[j][None, :, :, None, :]
        ahead = news.forced_end * p.end_value + (1.0 - news.forced_end) * p.discount_holder * future.holder
        payoffs.append(flow - collapse * p.collapse_loss + (1.0 - collapse) * ahead)
    return payoffs


def _log1p_of_unit(x: Array) -> Array:
    """log(1 + x) for x in [0, 1], to rounding: 2 artanh(x / (2 + x)) by its series; cheaper than the library's."""
    ratio = x / (2.0 + x)
    square = ratio * ratio
    total = jnp.full_like(x, 1.0 / 33.0)
    for odd in range(31, 0, -2):
        total = total * square + 1.0 / odd
    return 2.0 * ratio * total


def _logit_pair(gap: Array) -> tuple[Array, Array]:
    """Chance of the first of two alternatives and log(1 + exp(gap)), for its lead over the second in units of noise."""
    decay = jnp.exp(-jnp.abs(gap))
    chance = jnp.where(gap >= 0, 1.0, decay) / (1.0 + decay)
    return chance, jnp.maximum(gap, 0.0) + _log1p_of_unit(decay)


def _holder_reply(game: Game, accepting: Array, payoffs: list[Array]) -> Reply:
    """Logit choice between accepting and waiting, and among acts while waiting."""
    noise = game.parameters.noise_holder
    acts = None
    waiting = payoffs[0]
    if len(payoffs) > 1:
        stacked = jnp.stack(payoffs)
        total = jax.nn.logsumexp(stacked / noise, axis=0)
        acts = jnp.exp(stacked / noise - total)
        waiting = noise * (total - jnp.log(float(len(payoffs))))
    accept, option = computed_once(_logit_pair, (accepting - waiting) / noise)
    value = waiting + noise * option
    return Reply(accept, accepting, waiting, value, acts)


def _average_future(futures: list[Future], acts: Array | None) -> Future:
    """The future over the holder's acts while it waits."""
    if acts is None:
        return futures[0]

    def mean(*arrays: Array) -> Array:
        return sum((act * array for act, array in zip(acts, arrays, strict=True)), jnp.zeros(()))

    result: Future = jax.tree.map(mean, *futures)
    return result


def _coercer_worth(
    spec: Specification,
    game: Game,
    hostages: Hostages,
    reply: Reply,
    future: Future,
    staged: Future | None,
    kind: int,
) -> tuple[Array, Array]:
    """Q of a type, its payoff from each act, and what a deal is worth to it over waiting; over the cells."""
    p, this = game.parameters, game.week
    collapse = this.collapse[None, None, :, None, :]
    ended = this.force_end[kind]
    last = jnp.where(hostages.groups == 1, this.loss, 0.0)[:, None, None]
    deal = (p.hostage_value * hostages.groups - p.offer_price)[:, None]
    if staged is not None and hostages.share is not None:
        share = hostages.share[:, None]
        deal = jnp.where(share < 1.0, share * deal + p.discount_coercer * staged.coercer[kind], deal)
    ahead = -ended * p.end_loss + (1.0 - ended) * p.discount_coercer * future.coercer[kind]
    wait = collapse * p.win_value + (1.0 - collapse) * ahead - last * p.hostage_value
    base = this.coercer[kind][None] - p.holding_cost * hostages.groups
    return base + reply.accept * deal + (1.0 - reply.accept) * wait, deal - wait


def _logit(worth: Array, noise: Array) -> tuple[Array, Array, Array]:
    """Choice over acts (axes 2 and 3): probabilities, log normaliser of worth/noise, and value less the menu's entropy."""
    scaled = worth / noise
    top = jnp.max(scaled, axis=(2, 3), keepdims=True)
    weight = jnp.exp(scaled - top)
    total = jnp.sum(weight, axis=(2, 3), keepdims=True)
    log_total = top + jnp.log(total)
    value = noise * (log_total[:, :, 0, 0] - jnp.log(float(worth.shape[2] * worth.shape[3])))
    return weight / total, log_total, value


class Answered(NamedTuple):
    """What conduct meets: the holder's reply, the futures, and what each act is worth to each type, with a deal's gain."""

    reply: Reply
    future: Future
    staged: Future | None
    worth: tuple[Array, Array]
    gain: tuple[Array, Array]


def answered(spec: Specification, game: Game, hostages: Hostages, guess: Unknowns, ramps: bool) -> Answered:
    """The holder's reply to guessed values and conduct, and what follows for both types of coercer, over the cells.

    In each cell it hangs on conduct in that cell alone.
    """
    news = _news(game, guess.log_ratio)
    futures = _futures(spec, game, hostages, guess.values, news.after_week, ramps)
    staged = _staged_future(spec, game, hostages, news, ramps)
    accepting = _deal_value(spec, game, hostages, news, staged)
    reply = _holder_reply(game, accepting, _waiting_payoffs(game, news, futures))
    future = _average_future(futures, reply.acts)
    worth_r, gain_r = _coercer_worth(spec, game, hostages, reply, future, staged, RESTRAINED)
    worth_u, gain_u = _coercer_worth(spec, game, hostages, reply, future, staged, UNRESTRAINED)
    return Answered(reply, future, staged, (worth_r, worth_u), (gain_r, gain_u))


class Choice(NamedTuple):
    """The coercer's side of a sweep: ``conduct`` (2, ...cells), ``log_ratio`` (cells), ``values`` (2, B, Y', S), ``private``."""

    conduct: tuple[Array, Array]
    log_ratio: Array
    values: tuple[Array, Array]
    private: Array | None


def coercer_choice(game: Game, worth: tuple[Array, Array]) -> Choice:
    """Logit choice of both types; with private pressure, chances are averaged over what the holder cannot see."""
    p = game.parameters
    if p.private is None:
        (c_r, log_r, v_r), (c_u, log_u, v_u) = (_logit(q, p.noise_coercer) for q in worth)
        ratio = (worth[1] - worth[0]) / p.noise_coercer - (log_u - log_r)
        return Choice((c_r, c_u), ratio, (v_r, v_u), None)
    z = p.private
    push, give = jnp.asarray(p.force_level)[:, None, None], jnp.asarray(p.generosity)[:, None]
    shown, worths = [], []
    for kind in (RESTRAINED, UNRESTRAINED):
        lean = [level * (z.offer[kind] * give - z.penalty[kind] * push) for level in z.level]
        parts = [_logit(worth[kind] + tilt, p.noise_coercer) for tilt in lean]
        shown.append(jnp.stack([part[0] for part in parts]))
        worths.append(sum(w * part[2] for w, part in zip(z.law, parts, strict=True)))
    conduct = [jnp.tensordot(z.law, s, axes=1) for s in shown]
    ratio = jnp.log(conduct[1]) - jnp.log(conduct[0])
    return Choice((conduct[0], conduct[1]), ratio, (worths[0], worths[1]), jnp.stack(shown, axis=1))


def _patron_worth(
    game: Game, hostages: Hostages, choice: Choice, reply: Reply, future: Future, staged: Future | None
) -> Array:
    """What follows each signal for the patron, by type of coercer, on the grid of b1: (2, B, Y', S)."""
    patron, this = game.parameters.patron, game.week
    assert patron is not None and future.patron is not None
    collapse = this.collapse[None, None, :, None, :]
    cost = patron.harm_cost * this.harm[None, :, :, None, None] + patron.loss_cost * this.loss[:, None, None]
    worths = []
    for kind in (RESTRAINED, UNRESTRAINED):
        deal = patron.deal_value * jnp.ones_like(reply.accept)
        if staged is not None and hostages.share is not None and staged.patron is not None:
            share = hostages.share[:, None]
            onward = share * deal + patron.discount * staged.patron[kind]
            deal = jnp.where(share < 1.0, onward, deal)
        ahead = (1.0 - collapse) * (1.0 - this.force_end[kind]) * patron.discount * future.patron[kind]
        worth = reply.accept * deal + (1.0 - reply.accept) * (ahead - cost)
        worths.append(jnp.sum(choice.conduct[kind] * worth, axis=(2, 3)))
    return jnp.stack(worths)


def sweep(
    spec: Specification, game: Game, hostages: Hostages, guess: Unknowns, ramps: bool = True
) -> tuple[Unknowns, Play]:
    """The logit best reply to a guess in one class, and the conduct that belongs to it.

    ``ramps`` picks the interpolation: sums of ramps for plain sweeps, look-ups for differentiation. Equations:
    model.md section 2; [standoff_game].
    """
    p = game.parameters
    reply, future, staged, worth, gains = answered(spec, game, hostages, guess, ramps)
    choice = coercer_choice(game, worth)
    b1 = game.grid[:, None, None, None, None]
    likely = b1 * choice.conduct[1] + (1.0 - b1) * choice.conduct[0]
    holder = jnp.sum(likely * reply.value, axis=(2, 3))
    patron = None
    if p.patron is not None:
        patron = _patron_worth(game, hostages, choice, reply, future, staged)
    values, signals, ratio = _before_signal(spec, game, hostages, guess, (holder, *choice.values), patron)
    gain = jnp.stack([jnp.broadcast_to(g, reply.accept.shape) for g in gains])
    play = Play(
        jnp.stack(choice.conduct),
        reply.accept,
        jnp.broadcast_to(reply.accepting, reply.accept.shape),
        reply.waiting,
        gain,
        reply.acts,
        choice.private,
        signals,
    )
    return Unknowns(values, choice.log_ratio, ratio), play


def _before_signal(
    spec: Specification,
    game: Game,
    hostages: Hostages,
    guess: Unknowns,
    tables: tuple[Array, Array, Array],
    patron: Array | None,
) -> tuple[Array, Array | None, Array | None]:
    """Values before the signal, from tables (B, Y', S) at b1; with the patron's chances when it plays."""
    p = game.parameters
    law = signal_law(spec, p, game.states, hostages.groups)
    log_ratio = (jnp.log(law[1]) - jnp.log(law[0]))[None]
    if guess.signal_ratio is not None:
        log_ratio = guess.signal_ratio
    news = signal_news(spec, game.grid, log_ratio, credulity(spec, p, game.states))
    at = [at_signal(news, table) for table in tables]
    chance = law[:, None]
    signals = ratio = None
    extra: list[Array] = []
    if patron is not None:
        worth = jnp.stack([at_signal(news, table) for table in patron])
        chance, value = patron_reply(p, law, worth)
        signals, ratio = chance, jnp.log(chance[1]) - jnp.log(chance[0])
        extra = [value[0], value[1]]
    b = game.grid[:, None, None]
    seen = b * chance[1] + (1.0 - b) * chance[0]
    holder = jnp.sum(seen * at[0], axis=1)
    coercer = [jnp.sum(chance[kind] * at[1 + kind], axis=1) for kind in (RESTRAINED, UNRESTRAINED)]
    return jnp.stack([holder, *coercer, *extra]), signals, ratio
