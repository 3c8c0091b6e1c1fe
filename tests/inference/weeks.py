"""A small invented weekly record, with every kind of observation in it, for the tests of this room."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from standoff.inference.twin_data import TwinData, twin_data
from standoff.panel.weekly import Stances, WeeklyRecord, endurance_chances

WEEKS = 60


def stances(seed: int, every: int) -> Stances:
    rng = np.random.default_rng(seed)
    category = np.full(WEEKS, -1)
    category[::every] = rng.integers(0, 4, len(category[::every]))
    weight = (category >= 0).astype(float)
    near = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    table = np.where(near == 0, 0.9, np.where(near == 1, 0.05, 0.0))
    confusion = table / table.sum(axis=1, keepdims=True)
    levels = np.array([0.0, 30.0, 60.0, 100.0])
    standing = np.full(WEEKS, np.nan)
    for week in np.flatnonzero(category >= 0):
        standing[week + 1 :] = levels[category[week]]
    return Stances(category, weight, levels, confusion, standing)


@cache
def weekly() -> WeeklyRecord:
    rng = np.random.default_rng(7)
    at_risk = np.ones(WEEKS, dtype=bool)
    at_risk[25:30] = False
    spell = np.where(np.arange(WEEKS) < 25, 0, np.where(at_risk, 1, -1))
    deal = np.zeros(WEEKS)
    deal[24] = 1.0
    force = rng.integers(0, 3, WEEKS)
    force[0] = -1
    aid = rng.normal(size=WEEKS)
    aid[40:] = np.nan
    zero = np.zeros(WEEKS)
    return WeeklyRecord(
        case="invented",
        at_risk=at_risk,
        spell=spell,
        deal=deal,
        forced_end=zero,
        collapse=zero,
        span=np.ones(WEEKS),
        signal=rng.integers(0, 5, WEEKS),
        private=rng.integers(0, 2, WEEKS).astype(float),
        force=force,
        block=rng.integers(0, 2, WEEKS).astype(float),
        stalled=rng.integers(0, 2, WEEKS).astype(float),
        calendar=rng.integers(0, 2, WEEKS).astype(float),
        shock=rng.exponential(size=WEEKS),
        outside=rng.normal(size=WEEKS),
        harm=rng.normal(size=WEEKS),
        aid=aid,
        holder=stances(1, 3),
        coercer=stances(2, 5),
        terms=np.where(np.arange(WEEKS) < 10, np.nan, 30.0),
        deaths=zero,
        death_windows=((12, 12), (33, 35)),
        endurance=endurance_chances(force, np.full(WEEKS, np.nan)),
        pressure=rng.integers(0, 4, WEEKS),
        groups=np.full(WEEKS, 3),
        time=np.arange(WEEKS) / 52.0,
        generous_from=60.0,
    )


@cache
def data() -> TwinData:
    return twin_data(weekly())


def probed(side: int = 0) -> TwinData:
    """The same with a probe on one side: a pulse that fades."""
    probe = np.zeros((WEEKS, 2))
    probe[5::9, side] = 1.0
    return data()._replace(probe=probe)


def without_outcomes() -> TwinData:
    """Nothing recorded but the calendar: every posterior is then its prior."""
    empty = replace(
        weekly(),
        holder=replace(weekly().holder, category=np.full(WEEKS, -1), weight=np.zeros(WEEKS)),
        coercer=replace(weekly().coercer, category=np.full(WEEKS, -1), weight=np.zeros(WEEKS)),
        at_risk=np.zeros(WEEKS, dtype=bool),
        deal=np.zeros(WEEKS),
    )
    return twin_data(empty)
