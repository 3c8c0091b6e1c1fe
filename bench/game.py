"""Speed and memory of the game room: figure, target, peer in the same run, bound and ratio.

Run `python bench/game.py` (one core unless said; pin it with `taskset -c 1`). `--gambit` also solves the 20 x 20 tree
with pygambit (minutes). Every time is the best of several runs after compilation unless said, and beside it the best
processor time: on a machine that others use the first counts their work too, the second does not. A bound is counted
from operations and bytes and the rates measured in this run; the ratio is processor time over bound.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "standoff_game"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "oracle"))

from standoff.standoff_game.agent_logit import AgentLogit, agent_logit_equilibrium, lewis_schultz_tree
from standoff.standoff_game.equilibrium import Search, cold_start, equilibrium, find_jit, play_at
from standoff.standoff_game.parameters import Parameters, baseline_parameters, region_parameters
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.solution import Solution, solve
from standoff.standoff_game.specification import Specification, reduce_exactly

FULL = Specification()
PUBLISHED = "Mesa 3.3 ~3,300 runs/s; EMA Workbench 38,900 experiments/s (published, not run here)"
ROWS: list[tuple[str, str, str, str, str, str]] = []


class Spent(NamedTuple):
    """Best seconds of several runs: on the wall, and of the processor over all threads."""

    wall: float
    processor: float


def best(run: Callable[[], Any], times: int = 7) -> Spent:
    spent = []
    for _ in range(times):
        wall, processor = time.perf_counter(), time.process_time()
        jax.block_until_ready(run())
        spent.append((time.perf_counter() - wall, time.process_time() - processor))
    return Spent(*(min(column) for column in zip(*spent, strict=True)))


def row(figure: str, spent: Spent, target: str, bound: float | None, peer: str = "-") -> None:
    told = "-" if bound is None else f"{bound:.4g} s, x{spent.processor / bound:.1f}"
    ROWS.append((figure, f"{spent.wall:.4g} s", f"{spent.processor:.4g} s", target, peer, told))
    print(
        f"{figure}: {spent.wall:.4g} s, processor {spent.processor:.4g} s (target {target}; peer {peer}; bound, ratio {told})",
        flush=True,
    )


def rates() -> dict[str, float]:
    """Seconds an element of exp, log, a multiply-add, and a byte moved in the second-level cache."""
    use_float64()
    x = jnp.linspace(-3.0, 3.0, 10_800)

    def loop(function: Callable[[Any], Any], times: int = 300) -> float:
        run = jax.jit(lambda x: jax.lax.fori_loop(0, times, lambda _, y: function(y) * 1e-9 + x, x))
        jax.block_until_ready(run(x))
        return best(lambda: run(x), 9).processor / times / x.shape[0]

    empty = loop(lambda y: y)
    return {
        "exp": loop(jnp.exp) - empty,
        "log": loop(lambda y: jnp.log(y * y + 1.0)) - empty,
        "ramp": (loop(lambda y: sum(jnp.clip(y - 0.1 * i, 0.0, 0.1) * (i + 1) for i in range(14))) - empty)
        / 14,
        "byte": empty / 16,
    }


def sweep_bound(spec: Specification, rate: dict[str, float]) -> float:
    """Least seconds of a sweep: four exponentials and a logarithm a cell, ramps of three functions, each table once."""
    cells = spec.cells
    ramps = 3 * (min(spec.belief_points, 25) - 1)
    return cells * (4 * rate["exp"] + rate["log"] + ramps * rate["ramp"] + 8 * 8 * rate["byte"])


def domestic(parameters: Parameters) -> Parameters:
    return parameters._replace(domestic=np.array([0.08, 0.12]), block=3.0)


def solving(rate: dict[str, float]) -> None:
    solved: list[Solution] = []
    first = best(lambda: solved.append(solve(FULL, baseline_parameters())), 1)
    base = solved[0]
    row("baseline, first call with compilation", first, "10 s", None, numpy_peer(base))
    for name, change, cold, warm in (
        ("no d", lambda p: p, "0.25 s", "0.05 s"),
        ("d moves", domestic, "0.5 s", "0.15 s"),
    ):
        for region in ("waiting", "assurance", "inert"):
            p = change(region_parameters(region))
            solution = solve(FULL, p)
            near = p._replace(give=p.give * 1.01, end_value=p.end_value * 0.99)
            bound = sum(solution.iterations) / 3 * sweep_bound(solution.specification, rate)
            row(f"{region}, {name}, from nothing", best(lambda p=p: solve(FULL, p)), cold, bound)
            again = solve(FULL, near, start=solution)
            bound = sum(again.iterations) / 3 * sweep_bound(solution.specification, rate)
            run = lambda n=near, s=solution: solve(FULL, n, start=s)  # noqa: E731
            row(f"{region}, {name}, from a neighbour (1%)", best(run), warm, bound)


def gradient() -> None:
    from test_gradient import RECORD

    p = baseline_parameters()
    spec = reduce_exactly(FULL, p)
    search = Search()
    rows = tuple(jnp.asarray(column) for column in RECORD)

    def log_likelihood(p: Parameters) -> Any:
        found = equilibrium(spec, p, cold_start(spec, p), search)
        play = play_at(spec, p, found.unknowns)
        y, m, x, s, n = rows
        chance = play.conduct[n, :, 7, y, m, x, s]
        return jnp.sum(jnp.log(chance.mean(axis=1)) + jnp.log1p(-play.accept[n, 7, y, m, x, s]))

    value, slope = jax.jit(log_likelihood), jax.jit(jax.value_and_grad(log_likelihood))
    p = jax.tree.map(jnp.asarray, p)
    jax.block_until_ready((value(p), slope(p)))
    one, both = best(lambda: value(p)), best(lambda: slope(p))
    row("log-likelihood of 75 weeks, from nothing", one, "-", None)
    more = Spent(both.wall - one.wall, both.processor - one.processor)
    row("its gradient, beyond the value", more, f"one solution more ({one.processor:.3g} s)", one.processor)


PATHS, WEEKS = 100_000, 75
ON_CORES = """
import os, sys, time
cores = int(sys.argv[1])
os.sched_setaffinity(0, sorted(range(os.cpu_count()))[-cores:])
from standoff.standoff_game.parameters import baseline_parameters
from standoff.standoff_game.simulation import simulate
from standoff.standoff_game.solution import solve
from standoff.standoff_game.specification import Specification
from standoff.standoff_game.start import Simulation
base, run = solve(Specification(), baseline_parameters()), Simulation(100_000, 75, 1, threads=cores)
simulate(base, run)
spent = []
for _ in range(9):
    wall, processor = time.perf_counter(), time.process_time()
    simulate(base, run)
    spent.append((time.perf_counter() - wall, time.process_time() - processor))
