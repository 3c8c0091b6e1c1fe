"""Several equilibria: a game with at least two, found by the scan and verified by the slow solver's own reply."""

import numpy as np
import pytest

from standoff.standoff_game.equilibrium import Search
from standoff.standoff_game.errors import NotConvergedError
from standoff.standoff_game.parameters import baseline_parameters
from standoff.standoff_game.scan import scan
from standoff.standoff_game.solution import solve
from standoff.standoff_game.specification import Specification
from tests.oracle.slow_game import SlowGame

SPEC = Specification(
    belief_points=9, endurance_levels=1, pressure_levels=2, groups=1, domestic=False,
    force=("continuing",), offers=("first", "second"),
)  # fmt: skip


def two_conventions():
    """Two offers alike in all but name: what each tells of the coercer is a convention, and so is not unique.

    A restrained coercer pays dearly for waiting and is the one that keeps its word, so whichever offer it makes is
    trusted; the types then part along the names.
    """
    pair = np.array
    return baseline_parameters()._replace(
        force_cost=pair([0.1]), harm=pair([1.0]), force_level=pair([1.0]), offer_value=pair([3.0, 3.0]),
        offer_price=pair([1.0, 1.0]), generosity=pair([0.0, 0.0]), resume=pair([0.0, 0.9]), give=1.0, end_value=0.0,
        forced_end=pair([0.2, 0.0]), end_loss=30.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return scan(SPEC, two_conventions(), count=8, seed=0, search=Search(tolerance=1e-9, most=500))


def test_scan_finds_at_least_two_equilibria(found):
    assert len(found.solutions) >= 2
    assert len(found.counts) == len(found.solutions)
    assert sum(found.counts) == sum(start.converged for start in found.starts)
    for i, one in enumerate(found.solutions):
        assert one.residual <= 1e-9
        for other in found.solutions[:i]:
            assert np.max(np.abs(one.play.conduct - other.play.conduct)) > 1e-3


def test_each_equilibrium_is_a_fixed_point_of_the_slow_solver(found):
    game = SlowGame(SPEC, two_conventions())
    law = game.p.signal_law
    rho = {(b, s): np.log(law[1] / law[0]) for b in range(9) for s in game.states}
    for solution in found.solutions[:4]:
        values = {s: solution.unknowns.values[0][:, :, j] for j, s in enumerate(game.states)}
        tables = solution.unknowns.log_ratio[0]
        spread = range(len(SPEC.signals))
        ratio = {
            (b, y, s): tables[b, y if tables.shape[1] > 1 else 0, :, :, j].ravel()
            for b in range(9) for y in spread for j, s in enumerate(game.states)
        }  # fmt: skip
        new_values, new_ratio, _, _ = game.reply(1, values, ratio, rho, {0: None})
        gap = max(np.max(np.abs(new_values[s] - values[s])) for s in values)
        apart = max(np.max(np.abs(new_ratio[q] - ratio[q])) for q in ratio)
        assert max(gap, apart) < 1e-7


def test_the_mirror_image_of_a_convention_is_one_too(found):
    """Swapping the names of the offers maps the set of equilibria into itself."""
    parted = [
        s
        for s in found.solutions
        if np.max(np.abs(s.play.conduct[..., 0, :] - s.play.conduct[..., 1, :])) > 0.1
    ]
    assert parted
    one = parted[0]
    start = one.unknowns._replace(log_ratio=one.unknowns.log_ratio[..., ::-1, :])
    from dataclasses import replace

    mirror = solve(SPEC, two_conventions(), start=replace(one, unknowns=start), judge_grid=False)
    assert np.max(np.abs(mirror.play.conduct[..., ::-1, :] - one.play.conduct)) < 1e-6


def test_no_convergence_is_an_error_with_the_partial_result():
    with pytest.raises(NotConvergedError) as caught:
        solve(SPEC, two_conventions(), search=Search(most=2))
    partial = caught.value.partial
    assert partial.residual > partial.tolerance
    assert not any(start.converged for start in partial.starts)
    assert len(partial.starts) == 4
