"""The peer: the same sweep in vectorised numpy, iterated with damping, on the baseline without domestic blocks.

Written from model.md section 2 for the bench; it stops after a few sweeps and counts how many a fixed damping needs by
running the first class to the gate.
"""

from __future__ import annotations

import time

import numpy as np

from standoff.standoff_game.solution import Solution


def damped_sweeps(solution: Solution, damping: float = 0.5) -> tuple[float, int]:
    """Seconds a sweep over all three classes, and the sweeps that the class of three needs to 1e-7 (at most 2,000)."""
    p = solution.parameters
    grid = 1 / (1 + np.exp(-np.linspace(-4, 4, 15)))
    e, k = (a.ravel() for a in np.meshgrid(np.arange(6), np.arange(4), indexing="ij"))
    force = np.arange(3.0)
    aid = np.clip(p.aid_base - p.aid_force * force, 0, 1.5)
    harm = p.harm * (1.3 - 0.5 * aid)
    up, down = p.endurance_up * aid, p.endurance_down * force + 0.25 * p.endurance_up
    up, down = up / np.maximum(up + down, 1), down / np.maximum(up + down, 1)
    rise, fall = p.harm_pressure * harm, np.full(3, p.pressure_decay)
    rise, fall = rise / np.maximum(rise + fall, 1), fall / np.maximum(rise + fall, 1)
    move = np.zeros((3, 24, 24))
    for m in range(3):
        for s in range(24):
            for i, a in ((min(e[s] + 1, 5), up[m]), (max(e[s] - 1, 0), down[m]), (e[s], 1 - up[m] - down[m])):
                for j, b in (
                    (min(k[s] + 1, 3), rise[m]),
                    (max(k[s] - 1, 0), fall[m]),
                    (k[s], 1 - rise[m] - fall[m]),
                ):
                    move[m, s, i * 4 + j] += a * b
    lost_chance = p.death_base + p.death_force * force
    collapse = np.where(e == 0, (p.collapse * force / 2)[:, None], 0.0)[None, None, :, None, :]
    end = [w * k for w in p.forced_end]
    law = p.signal_law
    b1 = grid[:, None] / (grid[:, None] + (1 - grid[:, None]) * (law[0] / law[1])[None] ** p.credulity)

    def read(table: np.ndarray, at: np.ndarray) -> np.ndarray:  # (15, 3, 24) at (15, 5, 3, 2, 24)
        inside = np.clip(at, grid[0], grid[-1])
        low = np.clip(np.searchsorted(grid, inside, side="right") - 1, 0, 13)
        share = (inside - grid[low]) / (grid[low + 1] - grid[low])
        m, s = np.arange(3)[:, None, None], np.arange(24)
        return (1 - share) * table[low, m, s] + share * table[low + 1, m, s]

    def sweep(v: np.ndarray, r: np.ndarray, lost: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
        g = grid[:, None, None, None, None]
        b2 = g / (g + (1 - g) * np.exp(-r))
        w = b2 * end[1] + (1 - b2) * end[0]
        b3 = b2 * (1 - end[1]) / (b2 * (1 - end[1]) + (1 - b2) * (1 - end[0]))
        b3 = b3 + p.drift * (1 - 2 * b3)
        mixed = [
            (1 - lost_chance)[:, None] * a[:, None] + lost_chance[:, None] * z[:, None]
            for a, z in zip(v, lost, strict=True)
        ]
        ahead = [read(np.einsum("mst,bmt->bms", move, a), b3) for a in mixed]
        accepting = (p.offer_value * (1 - p.chip + p.chip * groups / 3) - p.give)[:, None]
        accepting = accepting - (b2 * p.resume[1] + (1 - b2) * p.resume[0]) * p.resume_loss
        flow = (
            (p.aid_value * aid)[:, None]
            - p.force_cost[:, None] * (1 + p.tired * (1 - e / 5))
            + p.pressure_value * k
        )
        waiting = flow[None, None, :, None] - collapse * p.collapse_loss
        waiting = waiting + (1 - collapse) * (w * p.end_value + (1 - w) * p.discount_holder * ahead[0])
        gap = (accepting - waiting) / p.noise_holder
        accept = 1 / (1 + np.exp(-gap))
        value = waiting + p.noise_holder * np.logaddexp(0, gap)
        chances, values = [], []
        for t in (0, 1):
            base = -p.holding_cost * groups + force[:, None, None] * (
                p.force_value[t] - p.pressure_penalty[t] * k
            )
            base = base - (p.criticism_penalty[t] * np.outer(p.criticism, force))[:, :, None, None]
            later = (1 - p.drift) * ahead[1 + t] + p.drift * ahead[2 - t]
            wait = collapse * p.win_value + (1 - collapse) * (
                -end[t] * p.end_loss + (1 - end[t]) * p.discount_coercer * later
            )
            wait = wait - (lost_chance if groups == 1 else 0 * lost_chance)[:, None, None] * p.hostage_value
            q = (
                base + accept * (p.hostage_value * groups - p.offer_price)[:, None] + (1 - accept) * wait
            ) / p.noise_coercer
            top = q.max(axis=(2, 3), keepdims=True)
            total = np.exp(q - top).sum(axis=(2, 3), keepdims=True)
            chances.append(np.exp(q - top) / total)
            values.append(p.noise_coercer * ((top + np.log(total))[:, :, 0, 0] - np.log(6)))
        holder = ((g * chances[1] + (1 - g) * chances[0]) * value).sum(axis=(2, 3))
        tables = [holder, *values]
        out = np.zeros((3, 15, 24))
        for y in range(5):
            read_at = [
                np.stack([np.interp(b1[:, y], grid, t[:, y, s]) for s in range(24)], axis=1) for t in tables
            ]
            out[0] += (grid * law[1, y] + (1 - grid) * law[0, y])[:, None] * read_at[0]
            out[1] += law[0, y] * read_at[1]
            out[2] += law[1, y] * read_at[2]
        return out, np.log(chances[1]) - np.log(chances[0])

    lost = np.asarray(solution.unknowns.values[1])
    v, r = np.zeros((3, 15, 24)), np.zeros((15, 5, 3, 2, 24))
    start, gap, count = time.perf_counter(), np.inf, 0
    while gap > 1e-7 and count < 2000:
        new_v, new_r = sweep(v, r, lost, 3)
        gap = max(np.max(np.abs(new_v - v)), np.max(np.abs(new_r - r)))
        v, r, count = new_v, (1 - damping) * r + damping * new_r, count + 1
    spent = time.perf_counter() - start
    if not np.max(np.abs(v - np.asarray(solution.unknowns.values[2]))) < 1e-4:
        raise AssertionError("the peer solves another game")
    return 3 * spent / count, count
