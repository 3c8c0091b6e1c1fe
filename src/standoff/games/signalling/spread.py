"""Covariances of the estimates of the crisis signalling game, by method.

Rows are games; scores s_d are summed within clusters where there are any, times G / (G - 1). With A minus the Jacobian
of the summed scores:

- pseudo-likelihood: ``first-stage-known`` A^-1, ``sandwich`` A^-1 (sum s s') A^-1; both treat the first stage as if it
  were the truth. ``two-step`` adds its error: the influence of game d is A^-1 (s_d + C f_d), f_d its influence on
  the first stage, C the slope of the scores in it [murphy_topel_1985];
- nested pseudo-likelihood: A also carries how the fixed point moves, A = -sum [l_tt + l_tP (I - Psi_P)^-1 Psi_t];
  ``nested`` uses the information that the model implies for each month, ``sandwich`` the games' scores
  [aguirregabiria_mira_2007]; ``beliefs-known`` is the naive A^-1 with l_tt alone;
- full likelihood: ``hessian``, the block of the inverse bordered Hessian that belongs to the coefficients, which is the
  inverse of the Hessian along the constraints [silvey_1959]; ``sandwich``.

All matrices are (k, k).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from standoff.games.estimation.covariance import cluster_sums
from standoff.games.signalling.derivatives import jacobian, second_order
from standoff.games.signalling.design import Design
from standoff.games.signalling.equations import answers_to, log_outcomes, payoffs_of, resistance
from standoff.games.signalling.first_stage import FirstStage
from standoff.games.signalling.likelihood import local
from standoff.games.signalling.normal import log_cdf
from standoff.games.signalling.pseudo import Beliefs

Array = jax.Array
Floats = NDArray[np.float64]
Labels = Sequence[Any] | NDArray[Any] | None


def pseudo_covariances(
    design: Design, point: Floats, beliefs: Beliefs, stage: FirstStage | None, clusters: Labels = None
) -> dict[str, Floats]:
    """Covariances of a pseudo-likelihood estimate; ``stage`` None where the first stage was given as columns."""
    scores, hessian, cross = _pseudo_slopes(design, point, beliefs)
    bread = inverse(-hessian)
    found = {"first-stage-known": bread, **_robust(bread, scores, clusters, "")}
    if stage is not None:
        moved = np.einsum("bnk,bnm->km", cross, stage.slopes)
        found |= _robust(bread, scores + (moved @ stage.influence).T, clusters, "two-step")
    return found


def nested_covariances(
    design: Design, point: Floats, beliefs: Beliefs, clusters: Labels = None
) -> dict[str, Floats]:
    """Covariances of a nested pseudo-likelihood estimate at its fixed point ``beliefs``."""
    scores, hessian, cross = _pseudo_slopes(design, point, beliefs)
    moves = _fixed_point_moves(design, point, beliefs)
    jacobian = hessian + np.einsum("bnk,bnl->kl", cross, moves)
    bread, naive = inverse(-jacobian), inverse(-hessian)
    information = _information(design, point, beliefs)
    nested = bread @ information @ bread.T
    return {"nested": nested, "beliefs-known": naive, **_robust(bread, scores, clusters, "")}


def full_covariances(
    design: Design, point: Floats, index: Floats, clusters: Labels = None
) -> dict[str, Floats]:
    """Covariances of a full maximum-likelihood estimate at its equilibria ``index`` (games,)."""
    here = local(design, point, index)
    bread = inverse(-here.hessian)
    return {"hessian": bread, **_robust(bread, here.scores, clusters, "")}


def inverse(matrix: Floats) -> Floats:
    """Inverse after scaling to a unit diagonal; NaN throughout where it is singular to double precision."""
    size = np.sqrt(np.maximum(np.abs(np.diag(matrix)), 1e-300))
    scaled = matrix / np.outer(size, size)
    if not np.all(np.isfinite(scaled)) or np.linalg.cond(scaled) > 1e13:
        return np.full_like(matrix, np.nan)
    found: Floats = np.linalg.inv(scaled) / np.outer(size, size)
    return found


def _robust(bread: Floats, scores: Floats, clusters: Labels, name: str) -> dict[str, Floats]:
    plain, clustered = (name, f"{name}, cluster") if name else ("sandwich", "cluster")
    found = {plain: bread @ (scores.T @ scores) @ bread.T}
    if clusters is not None:
        sums = cluster_sums(scores, np.asarray(clusters))
        count = len(sums)
        found[clustered] = bread @ (sums.T @ sums) @ bread.T * (count / (count - 1))
    return found


def _point(design: Design, point: Floats, beliefs: Beliefs) -> Floats:
    """Payoffs and log odds of both beliefs (9, games)."""
    odds = [logit(np.clip(belief, 1e-15, 1.0 - 1e-15)) for belief in beliefs]
    return np.concatenate([design.loadings @ point + design.offsets, odds])


def _log_chances(at: Array) -> Array:
    """Log probabilities (4, games) that each side's best response to its belief gives, from (9, games)."""
    payoffs = payoffs_of(at[:7])
    did = answers_to(payoffs, jax.nn.sigmoid(at[7]))
    return log_outcomes(did, resistance(payoffs, jnp.exp(-at[8])))


