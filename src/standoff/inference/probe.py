"""The posterior of one signal that a claim's part speaks of, beside all the rivals' terms.

The signal's stock enters the index of one side's stance as a regressor of its own. What is the same signal under
another name leaves the model (its own rows leave the patron's other signals, and the term that it would repeat is
dropped); domestic blocks, shocks, conduct and force stay. The prior is even between both signs, so that the posterior
probability of a sign is already at equal prior odds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from standoff.inference.importance import Draws, Effort, Gate, effective_size, find_modes
from standoff.inference.rivals import Rival
from standoff.inference.sensitivity import unrecorded_cause
from standoff.inference.twin import (
    BlockFit,
    block,
    block_target,
    block_values,
    fit_block,
    free_places,
    place_of,
)
from standoff.inference.twin_blocks import coercer_index, holder_index
from standoff.inference.twin_data import TwinData
from standoff.inference.twin_effects import mean_level

FloatArray = npt.NDArray[np.float64]

BESIDE = Rival(
    "beside the probe",
    frozenset({"block", "shock", "belief", "conduct", "force"}),
    0,
    "domestic politics, shocks, the patron's other signals, conduct and force",
)
PROBE_EFFORT = Effort(draws=2048, rounds=6, starts=2, aim=800)
CAUSES = {
    "holder": ("drift", "terms", "shock", "news", "force", "aid", "endurance"),
    "coercer": ("drift", "answer", "block", "criticism", "support", "costly", "private"),
}
STRONGEST = 20.0  # strengths beyond this many times the strongest recorded cause are not told apart
Side = Literal["holder", "coercer"]


@dataclass(frozen=True, slots=True)
class ProbePosterior:
    """Posterior of a signal's effect on the level of a side's stance.

    ``higher`` probability that it raises the level; ``prior_higher`` the prior's own; ``effect``, ``low``, ``high`` mean
    and 90% interval in points of 100 for one act a week old at most, averaged over the weeks at risk; ``unrecorded``
    strength, in units of the strongest recorded cause, of an unrecorded one that brings the probability of the
    likelier direction down to .80 (0: it is below already); ``strongest`` that recorded cause; ``effective`` draws
    behind ``higher``; ``gates``; the fit itself and its data, to ask further of.
    """

    higher: float
    prior_higher: float
    effect: float
    low: float
    high: float
    unrecorded: float
    strongest: str
    effective: float
    gates: tuple[Gate, ...]
    fitted: BlockFit
    data: TwinData

    @property
    def passed(self) -> bool:
        return all(gate.passed for gate in self.gates)


def probe_posterior(
    data: TwinData, side: Side, seed: int, dropped: Sequence[str] = (), controlled: bool = False
) -> ProbePosterior:
    """Fit one side's block with the probe in ``data`` and say which way it moves the stance.

    ``dropped``: parameters that would repeat the probe; ``controlled``: the data hold a contrast's control.
    """
    free = probe_free(side, dropped, controlled)
    fitted = fit_block(data, side, free, seed, PROBE_EFFORT)
    probe = block_values(fitted, fitted.draws.z)["probe"]
    turned = -probe if side == "holder" else probe  # softness lowers the level, generosity raises it
    weights = fitted.draws.weights
    higher = float(np.sum(weights[turned > 0]))
    moved = level_effect(data, side, block_values(fitted, fitted.draws.z))
    low, high = weighted_quantiles(moved, weights, (0.05, 0.95))
    cause = unrecorded_cause(turned, weights, _biases(data, side, free))
    rests = effective_size(weights, (turned > 0).astype(np.float64))
    gates = (*fitted.draws.gates, _behind(rests))
    mean = float(np.sum(weights * moved))
    return ProbePosterior(
        higher,
        0.5,
        mean,
        low,
        high,
        min(cause.strength, STRONGEST),
        cause.strongest,
        rests,
        gates,
        fitted,
        data,
    )


def _behind(rests: float) -> Gate:
    from standoff.inference.importance import LEAST_DRAWS

    return Gate(
        "effective draws behind P", rests >= LEAST_DRAWS, f"{rests:.0f}, must be at least {LEAST_DRAWS:g}"
    )


def probe_free(side: Side, dropped: Sequence[str], controlled: bool) -> tuple[int, ...]:
    """Places of the parameters that are free beside a probe; see `probe_posterior`."""
    out = {place_of(side, name) for name in dropped if name in {p.name for p in block(side).priors}}
    if not controlled:
        out.add(place_of(side, "control"))
    return tuple(place for place in free_places(block(side), BESIDE, True) if place not in out)


def level_effect(data: TwinData, side: Side, values: Mapping[str, FloatArray]) -> FloatArray:
    """Change of the mean level by one unit of the probe at the weeks at risk, (N,), at values (N,) by name."""
    column: dict[str, FloatArray] = {name: value[:, None] for name, value in values.items()}
    index = holder_index if side == "holder" else coercer_index
    still = data._replace(probe=np.zeros_like(data.probe))
    base: FloatArray = np.asarray(index(column, still))[:, data.at_risk > 0]
    turn = 1.0 if side == "holder" else -1.0
    off = mean_level(values, turn * base, data.levels)
    on = mean_level(values, turn * (base + column["probe"]), data.levels)
    return np.asarray((on - off).mean(axis=1))


def weighted_quantiles(values: FloatArray, weights: FloatArray, at: Sequence[float]) -> tuple[float, ...]:
    """Quantiles of weighted draws (N,), by the inverse of their distribution."""
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    places = [min(int(np.searchsorted(below, share)), len(values) - 1) for share in at]
    return tuple(float(values[order[place]]) for place in places)


def _biases(data: TwinData, side: Side, free: tuple[int, ...]) -> dict[str, float]:
    """How far the probe's mode moves without each recorded cause in turn."""
    base = _mode(data, side, free)
    places = {name: place_of(side, name) for name in CAUSES[side]}
    return {
        name: _mode(data, side, tuple(p for p in free if p != place)) - base
        for name, place in places.items()
        if place in free
    }


def _mode(data: TwinData, side: Side, free: tuple[int, ...]) -> float:
    target = block_target(data, side, free)
    mode = find_modes(target, len(free), np.random.default_rng(0), 1)[0]
    fitted = BlockFit(side, free, _at(mode.place))
    return float(block_values(fitted, fitted.draws.z)["probe"][0])


def _at(place: FloatArray) -> Draws:
    return Draws(place[None, :], np.ones(1), 0.0, 0.0, 0.0, 1.0, 0, (), ())
