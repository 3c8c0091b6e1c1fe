"""What you would have to believe: the region of prior assumptions in which a lever moves the stance as far as is claimed.

Draws of the prior of all terms together are marked by whether four weeks of the lever move the holder's mean level by the
size asked for, the claimed way; PRIM finds the box that holds most of them; then how much of the posterior lies inside.
The box is told over what the lever does through each channel, not over raw coefficients. Source: [bryant2010thinking].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from standoff.inference.discovery import choose, prim, share_inside, simplify
from standoff.inference.discovery_words import Meaning, in_words
from standoff.inference.learned import BoxResult
from standoff.inference.predictive import prior_values
from standoff.inference.twin_data import NEWS, TwinData
from standoff.inference.twin_effects import Lever, Values, lever, lever_effects
from standoff.panel.weekly import COSTLY, CRITICISM, SUPPORT

FloatArray = npt.NDArray[np.float64]

DRAWS: Final = 1500
SIZE: Final = 10.0  # points of 100: half a level of the commonest issue, on the mean of eight weeks
DENSITY: Final = 0.8
FEWEST: Final = 30  # draws in which it must hold at all
ASKED: Final[tuple[tuple[str, int], ...]] = (
    ("public-criticism", 1),
    ("withheld-arms", 1),
    ("support", 1),
    ("pressure", -1),
    ("aid-closure", -1),
)
_OF: Final[Mapping[str, tuple[str, int]]] = {
    "public-criticism": ("criticism", CRITICISM),
    "withheld-arms": ("costly", COSTLY),
    "support": ("support", SUPPORT),
}


class Region(NamedTuple):
    """Assumptions (N, P) by name, with the clause that each one makes."""

    draws: FloatArray
    meanings: Mapping[str, Meaning]


def boxes(data: TwinData, posterior: Values, seed: np.random.Generator) -> tuple[BoxResult, ...]:
    """One box for each lever and claimed sign; none where the effect holds almost nowhere, which is said instead."""
    prior = prior_values(DRAWS, seed)
    return tuple(_box(data, prior, posterior, lever(name), sign) for name, sign in ASKED)


def _box(data: TwinData, prior: Values, posterior: Values, one: Lever, sign: int) -> BoxResult:
    holds = sign * lever_effects(data, prior, one)["stance"] >= SIZE
    region, after = assumptions(prior, one.name, sign), assumptions(posterior, one.name, sign)
    names = list(region.meanings)
    share = float(holds.mean())
    way = "higher" if sign > 0 else "lower"
    if holds.sum() < FEWEST:
        told = f"Almost no assumption that the priors allow makes the stance {way} by {SIZE:g} points."
        return BoxResult(one.name, "+" if sign > 0 else "-", told, 0.0, 0.0, share, 0.0)
    box = simplify(choose(prim(region.draws, holds, names), DENSITY), region.draws, holds, names)
    weights = np.full(len(after.draws), 1.0 / len(after.draws))
    inside, _ = share_inside(box.bounds, after.draws, weights, names)
    return BoxResult(
        one.name,
        "+" if sign > 0 else "-",
        in_words(box, region.meanings),
        box.density,
        box.coverage,
        share,
        inside,
    )


def assumptions(values: Values, name: str, sign: int) -> Region:
    """What a lever does through each channel, in logits of the holder's stance, positive the claimed way."""
    h, turn = values["holder"], -float(sign)  # softness lowers the level
    columns: dict[str, tuple[FloatArray, Meaning]] = {}
    if name in _OF:
        stem, signal = _OF[name]
        belief = turn * (h["news"] * NEWS[signal] + h[stem])
        terms = turn * values["coercer"][stem] * h["terms"]
        force = turn * values["force"][stem] * h["force"]
        rest = np.abs(terms) + np.abs(force)
        columns["belief"] = (
            belief,
            Meaning("belief moves the holder's stance {} logits a week of it", "number"),
        )
        columns["terms"] = (
            terms,
            Meaning("the coercer's terms, moved by it, move the stance {} logits", "number"),
        )
        columns["force"] = (force, Meaning("force, moved by it, moves the stance {} logits", "number"))
        ratio = np.clip(belief / np.maximum(rest, 1e-6), -20.0, 20.0)
        columns["ratio"] = (
            ratio,
            Meaning("the holder's belief moves {} on it as on the conduct that it changes", "times"),
        )
    else:
        direct = turn * (h["force"] if name == "pressure" else -2.0 * h["aid"])
        worn = turn * h["endurance"] * (-0.28 if name == "pressure" else -0.22)
        columns["direct"] = (direct, Meaning("it moves the holder's stance {} logits at once", "number"))
        columns["endurance"] = (worn, Meaning("lost endurance moves the stance {} logits a week", "number"))
        if name == "pressure":
            cut = turn * values["aid"]["force"] * h["aid"]
            columns["aid"] = (cut, Meaning("aid that force keeps out moves the stance {} logits", "number"))
    columns["spread"] = (
        h["spread"],
        Meaning("what nothing recorded explains has a standard deviation of {} logits", "number"),
    )
    columns["persistence"] = (h["persistence"], Meaning("{} of it is left after a week", "percent"))
    draws = np.stack([np.broadcast_to(column, h["spread"].shape) for column, _ in columns.values()], axis=1)
    return Region(
        np.asarray(draws, dtype=np.float64), {key: meaning for key, (_, meaning) in columns.items()}
    )
