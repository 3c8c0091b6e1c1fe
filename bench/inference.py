"""Speed and memory of what is learnt from a record: figure, target, peer in the same run, bound and ratio.

Run `python bench/inference.py`. The record is simulated with the shipped case's calendar. The peer of the reduced form
is NUTS on the same block; that of the game is a plain NumPyro model whose log density differentiates through a fixed
number of unrolled sweeps. `--game` also fits every rival of the game, quickly (minutes).
"""

from __future__ import annotations

import argparse
import resource
import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from standoff.inference.importance import resample
from standoff.inference.predictive import prior_values
from standoff.inference.rivals import ALL, rival
from standoff.inference.sampling import sample_posterior
from standoff.inference.twin import block, block_target, compiled, fit_block, fit_twin, free_places, neutral
from standoff.inference.twin_data import TwinData, twin_data
from standoff.inference.twin_simulate import simulate
from standoff.panel.weekly import WeeklyRecord, weekly_record
from standoff.record import find_case, load_case

ROWS: list[tuple[str, str, str, str]] = []


def row(figure: str, measured: str, target: str, beside: str = "-") -> None:
    ROWS.append((figure, measured, target, beside))
    print(f"{figure}: {measured} (target {target}; {beside})", flush=True)


def timed(run: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    found = run()
    return time.perf_counter() - start, found


def invented() -> tuple[WeeklyRecord, TwinData]:
    weekly = weekly_record(load_case(find_case("gaza-2023-2025")))
    data = twin_data(weekly)
    values = prior_values(1, np.random.default_rng(11))
    return weekly, simulate(data, values, np.random.default_rng(12))[0]


def twin(data: TwinData) -> None:
    cold, _ = timed(lambda: fit_twin(data, 1))
    warm, fits = timed(lambda: fit_twin(data, 2))
    many = compiled("holder")[0]
    z = np.zeros((512, len(block("holder").priors)))
    ones = np.ones(z.shape[1])
    weeks = np.ones(len(data.time))
    jax.block_until_ready(many(z, ones, weeks, data))
    each, _ = timed(lambda: jax.block_until_ready([many(z, ones, weeks, data) for _ in range(20)]))
    draws = sum(
        len(one.draws.z) for fit in fits.values() for name, one in fit.blocks.items() if name == "holder"
    )
    bound = each / 20 / 512 * draws
    row("reduced form, all rivals, with compilation", f"{cold:.1f} s", "60 s")
    row(
        "reduced form, all rivals, second call",
        f"{warm:.1f} s",
        "60 s",
        f"holder's draws alone {bound:.2f} s, x{warm / bound:.1f}",
    )


def effective_draws(data: TwinData) -> None:
    free = free_places(block("holder"), rival(ALL), False)
    spent, fitted = timed(lambda: fit_block(data, "holder", free, 3))
    row("holder's block, effective draws a second, importance", f"{fitted.draws.effective / spent:.0f}", "-")
    places = np.array(free)

    def log_density(z: Any) -> Any:
        full = jnp.zeros(len(block("holder").priors)).at[places].set(z)
        mask = jnp.zeros(len(block("holder").priors)).at[places].set(1.0)
        terms = block("holder").terms(neutral(block("holder").priors, full, mask, jnp.exp), data)
        return jnp.sum(terms) - 0.5 * jnp.sum(z**2)

    start = resample(fitted.draws, 1, np.random.default_rng(4))[0]
    names = [block("holder").priors[place].name for place in free]
    spent, chains = timed(
        lambda: sample_posterior(log_density, start, names, 5, chains=4, warmup=500, draws=500)
    )
    least = (
        min(float(np.min(value)) for value in chains.bulk.values())
        if hasattr(chains, "bulk")
        else float("nan")
    )
    row(
        "the same by NUTS, smallest bulk effective draws a second",
        f"{least / spent:.1f}",
        "-",
        f"{spent:.0f} s with compilation",
    )
    again = block_target(data, "holder", free)
    agree = abs(
        float(again.many(start[None])[0]) - float(log_density(start)) + 0.5 * len(free) * np.log(2 * np.pi)
    )
    row("the two densities differ by", f"{agree:.1e}", "0")


def game(weekly: WeeklyRecord) -> None:
    from standoff.inference.structural_fit import fit_rivals

    spent, fitted = timed(
        lambda: fit_rivals(weekly, ["M0", "M1", "M2", "M12", "M3", "M4", "M5", "M6", "M7"], True, 1, 2)
    )
    row("the game, all rivals, quick, two processes", f"{spent:.0f} s", "60 s")
    for name, one in fitted.items():
        row(
            f"  {name}",
            f"k {one.draws.k:.2f}, effective {one.draws.effective:.0f}, failed {one.draws.failed}",
            "k < .7",
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--game", action="store_true")
    options = parser.parse_args()
    weekly, data = invented()
    twin(data)
    effective_draws(data)
    if options.game:
        game(weekly)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    row("peak memory of this process", f"{peak:.2f} GB", "3 GB")
    print("\n| figure | measured | target | beside |\n|---|---|---|---|")
    for entry in ROWS:
        print("| " + " | ".join(entry) + " |")


if __name__ == "__main__":
    main()
