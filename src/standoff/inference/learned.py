"""What was learnt from one record, as plain values that can be stored as JSON: rivals, effects, channels, checks.

Missing numbers are None, never NaN. ``estimator``: *twin*, the reduced form, or *game*, the standoff game in the
likelihood. A result whose ``passed`` is false missed a gate, and is shown as failed wherever it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

Estimator = Literal["twin", "game"]


@dataclass(frozen=True, slots=True)
class GateResult:
    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class RivalResult:
    """One rival under one estimator: log marginal likelihood and its error; ``probability`` at equal prior odds of all
    rivals; ``sign_probability`` of the sign that it restricts, in the free model (1: it restricts none); ``elpd``
    leave-future-out log score with its error, ``behind`` and its error against the best; ``stacking`` weight with its
    90% interval; ``failed`` solutions that did not converge."""

    estimator: Estimator
    name: str
    says: str
    log_evidence: float
    log_evidence_error: float
    probability: float
    sign_probability: float
    elpd: float | None
    elpd_error: float | None
    behind: float | None
    behind_error: float | None
    stacking: float | None
    failed: int
    passed: bool
    gates: tuple[GateResult, ...]
    stacking_low: float | None = None
    stacking_high: float | None = None


@dataclass(frozen=True, slots=True)
class EffectResult:
    """Effect of four weeks of a lever by the model of all together: mean and 90% interval in ``unit``; ``higher`` the
    posterior probability that it raises the outcome, ``prior_higher`` the prior's."""

    estimator: Estimator
    lever: str
    says: str
    outcome: Literal["stance", "deal", "deaths"]
    unit: str
    mean: float
    low: float
    high: float
    higher: float
    prior_higher: float
    passed: bool


@dataclass(frozen=True, slots=True)
class ChannelResult:
    """Weeks that a channel added to the expected standoff (negative: took from it), mean and 90% interval."""

    estimator: Estimator
    channel: str
    says: str
    mean: float
    low: float
    high: float
    passed: bool


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A statistic of the record beside a rival's predictive 95% interval; None where the record has nothing to read."""

    rival: str
    statistic: str
    says: str
    observed: float | None
    low: float | None
    high: float | None
    passed: bool
    gate: bool


@dataclass(frozen=True, slots=True)
class SensitivityResult:
    """Log marginal likelihood of a rival over its base, with the prior's scale halved, as it is, and doubled."""

    rival: str
    base: str
    halved: float
    as_is: float
    doubled: float


@dataclass(frozen=True, slots=True)
class BoxResult:
    """What you would have to believe: the region of prior assumptions in which a claim's effect holds, in words."""

    lever: str
    sign: str
    sentence: str
    density: float
    coverage: float
    prior_share: float
    posterior_inside: float


@dataclass(frozen=True, slots=True)
class OutsideTiming:
    """A signal's effect from the changes alone that the patron's own calendar explains, on one side's stance.

    ``weeks`` at risk, ``dated`` ones with a date of the calendar. ``first``: change of the week's signal with such a date,
    in weeks of criticism in place of silence, with its standard error; ``strength``: its F. ``reduced``: points of 100
    by which a date moves the stance, median and 90% interval; ``effect``: the same for a week of criticism in place of
    silence, ``higher`` the probability that it raises the stance; both None where a gate was missed, since a ratio over
    next to nothing is no number.
    """

    side: Literal["holder", "coercer"]
    weeks: int
    dated: int
    first: float | None
    first_error: float | None
    strength: float
    reduced: float | None
    reduced_low: float | None
    reduced_high: float | None
    effect: float | None
    effect_low: float | None
    effect_high: float | None
    higher: float | None
    passed: bool
    gates: tuple[GateResult, ...]


@dataclass(frozen=True, slots=True)
class ParameterResult:
    """A parameter at its prior and posterior under the model of all together: mean and 90% intervals."""

    estimator: Estimator
    block: str
    name: str
    meaning: str
    unit: str
    prior_low: float
    prior_high: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TakenPrior:
    """A parameter whose prior came from elsewhere: 90% intervals of its value under the default and under that prior."""

    block: str
    name: str
    meaning: str
    unit: str
    default_low: float
    default_high: float
    low: float
    high: float
    reason: str


@dataclass(frozen=True, slots=True)
class InformedResult:
    """What the reduced form says under priors from elsewhere, to stand beside the default's: ``source`` in words,
    ``origin`` a file or another case's posterior, ``widen`` the factor on its scales. It enters no P and no verdict."""

    source: str
    origin: Literal["file", "posterior"]
    widen: float
    taken: tuple[TakenPrior, ...]
    rivals: tuple[RivalResult, ...]
    effects: tuple[EffectResult, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """All of it, for one record under its baseline coding. ``quick``: the game was fitted quickly, not sampled in full;
    None: it was not fitted. ``weeks``, ``expected`` of the spell that the channels speak of."""

    case: str
    quick: bool | None
    rivals: tuple[RivalResult, ...]
    effects: tuple[EffectResult, ...]
    channels: tuple[ChannelResult, ...]
    interaction: float
    expected: float
    weeks: int
    checks: tuple[CheckResult, ...]
    sensitivity: tuple[SensitivityResult, ...]
    boxes: tuple[BoxResult, ...]
    parameters: tuple[ParameterResult, ...]
    signals_follow: GateResult
    warnings: tuple[str, ...]
    outside: tuple[OutsideTiming, ...] = ()
    informed: InformedResult | None = None

    def effect(self, estimator: Estimator, lever: str, outcome: str) -> EffectResult | None:
        """The effect of a lever on an outcome by one estimator, None where there is none."""
        for one in self.effects:
            if (one.estimator, one.lever, one.outcome) == (estimator, lever, outcome):
                return one
        return None


@dataclass(frozen=True, slots=True)
class GameResult:
    """One rival of the game: its row, effects and parameters (of the model of all together alone), whether it was fitted
    quickly, solutions tried again, and log densities of the equilibria found at its mode. ``failure`` says why a rival could
    not be fitted at all; it then has no row."""

    name: str
    rival: RivalResult | None
    effects: tuple[EffectResult, ...]
    parameters: tuple[ParameterResult, ...]
    quick: bool
    retried: int
    equilibria: tuple[float, ...]
    failure: str = ""


def with_game(learned: Learned, results: Sequence[GameResult]) -> Learned:
    """What the reduced form says, with the game beside it: probabilities among the game's rivals, effects, warnings."""
    told = [one.rival for one in results if one.rival is not None]
    lost = [
        f"The game of {one.name} could not be fitted ({one.failure}): nothing is said of it."
        for one in results
        if one.rival is None
    ]
    if not told:
        return replace(learned, warnings=(*learned.warnings, *lost))
    evidence = np.array([one.log_evidence for one in told])
    relative = np.exp(evidence - evidence.max())
    chances = relative / relative.sum()
    rows = [replace(one, probability=float(chance)) for one, chance in zip(told, chances, strict=True)]
    missed: dict[str, list[str]] = {}
    for row in rows:
        for gate in row.gates:
            if not gate.passed:
                missed.setdefault(gate.name, []).append(f"{row.name} ({gate.detail})")
    warnings = [
        f"Gate of the game missed, so that these results are shown as failed ({name}): {', '.join(where)}."
        for name, where in missed.items()
    ]
    return replace(
        learned,
        quick=any(one.quick for one in results),
        rivals=(*learned.rivals, *rows),
        effects=(*learned.effects, *(effect for one in results for effect in one.effects)),
        parameters=(*learned.parameters, *(p for one in results for p in one.parameters)),
        warnings=(*learned.warnings, *warnings, *lost),
    )
