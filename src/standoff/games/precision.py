"""Double precision: solving and estimation run in float64."""

from __future__ import annotations

import jax


def use_float64() -> None:
    """Switch JAX to float64; called by every entry of the room, never at import."""
    if not jax.config.read("jax_enable_x64"):  # type: ignore[no-untyped-call]
        jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]
