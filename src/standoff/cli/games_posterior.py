"""The posterior of a fitted game by NUTS: games gives the log density, inference samples it; they meet here."""

from __future__ import annotations

from importlib import import_module, util
from typing import TYPE_CHECKING, Any, NamedTuple

from standoff.errors import SettingsError

if TYPE_CHECKING:
    from standoff.games.estimation.fit import Fit


class Plan(NamedTuple):
    """How chains run: iterations of warm-up, draws kept, acceptance aimed at, depth of trees at most."""

    warmup: int
    draws: int
    target: float
    depth: int


CHAINS = 4
# The density is whitened beforehand: little is left to learn in a warm-up, and a tree of 2^7 steps goes round it.
USUAL = Plan(200, 500, 0.8, 7)
# Where it is far from normal even so, shorter steps, for which a longer warm-up looks.
STRAINED = Plan(300, 500, 0.99, 8)


def posterior_of(found: Fit, seed: int) -> dict[str, Any]:
    """Mean, standard deviation, 95 % interval, R-hat and effective sizes of each coefficient, and the sampler's gates.

    Raises SettingsError for a fit that has no likelihood to sample, or is penalised, and where no start has a density.
    """
    _refuse(found)
    import numpy as np

    from standoff.games.estimation.posterior import LARGEST_STRAIN, whitened_posterior

    white, sampling = whitened_posterior(found), import_module("standoff.inference.sampling")
    directions = tuple(f"direction {k + 1}" for k in range(len(found.names)))
    plan = USUAL if white.strain <= LARGEST_STRAIN else STRAINED
    try:
        chains = sampling.sample_posterior(
            white.density, np.zeros(len(directions)), directions, seed,
            chains=CHAINS, warmup=plan.warmup, draws=plan.draws, tuning=sampling.Tuning(plan.target, plan.depth, apart=True),
            slopes=white.slopes,
        )  # fmt: skip
    except ValueError as none:
        raise SettingsError("no posterior of this fit", str(none), "see the gates of the fit, without --posterior") from none  # fmt: skip
    return _told(found, white.coefficients(chains.flat).reshape(CHAINS, plan.draws, -1), chains, seed)


def _refuse(found: Fit) -> None:
    if found.penalty is not None:
        raise SettingsError("no posterior of this fit", "it is penalised, and a posterior has a prior of its own", "leave out --penalty or --posterior")  # fmt: skip
    if found.model is None:
        raise SettingsError("no posterior of this fit", f"the estimator {found.estimator} maximises no likelihood", "use --estimator cml (crisis-signalling) or constrained (dynamic games), or leave out --posterior")  # fmt: skip
    if util.find_spec("standoff.inference.sampling") is None:
        raise SettingsError(
            "--posterior is not there", "this version has no sampler", "leave out --posterior"
        )


def _told(found: Fit, draws: Any, chains: Any, seed: int) -> dict[str, Any]:
    """What is told of draws (chains, T, K) of the coefficients."""
    import numpy as np

    assert found.model is not None
    mixed = import_module("standoff.inference.sampling").mixing(draws)
    flat = draws.reshape(-1, len(found.names))
    low, high = np.quantile(flat, [0.025, 0.975], axis=0)
    rows = [
        {"name": name, "mean": float(flat[:, k].mean()), "deviation": float(flat[:, k].std(ddof=1)),
         "low": float(low[k]), "high": float(high[k]), "r_hat": float(mixed.r_hat[k]),
         "bulk": float(mixed.bulk[k]), "tail": float(mixed.tail[k])}
        for k, name in enumerate(found.names)
    ]  # fmt: skip
    gates = [
        *_of_coefficients(found.names, mixed),
        *({"name": g.name, "passed": g.passed, "detail": g.detail} for g in chains.gates),
    ]
    failed = [str(gate["name"]) for gate in gates if not gate["passed"]]
    return {
        "chains": CHAINS, "draws": draws.shape[1], "seed": seed, "divergences": int(chains.diverging.sum()),
        "coefficients": rows, "gates": gates, "passed": not failed, "equilibrium": found.model.followed,
        "sentence": _sentence(found, failed, draws.shape[1], int(chains.diverging.sum())),
    }  # fmt: skip


def _of_coefficients(names: tuple[str, ...], mixed: Any) -> list[dict[str, Any]]:
    """The sampler's gates of mixing are of the directions it moves in; the same of the coefficients."""
    import numpy as np

    sampling = import_module("standoff.inference.sampling")
    worst = int(np.argmax(np.where(np.isnan(mixed.r_hat), np.inf, mixed.r_hat)))
    gates = [{"name": "R-hat of coefficients", "passed": bool(mixed.r_hat[worst] < sampling.LARGEST_R_HAT),
              "detail": f"{mixed.r_hat[worst]:.3f} ({names[worst]}), must be below {sampling.LARGEST_R_HAT:g}"}]  # fmt: skip
    for name, sizes in (("bulk", mixed.bulk), ("tail", mixed.tail)):
        least = int(np.argmin(np.where(np.isnan(sizes), -np.inf, sizes)))
        gates.append({"name": f"{name} effective draws of coefficients", "passed": bool(sizes[least] >= sampling.LEAST_EFFECTIVE),
                      "detail": f"{sizes[least]:.0f} ({names[least]}), must be at least {sampling.LEAST_EFFECTIVE:g}"})  # fmt: skip
    return gates


def _sentence(found: Fit, failed: list[str], draws: int, divergences: int) -> str:
    assert found.model is not None
    verdict = "NOT to be relied on, failed: " + ", ".join(failed) if failed else "the sampler's gates are met"
    followed = f"; {found.model.followed}" if found.model.followed else ""
    return f"posterior of {found.game} by NUTS, {CHAINS} chains of {draws} draws, {divergences} divergences; {verdict}{followed}."


def posterior_words(told: dict[str, Any]) -> str:
    """The posterior as lines for a terminal."""
    from standoff.cli.text import aligned, line

    rows = [["coefficient", "mean", "deviation", "95 % interval", "R-hat", "effective"]]
    for one in told["coefficients"]:
        rows.append([line(one["name"]), f"{one['mean']:.4f}", f"{one['deviation']:.4f}",
                     f"{one['low']:.4f} to {one['high']:.4f}", f"{one['r_hat']:.3f}", f"{one['bulk']:.0f}"])  # fmt: skip
    return f"{told['sentence']}\n{aligned(rows)}"
