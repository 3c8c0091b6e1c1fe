"""Could this record have told? How often the rules say *for*, *against* and *too small* in worlds that are known.

Every simulated record keeps this record's signals, stance dates and gaps, and goes through the same test, the same
median over coding choices and the same rules. The weight of evidence is taken as passing: the rates of power are upper
bounds. Because the calendar is fixed, all records share the exposures of all arrangements, and a test of a thousand
records is a few matrix products.

To keep this affordable, the test inside uses fewer arrangements and a random sample of the combinations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from standoff.claims import worlds as made
from standoff.claims.arrangements import SignalArray, smallest_p, two_sided
from standoff.claims.association import basis, bounds_from
from standoff.claims.differences import WEEK, FloatArray, IntArray, Outcome, lead_table, response_table
from standoff.claims.engine import FEWEST, LEVEL, Design, Problem, exposure_of
from standoff.claims.outcomes import FULL_SCALE, outcome_key
from standoff.claims.problem import Posed
from standoff.claims.results import Interval, TellResult, VerdictWord, World
from standoff.claims.rules import EXPOSED_EACH, Ingredients, Kind, Weight, verdict
from standoff.claims.seeds import generator
from standoff.claims.simulate import Process, fit_process, latent, record_values
from standoff.panel import baseline_options
from standoff.record.claims_schema import ContrastTest, OrderTest, Sign
from standoff.record.rows import Record

RECORDS = 200  # a world
ARRANGEMENTS = 199  # beside the observed one
COMBINATIONS = 61
RIVALS = ("drift", "domestic-block", "shock")
TINY = 1e-9

Said = tuple[VerdictWord, str]  # word and note


def could_have_told(
    record: Record,
    test: OrderTest | ContrastTest,
    posed: Posed,
    kind: Kind,
    sign: Sign,
    seed: int,
    name: str,
    rivals: Sequence[str] = RIVALS,
    progress: Callable[[int, int], None] | None = None,
    records: int = RECORDS,
) -> TellResult | None:
    """Rates of what the rules say, world by world; None where the record has too few differences to simulate it.

    ``name`` splits the seed. Algorithm: docs/explanation/could-this-record-have-told.md.
    """
    options = baseline_options(record.case)
    process = _process(record, posed)
    if process is None:
        return None
    days = np.unique(np.concatenate([points.days for points in posed.readings.points]))
    size = test.size if sign == "+" else -test.size
    jumps = made.worlds(record, posed, options, process, days, size, rivals)
    plan = _plan(posed, generator(seed, name, "tell", "plan"))
    steps = _steps(record, posed)
    found = []
    for place, (world, moved) in enumerate(jumps.items()):
        rng = generator(seed, name, "tell", world)
        levels = latent(process, days, moved, records, rng)
        errors = {again: rng.standard_normal(levels.shape) for again in (False, True)}
        values = [
            record_values(
                process,
                levels[:, np.searchsorted(days, points.days)],
                errors[again][:, np.searchsorted(days, points.days)],
                grid,
            )
            for points, (grid, again) in zip(posed.readings.points, steps, strict=True)
        ]
        found.append(_world(world, said(plan, posed.problem, values, kind, sign, test.size)))
        if progress is not None:
            progress(place + 1, len(jumps))
    return _result(found, test.size, records)


class Plan(NamedTuple):
    """What all simulated records share: designs of the sampled combinations and their exposures, baseline first.

    ``exposures``, ``leads``: per design (arrangements, differences). ``fixed``: per design the controls beside the
    start level, orthonormal, and the same for leads. ``testable``: whether the baseline has a test at all.
    """

    designs: tuple[Design, ...]
    combination: IntArray
    exposures: tuple[SignalArray, ...]
    lead: SignalArray
    fixed: tuple[FloatArray, ...]
    lead_fixed: FloatArray
    testable: bool
    smallest_p: float


def _plan(posed: Posed, rng: np.random.Generator) -> Plan:
    problem = posed.problem
    combinations = problem.combination
    if len(combinations) > COMBINATIONS:
        combinations = rng.choice(combinations, COMBINATIONS, replace=False)
    used = list(dict.fromkeys([problem.baseline, *combinations.tolist()]))
    kept = _kept(posed.signals.draws + 1, rng)
    exposures, fixed = [], []
    for index in used:
        design = problem.designs[index]
        exposure, control = _exposed(problem, design, response_table, kept)
        exposures.append(exposure)
        fixed.append(control)
    base = problem.designs[problem.baseline]
    lead, beside = _exposed(problem, base, lead_table, kept)
    observed = exposures[0][0]
    lead_fixed = basis(np.column_stack([beside, observed])) if len(observed) else beside
    sides = [(observed > 0).sum(), (observed < 0).sum() if problem.scale == 2 else (observed == 0).sum()]
    return Plan(
        tuple(problem.designs[index] for index in used),
        np.array([used.index(index) for index in combinations.tolist()], dtype=np.int64),
        tuple(exposures),
        lead,
        tuple(fixed),
        lead_fixed,
        min(sides) >= EXPOSED_EACH,
        smallest_p(exposures[0]),
    )


def _kept(arrangements: int, rng: np.random.Generator) -> IntArray:
    """Rows of the arrangements that are used: the observed one and a sample of the rest."""
    if arrangements <= ARRANGEMENTS + 1:
        return np.arange(arrangements)
    drawn = rng.choice(np.arange(1, arrangements), ARRANGEMENTS, replace=False)
    return np.concatenate([[0], np.sort(drawn)])


def _exposed(
    problem: Problem, design: Design, table_of: Callable[[Outcome, int, int], IntArray], kept: IntArray
) -> tuple[SignalArray, FloatArray]:
    outcome = problem.outcomes[design.outcome]
    n = len(outcome.change)
    table = table_of(outcome, design.window, problem.length)
    exposure = problem.expose(table, n)(design.signals)[kept]
    if problem.either is None or n == 0:
        return exposure, basis(np.empty((n, 0))) if n else np.empty((0, 0))
    return exposure, basis(problem.either(design.signals, table, n)[:, None])


class Simulated(NamedTuple):
    """Statistics of simulated records. Shapes: (arrangements, records), `effect` of arrangement 0 (records,)."""

    correlation: FloatArray
    effect: FloatArray
    u: FloatArray
    v: FloatArray


def _associate(exposure: SignalArray, change: FloatArray, start: FloatArray, fixed: FloatArray) -> Simulated:
    """As `association.associate`, for many records at once: start levels differ by record, exposures do not.

    Shapes: (a, n), (records, n), (records, n), (n, k). Partial correlation by removing the start level from both sides
    after the fixed controls.
    """
    x = exposure - (exposure @ fixed) @ fixed.T
    y = change - (change @ fixed) @ fixed.T
    s = start - (start @ fixed) @ fixed.T
    ss = np.einsum("ij,ij->i", s, s)
    ss_safe = np.where(ss > TINY, ss, np.inf)
    sy = np.einsum("ij,ij->i", s, y)
    y = y - (sy / ss_safe)[:, None] * s
    yy = np.einsum("ij,ij->i", y, y)
    xs = x @ s.T
    xx = np.einsum("ij,ij->i", x, x)
    left = xx[:, None] - xs**2 / ss_safe
    defined = left > 1e-9
    root = np.sqrt(np.where(defined, left, np.inf))
    u = (x @ y.T) / root
    correlation = u / np.sqrt(np.where(yy > TINY, yy, np.inf))
    effect = np.where(defined[0], u[0] / np.where(defined[0], root[0], 1.0), np.nan)
    v = ((x @ x[0])[:, None] - xs * xs[0] / ss_safe) / root
    return Simulated(correlation, effect, v=v, u=u)


def said(
    plan: Plan, problem: Problem, values: Sequence[FloatArray], kind: Kind, sign: Sign, size: float
) -> list[Said]:
    """Word and note of the rules for every simulated record. ``values``: per reading (records, points)."""
    records = len(values[0])
    statistics = np.zeros((len(plan.designs), len(plan.exposures[0]), records), dtype=np.float32)
    effects = np.full((len(plan.designs), records), np.nan)
    first: Simulated | None = None
    for k, (design, exposure, fixed) in enumerate(zip(plan.designs, plan.exposures, plan.fixed, strict=True)):
        start, change = _differences(problem, design, values)
        if start.shape[1] < FEWEST:
            continue
        one = _associate(exposure, change, start, fixed)
        statistics[k] = one.correlation
        effects[k] = one.effect * problem.scale
        first = one if k == 0 else first
    if first is None or not plan.testable:
        return [("cannot tell", "")] * records
    median_statistic = np.median(statistics[plan.combination], axis=0).astype(np.float64)
    p = two_sided(np.round(median_statistic, 6))
    start, change = _differences(problem, plan.designs[0], values)
    lead = _associate(plan.lead, change, start, plan.lead_fixed).effect * problem.scale
    bounds = bounds_from(first.u, first.v, LEVEL) * problem.scale
    chosen = effects[plan.combination]
    words: list[Said] = []
    for r in range(records):
        found = _ingredients(plan, size, p[r], effects[0, r], lead[r], bounds[:, r], chosen[:, r])
        given = verdict(kind, sign, found)
        words.append((given.word, given.note))
    return words


def _differences(
    problem: Problem, design: Design, values: Sequence[FloatArray]
) -> tuple[FloatArray, FloatArray]:
    outcome = problem.outcomes[design.outcome]
    seen = values[design.outcome]
    start = seen[:, outcome.before]
    return start, seen[:, outcome.after] - start


PASSING_FOR = Weight(100.0, 100.0, 100.0)
PASSING_AGAINST = Weight(-100.0, -100.0, -100.0)


def passing(found: Ingredients) -> Ingredients:
    """The same ingredients with the ledger, D itself and the assumption region taken as passing, on both sides."""
    return replace(
        found,
        weight_for=PASSING_FOR,
        weight_against=PASSING_AGAINST,
        eligible_rows=1,
        tell_for=1.0,
        tell_against=1.0,
        tell_small=1.0,
        false_for=0.0,
        false_against=0.0,
        false_small=0.0,
        false_for_strong=0.0,
        false_against_strong=0.0,
        act_observed=True,
        region_plus=1.0,
        region_minus=1.0,
    )


def _ingredients(
    plan: Plan,
    size: float,
    p: float,
    effect: float,
    lead: float,
    bounds: FloatArray,
    effects: FloatArray,
) -> Ingredients:
    """What one simulated record gives."""
    left = effects[~np.isnan(effects)]
    finite = bool(np.isfinite(bounds).all())
    found = Ingredients(
        effect=None if np.isnan(effect) else float(effect),
        median_effect=float(np.median(left)) if len(left) else None,
        interval=Interval(float(bounds[0]), float(bounds[1]), LEVEL) if finite else None,
        size=size,
        p=None if np.isnan(effect) else float(p),
        smallest_p=plan.smallest_p,
        lead_effect=None if np.isnan(lead) else float(lead),
        agree_plus=float((left > 0).mean()) if len(left) else None,
        agree_minus=float((left < 0).mean()) if len(left) else None,
    )
    return passing(found)


def _process(record: Record, posed: Posed) -> Process | None:
    """The process of the baseline's outcome, with no signal in it."""
    design = posed.problem.designs[posed.problem.baseline]
    outcome = posed.problem.outcomes[design.outcome]
    points = posed.readings.points[design.outcome]
    if len(outcome.change) == 0:
        return None
    exposure = exposure_of(posed.problem, design)[0].astype(np.float64)
    gap_weeks = float((points.days[outcome.after] - points.days[outcome.before]).mean()) / WEEK
    if posed.readings.is_stance:
        return fit_process(outcome, exposure, gap_weeks, made.coder_error(record), *FULL_SCALE)
    low = 0.0 if (points.values >= 0).all() else None
    return fit_process(outcome, exposure, gap_weeks, 0.0, low, None)


