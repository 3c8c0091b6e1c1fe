"""The reduced-form twin: its filter and blocks by a second method, its fits, effects, channels and influences."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.special import expit, logsumexp

from standoff.inference.decompose import CHANNELS, decompose, longest_spell
from standoff.inference.importance import resample
from standoff.inference.influence import influences
from standoff.inference.learn import named, posterior_values
from standoff.inference.predictive import posterior_checks, prior_values, signal_gate
from standoff.inference.probe import BESIDE, PROBE_EFFORT, probe_posterior, weighted_quantiles
from standoff.inference.rivals import ALL, RIVALS, rival
from standoff.inference.twin import (
    block,
    block_values,
    compiled,
    fit_block,
    fit_twin,
    free_places,
    place_of,
    sign_restrictions,
    week_terms,
)
from standoff.inference.twin_blocks import BLOCKS, GRID, holder_index
from standoff.inference.twin_effects import LEVERS, lever_effects, mean_level
from standoff.inference.twin_simulate import simulate
from tests.inference.weeks import WEEKS, data, probed


@pytest.fixture(scope="module")
def fits():
    return fit_twin(data(), 1)


def drawn_values(name: str, seed: int) -> tuple[dict[str, float], np.ndarray]:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(1, len(block(name).priors))) * 0.7
    fitted = fit_free(name)
    return {key: float(np.ravel(value)[0]) for key, value in block_values(fitted, z).items()}, z


def fit_free(name: str):
    from standoff.inference.importance import Draws
    from standoff.inference.twin import BlockFit

    places = tuple(range(len(block(name).priors)))
    return BlockFit(name, places, Draws(np.zeros((1, len(places))), np.ones(1), 0, 0, 0, 1, 0, (), ()))


def test_the_holder_block_agrees_with_a_sum_over_all_paths_of_the_residual() -> None:
    """Three weeks, every path of the residual on the grid written out."""
    short = data()._replace(
        **{k: getattr(data(), k)[:3] for k in data()._fields if len(getattr(data(), k)) == WEEKS}
    )
    v, z = drawn_values("holder", 3)
    terms = week_terms(short, fit_free("holder"), z)[0]
    index = np.asarray(holder_index(v, short))
    spread = np.sqrt(1 - v["persistence"] ** 2)
    moves = np.exp(-0.5 * ((GRID[None, :] - v["persistence"] * GRID[:, None]) / spread) ** 2)
    moves /= moves.sum(axis=1, keepdims=True)
    start = np.exp(-0.5 * GRID**2) / np.exp(-0.5 * GRID**2).sum()
    cuts = np.cumsum([v["cut"], *(v[f"step{i}"] for i in range(1, 3))])

    def weekly(week: int, node: int) -> float:
        soft = index[week] + v["spread"] * GRID[node]
        below = np.concatenate([[0], expit(cuts + soft), [1]])
        told = 0.0
        if short.holder_category[week] >= 0:
            chances = np.diff(below) @ short.holder_confusion
            told = short.holder_weight[week] * np.log(chances[int(short.holder_category[week])])
        hazard = np.exp(v["deal"] + v["deal_softness"] * soft)
        return told + (np.log1p(-np.exp(-hazard)) if short.deal[week] else -hazard)

    table = np.array([[weekly(t, j) for j in range(len(GRID))] for t in range(3)])
    logs = [
        np.log(start[a]) + np.log(moves[a, b]) + np.log(moves[b, c]) + table[0, a] + table[1, b] + table[2, c]
        for a, b, c in product(range(len(GRID)), repeat=3)
    ]
    assert terms.sum() == pytest.approx(logsumexp(logs), abs=1e-9)


def test_signals_force_and_aid_agree_with_plain_loops() -> None:
    d = data()
    v, z = drawn_values("force", 4)
    total = 0.0
    for t in range(1, WEEKS):
        if not (d.force_seen[t] and d.force_seen[t - 1] and d.in_spell[t] and d.in_spell[t - 1]):
            continue
        push = v["persistence"] * d.force[t - 1] + v["outside"] * d.outside[t]
        push += sum(v[s] * getattr(d, s)[t] for s in ("criticism", "support", "costly", "private"))
        below = [0.0, expit(v["cut"] - push), expit(v["cut"] + v["step1"] - push), 1.0]
        level = int(d.force_level[t])
        total += np.log(below[level + 1] - below[level])
    assert week_terms(d, fit_free("force"), z).sum() == pytest.approx(total, abs=1e-7)
    v, z = drawn_values("aid", 5)
    total = 0.0
    for t in range(1, WEEKS):
        if d.aid_seen[t] and d.aid_seen[t - 1]:
            mean = v["level"] + v["persistence"] * d.aid[t - 1] + v["force"] * d.force[t]
            mean += sum(v[s] * getattr(d, s)[t] for s in ("criticism", "costly", "private"))
            total += -0.5 * ((d.aid[t] - mean) / v["noise"]) ** 2 - np.log(v["noise"] * np.sqrt(2 * np.pi))
    assert week_terms(d, fit_free("aid"), z).sum() == pytest.approx(total, abs=1e-7)


def test_deaths_between_two_days_are_one_of_their_weeks() -> None:
    d = data()
    v, z = drawn_values("deaths", 6)
    terms = week_terms(d, fit_free("deaths"), z)[0]
    hazard = np.exp(v["level"] + v["force"] * d.force)
    assert terms[12] == pytest.approx(np.log1p(-np.exp(-hazard[12])))
    assert terms[33] == terms[34] == 0.0
    assert terms[35] == pytest.approx(np.log1p(-np.exp(-3 * hazard[35])))


def test_signals_that_nothing_answers_change_no_likelihood_of_the_stance() -> None:
    """Inert: with all effects of signals at zero the holder's block does not see them, to the bit."""
    fitted = fit_block(data(), "holder", free_places(block("holder"), rival("M12"), False), 1)
    other = data()._replace(news=-3 * data().news, criticism=data().criticism + 1, support=data().support * 0)
    z = fitted.draws.z[:50]
    assert np.array_equal(week_terms(data(), fitted, z), week_terms(other, fitted, z))


