"""A reputational war of attrition seen as durations: who gave in, when, or nobody yet; with covariates.

Two sides hold out. Side i is obstinate with chance z_i and then gives in only for reasons outside the contest, at rate
eta; a side that is not obstinate mixes so that i as a whole gives in at rate lambda_i = eta + kappa_i, which is what
keeps its adversary indifferent, until T0, when only the obstinate are left:

    T0 = min_i -ln z_i / kappa_i,   c_i = z_i exp(kappa_i T0) <= 1,   1 - c_i: gives in at once,
    S_i(t) = c_i exp(-lambda_i t) before T0, z_i exp(-eta t) after,   reputation mu_i(t) = z_i exp(-eta t) / S_i(t).

With eta = 0 this is the game of Abreu and Gul (2000) with lambda_i left free. eta > 0 is ours: without it no end after T0
can happen, so one late end makes the likelihood nought; the argument for the equilibrium is as before, since the
adversary of i looks only at the rate at which i gives in, and after T0 that rate is lower and waiting worse.
Covariates: ln kappa_i and logit z_i are linear in theirs, ln eta in its own (formula 0: eta = 0). What the sides know of
their relative resolve and the data do not, u ~ N(0,1), moves logit z_1 by sigma u and logit z_2 by -sigma u, and is
integrated out; ln sigma is linear in its covariates too (formula 0: nothing unseen). Without it T0 is a change point: the
likelihood has kinks, and normal errors are wrong. Durations are whole periods: an end recorded at duration d happened in
[d, d + width). Statistical use of such games: Boehmke, Dion and
Shipan (2020), whose estimator this does not reproduce. Source: [abreu_gul_2000], [boehmke_2020].
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from standoff.errors import Mistake
from standoff.games.estimation.errors import refuse
from standoff.games.estimation.fit import Predicted
from standoff.games.estimation.formulas import Design, designs
from standoff.games.estimation.maximise import Start
from standoff.games.estimation.model import Model
from standoff.games.estimation.table import Table, groups_of
from standoff.games.precision import use_float64

Array = jax.Array
Floats = NDArray[np.float64]
EQUATIONS = ("rate_1", "rate_2", "obstinate_1", "obstinate_2", "outside", "unseen")
GAVE_IN = ("0", "1", "2")  # nobody yet, side 1, side 2
NEVER = -jnp.inf
REACH = 4.0  # what is unseen is integrated from -4 to 4 standard deviations
SPANS = (-REACH, -1.5, 0.0, 1.5, REACH)
HALVINGS = 20  # from 8 standard deviations to 8e-6, from where Newton's steps square the error
NODES, WEIGHTS = np.polynomial.legendre.leggauss(5)
PANEL = np.linspace(-REACH, REACH, 81)
PANEL_WEIGHTS = np.exp(-(PANEL**2) / 2) / np.exp(-(PANEL**2) / 2).sum()


class Contest(NamedTuple):
    """One contest or many (shapes that broadcast): kappa_1, kappa_2, z_1, z_2, eta."""

    kappa: tuple[Array, Array]
    obstinate: tuple[Array, Array]
    outside: Array


class Shape(NamedTuple):
    """What follows: the horizon T0, ln c_1 and ln c_2, and the rates lambda_1 and lambda_2 before it."""

    horizon: Array
    log_holds: tuple[Array, Array]
    rates: tuple[Array, Array]

    @property
    def holds(self) -> tuple[Array, Array]:
        """c_1 and c_2."""
        return jnp.exp(self.log_holds[0]), jnp.exp(self.log_holds[1])


class Rows(NamedTuple):
    """Durations (N,), who gave in (N,) 0, 1 or 2, the width of a period, and the designs (N,K_e) of `EQUATIONS`."""

    duration: Array
    gave_in: Array
    width: Array
    designs: tuple[Array, ...]

    @property
    def response(self) -> tuple[Array, Array]:
        """What was observed, by which the tests of rival models see that both are of the same rows."""
        return self.duration, self.gave_in


class Outlook(NamedTuple):
    """Of a contest at its start: chances that a side gives in at once, first, or that none ever does; the horizon."""

    at_once: tuple[Array, Array]
    first: tuple[Array, Array]
    never: Array
    horizon: Array


def shape(contest: Contest) -> Shape:
    """Horizon, chances to hold out at once, and rates."""
    kappa, logs = contest.kappa, [jnp.log(z) for z in contest.obstinate]
    horizon = jnp.minimum(-logs[0] / kappa[0], -logs[1] / kappa[1])
    holds = tuple(jnp.minimum(logs[i] + kappa[i] * horizon, 0.0) for i in (0, 1))
    rates = tuple(kappa[i] + contest.outside for i in (0, 1))
    return Shape(horizon, (holds[0], holds[1]), (rates[0], rates[1]))


def log_survival(contest: Contest, made: Shape, side: int, time: Array) -> Array:
    """ln S_i(t)."""
    before = made.log_holds[side] - made.rates[side] * time
    after = jnp.log(contest.obstinate[side]) - contest.outside * time
    return jnp.where(time < made.horizon, before, after)


def reputation(contest: Contest, made: Shape, side: int, time: Array) -> Array:
    """mu_i(t): the adversary's belief, at t with nobody out, that side i is obstinate."""
    growing = contest.obstinate[side] / made.holds[side] * jnp.exp(contest.kappa[side] * time)
    return jnp.where(time < made.horizon, growing, 1.0)


