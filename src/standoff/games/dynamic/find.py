"""Look for every equilibrium: homotopy, then many starts; and count their indices.

The reply maps choice probabilities into themselves, so the indices sign det(I - slope) of all equilibria add up to
one (where none is degenerate). A sum that is not one proves that some equilibrium was missed; a sum of one does not
prove that none was. Source: McKelvey and McLennan (1996) [mckelvey_mclennan_1996] for the search for all equilibria;
the index theorem, e.g. Ortega and Rheinboldt (1970) [ortega_rheinboldt_1970].
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from standoff.games.dynamic.choice import slope
from standoff.games.dynamic.game import DynamicGame, Floats, profiles_of
from standoff.games.dynamic.newton import Search, calmed, newton
from standoff.games.dynamic.path import follow_from_indifference
from standoff.games.dynamic.solve import Equilibrium, arrays_of, checked_theta, describe, shape_of

SAME = 1e-6
PURE_STARTS = 32
ROUNDS, PAIRS = 4, 40  # searches between pairs: rounds, and pairs a round


@dataclass(frozen=True)
class Equilibria:
    """The equilibria found, each with its index and the modulus of the largest eigenvalue of the reply's slope.

    ``found`` sorted by how often the starts reached them, ``hits`` those counts, ``index`` +1 or -1, ``radius`` below
    1 where plain replies converge to it. ``starts`` how many attempts, ``failed`` how many stopped short.
    """

    found: tuple[Equilibrium, ...]
    hits: tuple[int, ...]
    index: tuple[int, ...]
    radius: tuple[float, ...]
    starts: int
    failed: int

    @property
    def index_sum(self) -> int:
        """One when the list can be whole; anything else proves that some equilibrium was missed."""
        return sum(self.index)

    def sentence(self) -> str:
        """What was found, and whether something is known to be missing."""
        noun = "equilibrium" if len(self.found) == 1 else "equilibria"
        whole = (
            "the indices add up to one, as those of a whole list must"
            if self.index_sum == 1
            else f"the indices add up to {self.index_sum}, not one: at least one more was missed"
        )
        return f"{len(self.found)} {noun} found from {self.starts} starts ({self.failed} stopped short); {whole}."


def all_equilibria(
    game: DynamicGame,
    theta: ArrayLike,
    starts: int = 30,
    seed: int = 0,
    homotopy: bool = True,
    pure: bool = True,
    tolerance: float = 1e-9,
) -> Equilibria:
    """Search from even odds, the homotopy (to twice the payoffs and back), pure profiles (32 at most), ``starts``
    random starts, and then between every two equilibria found, for as long as that finds more."""
    numbers = checked_theta(game, theta)
    search = Search(tolerance, 60)
    candidates: list[Equilibrium] = []
    attempts = 0
    if homotopy:
        way = follow_from_indifference(game, numbers, beyond=2.0, steps=150, search=search)
        candidates += way.arrivals
        attempts += max(1, len(way.arrivals))
    trials = [_tried(game, numbers, search, *start) for start in _starts(game, starts, seed, pure)]
    candidates += trials
    attempts += len(trials)
    tried: set[tuple[int, int]] = set()
    for _ in range(ROUNDS):
        different, _ = _apart([found for found in candidates if found.passed])
        pairs = [pair for pair in combinations(range(len(different)), 2) if pair not in tried]
        if not pairs:
            break
        trials = [_between(game, numbers, search, different[i], different[j]) for i, j in pairs[:PAIRS]]
        tried.update(pairs)
        candidates += trials
        attempts += len(trials)
    return _listed([found for found in candidates if found.passed], attempts)


def _tried(game: DynamicGame, theta: Floats, search: Search, label: str, q: Floats) -> Equilibrium:
    """Newton from a start, and once more from damped replies where it stops short."""
    shape, arrays, point = shape_of(game), arrays_of(game), jnp.asarray(theta)
    found = newton(shape, arrays, point, jnp.asarray(q), search)
    if float(found.residual) > search.tolerance:
        found = newton(shape, arrays, point, calmed(shape, arrays, point, jnp.asarray(q)), search)
    return describe(game, theta, found, search.tolerance, label)


def _between(
    game: DynamicGame, theta: Floats, search: Search, one: Equilibrium, other: Equilibrium
) -> Equilibrium:
    """From half way between two: where two are stable, one that is not often lies between."""
    return _tried(game, theta, search, "between two", (one.log_odds + other.log_odds) / 2)


def _starts(game: DynamicGame, count: int, seed: int, pure_too: bool) -> list[tuple[str, Floats]]:
    counts = [len(names) for names in game.actions]
    states = len(game.states)

    def flat(odds: list[Floats]) -> Floats:
        return np.concatenate([table.ravel() for table in odds])

    def pure(profile: Floats) -> Floats:
        tables = []
        for size, action in zip(counts, profile, strict=True):
            bonus = 4.0 * (np.arange(size) == action)
            tables.append(np.tile(bonus[1:] - bonus[0], (states, 1)))
        return flat(tables)

    listed = [("even odds", flat([np.zeros((states, size - 1)) for size in counts]))]
    if pure_too:
        listed += [("pure profile", pure(profile)) for profile in profiles_of(counts)[:PURE_STARTS]]
    draws = np.random.default_rng(seed)
    for number in range(count):
        spread = draws.uniform(0.5, 4.0)
        lean = [draws.normal(size=(1, size - 1)) for size in counts]
        tables = [spread * (m + draws.normal(size=(states, m.shape[1]))) for m in lean]
        listed.append((f"random start {number + 1}", flat(tables)))
    return listed


def _apart(passed: list[Equilibrium]) -> tuple[list[Equilibrium], list[int]]:
    """The different ones in the order in which they were found, and how often each was."""
    different: list[Equilibrium] = []
    hits: list[int] = []
    for found in passed:
        for place, known in enumerate(different):
            gap = max(np.max(np.abs(a - b)) for a, b in zip(found.choices, known.choices, strict=True))
            if gap < SAME:
                hits[place] += 1
                break
        else:
            different.append(found)
            hits.append(1)
    return different, hits


def _listed(passed: list[Equilibrium], attempts: int) -> Equilibria:
    different, hits = _apart(passed)
    order = sorted(range(len(hits)), key=lambda place: (-hits[place], place))
    signs, radii = zip(*(index_and_radius(different[i]) for i in order), strict=True) if order else ((), ())
    return Equilibria(
        tuple(different[i] for i in order), tuple(hits[i] for i in order), tuple(signs), tuple(radii),
        attempts, attempts - len(passed),
    )  # fmt: skip


def index_and_radius(found: Equilibrium) -> tuple[int, float]:
    """sign det(I - slope), and the largest modulus of the slope's eigenvalues, at an equilibrium."""
    shape = shape_of(found.game)
    tilt = slope(shape, arrays_of(found.game), jnp.asarray(found.theta), jnp.asarray(found.log_odds))[1]
    table = np.asarray(tilt)
    sign, _ = np.linalg.slogdet(np.eye(len(table)) - table)
    return int(sign), float(np.max(np.abs(np.linalg.eigvals(table))))
