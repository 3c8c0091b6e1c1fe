"""Order in time and contrast against a second method: plain loops, statsmodels' regression, scipy's permutation test."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from standoff.claims import arrangements, association, engine
from standoff.claims.differences import lead_table, response_table, span_differences, stance_differences
from standoff.claims.tell import _associate
from tests.claims.exposure import shifted_exposure

LENGTH = 120
STARTS = np.array([0, 50])


def random_case(seed, points=14, signals=9):
    rng = np.random.default_rng(seed)
    days = np.sort(rng.choice(LENGTH, points, replace=False))
    values = rng.choice([0.0, 25, 50, 75, 100], points)
    acts = np.sort(rng.choice(LENGTH, signals, replace=False))
    return rng, days, values, acts


def loop_exposure(days, acts, window):
    """Exposure of consecutive differences as the page defines it, act by act."""
    exposed = np.zeros(len(days) - 1)
    for act in acts:
        for i in range(1, len(days)):
            if days[i - 1] <= act < days[i] and days[i] - act <= 7 * window:
                exposed[i - 1] = 1
    return exposed


def loop_leads(days, acts, window):
    exposed = np.zeros(len(days) - 1)
    for act in acts:
        for i in range(1, len(days)):
            end = days[i + 1] if i + 1 < len(days) else LENGTH
            if days[i] < act < end and act - days[i] <= 7 * window:
                exposed[i - 1] = 1
    return exposed


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("window", [1, 2, 8])
def test_exposure_and_leads_against_loops(seed, window):
    _, days, values, acts = random_case(seed)
    outcome = stance_differences(days, values, LENGTH)
    assert np.array_equal(outcome.change, np.diff(values))
    law = arrangements.shifts(STARTS, LENGTH, acts, np.random.default_rng(0), 5)
    for table_of, loop in ((response_table, loop_exposure), (lead_table, loop_leads)):
        found = shifted_exposure(law, acts, table_of(outcome, window, LENGTH), len(outcome.change))
        for row, offsets in zip(found, law.offsets, strict=True):
            moved = [
                50 + (act - 50 + offsets[1]) % (LENGTH - 50) if act >= 50 else (act + offsets[0]) % 50
                for act in acts
            ]
            assert np.array_equal(row, loop(days, moved, window))


def test_weeks_around_the_week_of_the_act():
    begins = np.arange(0, 70, 7)
    values = np.arange(10.0) ** 2
    outcome = span_differences(begins, begins + 6, values, 70)
    table = response_table(outcome, 4, 70)
    for act in range(70):
        week = act // 7
        if 1 <= week <= 8:
            assert outcome.change[table[act]] == values[week + 1] - values[week - 1]
        else:
            assert table[act] == -1
    lead = lead_table(outcome, 4, 70)
    # a lead of the difference around week j comes in the week after the later point, j + 2
    assert outcome.start[lead[3 * 7]] == values[0]


@pytest.mark.parametrize("seed", range(6))
def test_coefficient_and_partial_correlation_against_statsmodels(seed):
    rng, _, _, _ = random_case(seed)
    n = 17
    exposure = (rng.random((6, n)) < 0.4).astype(np.int8)
    start = rng.choice([0.0, 25, 50, 75, 100], n)
    change = rng.normal(0, 20, n) - 0.4 * start
    found = association.associate(exposure, change, association.basis(start[:, None]))
    for row in range(6):
        fit = sm.OLS(change, sm.add_constant(np.column_stack([exposure[row], start]))).fit()
        assert found.effect[row] == pytest.approx(fit.params[1])
        t = fit.tvalues[1]
        assert found.correlation[row] == pytest.approx(t / np.sqrt(t**2 + fit.df_resid))


def test_contrast_coefficient_is_the_difference_of_the_two_kinds():
    rng = np.random.default_rng(3)
    n = 30
    first, second = rng.random(n) < 0.4, rng.random(n) < 0.4
    second &= ~first
    start = rng.normal(50, 20, n)
    change = rng.normal(0, 20, n)
    either = (first | second).astype(float)
    control = association.basis(np.column_stack([start, either]))
    contrast = (first.astype(np.int8) - second.astype(np.int8))[None, :]
    effect = 2 * association.associate(contrast, change, control).effect[0]
    fit = sm.OLS(change, sm.add_constant(np.column_stack([first, second, start]).astype(float))).fit()
    assert effect == pytest.approx(fit.params[1] - fit.params[2])


@pytest.mark.parametrize("seed", range(4))
def test_interval_by_trying_effects_one_by_one(seed):
    rng = np.random.default_rng(seed)
    n = 15
    start = rng.choice([25.0, 50, 75], n)
    exposure = np.array([rng.permutation([1] * 6 + [0] * 9) for _ in range(200)], dtype=np.int8)
    change = 12 * exposure[0] + rng.normal(0, 10, n)
    control = association.basis(start[:, None])
    interval = association.inverted_interval(exposure, change, control, 0.9)
    assert interval is not None

    def p(effect):
        left = change - effect * exposure[0]
        return float(arrangements.two_sided(association.associate(exposure, left, control).correlation))

    inside = np.linspace(interval.low + 1e-6, interval.high - 1e-6, 25)
    assert all(p(effect) > 0.1 for effect in inside)
    assert p(interval.low - 1e-4) <= 0.1
    assert p(interval.high + 1e-4) <= 0.1


def test_all_labellings_against_scipys_permutation_test():
    rng = np.random.default_rng(5)
    kinds = np.array([1, 1, 1, 1, -1, -1, -1, -1, -1])
    response = rng.normal(0, 1, 9) + (kinds > 0)
    law = arrangements.labels(np.zeros(9, dtype=int), kinds[None, :], rng, 999)
    assert law.exact
    assert len(law.order) == law.distinct == 126
    labels = kinds[law.order]
    statistic = np.array([response[row > 0].mean() - response[row < 0].mean() for row in labels])
    ours = arrangements.two_sided(statistic)
    theirs = stats.permutation_test(
        (response[:4], response[4:]), lambda a, b: a.mean() - b.mean(), n_resamples=np.inf
    ).pvalue
    assert ours == pytest.approx(theirs)


def test_few_shifts_are_enumerated_each_once_and_observed_first():
    law = arrangements.shifts(np.array([0, 5]), 12, np.array([1, 6, 9]), np.random.default_rng(0), 999)
    assert law.exact
    assert [tuple(row) for row in law.offsets] == list(product(range(5), range(7)))


@pytest.mark.parametrize("seed", range(3))
def test_the_median_over_the_multiverse_by_plain_loops(seed):
    rng, days, values, acts = random_case(seed, points=16, signals=8)
    outcome = stance_differences(days, values, LENGTH)
    sets = [acts, acts[::2]]
    law = arrangements.shifts(STARTS, LENGTH, acts, rng, 29)
    designs = tuple(engine.Design(s, 0, w) for s in (0, 1) for w in (2, 4, 8))
    combination = np.array([0, 1, 1, 2, 3, 4, 5, 5, 5])

    def expose(table, n):
        return lambda which: shifted_exposure(law, sets[which], table, n)

    answer = engine.analyse(engine.Problem((outcome,), designs, combination, 1, expose, LENGTH))
    medians = []
    for arrangement in range(30):
        one_by_one = []
        for index in combination:
            design = designs[index]
            table = response_table(outcome, design.window, LENGTH)
            x = expose(table, len(outcome.change))(design.signals)[arrangement].astype(float)
            other = sm.add_constant(engine_controls(outcome, designs[index], expose, table))
            rest_x = sm.OLS(x, other).fit().resid
            rest_y = sm.OLS(outcome.change, other).fit().resid
            varies = (rest_x**2).sum() > 1e-9 * max((x**2).sum(), 1)
            one_by_one.append(np.corrcoef(rest_x, rest_y)[0, 1] if varies else 0.0)
        medians.append(np.median(one_by_one))
    above = np.mean(np.array(medians) >= medians[0] - 1e-9)
    below = np.mean(np.array(medians) <= medians[0] + 1e-9)
    assert answer.p == pytest.approx(min(1, 2 * min(above, below)))


def engine_controls(outcome, design, expose, table):
    problem = engine.Problem((outcome,), (design,), np.array([0]), 0, expose, LENGTH)
    return engine.covariates(problem, design, table)


def test_many_records_at_once_are_the_same_as_one_at_a_time():
    rng = np.random.default_rng(9)
    n, records = 16, 5
    exposure = (rng.random((40, n)) < 0.4).astype(np.int8)
    starts = rng.choice([0.0, 25, 50, 75, 100], (records, n))
    changes = rng.normal(0, 20, (records, n))
    fixed = association.basis(np.empty((n, 0)))
    together = _associate(exposure, changes, starts, fixed)
    bounds = association.bounds_from(together.u, together.v, 0.9)
    for r in range(records):
        control = association.basis(starts[r][:, None])
        alone = association.associate(exposure, changes[r], control)
        assert together.correlation[:, r] == pytest.approx(alone.correlation)
        assert together.effect[r] == pytest.approx(alone.effect[0])
        interval = association.inverted_interval(exposure, changes[r], control, 0.9)
        if interval is not None:
            assert bounds[:, r] == pytest.approx([interval.low, interval.high])


@pytest.mark.parametrize("seed", range(4))
def test_labelled_exposure_against_loops(seed):
    rng, days, values, _ = random_case(seed)
    outcome = stance_differences(days, values, LENGTH)
    table = response_table(outcome, 3, LENGTH)
    n = len(outcome.change)
    units = np.sort(rng.choice(LENGTH, 12, replace=False))
    kinds = rng.choice([1, -1], 12)
    active = rng.random(12) < 0.8
    phases = (units >= 50).astype(int)
    law = arrangements.labels(phases, np.stack([kinds, -kinds]), rng, 20)
    assert not law.exact  # two labellings: permutations are drawn, not enumerated
    found = arrangements.labelled_exposure(law, units, active, kinds, table, n)
    for row, order in zip(found, law.order, strict=True):
        assert sorted(order[phases == 0]) == sorted(np.flatnonzero(phases == 0))
        exposed = {1: set(), -1: set()}
        for place, unit in enumerate(units):
            if active[place] and table[unit] >= 0:
                exposed[kinds[order[place]]].add(table[unit])
        assert row.tolist() == [(k in exposed[1]) - (k in exposed[-1]) for k in range(n)]
    assert np.array_equal(law.order[0], np.arange(12))


@pytest.mark.parametrize("seed", range(4))
def test_effect_and_lead_of_the_engine_against_statsmodels(seed):
    rng, days, values, acts = random_case(seed, points=20, signals=9)
    outcome = stance_differences(days, values, LENGTH)
    law = arrangements.shifts(STARTS, LENGTH, acts, rng, 9)

    def expose(table, n):
        return lambda which: shifted_exposure(law, acts, table, n)

    problem = engine.Problem((outcome,), (engine.Design(0, 0, 3),), np.array([0]), 0, expose, LENGTH)
    answer = engine.analyse(problem)
    exposed, lead = loop_exposure(days, acts, 3), loop_leads(days, acts, 3)
    alone = sm.OLS(outcome.change, sm.add_constant(np.column_stack([exposed, outcome.start]))).fit()
    beside = sm.OLS(outcome.change, sm.add_constant(np.column_stack([lead, exposed, outcome.start]))).fit()
    assert answer.effects[0] == pytest.approx(alone.params[1])
    assert answer.lead_effects[0] == pytest.approx(beside.params[1])
