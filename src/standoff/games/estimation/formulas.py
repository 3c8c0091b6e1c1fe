"""A formula an equation, made into a matrix an equation.

A formula is written ``EQUATION: terms`` in the notation of `formulaic`: ``u11: sqrt(x) + y - 1``. Each has a constant
unless it says ``- 1`` or ``+ 0``; ``0`` alone fixes the payoff at zero. Columns of words become indicators, the first
level in alphabetical order left out where there is a constant. Only the functions in `FUNCTIONS` may be called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np
from formulaic import Formula, ModelSpec, model_matrix  # type: ignore[import-untyped]
from formulaic.errors import FormulaicError  # type: ignore[import-untyped]
from numpy.typing import NDArray

from standoff.errors import Mistake
from standoff.games.estimation.errors import refuse
from standoff.games.estimation.table import Dropped, Table, complete, missing_mistakes

FUNCTIONS: Mapping[str, Any] = {
    "sqrt": np.sqrt, "log": np.log, "log1p": np.log1p, "exp": np.exp, "abs": np.abs, "square": np.square,
    "minimum": np.minimum, "maximum": np.maximum,
}  # fmt: skip
TRANSFORMS = frozenset({"C", "I", "center", "scale", "poly"})  # formulaic's own
CONSTANT = "Intercept"
COLLINEAR = 1e-9  # a column is explained by those before it when so little of its length is left


@dataclass(frozen=True)
class Design:
    """One equation's matrix (N, K) of regressors, float64, and the names (K,) of its columns; K = 0 where fixed at zero."""

    equation: str
    formula: str
    matrix: NDArray[np.float64]
    names: tuple[str, ...]
    spec: ModelSpec | None = field(repr=False, compare=False, default=None)

    def of(self, table: Table) -> NDArray[np.float64]:
        """The matrix (N', K) of other rows, with the same levels and transformations; EstimationError if it cannot be."""
        if self.spec is None:
            return np.zeros((table.rows, 0))
        used = _columns(self.formula)
        refuse(table.name, [m for column in used for m in table.use_mistakes(column)])
        complete(table, used, drop_missing=False)
        refuse(table.name, self._new_levels(table))
        held = self.spec.get_model_matrix(_frame(table, used), context=FUNCTIONS, na_action="ignore")
        return np.array(held, dtype=np.float64).reshape(table.rows, len(self.names))

    def _new_levels(self, table: Table) -> list[Mistake]:
        assert self.spec is not None
        mistakes = []
        for name, state in self.spec.encoder_state.items():
            levels = state[1].get("categories")
            if levels is None or name not in table.cells:
                continue
            known = {str(level) for level in levels}
            for row, cell in enumerate(table.cells[name]):
                if cell not in known:
                    what, why = f"`{name}` holds {cell!r}", "the fit has not seen this level"
                    mistakes.append(Mistake(*table.place(name, row), "unknown-level", what, why, f"levels: {', '.join(sorted(known))}"))  # fmt: skip
        return mistakes


def written(texts: Sequence[str]) -> dict[str, str]:
    """Formulas by equation, from texts ``EQUATION: terms``; EstimationError for a text without a colon, or given twice."""
    found: dict[str, str] = {}
    mistakes = []
    for text in texts:
        name, colon, terms = text.partition(":")
        name = name.strip()
        if not colon or not name or not terms.strip():
            what = f"{text!r} is not EQUATION: terms"
            mistakes.append(
                _mistake(what, "each formula belongs to an equation", "write it as u11: x + y - 1")
            )
        elif name in found:
            mistakes.append(
                _mistake(f"equation `{name}` is given twice", "one formula an equation", "keep one")
            )
        else:
            found[name] = terms.strip()
    refuse("formulas", mistakes)
    return found