def chance_within(contest: Contest, made: Shape, side: int, low: Array, high: Array) -> Array:
    """Chance that ``side`` is first to give in at a time in [low, high), giving in at once included at low = 0."""
    return _chance_of(contest, made, made.rates[side], made.log_holds[side], low, high)


def _chance_of(contest: Contest, made: Shape, rate: Array, log_hold: Array, low: Array, high: Array) -> Array:
    """The chance of a side that has this rate and this ln c, which may be another side in every row."""
    both = made.rates[0] + made.rates[1]
    end = jnp.clip(made.horizon, low, high)
    there = jnp.exp(made.log_holds[0] + made.log_holds[1] - both * low)
    contested = there * rate / both * -jnp.expm1(-both * (end - low))
    z1, z2 = contest.obstinate
    eta2 = 2 * contest.outside
    late = 0.5 * z1 * z2 * jnp.exp(-eta2 * end) * -jnp.expm1(-eta2 * (high - end))
    return jnp.where(low <= 0, -jnp.expm1(log_hold), 0.0) + contested + late


def outlook(contest: Contest) -> Outlook:
    """What the contest promises before it begins."""
    made = shape(contest)
    z1, z2 = contest.obstinate
    ends = contest.outside > 0
    (c1, c2), (rate1, rate2) = made.holds, made.rates
    left = z1 * z2 * jnp.exp(-2 * contest.outside * made.horizon)
    within = c1 * c2 * -jnp.expm1(-(rate1 + rate2) * made.horizon) / (rate1 + rate2)
    first = tuple(
        1 - made.holds[i] + made.rates[i] * within + jnp.where(ends, 0.5 * left, 0.0) for i in (0, 1)
    )
    at_once = (1 - c1, 1 - c2)
    return Outlook(at_once, (first[0], first[1]), jnp.where(ends, 0.0, z1 * z2), made.horizon)


class Mixed(NamedTuple):
    """Contests (N,) as the data tell them, and the spread sigma (N,) of what they do not."""

    contest: Contest
    spread: Array


def mixed_of(theta: Array, parts: tuple[Array, ...]) -> Mixed:
    """The contests at coefficients (K,), in the order of `EQUATIONS`; an equation without columns is fixed at nought."""
    indices, at = [], 0
    for design in parts:
        indices.append(design @ theta[at : at + design.shape[1]])
        at += design.shape[1]
    eta = jnp.exp(indices[4]) if parts[4].shape[1] else jnp.zeros_like(indices[4])
    kappa = (jnp.exp(indices[0]), jnp.exp(indices[1]))
    contest = Contest(kappa, (jax.nn.sigmoid(indices[2]), jax.nn.sigmoid(indices[3])), eta)
    spread = jnp.exp(indices[5]) if parts[5].shape[1] else jnp.zeros_like(indices[5])
    return Mixed(contest, spread)


def at_node(mixed: Mixed, node: Array) -> Contest:
    """The contest when what is unseen is u = ``node``."""
    z1, z2 = mixed.contest.obstinate
    lean = mixed.spread * node
    moved = (
        jax.nn.sigmoid(jnp.log(z1) - jnp.log1p(-z1) + lean),
        jax.nn.sigmoid(jnp.log(z2) - jnp.log1p(-z2) - lean),
    )
    return mixed.contest._replace(obstinate=moved)


