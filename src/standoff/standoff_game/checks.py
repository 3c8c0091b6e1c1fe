"""Specifications and parameters that make no game are refused, all mistakes at once, by name and meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from standoff.standoff_game.beliefs import belief_grid
from standoff.standoff_game.errors import GameSpecError, SpecMistake
from standoff.standoff_game.option_checks import OPTION_NAMES, number_mistakes, option_mistakes
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.specification import Specification

if TYPE_CHECKING:
    from standoff.standoff_game.solution import Solution

GRID_TOLERANCE = 0.05
MOST_SPAN = 30.0
MOST_ROUNDING = 0.5
MOST_CELLS = 50_000_000
PROBABILITIES = {
    "drift": "the weekly probability that the coercer's type switches",
    "resume": "the chance that the coercer resumes after a deal",
    "collapse": "the weekly probability that the holder collapses at top force and no endurance",
    "pressure_decay": "the weight of a fall in outside pressure",
    "domestic": "the weekly probability that the domestic block comes or goes",
    "aid_control": "the share of aid under the holder's control",
    "offer_guarantee": "the share of the risk of resumption that an offer removes",
    "chip": "the share of an offer's value that shrinks with groups lost",
    "generosity": "how generous an offer is",
}
HAZARDS = {
    "forced_end": "the weekly probability, per level of outside pressure, that the campaign is ended by force",
    "death_base": "the weekly probability that a group of hostages is lost",
    "death_force": "that probability per level of force",
    "endurance_up": "the weight of a rise in endurance per unit of aid",
    "endurance_down": "the weight of a fall in endurance per level of force",
    "harm": "the weekly harm at each level of force",
    "harm_pressure": "the weight of a rise in outside pressure per unit of harm",
    "credulity": "the weight of a signal in the holder's belief",
    "criticism": "how critical of the coercer each signal is",
    "force_level": "the intensity of each level of force",
}
NOISES = {
    "noise_holder": "the scale of the holder's logit error",
    "noise_coercer": "the scale of the coercer's logit error",
}
DISCOUNTS = {
    "discount_holder": "what next week is worth to the holder",
    "discount_coercer": "what next week is worth to the coercer",
}


OPTIONAL = ("offer_guarantee", "aid_control")


def _values(parameters: Parameters, name: str) -> np.ndarray:
    return np.atleast_1d(np.asarray(getattr(parameters, name), dtype=np.float64))


def _lengths(spec: Specification) -> dict[str, tuple[int, ...]]:
    y, m, x = len(spec.signals), len(spec.force), len(spec.offers)
    return {
        "signal_law": (2, y), "criticism": (y,), "offer_value": (x,), "offer_price": (x,), "generosity": (x,),
        "offer_guarantee": (x,), "force_cost": (m,), "harm": (m,), "force_level": (m,), "resume": (2,),
        "forced_end": (2,), "force_value": (2,), "criticism_penalty": (2,), "pressure_penalty": (2,),
        "criticism_offer": (2,), "domestic": (2,),
    }  # fmt: skip


def _shape_mistakes(spec: Specification, p: Parameters) -> Iterator[SpecMistake]:
    lengths = _lengths(spec)
    for name in Parameters._fields:
        value = getattr(p, name)
        if name in OPTION_NAMES or (value is None and name in OPTIONAL):
            continue
        yield from number_mistakes(
            name, value, lengths.get(name, ()), "one entry a type, signal, level of force or offer"
        )


def _menu_mistakes(spec: Specification) -> Iterator[SpecMistake]:
    menus = {
        "offers": "the coercer's menu",
        "force": "the levels of military pressure",
        "signals": "the patron's signals",
    }
    for name, meaning in menus.items():
        names = getattr(spec, name)
        if not names:
            yield SpecMistake(
                name, "is empty", f"{meaning}: a choice needs at least one alternative", "list at least one"
            )
        elif len(set(names)) != len(names):
            yield SpecMistake(name, "names one alternative twice", meaning, "give each a name of its own")
    if spec.silence not in spec.signals:
        yield SpecMistake(
            "silence",
            f"{spec.silence!r} is not among the signals",
            "the signal that stands for saying nothing",
        )
    if len(spec.stages) != len(spec.offers) or any(not 0 <= s <= spec.groups for s in spec.stages):
        yield SpecMistake(
            "stages",
            "does not fit the offers",
            "groups released by each offer, 0 for all",
            f"0 to {spec.groups}, one an offer",
        )
    counts = {
        "belief_points": 2,
        "endurance_levels": 1,
        "pressure_levels": 1,
        "groups": 1,
        "credulity_levels": 1,
    }
    for name, least in counts.items():
        if getattr(spec, name) < least:
            yield SpecMistake(name, f"is {getattr(spec, name)}", f"needs at least {least}")
    if not 0 < spec.belief_span <= MOST_SPAN:
        yield SpecMistake(
            "belief_span", f"is not in 0..{MOST_SPAN:g}: {spec.belief_span:g}", "log-odds of the outermost belief",
            "beyond that, beliefs next to 0 and 1 cannot be told apart",
        )  # fmt: skip
    if not 0 <= spec.rounding <= MOST_ROUNDING:
        yield SpecMistake(
            "rounding", f"is not in 0..{MOST_ROUNDING:g}: {spec.rounding:g}", "share of the shorter interval beside each belief",
            "beyond that, the roundings of two neighbours overlap",
        )  # fmt: skip
    if spec.cells > MOST_CELLS:
        yield SpecMistake(
            "grid", f"makes {spec.cells:.2g} cells, at most {MOST_CELLS:.2g}",
            "a cell is a belief, signal, force, offer and state; each takes some 200 bytes while a game is solved",
            "take fewer belief_points, endurance_levels, pressure_levels, groups or signals",
        )  # fmt: skip


def _range_mistakes(p: Parameters, sound: Callable[[str], bool]) -> Iterator[SpecMistake]:
    def check(
        names: dict[str, str], wrong: Callable[[np.ndarray], Any], what: str, do: str
    ) -> Iterator[SpecMistake]:
        for name, meaning in names.items():
            if sound(name) and getattr(p, name) is not None and np.any(wrong(_values(p, name))):
                yield SpecMistake(name, f"{what}: {_values(p, name).tolist()}", meaning, do)

    yield from check(
        PROBABILITIES, lambda v: (v < 0) | (v > 1), "is not between 0 and 1", "give a value in [0, 1]"
    )
    yield from check(HAZARDS, lambda v: v < 0, "is negative", "give zero or more")
    yield from check(NOISES, lambda v: v <= 0, "is not positive", "give more than zero")
    yield from check(
        DISCOUNTS,
        lambda v: (v < 0) | (v >= 1),
        "is not at least 0 and below 1",
        "a week's discount below 1: waiting for ever must have a price",
    )


def _law_mistakes(p: Parameters) -> Iterator[SpecMistake]:
    for kind, law in zip(
        ("restrained", "unrestrained"), np.asarray(p.signal_law, dtype=np.float64), strict=True
    ):
        if abs(law.sum() - 1.0) > 1e-9:
            yield SpecMistake(
                "signal_law",
                f"probabilities of the {kind} type sum to {law.sum():.6g}, not 1",
                "the chance of each signal in a week",
                "make them sum to 1",
            )
        if np.any(law <= 0):
            yield SpecMistake(
                "signal_law",
                f"a probability of the {kind} type is not positive",
                "a signal that one type never sends would end all doubt",
                "give every signal some chance",
            )


def _force_mistakes(
    spec: Specification, p: Parameters, sound: Callable[[str], bool]
) -> Iterator[SpecMistake]:
    if sound("forced_end") and np.any(_values(p, "forced_end") * (spec.pressure_levels - 1) >= 1):
        yield SpecMistake(
            "forced_end", "reaches 1 at the highest outside pressure", HAZARDS["forced_end"], "lower it"
        )
    if not sound("force_level") or not spec.force:
        return
    levels = _values(p, "force_level")
    if levels[-1] <= 0 or np.any(np.diff(levels) <= 0):
        yield SpecMistake(
            "force_level",
            "does not rise from level to level",
            "the intensity of military pressure",
            "list levels in rising order",
        )
    if sound("death_base") and sound("death_force"):
        chance = _values(p, "death_base") + _values(p, "death_force") * levels
        if np.any(chance > 1):
            yield SpecMistake(
                "death_force", "makes the chance of a loss exceed 1", HAZARDS["death_force"], "lower it"
            )


def find_mistakes(specification: Specification, parameters: Parameters) -> list[SpecMistake]:
    """All mistakes in a game, with the parameter's name and meaning; empty when it can be solved."""
    mistakes = list(_menu_mistakes(specification))
    mistakes += list(_shape_mistakes(specification, parameters))
    wrong = {m.parameter for m in mistakes}

    def sound(name: str) -> bool:
        return name not in wrong

    mistakes += _range_mistakes(parameters, sound)
    if sound("signal_law") and specification.signals:
        mistakes += _law_mistakes(parameters)
    mistakes += _force_mistakes(specification, parameters, sound)
    mistakes += option_mistakes(specification, parameters)
    return mistakes


