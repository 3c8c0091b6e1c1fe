"""Full maximum likelihood of the crisis signalling game: constrained and by nested solution, from many starts.

Constrained: coefficients and one index q a game are free, and the gaps are driven to zero on the way (sequential quadratic
programming in the null space of the constraints: Newton's step along them, a step that closes the gaps, a line search
on  sum l_d - mu sum |gap_d|  with a second closing step). No equilibrium is solved until it arrives. Nested: every
step follows each game's equilibrium. Either ends the same way: all equilibria at the estimate are solved; where a game
has one that makes its counts likelier, it moves there and the ascent goes on, so that what is reported is a peak of the
likelihood with every equilibrium, not of one branch. Sources: [su_judd_2012], [crismancox_gibilisco_2019].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from standoff.games.precision import use_float64
from standoff.games.signalling.climb import Slope, climb, direction
from standoff.games.signalling.design import Design
from standoff.games.signalling.likelihood import (
    Local,
    Selected,
    along_branch,
    local,
    select,
    values_and_gaps,
)

Floats = NDArray[np.float64]

_CUT, _MOST_CUTS = 0.35, 14
_MOST_STEPS = 50
_MOST_SWITCHES = 12
_FARTHEST_MOVE = 2.0  # of an index q or a payoff in one step


@dataclass(frozen=True)
class Peak:
    """Where an ascent ended.

    ``point`` (k,), ``value`` the log-likelihood, ``index`` (games,) of the equilibria used, ``gradient`` its largest
    slope, ``decrement`` what Newton's step still promises, ``curvature`` smallest of -Hessian in scaled
    coordinates (positive at a peak), ``residual`` largest gap, ``several`` games with more than one equilibrium there,
    ``steps``, ``converged``.
    """

    point: Floats
    value: float
    index: Floats
    gradient: float
    decrement: float
    curvature: float
    residual: float
    several: int
    steps: int
    converged: bool


def constrained(design: Design, start: Floats, index: Floats | None = None) -> Peak:
    """Climb from ``start`` (k,) with the equilibria as constraints; see the module.

    ``index`` (games,) need not be equilibria; when not given, the likeliest equilibria at ``start`` are taken.
    """
    use_float64()
    if index is None:
        chosen = select(design, start)
        if not np.isfinite(chosen.value):
            return _stuck(start, chosen)
        index = chosen.index
    return _ascend(design, start, index, free=True)


def nested(design: Design, start: Floats) -> Peak:
    """Climb from ``start`` (k,), solving every game at each step."""
    use_float64()
    chosen = select(design, start)
    if not np.isfinite(chosen.value):
        return _stuck(start, chosen)
    return _ascend(design, start, chosen.index, free=False)


def _ascend(design: Design, point: Floats, index: Floats, free: bool) -> Peak:
    steps = 0
    for _ in range(_MOST_SWITCHES):
        if free:
            point, index, spent = _programme(design, point, index)
            steps += spent
        polished = _polish(design, point, index)
        if polished is None:
            return _stuck(point, select(design, point), steps)
        point, index, spent = polished
        steps += spent
        chosen = select(design, point)
        here = local(design, point, index)
        if not np.isfinite(chosen.value) or chosen.value <= here.value + 1e-9:
            break
        index = chosen.index
    return _peak(design, point, index, chosen, steps)


def _polish(design: Design, point: Floats, index: Floats) -> tuple[Floats, Floats, int] | None:
    """Climb along the branch of equilibria; None where the gaps cannot be closed at ``point``."""

    def evaluate(at: Floats, near: Floats) -> Slope[Floats] | None:
        return along_branch(design, at, near)

    def longest(step: Floats) -> float:
        return _FARTHEST_MOVE / max(_largest(design.loadings @ step), 1e-12)

    if along_branch(design, point, index) is None:
        return None
    end = climb(evaluate, point, index, most=_MOST_STEPS, longest=longest)
    return end.point, end.slope.state, end.steps


def _programme(design: Design, point: Floats, index: Floats) -> tuple[Floats, Floats, int]:
    """Sequential quadratic programming in coefficients and indices."""
    penalty, here = 0.0, local(design, point, index)
    for count in range(_MOST_STEPS):
        gradient = here.scores.sum(axis=0) + here.bend
        step, decrement = direction(gradient, here.hessian)
        move = here.closing + here.moves @ step
        if decrement < 1e-8 and np.max(np.abs(here.gaps)) < 1e-8:
            return point, index, count
        penalty = max(penalty, 1.2 * float(np.max(np.abs(here.multipliers))))
        found = _search(design, point, index, here, step, move, decrement, penalty)
        if found is None:
            return point, index, count
        point, index, here = found
    return point, index, _MOST_STEPS


def _search(
    design: Design,
    point: Floats,
    index: Floats,
    here: Local,
    step: Floats,
    move: Floats,
    decrement: float,
    penalty: float,
) -> tuple[Floats, Floats, Local] | None:
    merit = here.value - penalty * float(np.sum(np.abs(here.gaps)))
    slopes = np.where(np.abs(here.slopes) < 0.02, 0.02, here.slopes)
    length = min(1.0, _FARTHEST_MOVE / max(_largest(move), _largest(design.loadings @ step), 1e-12))
    for _ in range(_MOST_CUTS):
        at, q = point + length * step, index + length * move
        _, gaps = _evaluate(design, at, q)
        q = q - np.clip(gaps / slopes, -0.5, 0.5)
        value, gaps = _evaluate(design, at, q)
        trial = value - penalty * float(np.sum(np.abs(gaps)))
        if np.isfinite(trial) and trial >= merit + 1e-4 * length * decrement - 1e-10 * (1.0 + abs(merit)):
            return at, q, local(design, at, q)
        length *= _CUT
    return None


def _largest(x: Floats) -> float:
    return float(np.max(np.abs(x)))


def _evaluate(design: Design, point: Floats, index: Floats) -> tuple[float, Floats]:
    payoffs = design.loadings @ point + design.offsets
    values, gaps = values_and_gaps(np.concatenate([payoffs, index[None]]), design.counts)
    return float(np.sum(np.asarray(values))), np.asarray(gaps)


def _peak(design: Design, point: Floats, index: Floats, chosen: Selected, steps: int) -> Peak:
    here = local(design, point, index)
    gradient = here.scores.sum(axis=0)
    _, decrement = direction(gradient, here.hessian)
    scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(here.hessian)), 1e-12))
    curvature = float(np.linalg.eigvalsh(-here.hessian * scale[:, None] * scale)[0])
    residual = float(np.max(np.abs(here.gaps)))
    several = int(np.sum(chosen.equilibria.counts > 1))
    best = bool(chosen.value <= here.value + 1e-7)
    converged = bool(decrement < 1e-7 and curvature > 0.0 and residual < 1e-9 and best)
    slope = float(np.max(np.abs(gradient)))
    return Peak(point, here.value, index, slope, decrement, curvature, residual, several, steps, converged)


def _stuck(point: Floats, chosen: Selected, steps: int = 0) -> Peak:
    several = int(np.sum(chosen.equilibria.counts > 1))
    nan = float("nan")
    return Peak(point, chosen.value, chosen.index, nan, nan, nan, nan, several, steps, False)


def distinct(peaks: Sequence[tuple[str, Peak]]) -> list[tuple[Peak, tuple[str, ...]]]:
    """Different peaks, the highest first, each with the names of the starts that led to it."""
    found: list[tuple[Peak, tuple[str, ...]]] = []
    for name, peak in sorted(peaks, key=lambda one: (not one[1].converged, -one[1].value)):
        for place, (other, names) in enumerate(found):
            near = np.allclose(peak.point, other.point, rtol=1e-3, atol=1e-3)
            if peak.converged == other.converged and abs(peak.value - other.value) < 1e-5 and near:
                found[place] = (other, (*names, name))
                break
        else:
            found.append((peak, (name,)))
    return found
