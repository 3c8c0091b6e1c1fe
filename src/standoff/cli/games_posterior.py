"""The posterior of a fitted game by NUTS: games gives the log density, inference samples it; they meet here."""

from __future__ import annotations

from importlib import import_module, util
from typing import TYPE_CHECKING, Any

from standoff.errors import SettingsError

if TYPE_CHECKING:
    from standoff.games.estimation.fit import Fit

CHAINS, WARMUP, DRAWS = 4, 1000, 1000


def posterior_of(found: Fit, seed: int) -> dict[str, Any]:
    """Mean, standard deviation, 95 % interval, R-hat and effective size of each coefficient, and the sampler's gates.

    Sampled in standard errors from the estimate, so that one step size suits all. Raises SettingsError for a fit that
    has no likelihood to sample, or is penalised.
    """
    if found.model is None or found.penalty is not None:
        raise SettingsError("no posterior of this fit", "it needs a likelihood, without a penalty", "leave out --posterior")  # fmt: skip
    if util.find_spec("standoff.inference.sampling") is None:
        raise SettingsError(
            "--posterior is not there", "this version has no sampler", "leave out --posterior"
        )
    import numpy as np

    from standoff.games.estimation.posterior import centred_posterior

    centred = centred_posterior(found)
    sample = import_module("standoff.inference.sampling").sample_posterior
    chains = sample(
        centred.density,
        np.zeros(len(found.names)),
        found.names,
        seed,
        chains=CHAINS,
        warmup=WARMUP,
        draws=DRAWS,
    )
    draws = centred.middle + centred.unit * chains.flat
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    rows = [
        {"name": name, "mean": float(draws[:, k].mean()), "deviation": float(draws[:, k].std(ddof=1)),
         "low": float(low[k]), "high": float(high[k]), "r_hat": float(chains.r_hat[k]),
         "bulk": float(chains.bulk[k]), "tail": float(chains.tail[k])}
        for k, name in enumerate(found.names)
    ]  # fmt: skip
    return {
        "chains": CHAINS, "draws": DRAWS, "seed": seed, "divergences": int(chains.diverging.sum()),
        "coefficients": rows, "gates": [{"name": g.name, "passed": g.passed, "detail": g.detail} for g in chains.gates], "passed": chains.passed,
        "sentence": _sentence(found, [g.name for g in chains.gates if not g.passed], int(chains.diverging.sum())),
    }  # fmt: skip


def _sentence(found: Fit, failed: list[str], divergences: int) -> str:
    verdict = "NOT to be relied on, failed: " + ", ".join(failed) if failed else "the sampler's gates are met"
    return f"posterior of {found.game} by NUTS, {CHAINS} chains of {DRAWS} draws, {divergences} divergences; {verdict}."


def posterior_words(told: dict[str, Any]) -> str:
    """The posterior as lines for a terminal."""
    from standoff.cli.text import aligned, line

    rows = [["coefficient", "mean", "deviation", "95 % interval", "R-hat", "effective"]]
    for one in told["coefficients"]:
        rows.append([line(one["name"]), f"{one['mean']:.4f}", f"{one['deviation']:.4f}",
                     f"{one['low']:.4f} to {one['high']:.4f}", f"{one['r_hat']:.3f}", f"{one['bulk']:.0f}"])  # fmt: skip
    return f"{told['sentence']}\n{aligned(rows)}"
