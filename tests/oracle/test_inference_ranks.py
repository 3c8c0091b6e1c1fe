"""The exact coverage of the bands and the law of ranks against simulation and against multinomials one by one."""

from itertools import product
from math import factorial, prod

import numpy as np
import pytest

from standoff.inference.ranks import _within, rank_law


@pytest.mark.parametrize("seed", range(4))
def test_probability_between_limits_by_every_multinomial(seed):
    rng = np.random.default_rng(seed)
    records, law = 6, rng.dirichlet(np.ones(4))
    middle = np.sort(rng.integers(0, 7, 3))
    lower, upper = np.maximum(middle - 1, 0), np.minimum(middle + 1, 6)
    total = 0.0
    for counts in product(range(records + 1), repeat=4):
        below = np.cumsum(counts)[:3]
        if sum(counts) == records and np.all((below >= lower) & (below <= upper)):
            ways = factorial(records) / prod(factorial(one) for one in counts)
            total += ways * prod(p**n for p, n in zip(law, counts, strict=True))
    assert _within(records, law, lower, upper) == pytest.approx(total, rel=1e-9)
    everything = _within(records, law, np.zeros(3, dtype=int), np.full(3, 6))
    assert everything == pytest.approx(1.0)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (0.6, 0.3), (2.0, -1.0)])
def test_the_law_of_ranks_by_simulation(scale, shift):
    rng = np.random.default_rng(5)
    below = (shift + scale * rng.normal(size=(60000, 9))) < rng.normal(size=(60000, 1))
    seen = np.bincount(below.sum(1), minlength=10) / 60000
    assert np.allclose(rank_law(9, scale, shift), seen, atol=5 * np.sqrt(0.25 / 60000))
