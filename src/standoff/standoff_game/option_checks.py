"""Options whose numbers make no game are refused, all mistakes at once, by name and meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from standoff.standoff_game.errors import SpecMistake
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.specification import Specification

OPTION_NAMES = ("private", "wear", "holder_acts", "patron", "patron_policy")


class _Part(NamedTuple):
    """What a number of an option must be: its shape, the range that it keeps to, and its meaning."""

    shape: tuple[int, ...]
    low: float
    high: float
    meaning: str


FREE = (-np.inf, np.inf)


def number_mistakes(name: str, value: Any, wanted: tuple[int, ...], why: str) -> Iterator[SpecMistake]:
    """What keeps a value from being finite numbers of the wanted shape."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        yield SpecMistake(name, f"is not a number: {value!r}", why, "give numbers")
        return
    if value is None:
        yield SpecMistake(name, "is missing", why, "give its numbers")
    elif array.shape != wanted:
        yield SpecMistake(name, f"has shape {array.shape}, needs {wanted}", why)
    elif not np.all(np.isfinite(array)):
        yield SpecMistake(name, "is not finite", "payoffs and probabilities are finite numbers")


def _parts(spec: Specification, p: Parameters) -> dict[str, dict[str, _Part]]:
    """Every number of every option, by option and by field."""
    y = len(spec.signals)
    levels = np.size(p.private.law) if p.private is not None else 0
    acts = np.size(p.holder_acts.cost) if p.holder_acts is not None else 0
    return {
        "private": {
            "law": _Part((levels,), 0, 1, "the weekly chance of each level of private pressure"),
            "level": _Part((levels,), *FREE, "the intensity of each level of private pressure"),
            "penalty": _Part((2,), *FREE, "what private pressure adds to the cost of force, by type"),
            "offer": _Part(
                (2,), *FREE, "what private pressure adds to the gain of a generous offer, by type"
            ),
        },
        "wear": {
            "share": _Part((spec.credulity_levels,), 0, np.inf, "what is left of credulity at each level"),
            "contradiction": _Part((y,), 0, 1, "the chance that each signal wears credulity by a level"),
            "mend": _Part((), 0, 1, "the weekly chance that credulity mends by a level"),
        },
        "holder_acts": {
            "cost": _Part((acts,), *FREE, "the weekly cost of each of the holder's acts"),
            "propaganda": _Part((acts,), 0, np.inf, "how much louder each act makes harm, from 0"),
            "provocation": _Part((acts,), 0, np.inf, "the weekly harm that each act adds"),
            "wear": _Part((acts,), 0, np.inf, "the weight that each act adds on losing endurance"),
        },
        "patron": {
            "politics": _Part((2, y), *FREE, "what each signal is worth at home, by type of coercer"),
            "harm_cost": _Part((), *FREE, "what a unit of harm costs the patron"),
            "deal_value": _Part((), *FREE, "what a deal is worth to the patron"),
            "loss_cost": _Part((), *FREE, "what a group lost costs the patron"),
            "discount": _Part((), 0, 1, "what next week is worth to the patron"),
            "noise": _Part((), 0, np.inf, "the scale of the patron's logit error"),
        },
        "patron_policy": {
            field: _Part((y,), *FREE, f"how each signal leans on {meaning}")
            for field, meaning in (
                ("pressure", "outside pressure"),
                ("lost", "the share of groups lost"),
                ("block", "the domestic block"),
                ("endurance", "endurance"),
            )
        },
    }


def _field_mistakes(name: str, value: Any, part: _Part) -> Iterator[SpecMistake]:
    found = list(number_mistakes(name, value, part.shape, part.meaning))
    yield from found
    if found:
        return
    array = np.asarray(value, dtype=np.float64)
    if np.any((array < part.low) | (array > part.high)):
        ends = "is negative" if part.high == np.inf else f"is not between {part.low:g} and {part.high:g}"
        yield SpecMistake(name, f"{ends}: {array.tolist()}", part.meaning, "give a value in that range")


def option_mistakes(spec: Specification, p: Parameters) -> Iterator[SpecMistake]:
    """Mistakes in the options that are on, and options that do not go together."""
    parts, wrong = _parts(spec, p), set()
    for option in OPTION_NAMES:
        numbers = getattr(p, option)
        if numbers is None:
            continue
        for field, part in parts[option].items():
            for mistake in _field_mistakes(f"{option}.{field}", getattr(numbers, field), part):
                wrong.add(mistake.parameter)
                yield mistake
    yield from _joint_mistakes(spec, p, wrong)


def _joint_mistakes(spec: Specification, p: Parameters, wrong: set[str]) -> Iterator[SpecMistake]:
    if p.private is not None and "private.law" not in wrong:
        total = float(np.sum(np.asarray(p.private.law)))
        if abs(total - 1.0) > 1e-9:
            yield SpecMistake(
                "private.law",
                f"sums to {total:.6g}, not 1",
                "the weekly chance of each level of private pressure",
                "make it sum to 1",
            )
    if p.wear is None and spec.credulity_levels > 1:
        yield SpecMistake(
            "credulity_levels", "is more than 1 without wear", "levels of credulity need a law of wear"
        )
    if p.patron is not None:
        if "patron.discount" not in wrong and not float(p.patron.discount) < 1:
            yield SpecMistake("patron.discount", "is not below 1", "what next week is worth to the patron")
        if "patron.noise" not in wrong and not float(p.patron.noise) > 0:
            yield SpecMistake("patron.noise", "is not positive", "the scale of the patron's logit error")
    if p.patron is not None and p.patron_policy is not None:
        yield SpecMistake(
            "patron", "is given twice", "the patron plays, or follows an estimated policy", "keep one"
        )
