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
from standoff.claims.rules import LEVEL_SMALL

# (table of days, number of differences) -> (signal set -> exposure under every arrangement, observed first)
Expose = Callable[[IntArray, int], Callable[[int], SignalArray]]


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
    interval: Interval | None
    baseline_exposure: FloatArray


LEVEL = LEVEL_SMALL  # of the interval
FEWEST = 4  # differences below which nothing is compared


def analyse(problem: Problem, progress: Callable[[int, int], None] | None = None) -> Answer:
    """Compute all designs under all arrangements, and the test of the median.

    Errors: ValueError without designs. Algorithm: docs/explanation/order-in-time.md.
    """
    if not problem.designs:
        raise ValueError("no design to analyse")
    count = len(problem.designs)
    found = Found(
        np.full(count, np.nan),
        np.full(count, np.nan),
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        {},
        {},
    )
    done = 0
    for (outcome_index, window), members in _by_table(problem.designs).items():
        _fill(problem, outcome_index, window, members, found)
        done += len(members)
        if progress is not None:
            progress(done, count)
    effects = found.effects
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
    correlations = [found.correlations[k] for k in range(count)]
    beside_lead = [found.beside_lead[k] for k in range(count)]
    return Answer(
        effects,
        found.lead_effects,
        found.exposed,
        found.differences,
        effects[problem.combination],
        _median_p(correlations, problem.combination) if enough else None,
        _median_p(beside_lead, problem.combination) if enough else None,
        smallest_p(exposure),
        interval,
        exposure[0].astype(np.float64),
    )


class Found(NamedTuple):
    """What is filled in design by design: see `Answer`; and the statistics under every arrangement by design."""

    effects: FloatArray
    lead_effects: FloatArray
    exposed: IntArray
    differences: IntArray
    correlations: dict[int, FloatArray]
    beside_lead: dict[int, FloatArray]


def exposure_of(problem: Problem, design: Design) -> SignalArray:
    """Exposure of a design's differences under every arrangement. Shape: (arrangements, differences)."""
    outcome = problem.outcomes[design.outcome]
    table = response_table(outcome, design.window, problem.length)
    return problem.expose(table, len(outcome.change))(design.signals)


def covariates(problem: Problem, design: Design, table: IntArray) -> FloatArray:
    """Controls beside the constant: start level, and in a contrast whether either kind came before. Shape: (n, 1 or 2)."""
    outcome = problem.outcomes[design.outcome]
    columns = [outcome.start]
    if problem.either is not None:
        columns.append(problem.either(design.signals, table, len(outcome.change)))
    return np.column_stack(columns)


def _by_table(designs: Sequence[Design]) -> dict[tuple[int, int], list[int]]:
    """Designs that share an outcome and a window, and with them their tables of days."""
    groups: dict[tuple[int, int], list[int]] = {}
    for k, design in enumerate(designs):
        groups.setdefault((design.outcome, design.window), []).append(k)
    return groups


def _fill(problem: Problem, outcome_index: int, window: int, members: list[int], found: Found) -> None:
    """Fill in effects, leads and statistics of designs that share their tables."""
    outcome = problem.outcomes[outcome_index]
    n = len(outcome.change)
    tables = [table(outcome, window, problem.length) for table in (response_table, lead_table)]
    exposures = [problem.expose(table, n) for table in tables]
    shared = basis(outcome.start[:, None]) if problem.either is None and n else None
    for k in members:
        design = problem.designs[k]
        exposure = exposures[0](design.signals)
        found.differences[k] = n
        found.exposed[k] = int(np.count_nonzero(exposure[0]))
        if n < FEWEST:
            found.correlations[k] = found.beside_lead[k] = np.zeros(len(exposure))
            continue
        leads = exposures[1](design.signals)
        fixed = [basis(covariates(problem, design, table)) if shared is None else shared for table in tables]
        one = associate(exposure, outcome.change, fixed[0])
        lead = associate(leads, outcome.change, fixed[1])
        found.effects[k] = one.effect[0] * problem.scale
        # beside the exposure itself: acts come in rows, and a lead must not be charged with their effect
        beside = basis(np.column_stack([fixed[1], exposure[0]]))
        found.lead_effects[k] = associate(leads[:1], outcome.change, beside).effect[0] * problem.scale
        found.correlations[k] = one.correlation
        found.beside_lead[k] = one.correlation - lead.correlation


def _median_p(statistics: Sequence[FloatArray], combination: IntArray) -> float:
    """P-value of the median over combinations. A combination that has nothing to compare counts as zero."""
    table = np.array(statistics).T  # arrangements, designs
    median = np.median(table[:, combination], axis=1)
    return float(two_sided(median))