def test_every_rival_is_fitted_and_passes_its_gates(fits) -> None:
    assert list(fits) == [one.name for one in RIVALS]
    for one in fits.values():
        assert one.passed, one.gates
        assert np.isfinite(one.log_evidence)


def test_a_rival_with_a_restricted_sign_is_the_free_model_cut(fits) -> None:
    """Evidence of both signs, weighed by the prior's halves, is the evidence of the free model."""
    up, down = fits["M3"], fits["M4"]
    free = fit_block(data(), "holder", free_places(block("holder"), rival("M3"), False), 1)
    others = sum(one.draws.log_evidence for name, one in up.blocks.items() if name != "holder")
    cut = np.log(up.sign_probability / up.sign_prior) - np.log(sign_of_news(up) / 0.5)
    both = np.logaddexp(up.log_evidence, down.log_evidence) - np.log(2)
    assert both == pytest.approx(free.draws.log_evidence + others + cut, abs=0.1)
    assert np.all(
        block_values(up.blocks["holder"], up.blocks["holder"].draws.z)["news"][
            up.blocks["holder"].draws.weights > 0
        ]
        > 0
    )


def sign_of_news(fit) -> float:
    """Posterior probability of the sign of news alone."""
    from standoff.inference.twin import sign_share

    free = fit_block(data(), "holder", free_places(block("holder"), rival("M3"), False), 1)
    return sign_share(free, "news", rival(fit.rival).sign)


def test_adding_a_rival_changes_no_other_number(fits) -> None:
    alone = fit_twin(data(), 1, rivals=[rival("M2")])["M2"]
    assert alone.log_evidence == fits["M2"].log_evidence


def test_rivals_are_nested() -> None:
    for one in RIVALS:
        for part in BLOCKS:
            assert set(free_places(part, one, False)) <= set(free_places(part, rival(ALL), False))
    assert sign_restrictions(rival(ALL)) == ()


def test_a_second_fit_of_the_same_shape_compiles_nothing(fits) -> None:
    many = compiled("holder")[0]
    before = many._cache_size()
    fit_block(
        data()._replace(shock=data().shock[::-1].copy()),
        "holder",
        free_places(block("holder"), rival("M2"), False),
        5,
    )
    assert many._cache_size() == before


def test_channels_add_up_and_shut_channels_are_nothing(fits) -> None:
    values = posterior_values(fits[ALL], 40, named(1, "x"))
    split = decompose(data(), values, longest_spell(data()))
    assert sum(split.parts.values()) == pytest.approx(split.whole)
    still = {
        **values,
        "holder": {
            **values["holder"],
            **{k: np.zeros(40) for k in ("news", "criticism", "support", "costly")},
        },
    }
    assert decompose(data(), still, longest_spell(data())).parts["belief"] == pytest.approx(np.zeros(40))
    assert set(split.parts) == set(CHANNELS)


