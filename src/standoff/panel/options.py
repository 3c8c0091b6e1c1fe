"""One combination of the coding choices that a case declares, and the grid of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import NamedTuple

from standoff.errors import SettingsError
from standoff.record.case_schema import OPTION_RANGES, OPTION_WORDS, CaseFrame, ChoiceName, CodingChoice


class Options(NamedTuple):
    """One option for each coding choice; values as `CodingChoice` lists them.

    window: weeks in which a response counts · intensity: lowest that counts (1-5) · basis: all|read (`read`
    keeps only rows that rest on a source alone, for a remembered detail is usually the day) · outlets:
    all|no-partisan · reading: first|second · collection: both|first|added · stance_channel:
    bargaining|with-public · composite: an id of `stance.composites` · patron: executive|with-legislature ·
    acts: with-statements|apart.
    """

    window: int
    intensity: int
    basis: str
    outlets: str
    reading: str
    collection: str
    stance_channel: str
    composite: str
    patron: str
    acts: str


def baseline_options(case: CaseFrame) -> Options:
    """The baseline of each declared choice; a choice that is not declared takes the first of its words.

    Undeclared: window 4 weeks, intensity 1, composite the first of the case.

    Raises:
        SettingsError: a declared baseline is no value of its choice.
    """
    options = Options(
        window=4,
        intensity=1,
        composite=case.stance.composites[0].id,
        **{choice: words[0] for choice, words in OPTION_WORDS.items()},
    )
    baseline = {choice.choice: _usable(case, choice.choice, choice.baseline) for choice in case.choices}
    return _chosen(options, baseline)


def option_grid(case: CaseFrame, vary: tuple[str, ...] = ()) -> tuple[Options, ...]:
    """All combinations of the declared options, in the case's order (the first choice changes slowest).

    `vary` names the choices to vary, the others stay at their baseline; empty varies all that are declared.

    Raises:
        SettingsError: `vary` names a choice that the case does not declare, or an option has no such value.
    """
    declared = {choice.choice: choice for choice in case.choices}
    for name in vary:
        if name not in declared:
            raise SettingsError(
                f"no coding choice {name!r} in this case",
                f"the case declares: {', '.join(declared) or 'none'}",
                "declare it under `choices` in case.yaml, or leave it out of `vary`",
            )
    varied = [choice for choice in case.choices if not vary or choice.choice in vary]
    start = baseline_options(case)
    columns = [_values(case, choice) for choice in varied]
    names = [choice.choice for choice in varied]
    return tuple(_chosen(start, dict(zip(names, cell, strict=True))) for cell in product(*columns))


def _chosen(options: Options, values: Mapping[ChoiceName, int | str]) -> Options:
    return Options(**(options._asdict() | {str(choice): value for choice, value in values.items()}))


def _values(case: CaseFrame, choice: CodingChoice) -> list[int | str]:
    return [_usable(case, choice.choice, option.value) for option in choice.options]


def _usable(case: CaseFrame, choice: str, value: str | int) -> int | str:
    """The value in its own type, or a SettingsError when the choice has no such value."""
    if choice in OPTION_RANGES:
        low, high = OPTION_RANGES[choice]
        if str(value).isdecimal() and low <= int(value) <= high:
            return int(value)
        raise _unusable(choice, value, f"a whole number from {low} to {high}")
    words = OPTION_WORDS.get(choice) or tuple(composite.id for composite in case.stance.composites)
    if value in words:
        return str(value)
    raise _unusable(choice, value, " or ".join(words))


def _unusable(choice: str, value: str | int, expected: str) -> SettingsError:
    return SettingsError(
        f"choice {choice!r} cannot be {value!r}", f"it must be {expected}", "mend `choices` in case.yaml"
    )
