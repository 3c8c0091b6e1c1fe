"""Speed of dynamic games in CPU seconds: figure, target, peer, bound and ratio; and cost by states and players, plotted.

Run `python bench/games_dynamic.py [--plot FILE.svg]` (one core: OMP_NUM_THREADS=1). The game is a contest of two players,
two actions, 440 states, 300 periods. Peer: the figure that the authors of such a game are recorded with, not run here.
The bound counts the floating-point operations of the dense solves at the rate of a matrix product measured in this run.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from standoff.games.dynamic.choice import slope
from standoff.games.dynamic.entry_game import entry_game, published_theta
from standoff.games.dynamic.estimate import Estimate
from standoff.games.dynamic.fitting import as_fit
from standoff.games.dynamic.full import constrained, default_starts, nested_fixed_point, start_at
from standoff.games.dynamic.game import DynamicGame
from standoff.games.dynamic.newton import newton
from standoff.games.dynamic.pseudo import nested_pseudo_likelihood, two_step
from standoff.games.dynamic.rows import Observed, hidden, observed
from standoff.games.dynamic.solve import Equilibrium, arrays_of, shape_of, solve
from standoff.games.dynamic.stationary import simulate
from standoff.games.dynamic.support_contest import support_contest
from standoff.games.estimation.comparison import compare

THETA = np.array([0.05, -1.0, 0.8, 0.03, -1.5, 1.2])
PERIODS = 300


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds (of all threads), which a busy machine does not stretch as it does the clock's."""
    start = time.process_time()
    done = jax.block_until_ready(run())
    return time.process_time() - start, done


def least(run: Callable[[], Any], times: int = 5) -> float:
    return min(timed(run)[0] for _ in range(times))


def told(figure: str, seconds: float, target: str = "-", bound: float | None = None, peer: str = "-") -> None:
    limit = "-" if bound is None else f"{bound:.3g} s, x{seconds / bound:.1f}"
    print(f"{figure}: {seconds:.3g} s (target {target}; peer {peer}; bound, ratio {limit})", flush=True)


def rate() -> float:
    """Floating-point operations a second of a square matrix product."""
    table = jnp.asarray(np.random.default_rng(0).normal(size=(800, 800)))
    product = jax.jit(lambda x: x @ x)
    product(table)
    return 2 * 800**3 / least(lambda: product(table))


def step_operations(game: DynamicGame) -> float:
    """Of one Newton step: the resolvent's factors and right-hand sides, and the system in the log odds."""
    shape = shape_of(game)
    states, unknowns = shape.states, shape.unknowns
    return 2 / 3 * states**3 + 2 * states**2 * unknowns + 2 / 3 * unknowns**3


def big_game(speed: float) -> None:
    game = support_contest()
    seconds, found = timed(lambda: solve(game, THETA))
    told("440 states, solved, cold", seconds)
    shape, arrays, theta = shape_of(game), arrays_of(game), jnp.asarray(THETA)
    start = jnp.zeros(shape.unknowns)
    warm = least(lambda: newton(shape, arrays, theta, start))
    told("440 states, solved, warm", warm, bound=found.iterations * step_operations(game) / speed)
    begin = np.zeros(440)
    begin[220] = 1.0
    history = simulate(found, 1, PERIODS, 1, begin)
    rows = observed(game, history.states[0, :-1], history.actions[0])
    cold, full = timed(lambda: constrained(game, rows))
    told("constrained likelihood, three starts, errors by three methods, cold", cold)
    told("the same, warm", least(lambda: constrained(game, rows), 1))
    same = support_contest(states_apart=False)
    hasty = support_contest(discount=0.5)
    spent, rivals = timed(
        lambda: [constrained(other, observed(other, rows.states, rows.actions)) for other in (same, hasty)]
    )
    told("two rivals (both groups alike; less patience)", spent)
    told("estimates, errors and two rivals, cold", cold + spent, "60 s", peer="about 40 minutes (recorded)")
    for name, rival in zip(("alike", "less patient"), rivals, strict=True):
        print(f"  {name}: {compare(as_fit(full, 'contest', 'made'), as_fit(rival, name, 'made')).sentence}")
    for label, estimator in (("nested fixed point", nested_fixed_point), ("nested pseudo-likelihood", nested_pseudo_likelihood), ("two-step", two_step)):  # fmt: skip
        timed(lambda estimator=estimator: estimator(game, rows))
        told(f"{label}, warm", least(lambda estimator=estimator: estimator(game, rows), 2))
    assert full.passed and len(default_starts(game, rows)) == 3
    hidden_states(found, rows)


