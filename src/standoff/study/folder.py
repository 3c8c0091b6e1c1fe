"""The run folder: what is in it, how a file gets there whole, and that one run writes in it at a time.

<out>/<case>/<first 12 digits of the run's hash>/
    manifest.json     what the run depended on and what it made (written first, and last)
    timings.json      dates, machine and durations: the only file that two equal runs do not share
    summary.json      what the terminal prints
    assessment.json   every claim with its tests and verdict
    steps/            what has been done so far, a file each; a later call goes on from here
    tables/ charts/ report.html
<out>/<case>/latest   a link to the run that was finished last
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from standoff.errors import RunError
from standoff.study.identity import canonical, hash_file

LOCK = ".lock"
UNFINISHED = ".unfinished-"  # begins the name of a file that is still being written

PROMISED = {"summary.json", "assessment.json", "report.html"}  # without which no run is finished

IN_THE_WAY = {errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY}
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class RunFolder:
    """One run's folder; every file in it is whole, and every step it names has been done."""

    def __init__(self, path: Path, digest: str) -> None:
        self.path = path
        self.digest = digest

    def manifest(self) -> dict[str, Any] | None:
        """The manifest, or None where there is none that can be read or it is another run's."""
        manifest = read_json(self.path / "manifest.json") or {}
        own = manifest.get("digest") == self.digest and "state" in manifest
        return manifest if own and _listed(manifest.get("files", {})) is not None else None

    def finished(self) -> bool:
        """Whether the run is complete and every file is still what the manifest says."""
        with told_plainly(self.path):
            manifest = self.manifest()
            if manifest is None or manifest["state"] != "complete":
                return False
            return manifest.get("files", {}).keys() >= PROMISED and not self._changed(manifest)

    def mend(self) -> None:
        """Take away what a killed run left half-written, and every file that is no longer what the manifest says."""
        with told_plainly(self.path):
            for leftover in self.path.rglob(UNFINISHED + "*"):
                leftover.unlink()
            for name in self._changed(self.manifest() or {}):
                (self.path / name).unlink(missing_ok=True)

    def done(self, step: str) -> dict[str, str] | None:
        """Files (name: SHA-256) that ``step`` made, or None where it is still to do."""
        stored = read_json(self.path / "steps" / f"{step}.json")
        if not stored or stored.get("digest") != self.digest:
            return None
        files = _listed(stored.get("files"))
        if not files:
            return None
        whole = all(
            (self.path / name).is_file() and hash_file(self.path / name) == files[name] for name in files
        )
        return files if whole else None

    def keep(self, step: str, files: Mapping[str, bytes]) -> None:
        """Write the files that ``step`` made, then the note that it is done."""
        for name, data in files.items():
            self.write(name, data)
        made = {name: hash_file(self.path / name) for name in files}
        self.write(f"steps/{step}.json", canonical({"digest": self.digest, "files": made}))

    def write(self, name: str, data: bytes) -> None:
        """Write one file so that it is there whole or not at all."""
        with told_plainly(self.path / name):
            write_whole(self.path / name, data)

    def listing(self) -> dict[str, str]:
        """SHA-256 of every file that the run's steps made, and of their notes, by name."""
        files: dict[str, str] = {}
        for note in (self.path / "steps").rglob("*.json"):
            files[note.relative_to(self.path).as_posix()] = hash_file(note)
            files |= (read_json(note) or {}).get("files", {})
        return dict(sorted(files.items()))

    def _changed(self, manifest: Mapping[str, Any]) -> list[str]:
        files: Mapping[str, str] = manifest.get("files", {})
        return [
            name
            for name, expected in files.items()
            if not (self.path / name).is_file() or hash_file(self.path / name) != expected
        ]


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON object from a file, or None where the file is not there or is not one."""
    try:
        if not path.is_file():  # nothing, or a pipe that would never end
            return None
        value = json.loads(path.read_bytes(), parse_constant=_refuse)
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _listed(files: object) -> dict[str, str] | None:
    """Hashes by file name as `RunFolder` writes them, or None: what names a file elsewhere was not written here."""
    if not isinstance(files, dict) or not all(isinstance(value, str) for value in files.values()):
        return None
    paths = [PurePosixPath(name) for name in files]
    return None if any(path.is_absolute() or ".." in path.parts for path in paths) else files


def write_whole(path: Path, data: bytes) -> None:
    """Write under a temporary name, flush to the disk, rename: a reader sees all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f"{UNFINISHED}{path.name}"
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the system frees it when the process ends, however it ends.

    Raises RunError when another process holds it.
    """
    with told_plainly(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # Neither emptied, should it be a link, nor waited for, should it be a pipe.
        file = os.fdopen(
            os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644), "rb+", buffering=0
        )
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"{folder} is in use",
                "another process is writing this very run",
                "wait for it to end, then run the same command again",
            ) from None
        yield


def point_latest(folder: Path) -> None:
    """Let ``latest`` beside the run folder point to it; where the file system has no links, leave it out."""
    link = folder.parent / "latest"
    temporary = folder.parent / f"{UNFINISHED}latest"
    with suppress(OSError):
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(folder.name, target_is_directory=True)
        temporary.replace(link)


@contextmanager
def told_plainly(folder: Path) -> Iterator[None]:
    """Turn the system's refusal to write into a RunError that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            why, do = "the disk is full", "make room, then run the same command again: it goes on from here"
        elif error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
            why, do = "this folder may not be written", "choose another with --out"
        elif error.errno in IN_THE_WAY:
            why, do = (
                "something of another kind is in the way",
                "move it away, or choose another folder with --out",
            )
        else:
            why, do = error.strerror or str(error), "choose another folder with --out"
        place = error.filename2 or error.filename or folder
        raise RunError(f"cannot write {place}", why, do) from error
