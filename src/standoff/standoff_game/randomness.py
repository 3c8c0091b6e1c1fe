"""Common random numbers, keyed by name: the same draw for the same name, path and week, whatever else is drawn.

Counter-based SplitMix64: u = mix(key(name, seed) + (path * 2^20 + week) * golden) / 2^64. Adding a strategy,
an option or a path changes no other number. Source: Steele, Lea and Flood (2014), [steele_2014].
"""

from __future__ import annotations

from hashlib import blake2b

import jax
import jax.numpy as jnp
import numpy as np

Array = jax.Array
GOLDEN = 0x9E3779B97F4A7C15
WEEKS_A_PATH = 1 << 20


def key_of(name: str, seed: int) -> np.uint64:
    """A 64-bit key for a named stream under a root seed."""
    digest = blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def keys_of(names: tuple[str, ...], seed: int) -> np.ndarray:
    """Keys of several streams, (names,) uint64."""
    return np.array([key_of(name, seed) for name in names], dtype=np.uint64)


def _mix(z: Array) -> Array:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(key: Array, path: Array, week: Array) -> Array:
    """Uniform draws in [0, 1) for paths and weeks (integers that broadcast), with 52 bits set into [1, 2) and moved down."""
    counter = path.astype(jnp.uint64) * np.uint64(WEEKS_A_PATH) + jnp.asarray(week).astype(jnp.uint64)
    bits = _mix(key + (counter + np.uint64(1)) * np.uint64(GOLDEN))
    one = np.uint64(0x3FF0000000000000)
    return jax.lax.bitcast_convert_type((bits >> np.uint64(12)) | one, jnp.float64) - 1.0
