"""The statistical ultimatum game (Ramsay and Signorino 2009).

Player 1 offers y of a prize, from ``low`` to ``high`` Q; player 2 takes it or leaves it. Reservation values are private,
R_i = X_i b_i + s_i e_i with logistic e_i. Player 2 accepts iff y >= R_2, so with F the logistic distribution
P(accept | y) = F(g), g = (y - X_2 b_2) / s_2. Player 1 maximises F(g)(Q - y) + (1 - F(g)) R_1; the first-order condition
makes R_1 a falling function of the offer,

    R_1 = Q - y - s_2 (1 + exp g),        dR_1 / dy = -(1 + exp g),

so an offer between the bounds has density f((R_1(y) - X_1 b_1) / s_1) (1 + exp g) / s_1, the highest offer has chance
F((R_1(Q) - X_1 b_1) / s_1), the lowest F(-(R_1(low) - X_1 b_1) / s_1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.special import wrightomega

from standoff.errors import Mistake, SettingsError
from standoff.games.estimation.errors import refuse
from standoff.games.estimation.estimate import estimate
from standoff.games.estimation.fit import Fit, Predicted
from standoff.games.estimation.formulas import CONSTANT, Design, designs
from standoff.games.estimation.indices import IndexData, contributions_of, derivatives_of
from standoff.games.estimation.maximise import Array, Start
from standoff.games.estimation.model import Model
from standoff.games.estimation.penalty import PenaltyName
from standoff.games.estimation.table import SHOWN, Table, groups_of
from standoff.games.precision import use_float64

EQUATIONS = (("R1", "player 1's reservation value"), ("R2", "player 2's reservation value"))
SCALES = ("log s1", "log s2")
TOUCH = 1e-8  # an offer so near a bound is at it


class Play(NamedTuple):
    """What a row saw: offer, acceptance, the bounds, and the logs of scales that are given and not estimated."""

    offer: Array
    accept: Array
    low: Array
    high: Array
    log_s1: Array
    log_s2: Array


def offer_row(v: Array, play: Play) -> Array:
    """Log-likelihood of an offer at indices (X_1 b_1, X_2 b_2, log s_1, log s_2)."""
    s1, s2 = jnp.exp(v[2] + play.log_s1), jnp.exp(v[3] + play.log_s2)
    g = (play.offer - v[1]) / s2
    z = (play.high - play.offer - s2 * (1 + jnp.exp(g)) - v[0]) / s1
    inside = jax.nn.log_sigmoid(z) + jax.nn.log_sigmoid(-z) - jnp.log(s1) + jax.nn.softplus(g)
    at_low, at_high = play.offer <= play.low + TOUCH, play.offer >= play.high - TOUCH
    return jnp.where(at_low, jax.nn.log_sigmoid(-z), jnp.where(at_high, jax.nn.log_sigmoid(z), inside))


def both_row(v: Array, play: Play) -> Array:
    """Log-likelihood of an offer and of what was answered."""
    g = (play.offer - v[1]) / jnp.exp(v[3] + play.log_s2)
    return offer_row(v, play) + jax.nn.log_sigmoid(jnp.where(play.accept > 0, g, -g))


def fit_ultimatum(
    table: Table,
    formulas: Mapping[str, str],
    outcome: str,
    *,
    high: float,
    low: float = 0.0,
    s1: float | None = None,
    s2: float | None = None,
    cluster: str | None = None,
    drop_missing: bool = False,
    starts: int = 4,
    seed: int = 0,
    bootstraps: int = 0,
    penalty: PenaltyName | None = None,
    also: Sequence[str] = (),
    told: Callable[[int, int], None] | None = None,
) -> Fit:
    """Fit the ultimatum game to the rows of a table.

    ``formulas`` of R1 and R2; ``outcome`` names the columns "offer + accept", or "offer" where answers were not seen
    (R2 then is what player 1 expects); ``low`` and ``high`` bound the offers, in the unit of the offer; ``s1`` and
    ``s2`` fix a scale (same unit), which is estimated where None. Raises EstimationError with every mistake.
    """
    model = ultimatum_model(
        table,
        formulas,
        outcome,
        high=high,
        low=low,
        s1=s1,
        s2=s2,
        cluster=cluster,
        drop_missing=drop_missing,
        also=also,
    )
    return estimate(model, starts=starts, seed=seed, bootstraps=bootstraps, penalty=penalty, told=told)


def ultimatum_model(
    table: Table, formulas: Mapping[str, str], outcome: str, *, high: float, low: float = 0.0, s1: float | None = None,
    s2: float | None = None, cluster: str | None = None, drop_missing: bool = False, also: Sequence[str] = (),
) -> Model:  # fmt: skip
    """The ultimatum game on data, checked."""
    use_float64()
    _check_numbers(high, low, s1, s2)
    columns = [part.strip() for part in outcome.split("+")]
    if len(columns) not in (1, 2) or not all(columns):
        refuse("outcome", [Mistake("", 0, 0, "outcome", f"outcome {outcome!r} is not offer + accept", "it names two columns, or one", 'write "offer + accept" or "offer"')])  # fmt: skip
    needed = [*columns, *([cluster] if cluster else []), *also]
    made, kept, dropped = designs(
        table, formulas, [name for name, _ in EQUATIONS], also=needed, drop_missing=drop_missing
    )
    offer, accept = _responses(kept, columns, low, high)
    matrices = [
        made["R1"].matrix,
        made["R2"].matrix,
        *(np.ones((kept.rows, int(s is None))) for s in (s1, s2)),
    ]
    names = [f"{one.equation}:{column}" for one in made.values() for column in one.names]
    names += [name for name, fixed in zip(SCALES, (s1, s2), strict=True) if fixed is None]
    given = [np.full(kept.rows, x) for x in (low, high, math.log(s1 or 1.0), math.log(s2 or 1.0))]
    response = Play(jnp.asarray(offer), jnp.asarray(accept), *(jnp.asarray(x) for x in given))
    row = both_row if len(columns) == 2 else offer_row
    scales = np.concatenate([x.std(axis=0) for x in matrices])
    return Model(
        game="ultimatum", estimator="logistic reservation values, " + ("offers and answers" if len(columns) == 2 else "offers alone"),
        names=tuple(names), contributions=contributions_of(row),
        data=IndexData(tuple(jnp.asarray(x) for x in matrices), response), rows=kept.rows,
        starts=tuple(_start(made, high - low, s1 is None, s2 is None, share) for share in (5.0, 2.0)),
        scales=scales, formulas={name: one.formula for name, one in made.items()}, table=kept.name, dropped=dropped,
        derivatives=derivatives_of(row), predictor=partial(_predict, tuple(made.values()), low, high, s1, s2),
        clusters=groups_of(kept, cluster), lines=kept.lines,
    )  # fmt: skip


def _check_numbers(high: float, low: float, s1: float | None, s2: float | None) -> None:
    if not (math.isfinite(high) and math.isfinite(low) and low < high):
        raise SettingsError(f"offers from {low:g} to {high:g} cannot be", "the highest offer is above the lowest", "give --max-offer above --min-offer")  # fmt: skip
    for name, value in (("s1", s1), ("s2", s2)):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise SettingsError(f"{name} = {value:g} is not a scale", "a scale is positive", "leave it out to estimate it")  # fmt: skip


def _responses(
    table: Table, columns: Sequence[str], low: float, high: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    refuse(table.name, [m for column in columns for m in table.number_mistakes(column)])
    offer = table.numbers(columns[0])
    accept = table.numbers(columns[1]) if len(columns) == 2 else np.ones(table.rows)
    mistakes = []
    outside = np.flatnonzero((offer < low - TOUCH) | (offer > high + TOUCH))
    for i in outside[:SHOWN]:
        what = f"`{columns[0]}` is {offer[i]:g}, outside {low:g} to {high:g}"
        mistakes.append(Mistake(*table.place(columns[0], int(i)), "not-an-offer", what, "an offer is a share of the prize", "mend the cell or the bounds"))  # fmt: skip
    for i in np.flatnonzero(~np.isin(accept, (0.0, 1.0)))[:SHOWN]:
        what = f"`{columns[1]}` is {accept[i]:g}, which is no answer"
        mistakes.append(Mistake(*table.place(columns[1], int(i)), "not-a-move", what, "an answer is 0 or 1", "mend the cell"))  # fmt: skip
    if len(columns) == 2 and np.ptp(accept) == 0:
        unseen = "a rejection" if accept[0] else "an acceptance"
        mistakes.append(Mistake(*table.place(columns[1]), "outcome-never-seen", f"no row has {unseen}", "player 2's answers tell nothing", f'fit "{columns[0]}" alone'))  # fmt: skip
    if np.ptp(offer) == 0:
        mistakes.append(Mistake(*table.place(columns[0]), "constant-column", f"`{columns[0]}` is {offer[0]:g} in every row", "there is nothing to explain", "use data in which offers differ"))  # fmt: skip
    refuse(table.name, mistakes)
    return offer, accept


def _start(made: Mapping[str, Design], width: float, free_1: bool, free_2: bool, share: float) -> Start:
    """Reservation values at a fifth of the width, scales at the width over ``share``."""
    values = [width / 5 if name == CONSTANT else 0.0 for one in made.values() for name in one.names]
    values += [math.log(width / share)] * (int(free_1) + int(free_2))
    return Start(f"scales a {'fifth' if share == 5 else 'half'} of the range", np.array(values))


NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)


@jax.jit
def expected(theta: Array, x1: Array, x2: Array, low: Array, high: Array, log_s: Array) -> Array:
    """Expected offer, chance of acceptance, and chances of the lowest and of the highest offer (N, 4).

    With G(y) = P(offer > y) = F((R_1(y) - X_1 b_1) / s_1): E[offer] = low + int G, P(accept) = P(accept | low) + int F(g)' G,
    by Gauss and Legendre.
    """
    k1, k2 = x1.shape[1], x2.shape[1]
    r1, r2 = x1 @ theta[:k1], x2 @ theta[k1 : k1 + k2]
    s1, s2 = jnp.exp(log_s)

    def above(y: Array) -> Array:
        held: Array = jax.nn.sigmoid(
            (high - y - s2 * (1 + jnp.exp((y - r2[:, None]) / s2)) - r1[:, None]) / s1
        )
        return held

    y = (low + (high - low) * (jnp.asarray(NODES) + 1) / 2)[None, :]
    w = jnp.asarray(WEIGHTS) * (high - low) / 2
    take = jax.nn.sigmoid((y - r2[:, None]) / s2)
    offer = low + (above(y) * w).sum(axis=1)
    accept = jax.nn.sigmoid((low - r2) / s2) + (take * (1 - take) / s2 * above(y) * w).sum(axis=1)
    ends = (1 - above(jnp.full((1, 1), low))[:, 0], above(jnp.full((1, 1), high))[:, 0])
    return jnp.stack([offer, accept, *ends], axis=1)


def _predict(
    made: Sequence[Design], low: float, high: float, s1: float | None, s2: float | None, table: Table
) -> Predicted:
    x1, x2 = (jnp.asarray(one.of(table)) for one in made)
    width = x1.shape[1] + x2.shape[1]

    def values_at(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        free = iter(theta[width:])
        log_s = jnp.asarray([math.log(s) if s else next(free) for s in (s1, s2)])
        return np.asarray(expected(jnp.asarray(theta), x1, x2, jnp.asarray(low), jnp.asarray(high), log_s))

    return Predicted(("expected offer", "chance of acceptance", "chance of the lowest offer", "chance of the highest offer"), values_at)  # fmt: skip


def simulate_ultimatum(
    r1: NDArray[np.float64],
    r2: NDArray[np.float64],
    s1: float,
    s2: float,
    high: float,
    seed: int,
    low: float = 0.0,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw offers (N,) and answers (N,) at mean reservation values (N,), scales, and bounds, all in the offer's unit.

    The best offer solves the first-order condition: y = Q - R_1 - s_2 - s_2 W(exp((Q - R_1 - X_2 b_2 - s_2) / s_2)), W
    Lambert's function.
    """
    random = np.random.default_rng(seed)
    reserve = r1 + s1 * random.logistic(size=len(r1))
    omega: Any = wrightomega((high - reserve - r2 - s2) / s2)
    offer = np.clip(high - reserve - s2 - s2 * np.real(omega), low, high)
    accept: NDArray[np.int64] = (offer >= r2 + s2 * random.logistic(size=len(r2))).astype(np.int64)
    return offer, accept
