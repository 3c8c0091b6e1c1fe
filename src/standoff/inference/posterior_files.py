"""Posteriors as files: the reduced form's and the game's, each a NetCDF of InferenceData groups, as bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from standoff.inference.importance import resample
from standoff.inference.storage import Contents, Origin, one_chain, pack, to_tree
from standoff.inference.structural_fit import Fitted
from standoff.inference.twin import TwinFit, block_values, week_terms
from standoff.inference.twin_data import TwinData

DRAWS = 1000  # of equal weight, of the reduced form


def twin_file(fit: TwinFit, data: TwinData, case: str, seed: int, generator: np.random.Generator) -> bytes:
    """Draws of equal weight of every block, values named block_parameter, and weekly log predictive densities."""
    values: dict[str, npt.NDArray[np.float64]] = {}
    terms = np.zeros((DRAWS, len(data.time)))
    for name, one in fit.blocks.items():
        z = resample(one.draws, DRAWS, generator)
        terms += week_terms(data, one, z)
        values |= {
            f"{name}_{key}": np.broadcast_to(np.asarray(value, dtype=np.float64), (DRAWS,)).copy()
            for key, value in block_values(one, z).items()
        }
    posterior, stats = one_chain(values, np.full(DRAWS, 1.0 / DRAWS))
    contents = Contents(
        posterior,
        stats,
        {"weeks": terms[None]},
        {"holder_category": data.holder_category, "coercer_category": data.coercer_category},
        dims={"weeks": ["week"], "holder_category": ["week"], "coercer_category": ["week"]},
    )
    numbers = {"log_evidence": fit.log_evidence, "log_evidence_error": fit.log_evidence_error}
    return pack(to_tree(contents, Origin(f"twin {fit.rival}", seed, case, fit.gates, numbers)))


def game_file(fitted: Fitted, case: str, seed: int) -> bytes:
    """All weighted draws of a rival of the game, with their log weights."""
    values = {name: fitted.values[:, place] for place, name in enumerate(fitted.names)}
    posterior, stats = one_chain(values, fitted.draws.weights)
    numbers = {
        "log_evidence": fitted.draws.log_evidence,
        "log_evidence_error": fitted.draws.log_evidence_error,
        "failed": float(fitted.draws.failed),
        "quick": float(fitted.quick),
    }
    name = f"game {fitted.rival}{' quick' if fitted.quick else ''}"
    return pack(to_tree(Contents(posterior, stats), Origin(name, seed, case, fitted.draws.gates, numbers)))
