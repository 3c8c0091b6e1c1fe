"""Calibration: what the rules say on many simulated records. `python -m tests.calibration.calibrate [--records N]`.

Writes docs/reference/calibration.json and calibration.md. The tests of this folder read the stored results, check that
they keep the promises, and compute the first records of each world again: if the method gives other numbers for them
than are stored, the stored results are of another method and the test says so.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from standoff.claims.rules import FALSE_LEANS, FALSE_SUPPORTED, rules_hash

from .measure import (
    FAMILY,
    Row,
    ecdf_distance,
    effect_words,
    lower_bound,
    null_rows,
    strong_words,
    upper_bound,
    with_holm,
)
from .worlds import COMMON_CAUSE, DAILY_NOISE, EFFECT, EFFECT_WORLDS, NULL_WORLDS

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs/reference/calibration.json"
PAGE = ROOT / "docs/reference/calibration.md"
SEED = 20300101
NULL_SIZE = 25.0
EFFECT_SIZE = 25.0
PROBE = 12  # records of each null world that the tests compute again
PROBE_EFFECT = 3
POWER = 0.80
BATCH = 50


def calibrate(records: int, effect_records: int, workers: int, only: str) -> dict[str, Any]:
    """Results of all worlds as plain values; with ``only`` one group of worlds, the others as they are stored."""
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if only else {}
    groups = {
        "null": (NULL_WORLDS, _null, records),
        "beyond": (COMMON_CAUSE, _null, records),
        "effect": (EFFECT_WORLDS, _effect, effect_records),
    }
    with ProcessPoolExecutor(workers) as pool:
        for group, (worlds, measured, count) in groups.items():
            if only in ("", group):
                results[group] = {name: measured(pool, name, count) for name in worlds}
    return {"seed": SEED, "rules": rules_hash()} | {group: results[group] for group in groups}


def _batches(count: int) -> list[range]:
    return [range(begin, min(begin + BATCH, count)) for begin in range(0, count, BATCH)]


def null_batch(name: str, records: range) -> list[Row]:
    setting = (NULL_WORLDS | COMMON_CAUSE)[name]
    return null_rows(setting, name, records, SEED, NULL_SIZE)


def effect_batch(name: str, records: range) -> list[str]:
    return effect_words(EFFECT_WORLDS[name], name, records, SEED, EFFECT_SIZE)


def _null(pool: ProcessPoolExecutor, name: str, records: int) -> dict[str, Any]:
    rows = [row for batch in pool.map(partial(null_batch, name), _batches(records)) for row in batch]
    print(f"{name}: {len(rows)} records", flush=True)
    p = np.array([row.p for row in rows if row.p is not None])
    distance, band = ecdf_distance(p)
    alone = strong_words(with_holm(rows, 1))
    family = strong_words(with_holm(rows, FAMILY))
    families = np.array(family).reshape(-1, FAMILY).any(axis=1)
    covers = [row.covers for row in rows if row.covers is not None]
    return {
        "records": len(rows),
        "with_p": len(p),
        "p_at_most": {str(level): float((p <= level).mean()) for level in (0.01, 0.05, 0.1, 0.2, 0.5)},
        "distance": distance,
        "band": band,
        "interval_covers": float(np.mean(covers)),
        "intervals": len(covers),
        "strong": int(sum(alone)),
        "families": len(families),
        "strong_in_family": int(families.sum()),
        "leans_for": sum(row.word == "leans for" for row in rows),
        "leans_against": sum(row.word == "leans against" and not row.note for row in rows),
        "too_small": sum(bool(row.note) for row in rows),
        "probe": [row.p for row in rows[:PROBE]],
    }


def _effect(pool: ProcessPoolExecutor, name: str, records: int) -> dict[str, Any]:
    words = [word for batch in pool.map(partial(effect_batch, name), _batches(records)) for word in batch]
    print(f"{name}: {len(words)} records", flush=True)
    right = "leans for" if EFFECT_WORLDS[name].effect > 0 else "leans against"
    wrong = "leans against" if right == "leans for" else "leans for"
    return {
        "records": len(words),
        "right": words.count(right),
        "wrong": words.count(wrong),
        "cannot_tell": words.count("cannot tell"),
        "probe": words[:PROBE_EFFECT],
    }


def page(results: dict[str, Any]) -> str:
    """The page of the results."""
    null = "\n".join(_null_row(name, world) for name, world in results["null"].items())
    beyond = "\n".join(_null_row(name, world) for name, world in results["beyond"].items())
    uniform = "\n".join(
        _uniform_row(name, world) for name, world in (results["null"] | results["beyond"]).items()
    )
    effect = "\n".join(_effect_row(name, world) for name, world in results["effect"].items())
    return f"""# Calibration

