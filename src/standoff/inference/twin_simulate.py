"""Simulate records from the reduced-form twin, with the calendar and the gaps of a given record.

What is given stays: weeks at risk, domestic blocks, shocks, outside pressure, harm, stalled talks, the patron's calendar,
and which weeks have a recorded stance. What is drawn: signals, force, aid, both stances, deals, deaths. Spells keep
their dates: a simulated deal does not end one, so that the likelihood of the simulated record is exactly the twin's.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from standoff.inference.twin_blocks import GRID
from standoff.inference.twin_data import NEWS, STANCE_CENTRE, TERMS_CENTRE, TERMS_UNIT, TwinData
from standoff.panel.decay import HALF_LIFE
from standoff.panel.weekly import BOTH, COSTLY, CRITICISM, NONE, SUPPORT, endurance_chances

FloatArray = npt.NDArray[np.float64]
Values = Mapping[str, FloatArray]

KEEP = 2 ** (-1 / HALF_LIFE)
TERMS_STAND = 13  # weeks


def simulate(data: TwinData, values: Mapping[str, Values], seed: np.random.Generator) -> list[TwinData]:
    """Records simulated at ``values`` (block -> name -> (S,)), one for each of the S draws."""
    world = _World(data, values, seed)
    for week in range(len(data.time)):
        world.signals(week)
        world.conduct(week)
        world.stances(week)
        world.hazards(week)
    return world.records()


class _World:
    """S records under way, each array (S, T)."""

    def __init__(self, data: TwinData, values: Mapping[str, Values], seed: np.random.Generator) -> None:
        self._d, self._v, self._rng = data, values, seed
        self._count = len(next(iter(values["holder"].values())))
        weeks = len(data.time)
        zero = np.zeros((self._count, weeks))
        names = (
            "restrain_mark enable_mark costly_mark private_mark criticism support costly private news "
            "force force_level aid terms standing holder_category coercer_category deal death other_end"
        )
        self.a = {name: zero.copy() for name in names.split()}
        self.a["holder_category"] -= 1.0
        self.a["coercer_category"] -= 1.0
        self._residual = {side: self._start(side) for side in ("holder", "coercer")}
        self._last = np.full(self._count, np.nan)  # the holder's last recorded level
        self._terms = np.full((self._count, weeks + TERMS_STAND), np.nan)
        self._endurance = zero.copy()

    def _start(self, side: str) -> FloatArray:
        weights = np.exp(-0.5 * GRID**2)
        return np.asarray(self._rng.choice(GRID, size=self._count, p=weights / weights.sum()))

    def _before(self, name: str, week: int) -> FloatArray:
        return self.a[name][:, week - 1] if week else np.zeros(self._count)

    def _chance(self, odds: FloatArray) -> FloatArray:
        return (self._rng.uniform(size=self._count) < 1 / (1 + np.exp(-odds))).astype(np.float64)

    def signals(self, week: int) -> None:
        v, d, a = self._v["signals"], self._d, self.a
        harm = d.harm[week - 1] if week else 0.0
        stalled = d.stalled[week - 1] if week else 0.0
        a["standing"][:, week] = np.nan_to_num((self._last - STANCE_CENTRE) / TERMS_UNIT)
        sent = {}
        for kind in ("restrain", "enable"):
            odds = (
                v[f"{kind}_level"]
                + v[f"{kind}_lag"] * self._before(f"{kind}_mark", week)
                + v[f"{kind}_harm"] * harm
                + v[f"{kind}_stalled"] * stalled
                + v[f"{kind}_stance"] * a["standing"][:, week]
                + v[f"{kind}_calendar"] * d.calendar[week]
            )
            sent[kind] = self._chance(odds)
        costly = sent["restrain"] * self._chance(v["costly_level"] + v["costly_harm"] * harm)
        enable = np.where(costly > 0, 0.0, sent["enable"])
        a["restrain_mark"][:, week], a["enable_mark"][:, week] = sent["restrain"], enable
        a["costly_mark"][:, week] = costly
        a["private_mark"][:, week] = self._chance(v["private_level"] + v["private_harm"] * harm)
        plain = sent["restrain"] * (1 - costly)
        signal = np.where(
            costly > 0, COSTLY, np.where(plain * enable > 0, BOTH, np.where(plain > 0, CRITICISM, NONE))
        )
        signal = np.where((signal == NONE) & (enable > 0), SUPPORT, signal)
        for name, impulse in (
            ("criticism", plain),
            ("support", enable),
            ("costly", costly),
            ("private", a["private_mark"][:, week]),
            ("news", NEWS[signal]),
        ):
            a[name][:, week] = KEEP * self._before(name, week) + impulse

    def conduct(self, week: int) -> None:
        v, d, a = self._v["force"], self._d, self.a
        push = v["persistence"] * self._before("force", week) + v["outside"] * d.outside[week]
        for name in ("criticism", "support", "costly", "private"):
            push = push + v[name] * a[name][:, week]
        first, second = (1 / (1 + np.exp(-(v["cut"] + step - push))) for step in (0.0, v["step1"]))
        draw = self._rng.uniform(size=self._count)
        level = (draw > first).astype(np.float64) + (draw > second)
        begins = (
            week == 0
            or d.in_spell[week] * d.in_spell[week - 1] * d.force_seen[week] * d.force_seen[week - 1] == 0
        )
        level = np.full(self._count, d.force_level[week]) if begins else level
        a["force_level"][:, week] = level
        a["force"][:, week] = (level - 1.0) * d.force_seen[week]
        v = self._v["aid"]
        mean = v["level"] + v["persistence"] * self._before("aid", week) + v["force"] * a["force"][:, week]
        for name in ("criticism", "costly", "private"):
            mean = mean + v[name] * a[name][:, week]
        drawn = mean + v["noise"] * self._rng.normal(size=self._count)
        starts = week == 0 or d.aid_seen[week - 1] == 0
        a["aid"][:, week] = (d.aid[week] if starts else drawn) * d.aid_seen[week]

    def stances(self, week: int) -> None:
        v, d, a = self._v["coercer"], self._d, self.a
        push = v["drift"] * d.time[week] - v["answer"] * a["standing"][:, week] - v["block"] * d.block[week]
        for name in ("criticism", "support", "costly", "private"):
            push = push + v[name] * a[name][:, week]
        push = push + v["probe"] * d.probe[week, 1] + v["control"] * d.control[week, 1]
        generosity = push + v["spread"] * self._residual["coercer"]
        if d.coercer_category[week] >= 0:
            recorded = self._recorded("coercer", -generosity)
            a["coercer_category"][:, week] = recorded
            self._terms[:, week : week + TERMS_STAND] = d.levels[recorded.astype(int)][:, None]
        a["terms"][:, week] = np.nan_to_num((self._terms[:, week] - TERMS_CENTRE) / TERMS_UNIT)
        self._endure(week)
        softness = self._softness(week)
        if d.holder_category[week] >= 0:
            recorded = self._recorded("holder", softness)
            a["holder_category"][:, week] = recorded
            self._last = d.levels[recorded.astype(int)]
        self._soft = softness
        for side in self._residual:
            self._residual[side] = self._move(side)

    def _softness(self, week: int) -> FloatArray:
        v, d, a = self._v["holder"], self._d, self.a
        soft = v["drift"] * d.time[week] + v["shock"] * d.shock[week] + v["probe"] * d.probe[week, 0]
        soft = soft + v["control"] * d.control[week, 0]
        for name in ("terms", "news", "criticism", "support", "costly", "force", "aid"):
            soft = soft + v[name] * a[name][:, week]
        soft = soft + v["endurance"] * self._endurance[:, week]
        return np.asarray(soft + v["spread"] * self._residual["holder"])

    def _endure(self, week: int) -> None:
        """Endurance from the simulated force alone, by the kernel that reads it off a record."""
        if week == 0:
            self._here = np.tile(
                endurance_chances(np.zeros(1, dtype=np.int64), np.full(1, np.nan))[0], (self._count, 1)
            )
        self._endurance[:, week] = self._here @ np.arange(self._here.shape[1]) - 2.5
        m = self.a["force_level"][:, week]
        up, down = 0.55 * (0.6 - 0.2 * m), 0.28 * m + 0.25 * 0.55
        total = np.maximum(up + down, 1.0)
        up, down = (up / total)[:, None], (down / total)[:, None]
        moved = self._here * (1 - up - down)
        moved[:, 1:] += up * self._here[:, :-1]
        moved[:, -1:] += up * self._here[:, -1:]
        moved[:, :-1] += down * self._here[:, 1:]
        moved[:, :1] += down * self._here[:, :1]
        self._here = moved

    def _recorded(self, side: str, softness: FloatArray) -> FloatArray:
        v, confusion = self._v[side], getattr(self._d, f"{side}_confusion")
        cut = v["cut"]
        below = []
        for step in range(len(self._d.levels) - 1):
            cut = cut + v[f"step{step}"] if step else cut
            below.append(1 / (1 + np.exp(-(cut + softness))))
        edges = np.stack([*below, np.ones(self._count)], axis=1)
        true = (self._rng.uniform(size=(self._count, 1)) > edges).sum(axis=1)
        rows = np.cumsum(confusion[true], axis=1)
        told = (self._rng.uniform(size=(self._count, 1)) > rows).sum(axis=1)
        return np.asarray(np.minimum(told, len(self._d.levels) - 1), dtype=np.float64)

    def _move(self, side: str) -> FloatArray:
        """The residual a week on, on the grid on which it is integrated out."""
        keep = self._v[side]["persistence"][:, None]
        logs = -0.5 * ((GRID[None, :] - keep * self._residual[side][:, None]) ** 2) / (1 - keep**2)
        chances = np.exp(logs - logs.max(axis=1, keepdims=True))
        edges = np.cumsum(chances / chances.sum(axis=1, keepdims=True), axis=1)
        place = (self._rng.uniform(size=(self._count, 1)) > edges).sum(axis=1).clip(0, len(GRID) - 1)
        return np.asarray(GRID[place])

    def hazards(self, week: int) -> None:
        d, a = self._d, self.a
        v = self._v["holder"]
        hazard = np.exp(np.clip(v["deal"] + v["deal_softness"] * self._soft, -30, 8)) * d.span[week]
        made = (self._rng.uniform(size=self._count) < -np.expm1(-hazard)) * d.at_risk[week]
        # A span of several weeks is an end between two days: it was declared because there was an end.
        a["deal"][:, week] = made
        v = self._v["deaths"]
        hazard = np.exp(np.clip(v["level"] + v["force"] * a["force"][:, week], -30, 8))
        a["death"][:, week] = self._rng.uniform(size=self._count) < -np.expm1(-hazard)
        a["other_end"][:, week] = d.at_risk[week] * self._rng.poisson(self._v["ends"]["rate"])

    def records(self) -> list[TwinData]:
        known = np.ones(len(self._d.time))
        return [
            self._d._replace(
                **{name: column[one] for name, column in self.a.items()},
                endurance=self._endurance[one],
                holder_weight=(self._d.holder_category >= 0).astype(
                    np.float64
                ),  # a drawn row is beyond doubt
                coercer_weight=(self._d.coercer_category >= 0).astype(np.float64),
                death_span=known,
                death_open=known,
            )
            for one in range(self._count)
        ]
