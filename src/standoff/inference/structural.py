r"""The likelihood of a weekly record with the standoff game solved inside it.

Given parameters the game is solved from one fixed start. Two filters then run over the weeks. The holder's belief follows
the game's own Bayes: the signal under the patron's law, the coercer's act, survival of the risk of a forced end, drift.
The analyst's weights on type and endurance $(\theta, e)$ follow

$L = \prod_t \sum_{\theta, e} \pi_t(\theta, e)\, l_\theta(y_t \mid c_t) \sum_{m, x} P_\theta(m, x \mid s_t, y_t, z_t)\, O_\theta(m, x, e)\,
S_H(m, x, e)^{w} S_{C,\theta}(e)^{w'}$

with $O$ the week's outcome among deal, collapse, forced end and waiting, $S_H$ an ordered logit on $(A - W)/s_H$ plus drift and
shocks, $S_C$ one on $(Q_{generous} - Q_{lean})/s_C$ plus drift, both mixed by the coder's error. Unseen acts are summed over.
Deaths in dated windows and aid, a regression integrated in closed form, stand beside it.

Approximations, each stated where a reader decides: drift and shocks move acceptance, stance and the week's conduct, not the
values of the future; the holder's belief uses conduct averaged over endurance; the game's own expectations use the patron's law
in a week whose causes stand at zero; a standing offer is not a new choice, so that where the terms are known force is
judged given the offer, and the offer itself by the coercer's stance in the week that it was recorded. Other ends have a
floor of `FLOOR` a week, so that no rival is ruled out by an end that it is not about.
Source: model.md section 3; [standoff_game], [hamilton1989new], [mccullagh1980regression].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from standoff.inference.priors import value
from standoff.inference.rivals import Rival
from standoff.inference.structural_data import StanceData, StructuralData, step_scale
from standoff.inference.structural_priors import PRIORS
from standoff.standoff_game.beliefs import bayes, bayes_log_odds, belief_grid, drift_belief, node_weights
from standoff.standoff_game.equilibrium import Search, equilibrium, play_at
from standoff.standoff_game.parameters import Parameters, PrivatePressure, baseline_parameters
from standoff.standoff_game.specification import Specification, share_tables
from standoff.standoff_game.sweep import Unknowns

Array = Any
Values = Mapping[str, Array]

BELIEFS = 11
ROUNDING = 0.5  # of kinks between nodes: all the way, so that density and best replies are smooth
LEVELS = 3  # of endurance where it is in a payoff: six make the largest game three times as dear
SEARCH = Search(tolerance=1e-6, most=250)
FIRST_BELIEF = 0.5
MEAN_END = 0.004  # weekly chance of a forced end per level of outside pressure, mean of the two types
END_VALUE = 9.0
RESUME = 0.3
WAITING_COST = 0.3  # weekly, whatever the force: about what aid and outside pressure are worth to the holder
MEAN_PRESSURE = 1.5
LESS = 0.2  # the unrestrained type answers its patron by so much of what the restrained one does
COLLAPSE = 0.03
EVENTS_PER_GROUP = 6.0  # dated events in which hostages die for one loss of a group, a third of those held
FLOOR = 1e-3
TINY = 1e-12
RESTRAIN = np.array([0.0, 0.0, 1.0, 1.0, 1.0])
ENABLE = np.array([1.0, 0.0, 0.0, 1.0, 0.0])
COSTLY = np.array([0.0, 0.0, 0.0, 0.0, 1.0])
CAUSES = ("harm", "stalled", "stance", "calendar")
OUTSIDE_THE_GAME = frozenset(
    {f"{side}_{what}" for side in ("holder", "coercer") for what in ("cut", "spacing", "drift")}
    | {f"{kind}_{cause}" for kind in ("restrain", "enable") for cause in CAUSES}
    | {"costly_harm", "shock"}
)  # parameters that the filters read and the equilibrium does not


def specification_of(rival: Rival) -> Specification:
    """The exactly reduced game of a rival: no signals in payoffs without conduct, no endurance without force; one table for
    signals that are equally critical."""
    conduct, force = "conduct" in rival.terms, "force" in rival.terms
    spec = Specification(
        belief_points=BELIEFS,
        endurance_levels=LEVELS if force else 1,
        aid_answers=conduct,
        signals_in_payoffs=conduct,
        rounding=ROUNDING,
    )
    return share_tables(spec, baseline_parameters())


def constrained(z: Array, free: Array, neutral: Array) -> dict[str, Array]:
    """Values by name of z (P,): the prior's where ``free`` (P,) is 1, else the neutral one."""
    return {
        prior.name: jnp.where(
            free[i] > 0, value(prior, jnp.where(free[i] > 0, z[i], 0.0), jnp.exp), neutral[i]
        )
        for i, prior in enumerate(PRIORS)
    }


