"""Speed of the crisis signalling game on the sanctions data: figure, target, peer, bound and ratio.

Run `python bench/games_signalling.py`. The data are read from ../shared/peers beside the checkout; where they are absent
an invented data set of the same size is used, and said. Times are processor seconds (of all threads), which a busy machine does not
stretch as it does the clock's: the least of several runs after compilation, except "cold", of a new process, whose wall
time is told too. Peers: R's sigInt 0.2.0, timed here where R has it, and the authors' constrained estimator, as recorded. A bound counts exponentials and multiply-adds at the rates measured in this run.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import ndtri

from r_peers import peer
from standoff.games.estimation.table import read_table
from standoff.games.precision import use_float64
from standoff.games.signalling.design import Design, design
from standoff.games.signalling.equilibria import _GRID, all_equilibria
from standoff.games.signalling.full import constrained
from standoff.games.signalling.prepare import prepare
from standoff.games.signalling.pseudo import Beliefs, nested_pseudo, pseudo
from standoff.games.signalling.simulate import simulate

PEERS = Path(__file__).parents[2] / "shared" / "peers" / "sigint_sanctions.csv"
FORMULAS = {
    "S_A": "sqrt(senderecondep) + senderdemocracy + contig + ally - 1",
    "V_A": "anticipatedsendercosts",
    "C_B": "sqrt(targetecondep) + anticipatedtargetcosts + contig + ally",
    "barW_A": "sqrt(senderecondep) + senderdemocracy + lncaprat",
    "barW_B": "targetdemocracy + lncaprat",
    "bar_a": "senderdemocracy",
}
COLD = """
from bench_games_signalling import data
from standoff.games.signalling.pseudo import nested_pseudo
print(nested_pseudo(*data()).climb.slope.value)
"""


def data() -> tuple[Design, Beliefs]:
    """The sanctions data and the authors' first stage; or invented data of the same size."""
    if PEERS.exists():
        ready = prepare(read_table(PEERS), FORMULAS, beliefs="PRhat, PFhat")
        return ready.design, ready.beliefs
    print("sanctions data are absent: 418 invented games of 120 plays")
    x, y, z = np.random.default_rng(0).normal(size=(3, 418))
    one = np.ones(418)
    matrices = {
        "V_A": one[:, None],
        "barW_A": np.stack([one, x], axis=1),
        "barW_B": np.stack([one, y], axis=1),
        "bar_a": np.stack([one, z], axis=1),
    }
    truth = np.array([1.0, -1.7, 0.3, -1.4, 0.4, -1.2, 0.3])
    made = simulate(design(matrices, np.zeros((4, 418))), truth, 120, 0)
    return made, Beliefs(np.full(418, 0.3), np.full(418, 0.3))


def least(run: Callable[[], Any], times: int = 9) -> float:
    """Processor seconds of the fastest of several runs."""
    spent = []
    for _ in range(times):
        start = time.process_time()
        jax.block_until_ready(run())
        spent.append(time.process_time() - start)
    return min(spent)


def rates() -> tuple[float, float]:
    """Seconds an exponential and a multiply-add, compiled, on this machine now."""
    x = jnp.linspace(-3.0, 3.0, 400_000)
    exponential, times = jax.jit(jnp.exp), jax.jit(lambda a: jnp.dot(a, a))
    for function in (exponential, times):
        jax.block_until_ready(function(x))
    return least(lambda: exponential(x)) / x.size, least(lambda: times(x)) / x.size


def row(figure: str, seconds: float, target: float, peer: str, bound: float | None) -> None:
    """One printed line."""
    told = "-" if bound is None else f"{bound:.4g} s, x{seconds / bound:.1f}"
    met = "met" if seconds <= target else "MISSED"
    print(
        f"{figure}: {seconds:.4g} s (target {target:g} s, {met}; peer {peer}; bound, ratio {told})",
        flush=True,
    )


def cold() -> tuple[float, float]:
    """Wall and processor seconds of nested pseudo-likelihood in a new process, imports and compilation included."""
    program = COLD.replace("bench_games_signalling", Path(__file__).stem)
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", program], check=True, cwd=Path(__file__).parent, stdout=subprocess.DEVNULL
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def every_peak(whole: Design, beliefs: Beliefs) -> list[float]:
    """Constrained ascents from the first stage, the nested estimate, and four common beliefs."""
    nested = nested_pseudo(whole, beliefs)
    starts = [(pseudo(whole, beliefs).point, beliefs), (nested.climb.point, nested.beliefs)]
    for resist, firm in ((0.05, 0.7), (0.1, 0.3), (0.9, 0.3), (0.95, 0.7)):
        same = Beliefs(np.full(whole.games, resist), np.full(whole.games, firm))
        starts.append((pseudo(whole, same).point, same))
    return [constrained(whole, point, ndtri(np.clip(b.resist, 1e-6, 1 - 1e-6))).value for point, b in starts]


def main() -> None:
    """Print every figure."""
    use_float64()
    whole, beliefs = data()
    exponential, multiply = rates()
    games, width = whole.games, len(whole.names)
    # A pass over the games: two bivariate normals of 20 nodes, and 3 x 3 blocks carried to the coefficients.
    once = games * (2 * 20 + 20) * exponential + games * width * (width + 9) * multiply
    first, run = pseudo(whole, beliefs), nested_pseudo(whole, beliefs)
    nested = peer("nested pseudo-likelihood", "7.2 to 9.3 s")
    row(
        "pseudo-likelihood",
        least(lambda: pseudo(whole, beliefs).point),
        0.05,
        peer("pseudo-likelihood", "0.69 s"),
        (first.steps + 1) * once,
    )
    row("nested pseudo-likelihood, warm", least(lambda: nested_pseudo(whole, beliefs).climb.point, 5), 0.3,
        nested, 2 * run.rounds * once)  # fmt: skip
    wall, processor = min(cold() for _ in range(2))
    told = f"nested pseudo-likelihood, cold ({wall:.2g} s by the clock)"
    row(told, processor, 5.0, nested, None)
    payoffs = whole.payoffs(run.climb.point)
    all_equilibria(payoffs)
    scan = games * len(_GRID) * (12 + 6) * exponential
    row(
        f"all equilibria of {games} games",
        least(lambda: all_equilibria(payoffs).index),
        0.05,
        "R sigInt 1.5 s, recorded",
        scan,
    )
    start = time.process_time()
    peaks = every_peak(whole, beliefs)
    row(
        "constrained maximum, six starts, all equilibria, with compilation",
        time.process_time() - start,
        10.0,
        "authors 243 s, recorded",
        None,
    )
    row(
        "constrained maximum, six starts, all equilibria, warm",
        least(lambda: every_peak(whole, beliefs), 2),
        10.0,
        "authors 243 s, recorded",
        None,
    )
    print("peaks:", ", ".join(f"{value:.6f}" for value in sorted(peaks, reverse=True)))
    for many in (100, 1000, 10_000):
        drawn = np.resize(np.arange(games), many)
        wide = whole.drawn(drawn).payoffs(run.climb.point)
        all_equilibria(wide)
        print(f"all equilibria of {many} games: {least(lambda at=wide: all_equilibria(at).index, 3):.4g} s")


if __name__ == "__main__":
    main()
