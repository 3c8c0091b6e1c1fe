"""Paths against exact chances; options in simulation; conditioning on a past; effects taken apart."""

from dataclasses import replace

import numpy as np
import pytest

from standoff.standoff_game.condition import Past, condition, state_after
from standoff.standoff_game.effects import compare_signals, deal_within, split_effect
from standoff.standoff_game.errors import GameSpecError
from standoff.standoff_game.explain import Situation, explain
from standoff.standoff_game.hazard import deal_within_weeks, sign_map
from standoff.standoff_game.later import SOURCES, sources_of_value
from standoff.standoff_game.parameters import (
    CredulityWear,
    HolderActs,
    Patron,
    PrivatePressure,
    baseline_parameters,
    region_parameters,
)
from standoff.standoff_game.schedule import (
    free_schedule,
    impose_conduct,
    impose_signal,
    move_conduct,
    move_signal,
    remove_conduct,
    remove_signal,
)
from standoff.standoff_game.simulation import DEAL, OPEN, simulate
from standoff.standoff_game.solution import solve
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.start import Simulation, State

FULL = Specification()
FINE = replace(FULL, belief_points=41)
RUN = Simulation(30_000, 30, 8)


@pytest.fixture(scope="module")
def base():
    return solve(FULL, baseline_parameters())


def exact(solution, start, horizon):
    """Chance of a deal from a start at a node of the grid, by backward induction."""
    spec = solution.specification
    chances = deal_within_weeks(solution, horizon)[start.groups - 1]
    node = int(np.argmin(np.abs(1 / (1 + np.exp(-np.linspace(-4, 4, spec.belief_points))) - start.belief)))
    state = spec.state_index(start.endurance, start.pressure, start.block, spec.credulity_levels - 1)
    law = np.asarray(solution.parameters.signal_law)
    by_type = [np.sum(law[t] * chances[t, node, :, state]) for t in (0, 1)]
    return start.belief * by_type[1] + (1 - start.belief) * by_type[0]


