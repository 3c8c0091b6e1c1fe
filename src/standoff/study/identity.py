"""What a run depends on, and the one hash that names it.

Two runs with the same identity end with the same bytes: the same case files, settings, package source and
versions of what it is built on. Nothing else may reach a result, so nothing else is in here.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from standoff.record.files import TABLE_LIMIT

PACKAGE = Path(__file__).parents[1]
INPUT_SUFFIXES = (".yaml", ".csv")


class Settings(NamedTuple):
    """What the user chose: the root seed; if not all, the claims to test (in the case's own order); whether the game's
    posteriors are sampled in full; SHA-256 of the file of priors from elsewhere, empty where there is none."""

    seed: int
    claims: tuple[str, ...] = ()
    full: bool = False
    priors: str = ""


@dataclass(frozen=True)
class Identity:
    """Hashes of the case's files, the settings, the hash of the package's source, and the versions beneath it."""

    inputs: Mapping[str, str]
    settings: Settings
    source: str
    versions: Mapping[str, str]

    @property
    def digest(self) -> str:
        """The run's name: SHA-256 of all of it, as 64 hexadecimal digits."""
        return hashlib.sha256(canonical(self.as_dict())).hexdigest()

    def in_full(self) -> Identity:
        """The same with the game's posteriors sampled in full."""
        return replace(self, settings=self.settings._replace(full=True))

    def as_dict(self) -> dict[str, Any]:
        chosen = self.settings
        settings = {"seed": chosen.seed, "claims": list(chosen.claims), "full": chosen.full}
        return {
            "inputs": dict(self.inputs),
            "settings": settings | ({"priors": chosen.priors} if chosen.priors else {}),
            "source": self.source,
            "versions": dict(self.versions),
        }


def identify(case: Path, settings: Settings) -> Identity:
    """Read and hash everything that a run of ``case`` under ``settings`` depends on."""
    return Identity(hash_inputs(case), settings, hash_source(), versions())


def hash_inputs(case: Path) -> dict[str, str]:
    """SHA-256 of every file of the case folder that a record may be read from, by file name.

    A file that cannot be read, or is larger than any that is, is hashed as nothing: to say so with its place is
    the record's business.
    """
    if not os.access(case, os.X_OK):
        return {}
    files = (path for path in sorted(case.glob("*")) if path.suffix in INPUT_SUFFIXES and path.is_file())
    return {path.name: hash_file(path) if _readable(path) else "" for path in files}


def _readable(path: Path) -> bool:
    return os.access(path, os.R_OK) and path.stat().st_size <= TABLE_LIMIT


def hash_source() -> str:
    """SHA-256 of the package's own files: code, templates and scripts, without the shipped cases."""
    return hash_tree(_source_files(PACKAGE))


def hash_tree(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(PACKAGE).as_posix()}\0{hash_file(path)}\n".encode())
    return total.hexdigest()


def hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions() -> dict[str, str]:
    """Versions of Python, of this package and of every distribution that it names as a dependency."""
    from importlib import metadata  # loads a mail parser, which `--help` need not pay for

    required = metadata.requires("standoff") or []
    names = sorted({re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in required})
    found = {"python": platform.python_version(), "standoff": metadata.version("standoff")}
    return found | {name: metadata.version(name) for name in names}


def canonical(value: object) -> bytes:
    """One spelling of a JSON value: sorted keys, two spaces, UTF-8, a final newline; NaN and infinity are refused."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True)
    return text.encode() + b"\n"


def _source_files(root: Path) -> Iterable[Path]:
    for path in root.iterdir():
        if path.is_dir():
            if path.name not in {"__pycache__", "cases"}:
                yield from _source_files(path)
        elif path.suffix != ".pyc":
            yield path