def check_game(specification: Specification, parameters: Parameters) -> None:
    """Raise `GameSpecError` with all mistakes; traced parameters are let through unseen."""
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(parameters)):
        return
    mistakes = find_mistakes(specification, parameters)
    if mistakes:
        raise GameSpecError(mistakes)


def interpolation_error(solution: Solution) -> float:
    """Largest gap between linear and four-point interpolation of the holder's value, in units of its logit noise.

    Taken halfway (in log-odds) between nodes, where signals land between them: the error that the grid adds to
    A - W. The four-point rule is Lagrange's in log-odds.
    """
    spec = solution.specification
    if spec.belief_points < 4:
        return float("inf")
    grid = belief_grid(spec.belief_points, spec.belief_span)
    logit = np.linspace(-spec.belief_span, spec.belief_span, spec.belief_points)
    middle = (logit[1:] + logit[:-1]) / 2
    values = np.moveaxis(np.asarray(solution.unknowns.values)[:, 0], 1, 0)
    worst = 0.0
    for i, at in enumerate(middle):
        first = min(max(i - 1, 0), spec.belief_points - 4)
        nodes = range(first, first + 4)
        smooth = sum(
            values[j] * np.prod([(at - logit[q]) / (logit[j] - logit[q]) for q in nodes if q != j])
            for j in nodes
        )
        share = (1 / (1 + np.exp(-at)) - grid[i]) / (grid[i + 1] - grid[i])
        straight = (1 - share) * values[i] + share * values[i + 1]
        worst = max(worst, float(np.max(np.abs(straight - smooth))))
    return worst / float(solution.parameters.noise_holder)


def check_grid(solution: Solution) -> None:
    """Raise `GameSpecError` when the grid of beliefs is too coarse for its signals."""
    error = interpolation_error(solution)
    if error > GRID_TOLERANCE:
        raise GameSpecError(
            [
                SpecMistake(
                    "belief_points",
                    f"{solution.specification.belief_points} beliefs are too few: interpolation error {error:.2g} of the "
                    f"holder's logit noise, at most {GRID_TOLERANCE} allowed",
                    "between nodes the holder's value is read on a straight line; signals land between nodes",
                    "raise belief_points or lower belief_span",
                )
            ]
        )
