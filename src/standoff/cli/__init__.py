"""The commands; thin over the public face. Importing this loads click and nothing that computes."""

from __future__ import annotations

import io
import os
import sys


def main() -> None:
    """The console script `standoff`."""
    # One thread a process: results must not hang on how many processors a matrix product was spread over.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a character gets its number, not a fault
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        from standoff.cli.group import standoff

        standoff.main(prog_name="standoff")
    except KeyboardInterrupt:  # so early that nothing was begun, or pressed again while stopping
        sys.exit(130)
