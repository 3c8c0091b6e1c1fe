"""`standoff game`: solve, simulate, map and explain a game given by SPEC.yaml."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from standoff.cli.game_acts import Act, compared, effect_words, effects_of, read_act
from standoff.cli.text import aligned, print_json
from standoff.errors import RunError, StandoffError
from standoff.report.text import shown
from standoff.study.folder import write_whole

if TYPE_CHECKING:
    from standoff.standoff_game.solution import Solution
    from standoff.standoff_game.spec_file import GameFile
    from standoff.standoff_game.start import Simulation, State

BAND_PATHS = 10_000  # paths whose histories are kept to draw the bands


def _common(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option(
        "--charts",
        "folder",
        type=click.Path(file_okay=False, path_type=Path),
        help="Write charts (SVG and Vega-Lite) here.",
    )(command)
    command = click.option("--json", "json_wanted", is_flag=True, help="Print the answer as JSON.")(command)
    return click.argument("spec", metavar="SPEC.yaml", type=click.Path(path_type=Path))(command)


def _solved(path: Path) -> tuple[GameFile, Solution]:
    from standoff.standoff_game.solution import solve
    from standoff.standoff_game.spec_file import read_game

    game = read_game(path)
    blocked = (
        game.start["block"] > 0
    )  # a path that starts blocked needs the block, even one that cannot arise again
    return game, solve(game.specification, game.parameters, exact_reduction=not blocked)


def _state(game: GameFile, solution: Solution) -> int:
    start, spec = _start(game, solution), solution.specification
    trust = start.credulity if start.credulity >= 0 else spec.credulity_levels - 1
    index: int = spec.state_index(start.endurance, start.pressure, start.block, trust)
    return index


def _evidence(solution: Solution) -> dict[str, Any]:
    return {
        "residual": solution.residual,
        "tolerance": solution.tolerance,
        "iterations": list(solution.iterations),
        "starts": [
            {"name": s.name, "residual": s.residual, "iterations": s.iterations, "converged": s.converged}
            for s in solution.starts
        ],
    }


def _signal(solution: Solution, name: str | None) -> int:
    spec = solution.specification
    wanted = spec.silence if name is None else name
    if wanted not in spec.signals:
        raise StandoffError(
            f"{wanted!r} is not a signal of this game", "--signal names one of the patron's signals",
            f"use one of: {', '.join(spec.signals)}",
        )  # fmt: skip
    return spec.signals.index(wanted)


def _critical(solution: Solution, name: str | None) -> int:
    """The signal named, or the first that criticises the coercer fully, or the most critical."""
    if name is not None:
        return _signal(solution, name)
    criticism = [float(c) for c in solution.parameters.criticism]
    return next((i for i, c in enumerate(criticism) if c == 1.0), criticism.index(max(criticism)))


def _give(
    answer: dict[str, Any], words: str, charts: dict[str, Any], folder: Path | None, json_wanted: bool
) -> None:
    if folder is not None:
        from standoff.report.game_charts import chart_files

        files = {folder / name: data for name, data in chart_files(charts).items()}
        try:
            for path, data in files.items():
                write_whole(path, data)
        except OSError as error:
            raise RunError(
                f"cannot write charts to {folder}",
                error.strerror or str(error),
                "name a folder that can be written",
            ) from error
        answer["charts"] = [str(path) for path in files]
        words += "".join(f"\nwrote {path}" for path in files)
    if json_wanted:
        print_json(answer)
    else:
        click.echo("\n".join(shown(row) for row in words.split("\n")))


@click.group(
    short_help="Solve, simulate, map and explain the standoff game.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def game() -> None:
    """Solve the standoff game of SPEC.yaml, simulate it, map it, and explain the holder's choice.

    docs/how-to/solve-a-game.md shows how; docs/reference/game-spec.md lists the keys of SPEC.yaml.
    """


@game.command("solve", short_help="Solve the game; show evidence and conduct at the start.")
@click.option(
    "--scan",
    "scan_starts",
    type=click.IntRange(1, 1000),
    help="Also look for several equilibria from so many drawn starts.",
)
@click.option("--seed", default=0, show_default=True, help="Root seed of the drawn starts.")
@_common
def solve_command(
    spec: Path, scan_starts: int | None, seed: int, folder: Path | None, json_wanted: bool
) -> None:
    """Solve the game to its gate and show the evidence, and each side's conduct at the start."""
    from standoff.report.game_charts import conduct_chart, state_chart, zone_chart
    from standoff.standoff_game.views import conduct_rows, state_rows, zone_rows

    file, solution = _solved(spec)
    groups, state, silence = int(file.start["groups"]), _state(file, solution), _signal(solution, None)
    rows = conduct_rows(solution, groups, state, silence)
    zone = zone_rows(solution, groups, state, silence)
    answer = {"game": str(spec), **_evidence(solution), "conduct": rows, "zone": zone}
    words = _solved_words(solution, rows, file.start["belief"])
    states = state_rows(solution, groups, silence, _block(file, solution))
    charts = {
        "conduct": conduct_chart(rows),
        "conduct-by-state": state_chart(states),
        "zone": zone_chart(zone),
    }
    if scan_starts is not None:
        from standoff.standoff_game.scan import scan

        found = scan(file.specification, file.parameters, scan_starts, seed)
        answer["equilibria"] = [
            {"residual": s.residual, "start": s.starts[0].name, "found_from": n}
            for s, n in zip(found.solutions, found.counts, strict=True)
        ]
        answer["scan"] = {
            "seed": seed,
            "starts": len(found.starts),
            "converged": sum(s.converged for s in found.starts),
        }
        words += f"\n{len(found.solutions)} equilibria found from {answer['scan']['converged']} of {len(found.starts)} starts that converged"
        words += "".join(
            f"\n  from {n} starts; first {s.starts[0].name!r}, residual {s.residual:.1e}"
            for s, n in zip(found.solutions, found.counts, strict=True)
        )
    _give(answer, words, charts, folder, json_wanted)


