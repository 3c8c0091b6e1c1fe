"""Chance in the textbook games: streams split by name, and means with their Monte Carlo errors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from standoff.errors import SettingsError

MOST_PLAYS = 10_000_000


class Mean(NamedTuple):
    """A simulated mean, its standard error, and the exact value that it should come near (NaN where none is known)."""

    mean: float
    error: float
    exact: float

    @property
    def distance(self) -> float:
        """Standard errors between the mean and the exact value; 0 where both agree without spread."""
        if self.error > 0:
            return abs(self.mean - self.exact) / self.error
        return 0.0 if math.isclose(self.mean, self.exact, abs_tol=1e-12) else math.inf


class Simulated(NamedTuple):
    """Means by name over so many plays under a root seed."""

    plays: int
    seed: int
    means: Mapping[str, Mean]


def stream(name: str, seed: int) -> np.random.Generator:
    """The generator of a named stream under a root seed: another stream changes none of its numbers."""
    digest = blake2b(f"{seed}/{name}".encode(), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest, "little"))


def mean_of(draws: Any, exact: float) -> Mean:
    """The mean of independent draws (plays,) beside its exact value."""
    values = np.asarray(draws, dtype=np.float64)
    if values.size < 2:
        return Mean(float(values.mean()) if values.size else math.nan, math.nan, exact)
    return Mean(float(values.mean()), float(values.std(ddof=1) / math.sqrt(values.size)), exact)


def counted(plays: int) -> int:
    """The number of plays, or SettingsError where it is not a whole number from 2 to ten million."""
    if isinstance(plays, bool) or not isinstance(plays, int) or not 2 <= plays <= MOST_PLAYS:
        raise SettingsError(
            f"{plays!r} plays cannot be simulated",
            "a mean with an error needs two or more",
            f"give 2 to {MOST_PLAYS}",
        )
    return plays
