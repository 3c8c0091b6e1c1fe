"""Penalised likelihood, for small samples and for outcomes that a column separates.

jeffreys  log-likelihood + 1/2 log det I(theta), I the expected information; it keeps estimates finite under separation
          and removes the first-order bias of maximum likelihood in exponential families (Firth 1993)
log-f     each coefficient but constants and scales gets (b s) / 2 - log(1 + exp(b s)), s the standard deviation of its
          regressor: a log-F(1, 1) law, whose 95 % interval for b s is about -7.4 to 7.4 (Greenland and Mansournia 2015)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp

from standoff.games.estimation.indices import indices
from standoff.games.estimation.maximise import Array, Contributions, Penalty

PenaltyName = Literal["jeffreys", "log-f"]
LogChances = Callable[[Array], Array]
Information = Callable[[Array, Any], Array]


class Penalised(NamedTuple):
    """Data of a penalised model: those of the model, and the scale (K,) of each coefficient, 0 where it is free."""

    data: Any
    scales: Array


@cache
def unwrapped(contributions: Contributions) -> Contributions:
    """The same contributions, from `Penalised` data."""

    def inner(theta: Array, held: Penalised) -> Array:
        return contributions(theta, held.data)

    return inner


def log_f(theta: Array, held: Penalised) -> Array:
    """The log-F(1, 1) penalty of all coefficients whose scale is not 0."""
    b = theta * held.scales
    return jnp.where(held.scales > 0, 0.5 * b - jax.nn.softplus(b), 0.0).sum()


@cache
def jeffreys(information: Information) -> Penalty:
    """Half the log determinant of a model's expected information (K, K), a function of coefficients and data."""

    def penalty(theta: Array, held: Penalised) -> Array:
        height: Array = 0.5 * jnp.linalg.slogdet(information(theta, held.data))[1]
        return height

    return penalty


@cache
def information_of_ends(log_chances: LogChances) -> Information:
    """The expected information of a model of indices whose outcomes are ends with these log chances.

    The response of the data must be the counts of ends (N, J): a row with m plays informs m times.
    """

    def information_of(v: Array) -> Array:
        slopes = jax.jacfwd(log_chances)(v)  # (J, E)
        held: Array = (slopes * jnp.exp(log_chances(v))[:, None]).T @ slopes
        return held

    def information(theta: Array, data: Any) -> Array:
        designs, counts = data
        inner = jax.vmap(information_of)(indices(theta, designs)) * counts.sum(axis=1)[:, None, None]
        blocks = [[x.T @ (inner[:, e, f, None] * y) for f, y in enumerate(designs) if y.shape[1]]
                  for e, x in enumerate(designs) if x.shape[1]]  # fmt: skip
        return jnp.block(blocks)

    return information
