"""Simulated data of the crisis signalling game, from its equilibria."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from standoff.errors import SettingsError
from standoff.games.signalling.design import Design
from standoff.games.signalling.equilibria import all_equilibria

Floats = NDArray[np.float64]
Rule = Literal["lowest", "highest", "drawn"]


def simulate(design: Design, coefficients: Floats, plays: int, seed: int, rule: Rule = "drawn") -> Design:
    """The design with new counts: ``plays`` plays of every game at its true coefficients (k,).

    All plays of a game are of one equilibrium: the one with the lowest or the highest p_R, or one drawn at random.
    Raises SettingsError where a game has no interior equilibrium.
    """
    found = all_equilibria(design.payoffs(coefficients))
    if np.any(found.counts == 0):
        games = ", ".join(str(i) for i in np.flatnonzero(found.counts == 0)[:5])
        raise SettingsError(
            f"games {games} have no interior equilibrium at these coefficients",
            "A never challenges there, so that nothing can be seen of B",
            "raise V_A above S_A",
        )
    random = np.random.default_rng(seed)
    first = np.concatenate([[0], np.cumsum(found.counts)[:-1]])
    step = {
        "lowest": np.zeros_like(found.counts),
        "highest": found.counts - 1,
        "drawn": random.integers(0, found.counts),
    }[rule]
    chances = found.outcomes[first + step]
    return design.recounted(
        random.multinomial(plays, chances / chances.sum(axis=1, keepdims=True)).T.astype(float)
    )