def designs(
    table: Table,
    formulas: Mapping[str, str],
    equations: Sequence[str],
    *,
    optional: Mapping[str, str] | None = None,
    also: Sequence[str] = (),
    drop_missing: bool = False,
) -> tuple[dict[str, Design], Table, Dropped]:
    """The designs of all equations in their order, the complete rows, and what was left out.

    ``optional`` gives the formula of equations that may be left out; ``also`` are columns that the game needs besides
    (outcomes, clusters). Raises EstimationError with every mistake: unknown or missing equations, terms that cannot be
    read, unknown columns, columns that are not numbers, missing values, constant and collinear columns.
    """
    filled = {**(optional or {}), **formulas}
    mistakes = _equation_mistakes(formulas, equations, filled)
    usable = {name: text for name, text in filled.items() if name in equations}
    for name in list(usable):
        found = _formula_mistakes(name, usable[name])
        mistakes += found
        if found:
            del usable[name]
    used = list(dict.fromkeys([c for text in usable.values() for c in _columns(text)]))
    mistakes += [m for column in used for m in table.use_mistakes(column)]
    mistakes += [table.unknown(column) for column in also if column not in table.cells]
    mistakes += [] if drop_missing else missing_mistakes(table, [*used, *also])
    refuse(table.name, mistakes)
    kept, dropped = complete(table, [*used, *also], drop_missing)
    refuse(table.name, [m for column in used for m in _constant_mistakes(kept, column)])
    made = {name: _design(kept, name, usable[name]) for name in equations}
    refuse(table.name, [m for one in made.values() for m in _matrix_mistakes(kept, one)])
    return made, kept, dropped


def _design(table: Table, equation: str, text: str) -> Design:
    if not list(Formula(text)):
        return Design(equation, text, np.zeros((table.rows, 0)), ())
    with np.errstate(all="ignore"):  # what is not finite is told as a mistake of its column
        held = model_matrix(text, _frame(table, _columns(text)), context=FUNCTIONS, na_action="ignore")
    spec = held.model_spec
    matrix = np.ascontiguousarray(np.array(held, dtype=np.float64))
    return Design(equation, text, matrix, tuple(spec.column_names), spec)


def _frame(table: Table, columns: Sequence[str]) -> Any:
    """The columns as the frame that formulaic reads; a column of row numbers keeps the length where none is used."""
    import pandas as pd

    return pd.DataFrame({"": np.arange(table.rows), **{name: table.values(name) for name in columns}})


def _columns(text: str) -> list[str]:
    """Names of the columns that a readable formula uses."""
    functions = {*FUNCTIONS, *TRANSFORMS}
    names = [n.id for tree in _factors(text) for n in ast.walk(tree) if isinstance(n, ast.Name)]
    return [name for name in dict.fromkeys(names) if name not in functions]


def _factors(text: str) -> Iterator[ast.expr]:
    for term in Formula(text):
        for factor in term.factors:
            expression = factor.expr.strip("`")
            yield (
                ast.Name(expression)
                if factor.eval_method.value == "lookup"
                else ast.parse(expression, mode="eval").body
            )


_ALLOWED = (
    ast.Name, ast.Constant, ast.Call, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context, ast.keyword,
    ast.Compare, ast.cmpop,
)  # fmt: skip


def _formula_mistakes(equation: str, text: str) -> list[Mistake]:
    where = f"equation `{equation}`"
    try:
        parsed = Formula(text)
        if not hasattr(parsed, "__iter__") or any(not hasattr(term, "factors") for term in parsed):
            return [
                _mistake(
                    f"{where}: {text!r} has two sides",
                    "only regressors are written",
                    "leave out the left side and |",
                )
            ]
        trees = list(_factors(text))
    except (FormulaicError, SyntaxError, ValueError, TypeError) as error:
        told = (
            str(error).splitlines()[0].replace("\x1b[1;31m", "").replace("\x1b[0m", "") if str(error) else ""
        )
        return [_mistake(f"{where}: {text!r} cannot be read", told, "write terms joined by +")]
    mistakes = []
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
            if name not in FUNCTIONS and name not in TRANSFORMS:
                known = sorted({*FUNCTIONS, *TRANSFORMS})
                mistakes.append(_mistake(f"{where}: no function `{name}`", "formulas call these only", f"use one of: {', '.join(known)}"))  # fmt: skip
        elif not isinstance(node, _ALLOWED):
            mistakes.append(_mistake(f"{where}: `{ast.unparse(node)}` is not allowed in a formula", "terms are columns and functions of them", "make the column in the data"))  # fmt: skip
    return mistakes