def game_of(v: Values, spec: Specification, domestic: Array, privacy: Array) -> Parameters:
    """The game's parameters; what a value leaves neutral is out of it exactly."""
    base = baseline_parameters()
    gap, scale = v["hope"] / (1.0 + v["hope"]), step_scale(spec.endurance_levels)
    less = jnp.array([1.0, LESS])
    # Hope, aid's value, tiredness and force are to move slopes of waiting and not its level, which is that of `give`.
    worth = MEAN_END * MEAN_PRESSURE * END_VALUE * v["hope"] + base.aid_base * (
        v["aid_value"] - base.aid_value
    )
    cost = (WAITING_COST + worth) / (1.0 + 0.5 * v["tired"])
    private = None
    if spec.signals_in_payoffs:
        law = jnp.stack([1.0 - privacy, privacy])
        private = PrivatePressure(
            law, np.array([0.0, 1.0]), v["private_penalty"] * less, v["private_offer"] * less
        )
    return base._replace(
        signal_law=patron_law(v, jnp.zeros((1, len(CAUSES))))[0],
        credulity=v["credulity"],
        offer_value=jnp.stack([jnp.asarray(1.5), v["offer_value"]]),
        give=v["give"],
        resume=jnp.stack([RESUME * (1.0 - v["assurance"]), RESUME * (1.0 + v["assurance"])]),
        force_cost=cost + v["force_cost"] * np.array([-0.5, 0.0, 0.5]),
        tired=v["tired"],
        aid_force=v["aid_force"],
        aid_criticism=v["aid_criticism"],
        aid_value=v["aid_value"],
        end_value=END_VALUE * (1.0 + v["hope"]),
        forced_end=MEAN_END * jnp.stack([1.0 + gap, 1.0 - gap]),
        collapse=COLLAPSE * jnp.where(v["tired"] > 0.0, 1.0, 0.0),
        force_value=jnp.stack([v["force_value"], v["force_value"] + v["force_gap"]]),
        criticism_penalty=v["penalty"] * less,
        criticism_offer=v["criticism_offer"] * less,
        endurance_up=base.endurance_up * scale,
        endurance_down=base.endurance_down * scale,
        death_base=v["deaths"] / EVENTS_PER_GROUP,
        death_force=v["deaths_force"] / EVENTS_PER_GROUP,
        domestic=domestic,
        block=v["block"],
        private=private,
    )


def patron_law(v: Values, causes: Array) -> Array:
    """The patron's law given causes (T, 4): chances (T, 2, Y), tilted alike for both types."""
    zeros = jnp.zeros(causes.shape[0])

    def lean(kind: str, names: tuple[str, ...]) -> Array:
        push = [v[f"{kind}_{name}"] * causes[:, CAUSES.index(name)] for name in names]
        return v[f"{kind}_level"] + sum(push, zeros)

    tilt = (
        lean("restrain", CAUSES)[:, None] * RESTRAIN
        + lean("enable", CAUSES)[:, None] * ENABLE
        + lean("costly", ("harm",))[:, None] * COSTLY
    )
    return jax.nn.softmax(jnp.log(baseline_parameters().signal_law)[None] + tilt[:, None, :], axis=-1)


class Tables(NamedTuple):
    """Conduct on the grid of beliefs by week, so that weeks are looked up: ``conduct`` (T, B, E, 2, M, X) as the holder sees
    it, ``own`` the same at the week's private pressure, ``gap`` (T, B, E, M, X) = (A - W)/s_H, without drift or shocks."""

    conduct: Array
    own: Array
    gap: Array


