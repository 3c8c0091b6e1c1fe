"""Priors from elsewhere: the line through z against closed forms, what is taken from a posterior, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from standoff.errors import PriorsError, RunError, SettingsError
from standoff.inference.importance import Effort, Gate, Target, fit
from standoff.inference.informed import (
    Informed,
    InformedFit,
    Line,
    informed_values,
    known_parameters,
    learn_informed,
    lines_of,
    read_informed,
    shifted,
)
from standoff.inference.posterior_files import twin_file
from standoff.inference.rivals import rival
from standoff.inference.storage import Contents, Origin, one_chain, pack, to_tree
from standoff.inference.twin import block, block_target, fit_twin, free_places, place_of
from standoff.record.priors_file import WIDEN
from tests.inference.weeks import data

NEWS = Line(0.6, 0.2, "said elsewhere")
INFORMED = Informed("a made-up study", "file", 2.0, {("holder", "news"): NEWS})
SMALL = Effort(draws=1024, rounds=5, starts=1, aim=800)


def test_a_normal_mean_in_closed_form() -> None:
    """One observation y ~ N(x, 1), default prior x = z ~ N(0, 1), from elsewhere N(1.5, .5^2)."""
    y = 0.4

    def height(z):  # type: ignore[no-untyped-def]
        return norm.logpdf(y, z[..., 0], 1.0) + norm.logpdf(z[..., 0])

    default = Target(
        height,
        lambda z: (float(height(z)), np.array([y - 2 * z[0]])),
        lambda z: np.array([[-2.0]]),
    )
    target = shifted(default, np.array([1.5]), np.array([0.5]))
    z = np.array([[-0.7], [0.0], [1.3]])
    x = 1.5 + 0.5 * z
    np.testing.assert_allclose(target.many(z), (norm.logpdf(y, x, 1.0) + norm.logpdf(z))[:, 0], rtol=1e-12)
    drawn = fit(target, 1, np.random.default_rng(1), Effort(draws=16384, aim=12000))
    assert drawn.log_evidence == pytest.approx(norm.logpdf(y, 1.5, np.sqrt(1.25)), abs=0.02)
    mean = 1.5 + 0.5 * np.sum(drawn.weights * drawn.z[:, 0])
    assert mean == pytest.approx((y + 1.5 / 0.25) / (1 + 1 / 0.25), abs=0.02)


def test_slopes_and_curvatures_agree_with_differences() -> None:
    free = free_places(block("holder"), rival("M12"), False)
    shift, stretch = np.linspace(-0.5, 0.5, len(free)), np.linspace(0.4, 1.3, len(free))
    target = shifted(block_target(data(), "holder", free), shift, stretch)
    z = np.random.default_rng(2).normal(size=len(free)) * 0.3
    height, slope = target.slope(z)
    assert height == pytest.approx(float(target.many(z[None])[0]), rel=1e-10)
    for k in (0, 4, len(free) - 1):
        step = np.zeros(len(free))
        step[k] = 1e-5
        there = float(target.many((z + step)[None])[0]) - float(target.many((z - step)[None])[0])
        assert slope[k] == pytest.approx(there / 2e-5, rel=1e-4, abs=1e-4)
        bent = (target.slope(z + step)[1] - target.slope(z - step)[1]) / 2e-5
        np.testing.assert_allclose(target.curvature(z)[k], bent, rtol=1e-3, atol=1e-3)


def test_the_line_gives_the_prior_that_was_asked_for() -> None:
    drawn = informed_values(INFORMED, 20_000, np.random.default_rng(3))["holder"]
    assert drawn["news"].mean() == pytest.approx(0.6, abs=0.01)
    assert drawn["news"].std() == pytest.approx(0.2, abs=0.01)
    prior = block("holder").priors[place_of("holder", "force")]
    assert drawn["force"].std() == pytest.approx(prior.scale, rel=0.03)
    assert np.all(drawn["probe"] == 0)
    shift, stretch = lines_of(INFORMED, "coercer", (0, 1))
    assert (shift.tolist(), stretch.tolist()) == ([0.0, 0.0], [1.0, 1.0])


def test_the_default_prior_said_again_gives_the_default_fit_to_the_bit() -> None:
    prior = block("holder").priors[place_of("holder", "news")]
    same = InformedFit(
        Informed("itself", "file", 1.0, {("holder", "news"): Line(prior.location, prior.scale, "")})
    )
    plain = fit_twin(data(), 1, [rival("M3")], SMALL)["M3"]
    again = fit_twin(data(), 1, [rival("M3")], SMALL, fitter=same.block, sign_prior=same.sign_prior)["M3"]
    assert again.log_evidence == pytest.approx(plain.log_evidence, abs=1e-9)
    for name in plain.blocks:
        np.testing.assert_allclose(again.blocks[name].draws.z, plain.blocks[name].draws.z, atol=1e-9)


def test_a_sharp_prior_carries_the_posterior_and_the_sign() -> None:
    sharp = Informed("certain", "file", 1.0, {("holder", "news"): Line(0.6, 0.01, "")})
    fitter = InformedFit(sharp)
    assert fitter.sign_prior("holder", "news", 1) == pytest.approx(1.0)
    assert fitter.sign_prior("holder", "force", 1) == 0.5
    found = fit_twin(
        data(), 1, [rival("M3")], SMALL, only=["holder"], fitter=fitter.block, sign_prior=fitter.sign_prior
    )["M3"]
    one = found.blocks["holder"]
    prior = block("holder").priors[place_of("holder", "news")]
    news = prior.location + prior.scale * one.full()[:, place_of("holder", "news")]
    assert np.sum(one.draws.weights * news) == pytest.approx(0.6, abs=0.01)
    assert found.sign_probability == pytest.approx(1.0, abs=1e-6)
    # cut to a sign that the prior is sure of: the cut costs nothing
    assert found.log_evidence == pytest.approx(one.draws.log_evidence, abs=1e-6)


def test_rivals_and_effects_come_with_what_was_taken() -> None:
    found = learn_informed(data(), INFORMED, 1)
    assert [one.name for one in found.rivals][:2] == ["M0", "M1"]
    assert sum(one.probability for one in found.rivals) == pytest.approx(1.0)
    assert {one.outcome for one in found.effects} == {"stance", "deal", "deaths"}
    (taken,) = found.taken
    assert (taken.low, taken.high) == pytest.approx((0.6 - 1.6449 * 0.2, 0.6 + 1.6449 * 0.2), abs=1e-3)
    assert (taken.block, taken.name, taken.reason) == ("holder", "news", "said elsewhere")
    # the prior's own probability that support softens is that of the prior in force
    support = next(one for one in found.effects if (one.lever, one.outcome) == ("support", "stance"))
    assert support.prior_higher < 0.2


# --- another case's posterior -------------------------------------------------------------------------------------


def posterior(tmp_path: Path, spread: float = 0.1, model: str = "twin M7", case: str = "other", passed: bool = True) -> Path:  # fmt: skip
    rng = np.random.default_rng(5)
    names = [f"{b}_{p}" for b, many in known_parameters().items() for p in many]
    values = {name: 0.3 + spread * rng.normal(size=500) for name in names}
    drawn, stats = one_chain(values, np.full(500, 1 / 500))
    path = tmp_path / "twin-M7.nc"
    origin = Origin(model, 1, case, (Gate("k", passed, "0.3"),))
    path.write_bytes(pack(to_tree(Contents(drawn, stats), origin)))
    return path


def test_effects_of_another_case_are_taken_with_twice_their_spread(tmp_path: Path) -> None:
    found = read_informed(posterior(tmp_path), "mine")
    assert found.origin == "posterior" and "other" in found.source
    news = found.lines["holder", "news"]
    assert news.location == pytest.approx(0.3, abs=0.02)
    assert news.scale == pytest.approx(WIDEN * 0.1, rel=0.1)
    assert all(not name.startswith(("cut", "step", "spread", "probe")) for _, name in found.lines)


def test_what_tells_no_more_than_the_default_keeps_it(tmp_path: Path) -> None:
    assert read_informed(posterior(tmp_path, spread=2.0), "mine").lines == {}
    some = read_informed(posterior(tmp_path, spread=0.2), "mine").lines
    assert ("holder", "news") in some  # default scale .7
    assert ("holder", "criticism") not in some  # default scale .3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": "twin M3"}, "not the reduced form of M7"),
        ({"model": "game M7"}, "not the reduced form of M7"),
        ({"case": "mine"}, "count twice"),
        ({"passed": False}, "missed a gate"),
    ],
)
def test_a_posterior_that_cannot_serve_is_refused(tmp_path: Path, changes: dict, said: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(SettingsError) as caught:
        read_informed(posterior(tmp_path, **changes), "mine")
    assert said in caught.value.why and caught.value.do


def test_a_damaged_posterior_and_no_file_are_told(tmp_path: Path) -> None:
    path = posterior(tmp_path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(RunError):
        read_informed(path, "mine")
    with pytest.raises(PriorsError):
        read_informed(tmp_path / "none.nc", "mine")


def test_a_file_that_a_run_wrote_can_be_read(tmp_path: Path) -> None:
    everything = fit_twin(data(), 1, [rival("M7")])["M7"]
    assert everything.passed
    path = tmp_path / "twin-M7.nc"
    path.write_bytes(twin_file(everything, data(), "other", 1, np.random.default_rng(1)))
    found = read_informed(path, "mine")
    assert found.lines
    for (name, parameter), line in found.lines.items():
        one, place = everything.blocks[name], place_of(name, parameter)
        prior = block(name).priors[place]
        values = prior.location + prior.scale * one.full()[:, place]
        mean = np.sum(one.draws.weights * values)
        spread = np.sqrt(np.sum(one.draws.weights * (values - mean) ** 2))
        assert line.location == pytest.approx(mean, abs=0.2 * spread)
        assert line.scale == pytest.approx(WIDEN * spread, rel=0.2)
        assert line.scale < prior.scale
    with pytest.raises(SettingsError):
        read_informed(path, "other")
