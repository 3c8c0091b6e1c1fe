"""Simulated data of strategic games for tests."""

import numpy as np

from standoff.games.estimation.table import table_of
from standoff.games.strategic.fitting import simulate_tree

FORMULAS = {"u11": "x", "u13": "0", "u14": "z", "u24": "w"}
TRUTH = np.array([0.3, 0.6, -0.4, 0.8, 0.2, -0.9])  # u11: 1, x; u14: 1, z; u24: 1, w
NAMES = ("u11:Intercept", "u11:x", "u14:Intercept", "u14:z", "u24:Intercept", "u24:w")


def columns(rows, seed):
    random = np.random.default_rng(seed)
    return {name: random.normal(size=rows) for name in "xzw"}


def designs_of(held):
    one = np.ones(len(held["x"]))
    empty = np.zeros((len(one), 0))
    return [
        np.stack([one, held["x"]], 1),
        empty,
        np.stack([one, held["z"]], 1),
        np.stack([one, held["w"]], 1),
    ]


def simulated(rows=400, seed=1, **kinds):
    """A table of `rows` plays of egame12 with columns x, z, w, the moves and the group, and the ends (rows,)."""
    held = columns(rows, seed)
    ends = simulate_tree("egame12", TRUTH, designs_of(held), seed + 1, **kinds)
    moves = {"first": (ends > 0).astype(int), "second": (ends == 2).astype(int)}
    return table_of({**held, **moves, "group": np.arange(rows) // 8}, "simulated.csv"), ends
