"""Order in time and contrast for one part of a claim: from a record and a test in words to a result in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from standoff.claims.arrangements import DRAWS
from standoff.claims.association import associate, basis
from standoff.claims.differences import WEEK, FloatArray, response_table
from standoff.claims.engine import Answer, analyse, covariates
from standoff.claims.multiverse import median, number, subset_effects, summarise
from standoff.claims.outcomes import FULL_SCALE
from standoff.claims.problem import Posed, difference_rows, missing_occasions, missing_share, pose
from standoff.claims.results import Gate, Interval, MultiverseResult, OrderResult
from standoff.claims.rules import EXPOSED_EACH, P_STAND_IN
from standoff.claims.seeds import generator
from standoff.claims.signals import two_sources
from standoff.panel import Options, baseline_options, option_grid
from standoff.record.claims_schema import ContrastTest, OrderTest
from standoff.record.rows import Record


class Ordered(NamedTuple):
    """Result, curve, and the posed problem, which the next test (could this record have told) reads again."""

    result: OrderResult
    multiverse: MultiverseResult
    posed: Posed


def order_in_time(
    record: Record,
    test: OrderTest | ContrastTest,
    sign: str,
    seed: int,
    name: str,
    vary: tuple[str, ...] = (),
    progress: Callable[[int, int], None] | None = None,
    draws: int = DRAWS,
) -> Ordered:
    """Run an order or contrast test over the whole multiverse.

    ``name`` splits the seed. Errors: SettingsError, NotFoundError, as `pose`. Algorithm:
    docs/explanation/order-in-time.md and docs/explanation/contrast.md.
    """
    grid = option_grid(record.case, vary)
    rng = generator(seed, name, "arrangements")
    posed = pose(record, test, grid, baseline_options(record.case), rng, draws)
    answer = analyse(posed.problem, progress)
    result = _result(record, test, posed, answer)
    curve = _curve(record, test, posed, answer, sign, seed, name)
    return Ordered(result, curve, posed)


def _result(record: Record, test: OrderTest | ContrastTest, posed: Posed, answer: Answer) -> OrderResult:
    baseline = posed.problem.baseline
    design = posed.problem.designs[baseline]
    kind = "order" if isinstance(test, OrderTest) else "contrast"
    effect = number(answer.effects[baseline])
    gates = _gates(posed, answer)
    # a coefficient that rests on one difference is that difference: it is shown, and is no test
    tested = effect is not None and all(gate.passed for gate in gates)
    reachable = answer.smallest_p <= P_STAND_IN
    return OrderResult(
        kind=kind,  # type: ignore[arg-type]
        outcome=posed.readings.name,
        unit=posed.readings.unit,
        effect=effect,
        interval=answer.interval if tested else None,
        p=answer.p if tested and reachable else None,
        p_holm=None,
        smallest_p=answer.smallest_p,
        arrangements=posed.signals.arrangements,
        exact=posed.signals.exact,
        draws=posed.signals.draws,
        differences=difference_rows(record, posed),
        distinct_differences=int(answer.exposed[baseline]),
        occasions=len(posed.signals.sets[design.signals]),
        lead_effect=number(answer.lead_effects[baseline]),
        lead_p=answer.lead_p if tested and reachable else None,
        missing_share=missing_share(posed),
        bounds=_bounds(posed),
        size=test.size,
        gates=gates,
        sentence=_sentence(test, posed, answer, effect, gates),
    )


def _gates(posed: Posed, answer: Answer) -> tuple[Gate, ...]:
    """What a T needs before it is one."""
    exposure = answer.baseline_exposure
    if posed.problem.scale == 1.0:
        sides = {"with": int((exposure != 0).sum()), "without": int((exposure == 0).sum())}
    else:
        sides = {
            "after the first kind": int((exposure > 0).sum()),
            "after the second": int((exposure < 0).sum()),
        }
    told = ", ".join(f"{count} {name}" for name, count in sides.items())
    enough = min(sides.values()) >= EXPOSED_EACH
    return (Gate("enough changes on either side to compare", enough, told),)


def _curve(
    record: Record,
    test: OrderTest | ContrastTest,
    posed: Posed,
    answer: Answer,
    sign: str,
    seed: int,
    name: str,
) -> MultiverseResult:
    def alone(options: Options, kept: Record) -> float | None:
        return _effect_alone(kept, test, options, seed, name)

    combination = posed.problem.combination
    effects = answer.effects_by_combination
    subsets = subset_effects(
        record, posed.grid, effects, alone, baseline_options(record.case), two_sources(record)
    )
    return summarise(
        record,
        posed.grid,
        effects,
        answer.exposed[combination].tolist(),
        answer.differences[combination].tolist(),
        len(set(combination.tolist())),
        sign,
        subsets,
    )


def _effect_alone(
    record: Record, test: OrderTest | ContrastTest, options: Options, seed: int, name: str
) -> float | None:
    """The effect under one combination, without a reference law."""
    posed = pose(record, test, (options,), options, generator(seed, name, "alone"), draws=1)
    return number(analyse(posed.problem).effects[posed.problem.baseline])


def _bounds(posed: Posed) -> Interval | None:
    """Effect if every missing response had been as far as the scale allows, either way; None where there is no scale.

    One difference for each value before: acts that fall into the same gap share their response.
    """
    if not posed.readings.is_stance:
        return None
    missing = {(act.kind, before): before for act, before in missing_occasions(posed)}
    design = posed.problem.designs[posed.problem.baseline]
    outcome = posed.problem.outcomes[design.outcome]
    if len(outcome.change) == 0:
        return None
    table = response_table(outcome, design.window, posed.problem.length)
    exposure = posed.problem.expose(table, len(outcome.change))(design.signals)[0]
    others = covariates(posed.problem, design, table)
    ends = []
    for turn in (-1.0, 1.0):
        kinds = np.array([kind for kind, _ in missing], dtype=np.float64)
        starts = np.array(list(missing.values()), dtype=np.float64)
        far = np.where(turn * kinds > 0, FULL_SCALE[1], FULL_SCALE[0])
        extra = np.column_stack([starts, *([np.ones(len(starts))] * (others.shape[1] - 1))])
        ends.append(
            _coefficient(
                np.append(exposure, kinds),
                np.append(outcome.change, far - starts),
                np.vstack([others, extra.reshape(len(starts), others.shape[1])]),
                posed.problem.scale,
            )
        )
    if any(end is None for end in ends):
        return None
    low, high = sorted(float(end) for end in ends if end is not None)
    return Interval(low, high, 1.0)


def _coefficient(exposure: FloatArray, change: FloatArray, others: FloatArray, scale: float) -> float | None:
    found = associate(exposure[None, :].astype(np.int8), change, basis(others))
    effect = number(found.effect[0])
    return None if effect is None else effect * scale


def _sentence(
    test: OrderTest | ContrastTest,
    posed: Posed,
    answer: Answer,
    effect: float | None,
    gates: tuple[Gate, ...],
) -> str:
    baseline = posed.problem.baseline
    exposed, every = int(answer.exposed[baseline]), int(answer.differences[baseline])
    what = (
        "after the signal"
        if isinstance(test, OrderTest)
        else "after the first kind of signal, set against the second"
    )
    name = posed.readings.name
    if effect is None:
        return f"Nothing to compare: of {every} changes of the {name}, {exposed} follow a signal within the window."
    window = posed.problem.designs[baseline].window * WEEK
    curve = median(answer.effects_by_combination)
    curve_text = "" if curve is None else f", {curve:+.1f} at the median over the coding choices"
    first = (
        f"At the baseline choices the {name} changes by {effect:+.1f} ({posed.readings.unit}) {what} within "
        f"{window} days{curve_text}; {exposed} of {every} changes are exposed."
    )
    failed = [gate for gate in gates if not gate.passed]
    if failed:
        rest = _one_sided(answer) if isinstance(test, ContrastTest) else ""
        return f"{first} No test: {failed[0].detail}, and {EXPOSED_EACH} are needed on either side{rest}."
    if answer.smallest_p > P_STAND_IN:
        return f"{first} No test: this calendar cannot reach a p below {answer.smallest_p:.2f}."
    return f"{first} A calendar drawn at random within phases does as well with p = {answer.p:.3f}."


def _one_sided(answer: Answer) -> str:
    """What a contrast's number compares where one kind never came alone: differences after both count for neither."""
    if not (answer.baseline_exposure < 0).any():
        return "; the number sets changes after the first kind alone against those after both"
    if not (answer.baseline_exposure > 0).any():
        return "; the number sets changes after both kinds against those after the second alone"
    return ""
