"""Reads the files of a case as text, and says what is wrong with a file before anything is made of it.

Sizes are looked at before a file is read, so that a huge file costs nothing.
"""

from __future__ import annotations

import re
import stat
from codecs import BOM_UTF8
from collections.abc import Mapping
from pathlib import Path

from standoff.errors import Mistake
from standoff.record.codes import Place, mistake

YAML_LIMIT = 2_000_000  # bytes
TABLE_LIMIT = 30_000_000  # bytes

CASE_FILE = "case.yaml"
CLAIMS_FILE = "claims.yaml"

# control characters but tab and line feed, marks and halves of characters that stand for none
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")


def read_bytes(
    folder: Path, required: tuple[str, ...], optional: tuple[str, ...]
) -> tuple[dict[str, bytes], list[Mistake]]:
    """The content of each file of a case folder that is there and can be read, and the mistakes met."""
    found: dict[str, bytes] = {}
    mistakes: list[Mistake] = []
    trouble = _folder_trouble(folder)
    if trouble:
        return found, [trouble]
    for name in (*required, *optional):
        result = _read_one(folder / name, name)
        if isinstance(result, bytes):
            found[name] = result
        elif result.code != "missing-file" or name in required:
            mistakes.append(result)
    return found, mistakes


def _folder_trouble(folder: Path) -> Mistake | None:
    place = Place(folder.name or str(folder))
    try:
        is_folder = stat.S_ISDIR(folder.stat().st_mode)
    except FileNotFoundError:
        return mistake(place, "missing-file", "there is no such folder", do="check the folder's name")
    except (OSError, ValueError) as error:
        return mistake(place, "unreadable-file", f"the folder cannot be opened: {_reason(error)}")
    return None if is_folder else mistake(place, "not-a-folder", "this is not a folder")


def read_file(path: Path) -> bytes | Mistake:
    """The content of one file that is named by itself, no larger than a YAML file may be, or what is wrong with it."""
    return _read_one(path, path.name, YAML_LIMIT)


def _read_one(path: Path, name: str, limit: int | None = None) -> bytes | Mistake:
    place = Place(name)
    limit = limit or (YAML_LIMIT if name.endswith(".yaml") else TABLE_LIMIT)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a plain file"
            return mistake(place, "not-a-file", f"this is {kind}")
        if status.st_size > limit:
            return _too_large(place, status.st_size, limit)
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except FileNotFoundError:
        return mistake(place, "missing-file", f"`{name}` is not in the folder")
    except OSError as error:
        return mistake(place, "unreadable-file", f"the file cannot be read: {_reason(error)}")
    return content if len(content) <= limit else _too_large(place, len(content), limit)


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def _too_large(place: Place, size: int, limit: int) -> Mistake:
    return mistake(
        place, "file-too-large", f"the file has {size / 1e6:,.1f} MB; at most {limit / 1e6:,.0f} MB are read"
    )


def decode(name: str, content: bytes) -> str | Mistake:
    """The text of a file: UTF-8 with or without a mark, line ends made one, nothing unprintable, not empty."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return mistake(Place(name, 1, 1), "bad-encoding", "the file is UTF-16", do=_SAVE_AGAIN)
    content = content.removeprefix(BOM_UTF8)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _bad_byte(name, content, error.start)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return mistake(Place(name, 1, 1), "empty-file", "the file is empty")
    return _unprintable(name, text) or text


_SAVE_AGAIN = "save it again as UTF-8 (in a spreadsheet: export as `CSV UTF-8`)"


def _bad_byte(name: str, content: bytes, start: int) -> Mistake:
    before = content[:start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line_start = before.rfind(b"\n") + 1
    column = len(before[line_start:].decode("utf-8")) + 1
    place = Place(name, before.count(b"\n") + 1, column)
    byte = content[start : start + 1]
    guess = byte.decode("cp1252", errors="ignore")
    meant = f"; read as Windows-1252 it would be `{guess}`" if guess.isprintable() and guess else ""
    return mistake(place, "bad-encoding", f"byte 0x{byte.hex()} is not UTF-8{meant}", do=_SAVE_AGAIN)


def _unprintable(name: str, text: str) -> Mistake | None:
    first = UNPRINTABLE.search(text)
    if first is None:
        return None
    count = len(UNPRINTABLE.findall(text))
    what = f"character U+{ord(first.group()):04X} does not print"
    if first.group() == "\x00":
        what = "a NUL byte: the file is damaged, or is not text"
    more = f" ({count - 1} more in this file)" if count > 1 else ""
    return mistake(place_at(name, text, first.start()), "control-character", what + more)


def place_at(name: str, text: str, offset: int) -> Place:
    """The place of a character of a text."""
    return Place(name, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def decode_all(contents: Mapping[str, bytes]) -> tuple[dict[str, str], list[Mistake]]:
    """The text of every file that has one, and the mistakes of the others."""
    texts: dict[str, str] = {}
    mistakes: list[Mistake] = []
    for name, content in contents.items():
        result = decode(name, content)
        if isinstance(result, str):
            texts[name] = result
        else:
            mistakes.append(result)
    return texts, mistakes