def contributions(theta: Array, rows: Rows) -> Array:
    """Log-likelihood (N,): ln chance of the period in which a side gave in, or of both holding out until the record ends."""
    mixed = mixed_of(theta, rows.designs)
    if not rows.designs[5].shape[1]:
        return _at(mixed.contest, rows)
    ends = unseen_breaks(mixed, rows.duration, rows.duration + rows.width)
    half, middle = (ends[1:] - ends[:-1]) / 2, (ends[1:] + ends[:-1]) / 2
    nodes = (middle[:, None] + half[:, None] * jnp.asarray(NODES)[None, :, None]).reshape(-1, ends.shape[1])
    share = (half[:, None] * jnp.asarray(WEIGHTS)[None, :, None]).reshape(nodes.shape)
    logs = jax.vmap(lambda node: _at(at_node(mixed, node), rows) - node**2 / 2)(nodes)
    top = jax.lax.stop_gradient(logs.max(axis=0))
    top = jnp.where(jnp.isfinite(top), top, 0.0)
    total = (share * jnp.exp(logs - top)).sum(axis=0) / jnp.sqrt(2 * jnp.pi)
    return jnp.where(total > 0, jnp.log(jnp.where(total > 0, total, 1.0)) + top, NEVER)


def unseen_breaks(mixed: Mixed, low: Array, high: Array) -> Array:
    """Where the integrand of what is unseen has kinks, sorted (M,N): T0 at the ends of the period, T1 = T2.

    Between them it is smooth, so that quadrature by pieces makes the likelihood smooth as well. T1 falls in u, T2 rises.
    """
    kappa, (z1, z2) = mixed.contest.kappa, mixed.contest.obstinate
    odds = (jnp.log(z1) - jnp.log1p(-z1), jnp.log(z2) - jnp.log1p(-z2))
    found = [jnp.full_like(low, end) for end in SPANS]
    for time in (low, high):
        at = [-jnp.log(jnp.expm1(k * jnp.maximum(time, 1e-9))) for k in kappa]
        found += [(at[0] - odds[0]) / mixed.spread, (odds[1] - at[1]) / mixed.spread]
    found.append(_even(mixed, odds))
    return jnp.sort(jnp.clip(jnp.stack(found), -REACH, REACH), axis=0)


