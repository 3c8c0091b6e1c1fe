"""What four weeks of a signal, of force or of closed aid would do, by the twin: on stance, on the hazard of a deal, on deaths.

Each effect is the mean over all weeks at risk in which the lever could have begun, of the difference that it makes to the
eight weeks from its beginning, beside the record as it was. Conduct answers by its own block: the chances of force and
the mean of aid are carried forward, and so are endurance and the coercer's terms. The residual of the stance is integrated
over its stationary law. Means of conduct stand for its whole law in the stance (a first-order approximation).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from standoff.inference.twin_data import NEWS, TERMS_CENTRE, TERMS_UNIT, TwinData
from standoff.inference.twin_simulate import KEEP
from standoff.panel.weekly import COSTLY, CRITICISM, SUPPORT

FloatArray = npt.NDArray[np.float64]
Values = Mapping[str, Mapping[str, FloatArray]]

WEEKS: Final = 4  # of the lever
HORIZON: Final = 8  # weeks over which the outcome is read
OUTCOMES: Final = ("stance", "deal", "deaths")
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


class Lever(NamedTuple):
    """What is done in each of the four weeks: impulses to stocks by name, force set to a level, aid moved."""

    name: str
    says: str
    impulses: Mapping[str, float]
    force: float | None = None
    aid: float = 0.0


LEVERS: Final[tuple[Lever, ...]] = (
    Lever(
        "public-criticism",
        "public criticism of the coercer by its patron",
        {"criticism": 1.0, "news": float(NEWS[CRITICISM])},
    ),
    Lever("private-criticism", "private pressure of the patron on the coercer", {"private": 1.0}),
    Lever(
        "support",
        "public support of the coercer by its patron",
        {"support": 1.0, "news": float(NEWS[SUPPORT])},
    ),
    Lever(
        "withheld-arms",
        "arms withheld, or a public threat of it",
        {"costly": 1.0, "news": float(NEWS[COSTLY])},
    ),
    Lever("pressure", "a major offensive in place of continuing force", {}, force=1.0),
    Lever("aid-closure", "aid two standard deviations lower", {}, aid=-2.0),
)


def lever(name: str) -> Lever:
    """The lever of a name. Errors: KeyError."""
    return {one.name: one for one in LEVERS}[name]


def lever_effects(data: TwinData, values: Values, one: Lever) -> dict[str, FloatArray]:
    """Effect of a lever on each outcome, (S,) for S posterior draws.

    *stance*: points of 100, mean over the eight weeks, higher is harder. *deal*: change in the chance of a deal within
    eight weeks. *deaths*: change in the expected number of weeks with deaths of hostages on bounded days.
    """
    starts = [t for t in range(1, len(data.time) - HORIZON) if _whole(data, t)]
    if not starts:
        count = len(next(iter(values["holder"].values())))
        return {name: np.full(count, np.nan) for name in OUTCOMES}
    with_lever = Course(data, values, np.array(starts), one)
    without = Course(data, values, np.array(starts), None)
    stance = np.zeros_like(with_lever.force_mean)
    deaths = np.zeros_like(stance)
    open_with, open_without = np.ones_like(stance), np.ones_like(stance)
    for week in range(HORIZON):
        soft_with, soft_without = with_lever.step(week), without.step(week)
        stance += (with_lever.level(soft_with) - without.level(soft_without)) / HORIZON
        open_with *= with_lever.no_deal(soft_with)
        open_without *= without.no_deal(soft_without)
        deaths += with_lever.deaths() - without.deaths()
    return {
        "stance": stance.mean(axis=1),
        "deal": (open_without - open_with).mean(axis=1),
        "deaths": deaths.mean(axis=1),
    }


def _whole(data: TwinData, start: int) -> bool:
    """Whether all weeks that are read lie at risk and the force of the week before is known."""
    return bool(np.all(data.at_risk[start : start + HORIZON] > 0) and data.force_seen[start - 1] > 0)


class Course:
    """The weeks after each start, with the lever or as recorded: arrays (S, starts).

    ``off`` names channels that are shut: *belief*, *conduct* (signals move no conduct), *block*, *shock*, *convergence*.
    """

    def __init__(
        self,
        data: TwinData,
        values: Values,
        starts: npt.NDArray[np.int64],
        one: Lever | None = None,
        off: frozenset[str] = frozenset(),
    ) -> None:
        self._d, self._v, self._starts, self._lever, self._off = data, values, starts, one, off
        shape = (len(next(iter(values["holder"].values()))), len(starts))
        last = data.force_level[starts - 1].astype(int)
        self._chances = np.broadcast_to(np.eye(3)[last], (*shape, 3)).copy()
        self.force_mean = np.broadcast_to(data.force[starts - 1], shape).copy()
        self._aid = np.broadcast_to(data.aid[starts - 1], shape).copy()
        self._worn = np.zeros(shape)  # endurance beside the record's
        self._moved: dict[str, float] = dict.fromkeys(
            ("criticism", "support", "costly", "private", "news"), 0.0
        )
        self._terms = self._expected_terms(np.broadcast_to(self._generosity(0), shape))

    def _stock(self, name: str, week: int) -> FloatArray:
        return np.asarray(getattr(self._d, name)[self._starts + week] + self._moved[name])

    def _open(self, channel: str) -> float:
        return 0.0 if channel in self._off else 1.0

    def _column(self, block: str, name: str) -> FloatArray:
        return self._v[block][name][:, None]

    def step(self, week: int) -> FloatArray:
        """Carry conduct a week on and give the holder's softness without its residual, (S, starts)."""
        on = self._lever is not None and week < WEEKS
        for name in self._moved:
            impulse = self._lever.impulses.get(name, 0.0) if self._lever is not None and on else 0.0
            self._moved[name] = KEEP * self._moved[name] + impulse
        self._force(week, on)
        self._supply(week, on)
        self._worn = self._worn + 0.55 * 0.2 * self._aid_gap(week) - 0.28 * self._force_gap(week)
        self._worn = np.clip(self._worn, -5.0, 5.0)
        self._terms = self._expected_terms(self._generosity(week))
        return self._softness(week)

    def _force(self, week: int, on: bool) -> None:
        if on and self._lever is not None and self._lever.force is not None:
            self.force_mean = np.full_like(self.force_mean, self._lever.force)
            self._chances = np.zeros_like(self._chances)
            self._chances[..., 2] = 1.0
            return
        push = self._column("force", "outside") * self._d.outside[self._starts + week]
        for name in ("criticism", "support", "costly", "private"):
            push = push + self._open("conduct") * self._column("force", name) * self._stock(name, week)
        cuts = [self._column("force", "cut"), self._column("force", "cut") + self._column("force", "step1")]
        after = np.zeros_like(self._chances)
        for level in range(3):
            whole = push + self._column("force", "persistence") * (level - 1.0)
            first, second = (1 / (1 + np.exp(-(cut - whole))) for cut in cuts)
            moves = np.stack([first, second - first, 1 - second], axis=-1)
            after += self._chances[..., level : level + 1] * moves
        self._chances = after
        self.force_mean = after @ np.array([-1.0, 0.0, 1.0])

    def _supply(self, week: int, on: bool) -> None:
        mean = self._column("aid", "level") + self._column("aid", "persistence") * self._aid
        mean = mean + self._column("aid", "force") * self.force_mean
        for name in ("criticism", "costly", "private"):
            mean = mean + self._open("conduct") * self._column("aid", name) * self._stock(name, week)
        moved = self._lever.aid if self._lever is not None and on else 0.0
        # A closure sets the week's aid; it does not pull the next weeks down through the autoregression alone.
        self._aid = np.clip(mean + moved, -6.0, 6.0)

    def _aid_gap(self, week: int) -> FloatArray:
        return self._aid - self._d.aid[self._starts + week]

    def _force_gap(self, week: int) -> FloatArray:
        return self.force_mean - self._d.force[self._starts + week]

    def _generosity(self, week: int) -> FloatArray:
        v, at = "coercer", self._starts + week
        push = self._open("convergence") * self._column(v, "drift") * self._d.time[at]
        push = push - self._column(v, "answer") * self._d.standing[at]
        push = push - self._open("block") * self._column(v, "block") * self._d.block[at]
        for name in ("criticism", "support", "costly", "private"):
            push = push + self._open("conduct") * self._column(v, name) * self._stock(name, week)
        return np.asarray(push)

    def _expected_terms(self, generosity: FloatArray) -> FloatArray:
        """Mean level of the coercer's terms around their centre, in units of a level."""
        level = mean_level(self._v["coercer"], -generosity, self._d.levels)
        return (level - TERMS_CENTRE) / TERMS_UNIT

    def _softness(self, week: int) -> FloatArray:
        v, at, d = "holder", self._starts + week, self._d
        soft = self._open("convergence") * self._column(v, "drift") * d.time[at]
        soft = soft + self._open("shock") * self._column(v, "shock") * d.shock[at]
        for name in ("news", "criticism", "support", "costly"):
            soft = soft + self._open("belief") * self._column(v, name) * self._stock(name, week)
        soft = soft + self._column(v, "force") * self.force_mean + self._column(v, "aid") * self._aid
        soft = soft + self._column(v, "endurance") * (d.endurance[at] + self._worn)
        return np.asarray(soft + self._column(v, "terms") * self._terms)

    def level(self, softness: FloatArray) -> FloatArray:
        """Mean level of the holder's stance, residual integrated out."""
        return mean_level(self._v["holder"], softness, self._d.levels)

    def no_deal(self, softness: FloatArray) -> FloatArray:
        """Chance that no deal is made in the week, residual integrated out."""
        v = self._v["holder"]
        chance = np.zeros_like(softness)
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            soft = softness + v["spread"][:, None] * node
            chance += weight * np.exp(
                -np.exp(np.clip(v["deal"][:, None] + v["deal_softness"][:, None] * soft, -30, 8))
            )
        return chance

    def deaths(self) -> FloatArray:
        """Chance of a week with deaths of hostages, over the chances of force."""
        v = self._v["deaths"]
        hazard = np.exp(v["level"][:, None, None] + v["force"][:, None, None] * np.array([-1.0, 0.0, 1.0]))
        return np.asarray(np.sum(self._chances * -np.expm1(-hazard), axis=-1))


def mean_level(v: Mapping[str, FloatArray], softness: FloatArray, levels: FloatArray) -> FloatArray:
    mean = np.full_like(softness, float(levels[-1]))
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        cut = v["cut"][:, None]
        for step in range(len(levels) - 1):
            cut = cut + v[f"step{step}"][:, None] if step else cut
            below = 1 / (1 + np.exp(-(cut + softness + v["spread"][:, None] * node)))
            mean -= weight * below * (levels[step + 1] - levels[step])
    return mean
