"""Laws of the game as properties: relabelling, scaling, martingales, sums, options that are off."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standoff.standoff_game.beliefs import (
    bayes,
    bayes_log_odds,
    belief_grid,
    interpolate,
    kink_reach,
    node_weights,
    weights_on_grid,
)
from standoff.standoff_game.equilibrium import Search, find_jit
from standoff.standoff_game.parameters import (
    CredulityWear,
    HolderActs,
    Patron,
    PatronPolicy,
    PrivatePressure,
    baseline_parameters,
)
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.simulation import simulate
from standoff.standoff_game.solution import solve
from standoff.standoff_game.specification import Specification, share_tables
from standoff.standoff_game.start import Simulation, State

use_float64()
SMALL = Specification(belief_points=9, endurance_levels=3, pressure_levels=2, groups=2)
TIGHT = Search(tolerance=1e-11, most=2000)
BASE = baseline_parameters()._replace(criticism_offer=np.array([0.5, 0.2]))


def solved(spec=SMALL, parameters=BASE, **options):
    return solve(spec, parameters, search=TIGHT, judge_grid=False, **options)


@pytest.fixture(scope="module")
def base():
    return solved()


def test_every_probability_table_sums_to_one(base):
    conduct = base.play.conduct.sum(axis=(4, 5))
    assert np.max(np.abs(conduct - 1)) < 1e-13
    assert np.all((base.play.accept > 0) & (base.play.accept < 1))


def test_relabelling_offers_permutes_the_answer(base):
    swap = [1, 0]
    p = BASE._replace(
        **{n: np.asarray(getattr(BASE, n))[swap] for n in ("offer_value", "offer_price", "generosity")}
    )
    other = solved(replace(SMALL, offers=("generous", "lean")), p)
    assert np.max(np.abs(other.play.conduct[:, :, :, :, :, swap] - base.play.conduct)) < 1e-9
    assert np.max(np.abs(other.play.accept[:, :, :, :, swap] - base.play.accept)) < 1e-9


def test_relabelling_signals_permutes_the_answer(base):
    order = [3, 1, 4, 0, 2]
    spec = replace(SMALL, signals=tuple(SMALL.signals[i] for i in order))
    p = BASE._replace(
        signal_law=np.asarray(BASE.signal_law)[:, order], criticism=np.asarray(BASE.criticism)[order]
    )
    other = solved(spec, p)
    assert np.max(np.abs(other.unknowns.values - base.unknowns.values)) < 1e-9
    assert np.max(np.abs(other.play.conduct - base.play.conduct[:, :, :, order])) < 1e-9


def test_relabelling_types_mirrors_the_belief(base):
    """Calling R U and U R turns b into 1 - b, on a grid that is its own mirror image."""
    two = (
        "signal_law",
        "resume",
        "forced_end",
        "force_value",
        "criticism_penalty",
        "pressure_penalty",
        "criticism_offer",
    )
    p = BASE._replace(**{n: np.asarray(getattr(BASE, n))[::-1] for n in two})
    other = solved(SMALL, p)
    assert np.max(np.abs(other.play.conduct[:, ::-1, ::-1] - base.play.conduct)) < 1e-9
    assert np.max(np.abs(other.unknowns.values[:, 0, ::-1] - base.unknowns.values[:, 0])) < 1e-8


HOLDER = (
    "offer_value", "give", "resume_loss", "force_cost", "pressure_value", "aid_value", "end_value", "collapse_loss",
    "noise_holder",
)  # fmt: skip
COERCER = (
    "holding_cost", "hostage_value", "offer_price", "force_value", "criticism_penalty", "pressure_penalty",
    "criticism_offer", "end_loss", "win_value", "block", "noise_coercer",
)  # fmt: skip


@pytest.mark.parametrize(("names", "scale"), [(HOLDER, 3.0), (COERCER, 0.25), (HOLDER + COERCER, 7.0)])
def test_scaling_payoffs_with_the_noise_leaves_policies_unchanged(base, names, scale):
    p = BASE._replace(**{n: np.asarray(getattr(BASE, n)) * scale for n in names})
    other = solved(SMALL, p)
    assert np.max(np.abs(other.play.conduct - base.play.conduct)) < 1e-8
    assert np.max(np.abs(other.play.accept - base.play.accept)) < 1e-8


def test_conduct_is_a_martingale_of_beliefs(base):
    """Under the predictive law of acts the mean of b2 is b1, at every state and signal."""
    grid = belief_grid(9, 4.0)[None, :, None, None, None, None]
    r, u = base.play.conduct[:, 0], base.play.conduct[:, 1]
    seen = grid * u + (1 - grid) * r
    after = np.asarray(bayes(np.broadcast_to(grid, u.shape), u, r))
    assert np.max(np.abs((seen * after).sum(axis=(3, 4)) - grid[:, :, :, 0, 0])) < 1e-13


@given(
    belief=st.floats(0.001, 0.999),
    law=st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)), min_size=2, max_size=7),
)
@settings(max_examples=25, deadline=None)
def test_signals_are_a_martingale_of_beliefs(belief, law):
    table = np.array(law).T / np.array(law).T.sum(axis=1, keepdims=True)
    after = np.asarray(bayes_log_odds(belief, np.log(table[1] / table[0])))
    seen = belief * table[1] + (1 - belief) * table[0]
    assert np.sum(seen * after) == pytest.approx(belief, rel=1e-12)


@pytest.mark.parametrize(("points", "span"), [(3, 1.0), (15, 4.0), (60, 8.0)])
def test_interpolation_is_linear_between_nodes_and_constant_beyond(points, span):
    grid = belief_grid(points, span)
    beliefs = np.unique(np.concatenate([[0.0, 1.0], np.linspace(0, 1, 401), grid, np.nextafter(grid, 0)]))
    table = np.sin(np.arange(points) * 1.7)
    wanted = np.interp(beliefs, grid, table)
    at = np.broadcast_to(beliefs, (points, len(beliefs)))
    for ramps in (True, False):
        got = interpolate(grid, span, (jnp.asarray(table)[:, None],), jnp.asarray(at), ramps)[0]
        assert np.max(np.abs(np.asarray(got) - wanted)) < 1e-11
    index, weight = weights_on_grid(grid, span, jnp.asarray(beliefs))
    assert np.all((index >= 0) & (index <= points - 2))
    assert np.all((weight >= 0) & (weight <= 1))


@given(
    belief=st.floats(0.0, 1.0),
    rounding=st.floats(0.05, 0.5),
    values=st.lists(st.floats(-5, 5), min_size=11, max_size=11),
    line=st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
)
@settings(max_examples=60, deadline=None)
def test_rounded_interpolation_keeps_means_lines_and_all_that_lies_beyond_its_reach(
    belief, rounding, values, line
):
    grid = belief_grid(11, 4.0)
    reach, table = kink_reach(grid, rounding), np.array(values)
    weights = np.asarray(node_weights(grid, rounding, jnp.asarray(belief)))
    assert weights.sum() == pytest.approx(1.0, abs=1e-12) and np.all(weights >= -1e-12)
    column = jnp.broadcast_to(belief, (11, 1))
    got = float(interpolate(grid, 4.0, (jnp.asarray(table)[:, None],), column, False, rounding)[0][0, 0])
    assert got == pytest.approx(float(weights @ table), abs=1e-10)
    plain = np.interp(belief, grid, table)
    slopes = np.abs(np.diff(np.concatenate([[0.0], np.diff(table) / np.diff(grid), [0.0]])))
    near = np.abs(belief - grid) < reach
    bound = np.max(np.where(near, slopes * reach / 4.0, 0.0))  # a corner is cut by a quarter of its reach
    assert abs(got - plain) <= bound + 1e-9
    if grid[0] + reach[0] <= belief <= grid[-1] - reach[-1]:
        assert float(weights @ (line[0] + line[1] * grid)) == pytest.approx(
            line[0] + line[1] * belief, abs=1e-9
        )


def test_rounded_interpolation_has_one_slope_at_every_node():
    grid, table = belief_grid(11, 4.0), np.sin(np.arange(11) * 1.7)

    def read(belief, rounding):
        return float(np.asarray(node_weights(grid, rounding, jnp.asarray(belief))) @ table)

    def turn(node, rounding, step=1e-6):
        ahead, behind = (abs(read(node + by, rounding) - read(node, rounding)) / step for by in (step, -step))
        return abs(ahead - behind)

    for node in grid[1:-1]:
        assert turn(node, 0.5) < 0.1 * turn(node, 0.0)


NEUTRAL = {
    "aid control": (SMALL, {"aid_control": 1.0}),
    "guarantees": (SMALL, {"offer_guarantee": np.zeros(2)}),
    "private pressure": (
        SMALL,
        {"private": PrivatePressure(np.array([0.5, 0.5]), np.array([0.0, 1.0]), np.zeros(2), np.zeros(2))},
    ),
    "patron policy": (SMALL, {"patron_policy": PatronPolicy(*(np.zeros(5) for _ in range(4)))}),
    "patron as a player": (SMALL, {"patron": Patron(np.zeros((2, 5)), 0.0, 0.0, 0.0, 0.9, 1.0)}),
    "stages that release all": (replace(SMALL, stages=(2, 2)), {}),
    "holder's acts": (SMALL, {"holder_acts": HolderActs(*(np.zeros(2) for _ in range(4)))}),
    "credulity": (
        replace(SMALL, credulity_levels=2),
        {"wear": CredulityWear(np.array([0.4, 1.0]), np.zeros(5), 0.1)},
    ),
}


@pytest.mark.parametrize("name", NEUTRAL)
def test_an_option_with_neutral_numbers_changes_nothing(base, name):
    spec, changes = NEUTRAL[name]
    other = solved(spec, BASE._replace(**changes))
    full = other.play.accept[..., 1::2] if spec.credulity_levels == 2 else other.play.accept
    assert np.max(np.abs(full - base.play.accept)) < 1e-9


def test_options_off_are_not_in_the_game_at_all(base):
    """Off is None: the compiled program has no trace of them, so nothing can differ by a bit."""
    off = dict.fromkeys(
        ("offer_guarantee", "aid_control", "private", "wear", "holder_acts", "patron", "patron_policy")
    )
    again = solved(SMALL, BASE._replace(**off))
    for mine, theirs in zip(again.play, base.play, strict=True):
        assert (mine is None and theirs is None) or np.array_equal(mine, theirs)


def test_dropping_what_cannot_matter_is_exact(base):
    whole = solved(exact_reduction=False)
    assert whole.specification.domestic
    assert not base.specification.domestic
    kept = whole.play.accept.reshape(*whole.play.accept.shape[:-1], 3, 2, 2, 1)[..., 0, 0]
    assert np.max(np.abs(kept.reshape(base.play.accept.shape) - base.play.accept)) < 1e-9


def test_one_table_for_equally_critical_signals_is_exact(base):
    """Solved with a table a signal, from the reduced solution: nothing moves, to the bit where signals are alike."""
    assert share_tables(base.specification, BASE).table_of == (0, 0, 1, 2, 3)
    each = find_jit(base.specification, base.parameters, base.unknowns, TIGHT)
    assert np.all(np.asarray(each.iterations) <= 2)
    assert np.array_equal(base.play.conduct[:, :, :, 0], base.play.conduct[:, :, :, 1])
    whole = solved(exact_reduction=False)
    near = solved(start=base)
    assert sum(near.iterations) <= 6
    assert (
        np.max(
            np.abs(
                whole.unknowns.values.reshape(2, 3, 9, 3, 2, 2)[..., 0]
                - base.unknowns.values.reshape(2, 3, 9, 3, 2)
            )
        )
        < 1e-9
    )


def test_random_numbers_belong_to_names_paths_and_weeks(base):
    """More paths, other chunks, threads, kept histories: no number of a path changes."""
    start = State(endurance=2, pressure=1, groups=2)
    few = simulate(base, Simulation(700, 30, 4), start)
    many = simulate(base, Simulation(12_000, 30, 4, threads=2, keep=True), start)
    for name in ("ending", "week", "offer", "lost", "harm", "aid", "price", "belief", "unrestrained"):
        assert np.array_equal(getattr(few, name), getattr(many, name)[:700]), name
    other = simulate(base, Simulation(700, 30, 5), start)
    assert not np.array_equal(few.week, other.week)


def test_beliefs_are_the_share_of_unrestrained_coercers():
    """After 20 weeks of signals, conduct, survival and drift, open paths of one belief hold that share of the type."""
    spec = Specification(belief_points=41, endurance_levels=3, pressure_levels=3, groups=2)
    paths = simulate(solved(spec), Simulation(60_000, 20, 5), State(endurance=2, pressure=1, groups=2))
    live = paths.ending == 0
    for low in np.arange(0.0, 1.0, 0.1):
        same = live & (paths.belief >= low) & (paths.belief < low + 0.1)
        assert same.sum() > 200
        share, belief = paths.unrestrained[same].mean(), paths.belief[same].mean()
        assert abs(share - belief) < 4 * np.sqrt(0.25 / same.sum()) + 0.005


def test_a_later_start_uses_the_same_numbers_of_those_weeks(base):
    start = State(endurance=2, pressure=1, groups=2, week=5)
    late = simulate(base, Simulation(300, 10, 4), start)
    again = simulate(base, Simulation(300, 20, 4), start)
    ended = late.ending != 0
    assert np.array_equal(late.week[ended], again.week[ended])
    assert late.first_week == 5
    assert np.all(late.week >= 5)
