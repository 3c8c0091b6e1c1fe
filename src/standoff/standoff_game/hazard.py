"""The chance of a deal within a horizon, by backward induction on the grid: no simulation.

D_h(t, b, s) = sum_y l_t(y) sum_a P_t(a) [acc + (1-acc)(1-p_c)(1-omega_t k) E D_{h-1}(t', b3, s')], read at b1 and b3
like values. A staged offer that leaves hostages held counts as no deal. [standoff_game]
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from standoff.standoff_game.equilibrium import value_stack
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.patron import at_signal, credulity, signal_law, signal_news
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.simulation import Paths
from standoff.standoff_game.solution import Solution
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.sweep import Play, Unknowns, build_game, type_futures

Array = jax.Array


@partial(jax.jit, static_argnames=("spec", "horizon"))
def _within(
    spec: Specification, parameters: Parameters, unknowns: Unknowns, play: Play, horizon: int
) -> Array:
    """(G, 2, B, Y, S): chance of a deal within ``horizon`` weeks by type, given the first week's signal."""
    game = build_game(spec, parameters)
    groups = jnp.arange(1.0, spec.groups + 1)
    freed = jnp.asarray([stage if stage > 0 else spec.groups for stage in spec.stages])

    def after_signal(chances: Array) -> Array:  # (G, 2, B, S) next week -> (G, 2, B, Y', S) at b1
        stack = value_stack(spec, Unknowns(chances, unknowns.log_ratio))

        def one(entry: tuple[Array, Array, Play]) -> Array:
            count, ratio, here = entry
            index = count.astype(jnp.int32)
            future = type_futures(spec, game, stack[index], stack[index - 1], ratio, here.holder_acts)
            collapse = game.week.collapse[None, None, :, None, :]
            whole = (freed >= count)[:, None].astype(jnp.float64)
            results = []
            for kind in (0, 1):
                stay = (1.0 - collapse) * (1.0 - game.week.force_end[kind]) * future[kind]
                cell = here.accept * whole + (1.0 - here.accept) * stay
                results.append(jnp.sum(here.conduct[kind] * cell, axis=(2, 3)))
            return jnp.stack(results)

        result: Array = jax.lax.map(one, (groups, unknowns.log_ratio, play))
        return result

    def by_signal(tables: Array) -> tuple[Array, Array]:  # (G, 2, B, Y', S) -> given y, and before it
        given, before = [], []
        for g in range(spec.groups):
            law = signal_law(spec, game.parameters, game.states, groups[g])
            ratio = (jnp.log(law[1]) - jnp.log(law[0]))[None]
            chance = law[:, None]
            if unknowns.signal_ratio is not None and play.signals is not None:
                ratio, chance = unknowns.signal_ratio[g], play.signals[g]
            news = signal_news(spec, game.grid, ratio, credulity(spec, game.parameters, game.states))
            at = jnp.stack([at_signal(news, tables[g, kind]) for kind in (0, 1)])
            given.append(at)
            before.append(jnp.sum(chance * at, axis=2))
        return jnp.stack(given), jnp.stack(before)

    start = jnp.zeros((spec.groups, 2, spec.belief_points, spec.states))
    before = jax.lax.fori_loop(0, horizon - 1, lambda _, d: by_signal(after_signal(d))[1], start)
    return by_signal(after_signal(before))[0]


def deal_within_weeks(solution: Solution, horizon: int) -> np.ndarray:
    """Chance of a deal within ``horizon`` weeks, (G, 2, B, Y, S): class, type (R, U), belief before the signal, first signal."""
    use_float64()
    s = solution
    return np.asarray(_within(s.specification, s.parameters, s.unknowns, s.play, horizon))


def sign_map(solution: Solution, signal: int, horizon: int = 8) -> np.ndarray:
    """Change in the chance of a deal within ``horizon`` weeks when a signal replaces silence for one week, (G, B, S).

    Positive where the signal shortens the standoff, negative where it lengthens it; types weighed by the belief.
    """
    from standoff.standoff_game.beliefs import belief_grid

    spec = solution.specification
    chances = deal_within_weeks(solution, horizon)
    gain = chances[:, :, :, signal] - chances[:, :, :, spec.signals.index(spec.silence)]
    b = belief_grid(spec.belief_points, spec.belief_span)[None, :, None]
    result: np.ndarray = b * gain[:, 1] + (1.0 - b) * gain[:, 0]
    return result


def hazard_of(paths: Paths) -> np.ndarray:
    """Weekly hazard of a deal over open paths, (weeks,)."""
    result: np.ndarray = paths.deals / np.maximum(paths.open_share, 1e-300)
    return result
