"""Reads YAML into plain values and remembers where each of them stands.

The parser is ruamel.yaml's; what is made of its events is ours, so that depth, aliases, tags and duplicate
keys are judged while reading, without recursion, and every value keeps its line and column. Plain words are
resolved by the core schema of YAML 1.2: `no` and `12:30` stay text, and dates stay text until a model reads them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from standoff.errors import Mistake
from standoff.record.codes import Place, mistake
from standoff.record.files import UNPRINTABLE

DEPTH_LIMIT = 24
VALUE_LIMIT = 100_000  # values after all aliases are written out

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,40}|0o[0-7]{1,40}|0x[0-9a-fA-F]{1,40}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CORE = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(
    {None, "!", *(_CORE + name for name in ("str", "int", "float", "bool", "null", "seq", "map"))}
)


@dataclass(slots=True)
class Node:
    """A value with its place; ``children`` by key or index, ``keys`` the places of a block's keys.

    ``torn`` is set when a bad value somewhere in it was set aside: nothing is then said of what it lacks. ``aside``, of
    the document, holds what was set aside.
    """

    value: Any
    line: int
    column: int
    size: int = 1
    children: dict[str | int, Node] = field(default_factory=dict)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    torn: bool = False
    aside: list[Node] = field(default_factory=list)


_NO_ESCAPE = "look at the escapes (`\\x`, `\\u`, `\\U`) from this place on"


class _StopError(Exception):
    """Reading cannot go on; carries the mistake."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__()
        self.mistake = mistake


def read_yaml(name: str, text: str) -> tuple[Node | None, list[Mistake]]:
    """The document of a text as a tree of places, or ``None`` when it cannot be read at all, and the mistakes."""
    builder = _Builder(name)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except _StopError as stop:
        return None, [*builder.mistakes, stop.mistake]
    except MarkedYAMLError as error:
        return None, [*builder.mistakes, _syntax(name, error)]
    except (ValueError, OverflowError):  # `\\UFFFFFFFF` in double quotes: the parser asks for that character
        what = "an escape in double quotes stands for no character"
        return None, [*builder.mistakes, mistake(builder.latest, "yaml-syntax", what, do=_NO_ESCAPE)]
    except (YAMLError, IndexError, AttributeError) as error:
        what = f"the file is not YAML: {' '.join(str(error).split())[:120]}"
        return None, [*builder.mistakes, mistake(builder.latest, "yaml-syntax", what)]
    if builder.root is None:
        builder.mistakes.append(
            mistake(Place(name, 1, 1), "empty-file", "the file holds nothing but comments")
        )
    return builder.root, builder.mistakes


def _syntax(name: str, error: MarkedYAMLError) -> Mistake:
    mark = error.problem_mark or error.context_mark
    place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name, 1, 1)
    words = ", ".join(part for part in (error.context, error.problem) if part)
    return mistake(place, "yaml-syntax", " ".join(words.split()) or "this is not YAML")


