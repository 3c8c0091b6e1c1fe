"""Rows to look at: a solved game and its paths as plain lists of mappings, for charts, tables and JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from standoff.standoff_game.beliefs import belief_grid
from standoff.standoff_game.hazard import hazard_of, sign_map
from standoff.standoff_game.simulation import DEAL, ENDINGS, Paths
from standoff.standoff_game.solution import Solution

Rows = list[dict[str, Any]]


def _grid(solution: Solution) -> np.ndarray:
    spec = solution.specification
    return belief_grid(spec.belief_points, spec.belief_span)


def weekly_rows(paths: Paths) -> Rows:
    """``week``, ``belief`` (mean, open paths), ``hazard`` of a deal, ``open`` share, ``force`` (mean level index).

    With weekly histories also ``low`` and ``high``: the tenth and the ninetieth percentile of belief over open paths.
    """
    hazard, bands = hazard_of(paths), _belief_bands(paths)
    return [
        {
            "week": paths.first_week + t,
            "belief": float(paths.mean_belief[t]),
            **bands[t],
            "hazard": float(hazard[t]),
            "open": float(paths.open_share[t]),
            "force": float(paths.mean_force[t]),
            "generous": float(paths.generous[t]),
        }
        for t in range(len(hazard))
        if paths.open_share[t] > 0  # with no path open there is nothing to average
    ]


def _belief_bands(paths: Paths) -> Rows:
    if not paths.history:
        return [{} for _ in paths.open_share]
    bands: Rows = []
    for belief, live in zip(paths.history["belief"], paths.history["live"], strict=True):
        low, high = np.percentile(belief[live], [10, 90]) if np.any(live) else (np.nan, np.nan)
        bands.append({"low": float(low), "high": float(high)})
    return bands


def conduct_rows(solution: Solution, groups: int, state: int, signal: int) -> Rows:
    """Choice probabilities at a state by belief after the signal: each type's acts, and acceptance of each act."""
    spec, play = solution.specification, solution.play
    table = signal if spec.tables > 1 else 0
    rows: Rows = []
    for i, belief in enumerate(_grid(solution)):
        for m, force in enumerate(spec.force):
            for x, offer in enumerate(spec.offers):
                cell = (groups - 1, i, table, m, x, state)
                act = {"belief": float(belief), "force": force, "offer": offer}
                for t, who in enumerate(("restrained coercer", "unrestrained coercer")):
                    chance = float(play.conduct[(cell[0], t, *cell[1:])])
                    rows.append({**act, "who": who, "chance": chance})
                rows.append({**act, "who": "holder accepts", "chance": float(play.accept[cell])})
    return rows


def state_rows(solution: Solution, groups: int, signal: int, block: int = 0) -> Rows:
    """Choice probabilities by belief after the signal, endurance and outside pressure.

    ``what`` is the holder's chance of accepting what it expects to be offered, or a type's chance of the strongest force
    or of the most generous offer; ``chance`` its value.
    """
    spec, play = solution.specification, solution.play
    table = signal if spec.tables > 1 else 0
    best = int(np.argmax(np.asarray(solution.parameters.generosity)))
    rows: Rows = []
    for i, belief in enumerate(_grid(solution)):
        for e in range(spec.endurance_levels):
            for k in range(spec.pressure_levels):
                state = spec.state_index(e, k, block, spec.credulity_levels - 1)
                restrained, unrestrained = play.conduct[groups - 1, :, i, table, :, :, state]
                seen = belief * unrestrained + (1 - belief) * restrained
                values = {
                    "holder accepts": np.sum(seen * play.accept[groups - 1, i, table, :, :, state]),
                    f"restrained coercer: {spec.force[-1]}": restrained[-1].sum(),
                    f"unrestrained coercer: {spec.force[-1]}": unrestrained[-1].sum(),
                    f"restrained coercer: {spec.offers[best]}": restrained[:, best].sum(),
                    f"unrestrained coercer: {spec.offers[best]}": unrestrained[:, best].sum(),
                }
                here = {"belief": float(belief), "endurance": e, "pressure": k}
                rows += [{**here, "what": what, "chance": float(value)} for what, value in values.items()]
    return rows


def sign_rows(solution: Solution, signal: int, horizon: int, groups: int, block: int = 0) -> Rows:
    """Change in the chance of a deal by belief, endurance and outside pressure when a signal replaces silence."""
    spec = solution.specification
    change = sign_map(solution, signal, horizon)[groups - 1]
    return [
        {
            "belief": float(belief),
            "endurance": e,
            "pressure": k,
            "change": float(change[i, spec.state_index(e, k, block, spec.credulity_levels - 1)]),
        }
        for i, belief in enumerate(_grid(solution))
        for e in range(spec.endurance_levels)
        for k in range(spec.pressure_levels)
    ]


def zone_rows(solution: Solution, groups: int, state: int, signal: int) -> Rows:
    """What a deal is worth over waiting, by belief and offer, to the holder and to each type; force as each would choose.

    Gains are means over levels of force, weighed by the type's own chance of each (by the belief for the holder).
    """
    spec, play = solution.specification, solution.play
    table = signal if spec.tables > 1 else 0
    rows: Rows = []
    for i, belief in enumerate(_grid(solution)):
        for x, offer in enumerate(spec.offers):
            cell = (i, table, slice(None), x, state)
            chances = [play.conduct[(groups - 1, t, *cell)] for t in (0, 1)]
            gains = [play.deal_gain[(groups - 1, t, *cell)] for t in (0, 1)]
            seen = belief * chances[1] + (1 - belief) * chances[0]
            surplus = (play.accepting - play.waiting)[(groups - 1, *cell)]
            entries = {
                "holder": float(np.average(surplus, weights=seen)),
                "restrained coercer": float(np.average(gains[0], weights=chances[0])),
                "unrestrained coercer": float(np.average(gains[1], weights=chances[1])),
            }
            rows += [
                {"belief": float(belief), "offer": offer, "who": who, "gain": gain}
                for who, gain in entries.items()
            ]
    return rows


def outcome_summary(paths: Paths, cap: int, offers: tuple[str, ...]) -> dict[str, Any]:
    """Endings, terms of the deals by offer (shares of all paths), and means with their standard errors.

    Means: weeks to a deal (others count as the cap), groups lost, harm, aid, price, the holder's belief at the end.
    """
    weeks = np.where(paths.ending == DEAL, np.minimum(paths.week, cap), cap)
    columns = {
        "weeks to a deal (cap)": weeks, "groups lost": paths.lost, "harm": paths.harm, "aid": paths.aid,
        "price paid": paths.price, "belief at the end": paths.belief,
    }  # fmt: skip
    count = len(weeks)
    return {
        "paths": count,
        "endings": {name: float(np.mean(paths.ending == k)) for k, name in enumerate(ENDINGS)},
        "terms": {name: float(np.mean(paths.offer == x)) for x, name in enumerate(offers)},
        "means": {name: float(np.mean(column)) for name, column in columns.items()},
        "standard errors": {name: float(np.std(column) / np.sqrt(count)) for name, column in columns.items()},
    }
