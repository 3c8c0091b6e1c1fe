"""What the holder believes: Bayes, drift, and linear interpolation on the grid of beliefs.

A belief b is the holder's probability that the coercer is unrestrained (U). Types are ordered (R, U).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Array = jax.Array
Nodes = np.ndarray | jax.Array
SHORT_GRID = 24
MOST_BINS = 1 << 16


def belief_grid(points: int, span: float) -> np.ndarray:
    """Nodes sigmoid(linspace(-span, span)), increasing, (points,); a constant to the compiler."""
    return 1.0 / (1.0 + np.exp(-np.linspace(-span, span, points)))


def bayes(belief: Array, like_unrestrained: Array, like_restrained: Array) -> Array:
    """Posterior probability of U; all arguments broadcast.

    b' = b l_U / (b l_U + (1-b) l_R). Source: model.md section 1; [standoff_game].
    """
    weight = belief * like_unrestrained
    return weight / (weight + (1.0 - belief) * like_restrained)


def bayes_log_odds(belief: Array, log_ratio: Array) -> Array:
    """Posterior probability of U after news with log likelihood ratio log(l_U/l_R)."""
    return belief / (belief + (1.0 - belief) * jnp.exp(-log_ratio))


def drift_belief(belief: Array, rate: Array) -> Array:
    """Belief after the type may have switched: b + rate (1 - 2b)."""
    return belief + rate * (1.0 - 2.0 * belief)


def node_below(grid: Nodes, span: float, belief: Array) -> Array:
    """Index i of the node at or below the belief, in 0..points-2, in closed form from its log-odds."""
    points = grid.shape[0]
    inside = jnp.clip(belief, grid[0], grid[-1])
    nodes = jnp.asarray(grid)
    position = (jnp.log(inside) - jnp.log1p(-inside) + span) * ((points - 1) / (2.0 * span))
    index = jnp.clip(position.astype(jnp.int32), 0, points - 2)
    index = jnp.where(inside < nodes[index], index - 1, index)
    index = jnp.where(inside > nodes[index + 1], index + 1, index)
    return jnp.clip(index, 0, points - 2)


def weights_on_grid(grid: Nodes, span: float, belief: Array) -> tuple[Array, Array]:
    """Index of the node below and the weight of the node above: linear in b, constant beyond the ends.

    Short grids are searched by comparing with every node, long ones by the closed form of the index.
    """
    if grid.shape[0] <= SHORT_GRID:
        return _weights_by_comparison(grid, belief)
    index = node_below(grid, span, belief)
    nodes = jnp.asarray(grid)
    low, high = nodes[index], nodes[index + 1]
    return index, jnp.clip((belief - low) / (high - low), 0.0, 1.0)


def _weights_by_comparison(grid: Nodes, belief: Array) -> tuple[Array, Array]:
    index = jnp.zeros(jnp.shape(belief), dtype=jnp.int32)
    low, gap = grid[0], grid[1] - grid[0]
    for i in range(1, grid.shape[0] - 1):
        above = belief >= grid[i]
        index = index + above.astype(jnp.int32)
        low = jnp.where(above, grid[i], low)
        gap = jnp.where(above, grid[i + 1] - grid[i], gap)
    return index, jnp.clip((belief - low) / gap, 0.0, 1.0)


def computed_once(function: Callable[..., Any], *arguments: Array) -> Any:
    """The same results, kept by the compiler as values: without this it computes them again for each use.

    A conditional is a border that kernels are not fused across; its condition always holds but is not a constant.
    """
    shapes = jax.eval_shape(function, *arguments)
    always = arguments[0].reshape(-1)[0] < jnp.inf
    nothing = jax.tree.map(lambda shape: jnp.full(shape.shape, jnp.nan, shape.dtype), shapes)
    return jax.lax.cond(always, function, lambda *_: nothing, *arguments)


def kink_reach(grid: Nodes, rounding: float) -> np.ndarray:
    """How far the rounding of the kink at each node reaches on either side, (points,): a share of the shorter interval beside it."""
    gaps = np.diff(np.asarray(grid))
    result: np.ndarray = rounding * np.minimum(np.append(gaps[0], gaps), np.append(gaps, gaps[-1]))
    return result


def belief_ramps(grid: Nodes, rounding: float, belief: Array) -> list[Array]:
    """How far a belief has come up each interval, points-1 arrays of its shape, from 0 to the interval's width.

    Rounded, the corner of each is a piece of a parabola, and the interpolation is once differentiable: what is linear
    in the belief stays exact, and every value is still a mean of values at nodes.
    """
    nodes, widths = [float(node) for node in grid], [float(gap) for gap in np.diff(grid)]
    if rounding == 0.0:
        return [jnp.clip(belief - node, 0.0, width) for node, width in zip(nodes, widths, strict=False)]
    beyond = []
    for node, reach in zip(nodes, kink_reach(grid, rounding).tolist(), strict=True):
        corner = jnp.clip(belief - (node - reach), 0.0, 2.0 * reach)
        beyond.append(corner * corner * (0.25 / reach) + jnp.maximum(belief - (node + reach), 0.0))
    return [here - further for here, further in itertools.pairwise(beyond)]


def node_weights(grid: Nodes, rounding: float, belief: Array) -> Array:
    """Weight of every node in the interpolation at a belief, summing to one: (..., points)."""
    ramps = belief_ramps(grid, rounding, belief)
    shares = [ramp / float(gap) for ramp, gap in zip(ramps, np.diff(np.asarray(grid)), strict=True)]
    ones, zeros = jnp.ones_like(shares[0]), jnp.zeros_like(shares[0])
    return jnp.stack([a - b for a, b in itertools.pairwise([ones, *shares, zeros])], axis=-1)


def interpolate_by_ramps(
    grid: Nodes, tables: tuple[Array, ...], belief: Array, rounding: float = 0.0
) -> tuple[Array, ...]:
    """Values of several tables (points, ...) at beliefs (points, ...), as a sum of clipped ramps.

    Table axes after the first broadcast against those of ``belief``. Costs points-1 ramps a cell, with no
    gather: best on short grids.
    """
    widths = [float(gap) for gap in np.diff(grid)]

    def all_tables(belief: Array, *tables: Array) -> tuple[Array, ...]:
        ramps = belief_ramps(grid, rounding, belief)
        totals = []
        for table in tables:
            total = table[0]
            for i, ramp in enumerate(ramps):
                total = total + ((table[i + 1] - table[i]) / widths[i]) * ramp
            totals.append(total)
        return tuple(totals)

    results: tuple[Array, ...] = computed_once(all_tables, belief, *tables)
    return results


def _bins(grid: np.ndarray) -> np.ndarray | None:
    """Index of the node below each of 2^k equal bins of (0, 1) that hold one node at most, or None when too many."""
    count = 2 ** int(np.ceil(np.log2(1.0 / np.min(np.diff(grid)))))
    if count > MOST_BINS:
        return None
    below: np.ndarray = np.searchsorted(grid, np.arange(count) / count, side="right") - 1
    result: np.ndarray = np.clip(below, 0, len(grid) - 2).astype(np.int32)
    return result


def _interval(grid: np.ndarray, span: float, inside: Array) -> Array:
    """Index of the interval that holds a belief within the ends: a look-up by bin, then one comparison."""
    bins = _bins(grid)
    if bins is None:
        return node_below(grid, span, inside)
    index = jnp.asarray(bins)[jnp.minimum((inside * len(bins)).astype(jnp.int32), len(bins) - 1)]
    above = jnp.asarray(np.append(grid[1:-1], np.inf))[index]  # the last interval has no next one
    return index + (inside >= above).astype(jnp.int32)


def interpolate_by_gather(
    grid: Nodes, span: float, tables: tuple[Array, ...], belief: Array
) -> tuple[Array, ...]:
    """The same values by looking up one interval: cost independent of the number of nodes, and cheap to differentiate.

    Each interval is a line, intercept and slope, looked up in tables that stay as small as they are, whatever they
    broadcast to: small enough for the nearest cache.
    """
    nodes = np.asarray(grid)
    gaps = np.diff(nodes)

    def all_tables(belief: Array, *tables: Array) -> tuple[Array, ...]:
        inside = jnp.clip(belief, nodes[0], nodes[-1])
        index = _interval(nodes, span, jax.lax.stop_gradient(inside))
        results = []
        for table in tables:
            wide = (-1,) + (1,) * (table.ndim - 1)
            slope = jnp.diff(table, axis=0) / gaps.reshape(wide)
            intercept = table[:-1] - slope * nodes[:-1].reshape(wide)
            size = int(np.prod(table.shape[1:]))
            columns = np.arange(size, dtype=np.int32).reshape(table.shape[1:])
            place = index * size + np.broadcast_to(
                columns, np.broadcast_shapes(columns.shape, belief.shape[1:])
            )
            start, rise = (
                line.reshape(-1).at[place].get(mode="promise_in_bounds") for line in (intercept, slope)
            )
            results.append(start + rise * inside)
        return tuple(results)

    results: tuple[Array, ...] = computed_once(all_tables, belief, *tables)
    return results


def interpolate(
    grid: Nodes, span: float, tables: tuple[Array, ...], belief: Array, ramps: bool, rounding: float = 0.0
) -> tuple[Array, ...]:
    """Linear interpolation in b of tables (points, ...) at beliefs (points, ...), constant beyond the ends; kinks may be
    rounded, which only ramps can do."""
    if ramps or rounding > 0.0:
        return interpolate_by_ramps(grid, tables, belief, rounding)
    return interpolate_by_gather(grid, span, tables, belief)
