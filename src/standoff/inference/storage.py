"""Posteriors as InferenceData in a NetCDF file: read by ArviZ, by any reader of HDF5, and from R.

Equal contents give equal bytes: nothing of the day or the machine is written. Text is of fixed length wherever it is
plain ASCII, so that the simplest readers can have it.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from standoff.errors import NotFoundError, RunError
from standoff.inference.importance import Gate

if TYPE_CHECKING:
    from xarray import DataTree

FloatArray = npt.NDArray[np.float64]
Arrays = Mapping[str, npt.NDArray[Any]]

NOTHING: Mapping[str, Any] = MappingProxyType({})
PACKAGES = ("standoff", "numpy", "scipy", "jax", "numpyro", "arviz-base", "xarray", "h5netcdf")
OF_THE_DAY = ("created_at", "creation_library", "creation_library_version", "creation_library_language")


class Contents(NamedTuple):
    """What a file holds, by group. Arrays of ``posterior``, ``sample_stats``, ``log_likelihood`` and ``prior`` begin with
    the dimensions chain and draw; those of ``observed_data`` do not.

    ``dims`` names the further dimensions of a variable, ``coords`` their labels. Weighted draws are one chain with
    ``sample_stats["log_weight"]``, see `one_chain`.
    """

    posterior: Arrays
    sample_stats: Arrays = NOTHING
    log_likelihood: Arrays = NOTHING
    observed_data: Arrays = NOTHING
    prior: Arrays = NOTHING
    dims: Mapping[str, Sequence[str]] = NOTHING
    coords: Mapping[str, Sequence[Any]] = NOTHING


class Origin(NamedTuple):
    """Where a posterior comes from: ``model`` (a rival's name), ``seed``, ``case_hash``, ``gates``, and further
    ``numbers`` such as the log marginal likelihood."""

    model: str
    seed: int
    case_hash: str
    gates: Sequence[Gate]
    numbers: Mapping[str, float] = NOTHING


def one_chain(values: Mapping[str, FloatArray], weights: FloatArray) -> tuple[Arrays, Arrays]:
    """Weighted draws (N, ...) as the groups posterior and sample_stats: one chain, log weights that sum to one."""
    with np.errstate(divide="ignore"):
        log_weights = np.log(weights / weights.sum())
    posterior = {name: np.asarray(one, dtype=np.float64)[None] for name, one in values.items()}
    return posterior, {"log_weight": log_weights[None]}


def to_tree(contents: Contents, origin: Origin) -> DataTree:
    """The contents as an InferenceData tree, with seed, case, versions and gates as attributes of its root.

    Errors: ValueError where arrays of a group differ in chains or draws, or dims do not fit.
    """
    from arviz_base import from_dict

    names = ("posterior", "sample_stats", "log_likelihood", "observed_data", "prior")
    groups = {name: dict(getattr(contents, name)) for name in names if getattr(contents, name)}
    for name, group in groups.items():
        sizes = {np.shape(one)[:2] for one in group.values()}
        if name != "observed_data" and len(sizes) > 1:
            raise ValueError(f"{name}: not one number of chains and draws but {sorted(sizes)}")
    dims = {name: list(one) for name, one in contents.dims.items()}
    tree: DataTree = from_dict(groups, dims=dims, coords=dict(contents.coords))
    for node in tree.subtree:
        for attribute in OF_THE_DAY:
            node.attrs.pop(attribute, None)
    tree.attrs = _attributes(origin)
    return tree


def pack(tree: DataTree) -> bytes:
    """The tree as the bytes of a NetCDF-4 file; equal trees give equal bytes."""
    whole = tree.copy()
    for node in whole.subtree:
        node.attrs = {name: _plain(one) for name, one in node.attrs.items()}
    encoding = {
        node.path: {
            str(name): {"dtype": "S1"} for name, one in node.variables.items() if one.dtype.kind in "UO"
        }
        for node in whole.subtree
    }
    buffer = io.BytesIO()
    whole.to_netcdf(buffer, engine="h5netcdf", encoding=encoding)
    return buffer.getvalue()


def write(tree: DataTree, path: Path) -> None:
    """Write under a temporary name, flush to the disk, rename: a reader sees all of it or none.

    Errors: RunError where the folder cannot be written.
    """
    data = pack(tree)
    temporary = path.parent / f".{path.name}.{os.getpid()}.new"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise RunError(f"{path.name} cannot be written", why, "give a folder that can be written") from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def read(path: Path) -> DataTree:
    """The tree of a file, in memory. Errors: NotFoundError, RunError where it is damaged or of another kind."""
    if not path.is_file():
        raise NotFoundError(f"no posterior {path.name}", "there is no such file", "fit the model first")
    return unpack(path.read_bytes(), path.name)


def unpack(data: bytes, name: str = "posterior") -> DataTree:
    """The tree of a file's bytes. Errors: RunError where they are damaged or of another kind."""
    import xarray

    try:
        tree = xarray.open_datatree(io.BytesIO(data), engine="h5netcdf").load()
    except Exception as error:  # every reader below has errors of its own
        raise RunError(
            f"{name} cannot be read",
            f"not a whole NetCDF file ({type(error).__name__})",
            "fit the model again",
        ) from None
    return tree


def gates_of(tree: DataTree) -> tuple[Gate, ...]:
    """The gates that were stored with a posterior."""
    return tuple(Gate(*one) for one in json.loads(tree.attrs["gates"]))


def _attributes(origin: Origin) -> dict[str, Any]:
    versions = {package: version(package) for package in PACKAGES}
    return {
        "model": origin.model,
        "seed": origin.seed,
        "case_hash": origin.case_hash,
        "gates": json.dumps([[gate.name, gate.passed, gate.detail] for gate in origin.gates]),
        "passed": int(all(gate.passed for gate in origin.gates)),
        "versions": json.dumps(versions, sort_keys=True),
        **{name: float(one) for name, one in origin.numbers.items()},
    }


def _plain(attribute: Any) -> Any:
    """ASCII text as bytes of fixed length; other text stays as it is, of variable length."""
    if isinstance(attribute, str) and attribute.isascii():
        return np.bytes_(attribute.encode("ascii"))
    return attribute
