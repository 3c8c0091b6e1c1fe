"""Tables of fits side by side, in LaTeX, Markdown and CSV. Names come from data, so they are escaped in each."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Literal

import numpy as np

from standoff.games.estimation.fit import Fit

Style = Literal["latex", "markdown", "csv"]

_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "[": "{[}", "]": "{]}",
}  # fmt: skip


def table_of_fits(
    fits: Sequence[Fit], style: Style, titles: Sequence[str] | None = None, method: str | None = None
) -> str:
    """Estimates with standard errors in parentheses, and a foot of log-likelihood, AIC, BIC, rows, errors and gates.

    ``method`` chooses the standard errors (each fit's own main method where None). A fit that failed a gate says so in
    the foot.
    """
    heads = list(titles or (f"({i + 1})" for i in range(len(fits))))
    body = _body(fits, method)
    foot = _foot(fits, method)
    if style == "csv":
        return _csv(fits, heads, foot, method)
    if style == "markdown":
        return _markdown(heads, body, foot)
    return _latex(heads, body, foot)


def _names(fits: Sequence[Fit]) -> list[str]:
    return list(dict.fromkeys(name for fit in fits for name in fit.names))


def _body(fits: Sequence[Fit], method: str | None) -> list[list[str]]:
    rows = []
    for name in _names(fits):
        estimates, errors = [name], [""]
        for fit in fits:
            if name in fit.names:
                k = fit.names.index(name)
                estimates.append(f"{fit.estimate[k]:.3f}")
                error = fit.standard_errors(method)[k]
                errors.append(f"({error:.3f})" if np.isfinite(error) else "(none)")
            else:
                estimates.append("")
                errors.append("")
        rows += [estimates, errors]
    return rows


def _foot(fits: Sequence[Fit], method: str | None) -> list[list[str]]:
    def failed(fit: Fit) -> str:
        names = [gate.name for gate in fit.gates if not gate.passed]
        return "met" if fit.passed else "FAILED: " + ", ".join(names or ["none"])

    return [
        ["Log-likelihood", *(f"{fit.log_likelihood:.3f}" for fit in fits)],
        ["AIC", *(f"{fit.aic:.2f}" for fit in fits)],
        ["BIC", *(f"{fit.bic:.2f}" for fit in fits)],
        ["Rows", *(str(fit.rows) for fit in fits)],
        ["Estimator", *(fit.estimator for fit in fits)],
        ["Standard errors", *(method or fit.main for fit in fits)],
        ["Gates", *(failed(fit) for fit in fits)],
    ]


def _latex(heads: Sequence[str], body: list[list[str]], foot: list[list[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return " & ".join(_latex_cell(cell) for cell in cells) + r" \\"

    return "\n".join([
        r"\begin{tabular}{l" + "r" * len(heads) + "}", r"\toprule", line(["", *heads]), r"\midrule", *map(line, body),
        r"\midrule", *map(line, foot), r"\bottomrule", r"\end{tabular}", "",
    ])  # fmt: skip


def _latex_cell(cell: str) -> str:
    escaped = "".join(_LATEX.get(c, c) for c in cell)
    return f"${escaped}$" if cell.startswith("-") and _is_number(cell) else escaped


def _markdown(heads: Sequence[str], body: list[list[str]], foot: list[list[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(_markdown_cell(cell) for cell in cells) + " |"

    rule = "|---|" + "---:|" * len(heads)
    return "\n".join([line(["", *heads]), rule, *map(line, body), *map(line, foot), ""])


def _markdown_cell(cell: str) -> str:
    return "".join("\\" + c if c in "\\`*_{}[]<>#|!~" else c for c in cell.replace("\n", " "))


def _csv(fits: Sequence[Fit], heads: Sequence[str], foot: list[list[str]], method: str | None) -> str:
    """One line a coefficient and fit, numbers at full precision."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["fit", "name", "estimate", "error", "low", "high", "z", "p"])
    for head, fit in zip(heads, fits, strict=True):
        for one in fit.coefficients(method):
            writer.writerow([safe(head), safe(one.name), *(repr(float(x)) for x in one[1:])])
    for row in foot:
        for head, cell in zip(heads, row[1:], strict=True):
            writer.writerow([safe(head), row[0], safe(cell), "", "", "", "", ""])
    return out.getvalue()


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: words that begin with = + - @ get an apostrophe."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
