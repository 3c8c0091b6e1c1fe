"""Progress for a person: a bar with phases and remaining time on a terminal, plain lines in a pipe or a log."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from standoff.cli.text import line
from standoff.study.progress import PHASES, Listener, Progress, silence


@contextmanager
def watching(quiet: bool) -> Iterator[Listener]:
    """A listener that shows a run on the error stream, and leaves no trace of itself on a terminal."""
    if quiet:
        yield silence
    elif sys.stderr.isatty():
        with _bar() as listener:
            yield listener
    else:
        yield _Lines().tell


class _Lines:
    """One line when a phase begins and one for each piece that is done."""

    def __init__(self) -> None:
        self._last: tuple[str, int] = ("", -1)

    def tell(self, progress: Progress) -> None:
        now = (progress.phase, int(progress.done))
        if now == self._last:
            return
        self._last = now
        counted = f" {now[1]}/{int(progress.total)}" if progress.total > 1 else ""
        if progress.total > 1 or progress.done == 0:
            name = line(progress.message.split(":")[0])
            click.echo(f"{progress.phase}{counted} {name}".rstrip(), err=True)


@contextmanager
def _bar() -> Iterator[Listener]:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("{task.fields[piece]}", markup=False),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, piece="")

        def tell(progress: Progress) -> None:
            step = PHASES.index(progress.phase) + 1
            bar.update(
                task,
                description=f"{step}/{len(PHASES)} {progress.phase}",
                completed=progress.done,
                total=progress.total,
                piece=line(progress.message),
            )

        yield tell
