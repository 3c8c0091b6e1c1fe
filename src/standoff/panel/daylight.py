r"""Daylight: the public distance between the coercer and the patron that backs it, as an onlooker last heard it.

Over the patron's public acts $e$ up to week $w$, with intensity $i_e$, half-life $h$ and direction:

$$R_w = \max_{e:\ restrain} i_e\,2^{-(w-w_e)/h},\qquad E_w = \max_{e:\ enable} i_e\,2^{-(w-w_e)/h},\qquad
D_w = R_w - E_w \in [-5, 5].$$

Peaks and not sums: how many acts were recorded is a matter of sampling, the strongest act that still stands much
less so. Why, and what daylight is not, in docs/explanation/daylight.md.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from standoff.panel.acts import week_of
from standoff.panel.cells import NO_ROWS, RowArray, Variable, join_rows, split_rows
from standoff.panel.days import BoolArray, FloatArray, length_weeks
from standoff.panel.decay import peak
from standoff.panel.options import Options
from standoff.panel.signals import select_events
from standoff.record.case_schema import Selector
from standoff.record.rows import Event, Record

PATRON = Selector(roles=("patron",), backs="coercer", channels=("public",), events=())
SAMPLES = ("both", "first", "added")
BOUNDS = ("low", "middle", "high")
STEPS = (-1, 0, 1)  # two readings of an intensity lie at most one step apart, nearly always
HALF_LIVES_SEEN = 2  # after two half-lives without a public act, three quarters of the last one are gone

Acts = tuple[Event, ...]


def daylight_variables(record: Record, options: Options, half_life: float) -> Iterator[Variable]:
    """`daylight` and its two parts, `daylight_restrain` and `daylight_enable`, each by week, sample and bound."""
    samples = [_readings(record, options, sample) for sample in SAMPLES]
    restrain = [_peaks(record, readings, "restrain", half_life) for readings in samples]
    enable = [_peaks(record, readings, "enable", half_life) for readings in samples]
    seen = np.stack([_seen(record, readings[0], half_life) for readings in samples], axis=1)
    restrain_rows = _rows(record, samples, "restrain", half_life)
    enable_rows = _rows(record, samples, "enable", half_life)
    both_rows = _union(restrain_rows, enable_rows)
    distance = [_distance(*parts) for parts in zip(restrain, enable, strict=True)]
    yield _variable("daylight", "restrain peak minus enable peak of the patron", distance, both_rows, seen)
    for name, peaks, rows in (("restrain", restrain, restrain_rows), ("enable", enable, enable_rows)):
        parts = [_hull(part) for part in peaks]
        yield _variable(f"daylight_{name}", f"strongest public {name} act that stands", parts, rows, seen)


def _variable(name: str, meaning: str, parts: list[FloatArray], rows: RowArray, seen: BoolArray) -> Variable:
    return Variable(
        name,
        ("week", "sample", "bound"),
        np.stack(parts, axis=1),
        meaning,
        "intensity (1-5), fading",
        rows,
        rows_axes=("week", "sample"),
        seen=seen,
        seen_axes=("week", "sample"),
    )


def _readings(record: Record, options: Options, sample: str) -> list[Acts]:
    """The patron's public acts by the chosen, the first and the second reading; none where a choice leaves the sample out."""
    if sample == "both":
        sample = options.collection
    elif options.collection not in ("both", sample):
        return [()]
    chosen = options._replace(collection=sample)
    return [
        select_events(record, PATRON, chosen._replace(reading=reading))
        for reading in (options.reading, "first", "second")
    ]


def _peaks(record: Record, readings: list[Acts], direction: str, half_life: float) -> FloatArray:
    """Peaks of one direction, shape (readings, bounds, weeks): intensities one step lower, as coded, one step higher."""
    return np.stack(
        [[peak(_impulses(record, acts, direction, step), half_life) for step in STEPS] for acts in readings]
    )


def _impulses(record: Record, acts: Acts, direction: str, step: int) -> FloatArray:
    strongest = np.zeros(length_weeks(record))
    for act in acts:
        if act.direction == direction:
            week = week_of(record, act)
            strongest[week] = max(strongest[week], min(max(act.intensity + step, 1), 5))
    return strongest


def _hull(peaks: FloatArray) -> FloatArray:
    """Low, middle and high, shape (weeks, bounds); the middle is the chosen reading as coded."""
    return np.stack([peaks[:, 0].min(axis=0), peaks[0, 1], peaks[:, 2].max(axis=0)], axis=1)


def _distance(restrain: FloatArray, enable: FloatArray) -> FloatArray:
    """Restrain minus enable, shape (weeks, bounds); low sets restrain one step lower and enable one step higher."""
    return _hull(restrain - enable[:, ::-1])


def _seen(record: Record, acts: Acts, half_life: float) -> BoolArray:
    """Weeks in which the patron's last recorded public act, whichever way it points, is at most two half-lives old."""
    heard = [week_of(record, act) for act in acts]
    weeks = np.arange(length_weeks(record))
    ages = [np.where(weeks >= week, weeks - week, np.inf) for week in heard]
    youngest: FloatArray = np.min([np.full(len(weeks), np.inf), *ages], axis=0)
    return youngest <= HALF_LIVES_SEEN * half_life


def _rows(record: Record, samples: list[list[Acts]], direction: str, half_life: float) -> RowArray:
    """Ids of the acts that set the peak of the chosen reading, shape (weeks, samples)."""
    columns = []
    for readings in samples:
        acts = [act for act in readings[0] if act.direction == direction]
        columns.append([_setters(record, acts, week, half_life) for week in range(length_weeks(record))])
    return np.array(columns, dtype=object).T


def _setters(record: Record, acts: list[Event], week: int, half_life: float) -> str:
    standing: dict[float, list[str]] = {}
    for act in acts:
        age = week - week_of(record, act)
        if age >= 0:
            standing.setdefault(act.intensity * 2 ** (-age / half_life), []).append(act.id)
    return join_rows(standing[max(standing)]) if standing else NO_ROWS


def _union(left: RowArray, right: RowArray) -> RowArray:
    union = [
        join_rows([*split_rows(str(one)), *split_rows(str(two))])
        for one, two in zip(left.flat, right.flat, strict=True)
    ]
    return np.array(union, dtype=object).reshape(left.shape)
