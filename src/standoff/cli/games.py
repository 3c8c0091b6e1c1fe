"""`standoff games`: list, show and solve the published games."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from standoff.cli.games_fit import fit_command
from standoff.cli.options import as_json

if TYPE_CHECKING:
    from standoff.games.catalogue import Game
    from standoff.games.draws import Simulated
    from standoff.games.solved import Solved


@click.group(
    short_help="List, show and solve published games.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def games() -> None:
    """List, show and solve published games; docs/games/index.md has a page for each."""


games.add_command(fit_command)


@games.command("list", short_help="List the games by name.")
@as_json
def list_command(json_wanted: bool) -> None:
    """List every published game: its name, its kind (textbook: solved; estimable: solved and fitted), its title."""
    from standoff.cli.text import aligned, print_json
    from standoff.games.catalogue import catalogue

    entries = catalogue()
    if json_wanted:
        listed = [{"name": one.name, "kind": one.kind, "title": one.title} for one in entries]
        print_json({"format": 1, "games": listed})
        return
    click.echo(aligned([["name", "kind", "title"], *([one.name, one.kind, one.title] for one in entries)]))


@games.command("show", short_help="Show one game: setting, parameters, sources.")
@click.argument("name", metavar="NAME")
@as_json
def show_command(name: str, json_wanted: bool) -> None:
    """Show the game NAME: its setting, each parameter with its range, and what it is taken from."""
    from standoff.cli.text import print_json
    from standoff.games.catalogue import load

    game = load(name)
    if json_wanted:
        print_json({"format": 1, **_described(game)})
    else:
        click.echo(_shown(game))


@games.command("solve", short_help="Solve one game at numbers of your own.")
@click.argument("name", metavar="NAME")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Give a parameter, by its name or symbol."
)
@click.option("--plays", type=int, help="Also simulate so many plays, beside the exact values.")
@click.option("--seed", default=1, show_default=True, help="Root seed of the simulated plays.")
@as_json
def solve_command(
    name: str, settings: tuple[str, ...], plays: int | None, seed: int, json_wanted: bool
) -> None:
    """Solve the game NAME, with the checks that the solution passed; what is not set takes its default."""
    from standoff.cli.text import print_json
    from standoff.games.catalogue import load

    game = load(name)
    numbers = _numbers(game, settings)
    solved = game.solve(**numbers)
    simulated = None if plays is None else game.simulate(plays, seed, **numbers)
    if json_wanted:
        answer = {"format": 1, **solved.to_dict()}
        print_json(answer if simulated is None else answer | {"simulated": _simulated(simulated)})
    else:
        click.echo(_solved_words(solved) + ("" if simulated is None else _simulated_words(simulated)))


def _numbers(game: Game, settings: tuple[str, ...]) -> dict[str, Any]:
    """Values by name; text that is no number stays text, for the game to refuse with the others."""
    from standoff.games.errors import GameMistake, GamesError

    mistakes, numbers = [], {}
    for text in settings:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name:
            mistakes.append(GameMistake(text, "this is not NAME=VALUE", "", "write it as --set capture=0.3"))
        elif name in numbers:
            mistakes.append(GameMistake(name, "it is given twice", "only one could be used", "keep one"))
        else:
            numbers[name] = _value(value)
    if mistakes:
        raise GamesError(game.name, mistakes)
    return numbers


def _value(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _described(game: Game) -> dict[str, Any]:
    from standoff.games.citations import citation
    from standoff.games.solved import plain

    parameters = [
        {
            "name": one.name,
            "symbol": one.symbol,
            "meaning": one.meaning,
            "default": plain(one.default),
            "allowed": one.allowed,
        }
        for one in game.parameters
    ]
    return {
        "name": game.name,
        "kind": game.entry.kind,
        "title": game.entry.title,
        "setting": game.setting,
        "parameters": parameters,
        "equations": [one._asdict() for one in game.equations],
        "simulates": game.simulation is not None,
        "fits": game.fit is not None,
        "sources": [{"key": key, "citation": citation(key)} for key in game.sources],
    }


def _shown(game: Game) -> str:
    from standoff.cli.text import aligned
    from standoff.games.citations import citation

    told = [f"{game.name}  {game.entry.title} ({game.entry.kind})", "", game.setting, ""]
    rows = [
        [one.name, one.symbol, "" if one.default is None else _number(one.default), one.allowed, one.meaning]
        for one in game.parameters
    ]
    told.append(aligned([["parameter", "symbol", "default", "takes", "meaning"], *rows]))
    if game.equations:
        told += ["", aligned([["equation", "meaning"], *([one.name, one.meaning] for one in game.equations)])]
    told += ["", "sources", *(f"  {citation(key)}" for key in game.sources)]
    return "\n".join(told)


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_number(item) for item in value) + "]"
    return str(value)


def _solved_words(solved: Solved) -> str:
    from standoff.cli.text import aligned

    state = "solved" if solved.passed else "FAILED its checks, do not use"
    told = [f"{solved.game}: {state} (largest residual {solved.residual:.1e})", solved.sentence, ""]
    rows = [[one.name, _number(one.value), one.unit, one.meaning] for one in solved.quantities]
    told.append(aligned([["quantity", "value", "unit", "meaning"], *rows]))
    for one in solved.equilibria:
        told.append(f"\nequilibrium: {one.name}")
        told += [f"  {name}: {_number(value)}" for name, value in one.conduct.items()]
    told.append("")
    for check in solved.checks:
        told.append(
            f"{'passed' if check.passed else 'FAILED'}  {check.name}: {check.residual:.1e} (at most {check.tolerance:.0e})"
        )
    return "\n".join(told)


def _simulated(simulated: Simulated) -> dict[str, Any]:
    from standoff.games.solved import plain

    means = {
        name: {key: plain(value) for key, value in one._asdict().items()}
        for name, one in simulated.means.items()
    }
    return {"plays": simulated.plays, "seed": simulated.seed, "means": means}


def _simulated_words(simulated: Simulated) -> str:
    from standoff.cli.text import aligned

    rows = [
        [name, f"{one.mean:.6g}", f"{one.error:.2g}", f"{one.exact:.6g}"]
        for name, one in simulated.means.items()
    ]
    head = f"\n\n{simulated.plays} plays, seed {simulated.seed}\n"
    return head + aligned([["mean of", "simulated", "standard error", "exact"], *rows])
