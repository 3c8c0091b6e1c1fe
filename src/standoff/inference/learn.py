"""Learn from one record with the reduced-form twin: rivals compared, effects, channels, checks, sensitivity.

`learn` gives everything that the twin can say; what the game says is added by `with_game`. One seed, split by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from standoff.inference.believe import boxes
from standoff.inference.decompose import CHANNELS, decompose, longest_spell
from standoff.inference.importance import Gate, resample
from standoff.inference.learned import (
    ChannelResult,
    CheckResult,
    EffectResult,
    GateResult,
    Learned,
    ParameterResult,
    RivalResult,
    SensitivityResult,
)
from standoff.inference.outside_timing import outside_timing
from standoff.inference.predictive import Check, posterior_checks, prior_checks, prior_values, signal_gate
from standoff.inference.priors import interval
from standoff.inference.probe import weighted_quantiles
from standoff.inference.rivals import ALL, BASE, rival
from standoff.inference.twin import BlockFit, TwinFit, block, block_values, fit_twin
from standoff.inference.twin_data import TwinData
from standoff.inference.twin_effects import LEVERS, OUTCOMES, lever_effects
from standoff.inference.twin_scores import Scores, twin_scores

FloatArray = npt.NDArray[np.float64]
Progress = Callable[[str, int, int], None]

STRETCHES: Final = (0.5, 2.0)
RESCALED: Final = ("holder", "coercer", "force", "aid", "deaths")
DRAWS: Final = 400  # of the posterior, for effects and channels
PRIOR_DRAWS: Final = 300
UNITS: Final[Mapping[str, str]] = {
    "stance": "points of 100",
    "deal": "chance of a deal within eight weeks",
    "deaths": "weeks with deaths of hostages in eight",
}
SAYS: Final[Mapping[str, str]] = {
    "belief": "what signals taught the holder of the coercer",
    "conduct": "what signals made the coercer do: its terms, force, aid",
    "block": "domestic blocks, through the coercer's terms",
    "shock": "shocks to the holder and its allies, and deadlines",
    "convergence": "time alone, both sides' terms drifting",
}


def named(seed: int, *names: str) -> np.random.Generator:
    """Randomness of one named step: the root seed and the hash of its names."""
    words = hashlib.sha256("/".join(names).encode()).digest()
    return np.random.default_rng([seed, *np.frombuffer(words, dtype=np.uint32).tolist()])


class Lesson(NamedTuple):
    """What was learnt, and the posterior of the model of all together that most of it was read off."""

    learned: Learned
    everything: TwinFit


def learn(data: TwinData, case: str, seed: int, progress: Progress | None = None) -> Lesson:
    """Fit the twin of every rival to a record and say what it shows."""
    say = progress or (lambda phase, done, total: None)
    known: dict[tuple[str, tuple[int, ...]], BlockFit] = {}
    fits = fit_twin(data, seed, known=known, progress=lambda done, total: say("rivals", done, total))
    everything = fits[ALL]
    say("effects", 0, 1)
    drawn = posterior_values(everything, DRAWS, named(seed, "effects"))
    effects = twin_effects(data, everything, drawn, prior_values(PRIOR_DRAWS, named(seed, "prior effects")))
    say("channels", 0, 1)
    channels, interaction, expected, weeks = twin_channels(data, everything, drawn)
    say("assumptions", 0, 1)
    regions = boxes(data, drawn, named(seed, "assumptions"))
    scored = twin_scores(
        data, fits, seed, named(seed, "stacking"), lambda done, total: say("scores", done, total)
    )
    hanging = prior_sensitivity(data, fits, seed, lambda done, total: say("prior sensitivity", done, total))
    say("checks", 0, 1)
    checks = [c for name in fits for c in posterior_checks(data, fits[name], named(seed, "checks", name))]
    gate = signal_gate([c for c in checks if c.rival == ALL])
    say("outside timing", 0, 1)
    outside = outside_timing(data, seed, named(seed, "outside timing"))
    before = prior_checks(data, named(seed, "prior checks"))
    learned = Learned(
        case=case,
        quick=None,
        rivals=with_scores(twin_rivals(fits), scored),
        effects=effects,
        channels=channels,
        interaction=interaction,
        expected=expected,
        weeks=weeks,
        checks=tuple(map(told_check, (*before, *checks))),
        sensitivity=hanging,
        boxes=regions,
        parameters=twin_parameters(everything),
        signals_follow=told_gate(gate),
        warnings=twin_warnings(fits, gate),
        outside=outside,
    )
    return Lesson(learned, everything)


def posterior_values(fit: TwinFit, count: int, seed: np.random.Generator) -> dict[str, dict[str, FloatArray]]:
    """Values of every block at equally weighted draws: block -> name -> (count,)."""
    return {name: block_values(one, resample(one.draws, count, seed)) for name, one in fit.blocks.items()}


def twin_rivals(fits: Mapping[str, TwinFit]) -> tuple[RivalResult, ...]:
    """Marginal likelihoods and probabilities at equal prior odds; scores are added by `with_scores`."""
    evidence = np.array([fit.log_evidence for fit in fits.values()])
    chances = np.exp(evidence - logsumexp(evidence))
    return tuple(
        RivalResult(
            estimator="twin",
            name=name,
            says=rival(name).says,
            log_evidence=fit.log_evidence,
            log_evidence_error=fit.log_evidence_error,
            probability=float(chance),
            sign_probability=fit.sign_probability,
            elpd=None,
            elpd_error=None,
            behind=None,
            behind_error=None,
            stacking=None,
            failed=sum(one.draws.failed for one in fit.blocks.values()),
            passed=fit.passed,
            gates=tuple(map(told_gate, fit.gates)),
        )
        for (name, fit), chance in zip(fits.items(), chances, strict=True)
    )


def with_scores(rivals: Sequence[RivalResult], scored: Scores) -> tuple[RivalResult, ...]:
    """The rivals with leave-future-out scores and stacking weights beside their marginal likelihoods."""
    scores = {one.name: one for one in scored.scores}
    stacked = scored.stacked
    weights = {
        name: tuple(map(float, told))
        for name, *told in zip(stacked.names, stacked.stacking, stacked.low, stacked.high, strict=True)
    }

    def beside(one: RivalResult) -> RivalResult:
        score, gate = scores[one.name], told_gate(scored.gates[one.name])
        weight, low, high = weights[one.name]
        return replace(
            one,
            elpd=score.elpd,
            elpd_error=score.error,
            behind=score.difference,
            behind_error=score.difference_error,
            stacking=weight,
            stacking_low=low,
            stacking_high=high,
            passed=one.passed and gate.passed,
            gates=(*one.gates, gate),
        )

    return tuple(map(beside, rivals))


def prior_sensitivity(
    data: TwinData, fits: Mapping[str, TwinFit], seed: int, progress: Callable[[int, int], None]
) -> tuple[SensitivityResult, ...]:
    """Each rival's log marginal likelihood less the base's, with the prior scale of every effect halved and doubled."""
    above: dict[float, dict[str, float]] = {1.0: _above_base(fits)}
    for done, stretch in enumerate(STRETCHES):
        again = fit_twin(data, seed, stretch=stretch, only=RESCALED)
        fixed = {name: _others(fit) for name, fit in fits.items()}
        changed = {name: fit.log_evidence + fixed[name] for name, fit in again.items()}
        above[stretch] = {name: value - changed[BASE] for name, value in changed.items()}
        progress(done + 1, len(STRETCHES))
    return tuple(
        SensitivityResult(name, BASE, above[0.5][name], above[1.0][name], above[2.0][name])
        for name in fits
        if name != BASE
    )


def _above_base(fits: Mapping[str, TwinFit]) -> dict[str, float]:
    return {name: fit.log_evidence - fits[BASE].log_evidence for name, fit in fits.items()}


def _others(fit: TwinFit) -> float:
    """Log marginal likelihood of the blocks whose priors are not rescaled."""
    return sum(one.draws.log_evidence for name, one in fit.blocks.items() if name not in RESCALED)


def twin_effects(
    data: TwinData,
    fit: TwinFit,
    drawn: Mapping[str, Mapping[str, FloatArray]],
    before: Mapping[str, Mapping[str, FloatArray]],
) -> tuple[EffectResult, ...]:
    """Effect of every lever on every outcome at the posterior, beside the probability of its sign at the prior's draws
    ``before``."""
    found = []
    for one in LEVERS:
        after, prior = lever_effects(data, drawn, one), lever_effects(data, before, one)
        for outcome in OUTCOMES:
            values = after[outcome]
            if not np.all(np.isfinite(values)):
                continue
            low, high = weighted_quantiles(values, np.full(len(values), 1 / len(values)), (0.05, 0.95))
            found.append(
                EffectResult(
                    "twin", one.name, one.says, outcome, UNITS[outcome], float(values.mean()), low, high,
                    share_above(values), share_above(prior[outcome]), fit.passed,
                )
            )  # fmt: skip
    return tuple(found)


def share_above(values: FloatArray) -> float:
    """Share of draws above zero, draws at zero counted half."""
    return float(np.mean(values > 0) + 0.5 * np.mean(values == 0))


def twin_channels(
    data: TwinData, fit: TwinFit, drawn: Mapping[str, Mapping[str, FloatArray]]
) -> tuple[tuple[ChannelResult, ...], float, float, int]:
    """What each channel added to the longest spell; interaction and expected weeks beside them."""
    split = decompose(data, drawn, longest_spell(data))
    found = []
    for channel in CHANNELS:
        values = split.parts[channel]
        low, high = weighted_quantiles(values, np.full(len(values), 1 / len(values)), (0.05, 0.95))
        found.append(
            ChannelResult("twin", channel, SAYS[channel], float(values.mean()), low, high, fit.passed)
        )
    return tuple(found), float(split.interaction.mean()), float(split.expected.mean()), split.weeks


def twin_parameters(fit: TwinFit) -> tuple[ParameterResult, ...]:
    """Every free parameter of the model of all together, prior beside posterior."""
    found = []
    for name, one in fit.blocks.items():
        values = block_values(one, one.draws.z)
        for place in one.free:
            prior = block(name).priors[place]
            low, high = weighted_quantiles(values[prior.name], one.draws.weights, (0.05, 0.95))
            mean = float(np.sum(one.draws.weights * values[prior.name]))
            found.append(
                ParameterResult(
                    "twin", name, prior.name, prior.meaning, prior.unit, *interval(prior), mean, low, high
                )
            )
    return tuple(found)


def told_gate(gate: Gate) -> GateResult:
    return GateResult(gate.name, gate.passed, gate.detail)


def told_check(check: Check) -> CheckResult:
    observed, low, high = (None if np.isnan(x) else x for x in (check.observed, check.low, check.high))
    return CheckResult(
        check.rival, check.statistic, check.says, observed, low, high, check.passed, check.gate
    )


def twin_warnings(fits: Mapping[str, TwinFit], gate: Gate) -> tuple[str, ...]:
    """What failed, in words."""
    found = [
        f"The reduced form of {name} missed a gate ({gate.name}: {gate.detail}); its results are shown as failed."
        for name, fit in fits.items()
        for gate in fit.gates
        if not gate.passed
    ]
    if not gate.passed:
        found.append(
            f"The fitted signals do not follow events as the recorded ones do ({gate.detail}): no P of a signal can be used."
        )
    return tuple(found)


def with_warnings(learned: Learned, more: Sequence[str]) -> Learned:
    """The same with more warnings."""
    return replace(learned, warnings=(*learned.warnings, *more))
