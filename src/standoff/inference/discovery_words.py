"""A box of assumptions in plain words: what you would have to believe for a claim to hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np

from standoff.inference.discovery import Box

Form = Literal["number", "times", "percent", "chance"]

TIMES = {0.25: "a quarter as much", 0.5: "half as much", 1.0: "as much", 2.0: "twice as much"}


class Meaning(NamedTuple):
    """What a parameter says, as a clause with one {} for the bound in words.

    ``clause`` such as "the holder's belief moves {} on a public rebuke as on conduct" (``form`` *times*: "at least twice
    as much"; below zero "the other way") or "the rent is {} a month" (*number*: "at least 1.2"; *percent* of a share: "at
    most 30%"; *chance* of a shift in logits: what an even chance becomes, "at least 73%").
    """

    clause: str
    form: Form = "number"


def in_words(box: Box, meanings: Mapping[str, Meaning]) -> str:
    """One sentence: every restriction's clause joined by "and", or that nothing need be believed.

    Errors: KeyError where a restricted parameter has no meaning.
    """
    clauses = [_clause(meanings[name], *ends) for name, ends in box.bounds.items()]
    if not clauses:
        return "Nothing in particular need be believed."
    text = ", and ".join([", ".join(clauses[:-1]), clauses[-1]] if len(clauses) > 1 else clauses)
    return text[0].upper() + text[1:] + "."


def _clause(meaning: Meaning, low: float, high: float) -> str:
    before, after = meaning.clause.split("{}")
    return before + _range(meaning.form, low, high) + after


def _range(form: Form, low: float, high: float) -> str:
    if form == "times" and (high < 0 or (np.isfinite(low) and low < 0)):
        return _turned(low, high)
    if not np.isfinite(low):
        return f"at most {_amount(form, high)}"
    if not np.isfinite(high):
        return f"at least {_amount(form, low)}"
    return f"at least {_amount(form, low)} and at most {_amount(form, high)}"


def _turned(low: float, high: float) -> str:
    """A range of multiples that reaches below zero, where the effect goes the other way."""
    if high < 0:
        return f"{_range('times', -high, -low)} the other way"
    other = f"at most {_amount('times', -low)} the other way"
    return f"{other} and at most {_amount('times', high)} this way" if np.isfinite(high) else other


def _amount(form: Form, value: float) -> str:
    """Two digits are as much as a box found by peeling can tell."""
    short = float(f"{value:.2g}")
    if form == "percent":
        return f"{float(f'{100 * value:.2g}'):g}%"
    if form == "chance":
        return f"{np.clip(100 / (1 + np.exp(-value)), 1, 99):.0f}%"
    if form == "times":
        return TIMES.get(short, f"{short:g} times as much")
    return f"{short:g}"
