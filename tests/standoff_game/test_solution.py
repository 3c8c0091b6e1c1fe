"""Evidence on every solution, no second compilation, refusal of what is no game, no JAX before it is needed."""

import subprocess
import sys
from dataclasses import replace

import jax
import numpy as np
import pytest

from standoff.standoff_game.checks import find_mistakes, interpolation_error
from standoff.standoff_game.equilibrium import Search, cold_start, equilibrium
from standoff.standoff_game.errors import GameSpecError
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
from standoff.standoff_game.solution import attempt, solve
from standoff.standoff_game.specification import Specification, reduce_exactly
from standoff.standoff_game.start import Simulation

FULL = Specification()


def test_a_solution_carries_its_evidence():
    solution = solve(FULL, baseline_parameters())
    assert 0 < solution.residual <= solution.tolerance == 1e-7
    assert len(solution.iterations) == 3
    assert [s.name for s in solution.starts] == ["zero"]
    near = solve(FULL, baseline_parameters()._replace(give=3.52), start=solution)
    assert near.starts[0].name == "neighbour"
    assert sum(near.iterations) < sum(solution.iterations)
    far = solve(FULL, baseline_parameters()._replace(give=3.52))
    assert np.max(np.abs(near.play.accept - far.play.accept)) < 1e-5


def test_a_second_call_with_the_same_shapes_does_not_recompile():
    """Counted by JAX itself: every compilation reports its duration."""
    compiled = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda event, _, **more: compiled.append(event) if "backend_compile" in event else None
    )
    spec = replace(FULL, belief_points=13)  # a shape that no other test has compiled
    solution = solve(spec, baseline_parameters())
    solve(spec, baseline_parameters(), start=solution)
    simulate(solution, Simulation(3000, 20, 1))
    assert compiled, "the listener hears the first compilation"
    compiled.clear()
    again = solve(spec, baseline_parameters()._replace(give=3.6, noise_holder=0.7), start=solution)
    solve(spec, baseline_parameters()._replace(end_value=8.0))
    simulate(again, Simulation(3000, 20, 2))
    otherwise = {"give": 4, "noise_holder": np.float32(0.75), "offer_value": [1, 5], "forced_end": (0.008, 0)}
    solve(spec, baseline_parameters()._replace(**otherwise))
    assert compiled == []


