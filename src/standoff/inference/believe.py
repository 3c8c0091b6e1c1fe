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

NOUNS: Final[Mapping[str, str]] = {
    "public-criticism": "public criticism",
    "withheld-arms": "arms withheld",
    "support": "public support",
    "pressure": "a major offensive",
    "aid-closure": "closed aid",
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
    """What a lever does through each channel, in logits of the holder's stance, positive the claimed way; its clauses say
    what becomes of an even chance of a stance that far or further the claimed way."""
    h, columns = values["holder"], _channels(values, name, sign)
    columns["spread"] = (
        h["spread"],
        Meaning(
            f"what nothing recorded explains typically moves an even chance of a {_way(sign)} stance as far as {{}}, or as far back",
            "chance",
        ),
    )
    columns["persistence"] = (h["persistence"], Meaning("{} of that is left after a week", "percent"))
    draws = np.stack([np.broadcast_to(column, h["spread"].shape) for column, _ in columns.values()], axis=1)
    return Region(
        np.asarray(draws, dtype=np.float64), {key: meaning for key, (_, meaning) in columns.items()}
    )


def _way(sign: int) -> str:
    return "harder" if sign > 0 else "softer"


def _turns(cause: str, sign: int) -> Meaning:
    """What one channel alone makes of an even chance, by a week of the lever."""
    return Meaning(f"{cause} turns an even chance of a {_way(sign)} stance into {{}}", "chance")


def _through(channel: str, name: str, sign: int) -> Meaning:
    return _turns(f"through {channel} alone a week of {NOUNS[name]}", sign)


def _channels(values: Values, name: str, sign: int) -> dict[str, tuple[FloatArray, Meaning]]:
    turn = -float(sign)  # softness lowers the level
    return _of_signal(values, name, sign, turn) if name in _OF else _of_conduct(values, name, sign, turn)


def _of_signal(values: Values, name: str, sign: int, turn: float) -> dict[str, tuple[FloatArray, Meaning]]:
    h, (stem, signal) = values["holder"], _OF[name]
    belief = turn * (h["news"] * NEWS[signal] + h[stem])
    terms = turn * values["coercer"][stem] * h["terms"]
    force = turn * values["force"][stem] * h["force"]
    ratio = np.clip(belief / np.maximum(np.abs(terms) + np.abs(force), 1e-6), -20.0, 20.0)
    return {
        "belief": (belief, _through("the holder's belief", name, sign)),
        "terms": (terms, _through("the coercer's terms", name, sign)),
        "force": (force, _through("the coercer's force", name, sign)),
        "ratio": (
            ratio,
            Meaning(
                f"the holder's belief moves {{}} on {NOUNS[name]} as on the conduct that it changes", "times"
            ),
        ),
    }


def _of_conduct(values: Values, name: str, sign: int, turn: float) -> dict[str, tuple[FloatArray, Meaning]]:
    h = values["holder"]
    direct = turn * (h["force"] if name == "pressure" else -2.0 * h["aid"])
    worn = turn * h["endurance"] * (-0.28 if name == "pressure" else -0.22)
    columns = {
        "direct": (direct, _turns(f"a week of {NOUNS[name]} by itself", sign)),
        "endurance": (worn, _turns("the endurance lost by it in a week", sign)),
    }
    if name == "pressure":
        cut = turn * values["aid"]["force"] * h["aid"]
        columns["aid"] = (cut, _turns("the aid that it keeps out in a week", sign))
    return columns