This page is written by `make calibrate` from `calibration.json`; a test fails when the two differ, when a promise is not kept, or
when the method no longer gives the stored numbers. Rules in force: `{results["rules"][:12]}`. Seed: {results["seed"]}.

**What it tests:** the rules, inside worlds of our own making. **What it does not:** the judged ranges of a ledger, a model's posterior, or
worlds unlike these.

## Where no signal matters

Records of 540 days in five phases, about 20 recorded stances (read with error, in steps of 25), about 30 signals, 18 combinations of coding
choices. In the first world signals come with harm, after hard stances and when talks stall; in the second the stance drifts back from extremes by
itself and signals follow extremes; in the third a stance is recorded more often after a signal. The weight of evidence and D are taken as
passing, so the rates are upper bounds.

*Supported or contradicted* cannot be reached while no model is fitted; the rate is what it would be with a model that passes on either side,
for one part alone, and for any part of an assessment of {FAMILY} with Holm's adjustment. Nominal: {FALSE_SUPPORTED:.0%}. *Leans* (either way): nominal {FALSE_LEANS:.0%}.
*Too small to matter* (size {NULL_SIZE:g}) is right there. Behind each rate: its one-sided 95% upper bound.

| world | records | supported or contradicted, one part | any of {FAMILY} parts | leans for | leans against | leans, together | too small |
|---|---|---|---|---|---|---|---|
{null}

P-values: share at most 0.05, 0.10, 0.20 and 0.50; largest distance by which their distribution lies above the uniform one, and the distance that 99% of
uniform samples stay under. Interval: share of 90% intervals that hold zero.

| world | with a T | p <= 0.05 | p <= 0.10 | p <= 0.20 | p <= 0.50 | distance | allowed | interval holds |
|---|---|---|---|---|---|---|---|---|
{uniform}

## Where the test is not meant to hold

Harm comes in bursts; twice the usual harm draws four times the signals and moves the stance by 80 points. Order in time has no defence
against a strong common cause; that is said with every verdict. What it would do here:

| world | records | supported or contradicted, one part | any of {FAMILY} parts | leans for | leans against | leans, together | too small |
|---|---|---|---|---|---|---|---|
{beyond}

## Where a large effect is planted

Each of about 20 signals moves the stance by {EFFECT:g} points; by itself it moves by {DAILY_NOISE:g} points a day, as in the worlds above.
About 60 stances are recorded, and the size declared is {EFFECT_SIZE:g}. The whole part is run, D included. Promise:
the right side in at least {POWER:.0%}. Behind the rate: its one-sided 95% lower bound.

| world | records | right side | wrong side | cannot tell |
|---|---|---|---|---|
{effect}
"""


def _null_row(name: str, world: dict[str, Any]) -> str:
    leans = world["leans_for"] + world["leans_against"]
    cells = [
        name,
        str(world["records"]),
        _rate(world["strong"], world["records"]),
        _rate(world["strong_in_family"], world["families"]),
        f"{world['leans_for'] / world['records']:.1%}",
        f"{world['leans_against'] / world['records']:.1%}",
        _rate(leans, world["records"]),
        f"{world['too_small'] / world['records']:.1%}",
    ]
    return f"| {' | '.join(cells)} |"


def _uniform_row(name: str, world: dict[str, Any]) -> str:
    shares = [f"{world['p_at_most'][level]:.3f}" for level in ("0.05", "0.1", "0.2", "0.5")]
    ends = [f"{world['distance']:.3f}", f"{world['band']:.3f}", f"{world['interval_covers']:.1%}"]
    return f"| {' | '.join([name, str(world['with_p']), *shares, *ends])} |"


def _effect_row(name: str, world: dict[str, Any]) -> str:
    right = f"{world['right'] / world['records']:.1%} ({lower_bound(world['right'], world['records']):.1%})"
    rest = [f"{world[key] / world['records']:.1%}" for key in ("wrong", "cannot_tell")]
    return f"| {' | '.join([name, str(world['records']), right, *rest])} |"


def _rate(count: int, records: int) -> str:
    return f"{count / records:.1%} ({upper_bound(count, records):.1%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--effect-records", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--only", choices=("null", "beyond", "effect"), default="", help="one group of worlds"
    )
    parser.add_argument("--page-only", action="store_true", help="write the page from the stored results")
    options = parser.parse_args()
    if not options.page_only:
        results = calibrate(options.records, options.effect_records, options.workers, options.only)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(json.loads(RESULTS.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
