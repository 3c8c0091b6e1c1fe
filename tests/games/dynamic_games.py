"""Small dynamic games that the tests share."""

import numpy as np

from standoff.games.dynamic.design import build_game, remembered, state_space
from standoff.games.dynamic.game import dynamic_game


def random_game(seed, counts=(2, 3), states=4, parameters=3, discount=0.9, spread=1.0):
    """A game with random features, offset and transitions."""
    draws = np.random.default_rng(seed)
    profiles = int(np.prod(counts))
    players = len(counts)
    return dynamic_game(
        [f"player {i}" for i in range(players)],
        [[f"action {a}" for a in range(count)] for count in counts],
        [f"state {s}" for s in range(states)],
        [f"b{k}" for k in range(parameters)],
        spread * draws.normal(size=(players, states, profiles, parameters)),
        draws.dirichlet(np.ones(states), size=(states, profiles)),
        discount,
        0.3 * draws.normal(size=(players, states, profiles)),
    )


def joint_project(discount=0.9):
    """Two players who gain only together: acting pays joint when both do, costs alone, and entry after a pause."""
    space = state_space(was_1=(0.0, 1.0), was_2=(0.0, 1.0))

    def payoff(state, actions, player):
        own, other = actions[player], actions[1 - player]
        return {
            "joint": own * other,
            "alone": -1.0 * own,
            "entry": -(1.0 - state[f"was_{player + 1}"]) * own,
        }

    def laws(profiles):
        return {"was_1": remembered(profiles, 0, 2), "was_2": remembered(profiles, 1, 2)}

    return build_game(space, ["1", "2"], [("no", "yes")] * 2, payoff, laws, discount)
