"""Climbs from every start in one compiled call, for models with quick derivatives."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from standoff.games.estimation.bootstrap import climb_all, lanes
from standoff.games.estimation.maximise import GRADIENT_GATE, Optimum, Start, distinct
from standoff.games.estimation.model import Model

STEPS = 300
ENOUGH = 1e-15  # of log-likelihood left to gain


def maximise_together(model: Model, starts: Sequence[Start]) -> tuple[Optimum, ...]:
    """The distinct optima that damped Newton climbs from all starts reach, best first."""
    together = lanes(model.rows)
    free, weights = jnp.ones(len(model.names), dtype=bool), jnp.ones((together, model.rows))
    ends = []
    for first in range(0, len(starts), together):
        some = starts[first : first + together]
        held = jnp.asarray(np.resize(np.stack([one.values for one in some]), (together, len(model.names))))
        ended = climb_all(model.weighted, held, model.data, weights, STEPS, ENOUGH, free)
        for i, start in enumerate(some):
            decrement, top, slope = float(ended.decrement[i]), float(ended.top[i]), np.asarray(ended.slope[i])
            converged = bool(decrement <= GRADIENT_GATE and top < 0)
            ends.append(Optimum(float(ended.value[i]), np.asarray(ended.theta[i]), float(np.abs(slope).max(initial=0.0)),
                                decrement, top, (start.name,), int(ended.taken[i]), converged))  # fmt: skip
    return distinct(ends)


def hessian_at(model: Model, estimate: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Hessian (K, K) at an estimate, by a climb of no steps but the first look."""
    together = lanes(model.rows)
    free, weights = jnp.ones(len(model.names), dtype=bool), jnp.ones((together, model.rows))
    held = jnp.asarray(np.resize(estimate, (together, len(model.names))))
    return np.asarray(climb_all(model.weighted, held, model.data, weights, 1, ENOUGH, free).bent[0])
