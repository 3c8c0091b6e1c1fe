"""P of a part: its own signal in the reduced-form twin, beside the rivals' terms, and what hangs on each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from standoff.claims.results import Gate, Interval, ModelPower, PosteriorResult, RowInfluence
from standoff.claims.seeds import generator
from standoff.claims.signals import labelled_acts
from standoff.panel import Options, occasions
from standoff.panel.days import WEEK, FloatArray, day_of, length_weeks
from standoff.panel.decay import stock
from standoff.record.case_schema import Side
from standoff.record.claims_schema import ContrastTest, OrderTest, PosteriorTest, Sign, StanceOutcome
from standoff.record.rows import Record

if TYPE_CHECKING:
    from standoff.inference.learned import GateResult, Learned
    from standoff.inference.probe import ProbePosterior
    from standoff.inference.twin_data import TwinData

DROPPED: Mapping[str, tuple[str, ...]] = {
    "pressure": ("force", "endurance"),
    "aid-closure": ("aid", "endurance"),
}
SHOWN = 12  # rows whose influence is kept
LEVEL = 0.90


class Probe(NamedTuple):
    """A part's signal as weekly stock: ``probe``, ``control`` (T,), and the events of each week that it is made of."""

    probe: FloatArray
    control: FloatArray
    events: tuple[tuple[int, int, str], ...]  # week, kind (+1, -1), event id


def part_posterior(
    record: Record,
    test: OrderTest | ContrastTest,
    asked: PosteriorTest | None,
    sign: Sign,
    options: Options,
    seed: int,
    name: str,
) -> PosteriorResult | None:
    """P of a part on a side's stance; None for another outcome, or where the case does not read its record as a game.

    ``options``: one combination of coding choices. Randomness: ``seed`` split by the names of claim and part.
    """
    if record.case.game is None or not isinstance(test.outcome, StanceOutcome):
        return None
    from standoff.inference.probe import probe_posterior

    side = test.outcome.stance
    signal = part_probe(record, test, options)
    data = probe_data(record, signal, side, options)
    dropped = DROPPED.get(asked.lever or "", ()) if asked is not None else ()
    own_seed = int(generator(seed, name, "posterior").integers(2**31))
    found = probe_posterior(data, side, own_seed, dropped, isinstance(test, ContrastTest))
    rows = _influences(record, signal, side, options, found, sign)
    able = _power(found, side, sign, test.size, generator(seed, name, "power"))
    return _told(found, sign, rows, able)