def _solved_words(solution: Solution, rows: list[dict[str, Any]], belief: float) -> str:
    nearest = min((row["belief"] for row in rows), key=lambda node: abs(node - belief))
    here = [row for row in rows if row["belief"] == nearest]
    who = list(dict.fromkeys(row["who"] for row in here))
    acts = dict.fromkeys((row["force"], row["offer"]) for row in here)
    chances = {(row["who"], row["force"], row["offer"]): f"{row['chance']:.3f}" for row in here}
    table = [["force", "offer", *who]] + [
        [force, offer, *(chances[w, force, offer] for w in who)] for force, offer in acts
    ]
    return (
        f"solved: residual {solution.residual:.1e} (gate {solution.tolerance:.0e}), sweeps {sum(solution.iterations)}, "
        f"start {solution.starts[-1].name!r}\n"
        f"at the start, after silence, belief {nearest:.2f} (the node of the grid nearest to {belief:.2f}):\n{aligned(table)}"
    )


@game.command("simulate", short_help="Simulate paths; outcomes with their Monte Carlo error.")
@click.option("--paths", "count", default=20_000, show_default=True, type=click.IntRange(1, 10_000_000))
@click.option("--weeks", default=75, show_default=True, type=click.IntRange(1, 10_000))
@click.option(
    "--seed", default=0, show_default=True, help="Root seed; random numbers are keyed by name, path and week."
)
@click.option(
    "--impose",
    "imposed",
    multiple=True,
    metavar="NAME:FROM-TO",
    help="Impose a signal, a level of force or an offer in some weeks; a signal is compared with silence.",
)
@_common
def simulate_command(
    spec: Path,
    count: int,
    weeks: int,
    seed: int,
    imposed: tuple[str, ...],
    folder: Path | None,
    json_wanted: bool,
) -> None:
    """Simulate the solved game from its start; with --impose, compare on the same random numbers."""
    from standoff.standoff_game.simulation import simulate
    from standoff.standoff_game.start import Simulation
    from standoff.standoff_game.views import outcome_summary, weekly_rows

    file, solution = _solved(spec)
    run, start = Simulation(count, weeks, seed), _start(file, solution)
    last = start.week - 1 + weeks
    acts = [read_act(solution.specification, text, start.week, last) for text in imposed]
    paths = simulate(solution, run, start)
    rows, outcomes = weekly_rows(paths), outcome_summary(paths, last, solution.specification.offers)
    answer = {
        "game": str(spec),
        "seed": seed,
        "weeks": weeks,
        **_evidence(solution),
        "outcomes": outcomes,
        "by_week": rows,
    }
    words = _outcome_words(outcomes, weeks)
    if acts:
        pairs = {act.text: compared(solution, act, run, start) for act in acts}
        effects = {act.text: effects_of(solution, act, pairs[act.text], run, start) for act in acts}
        answer["effects"] = effects
        words += "".join(effect_words(act, effects[act.text]) for act in acts)
    charts = _path_charts(solution, acts, run, start) if folder is not None else {}
    _give(answer, words, charts, folder, json_wanted)


