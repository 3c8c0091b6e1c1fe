"""What the tests of the crisis signalling game share: the sanctions specification, and an invented design."""

from __future__ import annotations

from functools import cache

import numpy as np

from standoff.games.estimation.table import read_table
from standoff.games.signalling.design import design
from standoff.games.signalling.prepare import prepare
from tests.games.peers import peer

SANCTIONS = {
    "S_A": "sqrt(senderecondep) + senderdemocracy + contig + ally - 1",
    "V_A": "anticipatedsendercosts",
    "C_B": "sqrt(targetecondep) + anticipatedtargetcosts + contig + ally",
    "barW_A": "sqrt(senderecondep) + senderdemocracy + lncaprat",
    "barW_B": "targetdemocracy + lncaprat",
    "bar_a": "senderdemocracy",
    "V_B": "0",
}


@cache
def sanctions_of(path):
    return prepare(read_table(path), SANCTIONS, beliefs="PRhat, PFhat", cluster="dyadID")


def sanctions():
    return sanctions_of(peer("sigint_sanctions.csv"))


TRUTH = np.array([1.0, -1.7, 0.3, -1.4, 0.4, -1.2, 0.3])


def invented(games=600, seed=0):
    """Games with V_A, barW_A, barW_B, bar_a estimated (7 coefficients); one equilibrium each near the truth."""
    x, y, z = np.random.default_rng(seed).normal(size=(3, games))
    one = np.ones(games)
    matrices = {
        "V_A": one[:, None],
        "barW_A": np.stack([one, x], axis=1),
        "barW_B": np.stack([one, y], axis=1),
        "bar_a": np.stack([one, z], axis=1),
    }
    return design(matrices, np.zeros((4, games)))
