"""The weekly panel as one long table: a row for each measure, week and combination of its other dimensions."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import polars

if TYPE_CHECKING:
    import xarray


def panel_frame(panel: xarray.Dataset) -> polars.DataFrame:
    """The weekly panel, long: measure, one column a dimension, and the value; unseen is empty."""
    dimensions = [str(name) for name in panel.dims]
    frames = [_measure_frame(panel, str(name), dimensions) for name in panel.data_vars]
    return polars.concat(frames) if frames else polars.DataFrame()


def _measure_frame(panel: xarray.Dataset, name: str, dimensions: list[str]) -> polars.DataFrame:
    measure = panel[name]
    places = list(itertools.product(*(_labels(panel, str(dim)) for dim in measure.dims)))
    columns: dict[str, Any] = {"measure": [name] * len(places)}
    for dimension in dimensions:
        if dimension in measure.dims:
            at = measure.dims.index(dimension)
            columns[dimension] = [place[at] for place in places]
        else:
            columns[dimension] = [None] * len(places)
    values = [float(value) for value in measure.to_numpy().ravel().tolist()]
    columns["value"] = [None if math.isnan(value) else value for value in values]
    schema = {"measure": polars.String, **dict.fromkeys(dimensions, polars.String), "value": polars.Float64}
    return polars.DataFrame(columns, schema=schema)


def _labels(panel: xarray.Dataset, dimension: str) -> list[str]:
    if dimension not in panel.coords:
        return [str(index) for index in range(panel.sizes[dimension])]
    labels = panel.coords[dimension].to_numpy()
    if labels.dtype.kind == "M":
        labels = labels.astype("datetime64[D]")
    return [str(label) for label in labels]