@jax.jit
def _second(at: Array, counts: Array) -> tuple[Array, Array]:
    def value(x: Array) -> Array:
        return jnp.sum(jnp.where(counts > 0.0, counts * _log_chances(x), 0.0), axis=0)

    _, slope, bend = second_order(value, at)
    return slope, bend


def _pseudo_slopes(design: Design, point: Floats, beliefs: Beliefs) -> tuple[Floats, Floats, Floats]:
    """Scores (games, k), Hessian (k, k), and slopes of the scores in the beliefs' log odds (2, games, k)."""
    slope, bend = (np.asarray(x) for x in _second(_point(design, point, beliefs), design.counts))
    loadings = design.loadings
    scores = np.einsum("jn,jnk->nk", slope[:7], loadings)
    half = np.einsum("ijn,jnk->ink", bend[:7, :7], loadings)
    hessian = np.einsum("ink,inl->kl", loadings, half)
    return scores, hessian, np.einsum("jbn,jnk->bnk", bend[:7, 7:], loadings)


@jax.jit
def _response_slopes(at: Array) -> Array:
    """Jacobian (2, 9, games) of the log odds of both best responses."""

    def responses(x: Array) -> Array:
        payoffs = payoffs_of(x[:7])
        did = answers_to(payoffs, jax.nn.sigmoid(x[7]))
        z = resistance(payoffs, jnp.exp(-x[8]))
        return jnp.stack([log_cdf(z) - log_cdf(-z), did.firm - did.back])

    return jacobian(responses, at)


def _fixed_point_moves(design: Design, point: Floats, beliefs: Beliefs) -> Floats:
    """Slope (2, games, k) of the fixed point's log odds in the coefficients: (I - Psi_P)^-1 Psi_t, game by game."""
    slopes = np.asarray(_response_slopes(_point(design, point, beliefs)))
    direct = np.einsum("bjn,jnk->nbk", slopes[:, :7], design.loadings)
    among = np.eye(2) - np.moveaxis(slopes[:, 7:], 2, 0)
    return np.swapaxes(np.linalg.solve(among, direct), 0, 1)


@jax.jit
def _outcome_slopes(at: Array) -> tuple[Array, Array]:
    return jnp.exp(_log_chances(at)), jacobian(_log_chances, at)


def _information(design: Design, point: Floats, beliefs: Beliefs) -> Floats:
    """Expected outer product (k, k) of the scores of all months, at the model's own probabilities."""
    chances, slopes = (np.asarray(x) for x in _outcome_slopes(_point(design, point, beliefs)))
    scores = np.einsum("ojn,jnk->onk", slopes[:, :7], design.loadings)
    weights = chances * design.counts.sum(axis=0)
    information: Floats = np.einsum("on,onk,onl->kl", weights, scores, scores)
    return information
