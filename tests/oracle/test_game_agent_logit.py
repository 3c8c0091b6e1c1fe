"""The agent logit equilibrium against pygambit on the same tree, where pygambit is installed."""

import numpy as np
import pytest

from standoff.standoff_game.agent_logit import Tree, agent_logit_equilibrium, lewis_schultz_tree

gambit = pytest.importorskip("pygambit")


def gambit_game(cuts, tree: Tree):
    """The Lewis-Schultz tree of `lewis_schultz_tree`, payoffs read off the same arrays."""
    game = gambit.Game.new_tree(players=["A", "B"])
    pairs = [f"{i} {j}" for i in range(cuts) for j in range(cuts)]
    game.append_move(game.root, game.players.chance, pairs)
    game.set_chance_probs(game.root.infoset, [gambit.Rational(1, cuts * cuts)] * (cuts * cuts))
    nodes = list(game.root.children)
    rows = tree.payoff.reshape(cuts * cuts, 4, 3)
    for i in range(cuts):
        game.append_move(nodes[i * cuts : (i + 1) * cuts], "A", ["go", "stay"])
    answered = [next(iter(node.children)) for node in nodes]
    for j in range(cuts):
        game.append_move(answered[j::cuts], "B", ["resist", "concede"])
    resisted = [next(iter(node.children)) for node in answered]
    for i in range(cuts):
        game.append_move(resisted[i * cuts : (i + 1) * cuts], "A", ["firm", "back"])

    def end(node, label, a, b):
        outcome = game.add_outcome(label)
        first, second = list(game.players)
        outcome[first], outcome[second] = float(a), float(b)
        game.set_outcome(node, outcome)

    for n in range(cuts * cuts):
        end(list(nodes[n].children)[1], f"status quo {n}", 0, 0)
        end(list(answered[n].children)[1], f"concede {n}", 1, 0)
        firm, back = list(resisted[n].children)
        end(firm, f"war {n}", rows[n, 2, 0], rows[n, 2, 1])
        end(back, f"back down {n}", rows[n, 3, 0], rows[n, 3, 1])
    return game


@pytest.mark.parametrize("cuts", [1, 3])
def test_lewis_schultz_agrees_with_pygambit(cuts):
    tree = lewis_schultz_tree(cuts)
    ours = agent_logit_equilibrium(tree, 1.0).chances
    game = gambit_game(cuts, tree)
    point = gambit.qre.logit_solve_lambda(game, [1.0])[0]
    # pygambit lists chances by player, then by information set in the order of the tree
    theirs = np.array([point[i] for i in range(len(point))])
    a_sets = 2 * cuts
    challenge_and_stand = theirs[: 2 * a_sets]
    ours_sorted = np.sort(np.concatenate([ours[: 2 * cuts], ours[4 * cuts :]]))
    assert np.sort(challenge_and_stand) == pytest.approx(ours_sorted, abs=1e-6)
    assert np.sort(theirs[2 * a_sets :]) == pytest.approx(np.sort(ours[2 * cuts : 4 * cuts]), abs=1e-6)


POKER = {
    1: (0.931785, 0.539087, 0.614444),
    2: (0.995178, 0.502729, 0.664847),
    5: (0.999999, 0.409020, 0.691201),
}


@pytest.mark.parametrize("scale", POKER)
def test_stripped_down_poker_agrees_with_pygambit(scale):
    """The third row settles what the golden notes have wrong at lambda = 5 (see tests/golden/test_game_closed_forms)."""
    game = gambit.Game.new_tree(players=["bettor", "caller"])
    game.append_move(game.root, game.players.chance, ["king", "queen"])
    cards = list(game.root.children)
    for card in cards:
        game.append_move(card, "bettor", ["bet", "fold"])
    bets = [next(iter(card.children)) for card in cards]
    game.append_move(bets, "caller", ["call", "fold"])
    bettor, caller = list(game.players)
    for card, bet, stake in zip(cards, bets, (2, -2), strict=True):
        called, passed = list(bet.children)
        for node, label, gain in (
            (called, "called", stake),
            (passed, "passed", 1),
            (list(card.children)[1], "folded", -1),
        ):
            outcome = game.add_outcome(f"{label} {stake}")
            outcome[bettor], outcome[caller] = gain, -gain
            game.set_outcome(node, outcome)
    point = gambit.qre.logit_solve_lambda(game, [float(scale)])[0]
    assert np.array([float(point[i]) for i in range(6)])[::2] == pytest.approx(POKER[scale], abs=2e-6)