def _equation_mistakes(
    given: Mapping[str, str], equations: Sequence[str], filled: Mapping[str, str]
) -> list[Mistake]:
    mistakes = []
    for name in given:
        if name not in equations:
            near = get_close_matches(name, equations, n=1)
            do = f"did you mean `{near[0]}`?" if near else f"equations: {', '.join(equations)}"
            mistakes.append(
                _mistake(f"the game has no equation `{name}`", "its formula would have no place", do)
            )
    for name in equations:
        if name not in filled:
            what = f"equation `{name}` has no formula"
            mistakes.append(
                _mistake(what, "every payoff is said, none is assumed", f'add "{name}: 0" or its regressors')
            )
    return mistakes


def _constant_mistakes(table: Table, column: str) -> list[Mistake]:
    held = table.cells[column]
    first = held[0]
    same = len(set(held)) == 1 or (table.is_number(column) and bool(np.ptp(table.numbers(column)) == 0))
    if not same:
        return []
    what = f"`{column}` is {first} in every row"
    why = "a constant column cannot be told from the constant"
    return [
        Mistake(*table.place(column), "constant-column", what, why, "leave it out; write 1 for a constant")
    ]


def _matrix_mistakes(table: Table, design: Design) -> list[Mistake]:
    where = f"equation `{design.equation}`"
    mistakes = []
    for name, column in zip(design.names, design.matrix.T, strict=True):
        bad = np.flatnonzero(~np.isfinite(column))
        if bad.size:
            what = f"{where}: `{name}` is not finite in {bad.size} rows"
            used = [c for c in _columns(design.formula) if c in name]
            row = int(bad[0])
            place = table.place(used[0], row) if used else (table.name, table.lines[row], 0)
            mistakes.append(Mistake(*place, "not-finite", what, "the function has no value there", "transform or mend the column"))  # fmt: skip
        elif name != CONSTANT and np.ptp(column) == 0:
            what = f"{where}: `{name}` is {column[0]:g} in every row"
            mistakes.append(Mistake(table.name, 1, 0, "constant-column", what, "it cannot be told from the constant", "leave it out"))  # fmt: skip
    return mistakes or _collinear_mistakes(table, design)


def _collinear_mistakes(table: Table, design: Design) -> list[Mistake]:
    mistakes = []
    for name, others in dependent(design.matrix, design.names):
        what = f"equation `{design.equation}`: `{name}` is a sum of multiples of {', '.join(f'`{o}`' for o in others)}"
        place = table.place(name) if name in table.cells else (table.name, 1, 0)
        mistakes.append(Mistake(*place, "collinear-column", what, "their coefficients cannot be told apart", "leave one of them out"))  # fmt: skip
    return mistakes


def dependent(matrix: NDArray[np.float64], names: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Columns of the matrix (N, K) that those before them explain, each with the columns that do."""
    kept: list[int] = []
    found = []
    for k in range(matrix.shape[1]):
        column = matrix[:, k]
        length = float(np.linalg.norm(column))
        if not kept:
            weights, left = np.zeros(0), length
        else:
            scale = np.linalg.norm(matrix[:, kept], axis=0)
            weights, *_ = np.linalg.lstsq(matrix[:, kept] / scale, column, rcond=None)
            left = float(np.linalg.norm(column - matrix[:, kept] / scale @ weights))
        if length and left <= COLLINEAR * length:
            found.append(
                (names[k], [names[j] for j, w in zip(kept, weights, strict=True) if abs(w) > 1e-6 * length])
            )
        else:
            kept.append(k)
    return found


def _mistake(what: str, why: str, do: str) -> Mistake:
    return Mistake("", 0, 0, "formula", what, why, do)


def used_columns(formulas: Mapping[str, str]) -> tuple[str, ...]:
    """Names that readable formulas use; those that cannot be read are told when they are made into designs."""
    readable = [text for name, text in formulas.items() if not _formula_mistakes(name, text)]
    return tuple(dict.fromkeys(column for text in readable for column in _columns(text)))
