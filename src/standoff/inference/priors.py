"""Priors: each parameter with its meaning, its prior and the reason for it, written down before any fit.

Every parameter is a transform of location + scale z with z ~ N(0, 1). Samplers work on z, so that all of them see
the same proper prior; what is reported is the value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prior:
    """The prior of one parameter: value = transform(location + scale z), z ~ N(0, 1).

    ``transform``: *identity*, *exp* (positive), *logistic* (between 0 and 1). ``unit`` of the value; ``reason`` why it
    lies there; ``reference`` a key of docs/references.bib or empty.
    """

    name: str
    meaning: str
    transform: Literal["identity", "exp", "logistic"]
    location: float
    scale: float
    unit: str
    reason: str
    reference: str = ""


def value(prior: Prior, z: Any, exp: Any = np.exp) -> Any:
    """The value at z, of any shape; `exp` is the exponential of the array library in use."""
    raw = prior.location + prior.scale * z
    if prior.transform == "exp":
        return exp(raw)
    return 1.0 / (1.0 + exp(-raw)) if prior.transform == "logistic" else raw


def values(priors: Sequence[Prior], z: Any, exp: Any = np.exp) -> dict[str, Any]:
    """Values by name of unconstrained ``z`` (..., D)."""
    return {prior.name: value(prior, z[..., place], exp) for place, prior in enumerate(priors)}


def unconstrained(prior: Prior, at: float) -> float:
    """The z of a value, the inverse of `value`. Errors: ValueError where no z gives it."""
    if prior.transform == "exp":
        raw = float(np.log(at))
    elif prior.transform == "logistic":
        raw = float(np.log(at) - np.log1p(-at))
    else:
        raw = float(at)
    if not np.isfinite(raw):
        raise ValueError(f"{prior.name} cannot be {at}")
    return (raw - prior.location) / prior.scale


def interval(prior: Prior, level: float = 0.9) -> tuple[float, float]:
    """Central prior interval of the value."""
    from scipy.stats import norm

    edge = float(norm.ppf(0.5 + level / 2))
    return float(value(prior, -edge)), float(value(prior, edge))


def scaled(priors: Sequence[Prior], factors: Mapping[str, float]) -> tuple[Prior, ...]:
    """The same priors with the scale of those named multiplied: how far does an answer hang on them?"""
    return tuple(
        Prior(
            p.name,
            p.meaning,
            p.transform,
            p.location,
            p.scale * factors.get(p.name, 1.0),
            p.unit,
            p.reason,
            p.reference,
        )
        for p in priors
    )
