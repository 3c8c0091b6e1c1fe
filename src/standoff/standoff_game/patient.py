"""An equilibrium found patiently, where accelerated sweeps wander: conduct cell by cell, values of the future around it.

At given values of the future, conduct in a cell (belief, table, state) answers conduct in that cell alone: a fixed point
of as many numbers as there are acts. It is followed by pseudo-transient continuation: implicit steps of the dynamics
r' = T(r) - r, Newton's own where the error falls and short where it grows. Around it values go to their best reply, which
discounting makes nearly contract, accelerated only while that helps. Much slower than sweeps that converge; with kinks
rounded (`Specification.rounding`) it finds what they miss. Sources: [kelley_keyes_1998], [walker_ni_2011].
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from standoff.standoff_game.classes import MOST_RAMPS, Found, class_of, empty_stack
from standoff.standoff_game.fixed_point import mixing_weights
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.sweep import (
    Game,
    Hostages,
    Unknowns,
    answered,
    build_game,
    coercer_choice,
    sweep,
)

Array = jax.Array

FIRST_STEP = 20.0  # of the dynamics' time, in each cell
SHORTEST, LONGEST = 0.2, 1e8
FASTER, SLOWER = 3.0, 0.3
FARTHEST = 2.0  # log odds that a step moves at most
SETTLED, LOOSEST = 0.1, 1e-2  # error of conduct as a share of that of values, and at most
NEAR = 0.05  # error of values at which acceleration begins
WORSE = 4.0  # growth of that error at which it begins anew


class Patience(NamedTuple):
    """Gate on the residual, most updates of values in a class, most steps of conduct at each, and the window of
    acceleration."""

    tolerance: float = 1e-7
    most: int = 400
    inner: int = 20
    window: int = 12


class _Cells(NamedTuple):
    """Conduct being followed: log ratios r, by cell the last error and the length of the step (cells,); steps done, worst error."""

    log_ratio: Array
    error: Array
    length: Array
    steps: Array
    worst: Array


class _Values(NamedTuple):
    """Values being updated (n,): the point next, the cells, the last point, image and error, differences remembered
    (window, n), how many of them, updates done, the residual, and the least one so far."""

    following: Array
    cells: _Cells
    point: Array
    image: Array
    error: Array
    errors: Array
    images: Array
    known: Array
    updates: Array
    residual: Array
    least: Array


def _ramps(spec: Specification) -> bool:
    return spec.belief_points <= MOST_RAMPS


def _flat(array: Array, acts: int) -> Array:
    """(B, Y', M, X, S) as (acts, cells)."""
    b, y, _, _, s = array.shape
    return jnp.moveaxis(array.reshape(b, y, acts, s), 2, 0).reshape(acts, -1)


def _error_and_slopes(
    spec: Specification, game: Game, hostages: Hostages, guess: Unknowns
) -> tuple[Array, Array]:
    """T(r) - r (acts, cells), and the derivatives of T in each cell, (cells, acts, acts).

    What an act is worth hangs on what that act tells: one derivative an act. The choice among acts adds the rest:
    dr_a = dQ_U,a - dQ_R,a - sum_z w_z [c_U,a/C_U,a c_U . dQ_U - c_R,a/C_R,a c_R . dQ_R], over levels z of private pressure.
    """
    ratio, acts = guess.log_ratio, spec.acts

    def worth(r: Array) -> tuple[Array, Array]:
        return answered(spec, game, hostages, guess._replace(log_ratio=r), _ramps(spec)).worth

    payoffs, moved = jax.jvp(worth, (ratio,), (jnp.ones_like(ratio),))
    choice = coercer_choice(game, payoffs)
    noise = game.parameters.noise_coercer
    moves = [_flat(jnp.broadcast_to(m, ratio.shape), acts) / noise for m in moved]
    shown = [_flat(chance, acts) for chance in choice.conduct]
    parts = [(1.0, shown)]
    if choice.private is not None and game.parameters.private is not None:
        levels = zip(game.parameters.private.law, choice.private, strict=True)
        parts = [(share, [_flat(chance, acts) for chance in both]) for share, both in levels]
    slopes = jnp.einsum("an,ab->nab", moves[1] - moves[0], jnp.eye(acts))
    for share, chances in parts:
        for sign, chance, all_levels, move in zip((1.0, -1.0), chances, shown, moves, strict=True):
            slopes = slopes + sign * share * jnp.einsum("an,bn->nab", chance / all_levels, chance * move)
    return _flat(choice.log_ratio - ratio, acts), slopes


def _step(spec: Specification, game: Game, hostages: Hostages, values: Array, cells: _Cells) -> _Cells:
    """One step of conduct in every cell, as long as the last one was good."""
    ratio, acts = cells.log_ratio, spec.acts
    error, slopes = _error_and_slopes(spec, game, hostages, Unknowns(values, ratio))
    size = jnp.max(jnp.abs(error), axis=0)
    change = jnp.where(
        jnp.isfinite(cells.error), jnp.clip(cells.error / (size + 1e-300), SLOWER, FASTER), 1.0
    )
    length = jnp.clip(cells.length * change, SHORTEST, LONGEST)
    system = (1.0 + 1.0 / length)[:, None, None] * jnp.eye(acts) - slopes
    move = jnp.linalg.solve(system, error.T[..., None])[..., 0].T
    move = move * jnp.minimum(1.0, FARTHEST / (jnp.max(jnp.abs(move), axis=0) + 1e-300))
    b, y, m, x, s = ratio.shape
    shaped = jnp.moveaxis(move.reshape(acts, b, y, s), 0, 2).reshape(b, y, m, x, s)
    return _Cells(ratio + shaped, size, length, cells.steps + 1, jnp.max(size))


def _settle(
    spec: Specification,
    game: Game,
    hostages: Hostages,
    values: Array,
    cells: _Cells,
    goal: Array,
    search: Patience,
) -> _Cells:
    """Conduct at given values, to ``goal`` or the most steps; lengths of steps go on from the last values."""
    begin = _Cells(
        cells.log_ratio,
        jnp.full_like(cells.error, jnp.inf),
        cells.length,
        jnp.asarray(0),
        jnp.asarray(jnp.inf),
    )
    result: _Cells = jax.lax.while_loop(
        lambda c: (c.worst > goal) & (c.steps < search.inner),
        lambda c: _step(spec, game, hostages, values, c),
        begin,
    )
    return result


def _accelerated(state: _Values, image: Array, error: Array, residual: Array, window: int) -> _Values:
    """Where values go next: Anderson's mixture of what is remembered, or, far away and where the error grew, the best
    reply with nothing remembered."""
    grew = (residual > WORSE * state.least) | (residual > NEAR)
    known = jnp.where(grew, 0, jnp.minimum(state.known + (state.updates > 0), window))
    slot = (state.updates - 1) % window
    errors = state.errors.at[slot].set(jnp.where(state.updates > 0, error - state.error, 0.0))
    images = state.images.at[slot].set(jnp.where(state.updates > 0, image - state.image, 0.0))
    empty = (slot - jnp.arange(window)) % window >= known
    gram = jnp.where(empty[:, None] | empty[None, :], jnp.eye(window), errors @ errors.T)
    weights = jnp.where(empty, 0.0, mixing_weights(gram, jnp.where(empty, 0.0, errors @ error)))
    return state._replace(
        following=image - weights @ images,
        point=state.following,
        image=image,
        error=error,
        errors=errors,
        images=images,
        known=known,
        updates=state.updates + 1,
        residual=residual,
        least=jnp.where(grew, residual, jnp.minimum(state.least, residual)),
    )


def _update(
    spec: Specification, game: Game, hostages: Hostages, shape: Any, state: _Values, search: Patience
) -> _Values:
    """Conduct settled at the values, and the values' best reply to it."""
    goal = jnp.clip(SETTLED * state.residual, 0.1 * search.tolerance, LOOSEST)
    values = shape(state.following)
    cells = _settle(spec, game, hostages, values, state.cells, goal, search)
    reply, _ = sweep(spec, game, hostages, Unknowns(values, cells.log_ratio), _ramps(spec))
    image = reply.values.reshape(-1)
    error = image - state.following
    further = _accelerated(state, image, error, jnp.max(jnp.abs(error)), search.window)
    return further._replace(cells=cells)


def patient_class(
    spec: Specification, game: Game, hostages: Hostages, guess: Unknowns, search: Patience
) -> Found:
    """The fixed point of one class, and as little gated as `patient_find`; ``iterations`` are updates of values.

    Errors: ValueError for a patron that plays, whose signals are unknowns beside values and conduct.
    """
    if game.parameters.patron is not None:
        raise ValueError("a patron that plays is not solved patiently")
    point, shape = ravel_pytree(guess.values)
    end = jax.lax.while_loop(
        lambda s: (
            ((s.residual > search.tolerance) | (s.cells.worst > search.tolerance)) & (s.updates < search.most)
        ),
        lambda s: _update(spec, game, hostages, shape, s, search),
        _begin(point, guess.log_ratio, spec.acts, search.window),
    )
    found = Unknowns(shape(end.point), end.cells.log_ratio)
    reply, _ = sweep(spec, game, hostages, found, _ramps(spec))
    left = [
        jnp.max(jnp.abs(a - b)) for a, b in ((reply.values, found.values), (reply.log_ratio, found.log_ratio))
    ]
    return Found(found, jnp.maximum(*left), end.updates)


def patient_find(
    spec: Specification, parameters: Parameters, start: Unknowns, search: Patience | None = None
) -> Found:
    """The fixed point of every class in turn, as `equilibrium.find` has it, and as little gated: the caller judges the residual.

    Errors: as `patient_class`.
    """
    patience = search or Patience()
    game = build_game(spec, parameters)

    def one_class(stack: Array, entry: tuple[Array, Unknowns]) -> tuple[Array, Found]:
        groups, guess = entry
        found = patient_class(spec, game, class_of(spec, stack, groups), guess, patience)
        return stack.at[groups.astype(jnp.int32)].set(found.unknowns.values), found

    groups = jnp.arange(1.0, spec.groups + 1)
    _, found = jax.lax.scan(one_class, empty_stack(spec, start), (groups, start))
    return found


def _begin(point: Array, ratio: Array, acts: int, window: int) -> _Values:
    nothing, empty = jnp.zeros_like(point), jnp.zeros((window, point.shape[0]))
    far, none = jnp.asarray(jnp.inf), jnp.asarray(0)
    each = jnp.full(ratio.size // acts, jnp.inf)
    cells = _Cells(ratio, each, jnp.full_like(each, FIRST_STEP), none, far)
    return _Values(point, cells, point, nothing, nothing, empty, empty, none, none, far, far)


patient_jit = jax.jit(patient_find, static_argnames=("spec", "search"))
