"""Moves comments with what they stand above when a YAML document is changed.

ruamel.yaml keeps a comment with the last value *before* it, so that a comment above an item leaves with the item
before it. Here the lines that follow a value (its tail) can be taken from one place and put at another.
"""

from __future__ import annotations

from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.tokens import CommentToken

Container = CommentedMap | CommentedSeq


def take_tail(container: Container, key: Any) -> str:
    """Remove and return the lines that follow a value; a comment on its own line stays with it."""
    ends = _take_ends(container[key])
    container, key = _last_leaf(container, key)
    token = _token(container, key)
    if token is None:
        return ends
    own, _, tail = token.value.partition("\n")
    if "#" not in tail:
        return ends
    token.value = own + "\n"
    return str(tail) + ends


def _take_ends(value: Any) -> str:
    """Remove and return the lines that ruamel.yaml keeps at the end of a block instead of with its last value."""
    tail = ""
    while isinstance(value, CommentedMap | CommentedSeq) and len(value):
        tokens, value.ca.end = value.ca.end or [], []
        lines = (" " * token.start_mark.column * ("#" in token.value) + token.value for token in tokens)
        tail = "".join(lines) + tail
        value = value[next(reversed(value))] if isinstance(value, CommentedMap) else value[-1]
    return tail if "#" in tail else ""


def put_tail(container: Container, key: Any, tail: str) -> None:
    """Add lines after a value."""
    if not tail:
        return
    container, key = _last_leaf(container, key)
    token = _token(container, key)
    if token is not None:
        token.value = token.value.rstrip("\n") + "\n" + tail
        return
    slots = container.ca.items.setdefault(key, [None, None, None, None])
    slots[_slot(container)] = CommentToken("\n" + tail, CommentMark(0), None)


def drop_key(block: CommentedMap, key: str) -> None:
    """Remove a key from a block; what stands above the next one stays."""
    keys = list(block)
    index = keys.index(key)
    tail = take_tail(block, key)
    del block[key]
    block.ca.items.pop(key, None)
    others = keys[:index] or keys[index + 1 :][:1]
    if others:
        put_tail(block, others[-1], tail)


def _slot(container: Container) -> int:
    return 2 if isinstance(container, CommentedMap) else 0


def _token(container: Container, key: Any) -> Any:
    slots = container.ca.items.get(key)
    return slots[_slot(container)] if slots else None


def _last_leaf(container: Container, key: Any) -> tuple[Container, Any]:
    value = container[key]
    while isinstance(value, CommentedMap | CommentedSeq) and len(value) and not value.fa.flow_style():
        container, key = value, next(reversed(value)) if isinstance(value, CommentedMap) else len(value) - 1
        value = container[key]
    return container, key
