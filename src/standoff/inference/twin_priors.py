"""Priors of the reduced-form twin, fixed before any fit to a shipped case; docs/explanation/priors.md prints them.

Coefficients are in logits of the ordered stance. One level of permanence is about 1.5 to 2 logits under these
cutpoints, so a standard deviation of .7 a unit allows one unit of a cause to move a stance by about half a level, either way,
and twice that is still credible. No effect has a prior sign, except where a rival is defined by one.
"""

from __future__ import annotations

from typing import Final

from standoff.inference.priors import Prior
from standoff.inference.rivals import Term

Entry = tuple[Prior, tuple[Term, ...]]  # freed by any of these terms; always free where there is none

_EFFECT = "either sign; a unit moves a stance by half a level at one standard deviation"
_SIZE = "either sign; one act moves a stance by about a level, the size that claims declare, at one standard deviation"
_SMALL = "a departure from what the news of the signal says, either sign"
_WEAK = "weak: fixes the scale and little else"
_ONE_RECORD = "one record cannot tell more; kept within what a year of talks could show"


def _free(
    name: str,
    meaning: str,
    scale: float = 0.7,
    unit: str = "logits",
    reason: str = _EFFECT,
    location: float = 0.0,
) -> Prior:
    return Prior(name, meaning, "identity", location, scale, unit, reason)


def _positive(
    name: str, meaning: str, location: float, scale: float, unit: str, reason: str = _WEAK
) -> Prior:
    return Prior(name, meaning, "exp", location, scale, unit, reason)


def _cuts(steps: int) -> tuple[Entry, ...]:
    first = _free("cut", "log-odds of the lowest level at softness zero", 1.5, reason=_WEAK, location=-3.0)
    rest = [
        _positive(f"step{i}", f"distance from cutpoint {i} to the next", 0.2, 0.6, "logits")
        for i in range(1, steps)
    ]
    return ((first, ()), *((step, ()) for step in rest))


_RESIDUAL: Final[tuple[Entry, ...]] = (
    (
        _positive(
            "spread", "stationary standard deviation of what nothing recorded explains", 0.0, 0.5, "logits"
        ),
        (),
    ),
    (
        Prior(
            "persistence",
            "share of it that is left after a week",
            "logistic",
            1.4,
            0.8,
            "share",
            "stances stand for weeks: half-lives from one to ten weeks are credible",
        ),
        (),
    ),
)

HOLDER: Final[tuple[Entry, ...]] = (
    *_cuts(5),
    (_free("drift", "softening a year as a spell goes on (convergence)", 1.0, "logits a year"), ()),
    *_RESIDUAL,
    (_free("terms", "softening for a level more in the coercer's terms"), ()),
    (
        _positive("deal_softness", "rise of the log hazard of a deal with softness", -0.9, 0.5, "per logit"),
        (),
    ),
    (_free("deal", "log weekly hazard of a deal at softness zero", 0.8, "log", _WEAK, -4.0), ()),
    (_free("shock", "softening a unit of fading shocks to the holder or deadlines"), ("shock",)),
    (_free("news", "softening a unit of news that the coercer is unrestrained"), ("belief",)),
    (_free("criticism", "softening for public criticism beside its news", 0.3, reason=_SMALL), ("kinds",)),
    (_free("support", "softening for support beside its news", 0.3, reason=_SMALL), ("kinds",)),
    (_free("costly", "softening for arms withheld beside its news", 0.3, reason=_SMALL), ("kinds",)),
    (_free("force", "softening a level of military pressure"), ("force", "conduct")),
    (_free("aid", "softening a standard deviation of aid", 0.5), ("force", "conduct")),
    (_free("endurance", "softening a level of endurance", 0.5), ("force",)),
    (_free("probe", "softening after the signal that a claim's part names", 1.4, reason=_SIZE), ()),
    (_free("control", "softening after either kind of a contrast", 1.4, reason=_SIZE), ()),
)

