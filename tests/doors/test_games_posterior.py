"""`standoff games fit --posterior`: the posterior agrees with the likelihood where data are many, or is refused plainly."""

import json

import pytest
from click.testing import CliRunner

from standoff.cli.group import standoff
from standoff.games.estimation.table import write_table
from tests.games.strategic import FORMULAS, simulated

SPEC = [part for name, text in FORMULAS.items() for part in ("--formula", f"{name}: {text}")]


def run(folder, *args):
    path = folder / "plays.csv"
    write_table(path, simulated(400)[0])
    base = [
        "games",
        "fit",
        "egame12",
        "--data",
        str(path),
        *SPEC,
        "--outcome",
        "first + second",
        "--posterior",
        "--json",
    ]
    return CliRunner().invoke(standoff, [*base, *args])


def test_posterior_is_near_the_likelihood(tmp_path):
    pytest.importorskip("standoff.inference.sampling")
    told = json.loads(run(tmp_path).output)
    held = told["posterior"]
    assert held["passed"], held["gates"]
    assert held["divergences"] == 0
    for one, other in zip(held["coefficients"], told["coefficients"], strict=True):
        assert one["name"] == other["name"]
        assert one["mean"] == pytest.approx(other["estimate"], abs=0.6 * other["error"])
        assert one["deviation"] == pytest.approx(other["error"], rel=0.3)


def test_a_penalised_fit_has_no_posterior(tmp_path):
    done = run(tmp_path, "--penalty", "log-f", "--starts", "0")
    assert done.exit_code == 2
    assert "no posterior of this fit" in done.output
