"""The verdicts of a run on the terminal: one table, the deaths and harm beside it, the main caution, the report."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import click

from standoff.cli.text import aligned, line, on_terminal
from standoff.report.words import DASH, chance, decibans, number, percent, signed
from standoff.study import Run

NOTHING = {"low": None, "middle": None, "high": None}
NO_WEIGHT = {"best": NOTHING, "mixture": NOTHING}
NARROW = 72  # characters; below it a table has no room for titles
HEAD = ("claim", "verdict", "finding", "P", "rivals", "weight dB", "agree", "could tell", "title")


def show(run: Run) -> None:
    """Print a finished run for a person; no meaning hangs on colour."""
    summary = run.summary
    period = summary["period"]
    click.echo(f"{line(summary['title'])} ({period['start']} to {period['end']})\n")
    head, rows = _columns([_row(claim) for claim in summary["claims"]])
    if not rows:
        click.echo("this case has no claims yet: add one to claims.yaml")
    elif on_terminal():
        _print_table(head, rows) if shutil.get_terminal_size().columns >= NARROW else _print_blocks(
            head, rows
        )
    else:
        click.echo(aligned([head, *rows]))
    click.echo("")
    for text in _below(summary):
        click.echo(text)
    click.echo(f"report: {line(str(run.report))}" + ("  (finished before, unchanged)" if run.reused else ""))


def _columns(rows: list[tuple[str, ...]]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The table's head and rows, without the weights against rivals where no claim has one."""
    place = HEAD.index("rivals")
    if any(row[place] != DASH for row in rows):
        return HEAD, rows
    return HEAD[:place] + HEAD[place + 1 :], [row[:place] + row[place + 1 :] for row in rows]


def _row(claim: dict[str, Any]) -> tuple[str, ...]:
    against = claim["verdict"] in {"leans against", "contradicted"}
    weight = (claim["weight"] or NO_WEIGHT)["mixture" if against else "best"]
    side = "against" if against else "for"
    side = "too_small" if "too small" in claim["note"] else side
    return (
        line(claim["id"]),
        claim["verdict"],
        _finding(claim),
        _posterior(claim),
        _against(claim),
        decibans(weight["low"], weight["middle"], weight["high"]),
        percent(claim["agree"]),
        percent((claim["could_tell"] or {}).get(side)),
        line(claim["title"]),
    )


def _finding(claim: dict[str, Any]) -> str:
    """Effect with its interval in the outcome's unit, or a share against its line; a dash where neither was asked."""
    if claim["effect"] and claim["effect"]["value"] is not None:
        interval = claim["effect"]["interval"]
        span = f" [{signed(interval['low'])}, {signed(interval['high'])}]" if interval else ""
        return f"{signed(claim['effect']['value'])}{span} {line(claim['effect']['unit'])}"
    if claim["share"]:
        interval = claim["share"]["interval"]
        span = f" [{percent(interval['low'])}, {percent(interval['high'])}]"
        return f"{percent(claim['share']['value'])}{span}, line {percent(claim['share']['line'])}"
    return DASH


def _posterior(claim: dict[str, Any]) -> str:
    """P of the claimed direction; ``q`` where the game's fit is a quick one, ``failed`` where a gate behind it was missed."""
    found = claim["posterior"]
    if found is None:
        return DASH
    return " ".join(
        (
            chance(found["value"]),
            *(["q"] if found["quick"] else []),
            *([] if found["passed"] else ["failed"]),
        )
    )


def _against(claim: dict[str, Any]) -> str:
    """Log10 Bayes factor of the claim's own rival against the one that stands furthest ahead of it."""
    if not claim["rivals"]:
        return DASH
    worst = min(claim["rivals"], key=lambda one: float(one["log10"]))
    told = f"{signed(worst['log10'])} {','.join(map(line, worst['own']))}/{line(worst['rival'])}"
    return told if worst["passed"] else f"{told} failed"


def _rivals(models: dict[str, Any]) -> str:
    """The likeliest rivals by each form, on one line."""
    told = []
    for form, name in (("twin", "reduced form"), ("game", "game, q" if models["quick"] else "game")):
        mine = [one for one in models["rivals"] if one["estimator"] == form]
        ranked = sorted(mine, key=lambda one: -float(one["probability"]))[:3]
        named = [
            f"{line(one['name'])} {chance(one['probability'])}{'' if one['passed'] else ' failed'}"
            for one in ranked
        ]
        told += [f"by the {name} {', '.join(named)}"] if named else []
    return f"rivals, at equal prior odds: {'; '.join(told)}"


def _elsewhere(informed: dict[str, Any]) -> str:
    """The rivals under priors from elsewhere, each beside its default."""
    ranked = sorted(informed["rivals"], key=lambda one: -float(one["probability"]))[:3]
    told = ", ".join(
        f"{line(one['name'])} {chance(one['probability'])} (default {chance(one['default'])}){'' if one['passed'] else ' failed'}"
        for one in ranked
    )
    return f"under PRIORS FROM ELSEWHERE ({line(informed['source'])}), which enter no verdict: {told}"


def _below(summary: dict[str, Any]) -> Iterator[str]:
    yield "weight: middle [low, high] in decibans, against the best rival, or where the verdict is against, their mixture"
    models = summary["models"]
    if models is not None:
        yield "P: posterior probability of the claimed direction; q: the game's fit is quick; failed: a gate was missed, it cannot be used"
    if any(claim["rivals"] for claim in summary["claims"]):
        yield "rivals: log10 Bayes factor of the fitted rival that states the claim against the strongest other; it enters no verdict"
    yield "agree: coding choices with the claimed sign; could tell: how often the rules would say so, were it so"
    if models is not None and models["rivals"]:
        yield _rivals(models)
    if models is not None and models["informed"] is not None:
        yield _elsewhere(models["informed"])
    yield ""
    for total in summary["harm"]:
        how = {"sum": "in all", "last": "", "mean": "on average"}[total["how"]]
        value = number(total["value"], 0)
        when = (
            f"on {total['end']}" if total["how"] == "last" else f"{how}, {total['start']} to {total['end']}"
        )
        yield f"{total['measures']}: {line(total['name'])}: {value} {line(total['unit'])} {when}"
    for warning in summary["warnings"]:
        yield f"warning: {line(warning)}"
    yield f"caution: {line(summary['caution'])}"


def _print_blocks(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Each claim below the one before, where columns side by side would be cut to nothing."""
    for claim, verdict, *middle, title in rows:
        click.echo(f"{claim}: {verdict}\n  {title}")
        for name, cell in zip(head[2:-1], middle, strict=True):
            if cell != DASH:
                click.echo(f"  {name}: {cell}")


def _print_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in head:
        table.add_column(
            name, no_wrap=name in {"claim", "verdict"}, min_width=12 if name == "title" else None
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)
