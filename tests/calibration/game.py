"""Simulation-based calibration of the game as an estimated model. `python -m tests.calibration.game [--records N] [--truths N] [--workers N]`.

Records are drawn from the prior of M3, belief with hope of rescue dominant, on the grid of beliefs that fits use, with the
shipped case's calendar and gaps; each is fitted in full, and the truth is ranked among posterior draws: every parameter, and
what support and criticism do to stance and deal. Then records of the game under each rival are read by the reduced form, which
is the estimator where a fit of the game to each would be too dear: which rival it chooses, and how it reads the sign.
Every record is kept as soon as it is there; docs/reference/calibration-game.json holds the sums, with the fingerprint of
the likelihood. [talts2018calibration], [sailynoja2022graphical].
"""

from __future__ import annotations

import argparse
import json
from functools import cache

import numpy as np

from standoff.inference.importance import resample
from standoff.inference.learn import named
from standoff.inference.priors import value
from standoff.inference.ranks import detectable, ecdf_check, ranks
from standoff.inference.rivals import ALL, RIVALS, rival
from standoff.inference.structural_density import Density, problem
from standoff.inference.structural_effects import effects_at
from standoff.inference.structural_fit import fit_rival
from standoff.inference.structural_priors import ENTRIES, NAMES, free_places
from standoff.inference.structural_simulate import simulate
from standoff.inference.twin import fit_twin
from standoff.inference.twin_data import twin_data
from standoff.panel.weekly import WeeklyRecord
from standoff.standoff_game.errors import NotConvergedError
from tests.calibration.kept import ROOT, Result, gathered

RESULTS = ROOT / "docs/reference/calibration-game.json"
PAGE = ROOT / "docs/reference/calibration-game.md"
SEED = 20300303
ESTIMATED = "M3"
COUNT = 19  # draws among which the truth is ranked: as many as effects can be had for
PROBES = 6
LEVEL = 0.99
LEVERS = ("public-criticism", "support")
ATTEMPTS = 20  # draws of a prior until a game is solved


@cache
def calendar() -> WeeklyRecord:
    """The shipped case's weeks, whose calendar and gaps every simulated record keeps."""
    from standoff.panel.weekly import weekly_record
    from standoff.record import find_case, load_case

    return weekly_record(load_case(find_case("gaza-2023-2025")))


def drawn(number: int, name: str) -> tuple[np.ndarray, WeeklyRecord]:
    """Free parameters (D,) on the unit scale drawn from a rival's prior, and a record simulated at them.

    A draw whose game is not solved is no record: the next one is taken, so that what is calibrated is the prior given that
    the game is solved.
    """
    seed = named(SEED, name, str(number))
    places = free_places(rival(name))
    for _ in range(ATTEMPTS):
        z = seed.normal(size=len(places))
        values = {entry.prior.name: entry.neutral for entry in ENTRIES}
        values |= {NAMES[at]: float(value(ENTRIES[at].prior, one)) for at, one in zip(places, z, strict=True)}
        try:
            return z, simulate(values, rival(name), calendar(), seed)
        except NotConvergedError:
            continue
    raise ValueError(f"{name}: no game of {ATTEMPTS} drawn from its prior was solved")


def sbc(number: int) -> Result:
    """Ranks of every parameter and effect of one record under the rival that it was drawn from."""
    z, record = drawn(number, ESTIMATED)
    fitted = fit_rival(record, ESTIMATED, False, number)
    seed = named(SEED, "ranks", str(number))
    after = resample(fitted.draws, COUNT, seed)
    found = {name: rank(z[i], after[:, i], seed) for i, name in enumerate(fitted.names)}
    both = effects_at(record, ESTIMATED, np.concatenate([z[None], after]), LEVERS)
    for lever, outcomes in both.items():
        for outcome in ("stance", "deal"):
            told = outcomes[outcome]
            if len(told) == COUNT + 1:
                found[f"effect.{lever}.{outcome}"] = rank(told[0], told[1:], seed)
    return {"number": number, "ranks": found, "passed": fitted.draws.passed, "failed": fitted.draws.failed}


def rank(truth: float, values: np.ndarray, seed: np.random.Generator) -> int:
    return int(ranks(np.array([truth]), np.asarray(values)[:, None], COUNT, seed)[0])


TRUTHS = tuple(one.name for one in RIVALS if one.name != ALL)


def reduced(number: int) -> Result:
    """Which rival the reduced form chooses on a record of the game; truths take turns."""
    name = TRUTHS[number % len(TRUTHS)]
    _, record = drawn(number, name)
    fits = fit_twin(twin_data(record), number)
    evidence = {key: fit.log_evidence for key, fit in fits.items()}
    total = np.logaddexp.reduce(list(evidence.values()))
    return {
        "number": number,
        "truth": name,
        "chosen": max(evidence, key=lambda key: evidence[key]),
        "probability": float(np.exp(evidence[name] - total)),
        "signs": {key: float(np.exp(evidence[key] - total)) for key in ("M3", "M4")},
    }


