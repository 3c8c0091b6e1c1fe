"""Choice probabilities straight from the data: where the two-step and the nested pseudo-likelihood begin.

`frequencies` counts, state by state, each player's actions, pulled towards her overall shares by the weight of
``smoothing`` rows; `reduced_form` is a logit of each player's action on columns of the state, for states seen too
seldom to count. Hidden states are counted by their filtered law. Source: Hotz and Miller (1993) [hotz_miller_1993].
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import log_softmax, softmax

from standoff.games.dynamic.game import DynamicGame, Floats
from standoff.games.dynamic.rows import Rows, filtered_states

RIDGE = 1e-3
MOST_COLUMNS = 6


@dataclass(frozen=True)
class FirstStep:
    """Estimated choices as log odds (n,), and the influence (n,T) of each row on them (first order)."""

    name: str
    log_odds: Floats = field(repr=False)
    influence: Floats = field(repr=False)


def frequencies(game: DynamicGame, rows: Rows, smoothing: float = 1.0) -> FirstStep:
    """Shares by state, (n_xa + smoothing * overall share) / (n_x + smoothing)."""
    weight = filtered_states(game, rows)
    odds, influence = [], []
    for player, names in enumerate(game.actions):
        chosen = np.eye(len(names))[rows.actions[:, player]] * rows.weight[:, None]
        overall = (chosen.sum(axis=0) + 0.5) / (rows.weight.sum() + 0.5 * len(names))
        counts = weight.T @ chosen + smoothing * overall
        share = counts / counts.sum(axis=1, keepdims=True)
        odds.append(np.log(share[:, 1:]) - np.log(share[:, :1]))
        pull = weight.T[:, None, :] / counts.T[None].transpose(2, 1, 0)
        effect = pull * chosen.T[None]
        influence.append((effect[:, 1:] - effect[:, :1]).reshape(-1, len(rows)))
    return FirstStep("frequencies", np.concatenate([o.ravel() for o in odds]), np.concatenate(influence))


def state_columns(game: DynamicGame) -> Floats:
    """Columns (S,R) that tell the states apart by their payoffs: a constant and principal components of the features."""
    flat = np.moveaxis(np.concatenate([game.features, game.offset[..., None]], axis=3), 1, 0)
    table = flat.reshape(len(game.states), -1)
    table = table - table.mean(axis=0)
    left, size, _ = np.linalg.svd(table, full_matrices=False)
    kept = int(np.sum(size > 1e-9 * max(size[0], 1e-300)))
    parts = left[:, : min(kept, MOST_COLUMNS)] * np.sqrt(len(table))
    return np.column_stack([np.ones(len(table)), parts])


def reduced_form(game: DynamicGame, rows: Rows, columns: Floats | None = None) -> FirstStep:
    """A multinomial logit a player on columns (S,R) of the state, with a slight ridge."""
    design = state_columns(game) if columns is None else np.asarray(columns, dtype=np.float64)
    weight = filtered_states(game, rows)
    odds, influence = [], []
    for player, names in enumerate(game.actions):
        chosen = np.eye(len(names))[rows.actions[:, player]] * rows.weight[:, None]
        gamma, pull = _logit(design, weight, chosen)
        odds.append(design @ gamma)
        moved = pull.reshape(design.shape[1], len(names) - 1, -1)
        influence.append(np.einsum("sr,rat->sat", design, moved).reshape(-1, len(rows)))
    return FirstStep("reduced form", np.concatenate([o.ravel() for o in odds]), np.concatenate(influence))


def _logit(design: Floats, weight: Floats, chosen: Floats) -> tuple[Floats, Floats]:
    """Coefficients (R,A-1) and the influence of rows on them (R (A-1), T), by Newton's method; ``chosen`` (T,A) weighted."""
    counts = weight.T @ chosen
    total = counts.sum(axis=1)
    columns, actions = design.shape[1], chosen.shape[1] - 1
    gamma = np.zeros((columns, actions))

    def value(candidate: Floats) -> float:
        odds = np.column_stack([np.zeros(len(design)), design @ candidate])
        return float((counts * log_softmax(odds, axis=1)).sum() - RIDGE / 2 * (candidate**2).sum())

    hessian = np.eye(columns * actions)
    share = np.zeros((len(design), actions + 1))
    for _ in range(50):
        share = softmax(np.column_stack([np.zeros(len(design)), design @ gamma]), axis=1)
        gradient = design.T @ (counts - total[:, None] * share)[:, 1:] - RIDGE * gamma
        spread = total[:, None, None] * (
            np.einsum("sa,ab->sab", share, np.eye(actions + 1)) - share[:, :, None] * share[:, None, :]
        )
        hessian = np.einsum("sr,sab,sq->raqb", design, spread[:, 1:, 1:], design).reshape(gradient.size, -1)
        hessian = hessian + RIDGE * np.eye(gradient.size)
        step = np.linalg.solve(hessian, gradient.ravel()).reshape(gamma.shape)
        size, now = 1.0, value(gamma)
        while value(gamma + size * step) < now - 1e-12 and size > 1e-6:
            size /= 2
        gamma = gamma + size * step
        if np.max(np.abs(step)) < 1e-10:
            break
    surprise = chosen[:, 1:] - chosen.sum(axis=1, keepdims=True) * (weight @ share[:, 1:])
    scores = np.einsum("tr,ta->rat", weight @ design, surprise).reshape(gamma.size, -1)
    return gamma, np.linalg.solve(hessian, scores)
