"""Laws of logit equilibria of small games, and two-by-two games solved by a scan of one equation instead of a curve."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit

from standoff.games.textbook.logit_path import at_precision
from standoff.games.textbook.logit_tree import strategic

payoff = st.floats(-2.0, 2.0).map(lambda x: round(x, 3))
square = st.tuples(payoff, payoff, payoff, payoff).map(lambda x: np.array(x).reshape(2, 2))
gain = st.floats(0.2, 2.0)
precision = st.floats(0.1, 4.0)


def chances(row, column, at):
    """Chances of row 1 and of column 1 on the curve from equal chances."""
    found = at_precision(strategic([row, column]), at).chances
    return np.array([found[0], found[len(row)]])


def roots_by_scan(row, column, at):
    """Every chance of row 1 that is its own reply to the column's reply, by signs on a fine grid."""

    def gap(p):
        q = expit(at * (p * (column[0, 0] - column[0, 1]) + (1 - p) * (column[1, 0] - column[1, 1])))
        return p - expit(at * (q * (row[0, 0] - row[1, 0]) + (1 - q) * (row[0, 1] - row[1, 1])))

    grid = np.linspace(0.0, 1.0, 2001)
    values = np.array([gap(p) for p in grid])
    ends = np.flatnonzero(values[:-1] * values[1:] <= 0)
    return [brentq(gap, grid[k], grid[k + 1], xtol=1e-14) for k in ends]


@settings(max_examples=25, deadline=None)
@given(square, square, precision)
def test_the_curve_arrives_at_a_root_of_the_scan(row, column, at):
    roots = roots_by_scan(row, column, at)
    assert min(abs(chances(row, column, at)[0] - root) for root in roots) < 1e-8


@settings(max_examples=25, deadline=None)
@given(square, square, precision, gain)
def test_only_lambda_times_payoffs_matters_and_a_players_gift_from_the_other_does_not(row, column, at, scale):
    held = chances(row, column, at)
    assert chances(scale * row, scale * column, at / scale) == pytest.approx(held, abs=1e-8)
    gift = np.array(
        [[0.7, -1.1]]
    )  # to the row player, whatever it does, by column; and the like to the column player
    assert chances(row + gift, column + gift.T, at) == pytest.approx(held, abs=1e-8)


@settings(max_examples=25, deadline=None)
@given(square, square, precision)
def test_relabelling_permutes(row, column, at):
    held = chances(row, column, at)
    assert chances(row[::-1], column[::-1], at) == pytest.approx([1 - held[0], held[1]], abs=1e-8)
    assert chances(column.T, row.T, at) == pytest.approx(held[::-1], abs=1e-8)


@settings(max_examples=25, deadline=None)
@given(square, square)
def test_at_lambda_nought_all_is_chance_and_near_it_chances_follow_mean_payoffs(row, column):
    assert chances(row, column, 0.0) == pytest.approx([0.5, 0.5], abs=1e-12)
    small = 1e-3
    better = row[0].mean() - row[1].mean()
    assert chances(row, column, small)[0] - 0.5 == pytest.approx(small * better / 4, abs=small**2 * 10)


@settings(max_examples=25, deadline=None)
@given(gain, gain, gain, gain, precision, st.floats(0.2, 2.0))
def test_a_players_own_gain_in_matching_pennies_draws_it_and_repels_the_other(a, b, c, d, at, more):
    """Nash equilibrium says that a player's own payoffs move the other only; Ochs's subjects, and this, say otherwise."""
    row, column = np.array([[a, 0.0], [0.0, b]]), np.array([[0.0, c], [d, 0.0]])
    before, after = chances(row, column, at), chances(row + np.array([[more, 0.0], [0.0, 0.0]]), column, at)
    assert after[0] > before[0]
    assert after[1] < before[1]


@settings(max_examples=15, deadline=None)
@given(gain, precision, st.floats(0.1, 2.0))
def test_a_dominant_action_is_taken_more_often_the_sharper_the_choice(edge, at, more):
    row = np.array([[edge, edge], [0.0, 0.0]])
    column = np.array([[1.0, 0.0], [0.0, 1.0]])
    less, sharp = chances(row, column, at)[0], chances(row, column, at + more)[0]
    assert less == pytest.approx(expit(at * edge), abs=1e-9)
    assert sharp > less
