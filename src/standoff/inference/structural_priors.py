"""Priors of the standoff game as an estimated model, and what each rival frees; fixed before any fit to a shipped case.

Free is only what one record of a year or two can tell. Fixed, because it cannot (model.md, section 3): the discount
factors; both logit scales, which no record separates from the payoffs; the first belief, .5, and how much a signal
tells of the type, which no record separates from credulity; the mean weekly chance of a forced end, since such ends are too
rare to count, so that its value to the holder stands for it; the price of a generous offer to the coercer, which the
cutpoints of its stance absorb; how outside pressure restrains the two types and by how much less the unrestrained type answers
its patron. They stand at the baseline of model.md section 2 or where `structural.game_of` says.

A neutral value takes a term out of the game exactly. Sources: [standoff_game]; scales of effects as in the twin.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from standoff.inference.priors import Prior
from standoff.inference.rivals import Rival, Term

FloatArray = npt.NDArray[np.float64]


class Entry(NamedTuple):
    """A parameter of the game: its prior, the term that frees it (None: always free), the sign of the belief term with
    which it goes (0: any), and the value that takes it out of the game."""

    prior: Prior
    needs: Term | None
    sign: Literal[-1, 0, 1]
    neutral: float


_BASELINE = "the baseline of the game, and half as much again either way is credible"
_LEVEL = "a deal in a generous week has a chance of about 2 % at the centre, half a per cent to 8 % within one standard deviation"
_WEAK = "weak: fixes the scale and little else"
_EITHER = "either sign; one standard deviation moves the choice by about half a logit"
_ANSWER = "one record cannot tell more; kept within what a year of talks could show"
_GAME = "standoff_game"


def _free(
    name: str, meaning: str, location: float, scale: float, unit: str, reason: str, reference: str = ""
) -> Entry:
    return Entry(Prior(name, meaning, "identity", location, scale, unit, reason, reference), None, 0, 0.0)


def _positive(
    name: str, meaning: str, middle: float, scale: float, unit: str, reason: str, reference: str = ""
) -> Entry:
    """A positive parameter with median `middle` and standard deviation `scale` of its logarithm."""
    prior = Prior(name, meaning, "exp", float(np.log(middle)), scale, unit, reason, reference)
    return Entry(prior, None, 0, 0.0)


def _with(term: Term, entry: Entry, sign: Literal[-1, 0, 1] = 0) -> Entry:
    return entry._replace(needs=term, sign=sign)


_PAYOFF = "payoff"
_LOGITS = "logits"

_HOLDER: Final = (
    _free("give", "cost to the holder of giving up the hostages", 2.9, 1.5, _PAYOFF, _LEVEL),
    _positive("offer_value", "value to the holder of a generous offer", 5.0, 0.35, _PAYOFF, _BASELINE, _GAME),
    _free("holder_cut", "middle cutpoint of the holder's ordered stance", 5.5, 2.0, _LOGITS, _WEAK),
    _positive(
        "holder_spacing", "distance between cutpoints of the holder's stance", 1.2, 0.5, _LOGITS, _WEAK
    ),
    _free("holder_drift", "softening of the holder as a spell goes on", 0.0, 1.0, "logits a year", _EITHER),
)
_COERCER: Final = (
    _free("coercer_cut", "middle cutpoint of the coercer's ordered stance", 0.5, 2.0, _LOGITS, _WEAK),
    _positive(
        "coercer_spacing", "distance between cutpoints of the coercer's stance", 1.2, 0.5, _LOGITS, _WEAK
    ),
    _free(
        "coercer_drift",
        "more generous terms of the coercer as a spell goes on",
        0.0,
        1.0,
        "logits a year",
        _EITHER,
    ),
    _free(
        "force_value",
        "weekly value of a level of force to the restrained coercer",
        0.0,
        0.5,
        _PAYOFF,
        "either sign; allows any level of force to be the usual one",
        _GAME,
    ),
    _positive(
        "force_gap",
        "by how much an unrestrained coercer values a level of force more",
        0.15,
        0.5,
        _PAYOFF,
        _BASELINE,
        _GAME,
    ),
)
_PATRON: Final = (
    _free("restrain_level", "more criticism in every week than the game's law has", 0.0, 1.0, _LOGITS, _WEAK),
    _free("enable_level", "more support in every week than the game's law has", 0.0, 1.0, _LOGITS, _WEAK),
    _free("costly_level", "more arms withheld than the game's law has", 0.0, 1.0, _LOGITS, _WEAK),
    *(
        _free(f"{kind}_{cause}", f"more {said} {when}", 0.0, scale, _LOGITS, _ANSWER)
        for kind, said in (("restrain", "criticism"), ("enable", "support"))
        for cause, when, scale in (
            ("harm", "after a standard deviation more of harm", 0.7),
            ("stalled", "while talks are stalled", 0.7),
            ("stance", "for a level more in the holder's last demand", 0.5),
            ("calendar", "in weeks of the patron's own calendar", 0.7),
        )
    ),
    _free(
        "costly_harm",
        "more arms withheld after a standard deviation more of harm",
        0.0,
        0.7,
        _LOGITS,
        _ANSWER,
    ),
)
_DEATHS: Final = (
    _positive(
        "deaths",
        "weekly chance of a dated event in which hostages die, without force",
        0.02,
        0.8,
        "per week",
        "a few dated events a year; most deaths in captivity have no known day",
    ),
)
_BLOCK: Final = _with(
    "block",
    _positive(
        "block",
        "cost to the coercer of a generous offer while a domestic block stands",
        0.6,
        0.7,
        _PAYOFF,
        "one logit of its choice at the median, a quarter to four of them within two standard deviations",
    ),
)
_SHOCK: Final = _with(
    "shock",
    _free(
        "shock", "softening of the holder a unit of fading shocks or deadlines", 0.0, 0.7, _LOGITS, _EITHER
    ),
)
_BELIEF: Final = (
    _with(
        "belief",
        _positive(
            "credulity",
            "weight of a signal in the holder's belief",
            1.0,
            0.5,
            "1 = Bayes",
            "around full belief in what a signal tells; a third to three times within two standard deviations",
            _GAME,
        ),
    ),
    _with(
        "belief",
        _positive(
            "hope",
            "what hope of rescue is worth, 1 = the baseline's gap of forced ends times their value",
            1.5,
            0.5,
            "baselines",
            "the baseline is well inside; at twice the median belief moves the holder as much as assurance does at its own; far "
            "above it best replies cycle and the game has no solution that is found",
            _GAME,
        ),
        sign=1,
    ),
    _with(
        "belief",
        Entry(
            Prior(
                "assurance",
                "how far the types differ in the chance of resuming after a deal: .3 less and .3 more at 1",
                "logistic",
                0.0,
                1.0,
                "share",
                "a half at the median; 1 is about the assurance-dominant region of the game",
                _GAME,
            ),
            None,
            0,
            0.0,
        ),
        sign=-1,
    ),
)
_CONDUCT: Final = tuple(
    _with("conduct", entry)
    for entry in (
        _free(
            "penalty",
            "cost to the restrained coercer of a level of force under criticism",
            0.0,
            0.3,
            _PAYOFF,
            _EITHER,
        ),
        _free(
            "criticism_offer",
            "gain of the restrained coercer from a generous offer under criticism",
            0.0,
            0.4,
            _PAYOFF,
            _EITHER,
        ),
        _free(
            "aid_criticism",
            "more aid under criticism",
            0.0,
            0.1,
            "aid",
            "a sixth of usual aid for one criticism, either way",
        ),
        _free(
            "private_penalty",
            "cost to the restrained coercer of a level of force under private pressure",
            0.0,
            0.3,
            _PAYOFF,
            _EITHER,
        ),
        _free(
            "private_offer",
            "gain of the restrained coercer from a generous offer under private pressure",
            0.0,
            0.4,
            _PAYOFF,
            _EITHER,
        ),
    )
)
_FORCE: Final = tuple(
    _with("force", entry)
    for entry in (
        _free(
            "force_cost",
            "weekly cost to the holder of a major offensive over that of a pause",
            0.0,
            0.4,
            _PAYOFF,
            "either sign: force may soften or harden; the baseline's .25 is well inside",
        ),
        _positive(
            "tired",
            "extra share of all weekly costs with no endurance left",
            0.5,
            0.5,
            "share",
            _BASELINE,
            _GAME,
        ),
        _free(
            "aid_force",
            "less aid for a level of force",
            0.0,
            0.15,
            "aid",
            "a quarter of usual aid a level, either way",
        ),
        _positive(
            "deaths_force",
            "more of the weekly chance of a dated event in which hostages die, a level of force",
            0.02,
            0.8,
            "per week",
            "as much again a level as without force, a fifth to five times that within two standard deviations",
        ),
        _free(
            "aid_value",
            "weekly value of aid to the holder",
            0.3,
            0.2,
            "payoff a unit",
            "the baseline, and none or twice as much are credible",
            _GAME,
        )._replace(neutral=0.3),
    )
)

ENTRIES: Final[tuple[Entry, ...]] = (
    *_HOLDER, *_COERCER, *_PATRON, *_DEATHS, _BLOCK, _SHOCK, *_BELIEF, *_CONDUCT, *_FORCE
)  # fmt: skip
PRIORS: Final[tuple[Prior, ...]] = tuple(entry.prior for entry in ENTRIES)
NAMES: Final[tuple[str, ...]] = tuple(prior.name for prior in PRIORS)


def is_free(entry: Entry, rival: Rival) -> bool:
    """Whether a rival frees a parameter: M3 has hope and no assurance, M4 the reverse, M7 both, so that its sign is open."""
    if entry.needs is None:
        return True
    return entry.needs in rival.terms and (entry.sign == 0 or rival.sign in (0, entry.sign))


def free_places(rival: Rival) -> npt.NDArray[np.int64]:
    """Places among PRIORS of the parameters that a rival frees, (D,)."""
    return np.flatnonzero([is_free(entry, rival) for entry in ENTRIES])


def neutral_values() -> FloatArray:
    """Values (P,) at which each parameter is out of the game; of no meaning for those that are always free."""
    return np.array([entry.neutral for entry in ENTRIES])
