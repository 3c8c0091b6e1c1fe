"""Classes of hostages alive, solved in turn: what one needs of those before it, and what is found of all."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from standoff.standoff_game.specification import Specification
from standoff.standoff_game.sweep import Hostages, Unknowns

Array = jax.Array
MOST_RAMPS = 16  # grids up to this many nodes interpolate by ramps, longer ones by look-up


class Found(NamedTuple):
    """Unknowns of every class, axis 0 = groups alive less one; residual (G,) and sweeps (G,) of each class."""

    unknowns: Unknowns
    residual: Array
    iterations: Array


def class_of(spec: Specification, stack: Array, groups: Array) -> Hostages:
    """A class, given values of all smaller ones: ``stack`` (G+1, V, B, S), zero with none left."""
    index = groups.astype(jnp.int32)
    lost = stack[index - 1]
    if not any(spec.stages):
        return Hostages(groups, lost)
    freed = jnp.asarray([stage if stage > 0 else spec.groups for stage in spec.stages])
    left = jnp.maximum(index - freed, 0)
    share = jnp.minimum(freed / groups, 1.0)
    return Hostages(groups, lost, stack[left], share)


def empty_stack(spec: Specification, unknowns: Unknowns) -> Array:
    return jnp.zeros((spec.groups + 1, *unknowns.values.shape[1:]))
