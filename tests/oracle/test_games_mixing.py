"""R-hat and effective sizes of the published games' posteriors, against ArviZ's."""

import numpy as np
import pytest

from standoff.games.estimation.mixing import mixing

array_stats = pytest.importorskip("arviz_stats.base.array").array_stats


def chains(persistence, drift, seed=0, count=4, length=600):
    """Autoregressive chains (count, length), one of them moved by ``drift``."""
    random = np.random.default_rng(seed)
    held = random.normal(size=(count, length))
    for t in range(1, length):
        held[:, t] += persistence * held[:, t - 1]
    held[0] += drift
    return held


@pytest.mark.parametrize(
    ("persistence", "drift"), [(0.0, 0.0), (0.6, 0.0), (0.95, 0.0), (-0.4, 0.0), (0.3, 1.0)]
)
def test_mixing_is_that_of_arviz(persistence, drift):
    draws = np.stack([chains(persistence, drift), np.exp(chains(persistence, drift, seed=1))], axis=2)
    told = mixing(draws)
    for k in range(2):
        one = draws[:, :, k]
        assert told.r_hat[k] == pytest.approx(array_stats.rhat(one), rel=1e-10)
        assert told.bulk[k] == pytest.approx(array_stats.ess(one, method="bulk"), rel=0.02)
        assert told.tail[k] == pytest.approx(array_stats.ess(one, method="tail", prob=(0.05, 0.95)), rel=0.02)


def test_what_never_moved_has_no_r_hat():
    draws = np.stack([np.ones((2, 50)), chains(0.0, 0.0, count=2, length=50)], axis=2)
    told = mixing(draws)
    assert np.isnan(told.r_hat[0]) and np.isnan(told.bulk[0])
    assert np.isfinite(told.r_hat[1])
