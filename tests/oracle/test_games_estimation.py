"""The statistics of the estimable games against a second method: SciPy, statsmodels, refits, simulation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, special, stats

from standoff.games.estimation.bootstrap import draw_weights
from standoff.games.estimation.comparison import compare, weighted_chi_square
from standoff.games.estimation.indices import derivatives_of
from standoff.games.estimation.model import general_derivatives
from standoff.games.estimation.normal import log_normal_cdf
from standoff.games.estimation.profile import profile
from standoff.games.estimation.separation import separating
from standoff.games.estimation.table import table_of
from standoff.games.precision import use_float64
from standoff.games.strategic.fitting import fit_tree
from standoff.games.strategic.trees import row_of
from standoff.games.strategic.ultimatum import fit_ultimatum, simulate_ultimatum
from tests.games.strategic import FORMULAS, NAMES, designs_of, simulated

use_float64()


@pytest.fixture(scope="module")
def data():
    table, ends = simulated()
    held = {name: np.array([float(c) for c in table.cells[name]]) for name in "xzw"}
    return table, ends, designs_of(held)


@pytest.fixture(scope="module")
def fitted(data):
    return fit_tree("egame12", data[0], FORMULAS, "first + second", starts=1, bootstraps=100, seed=5)


def slow_log_likelihood(theta, made, ends, private):
    """The same likelihood by SciPy, written from the equations, row by row."""
    u11, u14, u24 = made[0] @ theta[:2], made[2] @ theta[2:4], made[3] @ theta[4:]
    p4 = stats.norm.cdf(u24 / np.sqrt(2))
    spread = np.sqrt(1 + p4**2 + (1 - p4) ** 2) if private else np.sqrt(2)
    right = stats.norm.cdf((p4 * u14 - u11) / spread)
    chances = np.stack([1 - right, right * (1 - p4), right * p4], axis=1)
    return np.log(chances[np.arange(len(ends)), ends]).sum()


@pytest.mark.parametrize("private", [False, True])
def test_maximum_is_scipys(data, private):
    table, ends, made = data
    fit = fit_tree(
        "egame12", table, FORMULAS, "first + second", chance="private" if private else "agent", starts=0
    )
    other = optimize.minimize(
        lambda t: -slow_log_likelihood(t, made, ends, private),
        np.zeros(6),
        method="BFGS",
        options={"gtol": 1e-7},
    )
    assert fit.names == NAMES
    assert fit.log_likelihood == pytest.approx(-other.fun, abs=1e-7)
    assert np.allclose(fit.estimate, other.x, atol=2e-4)


def test_hessian_errors_are_scipys(data, fitted):
    _, ends, made = data
    step = 1e-4
    axes = np.eye(6) * step
    at = fitted.estimate

    def f(t):
        return slow_log_likelihood(t, made, ends, False)

    bent = np.array(
        [
            [(f(at + a + b) - f(at + a - b) - f(at - a + b) + f(at - a - b)) / (4 * step**2) for b in axes]
            for a in axes
        ]
    )
    assert np.allclose(np.linalg.inv(-bent), fitted.errors["hessian"], rtol=1e-3, atol=1e-6)


def test_cluster_errors_are_those_of_statsmodels():
    """A game in which only player 2 has regressors is a probit of its moves, up to the scale of its errors."""
    random = np.random.default_rng(3)
    n = 300
    x = random.normal(size=n)
    second = (0.3 + 0.7 * x + random.normal(size=n) > 0).astype(int)
    first = (random.random(n) < 0.6).astype(int)
    group = np.arange(n) // 6
    table = table_of({"x": x, "first": first, "second": second * first, "group": group})
    fit = fit_tree(
        "egame12",
        table,
        {"u11": "1", "u13": "0", "u14": "0", "u24": "x"},
        "first + second",
        cluster="group",
        starts=0,
    )
    reached = first == 1
    other = sm.Probit(second[reached], sm.add_constant(x[reached])).fit(
        disp=0, cov_type="cluster", cov_kwds={"groups": group[reached], "use_correction": False}
    )
    groups = len(np.unique(group))
    assert np.allclose(fit.estimate[1:] / np.sqrt(2), other.params, atol=1e-5)
    ours = fit.errors["cluster"][1:, 1:] / 2 * (groups - 1) / groups
    assert np.allclose(ours, other.cov_params(), rtol=1e-3)


@pytest.mark.parametrize(
    ("game", "count", "ends"), [("egame12", 4, 3), ("egame122", 6, 4), ("egame123", 8, 4)]
)
@pytest.mark.parametrize(("link", "chance"), [("probit", "agent"), ("logit", "agent"), ("probit", "private")])
def test_quick_derivatives_are_the_general_ones(game, count, ends, link, chance):
    random = np.random.default_rng(7)
    row = row_of(game, link, chance)
    u, counts = jnp.asarray(random.normal(size=count)), jnp.asarray(random.integers(0, 3, ends).astype(float))
    step, axes = 1e-5, np.eye(count)
    slope = np.array([(row(u + step * a, counts) - row(u - step * a, counts)) / (2 * step) for a in axes])
    assert np.allclose(jax.grad(row)(u, counts), slope, atol=1e-8)


def test_carried_hessian_is_the_direct_one(fitted):
    model, weights = fitted.model, jnp.asarray(draw_weights(fitted.rows, 1, 2)[0])
    quick = derivatives_of(row_of("egame12", "probit", "agent"))(
        jnp.asarray(fitted.estimate), model.data, weights
    )
    slow = general_derivatives(model.contributions)(jnp.asarray(fitted.estimate), model.data, weights)
    for one, other in zip(quick, slow, strict=True):
        assert np.allclose(one, other, atol=1e-9)


def test_a_resample_is_a_refit_of_its_rows(data, fitted):
    table, _, _ = data
    weights = draw_weights(fitted.rows, 100, 5)
    assert fitted.resampled.converged[7]
    drawn = table.take(np.repeat(np.arange(fitted.rows), weights[7].astype(int)))
    again = fit_tree("egame12", drawn, FORMULAS, "first + second", starts=0)
    assert np.allclose(fitted.resampled.estimates[7], again.estimate, atol=1e-4)


def test_bootstrap_errors_are_near_those_of_the_hessian(fitted):
    ratio = fitted.standard_errors("bootstrap") / fitted.standard_errors("hessian")
    assert (np.abs(np.log(ratio)) < 0.4).all()  # 100 resamples: a tenth or so each way
    assert [g.passed for g in fitted.gates if g.name == "resamples"] == [True]


def test_profile_is_scipys(data, fitted):
    _, ends, made = data
    found = profile(fitted, "u24:w")
    assert found.passed
    for end in (found.low, found.high):
        other = optimize.minimize(
            lambda t, end=end: -slow_log_likelihood(np.append(t, end), made, ends, False),
            fitted.estimate[:5],
            method="BFGS",
        )
        assert 2 * (fitted.log_likelihood + other.fun) == pytest.approx(stats.chi2.ppf(0.95, 1), abs=0.02)


def test_log_normal_cdf_in_both_tails():
    x = np.concatenate([np.linspace(-200, -30, 200), np.linspace(-30, 8, 400)])
    assert np.allclose(log_normal_cdf(jnp.asarray(x)), special.log_ndtr(x), rtol=1e-9, atol=1e-15)
    ratio = np.exp(-0.5 * x * x - 0.5 * np.log(2 * np.pi) - special.log_ndtr(x))
    assert np.allclose(jax.vmap(jax.grad(log_normal_cdf))(jnp.asarray(x)), ratio, rtol=1e-7)
    second = jax.vmap(jax.grad(jax.grad(log_normal_cdf)))(jnp.asarray(x))
    assert np.allclose(second, -ratio * (x + ratio), rtol=1e-5, atol=1e-6)


def test_weighted_chi_square():
    for size in (1, 3, 8):
        for x in (0.5, 4.0, 12.0):
            assert weighted_chi_square(2 * x, np.full(size, 2.0)) == pytest.approx(
                stats.chi2.sf(x, size), abs=1e-11
            )
    pair = np.array(
        [3.0, 3.0, 0.4, 0.4]
    )  # pairs of equal weights are exponentials: the sum is in closed form
    for x in (0.1, 5.0, 40.0):
        exact = (3.0 * np.exp(-x / 6.0) - 0.4 * np.exp(-x / 0.8)) / 2.6
        assert weighted_chi_square(x, pair) == pytest.approx(exact, abs=1e-11)
    tiny = np.append(pair, 1e-9 * np.ones(20))  # what hardly weighs is no difficulty
    assert weighted_chi_square(5.0, tiny) == pytest.approx(weighted_chi_square(5.0, pair), abs=1e-7)
    assert weighted_chi_square(0.0, pair) == 1.0
    weights = np.array([3.0, 1.0, 0.2, 0.01])
    draws = np.random.default_rng(1).normal(size=(200_000, 4)) ** 2 @ weights
    for x in (1.0, 5.0, 15.0):
        assert weighted_chi_square(x, weights) == pytest.approx((draws > x).mean(), abs=5e-3)


def test_vuong_and_clarke_by_hand(data, fitted):
    rival = fit_tree(
        "egame12", data[0], {"u11": "z", "u13": "0", "u14": "x", "u24": "w"}, "first + second", starts=1
    )
    plain = fit_tree("egame12", data[0], FORMULAS, "first + second", starts=1)
    for correction, size in (("none", 0.0), ("bic", 0.0)):  # as many coefficients in both
        found = compare(plain, rival, correction=correction)
        d = plain.contributions - rival.contributions
        assert found.vuong_z == pytest.approx((d.sum() - size) / (np.sqrt(len(d)) * d.std()))
        assert found.clarke_rows == (d > 0).sum()
        assert found.clarke_p == pytest.approx(stats.binomtest(int((d > 0).sum()), len(d)).pvalue)
    assert found.passed and found.vuong_z > 2
    assert not compare(plain, plain).passed


def test_separation_names_the_column_and_only_it():
    random = np.random.default_rng(2)
    x, z = random.normal(size=60), random.normal(size=60)
    right = (x > 0.1).astype(float)
    held = np.stack([np.ones(60), x, z], axis=1)
    assert "x" in separating(held, 1 - right, right, ("1", "x", "z"))
    assert separating(held[:, [0, 2]], 1 - right, right, ("1", "z")) == []
    mixed = (x + random.normal(size=60) > 0).astype(float)
    assert separating(held, 1 - mixed, mixed, ("1", "x", "z")) == []
    quasi = np.stack([np.ones(60), (x > 0.8).astype(float)], axis=1)
    moves = np.where(x > 0.8, 1.0, (random.random(60) < 0.5).astype(float))
    assert "d" in separating(quasi, 1 - moves, moves, ("1", "d"))


@pytest.mark.parametrize("penalty", ["jeffreys", "log-f"])
def test_penalty_keeps_a_separated_fit_finite(penalty):
    table, _ = simulated(rows=120)
    second = [
        c if f == "1" else "0" for c, f in zip(table.cells["second"], table.cells["first"], strict=True)
    ]
    table = table_of(
        {
            **{k: list(map(float, table.cells[k])) for k in ("x", "z", "first")},
            "w": [2 * float(s) - 1 + 0.1 * float(x) for s, x in zip(second, table.cells["x"], strict=True)],
            "second": list(map(int, second)),
        }
    )
    fit = fit_tree("egame12", table, FORMULAS, "first + second", penalty=penalty, starts=1)
    assert fit.optima[0].converged
    assert np.isfinite(fit.standard_errors()).all()


def test_ultimatum_recovers_what_made_it():
    random = np.random.default_rng(4)
    n = 1500
    x, z = random.normal(size=n), random.normal(size=n)
    offer, accept = simulate_ultimatum(3 + 1.2 * x, 2 + 0.8 * z, 1.5, 1.0, 10.0, 9)
    fit = fit_ultimatum(
        table_of({"offer": offer, "accept": accept, "x": x, "z": z}),
        {"R1": "x", "R2": "z"},
        "offer + accept",
        high=10,
        starts=0,
    )
    truth = np.array([3, 1.2, 2, 0.8, np.log(1.5), 0.0])
    assert (np.abs(fit.estimate - truth) < 3.5 * fit.standard_errors()).all()
    assert (fit.standard_errors() < 0.25).all()
    shares = fit.predict(table_of({"x": x[:200], "z": z[:200]}), draws=50)
    assert shares.names[1] == "chance of acceptance"
    assert shares.values[:, 1].mean() == pytest.approx(accept.mean(), abs=0.05)
    assert shares.values[:, 0].mean() == pytest.approx(offer.mean(), abs=0.4)
    assert ((shares.low <= shares.values + 1e-9) & (shares.values <= shares.high + 1e-9)).mean() > 0.97
