"""Stock and peak against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from standoff.errors import SettingsError
from standoff.panel.decay import peak, stock


@pytest.mark.parametrize("half_life", [1, 2.5, 4, 13])
@pytest.mark.parametrize("standing", [stock, peak])
def test_an_impulse_is_worth_half_after_each_half_life(standing, half_life: float) -> None:  # type: ignore[no-untyped-def]
    impulse = np.zeros(60)
    impulse[3] = 8.0
    faded = standing(impulse, half_life)
    weeks = np.arange(57)
    np.testing.assert_allclose(faded[3:], 8.0 * 0.5 ** (weeks / half_life), rtol=1e-12)
    assert (faded[:3] == 0).all()


def test_a_steady_signal_settles_at_its_geometric_sum() -> None:
    steady = stock(np.ones(400), 4.0)
    assert steady[-1] == pytest.approx(1 / (1 - 2**-0.25), rel=1e-12)


def test_a_peak_never_exceeds_the_strongest_act() -> None:
    assert peak(np.array([3.0, 3.0, 5.0, 1.0]), 4.0)[:3].tolist() == [3.0, 3.0, 5.0]


def test_the_input_is_left_alone_and_no_weeks_are_no_weeks() -> None:
    impulses = np.ones(3)
    stock(impulses)
    peak(impulses)
    assert impulses.tolist() == [1, 1, 1]
    assert stock(np.zeros(0)).shape == (0,)


@pytest.mark.parametrize("bad", [0.0, -1.0, float("inf"), float("nan")])
def test_half_lives_that_cannot_be_used(bad: float) -> None:
    with pytest.raises(SettingsError):
        stock(np.ones(3), bad)
