"""The R packages that the published games are measured against, timed here where R has them; else what was recorded.

Each program loads its package's own data, fits once, and prints the processor seconds of the second fit.
"""

from __future__ import annotations

import shutil
import subprocess

LONGEST = 300.0  # seconds given to an R program

_STRATEGIC = """
suppressMessages(library(games)); data(war1800)
formulas <- esc + war ~ s_wt_re1 + revis1 | 0 | regime1 | balanc + regime2
run <- function() invisible(capture.output(egame12(formulas, data = war1800, link = "probit", boot = 100)))
"""
_CRISIS = """
suppressMessages(library(sigInt)); data(sanctionsData)
formulas <- sq + cd + sf + bd ~ sqrt(senderecondep) + senderdemocracy + contig + ally - 1 | anticipatedsendercosts |
  sqrt(targetecondep) + anticipatedtargetcosts + contig + ally | sqrt(senderecondep) + senderdemocracy + lncaprat |
  targetdemocracy + lncaprat | senderdemocracy | -1
given <- list(PRhat = sanctionsData$PRhat, PFhat = sanctionsData$PFhat)
run <- function() invisible(sigint(formulas, data = sanctionsData, Phat = given, method = "METHOD"))
"""
PROGRAMS = {
    "100 bootstraps": ("games 1.1.2", _STRATEGIC),
    "pseudo-likelihood": ("sigInt 0.2.0", _CRISIS.replace("METHOD", "pl")),
    "nested pseudo-likelihood": ("sigInt 0.2.0", _CRISIS.replace("METHOD", "npl")),
}


def peer(figure: str, recorded: str) -> str:
    """The peer's time of a figure in words: measured in this run, or ``recorded`` on this class of machine."""
    package, program = PROGRAMS[figure]
    seconds = _seconds(program)
    if seconds is None:
        return f"R {package} {recorded}, recorded (no R with that package here)"
    return f"R {package.split()[0]} {seconds:.3g} s, now"


def _seconds(program: str) -> float | None:
    command = shutil.which("Rscript")
    if command is None:
        return None
    told = 'run(); spent <- system.time(run()); cat("seconds", spent[["user.self"]] + spent[["sys.self"]])'
    try:
        done = subprocess.run(
            [command, "-e", program + told], capture_output=True, text=True, timeout=LONGEST, check=True
        )
        return float(done.stdout.split("seconds")[-1])
    except (subprocess.SubprocessError, ValueError):
        return None