print(*(min(column) for column in zip(*spent)))
"""


def paths(rate: dict[str, float]) -> None:
    """Paths on one core and on two, each in a process of its own with just so many cores, whatever this one is pinned to."""
    draws, moved = 8, 2 * 8 * 8 + 14 * 8 * 2
    bound = PATHS * WEEKS * (draws * 1.0e-9 + moved * rate["byte"] + 3 * 13 * rate["ramp"])
    for cores in range(1, min(os.cpu_count() or 1, 2) + 1):
        run = [sys.executable, "-c", ON_CORES, str(cores)]
        told = subprocess.run(run, capture_output=True, text=True, check=True).stdout
        target = "0.6 s" if cores == 1 else "half of one core's"
        row(
            f"100,000 paths of 75 weeks, {cores} core(s)",
            Spent(*map(float, told.split())),
            target,
            bound,
            PUBLISHED,
        )


def scaling() -> None:
    base = reduce_exactly(FULL, baseline_parameters())
    print("\ncost of 20 sweeps against size (search stopped at 20 sweeps a class)")
    grids = {
        "beliefs": [replace(base, belief_points=n) for n in (15, 45, 150)],
        "endurance": [replace(base, endurance_levels=n) for n in (6, 18, 60)],
        "outside pressure": [replace(base, pressure_levels=n) for n in (4, 12, 40)],
        "signals": [
            replace(base, signals=tuple(f"s{i}" for i in range(n)), silence="s0") for n in (5, 15, 50)
        ],
    }
    table = []
    for name, specs in grids.items():
        for spec in specs:
            p = baseline_parameters()
            y = len(spec.signals)
            if name == "signals":
                p = p._replace(signal_law=np.full((2, y), 1.0 / y), criticism=np.linspace(0, 1.6, y))
            if name == "outside pressure":
                p = p._replace(forced_end=p.forced_end / spec.pressure_levels)
            search = Search(tolerance=0.0, most=20)
            start = cold_start(spec, p)
            jax.block_until_ready(find_jit(spec, p, start, search))
            spent = best(lambda s=spec, p=p, z=start, q=search: find_jit(s, p, z, q), 3).processor / 60
            table.append(
                {
                    "part": name,
                    "cells": spec.cells,
                    "processor milliseconds a sweep of a class": 1e3 * spent,
                    "nanoseconds a cell": 1e9 * spent * 3 / spec.cells,
                }
            )
            print(
                f"  {name:<18}{spec.cells:>9} cells {1e3 * spent:8.3f} ms a sweep of a class {1e9 * spent * 3 / spec.cells:7.1f} ns a cell",
                flush=True,
            )
    plot(table)


def plot(table: list[dict[str, Any]]) -> None:
    import json

    import vl_convert

    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": table},
        "width": 420,
        "height": 280,
        "title": "Cost of a sweep against cells, to ten times the baseline",
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "cells", "type": "quantitative", "scale": {"type": "log"}},
            "y": {
                "field": "processor milliseconds a sweep of a class",
                "type": "quantitative",
                "scale": {"type": "log"},
            },
            "color": {"field": "part", "type": "nominal"},
        },
    }
    folder = Path(__file__).parent / "out"
    folder.mkdir(exist_ok=True)
    (folder / "game-scaling.svg").write_text(vl_convert.vegalite_to_svg(json.dumps(spec)), encoding="utf-8")


def lewis_schultz(gambit: bool) -> None:
    tree = lewis_schultz_tree(20)
    solved: list[AgentLogit] = []
    first = best(lambda: solved.append(agent_logit_equilibrium(tree, 1.0)), 1)
    found = solved[0]
    peer = "pygambit 16.7: 273 s (recorded; --gambit runs it)"
    if gambit:
        import pygambit
        from test_game_agent_logit import gambit_game

        game = gambit_game(20, tree)
        start = time.perf_counter()
        pygambit.qre.logit_solve_lambda(game, [1.0])
        peer = f"pygambit {pygambit.__version__}: {time.perf_counter() - start:.1f} s"
    row("Lewis-Schultz 20 x 20 agent logit, first call with compilation", first, "1 s", None, peer)
    spent = best(lambda: agent_logit_equilibrium(tree, 1.0))
    row(
        "Lewis-Schultz 20 x 20 agent logit, second call",
        spent,
        "1 s",
        found.iterations * 1600 * 3 * 10e-9,
        peer,
    )


def numpy_peer(base: Solution) -> str:
    """Damped sweeps in numpy over one class on the baseline's grid, timed, times the sweeps it would need."""
    from numpy_peer import damped_sweeps

    each, needed = damped_sweeps(base)
    return f"damped numpy {1e3 * each:.0f} ms a sweep x {needed} = {each * needed:.1f} s"


def peak_memory() -> float:
    """Peak resident memory, in GB, of a fresh process that solves the baseline once."""
    code = (
        "import resource\n"
        "from standoff.standoff_game import Specification, baseline_parameters, solve\n"
        "solve(Specification(), baseline_parameters())\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(told.stdout) * 1024 / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gambit", action="store_true")
    options = parser.parse_args()
    use_float64()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}", flush=True)
    rate = rates()
    print("rates: " + ", ".join(f"{name} {1e9 * value:.2f} ns" for name, value in rate.items()), flush=True)
    solving(rate)
    print(
        f"peak memory of a process that solves the baseline: {peak_memory():.2f} GB (target: under 1 GB)",
        flush=True,
    )
    gradient()
    paths(rate)
    lewis_schultz(options.gambit)
    scaling()
    print("\n| figure | wall | processor | target | peer | bound, ratio |\n|---|---|---|---|---|---|")
    for entry in ROWS:
        print("| " + " | ".join(entry) + " |")


if __name__ == "__main__":
    main()