def tables(spec: Specification, p: Parameters, unknowns: Unknowns, d: StructuralData) -> Tables:
    """What the solved game says of each week's state, at every node of belief."""
    play = play_at(spec, p, unknowns)
    states = spec.state_index(
        np.arange(spec.endurance_levels)[None, :],
        jnp.asarray(d.pressure)[:, None],
        jnp.asarray(d.block)[:, None],
    )
    of_signal = np.array(spec.signal_tables if spec.tables > 1 else (0,) * len(spec.signals))
    table = jnp.asarray(of_signal)[jnp.asarray(d.signal)]
    weeks = (jnp.asarray(d.groups)[:, None], table[:, None], states)

    def of_week(array: Array) -> Array:  # (G, B, Y', M, X, S) -> (T, B, E, M, X)
        looked_up = jnp.moveaxis(array, 5, 3)[weeks[0], :, weeks[1], weeks[2]]
        return jnp.moveaxis(looked_up, 2, 1)

    def by_type(array: Array) -> Array:  # (G, 2, B, Y', M, X, S)
        return jnp.stack([of_week(array[:, kind]) for kind in (0, 1)], axis=3)

    conduct = by_type(play.conduct)
    own = conduct
    if play.private is not None:
        levels = [by_type(play.private[:, level]) for level in (0, 1)]
        pressed = jnp.asarray(d.private)[:, None, None, None, None, None] > 0
        own = jnp.where(pressed, levels[1], levels[0])
    return Tables(conduct, own, of_week((play.accepting - play.waiting) / p.noise_holder))


def lean_to_offers(conduct: Array, lean: Array) -> Array:
    """Conduct (..., M, X) with the log-odds of a generous offer moved by ``lean`` (broadcast to ...)."""
    moved = conduct * jnp.exp(lean[..., None, None] * jnp.arange(conduct.shape[-1]))
    return moved / jnp.sum(moved, axis=(-2, -1), keepdims=True)


def seen_acts(d: StructuralData, forces: int, offers: int) -> tuple[Array, Array]:
    """Marks of what each week's act can have been: force (T, M) and offer (T, X)."""
    force, offer = jnp.asarray(d.force)[:, None], jnp.asarray(d.offer)[:, None]
    return (
        jnp.where((force < 0) | (force == jnp.arange(forces)), 1.0, 0.0),
        jnp.where((offer < 0) | (offer == jnp.arange(offers)), 1.0, 0.0),
    )


class Beliefs(NamedTuple):
    """The holder's belief at each week's start and after its signal, (T,)."""

    before: Array
    after_signal: Array


def beliefs(
    p: Parameters,
    spec: Specification,
    v: Values,
    law: Array,
    play: Tables,
    d: StructuralData,
    first: Array | float = FIRST_BELIEF,
) -> Beliefs:
    """The holder's belief week by week from a ``first`` one, by the game's own Bayes; conduct is averaged over endurance."""
    grid = belief_grid(spec.belief_points, spec.belief_span)
    weeks = jnp.arange(len(d.signal))
    told = jnp.log(law[weeks, 1, jnp.asarray(d.signal)]) - jnp.log(law[weeks, 0, jnp.asarray(d.signal)])
    lean = jnp.broadcast_to((v["coercer_drift"] * d.time)[:, None, None, None], play.conduct.shape[:4])
    force, offer = seen_acts(d, play.conduct.shape[-2], play.conduct.shape[-1])
    seen = (
        lean_to_offers(play.conduct, lean)
        * force[:, None, None, None, :, None]
        * offer[:, None, None, None, None, :]
    )
    acts = jnp.einsum("tbekmx,te->tbk", seen, jnp.asarray(d.chances))  # (T, B, 2)
    open_, waits = jnp.asarray(d.open), jnp.asarray(d.open * (1.0 - d.deal - d.forced - d.collapse))
    ends = jnp.asarray(p.forced_end)[None, :] * jnp.asarray(d.pressure)[:, None]

    def week(belief: Array, row: tuple[Array, ...]) -> tuple[Array, tuple[Array, Array]]:
        news, act, judged, waited, end = row
        b1 = bayes_log_odds(belief, p.credulity * news)
        chance = node_weights(grid, spec.rounding, b1) @ act
        b2 = jnp.where(judged > 0, bayes(b1, chance[1], chance[0]), b1)
        b3 = jnp.where(waited > 0, bayes(b2, 1.0 - end[1], 1.0 - end[0]), b2)
        return drift_belief(b3, p.drift), (belief, b1)

    _, path = jax.lax.scan(week, jnp.asarray(first), (told, acts, open_, waits, ends))
    return Beliefs(*path)


