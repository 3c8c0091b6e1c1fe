"""The game inside the likelihood: one slow second method, derivatives, what is inert, nesting, and a fit that is told apart."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from standoff.inference.rivals import RIVALS, rival
from standoff.inference.structural import (
    constrained,
    log_posterior,
    patron_law,
    read_terms,
    reading,
)
from standoff.inference.structural_data import endurance_moves
from standoff.inference.structural_density import Density, problem
from standoff.inference.structural_fit import fit_rival
from standoff.inference.structural_priors import NAMES, free_places, neutral_values
from standoff.inference.structural_simulate import simulate, values_from_prior
from tests.inference.weeks import WEEKS, weekly


@pytest.fixture(scope="module")
def density() -> Density:
    return Density(problem(weekly(), rival("M3")))


def test_rivals_are_nested_and_the_base_frees_no_signal() -> None:
    every = set(free_places(rival("M7")).tolist())
    for one in RIVALS:
        assert set(free_places(one).tolist()) <= every
    assert "credulity" not in {NAMES[place] for place in free_places(rival("M12"))}


def test_what_a_rival_does_not_free_stands_at_its_neutral_value() -> None:
    free = np.zeros(len(NAMES))
    free[free_places(rival("M0"))] = 1.0
    values = constrained(np.full(len(NAMES), 0.7), free, neutral_values())
    for place, name in enumerate(NAMES):
        if free[place] == 0:
            assert float(values[name]) == pytest.approx(neutral_values()[place], rel=1e-6)


def test_endurance_moves_are_chances() -> None:
    moves = endurance_moves(np.array([0, 1, 2, -1]), np.array([0.1, 0.6, np.nan, 1.4]), 4)
    assert np.all(moves >= 0) and moves.sum(axis=-1) == pytest.approx(np.ones(moves.shape[:-1]))


def test_the_patrons_law_sums_to_one_whatever_the_causes(density: Density) -> None:
    at = density.at
    values = constrained(np.random.default_rng(1).normal(size=len(NAMES)), at.free, at.neutral)
    law = np.asarray(patron_law(values, np.random.default_rng(2).normal(size=(7, 4))))
    assert law.shape == (7, 2, 5) and law.sum(axis=-1) == pytest.approx(np.ones((7, 2)))


def test_the_filter_agrees_with_plain_loops_over_types_and_endurance(density: Density) -> None:
    """The analyst's weights written out week by week from the same weekly chances."""
    from standoff.inference.structural import beliefs, filtered, game_of, week_chances

    at = density.at
    z = np.random.default_rng(3).normal(size=len(at.places)) * 0.3
    game = density.solve(z)
    assert game is not None
    v = constrained(density.full(z), at.free, at.neutral)
    spec, p = reading(at.spec), game_of(v, at.spec, at.data.domestic, at.data.privacy)
    law = patron_law(v, at.data.causes)
    path = beliefs(p, spec, v, law, game.tables, at.data)
    chances = np.asarray(week_chances(p, spec, v, law, game.tables, path.after_signal, at.data))
    told = np.asarray(filtered(jnp.asarray(chances), at.data, p.drift)[0])
    drift, moves = float(p.drift), np.asarray(at.data.moves)
    levels = chances.shape[1]
    weights = {(e, k): float(at.data.chances[0][e]) * 0.5 for e in range(levels) for k in (0, 1)}
    for week in range(WEEKS):
        joint = {key: weights[key] * chances[week][key] for key in weights}
        total = sum(joint.values())
        assert told[week] == pytest.approx(np.log(total), abs=1e-10)
        weights = dict.fromkeys(weights, 0.0)
        for (e, k), here in joint.items():
            for after in range(levels):
                for kind in (0, 1):
                    stays = 1 - drift if kind == k else drift
                    weights[after, kind] += here / total * moves[week][e, after] * stays


def test_the_holders_belief_falls_on_criticism_and_rises_on_support(density: Density) -> None:
    at = density.at
    z = np.zeros(len(at.places))
    game = density.solve(z)
    assert game is not None
    v = constrained(density.full(z), at.free, at.neutral)

    def after(signal: int) -> float:
        data = at.data._replace(signal=jnp.full(WEEKS, signal))
        return float(read_terms(reading(at.spec), v, game.tables, data).belief[2])

    assert after(2) < after(1) < after(0)


def test_the_slope_is_that_of_central_differences(density: Density) -> None:
    at = density.at
    point = np.zeros(len(NAMES))
    function = jax.jit(
        lambda z: log_posterior(at.spec, z, at.free, at.neutral, at.start, at.data), static_argnums=()
    )
    slope = np.asarray(jax.jit(jax.grad(function))(point))
    for name in ("give", "credulity", "holder_cut"):
        place = NAMES.index(name)
        step = np.zeros(len(NAMES))
        step[place] = 2e-3
        numeric = (float(function(point + step)) - float(function(point - step))) / 4e-3
        assert slope[place] == pytest.approx(numeric, rel=0.02, abs=0.02)


def test_signals_that_move_nothing_move_no_belief() -> None:
    """With no belief and no conduct in play, the holder's belief does not see the signals, to the bit."""
    at = Density(problem(weekly(), rival("M12")))
    z = np.zeros(len(at.at.places))
    game = at.solve(z)
    assert game is not None
    v = constrained(at.full(z), at.at.free, at.at.neutral)
    other = at.at.data._replace(signal=jnp.asarray(np.roll(np.asarray(at.at.data.signal), 7)))
    one = read_terms(reading(at.at.spec), v, game.tables, at.at.data)
    two = read_terms(reading(at.at.spec), v, game.tables, other)
    assert np.array_equal(np.asarray(one.belief), np.asarray(two.belief))
    assert float(one.deaths) == float(two.deaths) and float(one.aid) == float(two.aid)


def test_a_failed_solution_is_no_number() -> None:
    from standoff.standoff_game.equilibrium import Search

    at = problem(weekly(), rival("M3"))
    told = log_posterior(
        at.spec, np.zeros(len(NAMES)), at.free, at.neutral, at.cold, at.data, Search(1e-12, 2)
    )
    assert np.isnan(float(told))


def test_records_are_simulated_with_the_calendar_and_the_gaps_of_the_given_one() -> None:
    values = values_from_prior(rival("M3"), np.random.default_rng(4))
    given = weekly()
    made = simulate(values, rival("M3"), given, np.random.default_rng(5))
    # An end that is drawn closes its spell, so that later stances may be missing; none is added.
    assert np.all((made.holder.category >= 0) <= (given.holder.category >= 0))
    assert made.weeks == given.weeks and np.array_equal(made.calendar, given.calendar)
    assert set(np.unique(made.signal)) <= set(range(5))
    again = simulate(values, rival("M3"), given, np.random.default_rng(5))
    assert np.array_equal(made.signal, again.signal) and np.array_equal(made.force, again.force)


def test_a_quick_fit_is_told_as_quick_with_its_gates_and_equilibria() -> None:
    fitted = fit_rival(replace(weekly(), case="small"), "M0", True, 1)
    assert fitted.quick and fitted.draws.gates and np.isfinite(fitted.draws.log_evidence)
    assert fitted.equilibria.solved >= 1 and len(fitted.equilibria.log_densities) >= 1
    assert fitted.values.shape == (len(fitted.draws.z), len(fitted.names))
    again = fit_rival(replace(weekly(), case="small"), "M0", True, 1)
    assert np.array_equal(fitted.values, again.values)
