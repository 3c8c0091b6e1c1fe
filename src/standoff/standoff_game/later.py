"""What the future of the holder is made of: its value split into the sources that it comes from.

With conduct given, the value is linear in payoffs, so each source has a value of its own and they add up:
V_c = E[acc A_c + (1-acc)(flow_c + (1-p_c)(1-w) beta E V_c)]; what is left of the logit value, s_H times the entropy of
accepting and waiting, is the freedom to choose. Read at b1 and b3 like values. [standoff_game]
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from standoff.standoff_game.beliefs import bayes, bayes_log_odds, drift_belief, interpolate
from standoff.standoff_game.equilibrium import value_stack
from standoff.standoff_game.errors import NotConvergedError
from standoff.standoff_game.fixed_point import anderson
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.patron import at_signal, credulity, signal_law, signal_news
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.solution import Solution
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.sweep import Game, Play, Unknowns, build_game
from standoff.standoff_game.week import expect_next

Array = jax.Array
SOURCES = (
    "a later deal", "aid", "military pressure", "outside pressure", "collapse", "a forced end", "its own acts",
    "freedom to choose",
)  # fmt: skip
GATE = 1e-9


class Later(NamedTuple):
    """``values`` (G+1, C, B, S) of each of the `SOURCES` before the signal, 0 with none left; residual (maximum norm)."""

    values: np.ndarray
    residual: float


def _flows(spec: Specification, game: Game) -> Array:
    """Weekly payoff by source, (C, J, 1, Y', M, 1, S), without the deal and the freedom to choose."""
    p, this = game.parameters, game.week
    held = this.aid if p.aid_control is None else this.aid * p.aid_control
    acts, tables, forces, states = this.flow.shape
    tired = 1.0 + p.tired * (1.0 - game.states.endurance / max(spec.endurance_levels - 1, 1))
    nothing = jnp.zeros((acts, tables, forces, states))
    own = nothing if p.holder_acts is None else nothing - jnp.asarray(p.holder_acts.cost)[:, None, None, None]
    flows = {
        "aid": nothing + (p.aid_value * held)[None, :, :, None],
        "military pressure": nothing - jnp.asarray(p.force_cost)[:, None] * tired,
        "outside pressure": nothing + p.pressure_value * game.states.pressure,
        "collapse": nothing - this.collapse * p.collapse_loss,
        "its own acts": own,
    }
    rows = [flows.get(source, nothing) for source in SOURCES]
    return jnp.stack(rows)[:, :, None, :, :, None, :]


def _settled(
    spec: Specification, game: Game, groups: Array, staged: Array | None, unknowns: Unknowns, play: Play
) -> tuple[Array, Array, Array, Array]:
    """What conduct settles: b3, the weight (J, ...) of each act's future, the payoff of the week by source, and b2."""
    p, this = game.parameters, game.week
    end_r, end_u = this.force_end
    after = bayes_log_odds(jnp.asarray(game.grid)[:, None, None, None, None], unknowns.log_ratio)
    following = drift_belief(bayes(after, 1.0 - end_u, 1.0 - end_r), p.drift)
    forced = after * end_u + (1.0 - after) * end_r
    stay = 1.0 - this.collapse[:, None, :]
    acts = jnp.ones((1, *play.accept.shape)) if play.holder_acts is None else play.holder_acts
    waits = (1.0 - play.accept) * acts
    weight = waits * stay * (1.0 - forced) * p.discount_holder
    payoff = jnp.sum(waits * _flows(spec, game), axis=1)
    payoff = payoff.at[SOURCES.index("a forced end")].add((1.0 - play.accept) * stay * forced * p.end_value)
    deal = play.accepting
    if staged is not None:  # what follows a stage has sources of its own
        deal = deal - _after_stage(spec, game, groups, staged, after)
    payoff = payoff.at[SOURCES.index("a later deal")].add(play.accept * deal)
    accept = jnp.clip(play.accept, 1e-300, 1.0)
    entropy = -accept * jnp.log(accept) - jax.scipy.special.xlogy(1.0 - accept, 1.0 - accept)
    if play.holder_acts is not None:
        spread = jnp.sum(-jax.scipy.special.xlogy(acts, acts), axis=0) - jnp.log(float(acts.shape[0]))
        entropy = entropy + (1.0 - accept) * spread
    payoff = payoff.at[SOURCES.index("freedom to choose")].add(p.noise_holder * entropy)
    return following, weight, payoff, after


def _stages(spec: Specification, groups: Array) -> tuple[Array, Array]:
    """Groups left after each offer, and whether it leaves any, (X,)."""
    freed = jnp.asarray([stage if stage > 0 else spec.groups for stage in spec.stages])
    left = jnp.maximum(groups.astype(jnp.int32) - freed, 0)
    return left, freed < groups


def _read_stage(spec: Specification, game: Game, staged: Array, after: Array) -> tuple[Array, ...]:
    """Tables (X, C, B, S) read at the drifted b2, one array over the cells for each of C."""
    tables = jnp.moveaxis(staged, 0, 2)[:, :, None, None]
    belief = drift_belief(after, game.parameters.drift)
    return interpolate(game.grid, spec.belief_span, tuple(tables), belief, False, spec.rounding)


def _after_stage(spec: Specification, game: Game, groups: Array, staged: Array, after: Array) -> Array:
    """What the holder's value after a stage adds to A, zero for an offer that ends the standoff."""
    goes_on = _stages(spec, groups)[1][:, None]
    value = _read_stage(spec, game, staged, after)[0]
    return jnp.where(goes_on, game.parameters.discount_holder * value, 0.0)


@partial(jax.jit, static_argnames=("spec",))
def _later(
    spec: Specification, parameters: Parameters, unknowns: Unknowns, play: Play
) -> tuple[Array, Array]:
    game = build_game(spec, parameters)
    p, grid = game.parameters, jnp.asarray(game.grid)
    holder = value_stack(spec, unknowns)[:, :1]
    sources = len(SOURCES)
    staged = any(spec.stages)

    def one_class(stack: Array, entry: tuple[Array, Unknowns, Play]) -> tuple[Array, tuple[Array, Array]]:
        groups, here, conduct = entry
        index = groups.astype(jnp.int32)
        left, goes_on = _stages(spec, groups)
        after_stage = holder[left] if staged else None
        following, weight, payoff, after = _settled(spec, game, groups, after_stage, here, conduct)
        if staged:
            onward = jnp.stack(_read_stage(spec, game, stack[left], after))
            payoff = payoff + jnp.where(goes_on[:, None], conduct.accept * p.discount_holder * onward, 0.0)
        law = signal_law(spec, p, game.states, groups)
        ratio, chance = (jnp.log(law[1]) - jnp.log(law[0]))[None], law[:, None]
        if here.signal_ratio is not None and conduct.signals is not None:
            ratio, chance = here.signal_ratio, conduct.signals
        news = signal_news(spec, game.grid, ratio, credulity(spec, p, game.states))
        seen = grid[:, None, None] * chance[1] + (1.0 - grid[:, None, None]) * chance[0]
        b1 = grid[:, None, None, None, None]
        likely = b1 * conduct.conduct[1] + (1.0 - b1) * conduct.conduct[0]
        risk = game.week.loss[:, None]

        def sweep(flat: Array) -> Array:
            values = flat.reshape(sources, spec.belief_points, spec.states)
            mixed = (1.0 - risk) * values[:, :, None, :] + risk * stack[index - 1][:, :, None, :]
            expected = expect_next(spec, p, game.week, mixed)[..., None, :]
            total = payoff
            for j in range(expected.shape[0]):
                ahead = interpolate(
                    game.grid, spec.belief_span, tuple(expected[j]), following, False, spec.rounding
                )
                total = total + weight[j] * jnp.stack(ahead)
            tables = jnp.sum(likely * total, axis=(3, 4))
            return jnp.stack([jnp.sum(seen * at_signal(news, table), axis=1) for table in tables]).reshape(-1)

        fixed = anderson(sweep, jnp.zeros(sources * spec.belief_points * spec.states), GATE, 3000)
        values = fixed.point.reshape(sources, spec.belief_points, spec.states)
        return stack.at[index].set(values), (values, fixed.residual)

    empty = jnp.zeros((spec.groups + 1, sources, spec.belief_points, spec.states))
    entries = (jnp.arange(1.0, spec.groups + 1), unknowns, play)
    stack, (_, residual) = jax.lax.scan(one_class, empty, entries)
    return stack, residual


def sources_of_value(solution: Solution) -> Later:
    """The holder's value by source at every belief and state; the sources add up to it.

    Raises `NotConvergedError` when the linear equations miss `GATE`.
    """
    use_float64()
    values, residual = _later(solution.specification, solution.parameters, solution.unknowns, solution.play)
    later = Later(np.asarray(values), float(np.max(np.asarray(residual))))
    if not np.all(np.asarray(residual) <= GATE):
        raise NotConvergedError(
            f"the sources of the holder's value did not converge: residual {later.residual:.1e}, gate {GATE:.0e}"
        )
    return later
