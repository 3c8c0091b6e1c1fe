"""The game as an estimated model: exact reductions, slopes, simulated records, and whether a fit finds what was put in."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from standoff.inference.importance import Target, distinct_modes
from standoff.inference.priors import unconstrained, value
from standoff.inference.rivals import RIVALS, rival
from standoff.inference.structural import (
    OUTSIDE_THE_GAME,
    SEARCH,
    game_of,
    log_posterior,
    read,
    reading,
    solved,
    specification_of,
)
from standoff.inference.structural_data import aid_in_game_units, structural_data
from standoff.inference.structural_density import Density, problem
from standoff.inference.structural_fit import equilibria
from standoff.inference.structural_modes import Local
from standoff.inference.structural_priors import ENTRIES, NAMES, PRIORS, free_places, is_free, neutral_values
from standoff.inference.structural_simulate import simulate, values_from_prior
from standoff.panel.weekly import endurance_chances
from standoff.standoff_game.equilibrium import cold_start
from standoff.standoff_game.precision import use_float64
from tests.inference.weeks import WEEKS, weekly

use_float64()
TIGHT = SEARCH._replace(tolerance=1e-9, most=3000)


def marks(name):
    free = np.zeros(len(NAMES))
    free[free_places(rival(name))] = 1.0
    return free


def middle(name, **changes):
    one = rival(name)
    at = {e.prior.name: float(value(e.prior, 0.0)) if is_free(e, one) else e.neutral for e in ENTRIES}
    return {**at, **changes}


def density_of(values, space, search=TIGHT):
    """Log-likelihood of values in the space of a rival: games in larger spaces must read the record alike."""
    spec = specification_of(rival(space))
    d = structural_data(weekly(), spec.endurance_levels)
    v = {name: jnp.asarray(values[name], dtype=float) for name in NAMES}
    start = cold_start(spec, game_of(v, spec, d.domestic, d.privacy))
    none, all_values = np.zeros(len(NAMES)), np.array([values[name] for name in NAMES])
    play = jax.jit(solved, static_argnums=(0, 4))(spec, v, start, d, search)
    assert float(play.residual) <= search.tolerance
    return float(jax.jit(read, static_argnums=0)(reading(spec), none, none, all_values, play.tables, d))


def test_a_rival_frees_what_the_table_of_the_design_says():
    freed = {r.name: {NAMES[place] for place in free_places(r)} for r in RIVALS}
    assert freed["M1"] - freed["M0"] == {"block"} and freed["M2"] - freed["M0"] == {"shock"}
    assert freed["M12"] == freed["M1"] | freed["M2"]
    assert freed["M3"] - freed["M12"] == {"credulity", "hope"}
    assert freed["M4"] - freed["M12"] == {"credulity", "assurance"}
    assert {"penalty", "criticism_offer", "aid_criticism"} < freed["M5"] - freed["M12"]
    assert {"force_cost", "tired", "aid_force", "deaths_force"} < freed["M6"] - freed["M12"]
    assert freed["M7"] == set(NAMES)
    assert all(prior.reason and prior.unit and prior.meaning for prior in PRIORS)


@pytest.mark.parametrize("space", ["M5", "M6"])
def test_what_is_neutral_is_out_of_the_game_exactly(space):
    # Signals, conduct and force inert: M12's values read the record alike with signals or endurance kept in the state.
    values = middle("M12", give=2.4, block=1.1, shock=0.4)
    assert np.isclose(density_of(values, "M12"), density_of(values, space), rtol=0, atol=1e-5)


def test_signals_that_are_not_believed_move_no_belief():
    # With no gap between the types' ends and risks and no credulity M3 and M4 are M12.
    inert = middle("M12")
    assert (
        middle("M3", credulity=0.0, hope=0.0) == inert and middle("M4", credulity=0.0, assurance=0.0) == inert
    )
    assert density_of(middle("M12", credulity=1.0, assurance=0.5), "M4") != density_of(inert, "M4")


def test_what_is_said_to_be_outside_the_game_does_not_enter_it():
    spec = specification_of(rival("M7"))
    for name in NAMES:
        moved = [
            game_of(
                {n: jnp.asarray(x) for n, x in middle("M7", **change).items()},
                spec,
                np.array([0.1, 0.2]),
                0.3,
            )
            for change in ({}, {name: 1.7})
        ]
        same = all(np.array_equal(a, b) for a, b in zip(*map(jax.tree.leaves, moved), strict=True))
        assert same == (name in OUTSIDE_THE_GAME), name


def test_slope_by_implicit_derivatives_against_differences():
    spec, free, neutral = specification_of(rival("M3")), marks("M3"), neutral_values()
    d = structural_data(weekly(), 1)
    z = np.random.default_rng(4).normal(size=len(NAMES)) * 0.1 * free
    density = Density(problem(weekly(), rival("M3")))
    start = density.at.start
    slope = jax.jit(jax.value_and_grad(log_posterior, argnums=1), static_argnums=(0, 6))
    height, found = slope(spec, z, free, neutral, start, d, TIGHT)
    assert np.isclose(density(z[density.at.places]), height, atol=1e-4)
    for name in (
        "give",
        "offer_value",
        "hope",
        "credulity",
        "force_value",
        "block",
        "holder_cut",
        "enable_harm",
    ):
        step = np.where(np.array(NAMES) == name, 1e-4, 0.0)
        ahead, behind = (slope(spec, z + s, free, neutral, start, d, TIGHT)[0] for s in (step, -step))
        assert np.isclose(found[NAMES.index(name)], (ahead - behind) / 2e-4, rtol=1e-3, atol=1e-3), name
    assert np.all(np.asarray(found)[free == 0] == 0.0)


def test_aid_is_read_back_from_the_endurance_that_it_fed():
    flow = np.random.default_rng(1).uniform(0.0, 1.5, WEEKS)
    record = replace(weekly(), endurance=endurance_chances(weekly().force, flow))
    assert np.allclose(aid_in_game_units(record)[:-1], flow[:-1], atol=1e-6)


def test_endurance_on_all_its_levels_is_that_of_the_record():
    flow = np.random.default_rng(1).uniform(0.0, 1.5, WEEKS)
    record = replace(weekly(), endurance=endurance_chances(weekly().force, flow))
    assert np.allclose(structural_data(record, 6).chances, record.endurance, atol=1e-8)


def strong(seed, weeks=WEEKS):
    """A record of the belief rival with signals that are believed and matter, every stance recorded."""
    rng = np.random.default_rng(seed)
    all_seen = [
        replace(side, category=np.zeros(weeks, dtype=int), weight=np.ones(weeks))
        for side in (weekly().holder, weekly().coercer)
    ]
    given = replace(weekly(), holder=all_seen[0], coercer=all_seen[1], terms=np.full(weeks, 30.0))
    values = middle("M3", credulity=2.0, hope=5.0, give=8.0, holder_cut=14.0, holder_spacing=2.0)
    return simulate(values, rival("M3"), given, rng)


def test_a_simulated_record_keeps_calendar_and_gaps():
    rng = np.random.default_rng(11)
    drawn = simulate(values_from_prior(rival("M12"), rng), rival("M12"), weekly(), rng)
    given = weekly()
    assert np.array_equal(drawn.force < 0, given.force < 0) and np.array_equal(
        np.isnan(drawn.aid), np.isnan(given.aid)
    )
    assert np.array_equal(drawn.holder.category >= 0, (given.holder.category >= 0) & (drawn.spell >= 0))
    ended = drawn.deal + drawn.forced_end + drawn.collapse
    for week in np.flatnonzero(ended):
        assert drawn.spell[week] >= 0 and (week + 1 == WEEKS or drawn.spell[week + 1] != drawn.spell[week])
    assert np.all(ended.sum() <= 2) and np.array_equal(drawn.at_risk, drawn.spell >= 0)
    again = np.random.default_rng(11)
    twice = simulate(values_from_prior(rival("M12"), again), rival("M12"), weekly(), again)
    assert np.array_equal(twice.signal, drawn.signal) and np.array_equal(
        twice.holder.category, drawn.holder.category
    )
    assert np.isfinite(Density(problem(drawn, rival("M12")))(np.zeros(25)))


def test_strong_signals_are_preferred_to_none():
    record, evidence = strong(3), {}
    for name in ("M12", "M3"):
        density = Density(problem(record, rival(name)))
        local = Local(density)
        target = Target(density.many, local.slope, local.curvature)
        mode = distinct_modes(target, [local.climb(np.zeros(len(density.at.places)))])[0]
        evidence[name] = mode.log_evidence
        assert len(equilibria(density, mode.place).log_densities) >= 1
    assert evidence["M3"] > evidence["M12"] + 1.0


def test_a_solution_that_fails_is_no_number(monkeypatch):
    density = Density(problem(weekly(), rival("M12")))
    monkeypatch.setattr("standoff.inference.structural_density.SEARCH", SEARCH._replace(most=2))
    monkeypatch.setattr("standoff.inference.structural_density.PATIENT", SEARCH._replace(most=3))
    z = np.full(25, 1.0)
    assert np.isnan(density(z)) and density.failed == 1 and density.retried == 1
    assert np.isnan(density.many(z[None])[0])


def test_priors_can_be_inverted():
    for prior in PRIORS:
        assert np.isclose(unconstrained(prior, float(value(prior, 0.7))), 0.7)