BAD = {
    "signal_law": ({"signal_law": np.array([[0.2] * 5, [0.3, 0.2, 0.2, 0.2, 0.2]])}, "sum"),
    "forced_end": ({"forced_end": np.array([-0.1, 0.0])}, "negative"),
    "death_base": ({"death_base": -0.01}, "negative"),
    "discount_holder": ({"discount_holder": 1.0}, "below 1"),
    "discount_coercer": ({"discount_coercer": 1.0}, "below 1"),
    "noise_holder": ({"noise_holder": 0.0}, "positive"),
    "drift": ({"drift": 1.5}, "between 0 and 1"),
    "resume": ({"resume": np.array([0.3, 1.2])}, "between 0 and 1"),
    "offer_value": ({"offer_value": np.array([1.0, 2.0, 3.0])}, "shape"),
    "give": ({"give": np.nan}, "finite"),
    "force_level": ({"force_level": np.array([0.0, 2.0, 1.0])}, "rise"),
    "death_force": ({"death_force": 0.6}, "exceed"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_parameters_are_refused_by_name_and_meaning(name):
    changes, words = BAD[name]
    with pytest.raises(GameSpecError) as caught:
        solve(FULL, baseline_parameters()._replace(**changes))
    mistake = next(m for m in caught.value.mistakes if m.parameter == name)
    assert words in mistake.what
    assert mistake.why


PAIR, WORN = np.array, replace(FULL, credulity_levels=2)
BAD_OPTIONS = {
    "private.law": (FULL, "private", PrivatePressure(PAIR([1.5, -0.5]), PAIR([0, 1]), PAIR([0.3, 0.1]), PAIR([0.5, 0]))),
    "private.level": (FULL, "private", PrivatePressure(PAIR([0.5, 0.5]), PAIR([0.0]), PAIR([0.3, 0.1]), PAIR([0.5, 0]))),
    "private.penalty": (FULL, "private", PrivatePressure(PAIR([0.5, 0.5]), PAIR([0, 1]), PAIR([0.3]), PAIR([0.5, 0]))),
    "private.offer": (FULL, "private", PrivatePressure(PAIR([0.5, 0.5]), PAIR([0, 1]), PAIR([0.3, 0.1]), PAIR([np.nan, 0]))),
    "wear.share": (WORN, "wear", CredulityWear(PAIR([-0.4, 1]), np.zeros(5), 0.1)),
    "wear.contradiction": (WORN, "wear", CredulityWear(PAIR([0.4, 1]), np.full(5, 2.0), 0.1)),
    "wear.mend": (WORN, "wear", CredulityWear(PAIR([0.4, 1]), np.zeros(5), 3.0)),
    "holder_acts.propaganda": (FULL, "holder_acts", HolderActs(PAIR([0, 0.1]), PAIR([0.0]), np.zeros(2), np.zeros(2))),
    "holder_acts.provocation": (FULL, "holder_acts", HolderActs(PAIR([0, 0.1]), np.zeros(2), PAIR([0, -5]), np.zeros(2))),
    "holder_acts.wear": (FULL, "holder_acts", HolderActs(PAIR([0, 0.1]), np.zeros(2), np.zeros(2), PAIR([0, -1]))),
    "patron.harm_cost": (FULL, "patron", Patron(np.zeros((2, 5)), np.nan, 0, 0, 0.5, 1)),
    "patron.discount": (FULL, "patron", Patron(np.zeros((2, 5)), 0, 0, 0, 1.0, 1)),
    "patron_policy.lost": (FULL, "patron_policy", PatronPolicy(np.zeros(5), np.zeros(4), np.zeros(5), np.zeros(5))),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_OPTIONS)
def test_bad_options_are_refused_by_name_and_meaning(name):
    spec, option, numbers = BAD_OPTIONS[name]
    mistakes = find_mistakes(spec, baseline_parameters()._replace(**{option: numbers}))
    assert [m.parameter for m in mistakes] == [name]
    assert mistakes[0].why


def test_a_wrong_shape_hides_no_other_mistake():
    p = baseline_parameters()._replace(
        signal_law=np.ones((2, 4)) / 4,
        force_level=[0, 1],
        discount_holder=1.0,
        forced_end=[-1.0, 0],
        give="lots",
    )
    named = [m.parameter for m in find_mistakes(replace(FULL, silence="hush"), p)]
    assert sorted(named) == [
        "discount_holder", "force_level", "forced_end", "give", "signal_law", "silence",
    ]  # fmt: skip


def test_all_mistakes_are_told_at_once():
    with pytest.raises(GameSpecError) as caught:
        solve(
            replace(FULL, silence="hush"),
            baseline_parameters()._replace(discount_holder=1.0, noise_coercer=-1.0, drift=2.0),
        )
    named = {m.parameter for m in caught.value.mistakes}
    assert {"silence", "discount_holder", "noise_coercer", "drift"} <= named


@pytest.mark.parametrize(("field", "value"), [("offers", ()), ("force", ()), ("signals", ())])
def test_an_empty_menu_is_refused(field, value):
    changes = {field: value} | ({"stages": ()} if field == "offers" else {})
    with pytest.raises(GameSpecError) as caught:
        solve(replace(FULL, **changes), baseline_parameters())
    assert any(m.parameter == field and "empty" in m.what for m in caught.value.mistakes)


def test_a_grid_too_coarse_for_its_signals_is_refused():
    with pytest.raises(GameSpecError) as caught:
        solve(replace(FULL, belief_points=5), baseline_parameters())
    assert caught.value.mistakes[0].parameter == "belief_points"
    assert "interpolation error" in caught.value.mistakes[0].what
    errors = [
        interpolation_error(solve(replace(FULL, belief_points=n), baseline_parameters(), judge_grid=False))
        for n in (5, 15)
    ]
    assert errors[0] > 10 * errors[1]


@pytest.mark.parametrize(
    "code", ["import standoff", "import standoff.cli.game", "import standoff.standoff_game"]
)
def test_importing_loads_no_jax(code):
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print('jax' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("field", "value"), [("belief_span", np.inf), ("belief_span", 800.0), ("grid", 10_000)]
)
def test_a_grid_that_cannot_be_is_refused(field, value):
    spec = (
        replace(FULL, belief_span=value) if field == "belief_span" else replace(FULL, pressure_levels=value)
    )
    assert field in {m.parameter for m in find_mistakes(spec, baseline_parameters())}


def test_what_is_not_a_number_passes_no_gate():
    """A maximum may drop a NaN: the gate must not take what is left for a residual."""
    use_float64()
    p = baseline_parameters()._replace(give=np.nan)
    spec = reduce_exactly(FULL, p)
    found, tried = attempt(spec, p, cold_start(spec, p), Search(), "zero")
    assert not any(start.converged for start in tried)
    assert np.isnan(found.residual).any()
    assert np.all(np.isnan(equilibrium(spec, p, cold_start(spec, p), Search()).unknowns.values))
