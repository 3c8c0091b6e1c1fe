"""The weekly panel as one long table: a row for each measure, week and combination of its other dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars

if TYPE_CHECKING:
    import xarray


def panel_frame(panel: xarray.Dataset) -> polars.DataFrame:
    """Columns: measure, one for each dimension (a week by its first day), value (empty where unseen), unit, ids of the rows behind it."""
    measures = [str(name) for name in panel.data_vars if panel[name].dtype.kind == "f"]
    dimensions = list(dict.fromkeys(str(axis) for name in measures for axis in panel[name].dims))
    return polars.concat(_measure_frame(panel, name, dimensions) for name in measures)


def _measure_frame(panel: xarray.Dataset, name: str, dimensions: list[str]) -> polars.DataFrame:
    measure = panel[name]
    columns: dict[str, list[str | None]] = {
        dimension: [None] * measure.size for dimension in dimensions if dimension not in measure.dims
    }
    for axis, places in zip(measure.dims, np.indices(measure.shape), strict=True):
        dates = f"{axis}_start"  # a week is named by its first day
        coordinate = panel.coords[dates if dates in panel.coords else axis]
        labels = np.asarray([str(label) for label in coordinate.to_numpy()], dtype=object)
        columns[str(axis)] = labels[places.ravel()].tolist()
    words = {
        "measure": name,
        "unit": measure.attrs.get("units", ""),
        "rows_of": measure.attrs.get("rows", ""),
    }
    columns |= {key: [str(word)] * measure.size for key, word in words.items()}
    columns["rows"] = list(_rows(panel, measure))
    value = polars.Series("value", measure.to_numpy().ravel(), dtype=polars.Float64).fill_nan(None)
    text = polars.DataFrame(columns, schema_overrides=dict.fromkeys(columns, polars.String))
    return text.with_columns(value).select("measure", *dimensions, "value", "unit", "rows", "rows_of")


def _rows(panel: xarray.Dataset, measure: xarray.DataArray) -> list[str]:
    """Ids behind each cell of a measure that has rows of its own; another names in `rows_of` whose it stands on."""
    if measure.attrs.get("rows") != measure.name:
        return [""] * measure.size
    rows = panel[f"{measure.name}_rows"].broadcast_like(measure).transpose(*measure.dims)
    return [str(row) for row in rows.to_numpy().ravel().tolist()]
