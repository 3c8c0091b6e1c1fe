"""Two models of the same rows: Vuong's and Clarke's tests, each with the conditions under which it says something.

With d_n the difference of the rows' log-likelihoods, k the counts of coefficients and c a correction for size (0, k_1 - k_2
for AIC, (k_1 - k_2) log(N) / 2 for BIC):

    Vuong (1989)   z = (sum d_n - c) / (sqrt N w), w^2 the variance of d_n; standard normal if the models are equally near
    Clarke (2007)  count of d_n > c / N; binomial(N', 1/2) over the N' rows in which d_n differs from c / N

Vuong's z means nothing where the two models cannot be told apart at all: first N w^2 is tested against its law there, a
sum of squared normals weighted by the squared eigenvalues of his matrix W.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, norm

from standoff.errors import SettingsError
from standoff.games.estimation.fit import Fit, Gate, plain
from standoff.games.estimation.maximise import hessian, scores

Correction = Literal["none", "aic", "bic"]
POINTS = 32  # at which a Laplace transform is summed: 2.85^-32 is rounding
NEGLIGIBLE = 1e-8  # eigenvalues so small, relative to the largest, are rounding


@dataclass(frozen=True)
class Comparison:
    """Both tests of ``first`` against ``second``; positive z and many rows favour the first.

    ``variance`` is w^2, ``variance_p`` the chance of so much variance if the models could not be told apart.
    """

    first: str
    second: str
    correction: Correction
    difference: float
    rows: int
    variance: float
    variance_p: float
    vuong_z: float
    vuong_p: float
    clarke_rows: int
    clarke_of: int
    clarke_p: float
    gates: tuple[Gate, ...]

    @property
    def passed(self) -> bool:
        return all(gate.passed for gate in self.gates)

    @property
    def sentence(self) -> str:
        failed = [gate.name for gate in self.gates if not gate.passed]
        end = "; NOT to be relied on, failed: " + ", ".join(failed) if failed else ""
        return (
            f"{self.first} against {self.second} on {self.rows} rows ({self.correction} correction): Vuong z = {self.vuong_z:.3f} "
            f"(p = {self.vuong_p:.3g}); Clarke {self.clarke_rows} of {self.clarke_of} rows for the first (p = {self.clarke_p:.3g}){end}."
        )

    def to_dict(self) -> dict[str, Any]:
        names = ("first", "second", "correction", "difference", "rows", "variance", "variance_p", "vuong_z", "vuong_p",
                 "clarke_rows", "clarke_of", "clarke_p")  # fmt: skip
        held = {name: plain(getattr(self, name)) for name in names}
        return {
            **held,
            "gates": [gate._asdict() for gate in self.gates],
            "passed": self.passed,
            "sentence": self.sentence,
        }


def compare(first: Fit, second: Fit, *, correction: Correction = "bic", level: float = 0.05) -> Comparison:
    """Compare two fits of the same rows and outcomes; SettingsError where they are not of the same."""
    _same_rows(first, second)
    rows, one, two = first.rows, len(first.names), len(second.names)
    d = first.contributions - second.contributions
    size = {"none": 0.0, "aic": float(one - two), "bic": (one - two) * np.log(rows) / 2}[correction]
    variance = float(d.var())
    variance_p = _variance_p(first, second, rows * variance)
    z = (float(d.sum()) - size) / np.sqrt(rows * variance) if variance > 0 else np.nan
    apart = d - size / rows
    more, of = int((apart > 0).sum()), int((apart != 0).sum())
    gates = (
        Gate("fits", first.passed and second.passed, "both fits meet their gates" if first.passed and second.passed else "a fit does not meet its gates"),
        Gate("can be told apart", bool(variance_p < level), f"variance of the differences {variance:.3g}, p = {variance_p:.3g}, below {level:g}"),
        Gate("not nested", not (_nested(first, second) or _nested(second, first)), "neither model's regressors contain the other's"
             if not (_nested(first, second) or _nested(second, first)) else "one model contains the other: use the likelihood ratio"),
    )  # fmt: skip
    return Comparison(
        _called(first, second)[0], _called(first, second)[1], correction, float(d.sum()), rows, variance, variance_p, float(z),
        float(2 * norm.sf(abs(z))), more, of, float(binomtest(more, of).pvalue) if of else np.nan, gates,
    )  # fmt: skip


def _called(first: Fit, second: Fit) -> tuple[str, str]:
    one, two = f"{first.game} ({first.estimator})", f"{second.game} ({second.estimator})"
    return (f"first {one}", f"second {two}") if one == two else (one, two)


def _same_rows(first: Fit, second: Fit) -> None:
    a, b = first.model, second.model
    if (a is None or b is None) and not (first.penalty or second.penalty):
        raise SettingsError("these fits cannot be compared", "the tests are of maximised likelihoods, and a pseudo-likelihood is none", "fit both by an estimator of the full likelihood")  # fmt: skip
    if a is None or b is None or first.penalty or second.penalty:
        raise SettingsError("these fits cannot be compared", "the tests are of maximised likelihoods, without a penalty", "fit both without --penalty")  # fmt: skip
    if first.rows != second.rows or a.lines != b.lines or a.table != b.table:
        told = (
            f"one has {first.rows} rows, the other {second.rows}"
            if first.rows != second.rows
            else "their rows differ"
        )
        raise SettingsError(f"the two fits are not of the same rows: {told}", "their log-likelihoods would be of different data", "fit both on the rows that are complete for both")  # fmt: skip
    ours, theirs = jax.tree.leaves(a.data.response), jax.tree.leaves(b.data.response)
    if len(ours) != len(theirs) or not all(np.array_equal(x, y) for x, y in zip(ours, theirs, strict=True)):
        raise SettingsError("the two fits are not of the same outcomes", "their log-likelihoods would be of different things", "give both the same --outcome")  # fmt: skip


def _nested(outer: Fit, inner: Fit) -> bool:
    """Whether the same estimator's regressors contain all of the other's, equation by equation."""
    return (
        outer.game == inner.game
        and outer.estimator == inner.estimator
        and set(inner.names) <= set(outer.names)
    )


def _variance_p(first: Fit, second: Fit, statistic: float) -> float:
    """The chance that the weighted sum of squared normals exceeds N w^2."""
    a, b = _information(first), _information(second)
    one, two = a.shape[1], b.shape[1]
    bent = [
        np.asarray(hessian(f.model.contributions, None, jnp.asarray(f.estimate), f.model.data))
        for f in (first, second)
        if f.model
    ]
    try:
        inner = [np.linalg.inv(h) for h in bent]
    except np.linalg.LinAlgError:
        return float("nan")
    block = np.zeros((one + two, one + two))
    block[:one, :one], block[:one, one:] = -(a.T @ a) @ inner[0], -(a.T @ b) @ inner[1]
    block[one:, :one], block[one:, one:] = (b.T @ a) @ inner[0], (b.T @ b) @ inner[1]
    weights = np.linalg.eigvals(block).real ** 2
    return weighted_chi_square(statistic, weights[weights > NEGLIGIBLE * weights.max()])


def _information(fit: Fit) -> NDArray[np.float64]:
    assert fit.model is not None
    return np.asarray(scores(fit.model.contributions, jnp.asarray(fit.estimate), fit.model.data))


def weighted_chi_square(statistic: float, weights: NDArray[np.float64]) -> float:
    """P(sum w_i Z_i^2 > statistic) for independent standard normals Z_i and weights (M,) > 0; absolute error 1e-12.

    The distribution function has the Laplace transform prod (1 + 2 w_i p)^(-1/2) / p, singular on the negative axis
    alone, so that it is inverted by a sum over points of a parabola around that axis; the sum's error falls by 2.85 a point,
    whatever the weights. Source: [trefethen_weideman_schmelzer_2006].
    """
    if not statistic > 0:
        return 1.0
    turn = np.arange(1 - POINTS, POINTS, 2) * (np.pi / POINTS)
    parabola = POINTS * (0.1309 - 0.1194 * turn**2 + 0.25j * turn)
    slope = POINTS * (-0.2388 * turn + 0.25j)
    damped = np.prod((1 + 2 * weights[:, None] / statistic * parabola) ** -0.5, axis=0)
    below = (np.exp(parabola) * damped / parabola * slope).sum() / (1j * POINTS)
    return float(np.clip(1.0 - below.real, 0.0, 1.0))
