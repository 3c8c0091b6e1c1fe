"""The war of attrition with durations in the catalogue: one contest solved and simulated; fitted to tables of contests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from standoff.games.catalogue import Equation, Game, numbers_of
from standoff.games.checks import number, settle
from standoff.games.draws import Simulated, counted, mean_of
from standoff.games.solved import Check, Quantity, Solved

if TYPE_CHECKING:
    from standoff.games.attrition_duration import Contest
    from standoff.games.estimation.fit import Fit
    from standoff.games.estimation.table import Table
    from standoff.games.fitting import Request

LONG = 1e6
GAP = 1e-9


@dataclass(frozen=True, slots=True)
class AttritionDuration:
    """Numbers of one contest; GamesError with every mistake."""

    rate_1: float = number(
        0.15, "(0, inf)", "kappa1", "rate, above eta, at which side 1 gives in before the horizon"
    )
    rate_2: float = number(0.13, "(0, inf)", "kappa2", "the same for side 2")
    obstinate_1: float = number(0.05, "(0, 1)", "z1", "chance that side 1 is obstinate")
    obstinate_2: float = number(0.1, "(0, 1)", "z2", "chance that side 2 is obstinate")
    outside: float = number(
        0.0, "[0, inf)", "eta", "rate at which a side gives in for reasons outside the contest"
    )

    game: ClassVar[str] = "attrition-duration"

    def __post_init__(self) -> None:
        settle(self)


def contest(model: AttritionDuration) -> Contest:
    """The model as arrays."""
    import jax.numpy as jnp

    from standoff.games.attrition_duration import Contest
    from standoff.games.precision import use_float64

    use_float64()
    one = [jnp.asarray(x) for x in numbers_of(model).values()]
    return Contest((one[0], one[1]), (one[2], one[3]), one[4])


def solution(model: AttritionDuration) -> Solved:
    """Horizon, who is weak and gives in at once, who gives in first, and the check that the chances add up."""
    import jax.numpy as jnp

    from standoff.games.attrition_duration import chance_within, outlook, reputation, shape

    one = contest(model)
    made, seen = shape(one), outlook(one)
    horizon = float(made.horizon)
    half, nought, long = (jnp.asarray(share * horizon) for share in (0.5, 0.0, LONG))
    last = jnp.asarray(horizon * (1 - 1e-12))
    quantities = [
        Quantity("horizon", horizon, "T0, when only the obstinate are left", "periods"),
        *(Quantity(f"{i + 1} gives in at once", float(seen.at_once[i]), f"chance 1 - c_{i + 1}") for i in (0, 1)),
        *(Quantity(f"{i + 1} gives in first", float(seen.first[i]), f"chance that side {i + 1} ends it") for i in (0, 1)),
        Quantity("never", float(seen.never), "chance that neither ever gives in"),
        *(
            Quantity(f"belief in {i + 1} half way", float(reputation(one, made, i, half)), "reputation at T0 / 2")
            for i in (0, 1)
        ),
    ]  # fmt: skip
    total = sum(float(chance_within(one, made, i, nought, long)) for i in (0, 1)) + float(seen.never)
    ends = [abs(float(reputation(one, made, i, last)) - 1.0) for i in (0, 1)]
    checks = (
        Check("chances add up to one", abs(total - 1.0)),
        Check("both are sure of the other at the horizon", max(ends)),
        Check("only one gives in at once", min(float(x) for x in seen.at_once)),
    )
    weak = (
        "neither side gives" if max(seen.at_once) < GAP else f"side {int(np.argmax(seen.at_once)) + 1} gives"
    )
    sentence = f"After {horizon:.4g} periods only the obstinate are left; {weak} in at once with a chance of {float(max(seen.at_once)):.4g}."
    return Solved(model.game, numbers_of(model), tuple(quantities), checks, (), sentence)


def simulation(model: AttritionDuration, plays: int, seed: int) -> Simulated:
    """So many contests, followed for a long time."""
    from standoff.games.attrition_duration import outlook, simulate

    one = contest(model)
    drawn, seen = simulate(one, counted(plays), np.inf, 1e-9, seed), outlook(one)
    means = {
        f"{side} gives in first": mean_of((drawn.gave_in == side).astype(float), float(seen.first[side - 1]))
        for side in (1, 2)
    }
    means["never"] = mean_of((drawn.gave_in == 0).astype(float), float(seen.never))
    return Simulated(plays, seed, means)


def fit(table: Table, request: Request, _: str) -> Fit:
    """Fit to rows of contests; ``request.outcome`` names the columns of durations and of who gave in, "duration + gave_in"."""
    from standoff.games.fitting import fit as fit_by_name

    return fit_by_name("attrition-duration", table, request)


MEANINGS: dict[str, str] = {
    "rate_1": "ln kappa_1, the rate at which side 1 gives in while it is in doubt",
    "rate_2": "ln kappa_2, the same for side 2",
    "obstinate_1": "logit z_1, the chance that side 1 is obstinate",
    "obstinate_2": "logit z_2, the same for side 2",
    "outside": "ln eta, the rate of giving in for outside reasons (0: never)",
    "unseen": "ln sigma, the spread of what the sides know and the data do not (0: nothing)",
}

GAME: Any = Game(
    name="attrition-duration",
    setting=(
        "Two sides hold out against each other; each may be obstinate. A side that is not pretends to be and gives in at "
        "random, so that the other keeps guessing, until at one moment only the obstinate are left. Data: how long contests "
        "lasted and who gave in, or that nobody had yet."
    ),
    sources=("abreu_gul_2000", "boehmke_2020"),
    model=AttritionDuration,
    solution=solution,
    simulation=simulation,
    equations=tuple(Equation(name, meaning) for name, meaning in MEANINGS.items()),
    fit=fit,
)
