"""Speed of the strategic games in processor seconds (of all threads): figure, target, peer, bound and ratio.

The peer is the R package games 1.1.2, timed here where R has it, else as recorded on this class of machine. Data of that package are read from
beside the checkout; where they are absent simulated data of the same size are used, and that is said. The bound counts
the special functions of the fewest passes that the climbs could do with, at the rate measured in the run.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from r_peers import peer
from standoff.games.estimation.bootstrap import bootstrap
from standoff.games.estimation.fit import Fit
from standoff.games.estimation.profile import profile
from standoff.games.estimation.table import Table, read_table, table_of
from standoff.games.precision import use_float64
from standoff.games.strategic.fitting import fit_tree, simulate_tree

WAR = Path(__file__).parents[2] / "shared" / "peers" / "games_war1800.csv"
FORMULAS = {"u11": "s_wt_re1 + revis1", "u13": "0", "u14": "regime1", "u24": "balanc + regime2"}
RESAMPLES = 100
PASSES = 5  # Newton passes of a resample that converges quickly
FUNCTIONS = 3 * 4  # of a row and pass: two moves, and what their first and second derivatives share


def main() -> None:
    """Print a line for each figure."""
    use_float64()
    table, told = data()
    print(told)
    start = time.process_time()
    fit = fitted(table)
    first = time.process_time() - start
    row("fit of strategic probit, first call with compilation", first, "-", "-", None)
    row("fit of strategic probit, warm, six starts", best(lambda: fitted(table)), "-", "-", None)
    assert fit.model is not None
    model = fit.model

    def resample(seed: int) -> Any:
        return bootstrap(model.weighted, model.data, fit.estimate, fit.rows, RESAMPLES, seed)

    start = time.process_time()
    held = resample(0)
    row(f"{RESAMPLES} bootstraps, first call", time.process_time() - start, "-", "-", None)
    seconds = best(lambda: resample(0))
    bound = RESAMPLES * PASSES * fit.rows * FUNCTIONS / rate()
    row(
        f"{RESAMPLES} bootstraps, warm, {int(held.converged.sum())} converged",
        seconds,
        "0.5 s",
        peer("100 bootstraps", "2.2 s"),
        bound,
    )
    profile(fit, fit.names[-1])
    row(
        "profile of a coefficient, warm, 41 points", best(lambda: profile(fit, fit.names[-1])), "-", "-", None
    )


def data() -> tuple[Table, str]:
    """war1800, or data of its size drawn from the model."""
    if WAR.exists():
        return read_table(WAR), "data: war1800 of the R package games, 282 complete rows"
    random = np.random.default_rng(1)
    n = 282
    held: dict[str, Any] = {
        "s_wt_re1": random.normal(-0.4, 0.4, n),
        "revis1": random.integers(0, 2, n),
        "balanc": random.random(n),
    }
    regimes = {name: random.integers(0, 3, n) for name in ("regime1", "regime2")}
    dummies = {k: np.eye(3)[v][:, 1:] for k, v in regimes.items()}
    one = np.ones(n)
    made = [
        np.column_stack([one, held["s_wt_re1"], held["revis1"]]),
        np.zeros((n, 0)),
        np.column_stack([one, dummies["regime1"]]),
        np.column_stack([one, held["balanc"], dummies["regime2"]]),
    ]
    ends = simulate_tree(
        "egame12", np.array([-0.5, -0.7, 0.4, 0.2, -1.9, -0.6, 0.5, 0.0, -1.5, -0.6]), made, 2
    )
    words = np.array(["autoc", "dem", "mixed"])
    held |= {k: words[v] for k, v in regimes.items()} | {
        "esc": (ends > 0).astype(int),
        "war": (ends == 2).astype(int),
    }
    return table_of(held), "data: simulated, of the size of war1800, which is not beside this checkout"


def fitted(table: Table) -> Fit:
    return fit_tree("egame12", table, FORMULAS, "esc + war", drop_missing=True)


def best(run: Callable[[], Any], times: int = 7) -> float:
    """The least of several runs: other work on the machine only adds."""
    found = []
    for _ in range(times):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return min(found)


def rate() -> float:
    """Special functions (erfc) a second, on one core."""
    x = jnp.linspace(-3, 3, 100_000)
    erfc = jax.jit(jax.lax.erfc)
    erfc(x).block_until_ready()
    return 100_000 / best(lambda: erfc(x).block_until_ready(), 20)


def row(figure: str, seconds: float, target: str, peer: str, bound: float | None) -> None:
    told = "-" if bound is None else f"{bound:.3g} s, {seconds / bound:.1f}"
    print(f"{figure}: {seconds:.4g} s (target {target}; peer {peer}; bound, ratio {told})", flush=True)


if __name__ == "__main__":
    main()
