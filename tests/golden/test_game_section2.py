"""Section 2 of model.md: gates, the table within Monte Carlo error, the weekly hazard, the third region."""

import numpy as np
import pytest

from standoff.standoff_game.effects import compare_signals, deal_within, split_effect, time_to_deal
from standoff.standoff_game.parameters import baseline_parameters, region_parameters
from standoff.standoff_game.randomness import key_of
from standoff.standoff_game.simulation import DEAL, simulate
from standoff.standoff_game.solution import solve
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.start import Simulation

FULL = Specification()
RUN = Simulation(paths=40_000, weeks=75, seed=11)
SILENCE, CRITICISM, WEEKS = 1, 2, range(9, 13)
# share of deals, P(deal within 8 weeks) under silence and criticism, change in mean time; 20,000 paths each
TABLE = {
    "waiting": (0.390, 0.106, 0.067, 2.7),
    "assurance": (0.379, 0.072, 0.097, -1.6),
}


def band(p, n_ours, n_theirs, rounding):
    """Four standard errors of a difference of two shares, and what rounding hides."""
    return 4 * np.sqrt(p * (1 - p) * (1 / n_ours + 1 / n_theirs)) + rounding


@pytest.mark.parametrize("region", TABLE)
def test_table_of_section_2(region):
    deals, silent, critical, weeks = TABLE[region]
    solution = solve(FULL, region_parameters(region))
    assert solution.residual <= 1e-7
    free = simulate(solution, RUN)
    assert abs(np.mean(free.ending == DEAL) - deals) < band(deals, RUN.paths, 20_000, 5e-4)
    both = compare_signals(solution, WEEKS, CRITICISM, SILENCE, RUN)
    live = both.open
    outcome = deal_within(8, 9)
    count = live.sum()
    theirs = 20_000 * live.mean()
    assert abs(outcome(both.without)[live].mean() - silent) < band(silent, count, theirs, 5e-4)
    assert abs(outcome(both.with_act)[live].mean() - critical) < band(critical, count, theirs, 5e-4)
    change = (time_to_deal(75)(both.with_act) - time_to_deal(75)(both.without))[live]
    error = np.std(change) * np.sqrt(1 / count + 1 / theirs)
    assert abs(change.mean() - weeks) < 4 * error + 0.05
    assert np.sign(change.mean()) == np.sign(weeks)


def test_weekly_hazard_of_a_deal_in_region_a():
    paths = simulate(solve(FULL, baseline_parameters()), RUN)
    for week, hazard in {1: 0.007, 5: 0.013, 10: 0.016, 20: 0.014}.items():
        here = paths.deals[week - 1] / paths.open_share[week - 1]
        error = np.sqrt(hazard * (1 - hazard) / (RUN.paths * paths.open_share[week - 1]))
        assert abs(here - hazard) < 4 * error * np.sqrt(3) + 5e-4


def test_inert_signals_change_nothing_to_the_bit():
    solution = solve(FULL, region_parameters("inert"))
    both = compare_signals(solution, WEEKS, CRITICISM, SILENCE, RUN)
    for name in both.without._fields:
        if name != "history":
            assert np.array_equal(getattr(both.without, name), getattr(both.with_act, name)), name


def test_inert_signals_leave_every_table_the_same_to_the_bit_without_reduction():
    solution = solve(FULL, region_parameters("inert"), exact_reduction=False)
    for table in (solution.play.conduct, solution.play.accept):
        axis = table.ndim - 4
        for y in range(1, 5):
            assert np.array_equal(np.take(table, 0, axis=axis), np.take(table, y, axis=axis))


def test_third_region_criticism_buys_better_offers():
    solution = solve(FULL, region_parameters("better-offers"))
    both = compare_signals(solution, WEEKS, CRITICISM, SILENCE, RUN)
    assert np.all(both.with_act.generous[8:12] > both.without.generous[8:12] + 0.3)
    split = split_effect(solution, WEEKS, CRITICISM, SILENCE, deal_within(8, 9), RUN)
    assert split.total.mean > 5 * split.total.error
    assert split.conduct.mean > 5 * split.conduct.error
    assert split.belief.mean < -5 * split.belief.error
    assert split.belief.mean + split.conduct.mean == pytest.approx(split.total.mean, abs=1e-12)


def random_parameters(i):
    """Half-width 40% draws of every positive number, log-uniform, and free gaps between the types."""
    draw = np.random.default_rng(int(key_of(f"draw {i}", 3)))
    p = baseline_parameters()

    def shake(value):
        return np.asarray(value) * np.exp(draw.uniform(-0.34, 0.34, np.shape(value)))

    names = (
        "give", "offer_value", "resume_loss", "force_cost", "pressure_value", "aid_base", "aid_value", "end_value",
        "noise_holder", "noise_coercer", "holding_cost", "hostage_value", "offer_price", "criticism_penalty",
        "pressure_penalty", "end_loss", "win_value", "endurance_up", "endurance_down", "death_base", "death_force",
        "harm", "harm_pressure", "pressure_decay", "forced_end", "collapse", "collapse_loss", "drift", "credulity",
    )  # fmt: skip
    p = p._replace(**{name: shake(getattr(p, name)) for name in names})
    return p._replace(
        resume=draw.uniform(0.05, 0.8, 2),
        criticism_offer=draw.uniform(0, 1, 2),
        discount_holder=draw.uniform(0.9, 0.98),
        discount_coercer=draw.uniform(0.9, 0.985),
    )


def test_fifty_random_draws_converge():
    residuals = [solve(FULL, random_parameters(i), judge_grid=False).residual for i in range(50)]
    assert max(residuals) <= 1e-7


@pytest.mark.parametrize("region", ["waiting", "assurance", "inert", "better-offers"])
def test_domestic_blocks_converge_in_every_region(region):
    p = region_parameters(region)._replace(domestic=np.array([0.08, 0.12]), block=3.0)
    assert solve(FULL, p).residual <= 1e-7
