"""Simulation-based calibration of the models. `python -m tests.calibration.models [--records N] [--rivals N] [--workers N]`.

Records are drawn from the prior with the shipped case's calendar and gaps, fitted, and the rank of the truth among the
posterior draws is kept: for every parameter and every reported effect. Then records under each rival: which rival is
chosen; and records in which the signal does nothing: how often P says otherwise. Every record's result is kept in a
folder as soon as it is there, so that a call that was stopped goes on; docs/reference/calibration-models.json holds the
sums, with a fingerprint of the likelihood that they belong to. [talts2018calibration], [sailynoja2022graphical].
"""

from __future__ import annotations

import argparse
import json
from functools import cache, partial
from typing import Any

import numpy as np

from standoff.inference.importance import resample
from standoff.inference.learn import named, share_above
from standoff.inference.predictive import prior_values
from standoff.inference.probe import probe_posterior
from standoff.inference.ranks import detectable, ecdf_check, ranks
from standoff.inference.rivals import ALL, BASE, RIVALS, rival
from standoff.inference.twin import (
    block,
    block_values,
    compiled,
    fit_twin,
    free_places,
    sign_restrictions,
)
from standoff.inference.twin_blocks import BLOCKS
from standoff.inference.twin_data import TwinData, twin_data
from standoff.inference.twin_effects import LEVERS, lever_effects
from standoff.inference.twin_simulate import simulate
from tests.calibration.kept import ROOT, Result, gathered

RESULTS = ROOT / "docs/reference/calibration-models.json"
PAGE = ROOT / "docs/reference/calibration-models.md"
SEED = 20300202
COUNT = 99  # draws among which the truth is ranked
PROBES = 8  # fixed places at which the fingerprint evaluates each block
LINE = 0.95
LEVEL = 0.99  # of the simultaneous bands of one quantity


@cache
def calendar() -> TwinData:
    """The shipped case's calendar, gaps and causes from outside; its outcomes are replaced in every simulation."""
    from standoff.panel.weekly import weekly_record
    from standoff.record import find_case, load_case

    return twin_data(weekly_record(load_case(find_case("gaza-2023-2025"))))


def drawn(number: int, name: str = ALL) -> tuple[dict[str, Any], TwinData]:
    """Values drawn from a rival's prior, signs kept, and a record simulated at them."""
    seed = named(SEED, name, str(number))
    values = {key: dict(one) for key, one in prior_values(1, seed, name).items()}
    for part, parameter, sign in sign_restrictions(rival(name)):
        values[part][parameter] = sign * np.abs(values[part][parameter])
    return values, simulate(calendar(), values, seed)[0]


def sbc(number: int) -> Result:
    """Ranks of every parameter and effect of one record under the model of all together."""
    values, record = drawn(number)
    fit = fit_twin(record, number, rivals=[rival(ALL)])[ALL]
    seed = named(SEED, "ranks", str(number))
    found: dict[str, int] = {}
    equal = {}
    for name, one in fit.blocks.items():
        z = resample(one.draws, COUNT, seed)
        equal[name] = {key: np.broadcast_to(v, (COUNT,)) for key, v in block_values(one, z).items()}
        for place in one.free:
            prior = block(name).priors[place].name
            found[f"{name}.{prior}"] = rank(values[name][prior][0], equal[name][prior], seed)
    for lever in LEVERS:
        truth, after = lever_effects(record, values, lever), lever_effects(record, equal, lever)
        for outcome in ("stance", "deal"):
            found[f"effect.{lever.name}.{outcome}"] = rank(truth[outcome][0], after[outcome], seed)
    return {"number": number, "ranks": found, "passed": fit.passed}


def rank(truth: float, values: np.ndarray, seed: np.random.Generator) -> int:
    return int(ranks(np.array([truth]), np.asarray(values)[:, None], COUNT, seed)[0])


def recovery(number: int, name: str) -> Result:
    """Which rival is chosen by marginal likelihood on a record of ``name``, and the probability given to the truth."""
    _, record = drawn(number, name)
    fits = fit_twin(record, number)
    evidence = {key: fit.log_evidence for key, fit in fits.items()}
    total = np.logaddexp.reduce(list(evidence.values()))
    return {
        "number": number,
        "truth": name,
        "chosen": max(evidence, key=lambda key: evidence[key]),
        "probability": float(np.exp(evidence[name] - total)),
        "failed": [key for key, fit in fits.items() if not fit.passed],
    }


def alarm(number: int, side: str) -> Result:
    """P of a signal that does nothing, and of one that raises the level by a planted effect either way."""
    seed = named(SEED, "alarm", side, str(number))
    probe = np.zeros((len(calendar().time), 2))
    probe[:, 0 if side == "holder" else 1] = calendar().criticism
    given = calendar()._replace(probe=probe)
    values = {key: dict(one) for key, one in prior_values(1, seed, BASE).items()}
    found: Result = {"number": number, "side": side}
    for world, effect in (("nothing", 0.0), ("higher", 2.0), ("lower", -2.0)):
        turn = -1.0 if side == "holder" else 1.0
        planted = {**values, side: {**values[side], "probe": np.array([turn * effect])}}
        record = simulate(given, planted, seed)[0]
        posterior = probe_posterior(record, "holder" if side == "holder" else "coercer", number)
        found[world] = {"higher": posterior.higher, "passed": posterior.passed}
    return found


