"""Made-up results of models for the made-up case: every kind once, quick, failed and missing among them."""

from __future__ import annotations

from dataclasses import replace

from standoff.claims.posterior import with_game
from standoff.claims.results import (
    Assessment,
    Gate,
    Interval,
    ModelPower,
    PosteriorResult,
    RivalWeight,
    RowInfluence,
)
from standoff.inference.learned import (
    BoxResult,
    ChannelResult,
    CheckResult,
    EffectResult,
    Estimator,
    GateResult,
    InformedResult,
    Learned,
    OutsideTiming,
    ParameterResult,
    RivalResult,
    SensitivityResult,
    TakenPrior,
)

K = GateResult("Pareto k", True, "0.31, must be below 0.7")
SAYS = {
    "M0": "nothing but time",
    "M1": "domestic blocks",
    "M2": "shocks",
    "M12": "both; the base of all below",
    "M7": "all together",
}


def rivals() -> tuple[RivalResult, ...]:
    """Five rivals by the reduced form with scores, two by the game without; one fit of each failed a gate."""
    weights = {"M0": 0.02, "M1": 0.11, "M2": 0.09, "M12": 0.63, "M7": 0.15}
    twin = [
        RivalResult(
            "twin", name, SAYS[name], -210.0 - 6 * k, 0.04, weights[name], 1.0 if name != "M7" else 0.8, -180.0 - 3 * k, 9.0,
            -3.0 * k, 1.5 * k, 1 / 5, 0, name != "M2", (K if name != "M2" else GateResult("Pareto k", False, "0.84, must be below 0.7"),),
            0.03, 0.47,
        )
        for k, name in enumerate(("M12", "M1", "M7", "M2", "M0"))
    ]  # fmt: skip
    game = [
        RivalResult("game", "M12", SAYS["M12"], -215.0, 0.3, 0.31, 1.0, None, None, None, None, None, 0, True, (K,)),
        RivalResult("game", "M7", SAYS["M7"], -214.2, 0.5, 0.69, 1.0, None, None, None, None, None, 3, False, (GateResult("effective draws", False, "212, must be at least 400"),)),
    ]  # fmt: skip
    return (*twin, *game)


def effects() -> tuple[EffectResult, ...]:
    """Two levers by both forms, one by the reduced form alone; on the first the two disagree."""
    units = {"stance": "points of 100", "deal": "chance of a deal within eight weeks", "deaths": "weeks with deaths of hostages in eight"}  # fmt: skip
    plan: list[tuple[Estimator, str, float, float, bool]] = [
        ("twin", "public-criticism", 4.0, 0.91, True),
        ("game", "public-criticism", -2.0, 0.35, False),
        ("twin", "pressure", -3.0, 0.2, True),
        ("game", "pressure", -1.5, 0.3, True),
        ("twin", "aid-closure", 0.5, 0.55, True),
    ]
    scale = {"stance": 1.0, "deal": 0.02, "deaths": 0.1}
    return tuple(
        EffectResult(
            who, lever, f"four weeks of {lever}", outcome, units[outcome], mean * scale[outcome], (mean - 5) * scale[outcome],  # type: ignore[arg-type]
            (mean + 5) * scale[outcome], higher, 0.5, passed,
        )
        for who, lever, mean, higher, passed in plan
        for outcome in ("stance", "deal", "deaths")
    )  # fmt: skip


def outside() -> tuple[OutsideTiming, ...]:
    """The calendar as outside timing: told for one side, not for the other."""
    few = GateResult("strength of the calendar behind signals", False, "F = 3.1, must be at least 10")
    return (
        OutsideTiming("holder", 70, 22, 0.45, 0.1, 20.2, 1.5, -0.4, 3.6, 3.4, -1.0, 9.1, 0.91, True, (K, K)),
        OutsideTiming("coercer", 70, 22, 0.2, 0.11, 3.1, -0.5, -2.0, 1.1, None, None, None, None, False, (K, few)),
    )  # fmt: skip


def informed() -> InformedResult:
    """Priors from elsewhere: one taken, two rivals, one of them from a failed fit, one effect."""
    taken = TakenPrior(
        "holder", "news", "softening a unit of news", "logits", -1.15, 1.15, 0.27, 0.93, "both softened"
    )
    rivals = tuple(
        replace(one, probability=p, passed=one.name != "M1")
        for one, p in zip(rivals_of_twin()[:2], (0.3, 0.7), strict=True)
    )
    return InformedResult("two earlier standoffs", "file", 2.0, (taken,), rivals, effects()[:3])


def rivals_of_twin() -> tuple[RivalResult, ...]:
    return tuple(one for one in rivals() if one.estimator == "twin")