def at_belief(spec: Specification, table: Array, belief: Array) -> Array:
    """Tables (T, B, ...) read at each week's belief (T,), between nodes as the game itself is: (T, ...)."""
    grid = belief_grid(spec.belief_points, spec.belief_span)
    return jnp.einsum("tb,tb...->t...", node_weights(grid, spec.rounding, belief), table)


def level_chances(cut: Array, spacing: Array, softness: Array, levels: int) -> Array:
    """Chances (..., L) of each level: P(level <= k) = L(c_k + softness), cutpoints evenly spaced around ``cut``."""
    cuts = cut + spacing * (jnp.arange(levels - 1) - (levels - 2) / 2.0)
    below = jax.nn.sigmoid(cuts + softness[..., None])
    ones, zeros = jnp.ones_like(below[..., :1]), jnp.zeros_like(below[..., :1])
    return jnp.diff(jnp.concatenate([zeros, below, ones], axis=-1), axis=-1)


def stance_chance(cut: Array, spacing: Array, softness: Array, stance: StanceData) -> Array:
    """Chance of the recorded level to the power of its weight, shape of ``softness`` (T, ...); 1 where none was recorded."""
    confusion = jnp.asarray(stance.confusion)
    chances = level_chances(cut, spacing, softness, confusion.shape[0])
    recorded = confusion.T[jnp.asarray(stance.category)]  # (T, L)
    shape = (-1, *[1] * (softness.ndim - 1))
    told = jnp.sum(chances * recorded.reshape(*shape, confusion.shape[0]), axis=-1)
    return jnp.exp(jnp.asarray(stance.weight).reshape(shape) * jnp.log(told + TINY))


def outcome_chance(p: Parameters, softness: Array, d: StructuralData) -> Array:
    """Chance of what the week brought, by type: softness (T, E, M, X) -> (T, E, 2, M, X)."""
    wide = (slice(None), None, None, None, None)
    gap = softness[:, :, None]
    wait = jax.nn.sigmoid(-gap)
    made = -jnp.expm1(jnp.asarray(d.span)[wide] * jax.nn.log_sigmoid(-gap))
    lowest = jnp.where(jnp.arange(softness.shape[1]) == 0, 1.0, 0.0)[None, :, None, None, None]
    risk = p.collapse * jnp.asarray(p.force_level) / p.force_level[-1]
    fall = FLOOR + (1.0 - FLOOR) * lowest * risk[None, None, None, :, None]
    end = FLOOR + (1.0 - FLOOR) * jnp.asarray(p.forced_end)[None, :] * jnp.asarray(d.pressure)[:, None]
    end = end[:, None, :, None, None]
    deal, forced, collapse = (jnp.asarray(x)[wide] > 0 for x in (d.deal, d.forced, d.collapse))
    waited = wait * (1.0 - fall) * jnp.where(forced, end, 1.0 - end)
    return jnp.where(deal, made, jnp.where(collapse, wait * fall, waited))


def act_weights(own: Array, d: StructuralData) -> Array:
    """Weight of each act that can have been, (T, E, 2, M, X): its chance, given the offer where that is known.

    Where a spell is not open to a deal acts only say what the stance answered, so that the weights sum to one.
    """
    force, offer = seen_acts(d, own.shape[-2], own.shape[-1])
    of_offer = own * offer[:, None, None, None, :]
    seen = of_offer * force[:, None, None, :, None]
    given = jnp.sum(of_offer, axis=(-2, -1), keepdims=True)  # 1 where the offer is unknown
    shown = jnp.sum(seen, axis=(-2, -1), keepdims=True)
    return seen / jnp.where(jnp.asarray(d.open)[:, None, None, None, None] > 0, given, shown)


