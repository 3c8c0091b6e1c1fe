"""One way to fail: what is wrong, where, why, what to do; on the terminal, or as JSON under `--json`.

A mistake in the program itself is told calmly, with the details in a file; no traceback reaches a reader.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
import traceback
from contextlib import suppress
from dataclasses import asdict
from typing import Any, TextIO

import click

from standoff.cli.text import line
from standoff.errors import StandoffError

USER, FAULT, STOPPED = 2, 70, 130
UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}  # of a stream, since a file has a name


def tell(error: BaseException, args: list[str]) -> int:
    """Say what went wrong, in the form that was asked for; the exit code."""
    as_json = "--json" in args
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return USER
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        shape, code = _stopped(), STOPPED
    elif isinstance(error, StandoffError):
        shape, code = _user_error(error), USER
    elif isinstance(error, click.ClickException):
        shape, code = _usage(error), USER
    elif isinstance(error, OSError) and error.filename is None and error.errno in UNWRITABLE:
        hush(sys.stdout)
        shape, code, as_json = _unheard(error), USER, False
    else:
        shape, code = _fault(error, args), FAULT
    try:
        if as_json:
            click.echo(json.dumps({"error": shape}, ensure_ascii=False, indent=2))
        else:
            click.echo(_as_text(shape), err=True)
    except OSError:  # nobody can be told; the exit code still says it
        hush(sys.stdout)
        hush(sys.stderr)
    return code


def hush(stream: TextIO) -> None:
    """Let nothing more come out of a stream that failed, also not what is left in it when the program ends."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _shape(kind: str, what: str, why: str = "", do: str = "") -> dict[str, Any]:
    return {"kind": kind, "what": what, "why": why, "do": do, "mistakes": []}


def _user_error(error: StandoffError) -> dict[str, Any]:
    shape = _shape(error.kind, error.what, error.why, error.do)
    shape["mistakes"] = [asdict(mistake) for mistake in error.mistakes]
    return shape | dict(error.details)


def _usage(error: click.ClickException) -> dict[str, Any]:
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "standoff"
    return _shape("usage", error.format_message(), "", f"see `{command} --help`")


def _unheard(error: OSError) -> dict[str, Any]:
    where = "make room where standard output goes, or send it elsewhere"
    return _shape("output", "cannot write the answer", error.strerror or str(error), where)


def _stopped() -> dict[str, Any]:
    return _shape(
        "stopped", "stopped", "what was done is kept", "run the same command again to go on from there"
    )


def _fault(error: BaseException, args: list[str]) -> dict[str, Any]:
    return _shape(
        "fault",
        f"standoff met a fault of its own ({type(error).__name__})",
        "this is not your mistake; nothing that was finished is lost",
        f"details for a report are in {_details(error, args)}",
    )


def _details(error: BaseException, args: list[str]) -> str:
    """Write the traceback to a file of its own and return its path."""
    from importlib.metadata import version

    told = f"standoff {version('standoff')}, Python {sys.version}\narguments: {args}\n\n"
    told += "".join(traceback.format_exception(error))
    try:
        descriptor, path = tempfile.mkstemp(prefix="standoff-fault-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(told)
    except OSError:
        return "no file, since none could be written"
    return path


def _as_text(shape: dict[str, Any]) -> str:
    head = "" if shape["kind"] == "stopped" else "error: "
    lines = [head + line(shape["what"])]
    for mistake in shape["mistakes"]:
        place = f"{mistake['file']}:{mistake['line']}:{mistake['column']}: " if mistake["file"] else ""
        what = f"{mistake['what']} [{mistake['code']}]" if "code" in mistake else _of_parameter(mistake)
        lines.append(f"\n{line(place + what)}")
        lines += _advice(mistake, "  ")
    if shape["mistakes"]:
        lines.append("")
    return "\n".join(lines + _advice(shape, ""))


def _of_parameter(mistake: dict[str, Any]) -> str:
    return f"{mistake['parameter']}: {mistake['what']}"


def _advice(shape: dict[str, Any], indent: str) -> list[str]:
    pairs = (("why", shape["why"]), ("do", shape["do"]))
    return [f"{indent}{name + ':':<5}{line(text)}" for name, text in pairs if text]
