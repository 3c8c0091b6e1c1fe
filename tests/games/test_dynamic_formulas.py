"""Payoffs of the published dynamic games by formula: the paper's own said again, rivals, and formulas that cannot be."""

import numpy as np
import pytest

from standoff.games.dynamic.bus_engine import bus_engine
from standoff.games.dynamic.solve import solve
from standoff.games.dynamic.stationary import simulate
from standoff.games.estimation.comparison import compare
from standoff.games.estimation.errors import EstimationError
from standoff.games.estimation.table import table_of
from standoff.games.fitting import Request, fit
from tests.games.test_dynamic_services import markets_table

BUSES, MONTHS = 60, 60


@pytest.fixture(scope="module")
def buses():
    found = solve(bus_engine(np.array([0.4, 0.59, 0.01])), [10.0, 2.5])
    play = simulate(found, BUSES, MONTHS, 1)
    columns = {
        "market": np.repeat(np.arange(BUSES), MONTHS), "time": np.tile(np.arange(MONTHS), BUSES),
        "mileage": play.states[:, :-1].ravel(), "replace": play.actions.reshape(-1),
    }  # fmt: skip
    return table_of(columns, "buses.csv")


@pytest.fixture(scope="module")
def markets():
    return table_of(markets_table(), "markets.csv")


def bus(table, **formulas):
    return fit("bus-engine", table, Request(formulas, estimator="nested-fixed-point", starts=0))


def entry(table, **formulas):
    return fit("entry-game", table, Request(formulas, estimator="npl", starts=0))


def test_a_bus_formula_of_mileage_is_the_papers_cost_in_other_units(buses):
    plain, said = bus(buses), bus(buses, cost="mileage - 1")
    assert said.names == ("RC", "cost:mileage")
    assert said.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)
    assert said["cost:mileage"] == pytest.approx(plain["theta"] / 1000, rel=1e-4)
    assert said.formulas == {"cost": "mileage - 1"}


def test_two_forms_of_cost_are_compared(buses):
    told = compare(bus(buses, cost="mileage - 1"), bus(buses, cost="sqrt(mileage) - 1"))
    assert np.isfinite(told.vuong_z) and told.clarke_of > 0
    assert {gate.name: gate.passed for gate in told.gates}["not nested"]


def test_an_entry_formula_is_the_papers_profit_said_again(markets):
    plain, said = entry(markets), entry(markets, profit="size + log1p(rivals) - 1")
    assert said.names == ("FC_1", "profit:size", "profit:log1p(rivals)", "EC", "FC_2")
    assert said.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)
    assert said.estimate * [1, 1, -1, 1, 1] == pytest.approx(plain.estimate, abs=1e-4)
    predicted = [one.predict(markets.take(range(5)), draws=20).values for one in (plain, said)]
    assert predicted[0] == pytest.approx(predicted[1], abs=1e-5)


@pytest.mark.parametrize(
    ("formulas", "told"),
    [
        ({"profit": "size"}, "has a constant"),
        ({"profit": "0"}, "fixed at zero"),
        ({"profit": "sise - 1"}, "no column `sise`"),
        ({"profit": "size + I(2 * size) - 1"}, "sum of multiples"),
        ({"gain": "size - 1"}, "no equation `gain`"),
        ({"profit": "size - - ( - 1"}, "profit"),
    ],
)
def test_formulas_that_cannot_be_are_told(markets, formulas, told):
    with pytest.raises(EstimationError) as error:
        entry(markets, **formulas)
    assert any(told in one.what for one in error.value.mistakes), error.value.mistakes
