"""A first stage for the pseudo-likelihood: smooth frequencies of resistance and of standing firm.

Two logits with a ridge: of resistance among challenges, of standing firm among resisted challenges, on every distinct
regressor of the payoffs, standardised, and their squares where they are not the same again. The ridge (half a unit of
information a coefficient) keeps the few events of small data from fitting exactly; the constant is not penalised. The
estimator is a smooth M-estimator, so its error is carried on to the second stage exactly. Ours: the literature uses
random forests here, whose error can only be bootstrapped.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from standoff.games.signalling.design import Design
from standoff.games.signalling.pseudo import Beliefs

Floats = NDArray[np.float64]

_RIDGE = 0.5
_SAME = 1e-8


class FirstStage(NamedTuple):
    """Beliefs (games,), and how they hang on each game's data.

    ``influence`` (2 m, games): what each game's counts moved the coefficients of both logits; ``slopes`` (2, games, 2 m):
    slope of the log odds of resistance, of standing firm, in those coefficients.
    """

    beliefs: Beliefs
    influence: Floats
    slopes: Floats


def first_stage(design: Design) -> FirstStage:
    """Estimate both beliefs from the counts of ``design``."""
    columns = smooth_columns(design)
    _, conceded, firm, back = design.counts
    resist, influence_resist = _logit(columns, firm + back, conceded)
    stand, influence_firm = _logit(columns, firm, back)
    empty = np.zeros_like(columns)
    slopes = np.stack([np.hstack([columns, empty]), np.hstack([empty, columns])])
    return FirstStage(Beliefs(resist, stand), np.vstack([influence_resist, influence_firm]), slopes)


def smooth_columns(design: Design) -> Floats:
    """Constant, distinct standardised regressors and their squares (games, m)."""
    chosen = [np.ones(design.games)]
    for column in _candidates(design):
        spread = float(np.std(column))
        if spread < _SAME:
            continue
        column = (column - column.mean()) / spread
        others = np.stack(chosen, axis=1)
        left = column - others @ np.linalg.lstsq(others, column, rcond=None)[0]
        if float(np.std(left)) > 1e-3:
            chosen.append(column)
    return np.stack(chosen, axis=1)


def _candidates(design: Design) -> list[Floats]:
    plain = [
        design.loadings[row, :, k]
        for k in range(len(design.names))
        for row in range(design.loadings.shape[0])
        if np.any(design.loadings[row, :, k])
    ]
    return plain + [((x - x.mean()) / max(float(np.std(x)), _SAME)) ** 2 for x in plain]


def _logit(columns: Floats, yes: Floats, no: Floats) -> tuple[Floats, Floats]:
    """Chances (games,) by a ridge logit, and each game's influence on its coefficients (m, games)."""
    width, trials = columns.shape[1], yes + no
    ridge = np.full(width, _RIDGE)
    ridge[0] = 1e-6
    coefficients = np.zeros(width)
    for _ in range(60):
        chance = expit(columns @ coefficients)
        slope = columns.T @ (yes - trials * chance) - ridge * coefficients
        information = (columns.T * (trials * chance * (1.0 - chance))) @ columns + np.diag(ridge)
        step = np.linalg.solve(information, slope)
        coefficients = coefficients + step * min(1.0, 2.0 / max(float(np.max(np.abs(columns @ step))), 1e-12))
        if float(slope @ step) < 1e-14:
            break
    chance = expit(columns @ coefficients)
    return chance, np.linalg.solve(information, columns.T * (yes - trials * chance))