def fingerprint() -> list[float]:
    """Log posterior densities at fixed places on a fixed record: what the stored results belong to."""
    density = Density(problem(calendar(), rival(ESTIMATED)))
    places = np.random.default_rng(SEED).normal(size=(PROBES, len(density.at.places))) * 0.5
    return [float(f"{told:.7g}") for told in density.many(places)]


def calibrate(records: int, truths: int, workers: int) -> Result:
    """All results as plain values."""
    told = fingerprint()
    mark = json.dumps(told)
    ranked = gathered("game-sbc", sbc, range(records), workers, mark)
    read = gathered("game-reduced", reduced, range(truths * len(TRUTHS)), workers, mark)
    names = sorted({name for one in ranked for name in one["ranks"]})
    seen = {name: np.array([one["ranks"][name] for one in ranked if name in one["ranks"]]) for name in names}
    able = detectable(records, COUNT, level=LEVEL)
    return {
        "seed": SEED,
        "fingerprint": told,
        "rival": ESTIMATED,
        "records": records,
        "count": COUNT,
        "sbc": {
            name: {
                "records": len(found),
                "mean": float(np.mean(found)) / COUNT,
                "outside": ecdf_check(found, COUNT, LEVEL).outside,
            }
            for name, found in seen.items()
        },
        "failed_fits": sum(not one["passed"] for one in ranked),
        "failed_solutions": sum(one["failed"] for one in ranked),
        "detectable": {"narrow": able.narrow, "wide": able.wide, "shift": able.shift},
        "reduced": {name: _chosen([one for one in read if one["truth"] == name]) for name in TRUTHS},
    }


def _chosen(found: list[Result]) -> Result:
    counts: dict[str, int] = {}
    for one in found:
        counts[one["chosen"]] = counts.get(one["chosen"], 0) + 1
    return {
        "records": len(found),
        "chosen": counts,
        "probability_of_truth": float(np.mean([one["probability"] for one in found])),
        "hope_before_assurance": float(np.mean([one["signs"]["M3"] > one["signs"]["M4"] for one in found])),
    }


def page(found: Result) -> str:
    """The reference page of these results."""
    outside = [name for name, one in found["sbc"].items() if one["outside"]]
    told = found["detectable"]
    lines = [
        "# Calibration of the game as an estimated model\n",
        "Made by `make calibrate`; the tests fail when the likelihood is no longer the one that these results belong to.\n",
        "## Simulation-based calibration\n",
        f"{found['records']} records drawn from the prior of {found['rival']} with the shipped case's calendar and gaps, each fitted in full; the truth",
        f"ranked among {found['count']} posterior draws, for {len(found['sbc'])} parameters and effects. Simultaneous {LEVEL:.0%} bands of the rank distribution, one quantity at a",
        f"time: {len(found['sbc']) - len(outside)} of {len(found['sbc'])} inside, where {(1 - LEVEL) * len(found['sbc']):.1f} outside are expected by chance."
        + (f" Outside: {', '.join(f'`{name}`' for name in outside)}." if outside else ""),
        f"Fits that missed a gate: {found['failed_fits']}. Draws whose game was not solved: {found['failed_solutions']}.\n",
        f"With a chance of .80 so many records would show a posterior whose standard deviation is {told['narrow']:.2f} or {told['wide']:.2f} times the right one, or that",
        f"is off by {told['shift']:.2f} of it; smaller errors go unseen. One rival stands for the others: they share the likelihood and differ in what they free.\n",
        "## Records of the game, read by the reduced form\n",
        "A fit of the game to each of many records would be too dear, so the reduced form is the estimator here. Records are simulated from the game under each",
        "rival at its prior; all rivals of the reduced form are fitted, at equal prior odds:\n",
        "| truth | records | chosen | mean probability of the truth | M3 before M4 |",
        "|---|---|---|---|---|",
    ]
    for name, one in found["reduced"].items():
        ordered = sorted(one["chosen"].items(), key=lambda item: (-item[1], item[0]))
        chosen = ", ".join(f"{key} {count}" for key, count in ordered)
        lines.append(
            f"| {name} | {one['records']} | {chosen} | {one['probability_of_truth']:.2f} | {one['hope_before_assurance']:.0%} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=50)
    parser.add_argument("--truths", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    found = calibrate(options.records, options.truths, options.workers)
    RESULTS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(json.loads(RESULTS.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
