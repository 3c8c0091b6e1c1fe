"""A dynamic discrete game in plain Python loops, written from the definition: slow, small, independent of the package.

Choices are found by damped best replies; values by sweeping the Bellman equation with everyone's choices held.
"""

import itertools
import math


def log_sum_exp(values):
    top = max(values)
    return top + math.log(sum(math.exp(v - top) for v in values))


class SlowDynamicGame:
    """payoff(i, s, profile) -> number, motion(s, profile) -> list of probabilities over next states."""

    def __init__(self, counts, states, payoff, motion, discount):
        self.counts, self.states, self.discount = counts, range(states), discount
        self.players = range(len(counts))
        self.profiles = list(itertools.product(*(range(c) for c in counts)))
        self.pay = {
            (i, s, a): payoff(i, s, a) for i in self.players for s in self.states for a in self.profiles
        }
        self.move = {(s, a): motion(s, a) for s in self.states for a in self.profiles}

    def worth(self, i, s, own, chance, value):
        """What action ``own`` of player i is worth at s when the others choose by ``chance``."""
        total = 0.0
        for a in self.profiles:
            if a[i] != own:
                continue
            weight = math.prod(chance[j][s][a[j]] for j in self.players if j != i)
            later = sum(p * v for p, v in zip(self.move[s, a], value, strict=True))
            total += weight * (self.pay[i, s, a] + self.discount[i] * later)
        return total

    def reply(self, i, chance, value, sweeps):
        """Player i's value against the others' choices, by sweeps of value iteration, and her choices."""
        for _ in range(sweeps):
            worths = [
                [self.worth(i, s, a, chance, value) for a in range(self.counts[i])] for s in self.states
            ]
            new = [log_sum_exp(w) for w in worths]
            gap = max(abs(x - y) for x, y in zip(new, value, strict=True))
            value = new
            if gap < 1e-12:
                break
        odds = [[math.exp(w - log_sum_exp(ws)) for w in ws] for ws in worths]
        return value, odds

    def solve(self, start=None, damping=0.5, most=400, sweeps=12):
        """Choices chance[i][s][a] and values value[i][s] of an equilibrium; raises when it does not settle."""
        chance = start or [[[1 / c] * c for _ in self.states] for c in self.counts]
        values = [[0.0 for _ in self.states] for _ in self.players]
        for _ in range(most):
            answers = [self.reply(i, chance, values[i], sweeps) for i in self.players]
            moved = max(
                abs(x - y) for i in self.players for x, y in zip(answers[i][0], values[i], strict=True)
            )
            values = [answer[0] for answer in answers]
            gap = 0.0
            following = []
            for i in self.players:
                table = []
                for s in self.states:
                    new, old = answers[i][1][s], chance[i][s]
                    gap = max(gap, *(abs(x - y) for x, y in zip(new, old, strict=True)))
                    table.append([damping * x + (1 - damping) * y for x, y in zip(new, old, strict=True)])
                following.append(table)
            chance = following
            if gap < 1e-11 and moved < 1e-10:
                return chance, values
        raise AssertionError(f"the slow solver stopped at {gap}")

    def log_likelihood(self, chance, states, actions):
        return sum(
            math.log(chance[i][s][a[i]]) for s, a in zip(states, actions, strict=True) for i in self.players
        )

    def hidden_log_likelihood(self, chance, densities, actions, start):
        """Sum over every path of hidden states (exponential: a few rows only)."""
        total = 0.0
        for path in itertools.product(self.states, repeat=len(actions)):
            weight = start[path[0]]
            for t, (s, a) in enumerate(zip(path, actions, strict=True)):
                weight *= densities[t][s] * math.prod(chance[i][s][a[i]] for i in self.players)
                if t + 1 < len(path):
                    weight *= self.move[s, tuple(a)][path[t + 1]]
            total += weight
        return math.log(total)
