"""Payoffs that are linear in regressors: what is estimated, and the counts it is estimated from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from standoff.games.signalling.equations import EQUATIONS, Payoffs, payoffs_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """Regressors and outcomes of many games.

    ``loadings`` (7, games, coefficients): payoff j of game d is loadings[j, d] @ coefficients + offsets[j, d], payoffs
    in the order of the equations; ``offsets`` (7, games) parts of payoffs that are fixed, not estimated;
    ``counts`` (4, games) how often SQ, CD, SF, BD were seen in each game;
    ``names`` (coefficients,) as "equation:regressor".
    """

    loadings: Floats
    offsets: Floats
    counts: Floats
    names: tuple[str, ...]

    @property
    def games(self) -> int:
        """How many games there are."""
        return int(self.loadings.shape[1])

    def payoffs(self, coefficients: Floats) -> Payoffs:
        """Mean payoffs (games,) at ``coefficients``."""
        return payoffs_of(self.loadings @ coefficients + self.offsets)

    def drawn(self, rows: NDArray[np.int64]) -> Design:
        """The design of the games numbered ``rows``, as often as each is named (a bootstrap draw)."""
        return Design(self.loadings[:, rows], self.offsets[:, rows], self.counts[:, rows], self.names)

    def recounted(self, counts: Floats) -> Design:
        """The same games with other ``counts`` (4, games)."""
        return Design(self.loadings, self.offsets, counts, self.names)


def design(
    matrices: Mapping[str, Floats],
    counts: Floats,
    names: Mapping[str, Sequence[str]] | None = None,
    fixed: Mapping[str, float] | None = None,
) -> Design:
    """Put matrices (games, regressors) together, one an equation; an equation left out is zero, or its ``fixed`` number."""
    games = counts.shape[1]
    columns = [np.asarray(matrices.get(name, np.empty((games, 0))), dtype=float) for name in EQUATIONS]
    widths = [column.shape[1] for column in columns]
    loadings = np.zeros((len(columns), games, sum(widths)))
    labels: list[str] = []
    for row, (name, column) in enumerate(zip(EQUATIONS, columns, strict=True)):
        start = len(labels)
        loadings[row, :, start : start + column.shape[1]] = column
        given = names[name] if names and name in names else [f"x{i + 1}" for i in range(column.shape[1])]
        labels += [f"{name}:{label}" for label in given]
    offsets = np.array([np.full(games, (fixed or {}).get(name, 0.0)) for name in EQUATIONS])
    return Design(loadings, offsets, np.asarray(counts, dtype=float), tuple(labels))