def hidden_states(found: Equilibrium, rows: Observed) -> None:
    """The same play, each state seen only by a reading with noise: filtered likelihood, errors and two rivals."""
    places = np.arange(440) // 4
    reading = places[rows.states] + 2.0 * np.random.default_rng(2).normal(size=PERIODS)
    table = -0.5 * ((reading[:, None] - places) / 2.0) ** 2

    def fitted(game: DynamicGame) -> Estimate:
        begin = [start_at("seen", THETA[: len(game.parameters)], found.log_odds)]
        return constrained(game, hidden(game, table, rows.actions), begin)

    spent, full = timed(lambda: fitted(found.game))
    told("hidden states: constrained likelihood, one start, errors by three methods, cold", spent)
    games = (support_contest(states_apart=False), support_contest(discount=0.5))
    others, rivals = timed(lambda: [fitted(game) for game in games])
    told("hidden states: estimates, errors and two rivals, cold", spent + others, "60 s", peer="none known")
    print(f"  gates met: {full.passed}, rivals {[one.passed for one in rivals]}")


def scaling(speed: float) -> list[dict[str, Any]]:
    """Seconds of a slope, and of a warm solution, by states (two players) and by players (size times 2^players states)."""
    games = [("states", 4 * levels, support_contest(levels), THETA) for levels in (14, 28, 55, 110, 220)]
    published = entry_game(5)
    numbers = dict(zip(published.parameters, published_theta(published, 1, 1), strict=True))
    for firms in (2, 3, 4, 5, 6):
        game = entry_game(firms)
        games.append(
            ("players", firms, game, np.array([numbers.get(name, -1.5) for name in game.parameters]))
        )
    return [point for one in games for point in scaled(*one, speed)]


def scaled(kind: str, size: int, game: DynamicGame, theta: Any, speed: float) -> list[dict[str, Any]]:
    shape, arrays, point = shape_of(game), arrays_of(game), jnp.asarray(theta)
    found = solve(game, theta)
    compiled = jax.jit(slope, static_argnums=0)
    q = jnp.asarray(found.log_odds)
    jax.block_until_ready(compiled(shape, arrays, point, q))
    once = least(lambda: compiled(shape, arrays, point, q), 3)
    whole = least(lambda: newton(shape, arrays, point, jnp.zeros(shape.unknowns)), 3)
    bound = found.iterations * step_operations(game) / speed
    told(f"{kind} {size}: {shape.states} states, {shape.unknowns} unknowns, solved, warm", whole, bound=bound)
    spent = (("slope", once), ("solution", whole))
    return [{"kind": kind, "size": size, "what": what, "seconds": seconds} for what, seconds in spent]


def plot(points: list[dict[str, Any]], path: Path) -> None:
    import vl_convert

    def panel(kind: str, scale: str) -> dict[str, Any]:
        return {
            "data": {"values": [point for point in points if point["kind"] == kind]},
            "mark": {"type": "line", "point": True},
            "encoding": {
                "x": {
                    "field": "size",
                    "type": "quantitative",
                    "title": kind,
                    "scale": {"type": scale, "zero": False},
                },
                "y": {
                    "field": "seconds",
                    "type": "quantitative",
                    "scale": {"type": "log"},
                    "title": "seconds, warm",
                },
                "color": {"field": "what", "type": "nominal", "title": None},
            },
        }

    chart = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "hconcat": [panel("states", "log"), panel("players", "linear")]}  # fmt: skip
    path.write_text(vl_convert.vegalite_to_svg(json.dumps(chart)), encoding="utf-8")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--plot", type=Path, help="write the two scaling curves to this SVG file")
    given = words.parse_args()
    arrays_of(support_contest(14))
    speed = rate()
    print(f"matrix product: {speed / 1e9:.1f} billion operations a second")
    big_game(speed)
    points = scaling(speed)
    if given.plot:
        plot(points, given.plot)


if __name__ == "__main__":
    main()