def generosity(own: Array) -> Array:
    """(Q_generous - Q_lean)/s_C with drift, (..., E, 2): log-odds of the generous offer over conduct (..., E, 2, M, X)."""
    by_offer = jnp.log(jnp.sum(own, axis=-2))
    return by_offer[..., 1] - by_offer[..., 0]


def week_chances(
    p: Parameters, spec: Specification, v: Values, law: Array, play: Tables, belief: Array, d: StructuralData
) -> Array:
    """Chance of all that a week shows, by endurance and type (T, E, 2), at the holder's belief after the signal (T,)."""
    lean = jnp.broadcast_to((v["coercer_drift"] * d.time)[:, None, None, None], play.own.shape[:4])
    own = at_belief(spec, lean_to_offers(play.own, lean), belief)
    shift = v["holder_drift"] * d.time + v["shock"] * d.shock
    softness = at_belief(spec, play.gap, belief) + shift[:, None, None, None]
    said = stance_chance(v["holder_cut"], v["holder_spacing"], softness, d.holder)
    granted = stance_chance(v["coercer_cut"], v["coercer_spacing"], -generosity(own), d.coercer)
    open_ = jnp.asarray(d.open)[:, None, None, None, None] > 0
    outcome = jnp.where(open_, outcome_chance(p, softness, d), 1.0)
    shown = jnp.sum(act_weights(own, d) * outcome * said[:, :, None], axis=(-2, -1)) * granted
    within = jnp.where(jnp.asarray(d.spell)[:, None, None] > 0, shown, 1.0)
    signal = law[jnp.arange(len(d.signal)), :, jnp.asarray(d.signal)]
    return within * signal[:, None, :]


def filtered(chances: Array, d: StructuralData, drift: Array) -> tuple[Array, Array]:
    """Log predictive density of each week (T,), and weights on endurance and type after it (T, E, 2)."""
    switch = jnp.array([[1.0, 0.0], [0.0, 1.0]]) * (1.0 - 2.0 * drift) + drift
    start = jnp.asarray(d.chances[0])[:, None] * jnp.array([1.0 - FIRST_BELIEF, FIRST_BELIEF])

    def week(weights: Array, row: tuple[Array, Array]) -> tuple[Array, tuple[Array, Array]]:
        chance, moves = row
        joint = weights * chance
        total = jnp.sum(joint)
        here = joint / total
        return moves.T @ here @ switch, (jnp.log(total), here)

    _, (terms, weights) = jax.lax.scan(week, start, (chances, jnp.asarray(d.moves)))
    return terms, weights


def death_terms(v: Values, d: StructuralData) -> Array:
    """Log chance of the dated deaths and of the weeks without: one number; unseen force counts as each level alike."""
    levels = jnp.arange(3.0)
    rate = jnp.clip(v["deaths"] + v["deaths_force"] * levels, 0.0, 0.95)
    force = jnp.asarray(d.force)[:, None]
    safe = jnp.log1p(-jnp.sum(rate * jnp.where(force < 0, 1.0 / 3.0, force == levels), axis=1))
    marks = jnp.asarray(d.death_weeks)
    died = -jnp.expm1(jnp.where(jnp.sum(marks, axis=1) > 0, marks @ safe, -1.0))
    return jnp.sum(safe * d.safe) + jnp.sum(jnp.where(jnp.sum(marks, axis=1) > 0, jnp.log(died + TINY), 0.0))


