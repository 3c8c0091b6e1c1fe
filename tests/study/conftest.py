"""A small case on disk whose rooms are stand-ins: the folder is real, what is computed from it is not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import standoff.claims
import standoff.record
import standoff.study.identity
from tests.panel.invented import event, make_record, position
from tests.study import standins


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case folder named ``small``, read as the invented record by a stand-in for the record room."""
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "case.yaml").write_text("id: small\n")
    (folder / "events.csv").write_text("id\n")
    record = make_record(
        events=(event("e1", 3), event("e2", 20)),
        positions=(
            position("p1", 2, "end", 100, summary='=HYPERLINK("x")'),
            position("p2", 30, "end", 50),
            position("p3", 31, "end", 0, actor=("state",)),
        ),
    )
    record = dataclasses.replace(record, claims=standins.CLAIMS)
    # The package's own source may change while its authors run the tests.
    monkeypatch.setattr(standoff.study.identity, "hash_source", lambda: "source")
    monkeypatch.setattr(standoff.record, "find_case", Path, raising=False)
    monkeypatch.setattr(standoff.record, "load_case", lambda folder: record, raising=False)
    monkeypatch.setattr(standoff.claims, "run_part", standins.run_part, raising=False)
    monkeypatch.setattr(standoff.claims, "conclude", standins.conclude, raising=False)
    return folder
