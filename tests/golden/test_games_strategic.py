"""Published fits of strategic games: what the R package `games` 1.1.2 reaches, on the data that ship with it."""

import numpy as np
import pytest

from standoff.games.estimation.table import read_table
from standoff.games.strategic.fitting import fit_tree
from standoff.games.strategic.ultimatum import fit_ultimatum
from tests.games.peers import peer

WAR = {"u11": "s_wt_re1 + revis1", "u13": "0", "u14": "regime1", "u24": "balanc + regime2"}
SIMULATED_122 = {
    "u11": "x1 + x2",
    "u12": "x3 + f1",
    "u13": "0",
    "u14": "x4 + x5",
    "u22": "z1 + z2",
    "u24": "z3 + f2",
}
SIMULATED_123 = {
    "u11": "x1 + x2", "u13": "0", "u15": "x3", "u16": "x4 + x5", "u23": "0", "u25": "x6", "u26": "x7", "u36": "x8",
}  # fmt: skip
ATTACKS = {
    "u11": "capcont + lreserves + overval + creditgrow + USinterest + service + contagion + prioratt - 1",
    "u13": "1",
    "u14": "1",
    "u24": "unifgov + lexports + preelec + postelec + rightgov + realinterest + capcont + lreserves",
}


def test_war1800_probit():
    fit = fit_tree("egame12", read_table(peer("games_war1800.csv")), WAR, "esc + war", drop_missing=True)
    assert fit.log_likelihood == pytest.approx(-286.123755, abs=1e-6)
    assert (fit.rows, len(fit.dropped.lines), len(fit.names)) == (282, 31, 10)
    assert fit.passed
    assert fit.contributions.sum() == pytest.approx(fit.log_likelihood, abs=1e-9)


def test_data_122_probit():
    fit = fit_tree(
        "egame122", read_table(peer("games_data_122.csv")), SIMULATED_122, "y = LL, LR, RL, RR", starts=1
    )
    assert fit.log_likelihood == pytest.approx(-1239.233991, abs=1e-6)
    assert fit.passed
    by_moves = fit_tree(
        "egame122", read_table(peer("games_data_122.csv")), SIMULATED_122, "a1 + a2", starts=0
    )
    assert by_moves.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-9)


def test_leblang_private_information():
    words = "outcome = no attack, devaluation, defense"
    fit = fit_tree(
        "egame12", read_table(peer("games_leblang2003.csv")), ATTACKS, words, chance="private", starts=1
    )
    assert fit.log_likelihood == pytest.approx(-482.015485, abs=1e-6)
    assert fit.passed


def test_data_ult():
    formulas = {"R1": "x1 + x2 + x3 + x4 + w1 + w2", "R2": "z1 + z2 + z3 + z4 + w1 + w2"}
    fit = fit_ultimatum(read_table(peer("games_data_ult.csv")), formulas, "offer + accept", high=15, starts=1)
    assert fit.log_likelihood == pytest.approx(-3717.679226, abs=1e-6)
    assert fit.passed


def test_data_123_finds_what_made_it():
    """No published figure: the moves recorded after the end of a play must not matter, and every start must agree."""
    table = read_table(peer("games_data_123.csv"))
    by_end = fit_tree("egame123", table, SIMULATED_123, "y", chance="private", starts=0)
    by_moves = fit_tree("egame123", table, SIMULATED_123, "a1 + a2 + a3", chance="private", starts=0)
    assert np.allclose(by_end.estimate, by_moves.estimate, atol=1e-8)
    assert by_end.log_likelihood == pytest.approx(-559.308847, abs=1e-6)
    assert any("after their game has ended" in note for note in by_moves.notes)
    assert by_end.passed