def aid_terms(v: Values, d: StructuralData, criticism: Array) -> Array:
    """Log marginal density of aid given force and signals: a regression on last week's aid, integrated in closed form.

    Mean a + r aid(t-1) - aid_force m + aid_criticism crit; (a, r) ~ N((.2, .7), s^2 diag(.5, .5)), s^2 ~ inverse
    gamma(2, .02). Source: conjugate normal regression, [gelman2013bayesian].
    """
    aid, seen = jnp.asarray(d.aid), jnp.asarray(d.aid_seen)
    before = jnp.concatenate([jnp.zeros(1), aid[:-1]])
    force = jnp.maximum(jnp.asarray(d.force), 0)
    rest = aid + v["aid_force"] * force - v["aid_criticism"] * jnp.asarray(criticism)[jnp.asarray(d.signal)]
    design = jnp.stack([jnp.ones_like(aid), before], axis=1) * seen[:, None]
    centre, precision = jnp.array([0.2, 0.7]), 2.0 * jnp.eye(2)
    away = (rest - design @ centre) * seen
    total = precision + design.T @ design
    pull = design.T @ away
    scale = 0.02 + 0.5 * (away @ away - pull @ jnp.linalg.solve(total, pull))
    count = jnp.sum(seen)
    logs = 0.5 * (jnp.linalg.slogdet(precision)[1] - jnp.linalg.slogdet(total)[1])
    shape = 2.0 + 0.5 * count
    return (
        logs
        + 2.0 * jnp.log(0.02)
        - shape * jnp.log(scale)
        + jax.scipy.special.gammaln(shape)
        - 0.5 * count * jnp.log(2.0 * jnp.pi)
    )


class Terms(NamedTuple):
    """The log-likelihood in parts: ``weeks`` (T,) log predictive densities of signals, acts, stances and ends, ``deaths`` and
    ``aid`` scalars; ``belief`` (T,) of the holder at each week's start; ``weight`` (T,) of the unrestrained type after the
    week. All but deaths and aid are NaN where the game was not solved."""

    weeks: Array
    deaths: Array
    aid: Array
    belief: Array
    weight: Array


class Solved(NamedTuple):
    """A solved game as a record reads it; NaN where it missed the gate. ``unknowns`` is where a neighbour can start;
    ``sweeps`` most of any class."""

    tables: Tables
    unknowns: Unknowns
    residual: Array
    sweeps: Array


def solved(
    spec: Specification, v: Values, start: Unknowns, d: StructuralData, search: Search = SEARCH
) -> Solved:
    """Solve the game at values by name, from a given start; differentiable in the values."""
    p = game_of(v, spec, jnp.asarray(d.domestic), jnp.asarray(d.privacy))
    found = equilibrium(spec, p, start, search)
    play = tables(spec, p, found.unknowns, d)
    return Solved(play, found.unknowns, jnp.max(found.residual), jnp.max(found.iterations))


def reading(spec: Specification) -> Specification:
    """What the filters need of a specification: games that differ in how signals pay share one compiled shape."""
    return Specification(
        belief_points=spec.belief_points, endurance_levels=spec.endurance_levels, rounding=spec.rounding
    )


def read_terms(spec: Specification, v: Values, play: Tables, d: StructuralData) -> Terms:
    """All parts of the log-likelihood, given the tables of the solved game; ``spec`` by `reading`."""
    p = game_of(v, spec, jnp.asarray(d.domestic), jnp.asarray(d.privacy))
    law = patron_law(v, jnp.asarray(d.causes))
    path = beliefs(p, spec, v, law, play, d)
    weeks, weights = filtered(week_chances(p, spec, v, law, play, path.after_signal, d), d, p.drift)
    return Terms(
        weeks, death_terms(v, d), aid_terms(v, d, p.criticism), path.before, jnp.sum(weights[..., 1], axis=1)
    )


def read(
    spec: Specification, z: Array, free: Array, neutral: Array, play: Tables, d: StructuralData
) -> Array:
    """Log-likelihood plus log prior of the free parameters at z (P,), given the tables of the solved game."""
    terms = read_terms(spec, constrained(z, free, neutral), play, d)
    prior = -0.5 * jnp.sum(free * (z**2 + jnp.log(2.0 * jnp.pi)))
    return jnp.sum(terms.weeks) + terms.deaths + terms.aid + prior


def log_posterior(
    spec: Specification,
    z: Array,
    free: Array,
    neutral: Array,
    start: Unknowns,
    d: StructuralData,
    search: Search = SEARCH,
) -> Array:
    """Log density of z (P,), a scalar, NaN where the game was not solved; rivals of one shape differ in ``free`` alone.

    Differentiable, by implicit derivatives of the equilibrium.
    """
    play = solved(spec, constrained(z, free, neutral), start, d, search).tables
    return read(reading(spec), z, free, neutral, play, d)
