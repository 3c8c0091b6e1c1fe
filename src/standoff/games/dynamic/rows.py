"""What was observed of a dynamic game: who did what in which state, or in a state that is only measured."""

from __future__ import annotations

from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from standoff.games.dynamic.choice import Array, Arrays, Shape
from standoff.games.dynamic.errors import DynamicGameError
from standoff.games.dynamic.game import DynamicGame, Floats


@dataclass(frozen=True)
class Observed:
    """Rows with the state seen: ``states`` (T,), ``actions`` (T,N), ``market`` (T,) whole numbers.

    Rows of one market stand together in order of time. ``moves`` (U,3): state, profile and next state wherever two
    rows of a market follow each other. ``cluster`` (T,): groups within which rows may depend on each other, the markets
    if not given. ``weight`` (T,): how often each row counts, as in a resample.
    """

    states: NDArray[np.int64]
    actions: NDArray[np.int64]
    market: NDArray[np.int64]
    moves: NDArray[np.int64] = field(repr=False)
    cluster: NDArray[np.int64] = field(repr=False)
    weight: Floats = field(repr=False)

    def __len__(self) -> int:
        return len(self.states)


@dataclass(frozen=True)
class Hidden:
    """Rows whose state the players see and the observer measures with error (a hidden Markov state).

    ``log_measurement`` (T,S): log density of what was measured at each row given each state (-inf: impossible).
    ``start`` (S,): law of a market's first state. ``actions`` (T,N), ``market``, ``cluster``, ``weight`` (T,) as in
    `Observed`; a market counts whole.
    """

    log_measurement: Floats = field(repr=False)
    start: Floats = field(repr=False)
    actions: NDArray[np.int64]
    profiles: NDArray[np.int64] = field(repr=False)
    market: NDArray[np.int64]
    cluster: NDArray[np.int64] = field(repr=False)
    weight: Floats = field(repr=False)

    def __len__(self) -> int:
        return len(self.actions)


Rows = Observed | Hidden