def learned(quick: bool | None = True) -> Learned:
    """Everything once; without the game where ``quick`` is None."""
    channels = tuple(
        ChannelResult("twin", name, f"through {name}", mean, mean - 3, mean + 3, True)
        for name, mean in (
            ("belief", 4.0),
            ("conduct", -1.0),
            ("block", 6.5),
            ("shock", 0.0),
            ("convergence", -2.0),
        )
    )
    checks = tuple(
        CheckResult(rival, name, says, seen, low, high, passed, gate)
        for rival in ("prior", "M12", "M7")
        for name, says, seen, low, high, passed, gate in (
            ("criticism-after-harm", "restraint more often after harm", 0.21, -0.1, 0.4, True, True),
            ("holder-spread", "spread of the holder's levels", 31.0, 12.0, 29.0, rival == "prior", False),
            ("coercer-blocked", "the coercer's level under a block", None, None, None, True, False),
        )
    )
    whole = Learned(
        case="made-up",
        quick=quick,
        rivals=rivals(),
        effects=effects(),
        channels=channels,
        interaction=-1.25,
        expected=21.4,
        weeks=34,
        checks=checks,
        sensitivity=(
            SensitivityResult("M7", "M12", 0.4, -1.2, -3.0),
            SensitivityResult("M0", "M12", -20.0, -24.0, -30.0),
        ),
        boxes=(
            BoxResult("public-criticism", "+", "The holder's belief moves at least twice as much on a public rebuke as on conduct.", 0.82, 0.41, 0.2, 0.12),
            BoxResult("pressure", "-", "Almost no assumption that the priors allow makes the stance lower by 10 points.", 0.0, 0.0, 0.01, 0.0),
        ),
        parameters=(
            ParameterResult("twin", "holder", "news", "softening a unit of news", "logits", -1.2, 1.2, 0.3, -0.4, 0.9),
            ParameterResult("twin", "holder", "force", "softening a level of pressure", "logits", -1.2, 1.2, -0.1, -0.8, 0.6),
            ParameterResult("game", "payoffs", "rent", "what a week of waiting gives", "stakes", 0.1, 2.0, 0.8, 0.2, 1.7),
        ),
        signals_follow=GateResult("signals follow events", True, "within the 95% predictive intervals"),
        outside=outside(),
        warnings=("The reduced form of M2 missed a gate (Pareto k: 0.84); its results are shown as failed.",),
    )  # fmt: skip
    if quick is not None:
        return whole
    return replace(
        whole,
        rivals=tuple(one for one in whole.rivals if one.estimator == "twin"),
        effects=tuple(one for one in whole.effects if one.estimator == "twin"),
        parameters=tuple(one for one in whole.parameters if one.estimator == "twin"),
    )


def posterior(passed: bool = True) -> PosteriorResult:
    """P by the reduced form alone, with rows that it hangs on; ``passed``: whether its gates are."""
    power = ModelPower(60, 0.34, 0.31, 0.05, 0.07, 0.02, 0.03, 0.02, 3.4)
    rows = (
        RowInfluence("E004", 0.71, -0.22),
        RowInfluence("P002", 0.97, 0.04),
        RowInfluence("E007", None, None),
    )
    gate = Gate(
        "effective draws behind P", passed, "1,204, must be at least 400" if passed else "180, must be at least 400"
    )  # fmt: skip
    return PosteriorResult(
        0.93, 0.5, None, False, 0.93, 5.5, Interval(-0.5, 11.0, 0.9), 1.4, "terms", (gate,), rows, power, "Said in words."
    )  # fmt: skip


def weights() -> tuple[RivalWeight, ...]:
    """A claim's own rival against three others: for it, against it from a failed fit, and turning with the prior."""
    return (
        RivalWeight(("M1",), "M0", 1.4, 0.05, 1.1, 1.7, 0.96, True),
        RivalWeight(("M1",), "M2", -0.75, 0.04, -1.3, -0.6, 0.15, False),
        RivalWeight(("M1",), "M7", 0.05, 0.04, -0.6, 0.7, 0.53, True),
    )


def with_models(plain: Assessment) -> Assessment:
    """The assessment with a P on each part that has an order test: by both forms, by one alone, failed, on opposite sides."""
    both = with_game(posterior(), 0.88, True, (Gate("the game's fit", True, "passed"),))
    across = with_game(posterior(), 0.31, True, (Gate("the game's fit", False, "a gate of the game's fit failed"),))  # fmt: skip
    turns = iter((both, posterior(passed=False), across, posterior()))
    claims = tuple(
        replace(
            claim,
            rivals=weights() if claim.id == plain.claims[0].id else (),
            parts=tuple(
                replace(part, posterior=next(turns)) if part.order is not None else part
                for part in claim.parts
            ),
        )
        for claim in plain.claims
    )
    return replace(plain, claims=claims)
