"""The specification curve: the answer under every combination of the coding choices (`simonsohn2020specification`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from standoff.claims.differences import FloatArray
from standoff.claims.problem import declared_choices, options_in_words
from standoff.claims.results import ChoiceInfluence, MultiverseResult, Specification, pack
from standoff.panel import Options
from standoff.record.rows import Record


def summarise(
    record: Record,
    grid: Sequence[Options],
    effects: FloatArray,
    exposed: Sequence[int],
    differences: Sequence[int],
    distinct: int,
    sign: str,
    subsets: tuple[tuple[str, float | None], ...],
) -> MultiverseResult:
    """The curve with what moves it. Shapes: effects (combinations,), NaN where nothing is left to compare."""
    choices = declared_choices(record, grid)
    options = {name: [str(getattr(one, name)) for one in grid] for name in choices}
    direction = 1.0 if sign == "+" else -1.0
    influences = _influences(options, effects, direction)
    held = [value is not None and value * direction > 0 for _, value in subsets]
    return MultiverseResult(
        curve=pack(
            [
                Specification(options_in_words(record, one), number(effect), int(e), int(d))
                for one, effect, e, d in zip(grid, effects, exposed, differences, strict=True)
            ]
        ),
        combinations=len(grid),
        distinct=distinct,
        median_effect=median(effects),
        share_claimed_sign=balanced_share(options, effects, direction),
        share_other_sign=balanced_share(options, effects, -direction),
        influences=influences,
        most_moving_choice=_most_moving(influences),
        subsets=subsets,
        sign_holds_in_subsets=all(held) if held else None,
    )


def balanced_share(options: dict[str, list[str]], effects: FloatArray, direction: float) -> float | None:
    """Share of specifications whose effect has this direction, every choice and each of its options weighing the same.

    With nothing missing this is the plain share over all combinations. Where some options leave nothing to compare, a
    plain share would let the options that leave most speak loudest. None when nothing is left at all.
    """
    if np.isnan(effects).all():
        return None
    if not options:
        return plain_share(effects, direction)
    over_choices = []
    for column in options.values():
        names = np.array(column)
        shares = [plain_share(effects[names == name], direction) for name in dict.fromkeys(column)]
        over_choices.append(np.mean([share for share in shares if share is not None]))
    return float(np.mean(over_choices))


def plain_share(effects: FloatArray, direction: float) -> float | None:
    """Share of the effects that are not missing and have this direction; None when all are missing."""
    left = effects[~np.isnan(effects)]
    return float((left * direction > 0).mean()) if len(left) else None


def median(effects: FloatArray) -> float | None:
    """Median of what is not missing; None when all is."""
    left = effects[~np.isnan(effects)]
    return float(np.median(left)) if len(left) else None


def number(value: float) -> float | None:
    """A plain number, None for NaN."""
    return None if np.isnan(value) else float(value)


def with_option(options: Options, choice: str, value: str) -> Options:
    """The options with one choice of words changed."""
    return Options(**(options._asdict() | {choice: value}))


def _influences(
    options: dict[str, list[str]], effects: FloatArray, direction: float
) -> tuple[ChoiceInfluence, ...]:
    found = []
    for choice, column in options.items():
        names = np.array(column)
        for name in dict.fromkeys(column):
            part = effects[names == name]
            found.append(ChoiceInfluence(choice, name, median(part), plain_share(part, direction)))
    return tuple(found)


def _most_moving(influences: tuple[ChoiceInfluence, ...]) -> str | None:
    """The choice whose options' medians lie furthest apart; None where no choice moves anything."""
    spread: dict[str, float] = {}
    for choice in dict.fromkeys(one.choice for one in influences):
        medians = [one.median_effect for one in influences if one.choice == choice]
        known = [value for value in medians if value is not None]
        spread[choice] = max(known) - min(known) if len(known) > 1 else 0.0
    widest = max(spread, key=lambda choice: spread[choice], default=None)
    return widest if widest is not None and spread[widest] > 0 else None


def subset_effects(
    record: Record,
    grid: Sequence[Options],
    effects: FloatArray,
    alone: Callable[[Options, Record], float | None],
    baseline: Options,
    without_single_sources: Record,
) -> tuple[tuple[str, float | None], ...]:
    """Median effect in each collection alone, each reading alone, and with single-source events dropped.

    A subset that the grid holds is the median of its specifications; one that it does not is the baseline with that
    option. A case with one collection or one reading has no such subset.
    """
    wanted: list[tuple[str, str, str]] = []
    if len({event.collection for event in record.events}) > 1:
        wanted += [("collection", "first", "first collection"), ("collection", "added", "added rows")]
    if record.event_readings or record.position_readings:
        wanted += [("reading", "first", "first reading"), ("reading", "second", "second reading")]
    found: list[tuple[str, float | None]] = []
    for choice, option, label in wanted:
        chosen = np.array([getattr(one, choice) == option for one in grid])
        held = (
            median(effects[chosen]) if chosen.any() else alone(with_option(baseline, choice, option), record)
        )
        found.append((label, held))
    found.append(("events with two sources", alone(baseline, without_single_sources)))
    return tuple(found)
