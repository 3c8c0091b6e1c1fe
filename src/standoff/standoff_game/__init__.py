"""The dynamic standoff game: specification, beliefs, solution, simulation; pure JAX, loaded on first use."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Parameters": "parameters",
    "Specification": "specification",
    "Solution": "solution",
    "Search": "equilibrium",
    "Simulation": "start",
    "State": "start",
    "baseline_parameters": "parameters",
    "region_parameters": "parameters",
    "solve": "solution",
    "scan": "scan",
    "simulate": "simulation",
    "equilibrium": "equilibrium",
}

__all__ = [
    "Parameters",
    "Search",
    "Simulation",
    "Solution",
    "Specification",
    "State",
    "baseline_parameters",
    "equilibrium",
    "region_parameters",
    "scan",
    "simulate",
    "solve",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
