"""Fit a model: climb from every start, take errors by every method, and put the result to its gates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np

from standoff.errors import SettingsError
from standoff.games.estimation.bootstrap import Bootstrap, bootstrap, resample_gates
from standoff.games.estimation.covariance import covariances
from standoff.games.estimation.fit import Fit, Gate, error_notes
from standoff.games.estimation.maximise import (
    GRADIENT_GATE,
    Optimum,
    Penalty,
    Start,
    contributions_at,
    maximise,
)
from standoff.games.estimation.model import Model
from standoff.games.estimation.penalty import Penalised, PenaltyName, jeffreys, log_f, unwrapped
from standoff.games.estimation.together import hessian_at, maximise_together
from standoff.games.precision import use_float64

FLAT = 1e-5  # largest eigenvalue above minus this: errors 300 times those if the others were known
FAR = 12.0  # a coefficient times its regressor's standard deviation beyond this is on its way to infinity


def estimate(
    model: Model,
    *,
    starts: int = 4,
    seed: int = 0,
    bootstraps: int = 0,
    penalty: PenaltyName | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Fit:
    """Maximise a model's likelihood and return its `Fit`.

    Climbs from the model's own starts and ``starts`` drawn ones (root ``seed``); draws ``bootstraps`` resamples of rows,
    or of clusters where the model has them; ``penalty`` is "jeffreys" or "log-f". Raises SettingsError for a penalty
    that the model cannot carry.
    """
    use_float64()
    term, contributions, data = _penalty(model, penalty)
    tried = [*model.starts, *_drawn(model, starts, seed)]
    quick = penalty is None and model.derivatives is not None
    optima = maximise_together(model, tried) if quick else maximise(contributions, data, tried, term)
    best = optima[0]
    rows = np.asarray(contributions_at(model.contributions, jnp.asarray(best.estimate), model.data))
    bent = hessian_at(model, best.estimate) if quick else None
    errors = covariances(contributions, data, best.estimate, model.clusters, term, bent)
    resampled = None
    if bootstraps:
        if penalty is not None:
            raise SettingsError("--penalty and --bootstrap do not go together", "resamples would be climbed without the penalty", "use one of them")  # fmt: skip
        resampled = bootstrap(
            model.weighted, model.data, best.estimate, model.rows, bootstraps, seed, model.clusters, told
        )
        errors["bootstrap"] = resampled.covariance
    fit = Fit(
        game=model.game,
        estimator=model.estimator if penalty is None else f"{model.estimator}, {penalty} penalty",
        names=model.names,
        estimate=best.estimate,
        log_likelihood=float(rows.sum()),
        rows=model.rows,
        errors=errors,
        main="bootstrap" if resampled else "cluster" if model.clusters is not None else "hessian",
        optima=optima,
        gates=_gates(model, optima, resampled),
        formulas=model.formulas,
        data=model.table,
        dropped=model.dropped,
        contributions=rows,
        predictor=model.predictor,
        notes=model.notes,
        model=model,
        resampled=resampled,
        penalty=penalty,
    )
    return replace(fit, notes=(*fit.notes, *error_notes(fit)))


def _penalty(model: Model, name: PenaltyName | None) -> tuple[Penalty | None, Any, Any]:
    if name is None:
        return None, model.contributions, model.data
    if name == "jeffreys":
        if model.information is None:
            raise SettingsError(f"the jeffreys penalty is not made for {model.game}", "its expected information has no closed form", "use --penalty log-f")  # fmt: skip
        term: Penalty = jeffreys(model.information)
    else:
        term = log_f
    return term, unwrapped(model.contributions), Penalised(model.data, jnp.asarray(model.scales))


def _drawn(model: Model, count: int, seed: int) -> list[Start]:
    """Starts spread by a unit of each index, around zero and around the model's first start in turn."""
    random = np.random.default_rng(seed)
    wide = np.maximum(model.scales, 0.5)
    centres = (np.zeros(len(model.names)), model.starts[0].values)
    draws = random.normal(0, 1, (count, len(model.names))) / wide
    return [Start(f"drawn {i + 1}", centres[i % 2] + draws[i]) for i in range(count)]


def _gates(model: Model, optima: tuple[Optimum, ...], resampled: Bootstrap | None) -> tuple[Gate, ...]:
    best = optima[0]
    tried = sum(len(one.starts) for one in optima)
    far = np.abs(best.estimate * model.scales)
    worst = int(np.argmax(far)) if far.size else 0
    gates = [
        Gate("converged", best.converged, f"{best.decrement:.1e} of log-likelihood left to gain, at most {GRADIENT_GATE:.0e}; steepest slope {best.gradient:.1e}"),
        Gate("identified", best.curvature < -FLAT, f"largest eigenvalue of the scaled Hessian {best.curvature:.1e}, below {-FLAT:.0e}"),
        Gate("found again", len(best.starts) > 1, f"{len(best.starts)} of {tried} starts end at the best optimum, at least 2"),
        Gate("finite", bool(far.max(initial=0.0) < FAR),
             f"largest coefficient in standard deviations of its regressor {far.max(initial=0.0):.1f} (`{model.names[worst]}`), below {FAR:.0f}"),
    ]  # fmt: skip
    return (*gates, *resample_gates(resampled))