def _even(mixed: Mixed, odds: tuple[Array, Array]) -> Array:
    """The u at which T1 = T2: halved in, then by Newton, whose last two steps carry two exact derivatives."""

    def gap(u: Array) -> Array:
        first = jax.nn.softplus(-odds[0] - mixed.spread * u) / mixed.contest.kappa[0]
        return first - jax.nn.softplus(-odds[1] + mixed.spread * u) / mixed.contest.kappa[1]

    def halve(_: Array, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        middle = (ends[0] + ends[1]) / 2
        later = gap(middle) > 0
        return jnp.where(later, middle, ends[0]), jnp.where(later, ends[1], middle)

    def newton(u: Array) -> Array:
        first = jax.nn.sigmoid(-odds[0] - mixed.spread * u) / mixed.contest.kappa[0]
        second = jax.nn.sigmoid(-odds[1] + mixed.spread * u) / mixed.contest.kappa[1]
        return u + gap(u) / (mixed.spread * (first + second))

    wide = jnp.full_like(odds[0], REACH)
    low, high = jax.lax.fori_loop(0, HALVINGS, halve, (-wide, wide))
    near = (low + high) / 2
    for _ in range(2):
        near = jnp.clip(newton(near), low, high)
    u = jax.lax.stop_gradient(near)
    inside = jnp.abs(u) < REACH - 1e-9
    for _ in range(2):
        u = jnp.where(inside, newton(u), jax.lax.stop_gradient(u))
    even: Array = u
    return even


def _at(contest: Contest, rows: Rows) -> Array:
    """Log chance (N,) of each row in known contests (N,)."""
    made = shape(contest)
    low, high = rows.duration, rows.duration + rows.width
    first = rows.gave_in == 1
    rate, log_hold = (jnp.where(first, *pair) for pair in (made.rates, made.log_holds))
    happened = _chance_of(contest, made, rate, log_hold, low, high)
    possible = happened > 0
    ended = jnp.where(possible, jnp.log(jnp.where(possible, happened, 1.0)), NEVER)
    held = log_survival(contest, made, 0, low) + log_survival(contest, made, 1, low)
    return jnp.where(rows.gave_in == 0, held, ended)


def attrition_model(
    table: Table,
    formulas: Mapping[str, str],
    *,
    duration: str = "duration",
    gave_in: str = "gave_in",
    width: float = 1.0,
    cluster: str = "",
    drop_missing: bool = False,
) -> Model:
    """The likelihood of a table of contests.

    ``duration`` names a column of whole periods of ``width`` survived (for nobody yet: until the record ends),
    ``gave_in`` one of 0 (nobody yet), 1, 2. Equations `EQUATIONS`: ``rate_i`` ln kappa_i, ``obstinate_i`` logit z_i,
    ``outside`` ln eta, ``unseen`` ln sigma; an equation without a formula has a constant. Raises EstimationError with
    every mistake.
    """
    use_float64()
    optional = dict.fromkeys(EQUATIONS, "1")
    also = [duration, gave_in] + ([cluster] if cluster else [])
    made, kept, dropped = designs(
        table, formulas, EQUATIONS, optional=optional, also=also, drop_missing=drop_missing
    )
    time, who = _outcomes(kept, duration, gave_in, width)
    parts = tuple(jnp.asarray(made[name].matrix) for name in EQUATIONS)
    rows = Rows(
        jnp.asarray(time),
        jnp.asarray(who),
        jnp.asarray(float(width)),
        parts,
    )
    names = tuple(f"{name}:{column}" for name in EQUATIONS for column in made[name].names)
    scales = np.concatenate([made[name].matrix.std(axis=0) for name in EQUATIONS])
    return Model(
        game="attrition-duration",
        estimator="maximum likelihood",
        names=names,
        contributions=contributions,
        data=rows,
        rows=kept.rows,
        starts=_starts(made, time, who),
        scales=scales,
        formulas={name: made[name].formula for name in EQUATIONS},
        table=kept.name,
        dropped=dropped,
        predictor=partial(_predictor, made),
        clusters=groups_of(kept, cluster or None),
        notes=() if parts[5].shape[1] else (KINKS,),
        lines=kept.lines,
    )


KINKS = "nothing is left unseen: the likelihood has kinks, so that climbs may stop short and normal errors are too small"


def _predictor(made: Mapping[str, Design], table: Table) -> Predicted:
    return Predicted(OUTLOOK, lambda theta: predicted(theta, made, table))


OUTLOOK = (
    "1 gives in at once",
    "2 gives in at once",
    "1 gives in first",
    "2 gives in first",
    "never",
    "horizon",
)


def predicted(theta: ArrayLike, made: Mapping[str, Design], table: Table) -> Floats:
    """The outlook (N,6) of each row of a table, in the order of `OUTLOOK`, averaged over what is unseen."""
    parts = tuple(jnp.asarray(made[name].of(table)) for name in EQUATIONS)
    mixed = mixed_of(jnp.asarray(theta), parts)

    def seen(node: Array) -> Array:
        one = outlook(at_node(mixed, node))
        columns = [*one.at_once, *one.first, one.never, one.horizon]
        return jnp.stack([jnp.broadcast_to(column, (table.rows,)) for column in columns], axis=1)

    return np.asarray(jnp.tensordot(jnp.asarray(PANEL_WEIGHTS), jax.vmap(seen)(jnp.asarray(PANEL)), axes=1))


class BeliefPath(NamedTuple):
    """Reputations of both sides (2,T) at ``times`` (T,) given that nobody is out, and their bounds (2,T) where drawn."""

    times: Floats
    belief: Floats
    low: Floats
    high: Floats


def belief_path(
    model: Model,
    theta: ArrayLike,
    row: int,
    times: ArrayLike,
    covariance: ArrayLike | None = None,
    draws: int = 500,
    seed: int = 0,
    level: float = 0.95,
) -> BeliefPath:
    """The reputations that a fit implies for one row of its data where u = 0; bounds are quantiles over draws of the
    estimate."""
    clock = jnp.asarray(np.asarray(times, dtype=np.float64))
    parts = tuple(part[row : row + 1] for part in model.data.designs)

    def path(point: Array) -> Array:
        contest = mixed_of(point, parts).contest
        made = shape(contest)
        return jnp.stack([reputation(contest, made, side, clock) for side in (0, 1)])

    here = np.asarray(path(jnp.asarray(theta)))
    if covariance is None:
        return BeliefPath(np.asarray(clock), here, here, here)
    random = np.random.default_rng(seed)
    points = random.multivariate_normal(np.asarray(theta), np.asarray(covariance), size=draws, method="eigh")
    drawn = np.asarray(jax.jit(jax.vmap(path))(jnp.asarray(points)))
    low, high = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return BeliefPath(np.asarray(clock), here, low, high)


class Simulated(NamedTuple):
    """Whole periods survived (N,) and who gave in (N,): 1, 2, or 0 where the record ended first."""

    duration: Floats
    gave_in: NDArray[np.int64]


def simulate(contest: Contest, rows: int, record: float, width: float, seed: int) -> Simulated:
    """Play contests (scalars, or one a row) up to ``record``, by the inverse of each side's survival."""
    made = shape(contest)
    draws = np.random.default_rng(seed).random((2, rows))
    ends = np.stack([_quit(contest, made, side, draws[side]) for side in (0, 1)])
    first = ends.min(axis=0)
    who = np.where(first < record, 1 + ends.argmin(axis=0), 0)
    return Simulated(np.floor(np.minimum(first, record) / width) * width, who.astype(np.int64))


def _quit(contest: Contest, made: Shape, side: int, left: Floats) -> Floats:
    """The time at which a side's survival falls to ``left``; infinite where it never does."""
    hold, rate, horizon = (np.asarray(x) for x in (made.holds[side], made.rates[side], made.horizon))
    z, eta = np.asarray(contest.obstinate[side]), np.asarray(contest.outside)
    before = np.log(hold / left) / rate
    with np.errstate(divide="ignore"):
        after = np.where(left < z, np.log(z / left) / eta, np.inf)
    return np.asarray(np.where(left > hold, 0.0, np.where(before < horizon, before, after)))


def _starts(made: Mapping[str, Design], time: Floats, who: NDArray[np.int64]) -> tuple[Start, ...]:
    """Plain starts: the overall rate of ends split by who, and three levels of obstinacy."""
    at_risk = float(time.sum()) + 0.5 * len(time)
    rates = [np.log((np.sum(who == side) + 0.5) / at_risk) for side in (1, 2)]
    found = []
    for label, lean in (("rarely obstinate", -3.0), ("sometimes obstinate", -1.0), ("often obstinate", 0.5)):
        parts = []
        levels = (*rates, lean, lean, min(rates) - 2.5, -1.0)
        for name, level in zip(EQUATIONS, levels, strict=True):
            matrix = made[name].matrix
            aim = np.full(len(matrix), level)
            parts.append(np.linalg.lstsq(matrix, aim, rcond=None)[0] if matrix.shape[1] else np.zeros(0))
        found.append(Start(label, np.concatenate(parts)))
    return tuple(found)


def _outcomes(table: Table, duration: str, gave_in: str, width: float) -> tuple[Floats, NDArray[np.int64]]:
    time = table.numbers(duration)
    mistakes = []
    off = np.abs(time / width - np.round(time / width)) > 1e-9
    for row in np.flatnonzero((time < 0) | off)[:5]:
        what = f"`{duration}` is {time[row]:g}"
        do = f"give whole periods of {width:g}, from 0 on, or another width"
        mistakes.append(Mistake(*table.place(duration, int(row)), "bad-duration", what, "durations are counted in periods", do))  # fmt: skip
    cells = [_plain(cell) for cell in table.cells[gave_in]]
    wrong = [row for row, cell in enumerate(cells) if cell not in GAVE_IN]
    for row in wrong[:5]:
        what = f"`{gave_in}` is {table.cells[gave_in][row]!r}"
        mistakes.append(Mistake(*table.place(gave_in, row), "bad-outcome", what, "it says who gave in", "write 1, 2, or 0 for nobody yet"))  # fmt: skip
    if not wrong:
        for side in ("1", "2"):
            if side not in cells:
                what = f"side {side} never gives in"
                mistakes.append(Mistake(*table.place(gave_in), "outcome-never-seen", what, "its rate has no estimate", "the game does not fit these data"))  # fmt: skip
    refuse(table.name, mistakes)
    return time, np.array([int(cell) for cell in cells], dtype=np.int64)


def _plain(cell: str) -> str:
    return cell[:-2] if cell.endswith(".0") else cell