def _path_charts(solution: Solution, acts: list[Act], run: Simulation, start: State) -> dict[str, Any]:
    """Belief and hazard by week as the game has it and with each act; the first paths of the same run, for the bands."""
    from standoff.report.game_charts import belief_path_chart, hazard_chart
    from standoff.standoff_game.simulation import simulate
    from standoff.standoff_game.views import weekly_rows

    few = replace(run, paths=min(run.paths, BAND_PATHS), keep=True)
    worlds = {"as the game has it": simulate(solution, few, start)}
    for act in acts:
        pair = compared(solution, act, few, start)
        if act.menu == "signal":
            worlds[f"silence:{act.weeks.start}-{act.weeks[-1]}"] = pair.without
        worlds[act.text] = pair.with_act
    rows = [{"world": name, **row} for name, paths in worlds.items() for row in weekly_rows(paths)]
    return {"belief-path": belief_path_chart(rows), "hazard": hazard_chart(rows)}


def _block(file: GameFile, solution: Solution) -> int:
    return int(file.start["block"]) if solution.specification.domestic else 0


def _start(file: GameFile, solution: Solution) -> State:
    from standoff.standoff_game.start import State

    s = file.start
    return State(
        s["belief"], int(s["endurance"]), int(s["pressure"]), int(s["groups"]), _block(file, solution),
        int(s["credulity"]), week=int(s["week"]),
    )  # fmt: skip


def _outcome_words(outcomes: dict[str, Any], weeks: int) -> str:
    lines = [f"{outcomes['paths']} paths of {weeks} weeks"]
    lines += [f"  {name:<24}{share:.1%}" for name, share in outcomes["endings"].items()]
    lines += [f"  deal: {name:<18}{share:.1%}" for name, share in outcomes["terms"].items()]
    for name, mean in outcomes["means"].items():
        lines.append(f"  {name:<24}{mean:.2f} (standard error {outcomes['standard errors'][name]:.2f})")
    return "\n".join(lines)


@game.command("map", short_help="Map where a signal shortens the standoff and where it lengthens it.")
@click.option("--signal", help="The signal that replaces silence for one week [default: criticism].")
@click.option(
    "--horizon",
    default=8,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Weeks within which a deal counts.",
)
@_common
def map_command(spec: Path, signal: str | None, horizon: int, folder: Path | None, json_wanted: bool) -> None:
    """Map the change in the chance of a deal when a signal replaces silence for one week, by belief and state."""
    from standoff.report.game_charts import sign_map_chart, zone_chart
    from standoff.standoff_game.views import sign_rows, zone_rows

    file, solution = _solved(spec)
    index = _critical(solution, signal)
    name, groups = solution.specification.signals[index], int(file.start["groups"])
    block = _block(file, solution)
    rows = sign_rows(solution, index, horizon, groups, block)
    zone = zone_rows(solution, groups, _state(file, solution), _signal(solution, None))
    answer = {
        "game": str(spec),
        "signal": name,
        "horizon": horizon,
        **_evidence(solution),
        "map": rows,
        "zone": zone,
    }
    charts = {"sign-map": sign_map_chart(rows, name, horizon), "zone": zone_chart(zone)}
    _give(answer, _map_words(rows, name, horizon), charts, folder, json_wanted)