def test_a_lever_without_a_channel_moves_nothing(fits) -> None:
    values = {
        name: {k: np.asarray(v) for k, v in one.items()}
        for name, one in posterior_values(fits[ALL], 20, named(2, "x")).items()
    }
    inert = {name: dict(one) for name, one in values.items()}
    for name, keys in (
        ("holder", ("news", "criticism")),
        ("coercer", ("criticism",)),
        ("force", ("criticism",)),
        ("aid", ("criticism",)),
    ):
        for key in keys:
            inert[name][key] = np.zeros(20)
    moved = lever_effects(data(), inert, LEVERS[0])
    assert all(np.array_equal(values, np.zeros(20)) for values in moved.values())


def test_belief_that_hardens_makes_criticism_raise_the_level(fits) -> None:
    values = {name: dict(one) for name, one in prior_values(30, np.random.default_rng(1)).items()}
    for name, keys in (("coercer", ("criticism",)), ("force", ("criticism",)), ("aid", ("criticism",))):
        for key in keys:
            values[name][key] = np.zeros(30)
    values["holder"] = {**values["holder"], "news": np.full(30, 0.8), "criticism": np.zeros(30)}
    assert np.all(lever_effects(data(), values, LEVERS[0])["stance"] > 0)


def test_mean_levels_fall_with_softness() -> None:
    values = {k: np.asarray(v) for k, v in prior_values(10, np.random.default_rng(2))["holder"].items()}
    soft = np.tile(np.linspace(-4, 4, 9), (10, 1))
    assert np.all(np.diff(mean_level(values, soft, data().levels), axis=1) < 0)


@pytest.mark.parametrize("side", ["holder", "coercer"])
def test_a_planted_signal_is_found_with_its_sign(side) -> None:
    place = 0 if side == "holder" else 1
    given = probed(place)
    full = np.zeros(WEEKS)
    given = given._replace(**{f"{side}_category": full})  # a stance is recorded in every week
    values = {k: dict(v) for k, v in prior_values(1, np.random.default_rng(3)).items()}
    turn = -1.0 if side == "holder" else 1.0
    values[side] = {**values[side], "probe": np.full(1, 3.0 * turn), "spread": np.full(1, 0.5)}
    for key in (
        "drift",
        "terms",
        "shock",
        "news",
        "criticism",
        "support",
        "costly",
        "force",
        "aid",
        "endurance",
        "block",
        "answer",
    ):
        if key in values[side]:
            values[side][key] = np.zeros(1)
    record = simulate(given, values, np.random.default_rng(4))[0]
    found = probe_posterior(record, side, 1)
    assert found.passed, found.gates
    assert found.higher > 0.95 and found.low > 0 and found.unrecorded > 0


def test_leaving_a_stance_out_agrees_with_fitting_without_it() -> None:
    given = probed()
    free = tuple(p for p in free_places(block("holder"), BESIDE, True) if p != place_of("holder", "control"))
    fitted = fit_block(given, "holder", free, 1, PROBE_EFFORT)
    category = given.holder_category.copy()
    week = int(np.flatnonzero(category >= 0)[3])
    category[week] = -1.0
    without = given._replace(holder_category=category)
    (told,) = influences(given, fitted, "probe", -1.0, {"row": without}, np.random.default_rng(1))
    again = fit_block(without, "holder", free, 2, PROBE_EFFORT)
    exact = float(again.draws.weights[block_values(again, again.draws.z)["probe"] < 0].sum())
    assert told.without == pytest.approx(exact, abs=0.06)


def test_the_twins_own_records_look_like_its_records(fits) -> None:
    values = {
        k: {n: np.asarray(v)[:1] for n, v in one.items()}
        for k, one in posterior_values(fits[ALL], 5, named(3, "x")).items()
    }
    record = simulate(data(), values, np.random.default_rng(5))[0]
    checks = posterior_checks(
        record, fit_twin(record, 2, rivals=[rival(ALL)])[ALL], np.random.default_rng(6), 100
    )
    assert sum(not check.passed for check in checks) <= 2
    assert signal_gate([check._replace(passed=False) for check in checks if check.gate]).passed is False


def test_quantiles_of_weighted_draws() -> None:
    values, weights = np.arange(5.0), np.array([0.1, 0.2, 0.4, 0.2, 0.1])
    assert weighted_quantiles(values, weights, (0.05, 0.5, 0.95)) == (0.0, 2.0, 4.0)


def test_draws_of_equal_weight_keep_the_mean(fits) -> None:
    draws = fits["M0"].blocks["holder"].draws
    equal = resample(draws, 4000, np.random.default_rng(7))
    assert equal.mean(axis=0) == pytest.approx(draws.weights @ draws.z, abs=0.05)