def observed(
    game: DynamicGame,
    states: ArrayLike,
    actions: ArrayLike,
    market: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> Observed:
    """Observed rows: states (T,), actions (T,N) or (T,) for one player, market (T,) (one market if not given), and
    labels of groups (T,), the markets if not given.

    Raises `DynamicGameError` with every mistake: lengths that differ, numbers out of range, markets in pieces, moves
    that the game's transition gives no chance.
    """
    rows = seen(game, states, actions, market, cluster)
    refuse_impossible(game, rows)
    return rows


def seen(
    game: DynamicGame,
    states: ArrayLike,
    actions: ArrayLike,
    market: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> Observed:
    """Observed rows as `observed` makes them, whose moves are not put to the transition: that may come from the rows."""
    found = np.asarray(states)
    acts, which, mistakes = _checked(game, actions, market, len(found))
    groups = _groups(cluster, which, mistakes)
    if len(found) and (found.min() < 0 or found.max() >= len(game.states)):
        row = int(np.flatnonzero((found < 0) | (found >= len(game.states)))[0])
        mistakes.append(
            f"states: row {row} has {found[row]}, the game has states 0 to {len(game.states) - 1}"
        )
    if mistakes:
        raise DynamicGameError(mistakes, "mend the rows listed")
    found = found.astype(np.int64)
    follows = which[1:] == which[:-1]
    moves = np.column_stack([found[:-1], game.profile_of(acts)[:-1], found[1:]])[follows]
    return Observed(found, acts, which, moves, groups, np.ones(len(found)))


def refuse_impossible(game: DynamicGame, rows: Observed) -> None:
    """Raise `DynamicGameError` where the state moves as the game's transition gives no chance."""
    impossible = game.transition[rows.moves[:, 0], rows.moves[:, 1], rows.moves[:, 2]] <= 0
    if impossible.any():
        follows = np.flatnonzero(rows.market[1:] == rows.market[:-1])
        row = int(follows[np.flatnonzero(impossible)[0]])
        told = f"{int(impossible.sum())} move(s) that the transition gives no chance; the first follows row {row}"
        raise DynamicGameError([f"states: {told}"], "mend the rows or the transition")


def hidden(
    game: DynamicGame,
    log_measurement: ArrayLike,
    actions: ArrayLike,
    market: ArrayLike | None = None,
    start: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> Hidden:
    """Rows of a hidden state: log densities (T,S), actions (T,N), market (T,), law of the first state (even if not
    given), and labels of groups of whole markets (T,), the markets if not given.

    Raises `DynamicGameError` with every mistake.
    """
    table = np.asarray(log_measurement, dtype=np.float64)
    acts, which, mistakes = _checked(game, actions, market, len(table))
    groups = _groups(cluster, which, mistakes)
    if len(groups) == len(which) and len(np.unique(np.stack([which, groups]), axis=1).T) > len(
        set(which.tolist())
    ):
        mistakes.append(
            "cluster: a market whose state is hidden counts whole, but has rows in several groups"
        )
    states = len(game.states)
    law = np.full(states, 1 / states) if start is None else np.asarray(start, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != states:
        mistakes.append(f"log_measurement: shape {table.shape}, expected (rows, {states})")
    elif np.isnan(table).any() or not np.isfinite(table.max(axis=1)).all():
        row = int(np.flatnonzero(~np.isfinite(table.max(axis=1)))[0])
        mistakes.append(f"log_measurement: row {row} is possible in no state, or not a number")
    if law.shape != (states,) or abs(law.sum() - 1) > 1e-9 or law.min() < 0:
        mistakes.append(f"start: {states} probabilities that add up to one are needed")
    if mistakes:
        raise DynamicGameError(mistakes, "mend the rows listed")
    return Hidden(table, law, acts, game.profile_of(acts), which, groups, np.ones(len(table)))


def _groups(cluster: ArrayLike | None, market: NDArray[np.int64], mistakes: list[str]) -> NDArray[np.int64]:
    """Labels of groups as whole numbers (T,); a wrong number of them is added to the mistakes."""
    if cluster is None:
        return market
    groups = np.unique(np.asarray(cluster), return_inverse=True)[1]
    if len(groups) != len(market):
        mistakes.append(f"cluster: {len(groups)} entries for {len(market)} rows")
    return groups.astype(np.int64)


def _checked(
    game: DynamicGame, actions: ArrayLike, market: ArrayLike | None, rows: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[str]]:
    acts = np.asarray(actions)
    acts = acts[:, None] if acts.ndim == 1 else acts
    which = np.zeros(rows, dtype=np.int64) if market is None else np.unique(market, return_inverse=True)[1]
    mistakes: list[str] = []
    if rows == 0:
        mistakes.append("no rows")
    if acts.shape != (rows, len(game.players)):
        mistakes.append(f"actions: shape {acts.shape}, expected {(rows, len(game.players))}")
    else:
        for i, names in enumerate(game.actions):
            wrong = np.flatnonzero((acts[:, i] < 0) | (acts[:, i] >= len(names)))
            if len(wrong):
                mistakes.append(
                    f"actions of {game.players[i]}: row {wrong[0]} has {acts[wrong[0], i]}, "
                    f"expected 0 to {len(names) - 1}"
                )
    if len(which) != rows:
        mistakes.append(f"market: {len(which)} entries for {rows} rows")
    elif rows and len(set(which.tolist())) != 1 + int(np.sum(which[1:] != which[:-1])):
        mistakes.append("market: the rows of a market must stand together, in order of time")
    return acts.astype(np.int64), which.astype(np.int64), mistakes


def grouped(rows: Rows) -> NDArray[np.int64] | None:
    """The groups (T,) by which errors are clustered; None where there is one only, or each row is its own."""
    return rows.cluster if 1 < len(set(rows.cluster.tolist())) < len(rows) else None


def packed(rows: Rows) -> tuple[Array, ...]:
    """The arrays that the likelihood needs, weights first: then (states, actions), or (log densities, actions, profiles,
    firsts, start)."""
    if isinstance(rows, Observed):
        return jnp.asarray(rows.weight), jnp.asarray(rows.states), jnp.asarray(rows.actions)
    first = np.append(True, rows.market[1:] != rows.market[:-1])
    held = (rows.weight, rows.log_measurement, rows.actions, rows.profiles, first, rows.start)
    return tuple(jnp.asarray(x) for x in held)


def row_log_likelihood(
    shape: Shape, arrays: Arrays, rows: tuple[Array, ...], logs: tuple[Array, ...]
) -> Array:
    """Log-likelihood of each row (T,), times its weight, under log choice probabilities, (S,A_i) a player.

    With the state seen: sum_i log P_i(a_it | x_t). Hidden: the log of what the filter predicted for the row, both its
    measurement and its actions, given the rows of the market before it.
    """
    weight, *seen = rows
    if len(seen) == 2:
        states, actions = seen
        return weight * sum(
            (log[states, actions[:, i]] for i, log in enumerate(logs)), jnp.zeros(len(states))
        )
    return weight * _filtered(arrays, tuple(seen), logs)[0]


def _filtered(arrays: Arrays, rows: tuple[Array, ...], logs: tuple[Array, ...]) -> tuple[Array, Array]:
    """Predictive log-likelihood of each row (T,), and the filtered law of its state (T,S)."""
    log_measurement, actions, profiles, first, start = rows
    motion = jnp.moveaxis(arrays.transition, 1, 0)
    of_rows = sum((log.T[actions[:, i]] for i, log in enumerate(logs)), log_measurement)

    # recomputed, not kept, under differentiation: what is kept a row would be a whole (S,S) law of motion
    @jax.checkpoint
    def step(law: Array, row: tuple[Array, Array, Array]) -> tuple[Array, tuple[Array, Array]]:
        log_weight, profile, begins = row
        law = jnp.where(begins, start, law)
        top = jax.lax.stop_gradient(log_weight.max())
        joint = law * jnp.exp(log_weight - top)
        total = joint.sum()
        now = joint / total
        return now @ motion[profile], (jnp.log(total) + top, now)

    _, (increments, laws) = jax.lax.scan(step, start, (of_rows, profiles, first))
    return increments, laws


def filtered_states(game: DynamicGame, rows: Rows, choices: tuple[Floats, ...] | None = None) -> Floats:
    """Law of each row's state (T,S) given the rows up to it; without ``choices`` from the measurements alone.

    Seen states give ones and zeros.
    """
    if isinstance(rows, Observed):
        return np.asarray(np.eye(len(game.states))[rows.states])
    from standoff.games.dynamic.solve import arrays_of

    arrays = arrays_of(game)
    given = choices or tuple(np.ones((len(game.states), len(names))) for names in game.actions)
    logs = tuple(jnp.log(jnp.asarray(table)) for table in given)
    return np.asarray(_filtered(arrays, packed(rows)[1:], logs)[1])


def motion_log_likelihood(game: DynamicGame, rows: Rows) -> float:
    """Log-likelihood of the observed moves of the state, free of the payoffs; 0 where the state is hidden (it is within)."""
    if isinstance(rows, Hidden):
        return 0.0
    s, j, t = rows.moves.T
    return float(np.log(game.transition[s, j, t]).sum())
