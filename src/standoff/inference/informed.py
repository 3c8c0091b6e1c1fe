"""Priors from elsewhere, as a second reading beside the default: another case's posterior, or a file that states them.

A prior N(m, s^2) before the transform, where the default is N(m0, s0^2), is the default's z put through the line
(m - m0) / s0 + (s / s0) z. The likelihood and the default priors stay as they are; only the line is new. Scales are
widened by a stated factor: twice the scale gives a quarter of the other record's weight [ibrahim2000power].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from standoff.errors import SettingsError
from standoff.inference import storage
from standoff.inference.importance import Effort, Target, fit
from standoff.inference.learn import (
    DRAWS,
    PRIOR_DRAWS,
    named,
    posterior_values,
    twin_effects,
    twin_rivals,
)
from standoff.inference.learned import InformedResult, TakenPrior
from standoff.inference.priors import Prior, interval, value
from standoff.inference.rivals import ALL
from standoff.inference.twin import PROBES, TWIN_EFFORT, BlockFit, block, block_target, fit_twin, is_effect
from standoff.inference.twin_blocks import BLOCKS
from standoff.inference.twin_data import TwinData
from standoff.record.priors_file import WIDEN, read_priors

FloatArray = npt.NDArray[np.float64]

HDF5: Final = b"\x89HDF\r\n\x1a\n"  # how a NetCDF-4 file begins


class Line(NamedTuple):
    """Prior of one parameter from elsewhere, before its transform; ``scale`` is already widened."""

    location: float
    scale: float
    reason: str


class Informed(NamedTuple):
    """Priors from elsewhere by (block, parameter); every other parameter keeps its default."""

    source: str
    origin: Literal["file", "posterior"]
    widen: float
    lines: Mapping[tuple[str, str], Line]


def known_parameters() -> dict[str, tuple[str, ...]]:
    """Parameters that a file may speak of, by block: all but those that stand for a claim's own signal."""
    return {one.name: tuple(p.name for p in one.priors if p.name not in PROBES) for one in BLOCKS}


def read_informed(path: Path, case: str) -> Informed:
    """Read priors for a case from a NetCDF posterior of another case or from a YAML file.

    Raises:
        PriorsError: mistakes in the YAML file, all of them with their places; or no such file.
        SettingsError: a posterior that cannot serve.
        RunError: a NetCDF file that is damaged.
    """
    if _begins_as_netcdf(path):
        return from_posterior(path, case)
    stated = read_priors(path, known_parameters())
    lines = {
        key: Line(one.location, one.scale * stated.widen, one.reason) for key, one in stated.priors.items()
    }
    return Informed(stated.source, "file", stated.widen, lines)


def _begins_as_netcdf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(HDF5)) == HDF5
    except OSError:
        return False  # told by the reader of YAML, with the reason


def from_posterior(path: Path, case: str) -> Informed:
    """Effects of another case's reduced form as priors: weighted mean, and standard deviation times `WIDEN`.

    Levels, cutpoints and noise belong to a record and are not carried over. An effect of which the other case says no more
    than the default prior, once widened, keeps the default. Errors: SettingsError.
    """
    tree = storage.read(path)
    model, other = _text(tree.attrs.get("model", "")), _text(tree.attrs.get("case_hash", ""))
    _refuse(path.name, model, other, case, bool(tree.attrs.get("passed", 0)))
    group = tree["posterior"]
    weights = np.exp(np.asarray(tree["sample_stats"]["log_weight"]).ravel())
    lines = {}
    for one, prior in _effects():
        name = f"{one}_{prior.name}"
        if name not in group:
            raise SettingsError(
                f"{path.name} cannot serve as priors",
                f"it has no draws of {name}",
                "make it again with this version",
            )
        mean, scale = _moments(np.asarray(group[name], dtype=np.float64).ravel(), weights)
        if 0 < WIDEN * scale < prior.scale:
            lines[one, prior.name] = Line(mean, WIDEN * scale, f"posterior of the case {other}")
    return Informed(f"the reduced form's posterior of the case {other}", "posterior", WIDEN, lines)


def _refuse(name: str, model: str, other: str, case: str, passed: bool) -> None:
    what = f"{name} cannot serve as priors"
    if model != f"twin {ALL}":
        why = f"it holds {model or 'no model'}, not the reduced form of {ALL}"
        raise SettingsError(what, why, f"give posteriors/twin-{ALL}.nc of another case's run")
    if other == case:
        raise SettingsError(
            what,
            "it was learnt from this very case, which would count twice",
            "give the posterior of another case",
        )
    if not passed:
        raise SettingsError(what, "its fit missed a gate", "give a posterior whose gates were passed")


def _effects() -> list[tuple[str, Prior]]:
    return [
        (one.name, prior)
        for one in BLOCKS
        for place, prior in enumerate(one.priors)
        if is_effect(one, place) and prior.name not in PROBES
    ]