def part_probe(record: Record, test: OrderTest | ContrastTest, options: Options) -> Probe:
    """The stock of a part's occasions; of a contrast the first kind less the second, both together as its control."""
    weeks = length_weeks(record)
    if isinstance(test, OrderTest):
        days, events = occasions(record, test.signal, options)
        acts = [
            (int(day) // WEEK, 1, name) for day, names in zip(days, events, strict=True) for name in names
        ]
    else:
        kinds, _ = labelled_acts(record, test, options)
        dates = {event.id: event.date for event in record.events}
        acts = sorted((day_of(record, dates[name]) // WEEK, kind, name) for name, kind in kinds.items())
    return Probe(*_stocks(acts, weeks), tuple(acts))


def _stocks(acts: list[tuple[int, int, str]], weeks: int) -> tuple[FloatArray, FloatArray]:
    marks = {kind: np.zeros(weeks) for kind in (1, -1)}
    for week, kind, _ in acts:
        marks[kind][week] = 1.0
    first, second = stock(marks[1]), stock(marks[-1])
    return first - second, first + second


def probe_data(record: Record, signal: Probe, side: Side, options: Options) -> TwinData:
    """The weekly record without the part's own rows, with its signal as the probe of one side."""
    from standoff.inference.twin_data import twin_data
    from standoff.panel.weekly import weekly_record

    own = frozenset(name for _, _, name in signal.events)
    weekly = weekly_record(record, options, without=own)
    return twin_data(weekly, _column(signal.probe, side), _column(signal.control, side))


def _column(values: FloatArray, side: Side) -> FloatArray:
    columns = np.zeros((len(values), 2))
    columns[:, 0 if side == "holder" else 1] = values
    return columns


def _influences(
    record: Record, signal: Probe, side: Side, options: Options, found: ProbePosterior, sign: Sign
) -> tuple[RowInfluence, ...]:
    """Each act of the signal and each recorded stance of the side, left out in turn."""
    from standoff.inference.influence import influences

    data = found.data
    others = _without_acts(signal, data, side) | _without_stances(record, data, side, options)
    turn = (1.0 if sign == "+" else -1.0) * (-1.0 if side == "holder" else 1.0)
    told = influences(data, found.fitted, "probe", turn, others, np.random.default_rng(0))
    return tuple(
        RowInfluence(
            one.row, *(None if np.isnan(value) else float(value) for value in (one.without, one.shift))
        )
        for one in told[:SHOWN]
    )


def _without_acts(signal: Probe, data: TwinData, side: Side) -> dict[str, TwinData]:
    weeks = len(signal.probe)
    found = {}
    for name in dict.fromkeys(name for _, _, name in signal.events):
        left = [act for act in signal.events if act[2] != name]
        probe, control = _stocks(left, weeks)
        found[name] = data._replace(probe=_column(probe, side), control=_column(control, side))
    return found


def _without_stances(record: Record, data: TwinData, side: Side, options: Options) -> dict[str, TwinData]:
    from standoff.panel.stance import levels

    assert record.case.game is not None
    found = {}
    for when, level in levels(record, side, options).get(record.case.game.terms.issue, {}).items():
        category = getattr(data, f"{side}_category").copy()
        category[day_of(record, when) // WEEK] = -1.0
        for row in level.rows:
            found[row] = data._replace(**{f"{side}_category": category})
    return found


def _power(
    found: ProbePosterior, side: Side, sign: Sign, size: float, seed: np.random.Generator
) -> ModelPower:
    from standoff.inference.power import power

    able = power(found.data, side, found.fitted, 1 if sign == "+" else -1, size, seed)
    return ModelPower(
        records=able.records,
        tell_for=able.claimed.leans_for,
        tell_against=able.opposite.leans_against,
        false_for=able.nothing.leans_for,
        false_against=able.nothing.leans_against,
        false_for_strong=able.nothing.strong_for,
        false_against_strong=able.nothing.strong_against,
        failed=max(able.claimed.failed, able.opposite.failed, able.nothing.failed),
        cases=able.cases if np.isfinite(able.cases) else None,
    )


def _told(
    found: ProbePosterior, sign: Sign, rows: tuple[RowInfluence, ...], able: ModelPower
) -> PosteriorResult:
    claimed = found.higher if sign == "+" else 1.0 - found.higher
    gates = tuple(Gate(gate.name, gate.passed, gate.detail) for gate in found.gates)
    result = PosteriorResult(
        twin=claimed,
        prior=found.prior_higher,
        game=None,
        quick=False,
        counts=claimed,
        effect=found.effect,
        interval=Interval(found.low, found.high, LEVEL),
        unrecorded=found.unrecorded,
        strongest=found.strongest,
        gates=gates,
        influences=rows,
        power=able,
        sentence="",
    )
    return replace(result, sentence=posterior_sentence(result))


def with_game(
    result: PosteriorResult, game: float | None, quick: bool, gates: tuple[Gate, ...]
) -> PosteriorResult:
    """The result with the game's probability of the claimed direction: the one nearer one half counts; on opposite sides,
    neither. ``gates`` are those of the game's fit and of how signals follow events."""
    counts = result.twin
    if game is not None:
        opposite = (game - 0.5) * (result.twin - 0.5) < 0
        counts = 0.5 if opposite else min(result.twin, game, key=lambda p: abs(p - 0.5))
    combined = replace(
        result, game=game, quick=quick and game is not None, counts=counts, gates=(*result.gates, *gates)
    )
    return replace(combined, sentence=posterior_sentence(combined))


PATRON_LEVERS = frozenset({"public-criticism", "private-criticism", "support", "withheld-arms"})


def with_learned(
    result: PosteriorResult, asked: PosteriorTest | None, sign: Sign, learned: Learned
) -> PosteriorResult:
    """The result beside what was learnt of the whole record: the game's P of the same lever, and the gates that it needs."""
    name = asked.lever if asked is not None else None
    gates = [_gate(learned.signals_follow)] if name in PATRON_LEVERS else []
    effect = learned.effect("game", name, "stance") if name is not None else None
    if effect is None:
        return with_game(result, None, False, tuple(gates))
    gates.append(
        Gate(GAME_GATE, effect.passed, "passed" if effect.passed else "a gate of the game's fit failed")
    )
    higher = even_odds(effect.higher, effect.prior_higher)
    return with_game(result, higher if sign == "+" else 1.0 - higher, bool(learned.quick), tuple(gates))


def even_odds(posterior: float, prior: float) -> float:
    """The posterior probability at equal prior odds: its odds over the prior's own."""
    if not 0.0 < prior < 1.0:
        return 0.5
    odds = posterior * (1 - prior)
    other = (1 - posterior) * prior
    return odds / (odds + other) if odds + other > 0 else 0.5


def _gate(told: GateResult) -> Gate:
    return Gate(told.name, told.passed, told.detail)


GAME_GATE = "the game's fit"
GAP = 0.3  # between the two probabilities, above which it is said


STRONGEST = 20.0  # times the strongest recorded cause: as much as an unrecorded one is ever said to be
# What the reduced form calls each recorded cause of a stance.
CAUSES: Mapping[str, str] = {
    "drift": "time alone",
    "terms": "the coercer's terms",
    "answer": "the holder's last demand",
    "shock": "shocks",
    "news": "news of the other signals",
    "force": "military pressure",
    "aid": "aid",
    "endurance": "endurance",
    "block": "domestic blocks",
    "criticism": "the patron's other criticism",
    "support": "the patron's support",
    "costly": "arms withheld",
    "private": "private pressure",
}


def posterior_sentence(result: PosteriorResult) -> str:
    """P in words: which forms say what, which counts, how far apart they are, and what would undo it."""
    said = [f"The claimed direction has a probability of {result.twin:.2f} by the reduced form"]
    if result.game is None:
        said[0] += "; the game has no counterpart of this signal"
    else:
        said[0] += f" and {result.game:.2f} by the game{', fitted quickly' if result.quick else ''}"
        if (result.game - 0.5) * (result.twin - 0.5) < 0:
            said.append("The two lie on opposite sides, so neither counts")
        elif abs(result.game - result.twin) > GAP:
            said.append("The two are far apart; the one nearer one half counts")
    if not all(gate.passed for gate in result.gates):
        said.append("A gate failed, so that it cannot be used")
    elif result.unrecorded > 0:
        cause = CAUSES.get(result.strongest, result.strongest)
        times = (
            f"{result.unrecorded:.1f} times"
            if result.unrecorded < STRONGEST
            else f"{STRONGEST:.0f} or more times"
        )
        said.append(
            f"An unrecorded cause {times} as strong as the strongest recorded one ({cause}) would bring it below .80"
        )
    return ". ".join(said) + "."
