"""`standoff game`: solve, simulate, map and explain a game given by SPEC.yaml."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from standoff.errors import RunError, StandoffError

if TYPE_CHECKING:
    from standoff.standoff_game.solution import Solution
    from standoff.standoff_game.spec_file import GameFile


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
    spec, start = solution.specification, game.start
    block = int(start["block"]) if spec.domestic else 0
    index: int = spec.state_index(
        int(start["endurance"]), int(start["pressure"]), block, spec.credulity_levels - 1
    )
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
        from standoff.report.game_charts import write_charts

        try:
            answer["charts"] = [str(path) for path in write_charts(folder, charts)]
        except OSError as error:
            raise RunError(
                f"cannot write charts to {folder}",
                error.strerror or str(error),
                "name a folder that can be written",
            ) from error
        words += "\n" + "\n".join(f"wrote {path}" for path in answer["charts"])
    click.echo(json.dumps(answer, indent=2) if json_wanted else words)


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
    from standoff.report.game_charts import conduct_chart, zone_chart
    from standoff.standoff_game.views import conduct_rows, zone_rows

    file, solution = _solved(spec)
    groups, state, silence = int(file.start["groups"]), _state(file, solution), _signal(solution, None)
    rows = conduct_rows(solution, groups, state, silence)
    zone = zone_rows(solution, groups, state, silence)
    answer = {"game": str(spec), **_evidence(solution), "conduct": rows, "zone": zone}
    words = _solved_words(solution, rows)
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
    _give(answer, words, {"conduct": conduct_chart(rows), "zone": zone_chart(zone)}, folder, json_wanted)


def _solved_words(solution: Solution, rows: list[dict[str, Any]]) -> str:
    beliefs = sorted({row["belief"] for row in rows})
    middle = beliefs[len(beliefs) // 2]
    lines = [
        f"solved: residual {solution.residual:.1e} (gate {solution.tolerance:.0e}), sweeps {sum(solution.iterations)}, "
        f"start {solution.starts[-1].name!r}",
        f"at the start, after silence, belief {middle:.2f}:",
    ]
    lines += [
        f"  {row['who']:<22}{row['act']:<28}{row['chance']:.3f}" for row in rows if row["belief"] == middle
    ]
    return "\n".join(lines)


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
    metavar="SIGNAL:FROM-TO",
    help="Impose a signal in some weeks and compare with silence.",
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
    """Simulate the solved game from its start; with --impose, compare with silence on the same random numbers."""
    from standoff.report.game_charts import belief_path_chart, hazard_chart
    from standoff.standoff_game.simulation import simulate
    from standoff.standoff_game.start import Simulation
    from standoff.standoff_game.views import outcome_summary, weekly_rows

    file, solution = _solved(spec)
    run, start = Simulation(count, weeks, seed), _start(file, solution)
    acts = [_imposed(solution, text, weeks) for text in imposed]
    paths = simulate(solution, run, start)
    rows, outcomes = weekly_rows(paths), outcome_summary(paths, weeks)
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
        effects = {text: _effects(solution, act, run, start) for text, act in zip(imposed, acts, strict=True)}
        answer["effects"] = effects
        words += "".join(_effect_words(text, found) for text, found in effects.items())
    charts = {"belief-path": belief_path_chart(rows), "hazard": hazard_chart(rows)}
    _give(answer, words, charts, folder, json_wanted)


def _start(file: GameFile, solution: Solution) -> Any:
    from standoff.standoff_game.start import State

    s = file.start
    block = int(s["block"]) if solution.specification.domestic else 0
    return State(s["belief"], int(s["endurance"]), int(s["pressure"]), int(s["groups"]), block)


def _imposed(solution: Solution, text: str, weeks: int) -> tuple[int, range]:
    name, _, period = text.rpartition(":")
    first, _, last = period.partition("-")
    try:
        period_weeks = range(int(first), int(last or first) + 1)
    except ValueError:
        period_weeks = range(0)
    if not name or len(period_weeks) == 0 or period_weeks[0] < 1 or period_weeks[-1] > weeks:
        raise StandoffError(
            f"--impose {text!r} is not SIGNAL:FROM-TO",
            f"weeks count from 1 to {weeks}",
            "write it as criticism:9-12",
        )
    return _signal(solution, name), period_weeks


def _effects(solution: Solution, act: tuple[int, range], run: Any, start: Any) -> dict[str, Any]:
    from standoff.standoff_game.effects import deal_within, split_effect, time_to_deal

    signal, weeks = act
    outcomes = {
        "deal within 8 weeks": deal_within(8, weeks[0]),
        "weeks to a deal (cap)": time_to_deal(run.weeks),
    }
    found = {}
    for name, outcome in outcomes.items():
        split = split_effect(solution, weeks, signal, _signal(solution, None), outcome, run, start)
        found[name] = {
            part: {"mean": e.mean, "standard error": e.error}
            for part, e in zip(split._fields, split, strict=True)
        }
    return found


def _outcome_words(outcomes: dict[str, Any], weeks: int) -> str:
    lines = [f"{outcomes['paths']} paths of {weeks} weeks"]
    lines += [f"  {name:<24}{share:.1%}" for name, share in outcomes["endings"].items()]
    for name, mean in outcomes["means"].items():
        lines.append(f"  {name:<24}{mean:.2f} (standard error {outcomes['standard errors'][name]:.2f})")
    return "\n".join(lines)


def _effect_words(text: str, found: dict[str, Any]) -> str:
    lines = [f"\n{text} instead of silence, paths open when it begins:"]
    for outcome, parts in found.items():
        told = ", ".join(f"{part} {e['mean']:+.4f} ({e['standard error']:.4f})" for part, e in parts.items())
        lines.append(f"  {outcome}: {told}")
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
    block = int(file.start["block"]) if solution.specification.domestic else 0
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
        int(start["endurance"]), int(start["pressure"]), int(start["groups"]), int(start["block"]) if shape.domestic else 0,
    )  # fmt: skip
    account = explain(solution, here)
    zone = zone_rows(solution, here.groups, _state(file, solution), here.signal)
    answer = {
        "game": str(spec), **_evidence(solution), "situation": here._asdict(),
        "accepting": account.accepting, "waiting": account.waiting, "accept": account.accept,
        "belief_after_act": account.belief_after_act, "terms": [t._asdict() for t in account.terms], "words": account.words,
    }  # fmt: skip
    table = "\n".join(f"  {t.side:<8}{t.name:<24}{t.value:+8.3f}" for t in account.terms)
    _give(answer, f"{account.words}\n{table}", {"zone": zone_chart(zone)}, folder, json_wanted)


def _named(names: tuple[str, ...], wanted: str | None, default: int, option: str) -> int:
    if wanted is None:
        return default
    if wanted not in names:
        raise StandoffError(f"{option} {wanted!r} is not in this game", "", f"use one of: {', '.join(names)}")
    return names.index(wanted)


if __name__ == "__main__":
    game()
