"""The patron's calendar as outside timing: the first stage by a second method, the gates, and simulated truths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit

from standoff.inference.outside_timing import (
    FEWEST,
    STRENGTH,
    FirstStage,
    first_stage,
    outside_timing,
    signal_scale,
    stage_gates,
)
from standoff.inference.twin_data import TwinData, twin_data
from standoff.panel.decay import stock
from standoff.panel.weekly import BOTH, COSTLY, CRITICISM, NONE, SUPPORT
from tests.inference.weeks import WEEKS, data, weekly


def world(seed: int, obeys: float, effect: float, shared: float = 0.0) -> TwinData:
    """A record in which criticism follows the calendar with chance ``obeys``, a unit of its stock hardens the holder by
    ``effect`` logits, and a hidden cause makes criticism likelier and the holder softer by ``shared``."""
    rng = np.random.default_rng(seed)
    calendar = (rng.random(WEEKS) < 0.5).astype(float)
    hidden = rng.normal(size=WEEKS)
    told = np.where(rng.random(WEEKS) < obeys, calendar > 0, hidden > 0)
    softness = shared * stock(hidden) - effect * stock(told.astype(float))
    softness = softness - softness.mean()
    below = expit(np.array([-1.5, 0.0, 1.5])[None, :] + softness[:, None])
    category = (rng.random(WEEKS)[:, None] > below).sum(axis=1)
    plain = weekly()
    stances = replace(plain.holder, category=category, weight=np.ones(WEEKS))
    return twin_data(
        replace(plain, signal=np.where(told, CRITICISM, NONE), calendar=calendar, holder=stances)
    )


def holder(record: TwinData, seed: int = 1):  # type: ignore[no-untyped-def]
    found = outside_timing(record, seed, np.random.default_rng(seed))
    assert [one.side for one in found] == ["holder", "coercer"]
    return found[0]


def test_a_week_of_criticism_is_one_and_support_lies_on_the_other_side() -> None:
    scale, kinds = signal_scale(data()), weekly().signal
    assert set(scale[kinds == CRITICISM]) == {1.0}
    assert set(scale[kinds == NONE]) == {0.0}
    assert all(scale[kinds == SUPPORT] < 0) and all(scale[kinds == COSTLY] > 1)
    assert set(scale[kinds == BOTH]) == {0.0}  # as news, both together say nothing


def test_the_first_stage_agrees_with_statsmodels() -> None:
    stage, d = first_stage(data()), data()
    used = np.flatnonzero(d.at_risk[1:] > 0) + 1
    signal = signal_scale(d)
    design = np.stack(
        [np.ones(len(used)), d.calendar[used], signal[used - 1], d.harm[used - 1], d.stalled[used - 1], d.standing[used]],
        axis=1,
    )  # fmt: skip
    peer = sm.OLS(signal[used], design).fit(cov_type="HC3")
    assert stage.slope == pytest.approx(peer.params[1], rel=1e-8)
    assert stage.error == pytest.approx(peer.bse[1], rel=1e-8)
    assert stage.strength == pytest.approx((peer.params[1] / peer.bse[1]) ** 2, rel=1e-8)
    assert stage.weeks == len(used) and stage.dated == int(d.calendar[used].sum())


@pytest.mark.parametrize(
    ("dated", "strength", "passed"),
    [
        (FEWEST, STRENGTH, (True, True)),
        (FEWEST - 1, 50.0, (False, True)),
        (60 - FEWEST + 1, 50.0, (False, True)),
        (30, STRENGTH - 0.01, (True, False)),
    ],
)
def test_gates(dated: int, strength: float, passed: tuple[bool, bool]) -> None:
    gates = stage_gates(FirstStage(1.0, 0.3, strength, 54, 60, dated))
    assert tuple(gate.passed for gate in gates) == passed


def test_signals_that_do_not_follow_the_calendar_cannot_tell() -> None:
    found = holder(data())
    assert not found.passed
    assert (found.effect, found.higher) == (None, None)
    assert found.reduced is not None and found.reduced_low < found.reduced < found.reduced_high


@pytest.mark.parametrize("dated", [0, 3])
def test_few_dates_cannot_tell_however_closely_they_are_followed(dated: int) -> None:
    plain = world(4, 1.0, 1.0)
    calendar = np.zeros(WEEKS)
    calendar[np.flatnonzero(plain.calendar)[:dated]] = 1.0
    found = holder(plain._replace(calendar=calendar))
    assert not found.passed and found.effect is None
    assert (found.reduced is None) == (dated == 0)


@pytest.mark.parametrize("way", [1, -1])
def test_an_effect_is_found_with_its_sign(way: int) -> None:
    found = holder(world(4, 0.9, way * 1.2))
    assert found.passed
    assert (
        found.effect * way > 0 and (found.higher > 0.95) == (way > 0) and (found.higher < 0.05) == (way < 0)
    )


def test_a_shared_cause_alone_leaves_zero_inside_the_interval() -> None:
    """Signals and stances share a cause and the signals do nothing: the calendar is not taken in by it."""
    found = holder(world(9, 0.6, 0.0, shared=1.5))
    assert found.passed
    assert found.effect_low < 0 < found.effect_high


def test_the_same_seed_gives_the_same_numbers() -> None:
    record = world(4, 0.9, 1.2)
    assert holder(record, 3) == holder(record, 3)
