"""Writes a model into YAML: a text that says the same already is left as it is, byte for byte; of another, only
the values that differ are changed, so that comments stay where people put them.
"""

from __future__ import annotations

import io
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.util import load_yaml_guess_indent

from standoff.record.files import decode
from standoff.record.schema_mistakes import Model, validate
from standoff.record.yaml_comments import drop_key, put_tail, take_tail
from standoff.record.yaml_reader import read_yaml


def render_yaml(name: str, new: Model, existing: bytes | None) -> bytes:
    """The bytes of a file that says what the model says, kept as near as can be to what is there."""
    text = decode(name, existing) if existing is not None else None
    old = _model_of(name, type(new), text) if isinstance(text, str) else None
    if existing is not None and old == new:
        return existing
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096  # text that was not touched is not folded anew
    yaml.indent(mapping=2, sequence=4, offset=2)
    document: Any = _plain(new)
    if old is not None:
        document, indent, offset = load_yaml_guess_indent(text, yaml=yaml)
        if indent is not None and offset is not None:
            yaml.indent(mapping=2, sequence=indent, offset=offset)
        _merge_model(document, old, new)
    stream = io.BytesIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def _model_of(name: str, model: type[Model], text: str) -> Model | None:
    tree, mistakes = read_yaml(name, text)
    if tree is None or mistakes:
        return None
    found, more = validate(model, name, tree)
    return None if more else found


def _plain(value: Any) -> Any:
    """A value as YAML can hold it; of a model, what differs from the default."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        named = {name: getattr(value, name) for name in fields}
        return CommentedMap(
            (name, _plain(item))
            for name, item in named.items()
            if fields[name].is_required() or item != fields[name].get_default()
        )
    if isinstance(value, dict):
        return CommentedMap((key, _plain(item)) for key, item in value.items())
    if isinstance(value, tuple | list):
        return CommentedSeq(_plain(item) for item in value)
    return value


def _merge_model(block: CommentedMap, old: BaseModel, new: BaseModel) -> None:
    for name, field in type(new).model_fields.items():
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        if field.is_required() or after != field.get_default():
            _set(block, name, before, after)
        elif name in block:
            drop_key(block, name)


def _set(block: CommentedMap, key: str, old: Any, new: Any) -> None:
    if key not in block:
        last = next(reversed(block), None)
        tail = take_tail(block, last) if last is not None else ""
        block[key] = _plain(new)
    else:
        tail = take_tail(block, key)
        block[key] = _merged(block[key], old, new)
    put_tail(block, key, tail)


def _merged(document: Any, old: Any, new: Any) -> Any:
    """What stands for ``new`` where ``document`` stood for ``old``; changed in place where the two are alike."""
    if old == new:
        return document
    if isinstance(document, CommentedMap) and isinstance(new, BaseModel) and type(old) is type(new):
        _merge_model(document, old, new)
        return document
    if isinstance(document, CommentedMap) and isinstance(new, dict):
        for key in [key for key in document if key not in new]:
            drop_key(document, key)
        for key, value in new.items():
            if key not in document or old.get(key) != value:
                _set(document, key, old.get(key), value)
        return document
    if isinstance(document, CommentedSeq) and isinstance(new, tuple):
        return _merged_list(document, old, new)
    return _plain(new)


def _merged_list(document: CommentedSeq, old: tuple[Any, ...], new: tuple[Any, ...]) -> CommentedSeq:
    """A list in which each item that was there before keeps its text and the comments above it and on its line."""
    above = {index + 1: take_tail(document, index) for index in range(len(document))}
    places = {_name(item): index for index, item in enumerate(old)}
    merged = CommentedSeq()
    if document.fa.flow_style():
        merged.fa.set_flow_style()
    merged.ca.comment = document.ca.comment
    for index, item in enumerate(new):
        before = places.pop(_name(item), None)
        if before is None:
            merged.append(_plain(item))
            continue
        if index:
            put_tail(merged, index - 1, above.pop(before, ""))
        merged.append(_merged(document[before], old[before], item))
        if before in document.ca.items:
            merged.ca.items[index] = document.ca.items[before]
    if merged:
        put_tail(merged, len(merged) - 1, "".join(above.values()))
    return merged


def _name(item: Any) -> Any:
    """What an item of a list is known by: its id, else what it says."""
    for key in ("id", "choice", "test", "level", "value", "start"):
        named = getattr(item, key, None)
        if named is not None:
            return (key, named)
    return item if not isinstance(item, BaseModel) else repr(item)
