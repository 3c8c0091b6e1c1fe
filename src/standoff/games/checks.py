"""Parameters of a game: declared once with meaning and range, checked whole, every mistake told at once.

A game's numbers are a frozen dataclass whose fields are made by `number`, `whole`, `matrix` or `choice`, and whose
``__post_init__`` calls `settle`. So no door, and no direct call, gets past the checks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from numbers import Real
from typing import Any, NamedTuple

from standoff.games.errors import GameMistake, GamesError

SMALLEST, LARGEST = 1e-60, 1e60


class Range(NamedTuple):
    """An interval of numbers; an end is inside or not."""

    low: float
    high: float
    low_inside: bool
    high_inside: bool

    def holds(self, value: float) -> bool:
        above = value > self.low or (self.low_inside and value == self.low)
        return above and (value < self.high or (self.high_inside and value == self.high))

    def __str__(self) -> str:
        return (
            f"{'[' if self.low_inside else '('}{self.low:g}, {self.high:g}{']' if self.high_inside else ')'}"
        )


def interval(text: str) -> Range:
    """The range that "(0, 1]" or "[0, inf)" writes."""
    parts = re.fullmatch(r"([\[(])\s*(\S+)\s*,\s*(\S+?)\s*([\])])", text)
    assert parts, f"not a range: {text!r}"
    return Range(float(parts[2]), float(parts[3]), parts[1] == "[", parts[4] == "]")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a game: its name, the symbol of the equations, meaning, default, and what values it takes.

    ``kind`` is "number", "whole" (a whole number), "matrix" (a rectangle of numbers) or "choice" (one of ``options``).
    """

    name: str
    symbol: str
    meaning: str
    default: Any
    kind: str = "number"
    within: Range | None = None
    options: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """The values it takes, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.options)
        held = f" in {self.within}" if self.within else ""
        words = {"number": "a number", "whole": "a whole number", "matrix": "rows of numbers"}
        return words[self.kind] + held


class Relation(NamedTuple):
    """What must hold between parameters: ``holds`` takes their values by name; ``names`` are those that it reads."""

    names: tuple[str, ...]
    holds: Callable[[Mapping[str, Any]], bool]
    what: str
    why: str
    do: str


def number(default: float | None, within: str, symbol: str, meaning: str) -> Any:
    """A field that holds a number of the range ``within``; or None, where that is the default."""
    return _declared(default, "number", symbol, meaning, within)


def whole(default: int, within: str, symbol: str, meaning: str) -> Any:
    """A field that holds a whole number of the range ``within``."""
    return _declared(default, "whole", symbol, meaning, within)


def matrix(default: Any, symbol: str, meaning: str, within: str = "(-inf, inf)") -> Any:
    """A field that holds a rectangle of numbers, kept as tuples of rows."""
    return _declared(default, "matrix", symbol, meaning, within)


def choice(default: str, options: tuple[str, ...], meaning: str) -> Any:
    """A field that holds one of several words."""
    return field(default=default, metadata={"parameter": ("choice", "", meaning, None, options)})


def _declared(default: Any, kind: str, symbol: str, meaning: str, within: str) -> Any:
    return field(default=default, metadata={"parameter": (kind, symbol, meaning, interval(within), ())})


def parameters_of(model: type[Any]) -> tuple[Parameter, ...]:
    """The parameters that a model declares, in order."""
    found = []
    for one in fields(model):
        kind, symbol, meaning, within, options = one.metadata["parameter"]
        found.append(Parameter(one.name, symbol or one.name, meaning, one.default, kind, within, options))
    return tuple(found)


def settle(model: Any) -> None:
    """Make every field of a new model a plain number, or raise `GamesError` with all its mistakes."""
    given = {one.name: getattr(model, one.name) for one in fields(model)}
    clean, mistakes = _cleaned(type(model), given)
    if mistakes:
        raise GamesError(model.game, mistakes)
    for name, value in clean.items():
        object.__setattr__(model, name, value)


def build(model: type[Any], numbers: Mapping[str, Any]) -> Any:
    """The model with these numbers, by name or by symbol, and defaults for the rest.

    Raises `GamesError` with every mistake: unknown names, a parameter given twice, values that cannot be.
    """
    parameters = parameters_of(model)
    known = {one.symbol: one.name for one in parameters} | {one.name: one.name for one in parameters}
    given: dict[str, Any] = {}
    mistakes = []
    for name, value in numbers.items():
        if name not in known:
            mistakes.append(_unknown(name, parameters))
        elif known[name] in given:
            mistakes.append(
                GameMistake(known[name], "it is given twice", "only one could be used", "keep one")
            )
        else:
            given[known[name]] = value
    values = {one.name: given.get(one.name, one.default) for one in parameters}
    _, others = _cleaned(model, values)
    if mistakes or others:
        raise GamesError(model.game, [*mistakes, *others])
    return model(**values)


def _unknown(name: str, parameters: Sequence[Parameter]) -> GameMistake:
    names = [one.name for one in parameters]
    near = get_close_matches(name, names, n=1)
    do = f"did you mean `{near[0]}`?" if near else f"use one of: {', '.join(names)}"
    return GameMistake(name, "the game has no such parameter", "it would be ignored without a word", do)


def _cleaned(model: type[Any], values: Mapping[str, Any]) -> tuple[dict[str, Any], list[GameMistake]]:
    clean: dict[str, Any] = {}
    mistakes = []
    for one in parameters_of(model):
        value, mistake = _clean(one, values[one.name])
        if mistake:
            mistakes.append(mistake)
        else:
            clean[one.name] = value
    relations: tuple[Relation, ...] = getattr(model, "relations", ())
    for relation in relations:
        if set(relation.names) <= clean.keys() and not relation.holds(clean):
            mistakes.append(GameMistake(", ".join(relation.names), relation.what, relation.why, relation.do))
    return clean, mistakes


def _clean(one: Parameter, value: Any) -> tuple[Any, GameMistake | None]:
    """The value as plain numbers, or the mistake in it; None stays None where it is the default."""
    if value is None and one.default is None:
        return None, None
    if one.kind == "choice":
        return (value, None) if value in one.options else (None, _bad(one, value))
    if one.kind == "matrix":
        return _clean_matrix(one, value)
    plain = _plain(value)
    if plain is None or not (one.within is None or one.within.holds(plain)):
        return None, _bad(one, value)
    if not _usable(one, plain):
        return None, _beyond(one, value)
    if one.kind == "whole":
        return (int(plain), None) if plain == int(plain) else (None, _bad(one, value))
    return plain, None


def _clean_matrix(one: Parameter, value: Any) -> tuple[Any, GameMistake | None]:
    rows = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(rows, (list, tuple)) or not rows or not all(isinstance(r, (list, tuple)) for r in rows):
        return None, _bad(one, value)
    plain = [[_plain(cell) for cell in row] for row in rows]
    if not plain[0] or len({len(row) for row in plain}) != 1:
        return None, GameMistake(
            one.name, "its rows are not equally long", one.meaning, "write every row whole"
        )
    if any(c is None or not (one.within is None or one.within.holds(c)) for row in plain for c in row):
        return None, _bad(one, value)
    if not all(_usable(one, cell) for row in plain for cell in row if cell is not None):
        return None, _beyond(one, value)
    return tuple(tuple(row) for row in plain), None


def _usable(one: Parameter, value: float) -> bool:
    """Whether products, and quotients by what cannot be zero, stay within what a float can hold."""
    divides = one.within is not None and not one.within.holds(0.0)
    return abs(value) <= LARGEST and not (divides and abs(value) < SMALLEST)


def _beyond(one: Parameter, value: Any) -> GameMistake:
    what = f"{_shortened(value)} is too near to zero or too large to compute with"
    return GameMistake(one.name, what, one.meaning, f"stay between {SMALLEST:g} and {LARGEST:g} in size")


def _plain(value: Any) -> float | None:
    """A finite number as a float; None for anything else, a truth value included."""
    if isinstance(value, bool) or type(value).__name__ == "bool_" or not isinstance(value, Real):
        return None
    try:
        plain = float(value)
    except OverflowError:
        return None
    return plain if math.isfinite(plain) else None


def _bad(one: Parameter, value: Any) -> GameMistake:
    return GameMistake(
        one.name, f"{_shortened(value)} is not {one.allowed}", one.meaning, f"give {one.allowed}"
    )


def _shortened(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."
