"""The numbers of a standoff game: what is differentiated and estimated."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Number = Any  # a float, a numpy array or a traced JAX array; shapes are in the docstrings


class PrivatePressure(NamedTuple):
    """Pressure that only the coercer sees: it moves conduct, never directly the holder's belief.

    ``law`` (Z,) weekly probabilities of each level, the same for both types; ``level`` (Z,) intensity;
    ``penalty`` (2,) cost per unit of force and level, ``offer`` (2,) gain per generous offer and level (R, U).
    """

    law: Number
    level: Number
    penalty: Number
    offer: Number


class CredulityWear(NamedTuple):
    """Credulity worn down by contradiction: the update uses credulity * ``share[c]`` at credulity state c.

    ``share`` (C,) rising to 1 at full credulity; ``contradiction`` (Y,) chance in [0,1] that a signal lowers
    the state by one; ``mend`` chance that another week raises it by one.
    """

    share: Number
    contradiction: Number
    mend: Number


class HolderActs(NamedTuple):
    """What the holder does while it waits: act 0 is quiet; others are propaganda or provocation.

    ``cost`` (J,) flow cost; ``propaganda`` (J,) relative rise of the effect of harm on outside pressure;
    ``provocation`` (J,) harm added to the week; ``wear`` (J,) added weight on losing endurance.
    """

    cost: Number
    propaganda: Number
    provocation: Number
    wear: Number


class Patron(NamedTuple):
    """The patron as a third logit player that knows the coercer's type; the signal law is its habit.

    Chooses y with probability proportional to law_theta(y) exp(Q_theta(y)/noise). ``politics`` (2, Y) value of
    each signal at home by type (R, U); ``harm_cost`` per unit of harm; ``deal_value``; ``loss_cost`` per group
    lost; ``discount``; ``noise``.
    """

    politics: Number
    harm_cost: Number
    deal_value: Number
    loss_cost: Number
    discount: Number
    noise: Number


class PatronPolicy(NamedTuple):
    """The patron as an estimated policy: its signal law answers the state by a multinomial logit.

    log law_theta(y | s) = log law_theta(y) + ``pressure[y]`` k/(K-1) + ``lost[y]`` (share of groups lost)
    + ``block[y]`` d + ``endurance[y]`` e/(E-1), normalised. Each (Y,).
    """

    pressure: Number
    lost: Number
    block: Number
    endurance: Number


class Parameters(NamedTuple):
    """All numbers of the game; types are ordered (R restrained, U unrestrained) wherever a length is 2.

    Y signals, M levels of force, X offers; unit is the holder's or coercer's payoff unless it is a probability
    a week. The letter in brackets is the symbol of model.md. Options are None when off.
    """

    signal_law: Number  # (2, Y) probabilities of each signal by type [l]
    criticism: Number  # (Y,) how critical of the coercer each signal is [crit]
    drift: Number  # weekly probability that the type switches [sw]
    credulity: Number  # weight of the signal in the belief [kappa]
    discount_holder: Number  # [beta]
    noise_holder: Number  # logit scale [sH]
    offer_value: Number  # (X,) value of each offer to the holder [vx]
    give: Number  # cost of giving up the hostages [give]
    chip: Number  # share of the offer's value that shrinks with groups lost [chip]
    resume: Number  # (2,) chance that the coercer resumes after a deal [rho]
    resume_loss: Number  # [L]
    force_cost: Number  # (M,) weekly cost to the holder [cm]
    tired: Number  # extra share of that cost at no endurance [tired]
    pressure_value: Number  # weekly value of a level of outside pressure to the holder [g]
    aid_base: Number  # [aid0]
    aid_force: Number  # [aidm]
    aid_criticism: Number  # [aidK]
    aid_value: Number  # [ua]
    end_value: Number  # value to the holder of a forced end of the campaign [B]
    forced_end: Number  # (2,) weekly probability per level of outside pressure [omega]
    collapse_loss: Number  # [Lc]
    collapse: Number  # weekly probability at top force and no endurance [coll]
    discount_coercer: Number  # [bC]
    noise_coercer: Number  # logit scale [sC]
    holding_cost: Number  # weekly cost per group still held [q]
    hostage_value: Number  # per group [vh]
    offer_price: Number  # (X,) price of each offer to the coercer [px]
    force_value: Number  # (2,) weekly, per level of force [um]
    criticism_penalty: Number  # (2,) per level of force and unit of criticism [pen]
    pressure_penalty: Number  # (2,) per level of force and of outside pressure [penk]
    criticism_offer: Number  # (2,) per unit of generosity and of criticism [gen]
    end_loss: Number  # [lossF]
    win_value: Number  # [winC]
    endurance_up: Number  # [up]
    endurance_down: Number  # [dn]
    death_base: Number  # weekly probability that a group is lost [d0]
    death_force: Number  # and per level of force [dm]
    harm: Number  # (M,) [harm]
    harm_pressure: Number  # [prop]
    pressure_decay: Number  # [kdec]
    domestic: Number  # (2,) weekly Pr(0 -> 1), Pr(1 -> 0) of the domestic block [dom]
    block: Number  # cost of a unit of generosity while the block is on [block]
    force_level: Number  # (M,) intensity of each level of force [m]
    generosity: Number  # (X,) how generous each offer is, 0 to 1 [x]
    offer_guarantee: Number | None = None  # (X,) share of the risk of resumption that the offer removes
    aid_control: Number | None = None  # share of aid under the holder's control
    private: PrivatePressure | None = None
    wear: CredulityWear | None = None
    holder_acts: HolderActs | None = None
    patron: Patron | None = None
    patron_policy: PatronPolicy | None = None


def as_arrays(parameters: Parameters) -> Parameters:
    """The same numbers as float64 numpy arrays, whatever they were written as: one compiled program serves them all."""

    def plain(value: Any) -> Any:
        if value is None:
            return None
        if hasattr(value, "_fields"):
            return value._make(plain(part) for part in value)
        return np.asarray(value, dtype=np.float64)

    result: Parameters = plain(parameters)
    return result


def _array(*values: float) -> Number:
    return np.asarray(values, dtype=np.float64)


def baseline_parameters() -> Parameters:
    """The baseline of model.md section 2 (region A, waiting-dominant), as float64 numpy arrays."""
    return Parameters(
        signal_law=np.array([[0.14, 0.42, 0.26, 0.10, 0.08], [0.32, 0.42, 0.14, 0.10, 0.02]]),
        criticism=_array(0, 0, 1, 0.5, 1.6),
        drift=0.02,
        credulity=1.0,
        discount_holder=0.97,
        noise_holder=0.8,
        offer_value=_array(1.5, 5.0),
        give=3.5,
        chip=0.25,
        resume=_array(0.3, 0.3),
        resume_loss=6.0,
        force_cost=_array(0.02, 0.10, 0.25),
        tired=0.5,
        pressure_value=0.10,
        aid_base=0.6,
        aid_force=0.2,
        aid_criticism=0.0,
        aid_value=0.3,
        end_value=9.0,
        forced_end=_array(0.008, 0.0),
        collapse_loss=6.0,
        collapse=0.03,
        discount_coercer=0.98,
        noise_coercer=0.6,
        holding_cost=0.15,
        hostage_value=2.2,
        offer_price=_array(1.0, 4.0),
        force_value=_array(0.0, 0.15),
        criticism_penalty=_array(0.25, 0.05),
        pressure_penalty=_array(0.10, 0.02),
        criticism_offer=_array(0.0, 0.0),
        end_loss=3.0,
        win_value=3.0,
        endurance_up=0.55,
        endurance_down=0.28,
        death_base=0.006,
        death_force=0.020,
        harm=_array(0.2, 1.0, 2.5),
        harm_pressure=0.18,
        pressure_decay=0.15,
        domestic=_array(0.0, 0.0),
        block=6.0,
        force_level=_array(0, 1, 2),
        generosity=_array(0, 1),
    )


def region_parameters(region: str) -> Parameters:
    """Parameters of a named region: ``waiting`` (A), ``assurance`` (B), ``inert`` (0) or ``better-offers`` (C).

    Raises KeyError for another name. A, B and 0 are those of model.md section 2; C was found by search
    (docs/explanation/the-game.md): criticism pays the coercer for generous offers and shortens the standoff.
    """
    base = baseline_parameters()
    changes: dict[str, dict[str, Number]] = {
        "waiting": {},
        "assurance": {"resume": _array(0.10, 0.75), "forced_end": _array(0.002, 0.0), "give": 3.0},
        "inert": {
            "credulity": 0.0,
            "criticism_penalty": _array(0.0, 0.0),
            "signal_law": np.array([base.signal_law[1], base.signal_law[1]]),
        },
        "better-offers": {
            "criticism_offer": _array(1.5, 1.5),
            "offer_value": _array(1.0, 7.0),
            "offer_price": _array(1.0, 6.0),
            "credulity": 0.25,
        },
    }
    return base._replace(**changes[region])
