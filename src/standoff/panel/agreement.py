r"""How far two readings of the record agree: Krippendorff's alpha, mean difference and the table of codes.

With $o_{ck}$ the coincidences of values $c$ and $k$ over all pairs within units, $n_c$ their margins, $n$ their
total and $\delta^2_{ck}$ the squared distance of two values,

$$\alpha = 1 - (n-1)\frac{\sum_{c,k} o_{ck}\,\delta^2_{ck}}{\sum_{c,k} n_c n_k\,\delta^2_{ck}}.$$

Nominal: $\delta^2 = 1$ for different values. Interval: $(c-k)^2$. Ordinal: the square of the number of values
used from $c$ to $k$, both ends counted half. Source: `krippendorff2011computing`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Literal

import numpy as np

from standoff.panel.days import FloatArray
from standoff.record.rows import Record

Metric = Literal["nominal", "ordinal", "interval"]
Code = str | float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of the two readings on one field; `counts[i][j]` rows had `codes[i]` first and `codes[j]` second."""

    field: str  # kind, direction, intensity, level, or level of one issue ("level:<issue>")
    metric: Metric
    rows: int
    alpha: float | None  # None where all values are the same, or there is nothing to compare
    same: float | None  # share of rows with the same code
    mean_difference: float | None  # mean absolute difference; None for nominal codes
    codes: tuple[Code, ...]
    counts: tuple[tuple[int, ...], ...]


def agreement(record: Record) -> tuple[Agreement, ...]:
    """Agreement on kind, direction and intensity of events and on levels of positions, over all issues and by issue.

    All rows that have both readings count, those of the extension included: this says something of the coding
    and nothing of the case. A level that one reading left open is not compared.
    """
    first = {event.id: event for event in record.events}
    again = [(first[reading.id], reading) for reading in record.event_readings if reading.id in first]
    found = [
        _compare("kind", "nominal", [(one.kind, two.kind) for one, two in again]),
        _compare("direction", "nominal", [(one.direction, two.direction) for one, two in again]),
        _compare(
            "intensity", "ordinal", [(float(one.intensity), float(two.intensity)) for one, two in again]
        ),
    ]
    pairs = level_pairs(record)
    found.append(_compare("level", "ordinal", [pair for issue in pairs.values() for pair in issue]))
    found.extend(_compare(f"level:{issue}", "ordinal", pairs[issue]) for issue in pairs)
    return tuple(row for row in found if row.rows)


def level_pairs(record: Record) -> dict[str, list[tuple[float, float]]]:
    """(first, second) level of every position that both readings gave one, by issue in the case's order."""
    second = {reading.id: reading.level for reading in record.position_readings}
    pairs: dict[str, list[tuple[float, float]]] = {issue.id: [] for issue in record.case.issues}
    for row in record.positions:
        again = second.get(row.id)
        if row.issue in pairs and row.level is not None and again is not None:
            pairs[row.issue].append((row.level, again))
    return pairs


def krippendorff_alpha(units: Sequence[Sequence[Code]], metric: Metric) -> float | None:
    """Krippendorff's alpha of units, each a sequence of the values that readers gave it (missing ones left out).

    None when no unit has two values, or all values are the same: agreement is then undefined.
    """
    values = sorted({value for unit in units if len(unit) > 1 for value in unit})
    place = {value: index for index, value in enumerate(values)}
    coincidences = np.zeros((len(values), len(values)))
    for unit in units:
        for one, two in permutations(unit, 2):
            coincidences[place[one], place[two]] += 1 / (len(unit) - 1)
    margins = coincidences.sum(axis=0)
    distances = _squared_distances(values, margins, metric)
    expected = float(margins @ distances @ margins)
    if expected == 0:
        return None
    return 1 - (float(margins.sum()) - 1) * float((coincidences * distances).sum()) / expected


def _squared_distances(values: Sequence[Code], margins: FloatArray, metric: Metric) -> FloatArray:
    if metric == "nominal":
        return 1 - np.eye(len(values))
    scale = np.asarray(values, dtype=np.float64) if metric == "interval" else np.cumsum(margins) - margins / 2
    return np.square(scale[:, None] - scale[None, :])


def _compare(field: str, metric: Metric, pairs: Sequence[tuple[Code, Code]]) -> Agreement:
    codes = tuple(sorted({code for pair in pairs for code in pair}))
    table = Counter(pairs)
    rows = len(pairs)
    return Agreement(
        field=field,
        metric=metric,
        rows=rows,
        alpha=krippendorff_alpha(pairs, metric),
        same=sum(one == two for one, two in pairs) / rows if rows else None,
        mean_difference=_mean_difference(pairs, metric),
        codes=codes,
        counts=tuple(tuple(table[one, two] for two in codes) for one in codes),
    )


def _mean_difference(pairs: Sequence[tuple[Code, Code]], metric: Metric) -> float | None:
    if metric == "nominal" or not pairs:
        return None
    return sum(abs(float(one) - float(two)) for one, two in pairs) / len(pairs)
