"""Results of a calibration record by record, kept as soon as they are there, so that a call that was stopped goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".calibration"
Result = dict[str, Any]


def gathered(
    name: str, work: Callable[[int], Result], numbers: Iterable[int], workers: int, mark: str
) -> list[Result]:
    """Results of all numbers in their order; those kept under this mark, the likelihood's fingerprint, are not made again."""
    KEPT.mkdir(exist_ok=True)
    file = KEPT / f"{name}.jsonl"
    known: dict[int, Result] = {}
    if file.exists():
        lines = file.read_text(encoding="utf-8").splitlines()
        if lines and lines[0] == mark:
            known = {one["number"]: one for one in map(json.loads, lines[1:])}
        else:
            file.unlink()
    if not file.exists():
        file.write_text(mark + "\n", encoding="utf-8")
    missing = [number for number in numbers if number not in known]
    with (
        ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool,
        file.open("a", encoding="utf-8") as kept,
    ):
        for done, one in enumerate(pool.map(work, missing)):
            known[one["number"]] = one
            kept.write(json.dumps(one) + "\n")
            kept.flush()
            if (done + 1) % 20 == 0:
                print(f"{name} {done + 1}/{len(missing)}", flush=True)
    return [known[number] for number in numbers]
