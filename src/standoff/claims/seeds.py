"""One root seed, split by name, so that adding a part or a test changes no other number."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, *names: str) -> np.random.Generator:
    """A generator that depends on the root seed and on the names alone.

    The names are hashed (SHA-256) into the entropy of a numpy SeedSequence. Errors: ValueError for a negative seed.
    """
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    words = np.frombuffer(digest, dtype="<u4").tolist()
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))
