"""The page docs/reference/cli.md, made from the commands themselves: `python -m standoff.cli.reference FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from standoff.cli.group import COMMANDS, standoff

HEAD = """# Command line

<!-- made by `make docs` from the commands themselves; change the commands, not this page -->

Every command takes `--help`. All but `schema` take `--json`, which prints one JSON object on standard output
([its forms](json.md)). Progress and errors go to standard error.

| exit code | meaning |
|---|---|
| 0 | done |
| 2 | something that is yours to mend: what, why and what to do are printed, all mistakes of a case at once |
| 70 | a fault of the program; details are in the file that is named |
| 130 | stopped with Ctrl-C; the same command goes on from there |

The examples below are run, in this order, by the project's tests.
"""

EXAMPLES = {
    "new": "$ standoff new my-case\nmy-case is begun: ...\nnext: standoff check my-case\n",
    "check": "$ standoff check my-case\nmy-case: no mistakes (...)\n",
    "assess": "$ standoff assess my-case --claims B1 --quiet\n...\nreport: runs/my-case/.../report.html\n",
    "claims": "$ standoff claims my-case\nclaim  parts  title\nA1 ...\n...\n",
    "cases": "$ standoff cases\ngaza-2023-2025\n",
    "game": (
        "$ cat > waiting.yaml <<'END'\n> region: waiting\n> END\n"
        "$ standoff game solve waiting.yaml\nsolved: residual ...\n...\n"
    ),
    "games": "$ standoff games solve selten-kidnapping --set demand=60\nselten-kidnapping: solved ...\n...\n",
    "schema": '$ standoff schema case.schema.json\n{\n...\n  "title": "CaseFrame",\n...\n',
}


def page() -> str:
    """The whole page as Markdown."""
    context = click.Context(standoff, info_name="standoff", **standoff.context_settings)
    sections = [HEAD]
    for name in EXAMPLES:
        command = standoff.get_command(context, name)
        assert command is not None
        sections.append(f"{_section(name, command, context)}```console\n{EXAMPLES[name]}```\n")
    assert EXAMPLES.keys() == COMMANDS.keys(), "every command has an example"
    return "\n".join(sections)


def _section(name: str, command: click.Command, parent: click.Context, depth: int = 2) -> str:
    """One command; a group with its subcommands below it."""
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join(command.collect_usage_pieces(context))
    told = "\n\n".join(" ".join(block.split()) for block in (command.help or "").split("\n\n"))
    rows = [
        record
        for parameter in command.get_params(context)
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(context))
    ]
    table = "".join(f"| `{names}` | {_cell(text)} |\n" for names, text in rows)
    options = f"| option | meaning |\n|---|---|\n{table}\n" if table else ""
    head = f"{'#' * depth} {context.command_path}\n\n`{context.command_path} {usage}`\n\n{told}\n\n{options}"
    if isinstance(command, click.Group):
        parts = (_section(sub, command.commands[sub], context, depth + 1) for sub in command.commands)
        return head + "".join(parts)
    return head


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
