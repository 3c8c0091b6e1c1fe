"""What solving a published game gives: named quantities, the checks that they passed, the equilibria, a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Value = float | bool | str | tuple[Any, ...]


class Quantity(NamedTuple):
    """A number of the solution, with what it means and its unit ("" for a pure number)."""

    name: str
    value: Value
    meaning: str
    unit: str = ""


class Check(NamedTuple):
    """A condition of the solution put to the numbers: how far it is from holding, and how far it may be."""

    name: str
    residual: float
    tolerance: float = 1e-9

    @property
    def passed(self) -> bool:
        return bool(self.residual <= self.tolerance)


class Equilibrium(NamedTuple):
    """One equilibrium: a name and what each side does in it."""

    name: str
    conduct: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Solved:
    """A solved game: ``numbers`` it was solved at, ``quantities``, ``checks``, ``equilibria`` found, and a sentence."""

    game: str
    numbers: Mapping[str, Any]
    quantities: tuple[Quantity, ...]
    checks: tuple[Check, ...]
    equilibria: tuple[Equilibrium, ...]
    sentence: str

    def __getitem__(self, name: str) -> Any:
        for one in self.quantities:
            if one.name == name:
                return one.value
        raise KeyError(f"{name!r} is none of: {', '.join(one.name for one in self.quantities)}")

    @property
    def residual(self) -> float:
        """The largest residual of the checks."""
        return max((one.residual for one in self.checks), default=math.nan)

    @property
    def passed(self) -> bool:
        """Whether every check passed; a solution without a check has not."""
        return bool(self.checks) and all(one.passed for one in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; numbers that are not finite become None."""
        return {
            "game": self.game,
            "numbers": {name: plain(value) for name, value in self.numbers.items()},
            "quantities": [{**one._asdict(), "value": plain(one.value)} for one in self.quantities],
            "checks": [
                {**one._asdict(), "residual": plain(one.residual), "passed": one.passed}
                for one in self.checks
            ],
            "equilibria": [
                {"name": one.name, "conduct": {key: plain(value) for key, value in one.conduct.items()}}
                for one in self.equilibria
            ],
            "residual": plain(self.residual),
            "passed": self.passed,
            "sentence": self.sentence,
        }


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
