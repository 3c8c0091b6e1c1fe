"""The crisis signalling game by second methods: quadrature, a plain scan with Brent's method, the bordered Hessian."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad, simpson
from scipy.optimize import approx_fprime, brentq, minimize
from scipy.special import log_ndtr, ndtr
from scipy.stats import multivariate_normal, norm

from standoff.games.precision import use_float64
from standoff.games.signalling.equations import Payoffs, payoffs_of
from standoff.games.signalling.equilibria import all_equilibria
from standoff.games.signalling.full import constrained
from standoff.games.signalling.likelihood import along_branch, local, values_and_gaps
from standoff.games.signalling.normal import log_cdf, log_cdf2
from standoff.games.signalling.pseudo import Beliefs, game_values, nested_pseudo, pseudo
from standoff.games.signalling.simulate import simulate
from standoff.games.signalling.spread import full_covariances, nested_covariances
from tests.games.crisis import TRUTH, invented

ROOT_TWO = np.sqrt(2.0)
use_float64()


def by_quadrature(h, k):
    """log Phi2 by adaptive quadrature of the conditional distribution, scaled by its value at the smaller argument."""
    small, large = min(h, k), max(h, k)

    def integrand(y):
        return np.exp(
            -(small**2) / 2 + small * y - y**2 / 2 + small**2 / 2 + log_ndtr(ROOT_TWO * large - small + y)
        )

    width = 1.0 / max(1.0, -small)
    parts = [
        quad(integrand, a * width, b * width, epsabs=0, epsrel=1e-13)[0]
        for a, b in [(0, 2), (2, 6), (6, 15), (15, 45)]
    ]
    return norm.logpdf(small) + np.log(sum(parts))


def test_bivariate_normal_in_bulk_and_tails():
    points = [(0.3, -0.7), (2.0, 2.5), (-3.0, 1.0), (-5.9, 4.0), (-6.1, -6.1), (-6.0, 8.0), (-12.0, -3.0), (1.0, -25.0), (-20.0, -20.0)]  # fmt: skip
    h, k = np.array(points).T
    expected = np.array([by_quadrature(*point) for point in points])
    assert np.asarray(log_cdf2(h, k)) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert np.asarray(log_cdf2(k, h)) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_bivariate_normal_against_scipy():
    law = multivariate_normal([0, 0], [[1, np.sqrt(0.5)], [np.sqrt(0.5), 1]], abseps=1e-12, releps=1e-12)
    points = np.random.default_rng(0).normal(size=(40, 2)) * 1.5
    found = np.exp(np.asarray(log_cdf2(points[:, 0], points[:, 1])))
    assert found == pytest.approx(law.cdf(points), abs=1e-7)


def test_log_of_the_normal():
    x = np.concatenate([np.linspace(-40, 12, 521), [-20.0, np.nextafter(-20.0, 0), -1e4]])
    assert np.asarray(log_cdf(x)) == pytest.approx(log_ndtr(x), rel=2e-14, abs=1e-300)


def plain_gap(payoffs, p):
    """The golden equations as they stand at p_R (points,), with scipy's functions and Simpson's rule."""
    s_a, v_a, c_b, w_a, w_b, a, v_b = payoffs
    c = (s_a - (1 - p) * v_a) / p
    p_c = 1 - ndtr(c - w_a) * ndtr(c - a)
    x = np.linspace(np.maximum(c - w_a, -10.0), 10.0, 4001)
    p_f = simpson(norm.pdf(x) * ndtr(w_a - a + x), x=x, axis=0) / p_c
    return p - ndtr((p_f * w_b + (1 - p_f) * v_b - c_b) / p_f)


def test_equilibria_against_a_plain_scan():
    random = np.random.default_rng(3)
    grid = np.linspace(0.004, 0.996, 150)
    for _ in range(12):
        payoffs = Payoffs(0.0, *random.normal([1.2, 0.0, -1.5, -1.5, -1.2, 0.5], 0.3))
        values = plain_gap(payoffs, grid)
        cuts = np.flatnonzero(values[:-1] * values[1:] < 0)
        roots = [
            brentq(
                lambda p, at=payoffs: float(plain_gap(at, np.array([p]))[0]), grid[i], grid[i + 1], xtol=1e-13
            )
            for i in cuts
        ]
        found = all_equilibria(payoffs).resist
        inside = found[(found > grid[0]) & (found < grid[-1])]
        assert inside == pytest.approx(roots, abs=1e-8)


def test_many_games_are_solved_as_one_by_one_and_with_a_grid_ten_times_finer():
    random = np.random.default_rng(5)
    games = payoffs_of(random.normal([0, 1, 0, -1.8, -2.6, -1.2, 0.8], 0.5, (300, 7)).T)
    found = all_equilibria(games)
    assert found.residual.max() < 1e-12
    q = np.linspace(-6.0, 6.0, 10_240)
    for game in [*np.flatnonzero(found.counts > 1)[:12].tolist(), 0, 1]:
        payoffs = np.tile(np.array([column[game] for column in games])[:, None], len(q))
        gaps = np.asarray(values_and_gaps(np.concatenate([payoffs, q[None]]), np.zeros((4, len(q))))[1])
        crossings = int(np.sum((gaps[:-1] < 0) != (gaps[1:] < 0)))
        index = found.index[found.game == game]
        assert crossings == int(np.sum(np.abs(index) < 6.0))


@pytest.fixture(scope="module")
def estimated():
    data = simulate(invented(games=200), TRUTH, plays=100, seed=1)
    peak = constrained(data, TRUTH)
    return data, peak


def test_scores_and_hessian_against_differences(estimated):
    data, peak = estimated
    point = peak.point + 0.05
    here = along_branch(data, point, peak.index)

    def value(at):
        return along_branch(data, at, peak.index).value

    slopes = np.array([
        (value(point + h) - value(point - h)) / 2e-5 for h in 1e-5 * np.eye(len(point))
    ])  # fmt: skip
    assert here.gradient == pytest.approx(slopes, rel=1e-5, abs=1e-3)
    bent = approx_fprime(point, lambda at: along_branch(data, at, peak.index).gradient, 1e-6)
    assert here.hessian == pytest.approx(bent, rel=1e-4, abs=1e-3 * np.abs(bent).max())


def test_errors_by_the_whole_bordered_hessian(estimated):
    """The block of the inverse of [[H, J'], [J, 0]], built by differences of first derivatives in all unknowns."""
    data, peak = estimated
    small = data.drawn(np.arange(25))
    index, width = peak.index[:25], len(peak.point)
    here = local(small, peak.point, index)

    def both(x):
        payoffs = small.loadings @ x[:width] + small.offsets
        values, gaps = values_and_gaps(np.concatenate([payoffs, x[None, width:]]), small.counts)
        return np.asarray(values).sum() + here.multipliers @ np.asarray(gaps), np.asarray(gaps)

    at = np.concatenate([peak.point, index])
    size, step = len(at), 1e-4
    moves = step * np.eye(size)
    hessian = np.array([
        [(both(at + a + b)[0] - both(at + a - b)[0] - both(at - a + b)[0] + both(at - a - b)[0]) / (4 * step**2) for b in moves]
        for a in moves
    ])  # fmt: skip
    jacobian = np.array([(both(at + a)[1] - both(at - a)[1]) / (2 * step) for a in moves]).T
    whole = np.block([[-hessian, jacobian.T], [jacobian, np.zeros((25, 25))]])
    block = np.linalg.inv(whole)[:width, :width]
    assert full_covariances(small, peak.point, index)["hessian"] == pytest.approx(block, rel=2e-3, abs=1e-4)


def test_nested_errors_move_with_the_fixed_point(estimated):
    """The Jacobian of the nested scores, by differences of the fixed point itself, gives the same sandwich."""
    data, _ = estimated
    start = Beliefs(np.full(data.games, 0.5), np.full(data.games, 0.5))
    run = nested_pseudo(data, start)
    found = all_equilibria(data.payoffs(run.climb.point))
    assert np.all(found.counts == 1)

    def scores(point):
        roots = all_equilibria(data.payoffs(point))
        believed = Beliefs(roots.resist, roots.firm)
        return nested_scores(data, point, believed)

    point = run.climb.point
    jacobian = np.array(
        [(scores(point + h) - scores(point - h)).sum(axis=0) / 2e-5 for h in 1e-5 * np.eye(len(point))]
    ).T
    bread, own = np.linalg.inv(jacobian), scores(point)
    assert nested_covariances(data, point, run.beliefs)["sandwich"] == pytest.approx(
        bread @ own.T @ own @ bread.T, rel=1e-3, abs=1e-7
    )


def nested_scores(data, point, believed):
    """Scores (games, k) of the pseudo-likelihood by central differences of each game's value."""
    moves = 1e-5 * np.eye(len(point))
    return np.array(
        [
            (game_values(data, point + h, believed) - game_values(data, point - h, believed)) / 2e-5
            for h in moves
        ]
    ).T


def test_pseudo_likelihood_ascent_against_scipy(estimated):
    data, _ = estimated
    beliefs = Beliefs(np.full(data.games, 0.6), np.full(data.games, 0.4))
    best = pseudo(data, beliefs)
    other = minimize(
        lambda x: -game_values(data, x, beliefs).sum(),
        best.point + 0.1,
        method="BFGS",
        options={"gtol": 1e-2},
    )
    assert -other.fun == pytest.approx(best.slope.value, abs=1e-4)
    assert -other.fun <= best.slope.value + 1e-8
