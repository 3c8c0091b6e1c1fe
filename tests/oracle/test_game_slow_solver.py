"""The package's solution against the slow solver in plain loops, cell by cell, to 1e-8."""

from dataclasses import replace

import numpy as np
import pytest

from standoff.standoff_game.equilibrium import Search
from standoff.standoff_game.later import sources_of_value
from standoff.standoff_game.parameters import (
    CredulityWear,
    HolderActs,
    Patron,
    PatronPolicy,
    PrivatePressure,
    baseline_parameters,
)
from standoff.standoff_game.solution import solve
from standoff.standoff_game.specification import Specification

from .slow_game import SlowGame

PATRON = Patron(np.array([[0.0, 0.2, 0.1], [0.1, 0.0, -0.3]]), 0.3, 1.5, 0.8, 0.8, 0.7)
TIGHT = Search(tolerance=1e-10, most=3000)
SMALL = Specification(
    belief_points=3, belief_span=2.5, endurance_levels=2, pressure_levels=2, groups=2,
    signals=("support", "none", "criticism"), force=("pause", "offensive"), domestic=False,
)  # fmt: skip


def small(**changes):
    base = baseline_parameters()._replace(
        signal_law=np.array([[0.2, 0.45, 0.35], [0.4, 0.45, 0.15]]),
        criticism=np.array([0.0, 0.0, 1.0]),
        force_cost=np.array([0.02, 0.25]),
        harm=np.array([0.2, 2.5]),
        force_level=np.array([0.0, 2.0]),
        discount_holder=0.8,
        discount_coercer=0.8,
        forced_end=np.array([0.05, 0.01]),
    )
    return base._replace(**changes)


STAGED = replace(SMALL, offers=("lean", "generous", "first stage"), stages=(0, 0, 1))
OFFERS = {
    "offer_value": np.array([1.5, 5.0, 4.0]),
    "offer_price": np.array([1.0, 4.0, 2.5]),
    "generosity": np.array([0.0, 1.0, 0.5]),
}
CASES = {
    "baseline": (SMALL, small()),
    "assurance": (SMALL, small(resume=np.array([0.1, 0.75]), give=3.0)),
    "patient": (SMALL, small(discount_holder=0.95, discount_coercer=0.95)),
    "domestic block": (replace(SMALL, domestic=True), small(domestic=np.array([0.08, 0.12]), block=3.0)),
    "aid answers": (SMALL, small(aid_criticism=0.4, criticism_offer=np.array([0.8, 0.3]))),
    "aid control and guarantees": (SMALL, small(aid_control=0.6, offer_guarantee=np.array([0.0, 0.5]))),
    "private pressure": (
        SMALL,
        small(
            private=PrivatePressure(
                np.array([0.7, 0.3]), np.array([0.0, 1.0]), np.array([0.3, 0.1]), np.array([0.5, 0.0])
            )
        ),
    ),
    "credulity worn": (
        replace(SMALL, credulity_levels=2),
        small(wear=CredulityWear(np.array([0.3, 1.0]), np.array([0.1, 0.0, 0.6]), np.asarray(0.2))),
    ),
    "holder's acts": (
        SMALL,
        small(
            holder_acts=HolderActs(
                np.array([0.0, 0.05, 0.1]),
                np.array([0, 0.8, 0.0]),
                np.array([0, 0, 0.7]),
                np.array([0, 0, 0.2]),
            )
        ),
    ),
    "staged releases": (STAGED, small(**OFFERS)),
    "patron as a policy": (
        SMALL,
        small(
            patron_policy=PatronPolicy(
                np.array([0, 0, 0.9]), np.array([0, 0, 0.5]), np.array([0.0, 0, 0]), np.array([0.2, 0, 0.1])
            )
        ),
    ),
    "patron as a player": (SMALL, small(patron=PATRON)),
    "patron as a player, staged": (STAGED, small(patron=PATRON, **OFFERS)),
}


@pytest.mark.parametrize("name", CASES)
def test_solution_agrees_with_plain_loops(name):
    spec, parameters = CASES[name]
    solution = solve(spec, parameters, search=TIGHT, exact_reduction=False, judge_grid=False)
    game = SlowGame(spec, parameters)
    values, ratios, plays = game.solve(tolerance=1e-10)
    gap = 0.0
    for n in range(1, spec.groups + 1):
        mine = np.asarray(solution.unknowns.values[n - 1])
        for j, s in enumerate(game.states):
            gap = max(gap, np.max(np.abs(mine[:, :, j] - values[n][s])))
        for (b, y, s), (r, u, accept) in plays[n].items():
            j = game.states.index(s)
            here = (b, y, slice(None), slice(None), j)
            gap = max(gap, np.max(np.abs(solution.play.conduct[n - 1][(0, *here)].ravel() - r)))
            gap = max(gap, np.max(np.abs(solution.play.conduct[n - 1][(1, *here)].ravel() - u)))
            gap = max(gap, np.max(np.abs(solution.play.accept[n - 1][here].ravel() - accept)))
            gap = max(
                gap, np.max(np.abs(solution.unknowns.log_ratio[n - 1][here].ravel() - ratios[n][b, y, s]))
            )
    assert gap < 1e-8


EVERYTHING = small(
    **OFFERS, patron=PATRON, domestic=np.array([0.08, 0.12]), block=3.0, aid_criticism=0.4,
    criticism_offer=np.array([0.8, 0.3]), aid_control=0.6, offer_guarantee=np.array([0.0, 0.5, 0.2]),
    private=CASES["private pressure"][1].private, wear=CASES["credulity worn"][1].wear,
    holder_acts=HolderActs(np.array([0.0, 0.05]), np.array([0, 0.8]), np.array([0, 0.7]), np.array([0, 0.2])),
)  # fmt: skip


def test_all_options_at_once_are_a_fixed_point_of_the_plain_loops():
    """The slow solver is too slow here to iterate: one reply of it moves the package's solution nowhere."""
    spec = replace(STAGED, domestic=True, credulity_levels=2)
    solution = solve(spec, EVERYTHING, search=TIGHT, exact_reduction=False, judge_grid=False)
    found = solution.unknowns
    sources = sources_of_value(solution).values  # what the future is made of adds up under every option too
    assert np.max(np.abs(sources.sum(axis=1)[1:] - found.values[:, 0])) < 1e-7
    game = SlowGame(spec, EVERYTHING)
    states = list(enumerate(game.states))
    values = {0: None} | {n: {s: found.values[n - 1][:, :, j] for j, s in states} for n in (1, 2)}
    for n in (1, 2):
        nodes = [(b, y, s, j) for b in range(game.B) for y in range(game.Y) for j, s in states]
        ratio = {(b, y, s): found.log_ratio[n - 1][b, y, :, :, j].ravel() for b, y, s, j in nodes}
        signals = {(b, s): found.signal_ratio[n - 1][b, :, j] for b in range(game.B) for j, s in states}
        replies = game.reply(n, values[n], ratio, signals, values)
        for reply, point in zip(replies, (values[n], ratio, signals), strict=False):
            assert max(np.max(np.abs(reply[key] - point[key])) for key in point) < 1e-9
