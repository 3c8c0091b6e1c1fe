"""Logit equilibria and their fit against pygambit, where pygambit is installed."""

import numpy as np
import pytest

from standoff.games.textbook.logit_fit import maxima
from standoff.games.textbook.logit_path import at_precision
from standoff.games.textbook.logit_qre import Qre, stripped_down_poker
from standoff.games.textbook.logit_tree import strategic

gambit = pytest.importorskip("pygambit")


@pytest.mark.parametrize("seed", range(6))
def test_random_games_in_strategic_form(seed):
    rng = np.random.default_rng(seed)
    row, column = rng.normal(size=(2, *rng.integers(2, 5, 2)))
    game, tree = gambit.Game.from_arrays(row, column), strategic([row, column])
    for precision in (0.5, 3.0, 20.0):
        theirs = gambit.qre.logit_solve_lambda(game, lam=precision, use_strategic=True)[0]
        assert at_precision(tree, precision).chances == pytest.approx(list(theirs), abs=1e-7)


def test_three_players():
    payoffs = np.random.default_rng(9).normal(size=(3, 2, 3, 2))
    theirs = gambit.qre.logit_solve_lambda(gambit.Game.from_arrays(*payoffs), lam=1.5, use_strategic=True)[0]
    assert at_precision(strategic(list(payoffs)), 1.5).chances == pytest.approx(list(theirs), abs=1e-7)


def poker():
    game = gambit.Game.new_tree(players=["holder", "other"])
    game.append_move(game.root, game.players.chance, ["king", "queen"])
    king, queen = list(game.root.children)
    for card in (king, queen):
        game.append_move(card, "holder", ["bet", "fold"])
    game.append_move([king.children["bet"], queen.children["bet"]], "other", ["call", "give up"])
    for name, card, stake in (("king", king, 2), ("queen", queen, -2)):
        ends = {
            "call": card.children["bet"].children["call"],
            "give up": card.children["bet"].children["give up"],
        }
        for end, gain in ((ends["call"], stake), (ends["give up"], 1), (card.children["fold"], -1)):
            label = f"{name} {len(game.outcomes)}"
            game.set_outcome(end, game.add_outcome(label, [gain, -gain]))
    return game


@pytest.mark.parametrize("precision", [0.3, 1.0, 2.0, 5.0, 40.0])
def test_stripped_down_poker(precision):
    theirs = gambit.qre.logit_solve_lambda(poker(), lam=precision)[0]
    assert at_precision(stripped_down_poker(), precision).chances == pytest.approx(list(theirs), abs=1e-7)


def test_fit_of_ochs():
    tree, counts = Qre().tree, np.array([0.527, 0.473, 0.366, 0.634]) * 128
    game = gambit.Game.from_arrays(*(np.array(one) for one in (Qre().row, Qre().column)))
    data = game.mixed_strategy_profile()
    for strategy, count in zip(game.strategies, counts, strict=True):
        data[strategy] = float(count)
    theirs = gambit.qre.logit_estimate(data)
    ours = maxima(tree, counts)[0]
    assert ours.equilibrium.precision == pytest.approx(theirs.lam, rel=1e-5)
    assert ours.log_likelihood == pytest.approx(theirs.log_like, abs=1e-6)
    assert ours.log_likelihood >= theirs.log_like - 1e-9
