"""The equilibrium as a pure, differentiable function of the parameters, class by class of hostages.

Forward: Anderson acceleration of the sweep in each class, from the last group up, since a class depends on
those with fewer groups alone. Backward: implicit differentiation. With x = T(x, lost, theta) the adjoint
solves l = g + (dT/dx)' l by the same acceleration, class by class in the opposite order; then
theta_bar = (dT/dtheta)' l. Source: model.md section 2; [standoff_game], [walker_ni_2011].
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from standoff.standoff_game.classes import MOST_RAMPS, Found, class_of, empty_stack
from standoff.standoff_game.fixed_point import anderson
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.patient import Patience, patient_class
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.sweep import Game, Hostages, Play, Unknowns, build_game, first_guess, sweep

Array = jax.Array


class Search(NamedTuple):
    """How to look for the fixed point: gate on the residual, most sweeps in a class, window, damping (1 = none), and how to
    go on in a class where sweeps did not arrive (None: not at all)."""

    tolerance: float = 1e-7
    most: int = 600
    window: int = 12
    damping: float = 1.0
    patience: Patience | None = None


def cold_start(spec: Specification, parameters: Parameters) -> Unknowns:
    """The fixed start: zero in every class, (G, ...)."""
    guess = first_guess(spec, parameters)
    result: Unknowns = jax.tree.map(lambda a: jnp.zeros((spec.groups, *a.shape)), guess)
    return result


def _class_map(
    spec: Specification, game: Game, hostages: Hostages, unravel: Callable[[Array], Any], ramps: bool
) -> Callable[[Array], Array]:
    def one_sweep(point: Array) -> Array:
        flat: Array = ravel_pytree(sweep(spec, game, hostages, unravel(point), ramps)[0])[0]
        return flat

    return one_sweep


def find(spec: Specification, parameters: Parameters, start: Unknowns, search: Search) -> Found:
    """Fixed point of every class in turn; pure and traceable, with no gate: the caller judges the residual.

    A class starts from its own start moved by what the class before it moved: neighbours move alike.
    """
    game = build_game(spec, parameters)
    ramps = spec.belief_points <= MOST_RAMPS

    def one_class(
        carry: tuple[Array, Array], entry: tuple[Array, Unknowns]
    ) -> tuple[tuple[Array, Array], Found]:
        stack, shift = carry
        groups, guess = entry
        point, unravel = ravel_pytree(guess)
        hostages = class_of(spec, stack, groups)
        one_sweep = _class_map(spec, game, hostages, unravel, ramps)
        fixed = anderson(
            one_sweep, point + shift, search.tolerance, search.most, search.window, search.damping
        )
        swept = Found(unravel(fixed.point), fixed.residual, fixed.iterations)
        reached = _patiently(spec, game, hostages, unravel(point + shift), swept, search)
        stack = stack.at[groups.astype(jnp.int32)].set(reached.unknowns.values)
        return (stack, ravel_pytree(reached.unknowns)[0] - point), reached

    groups = jnp.arange(1.0, spec.groups + 1)
    no_shift = jnp.zeros(ravel_pytree(jax.tree.map(lambda a: a[0], start))[0].shape[0])
    _, found = jax.lax.scan(one_class, (empty_stack(spec, start), no_shift), (groups, start))
    return found


def _patiently(
    spec: Specification, game: Game, hostages: Hostages, guess: Unknowns, swept: Found, search: Search
) -> Found:
    """A class as sweeps left it, or, where they did not arrive and that is wanted, as patience does, from the same guess."""
    patience = search.patience
    if patience is None:
        return swept

    def further() -> Found:
        found = patient_class(spec, game, hostages, guess, patience)
        return found._replace(iterations=swept.iterations + found.iterations)

    result: Found = jax.lax.cond(swept.residual <= search.tolerance, lambda: swept, further)
    return result


find_jit = jax.jit(find, static_argnames=("spec", "search"))


def value_stack(spec: Specification, unknowns: Unknowns) -> Array:
    """Values of every class with none left in front: (G+1, V, B, S)."""
    return jnp.concatenate([jnp.zeros_like(unknowns.values[:1]), unknowns.values])


def play_at(spec: Specification, parameters: Parameters, unknowns: Unknowns, ramps: bool = False) -> Play:
    """Conduct in every class at given unknowns, differentiable in both; leaves (G, ...)."""
    game = build_game(spec, parameters)
    stack = value_stack(spec, unknowns)

    def one_class(entry: tuple[Array, Unknowns]) -> Play:
        groups, guess = entry
        return sweep(spec, game, class_of(spec, stack, groups), guess, ramps)[1]

    result: Play = jax.lax.map(one_class, (jnp.arange(1.0, spec.groups + 1), unknowns))
    return result


play_jit = jax.jit(play_at, static_argnames=("spec", "ramps"))


@partial(jax.custom_vjp, nondiff_argnums=(0, 3))
def equilibrium(spec: Specification, parameters: Parameters, start: Unknowns, search: Search) -> Found:
    """`find` with implicit derivatives in the parameters (none in the start); usable under jit and grad.

    Where the residual missed the gate the unknowns are NaN: a solution that did not converge is no number.
    """
    return _gated(find(spec, parameters, start, search), search)


def _gated(found: Found, search: Search) -> Found:
    passed = jnp.all(found.residual <= search.tolerance)
    unknowns = jax.tree.map(lambda a: jnp.where(passed, a, jnp.nan), found.unknowns)
    return found._replace(unknowns=unknowns)


def _forward(
    spec: Specification, parameters: Parameters, start: Unknowns, search: Search
) -> tuple[Found, tuple[Parameters, Unknowns]]:
    found = _gated(find(spec, parameters, start, search), search)
    return found, (parameters, found.unknowns)


def _backward(
    spec: Specification, search: Search, kept: tuple[Parameters, Unknowns], pull: Found
) -> tuple[Parameters, Unknowns]:
    parameters, unknowns = kept
    parameters = jax.tree.map(lambda v: jnp.asarray(v, dtype=jnp.float64), parameters)
    stack = value_stack(spec, unknowns)

    def one_class(
        carry: tuple[Array, Parameters], entry: tuple[Array, Unknowns, Unknowns]
    ) -> tuple[tuple[Array, Parameters], None]:
        pull_stack, pull_parameters = carry
        groups, guess, pulled = entry
        point, unravel = ravel_pytree(guess)

        def of_all(x: Array, values: Array, numbers: Parameters) -> Array:
            hostages = class_of(spec, values, groups)
            return _class_map(spec, build_game(spec, numbers), hostages, unravel, False)(x)

        _, back = jax.vjp(of_all, point, stack, parameters)
        pulled = pulled._replace(values=pulled.values + pull_stack[groups.astype(jnp.int32)])
        given, _ = ravel_pytree(pulled)
        scale = jnp.maximum(jnp.max(jnp.abs(given)), 1e-300)
        unit = given / scale
        gate = min(max(search.tolerance, 1e-8), 1e-7)  # of a pull scaled to 1
        tight = anderson(lambda adj: unit + back(adj)[0], unit, gate, 2 * search.most, search.window)
        adjoint = jnp.where(tight.residual <= 1e-6, tight.point * scale, jnp.nan)
        _, more_stack, more_parameters = back(adjoint)
        total = jax.tree.map(jnp.add, pull_parameters, more_parameters)
        return (pull_stack + more_stack, total), None

    nothing = jax.tree.map(jnp.zeros_like, parameters)
    entries = (jnp.arange(1.0, spec.groups + 1), unknowns, pull.unknowns)
    (_, pulled_parameters), _ = jax.lax.scan(
        one_class, (jnp.zeros_like(stack), nothing), entries, reverse=True
    )
    return pulled_parameters, jax.tree.map(jnp.zeros_like, unknowns)


equilibrium.defvjp(_forward, _backward)