COERCER: Final[tuple[Entry, ...]] = (
    *_cuts(5),
    (_free("drift", "more generous terms a year as a spell goes on", 1.0, "logits a year"), ()),
    *_RESIDUAL,
    (_free("answer", "more generous terms for a level less in the holder's last demand", 0.5), ()),
    (_free("block", "harder terms while a domestic block stands"), ("block",)),
    (_free("criticism", "more generous terms for public criticism", 0.5), ("conduct",)),
    (_free("support", "more generous terms for support", 0.5), ("conduct",)),
    (_free("costly", "more generous terms for arms withheld", 0.5), ("conduct",)),
    (_free("private", "more generous terms for private pressure", 0.5), ("conduct",)),
    (_free("probe", "more generous terms after the signal that a claim's part names", 1.4, reason=_SIZE), ()),
    (_free("control", "more generous terms after either kind of a contrast", 1.4, reason=_SIZE), ()),
)

FORCE: Final[tuple[Entry, ...]] = (
    (_free("cut", "log-odds of no force at push zero", 1.0, reason=_WEAK, location=-1.5), ()),
    (_positive("step1", "distance to the next cutpoint", 1.1, 0.5, "logits"), ()),
    (
        _positive(
            "persistence", "pull of last week's level", 1.0, 0.5, "logits", "operations last for weeks"
        ),
        (),
    ),
    (_free("outside", "push of outside pressure", 0.5), ()),
    (_free("criticism", "push of public criticism", 0.5), ("conduct",)),
    (_free("support", "push of support", 0.5), ("conduct",)),
    (_free("costly", "push of arms withheld", 0.5), ("conduct",)),
    (_free("private", "push of private pressure", 0.5), ("conduct",)),
)

AID: Final[tuple[Entry, ...]] = (
    (_free("level", "mean of aid at all else zero", 0.5, "standard deviations", _WEAK), ()),
    (Prior("persistence", "share of last week's aid", "logistic", 0.7, 0.8, "share", _WEAK), ()),
    (_positive("noise", "week's noise of aid", -0.7, 0.5, "standard deviations"), ()),
    (_free("force", "change of aid a level of military pressure", 0.4, "standard deviations"), ()),
    (_free("criticism", "change of aid for public criticism", 0.3, "standard deviations"), ("conduct",)),
    (_free("costly", "change of aid for arms withheld", 0.3, "standard deviations"), ("conduct",)),
    (_free("private", "change of aid for private pressure", 0.3, "standard deviations"), ("conduct",)),
)


def _signal(kind: str, said: str) -> tuple[Entry, ...]:
    return (
        (
            _free(f"{kind}_level", f"log-odds of {said} in a quiet week", 1.0, reason=_WEAK, location=-0.5),
            (),
        ),
        (_free(f"{kind}_lag", f"more of {said} the week after", 0.7, reason=_ONE_RECORD), ()),
        (
            _free(
                f"{kind}_harm", f"more of {said} after a standard deviation of harm", 0.7, reason=_ONE_RECORD
            ),
            (),
        ),
        (_free(f"{kind}_stalled", f"more of {said} after a refusal", 0.7, reason=_ONE_RECORD), ()),
        (
            _free(
                f"{kind}_stance",
                f"more of {said} for a level more in the holder's last demand",
                0.5,
                reason=_ONE_RECORD,
            ),
            (),
        ),
        (
            _free(
                f"{kind}_calendar",
                f"more of {said} in weeks of the patron's own calendar",
                0.7,
                reason=_ONE_RECORD,
            ),
            (),
        ),
    )


SIGNALS: Final[tuple[Entry, ...]] = (
    *_signal("restrain", "restraint asked in public"),
    *_signal("enable", "support in public"),
    (
        _free(
            "costly_level",
            "log-odds that restraint comes with arms withheld",
            1.0,
            reason=_WEAK,
            location=-2.0,
        ),
        (),
    ),
    (_free("costly_harm", "and after a standard deviation of harm", 0.7, reason=_ONE_RECORD), ()),
    (
        _free("private_level", "log-odds of private pressure in a week", 1.0, reason=_WEAK, location=-1.5),
        (),
    ),
    (_free("private_harm", "and after a standard deviation of harm", 0.7, reason=_ONE_RECORD), ()),
)

DEATHS: Final[tuple[Entry, ...]] = (
    (_free("level", "log weekly hazard that hostages die on bounded days", 1.0, "log", _WEAK, -3.5), ()),
    (_free("force", "rise a level of military pressure", 0.7, "log"), ("force",)),
)

ENDS: Final[tuple[Entry, ...]] = (
    (
        _positive(
            "rate",
            "weekly rate of a forced end or collapse",
            -5.0,
            1.0,
            "per week",
            "rare: none to three in a war",
        ),
        (),
    ),
)
