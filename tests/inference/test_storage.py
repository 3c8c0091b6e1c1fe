"""Stored posteriors: equal bytes, plain structure, whole or not at all."""

import io
import subprocess
import sys

import h5py
import numpy as np
import pytest
from arviz_base import convert_to_datatree
from arviz_stats import summary

from standoff.errors import NotFoundError, RunError
from standoff.inference import storage
from standoff.inference.importance import Gate
from standoff.inference.storage import Contents, Origin

GATES = (Gate("Pareto k", True, "0.31, must be below 0.7"), Gate("effective draws", False, "12 < 400"))
ORIGIN = Origin("M7", 12, "ab" * 32, GATES, {"log_evidence": -41.25})


def contents(seed=0):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(size=60)
    weights[3] = 0.0
    posterior, stats = storage.one_chain(
        {"kappa": rng.normal(size=60), "scale": rng.normal(size=(60, 2))}, weights
    )
    return Contents(
        posterior,
        stats,
        {"stance": rng.normal(size=(1, 60, 3))},
        {"stance": np.array([0.0, np.nan, 2.0])},
        {"kappa": rng.normal(size=(1, 30))},
        {"scale": ["side"], "stance": ["week"]},
        {"side": ["holder", "coercer"], "week": [5, 6, 7]},
    )


def build(seed=0):
    return storage.to_tree(contents(seed), ORIGIN)


def test_what_was_written_is_read_back(tmp_path):
    path = tmp_path / "new" / "M7.nc"
    storage.write(build(), path)
    back = storage.read(path)
    given = contents()
    for group in ("posterior", "sample_stats", "log_likelihood", "observed_data", "prior"):
        for name, one in getattr(given, group).items():
            assert np.array_equal(back[group][name].values, one, equal_nan=True)
    assert back["posterior"]["scale"].dims == ("chain", "draw", "side")
    assert list(back["posterior"]["side"].values) == ["holder", "coercer"]
    assert back["sample_stats"]["log_weight"].values[0, 3] == -np.inf
    assert np.isclose(np.exp(back["sample_stats"]["log_weight"].values).sum(), 1.0)
    assert storage.gates_of(back) == GATES and back.attrs["passed"] == 0
    assert (back.attrs["model"], back.attrs["seed"], back.attrs["log_evidence"]) == ("M7", 12, -41.25)
    assert [one.name for one in path.parent.iterdir()] == ["M7.nc"]


def test_arviz_reads_it(tmp_path):
    storage.write(build(), tmp_path / "a.nc")
    tree = convert_to_datatree(str(tmp_path / "a.nc"))
    found = summary(tree, group="posterior", kind="stats", round_to="none")
    expected = contents().posterior["kappa"].mean()
    assert np.isclose(found.loc["kappa", "mean"], expected) and "scale[coercer]" in found.index


def test_equal_contents_give_equal_bytes_in_another_process():
    code = (
        "import sys; from tests.inference.test_storage import build, storage;"
        "sys.stdout.buffer.write(storage.pack(build()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == storage.pack(build())
    assert done.stdout != storage.pack(build(1))
    assert b"created_at" not in done.stdout


def test_the_structure_is_plain():
    kinds = {}

    def look(name, node):
        if isinstance(node, h5py.Dataset):
            kinds[name] = node.dtype
        for key in node.attrs:
            if key not in ("DIMENSION_LIST", "REFERENCE_LIST", "_Encoding"):  # the format's own
                assert node.attrs.get_id(key).dtype.kind != "O", (name, key)

    with h5py.File(io.BytesIO(storage.pack(build()))) as file:
        look("/", file)
        file.visititems(look)
        assert set(file) == {"posterior", "sample_stats", "log_likelihood", "observed_data", "prior"}
        assert file["posterior/kappa"].shape == (1, 60)
        labels = [bytes(one.tobytes()).rstrip(b"\0") for one in file["posterior/side"]]
        assert labels == [b"holder", b"coercer"]
        assert file.attrs["model"] == b"M7"
    assert kinds and all(kind.kind in "fiS" for kind in kinds.values())


def test_text_that_is_not_ascii_survives():
    named = ORIGIN._replace(model="modèle")
    back = storage.unpack(storage.pack(storage.to_tree(contents(), named)))
    assert back.attrs["model"] == "modèle"


def test_damage_is_said_and_nothing_is_left_half_written(tmp_path):
    path = tmp_path / "a.nc"
    with pytest.raises(NotFoundError):
        storage.read(path)
    path.write_bytes(storage.pack(build())[:2000])
    with pytest.raises(RunError, match="cannot be read"):
        storage.read(path)
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be written"):
        storage.write(build(), tmp_path / "file" / "a.nc")


def test_groups_of_different_lengths_are_refused():
    odd = Contents({"a": np.zeros((1, 5)), "b": np.zeros((1, 6))})
    with pytest.raises(ValueError, match="chains and draws"):
        storage.to_tree(odd, ORIGIN)
