"""Implicit derivatives against central differences, to 1e-4 away from the kinks of interpolation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from standoff.standoff_game.beliefs import bayes, bayes_log_odds, belief_grid, drift_belief, weights_on_grid
from standoff.standoff_game.equilibrium import Search, cold_start, equilibrium, play_at
from standoff.standoff_game.parameters import baseline_parameters
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.specification import Specification

use_float64()
SPEC = Specification(
    belief_points=9, endurance_levels=3, pressure_levels=3, groups=2, domestic=False, aid_answers=False
)
GRID = belief_grid(9, 4.0)
WEEKS = 75
DRAW = np.random.default_rng(7)
ACTS = [DRAW.integers(0, top, WEEKS) for top in (5, 3, 2, SPEC.states)]
RECORD = (*ACTS, np.where(np.arange(WEEKS) < 40, 1, 0))


def log_likelihood(parameters, search):
    """Signals, acts and waiting over 75 weeks along an observed path of states, beliefs by the holder's filter."""
    p = jax.tree.map(jnp.asarray, parameters)
    found = equilibrium(SPEC, p, cold_start(SPEC, p), search)
    play = play_at(SPEC, p, found.unknowns)

    def week(carry, row):
        belief, total = carry
        y, m, x, s, n = row
        b1 = bayes_log_odds(belief, p.credulity * (jnp.log(p.signal_law[1, y]) - jnp.log(p.signal_law[0, y])))
        i, w = weights_on_grid(GRID, 4.0, b1)
        low, high = play.conduct[n, :, i, y, m, x, s], play.conduct[n, :, i + 1, y, m, x, s]
        chance = low + w * (high - low)
        accept = play.accept[n, i, y, m, x, s] * (1 - w) + play.accept[n, i + 1, y, m, x, s] * w
        total = total + jnp.log(b1 * chance[1] + (1 - b1) * chance[0]) + jnp.log1p(-accept)
        return (drift_belief(bayes(b1, chance[1], chance[0]), p.drift), total), None

    rows = tuple(jnp.asarray(column) for column in RECORD)
    return jax.lax.scan(week, (jnp.asarray(0.5), jnp.asarray(0.0)), rows)[0][1]


value = jax.jit(log_likelihood, static_argnums=1)
slope = jax.jit(jax.grad(log_likelihood), static_argnums=1)
TIGHT = Search(tolerance=1e-11, most=3000)
NAMES = (
    "give", "noise_holder", "noise_coercer", "discount_holder", "end_value", "endurance_up", "criticism_penalty",
    "credulity", "forced_end", "signal_law", "resume", "offer_value", "death_force", "harm", "drift",
)  # fmt: skip


@pytest.fixture(scope="module")
def gradient():
    return slope(baseline_parameters(), TIGHT)


@pytest.mark.parametrize("name", NAMES)
def test_implicit_gradient_agrees_with_central_differences(gradient, name):
    p = baseline_parameters()
    centre = np.asarray(getattr(p, name), dtype=float)
    where = (0,) * centre.ndim
    step = 3e-6 * max(1.0, abs(centre[where]))
    sides = []
    for sign in (1, -1):
        moved = centre.copy()
        moved[where] += sign * step
        sides.append(float(value(p._replace(**{name: moved}), TIGHT)))
    difference = (sides[0] - sides[1]) / (2 * step)
    mine = float(np.asarray(getattr(gradient, name))[where])
    assert mine == pytest.approx(difference, rel=1e-4)
    assert mine != 0.0


def test_a_solution_that_missed_its_gate_is_no_number():
    assert np.isnan(float(value(baseline_parameters(), Search(tolerance=1e-11, most=3))))
