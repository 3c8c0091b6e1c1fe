"""What the game says of a record, rival by rival, as plain values."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from standoff.inference.importance import Draws, Gate
from standoff.inference.learn import UNITS, named, share_above, told_gate
from standoff.inference.learned import EffectResult, GameResult, ParameterResult, RivalResult
from standoff.inference.priors import interval
from standoff.inference.probe import weighted_quantiles
from standoff.inference.rivals import ALL, rival
from standoff.inference.structural_effects import Effects, game_effects
from standoff.inference.structural_fit import Fitted, fit_rival
from standoff.inference.structural_priors import NAMES, PRIORS
from standoff.inference.twin_effects import lever
from standoff.panel.weekly import WeeklyRecord

FloatArray = npt.NDArray[np.float64]

RESTRICTED: Final = 1.0  # the game's rivals have the sign of belief in their priors


def learn_game(record: WeeklyRecord, name: str, quick: bool, seed: int) -> tuple[GameResult, Fitted | None]:
    """Fit one rival of the game, and where it is the model of all together say what its levers do.

    A rival whose game is solved at no start is no error: it has no row and no posterior, and says so.
    """
    try:
        fitted = fit_rival(record, name, quick, seed)
    except ValueError as error:
        return GameResult(name, None, (), (), quick, 0, (), str(error)), None
    effects: tuple[EffectResult, ...] = ()
    parameters: tuple[ParameterResult, ...] = ()
    if name == ALL:
        after, before = game_effects(record, fitted, named(seed, "game effects"))
        effects = _effects(after, before, fitted.draws.passed)
        parameters = _parameters(fitted)
    found = GameResult(
        name, _row(fitted), effects, parameters, quick, fitted.retried, fitted.equilibria.log_densities
    )
    return found, fitted


def _row(fitted: Fitted) -> RivalResult:
    draws: Draws = fitted.draws
    several = len(fitted.equilibria.log_densities) > 1
    found = (
        f"{len(fitted.equilibria.log_densities)} at the mode, from {fitted.equilibria.solved} starts solved"
    )
    gates = (*draws.gates, Gate("one equilibrium at the mode", not several, found))
    return RivalResult(
        estimator="game",
        name=fitted.rival,
        says=rival(fitted.rival).says,
        log_evidence=draws.log_evidence,
        log_evidence_error=draws.log_evidence_error,
        probability=0.0,
        sign_probability=RESTRICTED,
        elpd=None,
        elpd_error=None,
        behind=None,
        behind_error=None,
        stacking=None,
        failed=draws.failed,
        passed=all(gate.passed for gate in gates),
        gates=tuple(map(told_gate, gates)),
    )


def _effects(after: Effects, before: Effects, passed: bool) -> tuple[EffectResult, ...]:
    found = []
    for name, outcomes in after.items():
        for outcome, values in outcomes.items():
            if len(values) == 0 or len(before[name][outcome]) == 0:
                continue
            low, high = weighted_quantiles(values, np.full(len(values), 1 / len(values)), (0.05, 0.95))
            prior = share_above(before[name][outcome])
            found.append(
                EffectResult(
                    "game",
                    name,
                    lever(name).says,
                    outcome,  # type: ignore[arg-type]
                    UNITS[outcome],
                    float(values.mean()),
                    low,
                    high,
                    share_above(values),
                    prior,
                    passed,
                )
            )
    return tuple(found)


def _parameters(fitted: Fitted) -> tuple[ParameterResult, ...]:
    found = []
    for place, name in enumerate(fitted.names):
        prior, values = PRIORS[NAMES.index(name)], fitted.values[:, place]
        low, high = weighted_quantiles(values, fitted.draws.weights, (0.05, 0.95))
        mean = float(np.sum(fitted.draws.weights * values))
        found.append(
            ParameterResult(
                "game", "game", name, prior.meaning, prior.unit, *interval(prior), mean, low, high
            )
        )
    return tuple(found)