def _moments(values: FloatArray, weights: FloatArray) -> tuple[float, float]:
    shares = weights / weights.sum()
    mean = float(np.sum(shares * values))
    return mean, float(np.sqrt(np.sum(shares * (values - mean) ** 2)))


def _text(attribute: Any) -> str:
    return attribute.decode() if isinstance(attribute, bytes) else str(attribute)


# --- the fit ------------------------------------------------------------------------------------------------------


def lines_of(informed: Informed, name: str, places: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Shift and stretch (D,) of the default's z for the parameters of a block at ``places``."""
    shift, stretch = np.zeros(len(places)), np.ones(len(places))
    for at, place in enumerate(places):
        prior = block(name).priors[place]
        line = informed.lines.get((name, prior.name))
        if line is not None:
            shift[at] = (line.location - prior.location) / prior.scale
            stretch[at] = line.scale / prior.scale
    return shift, stretch


def shifted(target: Target, shift: FloatArray, stretch: FloatArray) -> Target:
    """The same likelihood under the prior of shift + stretch z, z ~ N(0, 1); densities, slopes and curvatures over z."""

    def place(z: FloatArray) -> FloatArray:
        return shift + stretch * z

    def many(z: FloatArray) -> FloatArray:
        there = place(z)
        return np.asarray(target.many(there) + 0.5 * np.sum(there**2 - z**2, axis=-1))

    def slope(z: FloatArray) -> tuple[float, FloatArray]:
        there = place(z)
        height, gradient = target.slope(there)
        return height + 0.5 * float(np.sum(there**2 - z**2)), stretch * (gradient + there) - z

    def curvature(z: FloatArray) -> FloatArray:
        even = np.eye(len(z))
        return np.asarray(np.outer(stretch, stretch) * (target.curvature(place(z)) + even) - even)

    return Target(many, slope, curvature)


class InformedFit(NamedTuple):
    """Fits a block under priors from elsewhere; its draws come back in the default's z, so that values read off alike."""

    informed: Informed

    def block(
        self,
        data: TwinData,
        name: str,
        free: tuple[int, ...],
        seed: int,
        effort: Effort = TWIN_EFFORT,
        upto: int | None = None,
        stretch: float = 1.0,
    ) -> BlockFit:
        shift, scale = lines_of(self.informed, name, free)
        generator = np.random.default_rng([seed, *name.encode(), *free])
        drawn = fit(
            shifted(block_target(data, name, free, upto, stretch), shift, scale), len(free), generator, effort
        )
        return BlockFit(name, free, replace(drawn, z=shift + scale * drawn.z))

    def sign_prior(self, name: str, parameter: str, sign: int) -> float:
        """Prior probability of a sign of an effect."""
        line = self.informed.lines.get((name, parameter))
        return 0.5 if line is None else float(norm.cdf(sign * line.location / line.scale))


def learn_informed(data: TwinData, informed: Informed, seed: int) -> InformedResult:
    """Rivals and effects of levers of the reduced form under priors from elsewhere. Randomness: ``seed`` split by name."""
    fitter = InformedFit(informed)
    fits = fit_twin(data, seed, fitter=fitter.block, sign_prior=fitter.sign_prior)
    everything = fits[ALL]
    drawn = posterior_values(everything, DRAWS, named(seed, "informed effects"))
    before = informed_values(informed, PRIOR_DRAWS, named(seed, "informed prior effects"))
    return InformedResult(
        source=informed.source,
        origin=informed.origin,
        widen=informed.widen,
        taken=tuple(_taken(name, line, key) for (key, name), line in informed.lines.items()),
        rivals=twin_rivals(fits),
        effects=twin_effects(data, everything, drawn, before),
    )


def informed_values(
    informed: Informed, count: int, generator: np.random.Generator
) -> dict[str, dict[str, FloatArray]]:
    """Draws (count,) of every parameter of the model of all together at these priors; no effect of a claim's own signal."""
    found = {}
    for one in BLOCKS:
        z = generator.standard_normal((count, len(one.priors)))
        shift, stretch = lines_of(informed, one.name, range(len(one.priors)))
        found[one.name] = {
            prior.name: np.asarray(
                value(
                    prior,
                    0.0 * z[:, place]
                    if prior.name in PROBES
                    else shift[place] + stretch[place] * z[:, place],
                )
            )
            for place, prior in enumerate(one.priors)
        }
    return found


def _taken(name: str, line: Line, key: str) -> TakenPrior:
    prior = next(one for one in block(key).priors if one.name == name)
    told = replace(prior, location=line.location, scale=line.scale)
    return TakenPrior(key, name, prior.meaning, prior.unit, *interval(prior), *interval(told), line.reason)
