"""Coding choices: baselines, the grid, and values that no choice has."""

from __future__ import annotations

from typing import Any

import pytest

from standoff.errors import SettingsError
from standoff.panel import Options, baseline_options, option_grid
from tests.panel.invented import frame


def choice(name: str, baseline: Any, *values: Any) -> dict[str, Any]:
    options = [{"value": value, "reason": "a reason"} for value in values]
    return {"choice": name, "question": "Which?", "baseline": baseline, "options": options}


CHOICES = [
    choice("window", 4, 2, 4, 8),
    choice("reading", "second", "first", "second"),
    choice("composite", "carried", "known", "carried"),
]


def test_undeclared_choices_take_the_widest_reading() -> None:
    assert baseline_options(frame()) == Options(
        4, 1, "all", "all", "first", "both", "bargaining", "known", "executive", "with-statements"
    )


def test_declared_baselines_are_used() -> None:
    options = baseline_options(frame(choices=CHOICES))
    assert (options.window, options.reading, options.composite) == (4, "second", "carried")


def test_grid_has_every_combination_once_in_case_order() -> None:
    grid = option_grid(frame(choices=CHOICES))
    assert len(grid) == len(set(grid)) == 12
    assert [(o.window, o.reading, o.composite) for o in grid[:5]] == [
        (2, "first", "known"),
        (2, "first", "carried"),
        (2, "second", "known"),
        (2, "second", "carried"),
        (4, "first", "known"),
    ]


def test_vary_keeps_the_others_at_their_baseline() -> None:
    grid = option_grid(frame(choices=CHOICES), vary=("window",))
    assert [(o.window, o.reading) for o in grid] == [(2, "second"), (4, "second"), (8, "second")]


def test_a_case_without_choices_has_one_combination() -> None:
    assert option_grid(frame()) == (baseline_options(frame()),)


def test_a_window_written_as_text_is_a_number() -> None:
    assert baseline_options(frame(choices=[choice("window", "8", "8")])).window == 8


def test_vary_of_an_undeclared_choice_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        option_grid(frame(choices=CHOICES), vary=("outlets",))
    assert "window, reading, composite" in caught.value.why


@pytest.mark.parametrize(
    "bad",
    [
        choice("window", 0, 0),
        choice("window", 27, 27),
        choice("window", "four", "four"),
        choice("intensity", 6, 6),
        choice("reading", "third", "third"),
        choice("composite", "none-such", "none-such"),
        choice("basis", 1, 1),
    ],
)
def test_values_that_no_choice_has_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        option_grid(frame(choices=[bad]))
