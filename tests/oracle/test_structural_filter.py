"""The game's likelihood against plain loops over weeks, types, endurance and acts, on a small game with every kind of week."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import multivariate_t

from standoff.inference.rivals import rival
from standoff.inference.structural import (
    EVENTS_PER_GROUP,
    FIRST_BELIEF,
    FLOOR,
    TINY,
    constrained,
    game_of,
    read_terms,
    reading,
    solved,
)
from standoff.inference.structural_data import structural_data
from standoff.inference.structural_priors import NAMES, free_places, neutral_values
from standoff.panel.weekly import SIGNALS
from standoff.standoff_game.beliefs import belief_grid
from standoff.standoff_game.equilibrium import Search, cold_start, play_at
from standoff.standoff_game.precision import use_float64
from standoff.standoff_game.specification import Specification
from tests.inference.weeks import WEEKS, weekly

use_float64()
SPEC = Specification(belief_points=5, endurance_levels=2)
SEARCH = Search(tolerance=1e-8, most=2000)


def record():
    """The invented record with a deal between two weeks, a forced end, a collapse and offers of both kinds."""
    one, marks = weekly(), np.zeros((3, WEEKS))
    marks[0, 38] = marks[1, 44] = 1.0
    span, at_risk = np.ones(WEEKS), one.at_risk.copy()
    span[24], at_risk[22:24] = 3.0, False
    terms = np.where(np.arange(WEEKS) % 7 < 2, 60.0, one.terms)
    return replace(one, forced_end=marks[0], collapse=marks[1], span=span, at_risk=at_risk, terms=terms)


@pytest.fixture(scope="module")
def world():
    free = np.zeros(len(NAMES))
    free[free_places(rival("M7"))] = 1.0
    z = np.random.default_rng(5).normal(size=len(NAMES)) * 0.6
    v = constrained(jnp.asarray(z), free, neutral_values())
    d = structural_data(record(), SPEC.endurance_levels)
    p = game_of(v, SPEC, jnp.asarray(d.domestic), jnp.asarray(d.privacy))
    found = jax.jit(solved, static_argnums=(0, 4))(SPEC, v, cold_start(SPEC, p), d, SEARCH)
    assert float(found.residual) <= SEARCH.tolerance
    terms = jax.jit(read_terms, static_argnums=0)(reading(SPEC), v, found.tables, d)
    play = jax.tree.map(np.asarray, play_at(SPEC, p, found.unknowns))
    values = {name: float(x) for name, x in v.items()}
    return values, jax.tree.map(np.asarray, p), play, d, jax.tree.map(np.asarray, terms)


def law_of(v, p, causes):
    lean = {
        kind: v[f"{kind}_level"]
        + sum(
            v[f"{kind}_{c}"] * x
            for c, x in zip(("harm", "stalled", "stance", "calendar"), causes, strict=True)
        )
        for kind in ("restrain", "enable")
    }
    costly = v["costly_level"] + v["costly_harm"] * causes[0]
    base = np.array([[0.14, 0.42, 0.26, 0.10, 0.08], [0.32, 0.42, 0.14, 0.10, 0.02]])
    tilt = [
        lean["enable"] * ("support" in name or name == "both")
        + lean["restrain"] * ("criticism" in name or name == "both")
        + costly * ("costly" in name)
        for name in SIGNALS
    ]
    law = base * np.exp(tilt)
    return law / law.sum(axis=1, keepdims=True)


def at(table, belief, grid):
    return np.array([np.interp(belief, grid, column) for column in table.reshape(len(grid), -1).T]).reshape(
        table.shape[1:]
    )


def leaned(conduct, lean):
    moved = conduct * np.exp(lean * np.arange(2))
    return moved / moved.sum(axis=(-2, -1), keepdims=True)


def ordered(cut, spacing, softness, stance, t):
    count = len(stance.confusion)
    below = [expit(cut + spacing * (k - (count - 2) / 2) + softness) for k in range(count - 1)]
    chances = np.diff([0.0, *below, 1.0])
    told = sum(chances[true] * stance.confusion[true, stance.category[t]] for true in range(count))
    return (told + TINY) ** stance.weight[t]


def slow(v, p, play, d):
    """Log predictive densities of the weeks, beliefs and weights on the unrestrained type."""
    grid, b = belief_grid(SPEC.belief_points, SPEC.belief_span), FIRST_BELIEF
    pi = np.outer([1 - b, b], d.chances[0])
    logs, path, weight = [], [], []
    for t in range(WEEKS):
        path.append(b)
        n, y, k, levels = d.groups[t], d.signal[t], d.pressure[t], range(SPEC.endurance_levels)
        law = law_of(v, p, d.causes[t])
        odds = b / (1 - b) * (law[1, y] / law[0, y]) ** v["credulity"]
        b = odds / (1 + odds)
        states = [SPEC.state_index(e, k, d.block[t]) for e in levels]
        lean = v["coercer_drift"] * d.time[t]
        shown = np.array(
            [[at(leaned(play.conduct[n, c, :, y, :, :, s], lean), b, grid) for s in states] for c in (0, 1)]
        )
        z = d.private[t]
        own = np.array(
            [
                [at(leaned(play.private[n, z, c, :, y, :, :, s], lean), b, grid) for s in states]
                for c in (0, 1)
            ]
        )
        gap = [
            at((play.accepting - play.waiting)[n, :, y, :, :, s], b, grid) / p.noise_holder for s in states
        ]
        forces = range(3) if d.force[t] < 0 else [d.force[t]]
        offers = range(2) if d.offer[t] < 0 else [d.offer[t]]
        likely = np.zeros((2, len(levels)))
        ends = p.forced_end * k
        for c in (0, 1):
            for e in levels:
                total = 0.0
                given = (
                    own[c, e][:, list(offers)].sum()
                    if d.open[t]
                    else own[c, e][np.ix_(list(forces), list(offers))].sum()
                )
                for m in forces:
                    for x in offers:
                        soft = gap[e][m, x] + v["holder_drift"] * d.time[t] + v["shock"] * d.shock[t]
                        accept = expit(soft)
                        fall = FLOOR + (1 - FLOOR) * (e == 0) * p.collapse * m / 2
                        end = FLOOR + (1 - FLOOR) * ends[c]
                        if not d.open[t]:
                            outcome = 1.0
                        elif d.deal[t]:
                            outcome = 1 - (1 - accept) ** d.span[t]
                        elif d.collapse[t]:
                            outcome = (1 - accept) * fall
                        else:
                            outcome = (1 - accept) * (1 - fall) * (end if d.forced[t] else 1 - end)
                        said = ordered(v["holder_cut"], v["holder_spacing"], soft, d.holder, t)
                        total += own[c, e, m, x] / given * outcome * said
                generous = np.log(own[c, e][:, 1].sum() / own[c, e][:, 0].sum())
                total *= ordered(v["coercer_cut"], v["coercer_spacing"], -generous, d.coercer, t)
                likely[c, e] = law[c, y] * (total if d.spell[t] else 1.0)
        joint = pi * likely
        logs.append(np.log(joint.sum()))
        pi = joint / joint.sum()
        weight.append(pi[1].sum())
        pi = p.drift * pi[::-1] + (1 - p.drift) * pi
        pi = pi @ d.moves[t]
        if d.open[t]:
            act = [
                sum(d.chances[t][e] * shown[c, e, m, x] for e in levels for m in forces for x in offers)
                for c in (0, 1)
            ]
            b = b * act[1] / (b * act[1] + (1 - b) * act[0])
            if not (d.deal[t] or d.forced[t] or d.collapse[t]):
                b = b * (1 - ends[1]) / (b * (1 - ends[1]) + (1 - b) * (1 - ends[0]))
        b = b + p.drift * (1 - 2 * b)
    return np.array(logs), np.array(path), np.array(weight)


def test_weeks_beliefs_and_weights_against_plain_loops(world):
    v, p, play, d, terms = world
    logs, path, weight = slow(v, p, play, d)
    assert np.allclose(terms.weeks, logs, rtol=0, atol=1e-9)
    assert np.allclose(terms.belief, path, atol=1e-10)
    assert np.allclose(terms.weight, weight, atol=1e-9)


def test_deaths_against_a_product_over_weeks(world):
    v, p, _, d, terms = world
    assert np.isclose(p.death_base, v["deaths"] / EVENTS_PER_GROUP)

    def chance(t):
        levels = [d.force[t]] if d.force[t] >= 0 else [0, 1, 2]
        return np.mean([min(v["deaths"] + v["deaths_force"] * m, 0.95) for m in levels])

    inside = {12, 33, 34, 35}
    total = sum(np.log1p(-chance(t)) for t in range(WEEKS) if t not in inside)
    total += np.log(chance(12)) + np.log(1 - np.prod([1 - chance(t) for t in (33, 34, 35)]))
    assert np.isclose(terms.deaths, total, atol=1e-9)


def test_aid_against_its_marginal_law(world):
    # Integrated over coefficients and variance, aid is multivariate t: 4 degrees of freedom, scale .01 (1 + X V X').
    v, p, _, d, terms = world
    rows = np.flatnonzero(d.aid_seen)
    design = np.stack([np.ones(len(rows)), d.aid[rows - 1]], axis=1)
    moved = -v["aid_force"] * np.maximum(d.force[rows], 0) + v["aid_criticism"] * p.criticism[d.signal[rows]]
    law = multivariate_t(
        design @ [0.2, 0.7] + moved, 0.01 * (np.eye(len(rows)) + 0.5 * design @ design.T), df=4
    )
    assert np.isclose(terms.aid, law.logpdf(d.aid[rows]), atol=1e-8)
