"""The catalogue: every game loads, is described and solves; parameters are checked whole, whoever gives them."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standoff.errors import NotFoundError, SettingsError
from standoff.games.catalogue import ENTRIES, catalogue, load
from standoff.games.checks import interval
from standoff.games.citations import CITATIONS
from standoff.games.errors import GamesError, LostCurveError
from standoff.games.solved import Check, Solved
from standoff.games.textbook.abreu_gul import Reputations
from standoff.games.textbook.logit_fit import maxima
from standoff.games.textbook.logit_path import at_precision
from standoff.games.textbook.logit_qre import Qre
from standoff.games.textbook.logit_tree import End, extensive, strategic
from standoff.games.textbook.selten_kidnapping import Kidnapping

ROOT = Path(__file__).parents[2]
TEXTBOOK = [one.name for one in ENTRIES if one.kind == "textbook"]


def mistakes(error):
    return {one.parameter: one.what for one in error.value.mistakes}


def test_names_and_modules_are_each_used_once():
    assert len({one.name for one in catalogue()}) == len(catalogue())
    assert len({one.module for one in catalogue()}) == len(catalogue())
    assert len(TEXTBOOK) == 12


@pytest.mark.parametrize("name", [one.name for one in ENTRIES])
def test_every_game_is_whole(name):
    game = load(name)
    assert game.name == name
    assert game.entry.title
    assert game.setting.endswith(".")
    assert game.sources
    assert f"[{name}](" in (ROOT / "docs/games/index.md").read_text(encoding="utf-8"), "each game has a page"
    for one in game.parameters:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", one.name)
        assert one.meaning
        assert one.allowed
    symbols = [one.symbol for one in game.parameters]
    assert len(set(symbols) | {one.name for one in game.parameters}) == len(
        set(symbols + [p.name for p in game.parameters])
    )
    assert len(set(symbols)) == len(symbols)


@pytest.mark.parametrize("name", TEXTBOOK)
def test_every_textbook_game_solves_at_its_defaults_and_is_plain_json(name):
    found = load(name).solve()
    assert found.passed
    assert 0 <= found.residual <= 1e-6
    assert found.equilibria
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["game"] == name
    assert {one["name"] for one in told["quantities"]} == {one.name for one in found.quantities}
    assert len(told["quantities"]) == len({one["name"] for one in told["quantities"]})


def test_every_source_is_in_the_bibliography():
    text = (ROOT / "docs/references.bib").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^@\w+\{(\w+),(.*?)^\}", text, re.MULTILINE | re.DOTALL))
    plain = {key: re.sub(r"[{}]", "", body) for key, body in entries.items()}
    for name in [one.name for one in ENTRIES]:
        for key in load(name).sources:
            title, year = (
                re.search(r"title\s*= (.+?),\n", plain[key])[1],
                re.search(r"year\s*= (\d+)", plain[key])[1],
            )
            assert title in CITATIONS[key]
            assert f"({year})" in CITATIONS[key]


def test_listing_and_loading_a_textbook_game_load_no_jax():
    code = (
        "import sys, standoff.games as g; g.catalogue(); assert 'numpy' not in sys.modules; g.load('rubinstein').solve();"
        "assert 'jax' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_game_is_told_with_the_nearest_name():
    with pytest.raises(NotFoundError) as error:
        load("abreu_gull")
    assert "abreu-gul" in error.value.do
    assert load("Abreu_Gul").name == "abreu-gul"


def test_every_mistake_is_told_at_once():
    with pytest.raises(GamesError) as error:
        load("selten-kidnapping").solve(anger=1.0, q="much", x=20, z=10, w=math.nan, ransom=3, a=0.5, y=True)
    told = mistakes(error)
    assert set(told) == {
        "ransom", "anger", "capture", "caught_release, caught_execution", "death_loss", "free_execution",
    }  # fmt: skip
    assert "7 mistakes" in error.value.what


def test_a_direct_call_does_not_get_past_the_checks():
    with pytest.raises(GamesError) as error:
        Reputations(0.4, 0.5, 0.1, 0.1, 0.0, 1.0)
    assert set(mistakes(error)) == {"demand_1, demand_2", "obstinate_1", "obstinate_2"}
    with pytest.raises(GamesError):
        Kidnapping(capture_execution=1.0)


@pytest.mark.parametrize("name", TEXTBOOK)
def test_what_lies_outside_a_range_is_refused(name):
    """Every bound of every parameter: what is just outside is refused by name."""
    game = load(name)
    for one in game.parameters:
        if one.within is None or one.kind == "matrix":
            continue
        for bound, inside, outward in (
            (one.within.low, one.within.low_inside, -1.0), (one.within.high, one.within.high_inside, 1.0),
        ):  # fmt: skip
            bad = bound if not inside else bound + outward * max(1.0, abs(bound)) * 1e-6
            with pytest.raises(GamesError) as error:
                game.solve(**{one.name: bad})
            assert one.name in {part for key in mistakes(error) for part in key.split(", ")}


def test_numbers_of_other_kinds_are_taken_or_refused():
    assert load("rubinstein").solve(delta1=np.float64(0.9), delta2=np.float32(0.5)).passed
    assert load("gamblers-ruin").solve(forts=np.int64(12), held=3.0).numbers["held"] == 3
    for bad in (None, [1], 0.5 + 0j, "0.5", np.bool_(True), 10**400):
        with pytest.raises(GamesError):
            load("gamblers-ruin").solve(forts=bad)
    with pytest.raises(GamesError):
        load("gamblers-ruin").solve(forts=10.5)


def test_numbers_that_no_float_can_be_reckoned_with_are_refused():
    for bad in (5e-324, 1e-70, 1e200):
        with pytest.raises(GamesError) as error:
            load("selten-kidnapping").solve(death_loss=bad)
        assert "too near to zero or too large" in mistakes(error)["death_loss"]
    with pytest.raises(GamesError):
        load("logit-qre").solve(row=[[1e200, 0], [0, 1]])


@pytest.mark.parametrize("name", TEXTBOOK)
def test_numbers_drawn_from_their_ranges_are_solved_or_refused_and_nothing_else(name, recwarn):
    """Twenty draws over many sizes and near the ends of ranges: a solution that passed its checks, or a named mistake."""
    game, draws = load(name), np.random.default_rng(11)

    def drawn(one):
        low, high = one.within.low, one.within.high
        if one.kind == "whole":
            return int(draws.integers(max(low, 1), 60))
        if math.isfinite(low) and math.isfinite(high):
            part = draws.choice([draws.random(), 1e-9, 1 - 1e-9])
            return low + (high - low) * part
        size = 10 ** draws.uniform(-4, 4)
        return (
            low + size
            if math.isfinite(low)
            else high - size
            if math.isfinite(high)
            else draws.normal() * size
        )

    for _ in range(20):
        numbers = {one.name: drawn(one) for one in game.parameters if one.within and one.kind != "matrix"}
        if name == "logit-qre":
            numbers["precision"] = 10 ** draws.uniform(-2, 3)
        try:
            assert game.solve(**numbers).passed, numbers
        except GamesError as error:
            assert error.mistakes
    assert not recwarn.list


def test_a_side_without_a_choice_has_an_equilibrium():
    found = load("logit-qre").solve(row=[[2.0]], column=[[-1.0]], precision=3)
    assert found.passed
    assert found["row 1"] == 1


def test_matrices_are_checked():
    game = load("logit-qre")
    for bad in ({"row": [[1, 2], [3]]}, {"row": [[1, math.inf]]}, {"row": [[1, "x"]]}, {"row": []}, {"row": 3},
                {"row": [[1, 2, 3]]}, {"example": "poker", "row": [[1, 0], [0, 1]]}, {"example": "chess"},
                {"row_counts": [[1, 2]]}, {"row_counts": [[1, 2]], "column_counts": [[0, 0]]},
                {"row_counts": [[-1, 2]], "column_counts": [[1, 1]]},
                {"row_counts": [[1, 2, 3]], "column_counts": [[1, 1]]}):  # fmt: skip
        with pytest.raises(GamesError):
            game.solve(**bad)
    assert game.solve(row=np.eye(2), column=np.eye(2)).passed


def test_trees_are_checked():
    actions = {"first": ("up", "down"), "second": ("left", "right")}
    with pytest.raises(GamesError) as error:
        extensive(
            actions,
            [End(1.0, ("up", "left"), {"first": 1}), End(0.0, ("down", "sideways"), {"first": math.nan})],
        )
    assert set(mistakes(error)) == {"end 1", "end 2", "right"}
    with pytest.raises(GamesError):
        strategic([np.zeros((2, 2)), np.zeros((2, 3))])
    with pytest.raises(GamesError):
        strategic([np.zeros((2, 2))])
    with pytest.raises(GamesError):
        maxima(Qre().tree, np.array([1.0, 2.0, 3.0]))


def test_a_lost_path_says_so(monkeypatch):
    monkeypatch.setattr("standoff.games.textbook.logit_path.MOST_STEPS", 3)
    with pytest.raises(LostCurveError) as error:
        at_precision(Qre().tree, 50.0)
    assert error.value.do


def test_a_solution_without_checks_or_with_a_failed_one_has_not_passed():
    def made(*checks):
        return Solved("x", {}, (), checks, (), "")

    assert not made().passed
    assert not made(Check("a", 0.0), Check("b", math.nan)).passed
    assert not made(Check("a", 1.0)).passed
    assert made(Check("a", 0.0)).passed
    assert made(Check("b", math.nan)).to_dict()["residual"] is None


def test_a_quantity_is_had_by_name():
    found = load("rubinstein").solve()
    with pytest.raises(KeyError, match="share of proposer 1"):
        found["nothing"]


def test_plays_are_counted_and_games_without_chance_say_so():
    for bad in (1, -5, 2.5, True, 10**9):
        with pytest.raises(SettingsError):
            load("abreu-gul").simulate(bad, 1)
    with pytest.raises(NotFoundError):
        load("rubinstein").simulate(100, 1)


@settings(max_examples=50, deadline=None)
@given(st.floats(allow_nan=False), st.sampled_from(["(0, 1)", "[0, 1]", "(-inf, 0]", "[2, inf)"]))
def test_a_range_holds_what_it_writes(value, text):
    held = interval(text)
    assert str(held) == text
    low, high = (float(part) for part in text[1:-1].split(", "))
    assert held.holds(value) == (
        (value > low or (text[0] == "[" and value == low))
        and (value < high or (text[-1] == "]" and value == high))
    )
