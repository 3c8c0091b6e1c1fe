"""The command `standoff`: its subcommands by name, each loaded when it is used, and one way to fail."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "assess": "standoff.cli.assess:assess",
    "check": "standoff.cli.check:check",
    "new": "standoff.cli.new:new",
    "claims": "standoff.cli.claims:claims",
    "cases": "standoff.cli.cases:cases",
    "game": "standoff.cli.game:game",
    "games": "standoff.cli.games:games",
    "schema": "standoff.cli.schema:schema",
}


class Commands(click.Group):
    """A group whose commands are imported by name, and whose failures are all told by `standoff.cli.failures`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> None:
        """Run and exit: 0 done, 2 the user's to mend, 70 a fault of this program, 130 stopped by the user."""
        given = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        try:
            code = super().main(given, prog_name, **extra)
            if sys.stdout:  # closed by whoever started us
                sys.stdout.flush()
        except BaseException as error:
            code = _failed(error, given)
        sys.exit(code if isinstance(code, int) else 0)


def _failed(error: BaseException, args: list[str]) -> int:
    if isinstance(error, SystemExit):
        raise error
    from standoff.cli.failures import hush, tell

    if isinstance(error, OSError) and error.errno == errno.EPIPE:
        hush(sys.stdout)  # whoever read our output has left, as `head` does
        return 0
    return tell(error, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(None, "-V", "--version", package_name="standoff", message="%(prog)s %(version)s")
def standoff() -> None:
    """Turn the record of a hostage negotiation into a tested account of it.

    Begin with `standoff assess gaza-2023-2025`, a case that ships with the package, or with `standoff new my-case`.
    """
