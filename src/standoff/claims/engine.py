"""Order in time and contrast on arrays alone: every specification under every arrangement.

A *design* is one distinct pair of a signal set and an outcome with its window; many combinations of coding choices
share a design. All designs are computed under the same arrangements, so that the median over all combinations has a
reference law of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from standoff.claims.arrangements import SignalArray, smallest_p, two_sided
from standoff.claims.association import associate, basis, inverted_interval
from standoff.claims.differences import FloatArray, IntArray, Outcome, lead_table, response_table
from standoff.claims.results import Interval

# (signal set, table of days, number of differences) -> exposure under every arrangement, observed first
Expose = Callable[[int, IntArray, int], SignalArray]


class Design(NamedTuple):
    """A signal set, an outcome (both by index) and a window in weeks."""

    signals: int
    outcome: int
    window: int


class Problem(NamedTuple):
    """All that a test needs. ``combination``: (combinations,) index of the design of each; ``baseline``: a design's index.

    ``scale``: 2 for a contrast, whose exposure runs from -1 to +1. ``either``: in a contrast, whether an act of either
    kind exposes a difference: a control that does not vary with the labelling.
    """

    outcomes: tuple[Outcome, ...]
    designs: tuple[Design, ...]
    combination: IntArray
    baseline: int
    expose: Expose
    length: int
    scale: float = 1.0
    either: Callable[[int, IntArray, int], FloatArray] | None = None


class Answer(NamedTuple):
    """Per design (designs,): effect (NaN: nothing to compare), lead effect, exposed and all differences; then the test.

    ``effects_by_combination`` repeats the designs' effects over combinations. ``p`` is of the median over combinations,
    ``lead_p`` of effect minus lead.
    """

    effects: FloatArray
    lead_effects: FloatArray
    exposed: IntArray
    differences: IntArray
    effects_by_combination: FloatArray
    p: float | None
    lead_p: float | None
    smallest_p: float
    distinct_exposures: int
    interval: Interval | None
    baseline_exposure: FloatArray


LEVEL = 0.90  # of the interval
FEWEST = 4  # differences below which nothing is compared


def analyse(problem: Problem, progress: Callable[[int, int], None] | None = None) -> Answer:
    """Compute all designs under all arrangements, and the test of the median.

    Errors: ValueError without designs. Algorithm: docs/explanation/order-in-time.md.
    """
    if not problem.designs:
        raise ValueError("no design to analyse")
    count = len(problem.designs)
    effects = np.full(count, np.nan)
    lead_effects = np.full(count, np.nan)
    exposed = np.zeros(count, dtype=np.int64)
    differences = np.zeros(count, dtype=np.int64)
    correlations: list[FloatArray] = []
    contrasts: list[FloatArray] = []
    for k, design in enumerate(problem.designs):
        outcome = problem.outcomes[design.outcome]
        differences[k] = len(outcome.change)
        correlation, lead_correlation, first = _one(problem, design, effects, lead_effects, k)
        exposed[k] = int(np.count_nonzero(first))
        correlations.append(correlation)
        contrasts.append(correlation - lead_correlation)
        if progress is not None:
            progress(k + 1, count)
    baseline = problem.designs[problem.baseline]
    outcome = problem.outcomes[baseline.outcome]
    exposure = exposure_of(problem, baseline)
    enough = not np.isnan(effects[problem.baseline])
    interval = None
    if enough:
        table = response_table(outcome, baseline.window, problem.length)
        control = basis(covariates(problem, baseline, table))
        interval = inverted_interval(exposure, outcome.change, control, LEVEL)
    if interval is not None:
        low, high = interval.low * problem.scale, interval.high * problem.scale
        interval = Interval(low, high, LEVEL)
    return Answer(
        effects,
        lead_effects,
        exposed,
        differences,
        effects[problem.combination],
        _median_p(correlations, problem.combination) if enough else None,
        _median_p(contrasts, problem.combination) if enough else None,
        smallest_p(exposure),
        len(np.unique(exposure, axis=0)),
        interval,
        exposure[0].astype(np.float64),
    )


def exposure_of(problem: Problem, design: Design) -> SignalArray:
    """Exposure of a design's differences under every arrangement. Shape: (arrangements, differences)."""
    outcome = problem.outcomes[design.outcome]
    table = response_table(outcome, design.window, problem.length)
    return problem.expose(design.signals, table, len(outcome.change))


def covariates(problem: Problem, design: Design, table: IntArray) -> FloatArray:
    """Controls beside the constant: start level, and in a contrast whether either kind came before. Shape: (n, 1 or 2)."""
    outcome = problem.outcomes[design.outcome]
    columns = [outcome.start]
    if problem.either is not None:
        columns.append(problem.either(design.signals, table, len(outcome.change)))
    return np.column_stack(columns)


def _one(
    problem: Problem, design: Design, effects: FloatArray, lead_effects: FloatArray, k: int
) -> tuple[FloatArray, FloatArray, SignalArray]:
    """Fill in one design's effects; give its correlations under every arrangement, its leads', and its exposure."""
    outcome = problem.outcomes[design.outcome]
    n = len(outcome.change)
    tables = (
        response_table(outcome, design.window, problem.length),
        lead_table(outcome, design.window, problem.length),
    )
    exposure, lead = (problem.expose(design.signals, table, n) for table in tables)
    if n < FEWEST:
        nothing = np.zeros(len(exposure))
        return nothing, nothing, exposure[0]
    found = [
        associate(marks, outcome.change, basis(covariates(problem, design, table)))
        for marks, table in zip((exposure, lead), tables, strict=True)
    ]
    effects[k] = found[0].effect[0] * problem.scale
    lead_effects[k] = found[1].effect[0] * problem.scale
    return found[0].correlation, found[1].correlation, exposure[0]


def _median_p(statistics: Sequence[FloatArray], combination: IntArray) -> float:
    """P-value of the median over combinations. A combination that has nothing to compare counts as zero."""
    table = np.array(statistics).T  # arrangements, designs
    median = np.median(table[:, combination], axis=1)
    return float(two_sided(median))
