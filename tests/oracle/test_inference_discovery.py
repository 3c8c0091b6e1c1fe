"""Boxes of PRIM against every box there is, and their measures against plain loops."""

from itertools import combinations_with_replacement, product
from math import comb

import numpy as np
import pytest

from standoff.inference.discovery import Peel, prim

NAMES = ("a", "b")


def small(seed, count=26):
    rng = np.random.default_rng(seed)
    draws = rng.uniform(size=(count, 2))
    inside = (draws[:, 0] > 0.45) & (draws[:, 1] < 0.6)
    return draws, inside ^ (rng.uniform(size=count) < 0.08)


def every_box(draws, holds):
    """(size, hits) of every box with its sides at draws."""
    axes = [np.sort(draws[:, place]) for place in range(2)]
    inside = [
        [
            (draws[:, place] >= low) & (draws[:, place] <= high)
            for low, high in combinations_with_replacement(axis, 2)
        ]
        for place, axis in enumerate(axes)
    ]
    return {
        (int(both.sum()), int((both & holds).sum())) for both in (one & two for one, two in product(*inside))
    }


@pytest.mark.parametrize("seed", range(4))
def test_no_box_is_better_than_the_best_and_the_last_is_nearly_as_good(seed):
    draws, holds = small(seed)
    boxes = prim(draws, holds, NAMES, Peel(support=0.2))
    best = every_box(draws, holds)
    for box in boxes:
        highest = max(hits / size for size, hits in best if size >= box.inside)
        assert box.density <= highest + 1e-12
    last = boxes[-1]
    assert last.density >= 0.93 * max(hits / size for size, hits in best if size >= last.inside)


@pytest.mark.parametrize("seed", range(4))
def test_measures_by_loops(seed):
    draws, holds = small(seed)
    for box in prim(draws, holds, NAMES)[1:]:
        inside = [
            all(low <= row[NAMES.index(name)] <= high for name, (low, high) in box.bounds.items())
            for row in draws
        ]
        hits = sum(1 for one, hit in zip(inside, holds, strict=True) if one and hit)
        assert box.inside == sum(inside) and box.density == pytest.approx(hits / sum(inside))
        assert box.coverage == pytest.approx(hits / holds.sum()) and box.support == pytest.approx(
            sum(inside) / 26
        )
        for name in box.bounds:
            others = [
                hit
                for row, hit in zip(draws, holds, strict=True)
                if all(lo <= row[NAMES.index(k)] <= hi for k, (lo, hi) in box.bounds.items() if k != name)
            ]
            chance, size = np.mean(others), sum(inside)
            tail = sum(comb(size, k) * chance**k * (1 - chance) ** (size - k) for k in range(hits, size + 1))
            assert box.quasi_p[name] == pytest.approx(tail)