def _steps(record: Record, posed: Posed) -> list[tuple[FloatArray | None, bool]]:
    """For every reading of the outcome: the values it can take, and whether it is a second reading."""
    found: list[tuple[FloatArray | None, bool]] = [(None, False)] * len(posed.readings.points)
    if not posed.readings.is_stance:
        return found
    baseline = outcome_key(baseline_options(record.case), True)
    for key, index in reversed(
        [*posed.readings.reading_of.items(), (baseline, posed.readings.reading_of[baseline])]
    ):
        found[index] = (made.steps_of(record, key.composite), key.reading == "second")
    return found


def _world(name: str, words: list[Said]) -> World:
    count = len(words)
    small = sum(1 for _, note in words if note)
    is_for = sum(1 for word, _ in words if word in ("supported", "leans for"))
    is_against = sum(1 for word, note in words if word in ("leans against", "contradicted") and not note)
    return World(
        name,
        count,
        is_for / count,
        is_against / count,
        small / count,
        (count - small - is_for - is_against) / count,
    )


def _result(found: list[World], size: float, records: int) -> TellResult:
    by_name = {world.name: world for world in found}
    effect, turned, nothing = (by_name[name] for name in (made.EFFECT, made.TURNED, made.NOTHING))
    without = [world for world in found if world.name not in (made.EFFECT, made.TURNED)]
    worst = max(without, key=lambda world: world.says_for)
    sentence = (
        f"If the effect were {size:g}, the rules would say so in {effect.says_for:.0%} of {records} simulated records; "
        f"with the sign turned, in {turned.says_against:.0%}; with no effect they would say too small in "
        f"{nothing.too_small:.0%}. Where there is no such effect they would say that there is in at most "
        f"{worst.says_for:.0%} ({worst.name}). The weight of evidence is taken as passing."
    )
    return TellResult(
        worlds=tuple(found),
        power_for=effect.says_for,
        power_against=turned.says_against,
        power_too_small=nothing.too_small,
        false_for=worst.says_for,
        false_against=max(world.says_against for world in without),
        size=size,
        sentence=sentence,
        false_too_small=max(effect.too_small, turned.too_small),
    )
