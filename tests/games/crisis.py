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


# V_A, C_B, barW_A and x, barW_B and y, bar_a and z; and the same without C_B, where best responses of B hang on nothing
# that A does, so that every estimator, the nested one too, has one fixed point.
TRUTH = np.array([1.0, -0.5, -1.7, 0.3, -1.4, 0.4, -1.2, 0.3])
MILD = np.delete(TRUTH, 1)


def invented(games=600, seed=0, mild=False):
    """Games whose payoffs have the coefficients `TRUTH`, or `MILD`; S_A and V_B are zero."""
    x, y, z = np.random.default_rng(seed).normal(size=(3, games))
    one = np.ones(games)
    matrices = {
        "V_A": one[:, None],
        "C_B": one[:, None],
        "barW_A": np.stack([one, x], axis=1),
        "barW_B": np.stack([one, y], axis=1),
        "bar_a": np.stack([one, z], axis=1),
    }
    if mild:
        del matrices["C_B"]
    return design(matrices, np.zeros((4, games)))
