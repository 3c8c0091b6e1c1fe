"""Worlds in which no signal matters, worlds in which one does, and the record that each leaves behind.

Every world has a latent stance that moves by the day and is read with error in steps of 25; the holder's stance is
recorded on some days only. Signals come from the patron. What differs is why signals come and why stances are recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from standoff.record.rows import Record
from tests.claims.invented import LENGTH, START, event, frame, position
from tests.claims.invented import make_record as make

STEP = 25.0
CODER_ERROR = 5.0
DAILY_NOISE = 4.0
PHASE_DAYS = (0, 60, 200, 330, 450)
CHOICES = [
    {
        "choice": "window",
        "question": "?",
        "baseline": 4,
        "options": [{"value": weeks, "reason": "as said"} for weeks in (2, 4, 8)],
    },
    {
        "choice": "intensity",
        "question": "?",
        "baseline": 1,
        "options": [{"value": level, "reason": "as said"} for level in (1, 2)],
    },
    {
        "choice": "collection",
        "question": "?",
        "baseline": "both",
        "options": [{"value": name, "reason": "as said"} for name in ("both", "first", "added")],
    },
]
CASE = frame(
    choices=CHOICES,
    phases=[
        {"id": f"p{k}", "name": f"Phase {k}", "start": START + timedelta(days=day)}
        for k, day in enumerate(PHASE_DAYS)
    ],
)


@dataclass(frozen=True)
class Setting:
    """How a world works. Rates are acts or recorded stances a record of 540 days, before what multiplies them."""

    signals: float = 30
    points: float = 20
    pull: float = 0.02  # share of the distance from the mean that a day takes back
    signals_follow: Callable[[float, float, float], float] = lambda harm, last, since: 1.0
    reports_follow: Callable[[float], float] = lambda since: 1.0
    harm_moves: float = 0.0  # points by which twice the usual harm moves the stance's mean
    effect: float = 0.0  # points of stance that a signal adds at once


def follow_harm_and_stall(harm: float, last: float, since_point: float) -> float:
    """Signals come with harm, when the last recorded stance was hard, and when nothing has moved for six weeks."""
    return 0.5 * harm * (2.5 if last >= 75 else 1.0) * (2.0 if since_point > 42 else 1.0)


def follow_harm(harm: float, last: float, since_point: float) -> float:
    """Signals come with bursts of harm, more than in proportion."""
    return harm**2 / 1.5


def follow_extremes(harm: float, last: float, since_point: float) -> float:
    """Signals come when the last recorded stance was far from the middle, either way."""
    return 0.5 + 2.0 * abs(last - 50) / 50


def reported_after_signals(since_signal: float) -> float:
    """A stance is recorded four times as often in the two weeks after a signal."""
    return 4.0 if since_signal <= 14 else 0.6


NULL_WORLDS = {
    "signals follow harm and stalled talks": Setting(signals_follow=follow_harm_and_stall),
    "stance drifts back from extremes": Setting(pull=0.08, signals_follow=follow_extremes),
    "stance is reported more often after a signal": Setting(reports_follow=reported_after_signals),
}
# Not a null that the test promises to hold in: what moves both is not in it. Measured so that it can be said.
COMMON_CAUSE = {
    "harm moves both signals and stance": Setting(signals_follow=follow_harm, harm_moves=80.0, pull=0.08)
}
EFFECT = 40.0
EFFECT_WORLDS = {
    "large effect upward": Setting(signals=20, points=60, effect=EFFECT),
    "large effect downward": Setting(signals=20, points=60, effect=-EFFECT),
}


def draw(setting: Setting, rng: np.random.Generator) -> Record:
    """One record of a world."""
    harm = _harm(rng)
    level, last, last_point, last_signal = 50 + 15 * rng.standard_normal(), 50.0, 0, -10_000
    signals, points = [], []
    for day in range(LENGTH):
        deviation = level - 50 - setting.harm_moves * (harm[day] - 1)
        level += -setting.pull * deviation + DAILY_NOISE * rng.standard_normal()
        if rng.random() < setting.points / LENGTH * setting.reports_follow(day - last_signal):
            seen = np.clip(STEP * np.round((level + CODER_ERROR * rng.standard_normal()) / STEP), 0, 100)
            points.append((day, float(seen)))
            last, last_point = float(seen), day
        rate = setting.signals / LENGTH * setting.signals_follow(harm[day], last, day - last_point)
        if rng.random() < rate:
            signals.append(day)
            last_signal = day
            level += setting.effect
        # keep planted worlds in the middle of the scale, where an effect of either sign can be seen
        level -= setting.effect * setting.signals / LENGTH
    return _record(signals, points, rng)


def _harm(rng: np.random.Generator) -> np.ndarray:
    """Daily harm around 1, in bursts of about a month."""
    shocks = rng.gamma(0.2, 1.0, LENGTH + 30)
    smooth = np.convolve(shocks, np.ones(30) / 30, mode="valid")[:LENGTH]
    return smooth / smooth.mean()


def _record(signals: list[int], points: list[tuple[int, float]], rng: np.random.Generator) -> Record:
    events = tuple(
        event(
            f"E{k}",
            day,
            intensity=int(rng.integers(1, 4)),
            collection="first" if rng.random() < 0.5 else "added",
        )
        for k, day in enumerate(signals)
    )
    positions = tuple(position(f"P{k}", day, value) for k, (day, value) in enumerate(points))
    return replace(EMPTY, events=events, positions=positions)


EMPTY = replace(make(), case=CASE)
