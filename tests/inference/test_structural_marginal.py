"""The game's posterior over what enters the game: the rest is integrated without bias, each draw stands for itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from standoff.inference.importance import Mode
from standoff.inference.rivals import rival
from standoff.inference.structural import SEARCH
from standoff.inference.structural_density import Density, problem
from standoff.inference.structural_marginal import Marginal
from standoff.inference.structural_modes import CLOSE, Local
from tests.inference.weeks import weekly


@pytest.fixture(scope="module")
def local() -> tuple[Density, Local, Mode]:
    density = Density(problem(replace(weekly(), case="small"), rival("M0")))
    search = Local(density)
    place, height = search.climb(np.zeros(len(density.at.places)))
    return density, search, Mode(place, height, height, 1)


def test_the_integral_does_not_depend_on_where_draws_are_proposed(local: tuple[Density, Local, Mode]) -> None:
    density, search, mode = local
    precision = -search.curvature(mode.place)
    inside = density.at.inside
    z = mode.place[inside] + 0.3
    told = []
    for scale, away in ((1.0, 0.0), (0.6, 0.4)):
        middle = replace(mode, place=np.where(inside, mode.place, mode.place + away))
        one = Marginal(density, [middle], [scale * precision], [1, int(10 * scale)])
        logs = one.many(np.repeat(z[None], 60, axis=0))
        told.append(np.exp(logs - mode.log_density))
        kept = np.array(one._whole)
        assert np.all(kept[:, inside] == z) and len(np.unique(kept[:, ~inside], axis=0)) == 60
    error = np.sqrt(sum(np.var(one) / len(one) for one in told))
    assert abs(told[0].mean() - told[1].mean()) < 4.0 * error and error < 0.1 * told[0].mean()


def test_every_draw_has_a_seed_of_its_own(local: tuple[Density, Local, Mode]) -> None:
    density, search, mode = local
    z = mode.place[density.at.inside] + np.linspace(-0.2, 0.2, 3)[:, None]
    at_once, by_parts = (Marginal(density, [mode], [-search.curvature(mode.place)], [4]) for _ in "ab")
    together = at_once.many(z)
    assert np.array_equal(together, np.concatenate([by_parts.many(row[None]) for row in z]))


def test_a_game_that_is_not_solved_has_no_weight_and_its_place_is_kept(
    local: tuple[Density, Local, Mode], monkeypatch: pytest.MonkeyPatch
) -> None:
    density, search, mode = local
    failing = Density(density.at)
    one = Marginal(failing, [mode], [-search.curvature(mode.place)], [4])
    monkeypatch.setattr("standoff.inference.structural_density.SEARCH", SEARCH._replace(most=1))
    monkeypatch.setattr("standoff.inference.structural_density.PATIENT", SEARCH._replace(most=1))
    told = one.many(mode.place[density.at.inside][None] + 1.0)
    assert np.isnan(told[0]) and failing.failed == 1 and len(one._whole) == 1


def test_short_steps_go_on_from_where_wide_ones_ended(local: tuple[Density, Local, Mode]) -> None:
    _, search, mode = local
    place, height = search.climb(mode.place, CLOSE)
    assert height >= mode.log_density
    assert search.game(place).tables.gap.shape == search.game(mode.place).tables.gap.shape
    assert np.all(np.linalg.eigvalsh(-search.curvature(place)) > 0)