ONE = replace(FINE, groups=2, endurance_levels=3, pressure_levels=3)
SMALL_START = State(belief=0.5, endurance=2, pressure=1, groups=2)
PARTS = {
    "baseline": (ONE, {}),
    "domestic block": (ONE, {"domestic": np.array([0.1, 0.2]), "block": 3.0}),
    "private pressure": (
        ONE,
        {"private": PrivatePressure(np.array([0.6, 0.4]), np.array([0.0, 1.0]), np.array([0.3, 0.1]), np.array([0.9, 0.5]))},
    ),
    "credulity worn": (
        replace(ONE, credulity_levels=3),
        {"wear": CredulityWear(np.array([0.0, 0.5, 1.0]), np.array([0, 0, 0.1, 0.7, 0.0]), 0.2)},
    ),
    "holder's acts": (
        ONE,
        {"holder_acts": HolderActs(np.array([0, 0.05]), np.array([0.0, 1.5]), np.array([0.0, 0.5]), np.array([0, 0.1]))},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PARTS)
def test_paths_agree_with_backward_induction(name):
    spec, changes = PARTS[name]
    solution = solve(spec, baseline_parameters()._replace(offer_value=np.array([1.5, 6.0]), **changes))
    wanted = exact(solution, SMALL_START, 30)
    paths = simulate(solution, RUN, SMALL_START)
    share = np.mean(paths.ending == DEAL)
    assert abs(share - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / RUN.paths) + 0.002
    assert 0.05 < wanted < 0.95


def test_endings_and_outcomes_are_consistent(base):
    paths = simulate(base, replace(RUN, keep=True))
    assert set(np.unique(paths.ending)) <= set(range(5))
    deals = paths.ending == DEAL
    assert np.all((paths.offer >= 0) == deals)
    assert np.all(paths.price[deals] == np.array([1.0, 4.0])[paths.offer[deals]])
    assert np.all(paths.price[~deals] == 0)
    assert np.all(paths.lost[paths.ending == 4] == 3)
    assert np.all(paths.lost <= 3)
    assert paths.deals.sum() == pytest.approx(np.mean(deals), abs=1e-12)
    live = paths.history["live"]
    assert np.all(np.diff(live.astype(int), axis=0) <= 0)
    waiting = live.sum(axis=0) - deals
    assert np.all(paths.harm <= 2.5 * 1.3 * waiting)
    assert np.all(paths.week[paths.ending == OPEN] == 30)


def test_imposed_acts_happen(base):
    plan = impose_conduct(impose_signal(free_schedule(30), range(3, 6), 4), range(2, 4), force=2)
    plan = impose_conduct(plan, range(7, 8), offer=0)
    paths = simulate(base, replace(RUN, keep=True, paths=2000), schedule=plan)
    assert np.all(paths.history["signal"][2:5] == 4)
    assert np.all(paths.history["force"][1:3] == 2)
    assert set(np.unique(paths.history["offer"][1])) == {0, 1}
    assert np.all(paths.history["offer"][6] == 0)


def test_what_is_no_start_or_act_of_the_game_is_refused_all_at_once(base):
    plan = impose_conduct(impose_signal(free_schedule(3), range(1, 2), 9), range(2, 3), force=7)
    start = State(belief=1.5, endurance=4.5, pressure=-1, groups=0, unrestrained=2)
    with pytest.raises(GameSpecError) as caught:
        simulate(base, replace(RUN, weeks=3), start, plan)
    assert {m.parameter for m in caught.value.mistakes} == {
        "start.belief", "start.endurance", "start.pressure", "start.groups", "start.unrestrained",
        "schedule.signal", "schedule.news", "schedule.force",
    }  # fmt: skip
    for run, begin, name in [
        (RUN, State(), "schedule.signal"),
        (RUN, State(belief=np.nan), "start.belief"),
        (RUN, State(week=0), "start.week"),
        (replace(RUN, paths=0), State(), "simulation.paths"),
        (replace(RUN, weeks=0), State(), "simulation.weeks"),
    ]:
        with pytest.raises(GameSpecError) as caught:
            simulate(base, run, begin, free_schedule(3))
        assert name in {m.parameter for m in caught.value.mistakes}
        assert all(m.what and m.why for m in caught.value.mistakes)


@pytest.mark.parametrize(
    "act",
    [
        lambda plan: impose_signal(plan, range(1), 2),
        lambda plan: impose_signal(plan, range(9, 13), 2),
        lambda plan: impose_conduct(plan, range(-3, 2), force=1),
        lambda plan: move_signal(plan, 3, 12, 1),
        lambda plan: move_signal(plan, 0, 2, 1),
        lambda plan: move_conduct(plan, 2, 11),
    ],
)
def test_an_act_outside_the_weeks_of_a_schedule_is_refused(act):
    with pytest.raises(GameSpecError, match="schedule"):
        act(free_schedule(10))


def test_moving_and_removing_conduct():
    plan = impose_conduct(free_schedule(10), range(4, 5), force=2, offer=1)
    moved = move_conduct(plan, 4, 8)
    assert (moved.force[3], moved.offer[3]) == (-1, -1)
    assert (moved.force[7], moved.offer[7]) == (2, 1)
    assert remove_conduct(plan, range(4, 5)).force[3] == -1
    assert plan.force[3] == 2


def test_credulity_is_worn_by_what_the_holder_hears():
    """Contradiction imposed through conduct alone wears nothing; through belief alone it wears all."""
    wear = CredulityWear(np.array([0.0, 0.5, 1.0]), np.array([0, 0, 0, 1.0, 0]), 0.0)
    solution = solve(replace(ONE, credulity_levels=3), baseline_parameters()._replace(wear=wear))
    silent, run = impose_signal(free_schedule(5), range(1, 6), 1), Simulation(500, 5, 2, keep=True)
    for belief, left in ((True, 0), (False, 2)):
        plan = impose_signal(silent, range(1, 3), 3, belief=belief, conduct=not belief)
        history = simulate(solution, run, SMALL_START, plan).history
        assert np.all(history["credulity"][2][history["live"][2]] == left)


def test_moving_and_removing_a_signal():
    plan = impose_signal(free_schedule(10), range(4, 5), 2)
    moved = move_signal(plan, 4, 8, silence=1)
    assert moved.signal[3] == 1
    assert moved.signal[7] == 2
    assert remove_signal(plan, 4, 1).news[3] == 1
    assert plan.signal[3] == 2


def test_staged_releases_go_on_with_fewer_hostages():
    spec = replace(ONE, offers=("lean", "generous", "stage"), stages=(0, 0, 1))
    p = baseline_parameters()._replace(
        offer_value=np.array([1.5, 5.0, 6.0]),
        offer_price=np.array([1.0, 4.0, 3.0]),
        generosity=np.array([0, 1, 0.5]),
    )
    paths = simulate(solve(spec, p), replace(RUN, keep=True, paths=4000), SMALL_START)
    staged = (paths.history["groups"][-1] == 1) & (paths.lost == 0)
    assert np.any(staged)
    partly = paths.price[staged & (paths.ending != DEAL)]
    assert partly == pytest.approx(1.5)


def test_the_patron_as_a_player_signals_what_serves_it():
    politics = np.zeros((2, 5))
    politics[:, 2] = 2.0
    spec = replace(ONE, belief_points=15)
    patron = Patron(politics, 0.0, 0.0, 0.0, 0.0, 0.5)
    p = baseline_parameters()
    run = replace(RUN, keep=True, paths=4000, weeks=5)
    plays = simulate(solve(spec, p._replace(patron=patron)), run, SMALL_START).history["signal"]
    habit = simulate(solve(spec, p), run, SMALL_START).history["signal"]
    weight = p.signal_law * np.exp(politics / 0.5)  # with no future the patron weighs habit by what serves it
    wanted = (weight / weight.sum(axis=1, keepdims=True))[:, 2].mean()
    assert abs(np.mean(plays[0] == 2) - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / 4000)
    assert np.mean(habit[0] == 2) < 0.3


def observed_past(base, weeks=6):
    e = np.array([4, 4, 3, 3, 4, 4, 3])[: weeks + 1]
    k = np.array([1, 1, 2, 2, 1, 1, 1])[: weeks + 1]
    whole = np.ones(weeks + 1, dtype=int)
    return Past(
        np.array([2, 1, 0, 1, 2, 3])[:weeks], np.array([1, 1, 2, 0, 1, 2])[:weeks], np.array([0, 1, 0, 0, 1, 0])[:weeks],
        e, k, 3 * whole, 0 * whole,
    )  # fmt: skip


def test_conditioning_agrees_with_weighing_simulated_paths(base):
    """Paths whose first weeks happen to be as observed carry the filter's belief and its weight on the types."""
    past = Past(
        np.array([2]), np.array([2]), np.array([0]), np.array([4, 4]), np.array([1, 1]), np.array([3, 3]),
        np.zeros(2, dtype=int),
    )  # fmt: skip
    filtered = condition(base, past)
    h = simulate(base, Simulation(200_000, 2, 3, keep=True)).history
    same = h["live"][1] & (h["endurance"][1] == 4) & (h["pressure"][1] == 1) & (h["groups"][1] == 3)
    same &= (h["signal"][0] == 2) & (h["force"][0] == 2) & (h["offer"][0] == 0)
    assert same.sum() > 300
    assert h["belief"][1][same] == pytest.approx(filtered.belief[-1], abs=1e-9)
    after_one = simulate(base, Simulation(200_000, 1, 3))  # the type as it is when the second week starts
    assert np.all(after_one.ending[same] == OPEN)
    share = np.mean(after_one.unrestrained[same])
    assert abs(share - filtered.weight[-1]) < 4 * np.sqrt(0.25 / same.sum())


def test_paths_start_where_the_past_ends(base):
    past = observed_past(base)
    filtered = condition(base, past)
    start = state_after(base, past, filtered, 5000)
    paths = simulate(base, Simulation(5000, 10, 1, keep=True), start)
    assert paths.first_week == 7
    assert np.all(paths.history["belief"][0] == filtered.belief[-1])
    assert abs(np.mean(start.unrestrained) - filtered.weight[-1]) < 0.03
    assert np.isfinite(filtered.log_likelihood)
    assert filtered.log_likelihood < 0


def test_a_past_that_is_not_of_the_game_is_refused(base):
    past = observed_past(base)._replace(force=np.array([1, 1, 9, 0, 1, 2]), endurance=np.array([4, 4]))
    with pytest.raises(GameSpecError) as caught:
        condition(base, past)
    assert {m.parameter for m in caught.value.mistakes} == {"past.force", "past.endurance"}


def agrees_with_paths(solution, past, start, same_week):
    """The filter after one week against the simulated paths whose first week was the same."""
    filtered = condition(solution, past)
    h = simulate(solution, Simulation(100_000, 2, 3, keep=True), start).history
    same = h["live"][1] & (h["signal"][0] == past.signal[0]) & (h["force"][0] == past.force[0])
    same &= (h["offer"][0] == past.offer[0]) & same_week(h)
    assert same.sum() > 100
    assert h["belief"][1][same] == pytest.approx(filtered.belief[-1], abs=1e-9)
    after_one = simulate(solution, Simulation(100_000, 1, 3), start)
    share = np.mean(after_one.unrestrained[same])
    assert abs(share - filtered.weight[-1]) < 4 * np.sqrt(0.25 / same.sum())


def test_conditioning_on_a_stage_that_was_accepted():
    spec = replace(ONE, belief_points=15, offers=("lean", "generous", "stage"), stages=(0, 0, 1))
    p = baseline_parameters()._replace(
        offer_value=np.array([1.5, 5.0, 6.0]), offer_price=np.array([1.0, 4.0, 3.0]), generosity=np.array([0, 1, 0.5]),
    )  # fmt: skip
    solution, one = solve(spec, p), np.array([1])
    past = Past(
        one,
        one,
        2 * one,
        np.array([2, 2]),
        np.array([1, 1]),
        np.array([2, 1]),
        np.zeros(2, dtype=int),
        accepted=one,
    )
    agrees_with_paths(solution, past, SMALL_START, lambda h: h["stage"][0])
    with pytest.raises(GameSpecError, match=r"past\.accepted"):
        condition(solution, past._replace(offer=one))


def test_conditioning_with_credulity_that_wears():
    wear = CredulityWear(np.array([0.0, 0.5, 1.0]), np.array([0, 0, 0.1, 0.7, 0.0]), 0.2)
    solution = solve(
        replace(ONE, belief_points=15, credulity_levels=3), baseline_parameters()._replace(wear=wear)
    )
    one, start = np.array([1]), SMALL_START._replace(credulity=1)
    past = Past(
        2 * one,
        one,
        one,
        np.array([2, 2]),
        np.array([1, 1]),
        np.array([2, 2]),
        np.zeros(2, dtype=int),
        np.array([1, 1]),
    )
    agrees_with_paths(solution, past, start, lambda h: h["groups"][1] == 2)
    with pytest.raises(GameSpecError, match=r"past\.credulity"):
        condition(solution, past._replace(credulity=None))


def test_parts_of_an_effect_add_up_and_interact(base):
    split = split_effect(base, range(5, 9), 2, 1, deal_within(8, 5), RUN)
    assert split.belief.mean + split.conduct.mean == pytest.approx(split.total.mean, abs=1e-12)
    assert split.interaction.mean != 0.0


def test_no_belief_part_without_credulity():
    solution = solve(FULL, baseline_parameters()._replace(credulity=0.0))
    split = split_effect(solution, range(5, 9), 2, 1, deal_within(8, 5), RUN)
    assert split.belief.mean == 0.0
    assert split.interaction.mean == 0.0
    assert split.conduct.mean != 0.0


@pytest.mark.parametrize(("region", "sign"), [("waiting", -1), ("assurance", 1)])
def test_the_sign_map_has_the_sign_of_the_region(region, sign):
    solution = solve(FULL, region_parameters(region))
    change = sign_map(solution, 2, 8)[2, 7]
    assert np.mean(np.sign(change) == sign) > 0.8
    both = compare_signals(solution, range(1, 2), 2, 1, Simulation(40_000, 8, 6))
    outcome = deal_within(8, 1)
    paired = outcome(both.with_act) - outcome(both.without)
    here = change[solution.specification.state_index(4, 1)]
    # the map weighs types by belief before the signal; so do paths, whose types are drawn with chance b
    assert abs(paired.mean() - here) < 4 * paired.std() / np.sqrt(len(paired)) + 0.1 * abs(here)


def test_explanation_sums_to_both_payoffs_at_nodes(base):
    spec = base.specification
    grid = 1 / (1 + np.exp(-np.linspace(-4, 4, 15)))
    for node, y, m, x, e, k, n in [(7, 1, 1, 1, 4, 1, 3), (2, 2, 2, 0, 0, 3, 1), (12, 4, 0, 1, 5, 0, 2)]:
        account = explain(base, Situation(float(grid[node]), y, m, x, e, k, n))
        cell = (n - 1, node, y, m, x, spec.state_index(e, k))
        assert account.accepting == pytest.approx(base.play.accepting[cell], abs=1e-6)
        assert account.waiting == pytest.approx(base.play.waiting[cell], abs=1e-6)
        assert account.accept == pytest.approx(base.play.accept[cell], abs=1e-6)
        beats = "Waiting beats" if account.waiting > account.accepting else "Accepting beats"
        assert account.words.startswith(beats)


def by_counting(solution, start, weeks, paths):
    """Discounted aid, cost of force and outside pressure of the holder along simulated paths, and their errors."""
    p = solution.parameters
    h = simulate(solution, Simulation(paths, weeks, 9, keep=True), start).history
    waits = h["live"] & ~h["deal"]
    discount = float(p.discount_holder) ** np.arange(weeks)[:, None]
    aid = p.aid_value * np.clip(p.aid_base - p.aid_force * h["force"], 0, 1.5)
    cost = p.force_cost[h["force"]] * (1 + p.tired * (1 - h["endurance"] / 5))
    flows = {"aid": aid, "military pressure": -cost, "outside pressure": p.pressure_value * h["pressure"]}
    sums = {name: (discount * waits * flow).sum(axis=0) for name, flow in flows.items()}
    return {name: (total.mean(), total.std() / np.sqrt(paths)) for name, total in sums.items()}


def test_the_sources_of_the_future_add_up_and_agree_with_paths():
    fine = solve(replace(FULL, belief_points=41), baseline_parameters())
    later = sources_of_value(fine)
    assert np.max(np.abs(later.values.sum(axis=1)[1:] - fine.unknowns.values[:, 0])) < 1e-5
    here = later.values[3, :, 20, fine.specification.state_index(4, 1)]
    for name, (mean, error) in by_counting(fine, State(), 250, 20_000).items():
        assert abs(here[SOURCES.index(name)] - mean) < 4 * error + 0.01