def fingerprint() -> dict[str, list[float]]:
    """Log-likelihoods of every block at fixed places on a fixed simulated record: what the stored results belong to."""
    _, record = drawn(0)
    found = {}
    for one in BLOCKS:
        places = free_places(one, rival(ALL), False)
        mask = np.zeros(len(one.priors))
        mask[list(places)] = 1.0
        z = np.random.default_rng(SEED).normal(size=(PROBES, len(one.priors)))
        terms = compiled(one.name)[3](z, mask, record)
        found[one.name] = [float(f"{value:.9g}") for value in np.asarray(terms).sum(axis=1)]
    return found


def calibrate(records: int, rivals: int, alarms: int, workers: int) -> Result:
    """All results as plain values."""
    mark = json.dumps(fingerprint(), sort_keys=True)
    ranked = gathered("sbc", sbc, range(records), workers, mark)
    found: Result = {"seed": SEED, "fingerprint": fingerprint(), "records": records, "count": COUNT}
    quantities = sorted(ranked[0]["ranks"])
    found["sbc"] = {name: _checked([one["ranks"][name] for one in ranked]) for name in quantities}
    found["failed_fits"] = sum(not one["passed"] for one in ranked)
    told = detectable(records, COUNT, level=LEVEL)
    found["detectable"] = {"narrow": told.narrow, "wide": told.wide, "shift": told.shift}
    found["recovery"] = {
        one.name: _recovered(
            gathered(f"recovery-{one.name}", partial(recovery, name=one.name), range(rivals), workers, mark)
        )
        for one in RIVALS
        if one.name != ALL
    }
    found["alarms"] = {
        side: _alarmed(gathered(f"alarm-{side}", partial(alarm, side=side), range(alarms), workers, mark))
        for side in ("holder", "coercer")
    }
    return found


def _checked(found: list[int]) -> Result:
    check = ecdf_check(np.array(found), COUNT, LEVEL)
    return {"mean": float(np.mean(found)) / COUNT, "outside": check.outside}


def _recovered(found: list[Result]) -> Result:
    chosen: dict[str, int] = {}
    for one in found:
        chosen[one["chosen"]] = chosen.get(one["chosen"], 0) + 1
    right = float(np.mean([one["probability"] for one in found]))
    return {"records": len(found), "chosen": chosen, "probability_of_truth": right}


def _alarmed(found: list[Result]) -> Result:
    higher = {
        world: np.array([one[world]["higher"] for one in found]) for world in ("nothing", "higher", "lower")
    }
    return {
        "records": len(found),
        "false": float(np.mean((higher["nothing"] >= LINE) | (higher["nothing"] <= 1 - LINE))),
        "found_higher": float(np.mean(higher["higher"] >= LINE)),
        "found_lower": float(np.mean(higher["lower"] <= 1 - LINE)),
        "sign_right": share_above(np.concatenate([higher["higher"] - 0.5, 0.5 - higher["lower"]])),
    }


def page(found: Result) -> str:
    """The reference page of these results."""
    outside = [name for name, one in found["sbc"].items() if one["outside"]]
    told = found["detectable"]
    lines = [
        "# Calibration of the models\n",
        "Made by `make calibrate`; the tests fail when the likelihood is no longer the one that these results belong to.",
        "What is tested is the machine, inside its own worlds: that posteriors are as wide as they should be, and in the right place.\n",
        "## Simulation-based calibration of the reduced form\n",
        f"{found['records']} records drawn from the priors with the shipped case's calendar and gaps, fitted with all terms free; the",
        f"truth ranked among {found['count']} draws, for {len(found['sbc'])} parameters and effects. Simultaneous {LEVEL:.0%} bands of the rank distribution, one quantity at a time:",
        f"{len(found['sbc']) - len(outside)} of {len(found['sbc'])} inside, where {(1 - LEVEL) * len(found['sbc']):.1f} outside are expected by chance."
        + (f" Outside: {', '.join(f'`{name}`' for name in outside)}." if outside else ""),
        f"Fits that missed a gate: {found['failed_fits']}.\n",
        f"With a chance of .80 so many records would show a posterior whose standard deviation is {told['narrow']:.2f} or {told['wide']:.2f} times the right one, or that is",
        f"off by {told['shift']:.2f} of it; smaller errors can go unseen.\n",
        "## Which rival is chosen\n",
        "Records simulated under each rival at its prior, all rivals fitted, chosen by marginal likelihood at equal prior odds:\n",
        "| truth | records | chosen | mean probability of the truth |",
        "|---|---|---|---|",
    ]
    for name, one in found["recovery"].items():
        ordered = sorted(one["chosen"].items(), key=lambda item: (-item[1], item[0]))
        told_chosen = ", ".join(f"{key} {count}" for key, count in ordered)
        lines.append(f"| {name} | {one['records']} | {told_chosen} | {one['probability_of_truth']:.2f} |")
    lines += [
        "\nOne record of this size seldom tells rivals apart: that is a property of the record, and the reason why *cannot tell* is a common answer.\n",
        "## False alarms, and effects that are there\n",
        "Records of M12 in which a signal, sent in the weeks of public criticism, does nothing, or moves the index by two logits a unit. Share in which P is",
        f"at least {LINE:g} the one way or the other:\n",
        "| stance of | records | nothing there: says so falsely (nominal 10%) | higher: found | lower: found | sign right |",
        "|---|---|---|---|---|---|",
    ]
    for side, one in found["alarms"].items():
        lines.append(
            f"| the {side} | {one['records']} | {one['false']:.1%} | {one['found_higher']:.0%} | {one['found_lower']:.0%} | {one['sign_right']:.0%} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=500)
    parser.add_argument("--rivals", type=int, default=25)
    parser.add_argument("--alarms", type=int, default=150)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    found = calibrate(options.records, options.rivals, options.alarms, options.workers)
    RESULTS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(json.loads(RESULTS.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