class _Builder:
    """Turns a stream of parser events into a tree; ``take`` is called once for each event."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.mistakes: list[Mistake] = []
        self.root: Node | None = None
        self.open: list[Node] = []
        self.pending: list[str | None] = []  # for each open block: the key that waits for its value
        self.anchors: dict[str, Node] = {}
        self.opened_anchors: list[str | None] = []
        self.documents = 0
        self.latest = Place(name, 1, 1)
        self.size = 0

    def take(self, event: Any) -> None:
        self.latest = self._place(event)
        if isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._start(event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._end()
        elif isinstance(event, AliasEvent):
            self._alias(event)
        elif isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _StopError(
                    mistake(self._place(event), "yaml-documents", "a second document begins here")
                )

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.name, mark.line + 1, mark.column + 1)

    def _scalar(self, event: ScalarEvent) -> None:
        place = self._place(event)
        self._refuse_tag(event, place)
        self._refuse_unprintable(event, place)
        value = resolve(event.value) if event.implicit[0] else str(event.value)
        if event.implicit == (False, False) and event.ctag and str(event.ctag) != _CORE + "str":
            value = resolve(event.value)
        node = Node(value, place.line, place.column)
        if event.anchor:
            self.anchors[event.anchor] = node
        self._add(node, str(event.value))

    def _refuse_unprintable(self, event: ScalarEvent, place: Place) -> None:
        """Escapes in double quotes can write what no file may hold."""
        hidden = UNPRINTABLE.search(event.value) if event.style == '"' else None
        if hidden:
            what = f"an escape stands for character U+{ord(hidden.group()):04X}, which does not print"
            raise _StopError(mistake(place, "control-character", what))

    def _refuse_tag(self, event: Any, place: Place) -> None:
        tag = str(event.ctag) if event.ctag is not None else None
        if tag not in _PLAIN_TAGS:
            raise _StopError(mistake(place, "yaml-tag", f"the tag `{str(tag)[:60]}` asks for an object"))

    def _start(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        place = self._place(event)
        self._refuse_tag(event, place)
        if len(self.open) >= DEPTH_LIMIT:
            raise _StopError(mistake(place, "yaml-too-deep", f"more than {DEPTH_LIMIT} levels of nesting"))
        if self.open and isinstance(self.open[-1].value, dict) and self.pending[-1] is None:
            raise _StopError(mistake(place, "yaml-key", "a list or block cannot be a key"))
        node = Node({} if isinstance(event, MappingStartEvent) else [], place.line, place.column)
        self.open.append(node)
        self.pending.append(None)
        self.opened_anchors.append(event.anchor)

    def _end(self) -> None:
        node = self.open.pop()
        self.pending.pop()
        anchor = self.opened_anchors.pop()
        if anchor:
            self.anchors[anchor] = node
        self._add(node, None)

    def _alias(self, event: AliasEvent) -> None:
        place = self._place(event)
        target = self.anchors.get(event.anchor)
        if target is None:
            raise _StopError(
                mistake(
                    place, "yaml-alias", f"`*{str(event.anchor)[:60]}` names nothing that is complete here"
                )
            )
        self._count(target.size, place)
        self._add(target, target.value if isinstance(target.value, str) else None)

    def _count(self, size: int, place: Place) -> None:
        self.size += size
        if self.size > VALUE_LIMIT:
            raise _StopError(
                mistake(place, "yaml-alias", f"more than {VALUE_LIMIT:,} values, aliases written out")
            )

    def _add(self, node: Node, key_text: str | None) -> None:
        self._count(1, Place(self.name, node.line, node.column))
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        parent.size += node.size
        if isinstance(parent.value, list):
            parent.children[len(parent.value)] = node
            parent.value.append(node.value)
        elif self.pending[-1] is None:
            self._key(parent, node, key_text)
        else:
            key, self.pending[-1] = self.pending[-1], None
            parent.children[key] = node
            parent.value[key] = node.value

    def _key(self, parent: Node, node: Node, key_text: str | None) -> None:
        place = Place(self.name, node.line, node.column)
        if key_text is None:
            raise _StopError(mistake(place, "yaml-key", "a key must be plain text"))
        if key_text in parent.keys:
            first = parent.keys[key_text][0]
            what = f"the key `{key_text[:60]}` is already in line {first}"
            self.mistakes.append(mistake(place, "yaml-duplicate-key", what))
        parent.keys[key_text] = (node.line, node.column)
        self.pending[-1] = key_text


def resolve(word: str) -> str | int | float | bool | None:
    """The value of a plain word by the core schema of YAML 1.2."""
    if word in _NULL:
        return None
    if word in _BOOL:
        return _BOOL[word]
    if _INTEGER.fullmatch(word):
        return int(word, 0 if word.startswith(("0o", "0x")) else 10)
    if _FLOAT.fullmatch(word):
        return float(word)
    special = _SPECIAL.fullmatch(word)
    if special:
        return float("nan") if special[3] else float(special[1] + "inf")
    return word