def _map_words(rows: list[dict[str, Any]], signal: str, horizon: int) -> str:
    up, down = sum(r["change"] > 0 for r in rows), sum(r["change"] < 0 for r in rows)
    beliefs = sorted({r["belief"] for r in rows})
    pressures = sorted({r["pressure"] for r in rows})
    lines = [
        f"{signal!r} for a week instead of silence: raises the chance of a deal within {horizon} weeks in {up} of "
        f"{len(rows)} states, lowers it in {down}",
        "by belief (across) and outside pressure (down), mean over endurance, in percentage points:",
        "        " + "".join(f"{b:7.2f}" for b in beliefs),
    ]
    for k in pressures:
        means = []
        for b in beliefs:
            cells = [r["change"] for r in rows if r["pressure"] == k and r["belief"] == b]
            means.append(100 * sum(cells) / len(cells))
        lines.append(f"  k = {k} " + "".join(f"{m:+7.2f}" for m in means))
    return "\n".join(lines)


@game.command("explain", short_help="Say why, at a state, waiting beats accepting, term by term.")
@click.option("--belief", type=click.FloatRange(0, 1), help="Belief after the signal [default: the start's].")
@click.option("--signal", help="The patron's signal of the week [default: silence].")
@click.option("--force", "force_name", help="Level of military pressure [default: the middle one].")
@click.option("--offer", "offer_name", help="The offer on the table [default: the last one].")
@_common
def explain_command(
    spec: Path, belief: float | None, signal: str | None, force_name: str | None, offer_name: str | None,
    folder: Path | None, json_wanted: bool,
) -> None:  # fmt: skip
    """Account for the holder's choice at the start of SPEC.yaml, term by term and in words."""
    from standoff.report.game_charts import zone_chart
    from standoff.standoff_game.explain import Situation, explain
    from standoff.standoff_game.views import zone_rows

    file, solution = _solved(spec)
    shape, start = solution.specification, file.start
    here = Situation(
        start["belief"] if belief is None else belief, _signal(solution, signal),
        _named(shape.force, force_name, len(shape.force) // 2, "--force"),
        _named(shape.offers, offer_name, len(shape.offers) - 1, "--offer"),
        int(start["endurance"]), int(start["pressure"]), int(start["groups"]), _block(file, solution),
    )  # fmt: skip
    account = explain(solution, here)
    zone = zone_rows(solution, here.groups, _state(file, solution), here.signal)
    answer = {
        "game": str(spec), **_evidence(solution), "situation": here._asdict(),
        "accepting": account.accepting, "waiting": account.waiting, "accept": account.accept,
        "belief_after_act": account.belief_after_act, "terms": [t._asdict() for t in account.terms], "words": account.words,
    }  # fmt: skip
    table = "\n".join(f"  {t.side:<8}{t.name:<24}{t.value + 0.0:+8.3f}" for t in account.terms)
    _give(answer, f"{account.words}\n{table}", {"zone": zone_chart(zone)}, folder, json_wanted)


def _named(names: tuple[str, ...], wanted: str | None, default: int, option: str) -> int:
    if wanted is None:
        return default
    if wanted not in names:
        raise StandoffError(f"{option} {wanted!r} is not in this game", "", f"use one of: {', '.join(names)}")
    return names.index(wanted)


if __name__ == "__main__":
    game()
