"""Speed and memory of what is learnt from a record: figure, target, peer in the same run, bound and ratio.

Run `python bench/inference.py`. The record is simulated with the shipped case's calendar. The peer of the reduced form
is NUTS on the same block; that of the game is a plain NumPyro model whose log density differentiates through a fixed
number of unrolled sweeps. `--game` runs that, and fits every rival of the game quickly (minutes).
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
from standoff.inference.structural import constrained, game_of, read, reading, tables
from standoff.inference.structural_density import Density, problem
from standoff.inference.structural_fit import fit_rival, fit_rivals
from standoff.inference.twin import block, block_target, compiled, fit_block, fit_twin, free_places, neutral
from standoff.inference.twin_data import TwinData, twin_data
from standoff.inference.twin_simulate import simulate
from standoff.panel.weekly import WeeklyRecord, weekly_record
from standoff.record import find_case, load_case
from standoff.standoff_game.parameters import Parameters
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.sweep import Hostages, Unknowns, build_game, sweep

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
    least = float(np.min(chains.bulk))
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


SWEEPS = 150  # of the peer, in each class of hostages: about what plain damped iteration needs
PEER = (10, 20)  # warm-up and draws of the peer, from our mean: enough for its price, not for a posterior
DAMPING = 0.5


def unrolled(spec: Specification, p: Parameters, start: Unknowns) -> Unknowns:
    """The game by a fixed number of damped sweeps in each class of hostages, which reverse differentiation walks back through."""
    game, lost, found = build_game(spec, p), jnp.zeros_like(start.values[0]), []
    for group in range(spec.groups):
        hostages = Hostages(jnp.asarray(group + 1.0), lost)

        def step(x: Unknowns, _: None, hostages: Hostages = hostages) -> tuple[Unknowns, None]:
            after = sweep(spec, game, hostages, x, True)[0]
            return jax.tree.map(lambda a, b: (1 - DAMPING) * a + DAMPING * b, x, after), None

        here = jax.tree.map(lambda a, group=group: a[group], start)
        here, _ = jax.lax.scan(step, here, None, length=SWEEPS)
        found.append(here)
        lost = here.values
    return jax.tree.map(lambda *parts: jnp.stack(parts), *found)


def peer_of_game(weekly: WeeklyRecord) -> None:
    """Effective draws a second of the belief rival, beside a plain NumPyro model that differentiates through the sweeps."""
    import numpyro
    from numpyro.distributions import Normal
    from numpyro.infer import MCMC, NUTS, init_to_value

    spent, fitted = timed(lambda: fit_rival(weekly, "M3", False, 3))
    rate = fitted.draws.effective / spent
    at = problem(weekly, rival("M3"))

    def record(z: Any) -> Any:
        full = jnp.zeros(len(at.free)).at[at.places].set(z)
        p = game_of(constrained(full, at.free, at.neutral), at.spec, at.data.domestic, at.data.privacy)
        play = tables(at.spec, p, unrolled(at.spec, p, at.cold), at.data)
        return read(reading(at.spec), full, at.free, at.neutral, play, at.data)

    def model() -> None:
        z = numpyro.sample("z", Normal(0.0, 1.0).expand([len(at.places)]).to_event(1))
        numpyro.factor("record", record(z) + 0.5 * jnp.sum(z**2))

    middle = jnp.asarray(fitted.draws.weights @ fitted.draws.z)
    ours = float(Density(at)(np.asarray(middle)))
    row(
        "the peer's log density differs from ours by",
        f"{abs(float(jax.jit(record)(middle)) - ours):.1e}",
        "-",
    )
    kernel = NUTS(model, init_strategy=init_to_value(values={"z": middle}), max_tree_depth=5)
    chain = MCMC(kernel, num_warmup=PEER[0], num_samples=PEER[1], progress_bar=False)
    peer, _ = timed(lambda: chain.run(jax.random.key(0)))
    most = PEER[1] / peer
    row(
        "the game under M3, effective draws a second",
        f"{rate:.1f}",
        "-",
        f"differentiating through the iterations: {most:.2f} draws a second, effective or not, with compilation; x{rate / most:.0f}",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--game", action="store_true")
    options = parser.parse_args()
    weekly, data = invented()
    twin(data)
    effective_draws(data)
    if options.game:
        peer_of_game(weekly)
        game(weekly)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    row("peak memory of this process", f"{peak:.2f} GB", "3 GB")
    print("\n| figure | measured | target | beside |\n|---|---|---|---|")
    for entry in ROWS:
        print("| " + " | ".join(entry) + " |")


if __name__ == "__main__":
    main()
