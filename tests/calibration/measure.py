"""What the rules say on many records of one world, the weight of evidence taken as passing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from standoff.claims.order import order_in_time
from standoff.claims.part import ingredients, run_part
from standoff.claims.results import PartResult, Verdict
from standoff.claims.rules import Ingredients, has_order_test, verdict
from standoff.claims.seeds import generator
from standoff.claims.tell import passing
from standoff.record.claims_schema import Claim
from tests.claims.invented import ORDER, claim, part

from .worlds import Setting, draw

FAMILY = 10  # parts of one assessment, over which Holm runs


@dataclass(frozen=True)
class Row:
    """One record: p and lead p of the test, whether the 90% interval covers the truth, and what the rules say."""

    p: float | None
    word: str
    note: str
    found: Ingredients
    covers: bool | None


def the_claim(size: float) -> Claim:
    return claim([part(tests=[{**ORDER, "size": size}])])


def null_rows(setting: Setting, world: str, records: range, seed: int, size: float = 25.0) -> list[Row]:
    """Rows of a world. D, the ledger and the model are taken as passing, so that the rates are upper bounds."""
    mine = the_claim(size)
    rows = []
    for k in records:
        record = draw(setting, generator(seed, world, str(k)))
        test = mine.parts[0].tests[0]
        ordered = order_in_time(record, test, "+", seed, f"{world}/{k}")
        result = PartResult(
            "C1-stance", "", "effect-several", "+", True, Verdict("cannot tell", (), (), "", None, ())
        )
        result = replace(result, order=ordered.result, multiverse=ordered.multiverse)
        found = passing(ingredients(result))
        given = verdict("effect-several", "+", found)
        interval = ordered.result.interval
        covers = None if interval is None else interval.low <= 0 <= interval.high
        rows.append(Row(ordered.result.p, given.word, given.note, found, covers))
    return rows


def strong_words(rows: Iterable[Row]) -> list[bool]:
    """Whether a record would be *supported* or *contradicted* if a model passed on that side, with p after Holm as given."""
    said = []
    for row in rows:
        words = [
            verdict(
                "effect-several", "+", replace(row.found, posterior=posterior, unrecorded_cause=10.0)
            ).word
            for posterior in (1.0, 0.0)
        ]
        said.append("supported" in words or "contradicted" in words)
    return said


def with_holm(rows: list[Row], family: int) -> list[Row]:
    """The rows in families of so many parts, each p adjusted within its family; no adjustment at 1."""
    from statsmodels.stats.multitest import multipletests

    adjusted = []
    for begin in range(0, len(rows) - family + 1, family):
        members = rows[begin : begin + family]
        values = iter([])
        if any(has_order_test(row.found) for row in members):
            values = iter(multipletests([row.p for row in members if row.p is not None], method="holm")[1])
        for row in members:
            p_holm = float(next(values)) if row.p is not None else None
            adjusted.append(replace(row, found=replace(row.found, p_holm=p_holm)))
    return adjusted


def effect_words(setting: Setting, world: str, records: range, seed: int, size: float) -> list[str]:
    """Words of the whole part, D included (the ledger is empty, as several occasions allow)."""
    mine = the_claim(size)
    words = []
    for k in records:
        record = draw(setting, generator(seed, world, str(k)))
        words.append(run_part(record, mine, mine.parts[0], seed + k).verdict.word)
    return words


def upper_bound(count: int, records: int) -> float:
    """One-sided 95% upper bound of a rate (Clopper and Pearson)."""
    from scipy.stats import binomtest

    return float(binomtest(count, records).proportion_ci(0.90, method="exact").high)


def ecdf_distance(p: np.ndarray) -> tuple[float, float]:
    """Largest distance by which the p-values lie above the diagonal, and the 99% band of it for so many (Massart)."""
    ordered = np.sort(p)
    above = (np.arange(1, len(p) + 1) / len(p) - ordered).max()
    return float(max(above, 0.0)), float(np.sqrt(np.log(1 / 0.01) / (2 * len(p))))


def lower_bound(count: int, records: int) -> float:
    """One-sided 95% lower bound of a rate (Clopper and Pearson)."""
    from scipy.stats import binomtest

    return float(binomtest(count, records).proportion_ci(0.90, method="exact").low)
