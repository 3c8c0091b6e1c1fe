"""Published numbers of the crisis signalling game: equilibria of the example, log-likelihoods of the sanctions data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from standoff.games.precision import use_float64
from standoff.games.signalling.counterfactual import counterfactual
from standoff.games.signalling.equations import Payoffs
from standoff.games.signalling.equilibria import all_equilibria
from standoff.games.signalling.full import constrained, nested
from standoff.games.signalling.likelihood import select
from standoff.games.signalling.normal import log_cdf2
from standoff.games.signalling.pseudo import Beliefs, nested_pseudo, pseudo
from tests.games.crisis import sanctions

use_float64()
EXAMPLE = Payoffs(0.0, 1.0, 0.0, -1.9, -2.9, -1.2, 1.0)

ROWS = [
    (-2.9, [0.2511046160, 0.5947228295, 0.8133217203], [0.9947895, 0.3798678, 0.2054518],
     [0.3096951, 0.2415628, 0.2087594], [0.11666, 1.26884, 0.71141]),
    (-2.8, [0.2964518243, 0.4724232311, 0.8740314283], [0.9617251, 0.5823847, 0.1793114],
     [0.3062443, 0.2680376, 0.2021976], [0.44753, 1.32544, 0.51169]),
    (-2.7, [0.9078556777], [0.1671387], [0.1988995], [0.39285]),
]  # fmt: skip


@pytest.mark.parametrize(("war_b", "resist", "challenge", "firm", "slope"), ROWS)
def test_example_equilibria(war_b, resist, challenge, firm, slope):
    found = all_equilibria(EXAMPLE._replace(war_b=war_b))
    assert found.resist == pytest.approx(resist, abs=5e-11)
    assert found.challenge == pytest.approx(challenge, abs=5e-8)
    assert found.firm == pytest.approx(firm, abs=5e-8)
    assert found.slope == pytest.approx(slope, abs=6e-6)
    assert found.residual.max() < 1e-12


def test_the_manuals_sweep_has_235_equilibria_and_67_points_with_three():
    x = np.linspace(-1.0, 2.0, 101)
    found = all_equilibria(EXAMPLE._replace(war_b=-2.9 + 0.1 * x))
    assert found.counts.sum() == 235
    assert (found.counts == 3).sum() == 67
    assert (found.counts == 1).sum() == 34


@pytest.mark.parametrize(
    ("fold", "inside", "where"), [(-2.946913, 1e-6, 0.715428), (-2.747044, -1e-6, 0.369843)]
)
def test_folds(fold, inside, where):
    """Three equilibria on one side of the published fold, one on the other, and two of them meet there."""
    found = all_equilibria(EXAMPLE._replace(war_b=np.array([fold - 2 * inside, fold + 2 * inside])))
    assert found.counts.tolist() == [1, 3]
    near = sorted(abs(found.resist[found.game == 1] - where))
    assert near[1] < 3e-3


def test_the_orthant_is_three_eighths():
    assert float(np.exp(log_cdf2(0.0, 0.0))) == pytest.approx(3 / 8, abs=1e-15)


def test_sanctions_pseudo_likelihoods():
    ready = sanctions()
    first = pseudo(ready.design, ready.beliefs)
    assert first.converged
    assert first.slope.value == pytest.approx(-3963.955756, abs=1e-6)  # ours; no published figure
    run = nested_pseudo(ready.design, ready.beliefs, first.point)
    assert run.converged
    assert run.climb.slope.value == pytest.approx(-3932.44738, abs=5e-6)
    assert run.beliefs.resist == pytest.approx(ready.table.numbers("PRnpl"), abs=1e-7)
    assert run.beliefs.firm == pytest.approx(ready.table.numbers("PFnpl"), abs=1e-7)


def test_sanctions_full_likelihood_with_every_equilibrium():
    ready = sanctions()
    start = pseudo(ready.design, ready.beliefs).point
    peak = constrained(ready.design, start, ndtri(ready.beliefs.resist))
    assert peak.converged
    assert peak.value > -3927.910
    assert peak.value == pytest.approx(-3927.909511, abs=2e-6)  # ours, by two methods
    assert select(ready.design, peak.point).value == pytest.approx(peak.value, abs=1e-8)
    again = nested(ready.design, start)
    assert again.value == pytest.approx(peak.value, abs=1e-7)
    assert again.point == pytest.approx(peak.point, abs=1e-3)


def test_sanctions_have_a_second_peak():
    """From the same high belief in all games the ascent ends at a lower peak, where 22 games have several equilibria."""
    ready = sanctions()
    drawn = Beliefs(np.full(418, 0.9), np.full(418, 0.3))
    peak = constrained(ready.design, pseudo(ready.design, drawn).point, ndtri(drawn.resist))
    assert peak.converged
    assert peak.value == pytest.approx(-3952.57149, abs=1e-5)
    assert peak.several == 22


def test_counterfactual_keeps_every_equilibrium():
    found = counterfactual(lambda v: EXAMPLE._replace(war_b=v), [-2.9, -2.7], resist=np.array([0.9]))
    assert found.several.tolist() == [1, 0]
    assert found.unstable.tolist() == [1, 0]
    first = all_equilibria(EXAMPLE)
    assert found.near[0] == pytest.approx(first.outcomes[2])
    assert found.least[0] == pytest.approx(first.outcomes.min(axis=0))
    assert found.most[0] == pytest.approx(first.outcomes.max(axis=0))
    assert found.least[1] == pytest.approx(found.most[1])
