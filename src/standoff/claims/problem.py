"""From a record and a test in words to the problem that the engine solves, and back to rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from standoff.claims.arrangements import DRAWS
from standoff.claims.differences import NONE, IntArray, response_table
from standoff.claims.engine import Design, Problem, exposure_of
from standoff.claims.outcomes import Readings, outcome_key, readings
from standoff.claims.results import Difference
from standoff.claims.signals import Occasion, SignalSets, contrast_sets, order_sets, signal_key
from standoff.panel import Options, length_days
from standoff.panel.days import date_of
from standoff.record.claims_schema import ContrastTest, OrderTest
from standoff.record.rows import Record


class Posed(NamedTuple):
    """A problem with the words behind its arrays; ``grid``: the combinations, one design index each in the problem."""

    problem: Problem
    grid: tuple[Options, ...]
    signals: SignalSets
    readings: Readings


def pose(
    record: Record,
    test: OrderTest | ContrastTest,
    grid: tuple[Options, ...],
    baseline: Options,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> Posed:
    """Every combination of the coding choices as a design, without repeating equal ones.

    Errors: NotFoundError for an unknown series.
    """
    everything = (*grid, baseline)
    if isinstance(test, OrderTest):
        signals = order_sets(record, test, everything, rng, draws)
    else:
        signals = contrast_sets(record, test, everything, rng, draws)
    seen = readings(record, test.outcome, everything)
    designs: dict[Design, int] = {}
    index = [designs.setdefault(_design(options, signals, seen), len(designs)) for options in everything]
    problem = Problem(
        outcomes=seen.outcomes,
        designs=tuple(designs),
        combination=np.array(index[:-1], dtype=np.int64),
        baseline=index[-1],
        expose=signals.expose,
        length=length_days(record),
        scale=1.0 if isinstance(test, OrderTest) else 2.0,
        either=signals.either,
    )
    return Posed(problem, grid, signals, seen)


def _design(options: Options, signals: SignalSets, seen: Readings) -> Design:
    return Design(
        signals.set_of[signal_key(options)],
        seen.reading_of[outcome_key(options, seen.is_stance)],
        options.window,
    )


class Baseline(NamedTuple):
    """The baseline design in words: occasions, and the difference that each exposes (NONE: no later point in the window)."""

    occasions: tuple[Occasion, ...]
    hit: IntArray


def baseline_of(posed: Posed) -> Baseline:
    """Occasions of the baseline and where they fall. ``hit`` has shape (occasions,)."""
    design = posed.problem.designs[posed.problem.baseline]
    outcome = posed.problem.outcomes[design.outcome]
    table = response_table(outcome, design.window, posed.problem.length)
    acts = posed.signals.sets[design.signals]
    days = np.array([act.day for act in acts], dtype=np.int64)
    return Baseline(acts, table[days] if len(days) else np.empty(0, dtype=np.int64))


def difference_rows(record: Record, posed: Posed) -> tuple[Difference, ...]:
    """Every difference of the baseline as a row: before, after, the occasions between, and the rows behind each."""
    design = posed.problem.designs[posed.problem.baseline]
    outcome = posed.problem.outcomes[design.outcome]
    points = posed.readings.points[design.outcome]
    exposure = exposure_of(posed.problem, design)[0]
    acts, hit = baseline_of(posed)
    rows = []
    for k in range(len(outcome.change)):
        before, after = int(outcome.before[k]), int(outcome.after[k])
        within = [name for act, where in zip(acts, hit, strict=True) if where == k for name in act.events]
        rows.append(
            Difference(
                date_of(record, int(points.days[before])).isoformat(),
                date_of(record, int(points.days[after])).isoformat(),
                float(points.values[before]),
                float(points.values[after]),
                float(outcome.change[k]),
                float(exposure[k]),
                float(outcome.start[k]),
                tuple(within),
                points.rows[before],
                points.rows[after],
            )
        )
    return tuple(rows)


def missing_occasions(posed: Posed) -> list[tuple[Occasion, float]]:
    """Occasions with no later point in the window, each with the last value before it (those with none are left out)."""
    design = posed.problem.designs[posed.problem.baseline]
    points = posed.readings.points[design.outcome]
    acts, hit = baseline_of(posed)
    missing = []
    for act, where in zip(acts, hit, strict=True):
        place = int(np.searchsorted(points.days, act.day, side="right")) - 1
        if where == NONE and place >= 0:
            missing.append((act, float(points.values[place])))
    return missing


def missing_share(posed: Posed) -> float:
    """Share of the baseline's occasions that have no later point in the window; 0 without occasions."""
    hit = baseline_of(posed).hit
    return float((hit == NONE).mean()) if len(hit) else 0.0


def options_in_words(record: Record, options: Options) -> tuple[tuple[str, str], ...]:
    """The declared choices of one combination, in the case's order."""
    chosen = options._asdict()
    return tuple((choice.choice, str(chosen[choice.choice])) for choice in record.case.choices)


def declared_choices(record: Record, grid: Sequence[Options]) -> tuple[str, ...]:
    """Choices that vary over the grid, in the case's order."""
    names = [choice.choice for choice in record.case.choices]
    return tuple(name for name in names if len({getattr(options, name) for options in grid}) > 1)
