"""Laws that importance sampling draws from: multivariate normal and t."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

FloatArray = npt.NDArray[np.float64]


class Proposal(NamedTuple):
    """Multivariate t (``freedom`` finite) or normal (infinite): mean (D,) and lower Cholesky factor (D, D)."""

    mean: FloatArray
    factor: npt.NDArray[Any]
    freedom: float

    def draw(self, count: int, seed: np.random.Generator) -> FloatArray:
        step = seed.normal(size=(count, len(self.mean))) @ self.factor.T
        if np.isfinite(self.freedom):
            step = step / np.sqrt(seed.chisquare(self.freedom, size=(count, 1)) / self.freedom)
        result: FloatArray = self.mean + step
        return result

    def log_density(self, z: FloatArray) -> FloatArray:
        size = len(self.mean)
        if size == 0:
            return np.zeros(len(z))
        away = np.linalg.solve(self.factor, (z - self.mean).T)
        square = np.sum(away**2, axis=0)
        log_det = float(np.sum(np.log(np.diag(self.factor))))
        if not np.isfinite(self.freedom):
            return np.asarray(-0.5 * square - log_det - 0.5 * size * np.log(2 * np.pi))
        v = self.freedom
        constant = gammaln((v + size) / 2) - gammaln(v / 2) - 0.5 * size * np.log(v * np.pi) - log_det
        return np.asarray(constant - 0.5 * (v + size) * np.log1p(square / v))
