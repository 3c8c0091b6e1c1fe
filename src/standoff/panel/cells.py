"""The bridge between names and arrays: axes, cells, masks, and the ids of the rows behind each cell.

A variable of the panel has named axes, one float array with NaN where nothing was seen, a mask `<name>_seen`, and
an array `<name>_rows` of the same cells that holds ids joined by ``;`` as the tables of a case do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from standoff.errors import NotFoundError
from standoff.panel.days import BoolArray, FloatArray

if TYPE_CHECKING:
    import xarray

Label = str | int | float
Axes = dict[str, tuple[Label, ...]]  # axis name -> its labels
RowArray = npt.NDArray[np.object_]
NO_ROWS = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the panel; `rows` and `seen` may have fewer axes than the values, never others.

    `rows_of` names another variable whose row array this one shares; `reach` is `cell`, or `past` when the rows
    of all earlier weeks stand behind a cell too.
    """

    name: str
    axes: tuple[str, ...]
    values: FloatArray
    meaning: str
    unit: str
    rows: RowArray | None = None
    rows_axes: tuple[str, ...] = ()
    rows_of: str = ""
    reach: str = "cell"
    seen: BoolArray | None = None
    seen_axes: tuple[str, ...] = ()


@dataclass(slots=True)
class Cells:
    """Rows told apart by cell: count, sum of weights and ids of each cell of `axes`."""

    axes: Axes
    count: FloatArray = field(init=False)
    weight: FloatArray = field(init=False)
    rows: RowArray = field(init=False)
    _place: dict[str, dict[Label, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        shape = tuple(len(labels) for labels in self.axes.values())
        self.count = np.zeros(shape)
        self.weight = np.zeros(shape)
        self.rows = empty_rows(shape)
        self._place = {
            axis: {label: i for i, label in enumerate(labels)} for axis, labels in self.axes.items()
        }

    def add(self, labels: Sequence[Label], row: str, weight: float = 1.0) -> None:
        """Put one row into the cell that `labels` name, one label an axis, in the order of `axes`."""
        cell = tuple(self._place[axis][label] for axis, label in zip(self.axes, labels, strict=True))
        self.count[cell] += 1
        self.weight[cell] += weight
        self.rows[cell] = join_rows([*split_rows(self.rows[cell]), row])


def empty_rows(shape: tuple[int, ...]) -> RowArray:
    rows = np.empty(shape, dtype=object)
    rows[...] = NO_ROWS
    return rows


def join_rows(rows: Iterable[str]) -> str:
    return ";".join(sorted(set(rows)))


def split_rows(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(";")) if cell else ()


def to_dataset(variables: Iterable[Variable], axes: Axes, attributes: dict[str, Any]) -> xarray.Dataset:
    """A dataset of the variables with their masks and rows; values are NaN wherever the mask says unseen."""
    import xarray  # half a second that callers of the other functions do not pay

    data: dict[str, xarray.DataArray] = {}
    for variable in variables:
        array = xarray.DataArray(variable.values, dims=variable.axes)
        if variable.seen is not None:
            mask = xarray.DataArray(variable.seen, dims=variable.seen_axes or variable.axes)
            data[f"{variable.name}_seen"] = mask
            array = array.where(mask)
        if variable.rows is not None:
            data[f"{variable.name}_rows"] = xarray.DataArray(
                variable.rows, dims=variable.rows_axes or variable.axes
            )
        shared = variable.rows_of or (variable.name if variable.rows is not None else "")
        data[variable.name] = array.assign_attrs(
            long_name=variable.meaning, units=variable.unit, rows=shared, reach=variable.reach
        )
    coordinates = {name: list(labels) for name, labels in axes.items()}
    return xarray.Dataset(data, coords=coordinates, attrs=attributes)


def rows_of(panel: xarray.Dataset, variable: str, **cell: Label) -> tuple[str, ...]:
    """Ids of the rows of the record behind the cells of a variable that the labels in `cell` pick out.

    An axis that is not named is taken whole. A decayed variable stands on the rows of earlier weeks too.

    Raises:
        NotFoundError: no such variable, or no rows stand behind it, or no such label.
    """
    if variable not in panel or not panel[variable].attrs.get("rows"):
        with_rows = sorted(str(name) for name in panel.data_vars if panel[name].attrs.get("rows"))
        raise NotFoundError(
            f"no rows for {variable!r}", "the panel traces: " + ", ".join(with_rows), "use one of these"
        )
    attributes = panel[variable].attrs
    rows = panel[f"{attributes['rows']}_rows"]
    _check_labels(panel, variable, cell)
    chosen: dict[str, Any] = {axis: label for axis, label in cell.items() if axis in rows.dims}
    if attributes["reach"] == "past" and "week" in chosen:
        chosen["week"] = slice(None, chosen["week"])
    found = rows.sel(chosen).values
    return tuple(sorted({row for joined in np.ravel(found) for row in split_rows(joined)}))


def _check_labels(panel: xarray.Dataset, variable: str, cell: dict[str, Label]) -> None:
    for axis, label in cell.items():
        if axis not in panel[variable].dims:
            raise NotFoundError(
                f"{variable} has no axis {axis!r}",
                f"it has: {', '.join(map(str, panel[variable].dims))}",
                "use one of these",
            )
        if label not in panel[axis].values.tolist():
            raise NotFoundError(f"no {axis} {label!r} in the panel", "", "use one of its labels")
