"""The patient search: the same solution as sweeps where those arrive, one where they do not, by a second method."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from standoff.standoff_game import solution
from standoff.standoff_game.classes import class_of, empty_stack
from standoff.standoff_game.equilibrium import Search, cold_start, find_jit
from standoff.standoff_game.errors import GameSpecError, NotConvergedError
from standoff.standoff_game.parameters import Patron, PrivatePressure, baseline_parameters
from standoff.standoff_game.patient import Patience, patient_find
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.solution import solve
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.sweep import build_game, sweep

use_float64()
SPEC = Specification(belief_points=9, endurance_levels=2, pressure_levels=2, groups=2, rounding=0.5)
TIGHT = Patience(tolerance=1e-9, most=600, inner=40)
patient = partial(jax.jit, static_argnums=(0, 3))(patient_find)
BASE = baseline_parameters()


def steep(hope=3.0):
    """A game in which hope of rescue moves the holder so much that replies overshoot."""
    middle = 0.004
    gap = hope / (1.0 + hope)
    return BASE._replace(
        end_value=9.0 * (1.0 + hope),
        forced_end=middle * np.array([1.0 + gap, 1.0 - gap]),
        offer_value=np.array([1.5, 3.9]),
        give=4.3,
        criticism_offer=np.array([0.5, 0.1]),
    )


def games(count, seed=5):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        private = PrivatePressure(
            np.array([0.7, 0.3]), np.array([0.0, 1.0]), rng.uniform(0, 0.4, 2), rng.uniform(0, 0.6, 2)
        )
        yield BASE._replace(
            give=rng.uniform(2, 5),
            force_value=np.sort(rng.normal(0, 0.3, 2)),
            criticism_offer=rng.uniform(0, 0.5, 2),
            private=private if rng.uniform() < 0.5 else None,
        )


def short_steps(parameters, count=20000, length=0.05):
    """The second method: values and log ratios go a little of the way to their best reply, many times."""

    @jax.jit
    def run(parameters):
        game, stack = build_game(SPEC, parameters), empty_stack(SPEC, cold_start(SPEC, parameters))
        every = []
        for groups in (1, 2):
            hostages = class_of(SPEC, stack, jnp.asarray(float(groups)))

            def step(_, x, hostages=hostages):
                reply = sweep(SPEC, game, hostages, x, True)[0]
                return jax.tree.map(lambda a, b: a + length * (b - a), x, reply)

            guess = jax.tree.map(lambda a: a[0], cold_start(SPEC, parameters))
            found = jax.lax.fori_loop(0, count, step, guess)
            stack = stack.at[groups].set(found.values)
            every.append(found)
        return jax.tree.map(lambda *a: jnp.stack(a), *every)

    return run(parameters)


def apart(one, other):
    return max(
        float(jnp.max(jnp.abs(a - b))) for a, b in zip(*map(jax.tree.leaves, (one, other)), strict=True)
    )


@pytest.mark.parametrize("rounding", [0.0, 0.5])
def test_on_games_that_sweeps_solve_it_finds_the_same(rounding):
    spec = replace(SPEC, rounding=rounding)
    for parameters in games(6):
        plain = find_jit(spec, parameters, cold_start(spec, parameters), Search(1e-10, 3000))
        found = patient(spec, parameters, cold_start(spec, parameters), TIGHT)
        assert float(jnp.max(plain.residual)) <= 1e-10 and float(jnp.max(found.residual)) <= 1e-9
        assert apart(plain.unknowns, found.unknowns) < 1e-6


def test_a_steep_game_is_solved_as_many_short_steps_solve_it():
    parameters = steep()
    found = patient(SPEC, parameters, cold_start(SPEC, parameters), TIGHT)
    assert float(jnp.max(found.residual)) <= 1e-9
    assert apart(found.unknowns, short_steps(parameters)) < 1e-5


def test_a_game_is_solved_patiently_where_all_else_failed_and_says_so(monkeypatch):
    enough = solve(SPEC, steep(), judge_grid=False)

    def few(spec, parameters, start, search):
        return find_jit(spec, parameters, start, search._replace(most=2))

    monkeypatch.setattr(solution, "find_jit", few)
    found = solve(SPEC, steep(), judge_grid=False)
    assert found.starts[-1].name == "zero, patiently" and found.starts[-1].converged
    assert not any(one.converged for one in found.starts[:-1])
    assert found.residual <= found.tolerance and apart(found.unknowns, enough.unknowns) < 1e-5
    player = BASE._replace(patron=Patron(np.zeros((2, 5)), 0.5, 0.5, 1.0, 0.9, 1.0))
    with pytest.raises(NotConvergedError) as failed:
        solve(SPEC, player, judge_grid=False)
    assert "zero, patiently" not in [one.name for one in failed.value.partial.starts]


def test_a_patron_that_plays_is_refused():
    parameters = BASE._replace(patron=Patron(np.zeros((2, 5)), 0.5, 0.5, 1.0, 0.9, 1.0))
    with pytest.raises(ValueError, match="patron that plays"):
        patient_find(SPEC, parameters, cold_start(SPEC, BASE))


@pytest.mark.parametrize("rounding", [-0.1, 0.6, float("nan")])
def test_a_rounding_that_overlaps_its_neighbours_is_refused(rounding):
    with pytest.raises(GameSpecError, match="rounding"):
        solve(replace(SPEC, rounding=rounding), BASE)
