"""Fit the crisis signalling game to a table: formulas in, a `Fit` out, by any of three estimators."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, ndtri

from standoff.errors import SettingsError
from standoff.games.estimation.bootstrap import Bootstrap, draw_weights, resample_gates
from standoff.games.estimation.errors import refuse
from standoff.games.estimation.estimate import estimate
from standoff.games.estimation.fit import Fit, Gate, Predicted, error_notes
from standoff.games.estimation.maximise import Optimum, Start
from standoff.games.estimation.model import Model
from standoff.games.estimation.penalty import PenaltyName
from standoff.games.estimation.table import Table
from standoff.games.precision import use_float64
from standoff.games.signalling.branch import Branch, contributions
from standoff.games.signalling.counterfactual import Counterfactual, counterfactual
from standoff.games.signalling.design import Design, design
from standoff.games.signalling.equations import OUTCOMES, Payoffs
from standoff.games.signalling.equilibria import all_equilibria
from standoff.games.signalling.first_stage import first_stage
from standoff.games.signalling.full import Peak, constrained, distinct
from standoff.games.signalling.likelihood import game_logs, local
from standoff.games.signalling.prepare import DEFAULT_OUTCOME, Prepared, prepare
from standoff.games.signalling.pseudo import Beliefs, game_values, nested_pseudo, pseudo
from standoff.games.signalling.spread import full_covariances, nested_covariances, pseudo_covariances

Floats = NDArray[np.float64]
Estimator = Literal["pl", "npl", "cml"]
Told = Callable[[int, int], None]

GAME_NAME = "crisis-signalling"
ESTIMATORS: Mapping[str, str] = {
    "pl": "pseudo-likelihood",
    "npl": "nested pseudo-likelihood",
    "cml": "constrained maximum likelihood",
}
_FLAT = 1e-7
_WIDE, _FAR = (
    0.5,
    2.0,
)  # standard deviations, in log odds, of drawn beliefs: around the first stage, and for all games


class Estimate(NamedTuple):
    """What an estimator hands to the fit."""

    optima: tuple[Optimum, ...]
    errors: dict[str, Floats]
    main: str
    gates: tuple[Gate, ...]
    contributions: Floats
    notes: tuple[str, ...]
    model: Model | None


def fit(
    table: Table,
    formulas: Mapping[str, str],
    outcome: str = DEFAULT_OUTCOME,
    *,
    estimator: Estimator = "npl",
    beliefs: str | None = None,
    fixed: Mapping[str, float] | None = None,
    cluster: str | None = None,
    total: str | None = None,
    drop_missing: bool = False,
    starts: int = 4,
    seed: int = 0,
    bootstraps: int = 0,
    penalty: PenaltyName | None = None,
    also: Sequence[str] = (),
    told: Told | None = None,
) -> Fit:
    """Fit the game to the rows of ``table``, one game a row.

    ``formulas`` by equation (`EQUATIONS`; an equation left out is fixed at zero, or at its number in ``fixed``);
    ``outcome`` the four columns of counts in the order SQ, CD, SF, BD; ``estimator`` pl, npl or cml; ``beliefs``
    two columns "p_R, p_F" to use instead of our own first stage; ``starts`` further starts, drawn under ``seed``;
    ``bootstraps`` resamples of games, or of ``cluster``; ``penalty`` log-f, for cml; ``also`` columns that must not be missing besides. Raises EstimationError with every mistake of the data and the
    formulas, SettingsError for options.
    """
    use_float64()
    if estimator not in ESTIMATORS:
        raise SettingsError(
            f"there is no estimator `{estimator}`", "", f"use one of: {', '.join(ESTIMATORS)}"
        )
    ready = prepare(table, formulas, outcome, beliefs, fixed, cluster, total, drop_missing, also)
    work = {"pl": _fit_pseudo, "npl": _fit_nested, "cml": _fit_full}[estimator]
    found = work(ready, starts, seed)
    best = found.optima[0]
    if penalty is not None:
        return _penalised(ready, found, estimator, penalty, starts, seed, bootstraps)
    resampled = None
    if bootstraps:
        resampled = _bootstrap(ready, estimator, found, bootstraps, seed, told)
        found.errors["bootstrap"] = resampled.covariance
    made = Fit(
        game=GAME_NAME,
        estimator=ESTIMATORS[estimator],
        names=ready.design.names,
        estimate=best.estimate,
        log_likelihood=best.log_likelihood,
        rows=ready.design.games,
        errors=found.errors,
        main="bootstrap" if resampled else found.main,
        optima=found.optima,
        gates=(*found.gates, *resample_gates(resampled)),
        formulas={name: one.formula for name, one in ready.made.items()},
        data=ready.table.name,
        dropped=ready.dropped,
        contributions=found.contributions,
        predictor=lambda rows: _predicted(ready, rows),
        notes=found.notes,
        model=found.model,
        resampled=resampled,
    )
    return replace(made, notes=(*made.notes, *error_notes(made)))


def _penalised(
    ready: Prepared, found: Estimate, estimator: Estimator, penalty: PenaltyName, starts: int, seed: int, bootstraps: int
) -> Fit:  # fmt: skip
    """The full likelihood with a penalty, along the equilibria that maximise it without one."""
    if found.model is None:
        raise SettingsError(
            f"no penalty with the estimator {estimator}",
            "a pseudo-likelihood is no likelihood",
            "use --estimator cml",
        )
    made = estimate(found.model, starts=starts, seed=seed, bootstraps=bootstraps, penalty=penalty)
    return replace(made, predictor=lambda rows: _predicted(ready, rows), notes=(*made.notes, *found.notes))


def _fit_pseudo(ready: Prepared, starts: int, seed: int) -> Estimate:
    random = np.random.default_rng(seed)
    width = len(ready.design.names)
    begun = [("zero", np.zeros(width))]
    begun += [(f"drawn {i + 1}", random.normal(0.0, 0.5, width) / _scales(ready)) for i in range(starts)]
    climbs = [(name, pseudo(ready.design, ready.beliefs, start)) for name, start in begun]
    optima = _merged([
        Optimum(c.slope.value, c.point, _steepest(c.slope.gradient), c.decrement / 2, _curvature(c.slope.hessian), (name,), c.steps, c.converged)
        for name, c in climbs
    ])  # fmt: skip
    best = optima[0]
    errors = pseudo_covariances(ready.design, best.estimate, ready.beliefs, ready.stage, ready.clusters)
    main = "two-step" if ready.stage else "sandwich"
    if ready.clusters is not None:
        main = "two-step, cluster" if ready.stage else "cluster"
    values = game_values(ready.design, best.estimate, ready.beliefs)
    return Estimate(optima, errors, main, _gates(optima), values, _first_stage_notes(ready), None)


def _fit_nested(ready: Prepared, starts: int, seed: int) -> Estimate:
    runs = [(name, nested_pseudo(ready.design, beliefs)) for name, beliefs in _drawn(ready, starts, seed)]
    runs.sort(key=lambda one: (not one[1].converged, -one[1].climb.slope.value))
    optima = _merged([
        Optimum(r.climb.slope.value, r.climb.point, _steepest(r.climb.slope.gradient), r.climb.decrement / 2, _curvature(r.climb.slope.hessian), (name,), r.rounds, r.converged)
        for name, r in runs
    ])  # fmt: skip
    best = next(run for name, run in runs if name == optima[0].starts[0])
    errors = nested_covariances(ready.design, best.climb.point, best.beliefs, ready.clusters)
    main = "nested" if ready.clusters is None else "cluster"
    settled = Gate(
        "beliefs settled",
        best.converged,
        f"last movement {best.movement:.1e} after {best.rounds} rounds, at most 1e-12",
    )
    values = game_values(ready.design, best.climb.point, best.beliefs)
    found = all_equilibria(ready.design.payoffs(best.climb.point))
    notes = (
        f"at the estimate {int(np.sum(found.counts > 1))} of {ready.design.games} games have several equilibria",
    )
    return Estimate(optima, errors, main, (settled, *_gates(optima)), values, notes, None)


def _fit_full(ready: Prepared, starts: int, seed: int) -> Estimate:
    peaks: list[tuple[str, Peak]] = []
    for name, beliefs in _drawn(ready, starts, seed):
        peaks.append((name, _climbed(ready.design, pseudo(ready.design, beliefs).point, beliefs)))
        if name == "first stage":
            settled = nested_pseudo(ready.design, beliefs, most=100)
            peak = _climbed(ready.design, settled.climb.point, settled.beliefs)
            peaks.append(("nested pseudo-likelihood", peak))
    kept = distinct(peaks)
    optima = tuple(
        Optimum(p.value, p.point, p.gradient, p.decrement / 2, -p.curvature, names, p.steps, p.converged)
        for p, names in kept
    )
    best = kept[0][0]
    model = _model(ready, best)
    values = game_logs(ready.design, best.point, best.index)
    errors = full_covariances(ready.design, best.point, best.index, ready.clusters)
    gates = (
        Gate("equilibria", best.residual < 1e-9, f"largest gap {best.residual:.1e}, below 1e-9"),
        *_gates(optima),
    )
    notes = [f"at the estimate {best.several} of {ready.design.games} games have several equilibria"]
    stopped = [one for one in optima if not one.converged]
    if stopped:
        told = ", ".join(f"{one.log_likelihood:.4f} ({', '.join(one.starts)})" for one in stopped)
        notes.append(
            f"starts that stopped short of a peak, at a jump of the likelihood or in a flat part: {told}"
        )
    main = "hessian" if ready.clusters is None else "cluster"
    return Estimate(optima, errors, main, gates, values, tuple(notes), model)


def _climbed(whole: Design, start: Floats, beliefs: Beliefs) -> Peak:
    """A constrained ascent; where it stops short, a second one from where nested pseudo-likelihood leads from there."""
    first = constrained(whole, start, ndtri(np.clip(beliefs.resist, 1e-6, 1 - 1e-6)))
    if first.converged:
        return first
    settled = nested_pseudo(whole, beliefs, first.point, most=30)
    index = ndtri(np.clip(settled.beliefs.resist, 1e-6, 1 - 1e-6))
    second = constrained(whole, settled.climb.point, index)
    return max(first, second, key=lambda one: (one.converged, one.value))


def _drawn(ready: Prepared, starts: int, seed: int) -> list[tuple[str, Beliefs]]:
    """Beliefs to start from: the first stage; draws around it; and, every other one, the same drawn beliefs of all games."""
    random = np.random.default_rng(seed)
    beliefs = [("first stage", ready.beliefs)]
    for i in range(starts):
        noise = [random.normal(0.0, 1.0, 2), random.normal(0.0, _WIDE, (2, ready.design.games))]
        centre = [logit(np.clip(b, 1e-4, 1 - 1e-4)) for b in ready.beliefs]
        same = [np.full(ready.design.games, _FAR * x) for x in noise[0]]
        moved = same if i % 2 else [c + x for c, x in zip(centre, noise[1], strict=True)]
        beliefs.append((f"drawn {i + 1}", Beliefs(*(1.0 / (1.0 + np.exp(-x)) for x in moved))))
    return beliefs


def _merged(optima: list[Optimum]) -> tuple[Optimum, ...]:
    """Different optima, converged ones first, then the highest."""
    found: list[Optimum] = []
    for one in sorted(optima, key=lambda each: (not each.converged, -each.log_likelihood)):
        for place, other in enumerate(found):
            near = np.allclose(one.estimate, other.estimate, rtol=1e-3, atol=1e-3)
            if near and one.converged == other.converged:
                found[place] = replace(other, starts=(*other.starts, *one.starts))
                break
        else:
            found.append(one)
    return tuple(found)


def _scales(ready: Prepared) -> Floats:
    """Standard deviations (k,) of the regressors, 1 for a constant."""
    spread = np.concatenate([one.matrix.std(axis=0) for one in ready.made.values()])
    return np.where(spread > 1e-9, spread, 1.0)


def _steepest(gradient: Floats) -> float:
    return float(np.max(np.abs(gradient), initial=0.0))


def _curvature(hessian: Floats) -> float:
    scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(hessian)), 1e-12))
    return float(np.max(np.linalg.eigvalsh(hessian * scale[:, None] * scale)))


def _gates(optima: tuple[Optimum, ...]) -> tuple[Gate, ...]:
    best = optima[0]
    tried = sum(len(one.starts) for one in optima)
    return (
        Gate("converged", best.converged, f"{best.decrement:.1e} of log-likelihood left to gain; steepest slope {best.gradient:.1e}"),
        Gate("identified", best.curvature < -_FLAT, f"largest eigenvalue of the scaled Hessian {best.curvature:.1e}, below {-_FLAT:.0e}"),
        Gate("found again", len(best.starts) > 1, f"{len(best.starts)} of {tried} starts end at the best optimum, at least 2"),
    )  # fmt: skip


def _first_stage_notes(ready: Prepared) -> tuple[str, ...]:
    if ready.stage is not None:
        return ()
    return ("the first stage was given as columns: all errors treat it as known and are too small",)


def _model(ready: Prepared, peak: Peak) -> Model:
    whole = ready.design
    moves = local(whole, peak.point, peak.index).moves
    held = (whole.loadings, whole.offsets, whole.counts, peak.index, peak.point, moves)
    data = Branch(*(np.asarray(x) for x in held))  # type: ignore[arg-type]
    spread = np.concatenate([one.matrix.std(axis=0) for one in ready.made.values()])
    return Model(
        game=GAME_NAME, estimator=ESTIMATORS["cml"], names=whole.names, contributions=contributions, data=data,
        rows=whole.games, starts=(Start("estimate", peak.point),), scales=spread,
        formulas={name: one.formula for name, one in ready.made.items()}, table=ready.table.name,
        dropped=ready.dropped, clusters=ready.clusters, lines=ready.table.lines, followed=_followed(peak, whole.games),
    )  # fmt: skip


def _followed(peak: Peak, games: int) -> str:
    return (
        f"every game keeps the equilibrium of the maximum as coefficients move ({peak.several} of {games} games have several "
        "there), and where it ends the density is zero"
    )


def _bootstrap(
    ready: Prepared, estimator: Estimator, found: Estimate, count: int, seed: int, told: Told | None
) -> Bootstrap:
    """Fit again on resampled games or clusters, from the estimate; the first stage is estimated again where it is ours."""
    weights = draw_weights(ready.design.games, count, seed, ready.clusters)
    best = found.optima[0].estimate
    estimates, converged = np.empty((count, len(best))), np.zeros(count, dtype=np.bool_)
    for i, weight in enumerate(weights):
        drawn = ready.design.recounted(ready.design.counts * weight)
        beliefs = first_stage(drawn).beliefs if ready.stage else ready.beliefs
        if estimator == "pl":
            climb = pseudo(drawn, beliefs, best)
            estimates[i], converged[i] = climb.point, climb.converged
        elif estimator == "npl":
            run = nested_pseudo(drawn, beliefs, best)
            estimates[i], converged[i] = run.climb.point, run.converged
        else:
            peak = constrained(drawn, best)
            estimates[i], converged[i] = peak.point, peak.converged
        if told is not None:
            told(i + 1, count)
    return Bootstrap(estimates, converged, seed)


def _payoffs(ready: Prepared, rows: Table) -> Callable[[Floats], Payoffs]:
    """Payoffs of the games in ``rows`` as a function of the coefficients."""
    matrices = {name: one.of(rows) for name, one in ready.made.items()}
    return design(matrices, np.zeros((4, rows.rows)), None, ready.fixed).payoffs


def _predicted(ready: Prepared, rows: Table) -> Predicted:
    """Number of equilibria, and the least and most of each outcome's probability over all of them."""
    payoffs_at = _payoffs(ready, rows)
    names = ("equilibria", *(f"{name} {end}" for name in OUTCOMES for end in ("least", "most")))

    def values_at(coefficients: Floats) -> Floats:
        found = all_equilibria(payoffs_at(coefficients))
        low, high = np.full((rows.rows, 4), np.inf), np.full((rows.rows, 4), -np.inf)
        np.minimum.at(low, found.game, found.outcomes)
        np.maximum.at(high, found.game, found.outcomes)
        never = np.array([1.0, 0.0, 0.0, 0.0])
        low[found.quiet] = np.minimum(low[found.quiet], never)
        high[found.quiet] = np.maximum(high[found.quiet], never)
        pairs = np.stack([low, high], axis=2).reshape(rows.rows, 8)
        return np.column_stack([found.counts + found.quiet, pairs])

    return Predicted(names, values_at)


def change_column(
    ready: Prepared, coefficients: Floats, column: str, values: Sequence[float], resist: Floats | None = None
) -> Counterfactual:
    """All equilibria of the games of the data when ``column`` is set to each of ``values`` in every row."""
    if column not in ready.table.cells:
        refuse(ready.table.name, [ready.table.unknown(column)])

    def payoffs_at(value: float) -> Payoffs:
        cells = {**ready.table.cells, column: (repr(value),) * ready.table.rows}
        return _payoffs(ready, Table(ready.table.name, cells, ready.table.lines))(coefficients)

    return counterfactual(payoffs_at, values, resist)
