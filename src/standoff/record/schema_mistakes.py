"""Turns pydantic's errors about a YAML file into mistakes with a place, and sets the bad values aside.

Setting aside lets every other check run on what is left, so that a user sees all mistakes at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from standoff.errors import Mistake
from standoff.record.codes import Place, did_you_mean, mistake, shown
from standoff.record.yaml_reader import Node

Model = TypeVar("Model", bound=BaseModel)
Loc = tuple[str | int, ...]

_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+\s*")

_CODES: Mapping[str, str] = {
    "missing": "missing-key",
    "union_tag_not_found": "missing-key",
    "extra_forbidden": "unknown-key",
    "literal_error": "unknown-value",
    "union_tag_invalid": "unknown-value",
    "string_type": "not-text",
    "string_too_short": "empty-text",
    "string_too_long": "long-text",
    "string_pattern_mismatch": "bad-id",
    "bad_date": "bad-date",
    "date_type": "bad-date",
    "date_parsing": "bad-date",
    "date_from_datetime_parsing": "bad-date",
    "date_from_datetime_inexact": "bad-date",
    "bool_type": "bad-yes-no",
    "bool_parsing": "bad-yes-no",
    "int_type": "not-a-number",
    "int_parsing": "not-a-number",
    "int_from_float": "not-a-number",
    "int_parsing_size": "impossible-number",
    "float_type": "not-a-number",
    "float_parsing": "not-a-number",
    "finite_number": "impossible-number",
    "greater_than": "impossible-number",
    "greater_than_equal": "impossible-number",
    "less_than": "impossible-number",
    "less_than_equal": "impossible-number",
    "tuple_type": "not-a-list",
    "list_type": "not-a-list",
    "dict_type": "not-a-block",
    "model_type": "not-a-block",
    "model_attributes_type": "not-a-block",
    "too_short": "empty-list",
}


class Spot(NamedTuple):
    """Where an error lies in a tree: the path that exists, what is left of pydantic's, and the place to show."""

    path: Loc
    rest: Loc
    place: Place


def validate(model: type[Model], file: str, root: Node) -> tuple[Model | None, list[Mistake]]:
    """Read a tree as a model; with mistakes, the model holds what remains when the bad values are left out.

    ``None`` when a required block is itself wrong.
    """
    mistakes: dict[tuple[Place, str], Mistake] = {}
    whole: Model | None = None
    for attempt in range(8):
        try:
            whole = model.model_validate(root.value)
            break
        except ValidationError as error:
            details = _told_once(error.errors(include_url=False, include_context=True))
        spots = [locate(file, root, detail["loc"], _about_key(detail)) for detail in details]
        if attempt == 0:
            for detail, spot in zip(details, spots, strict=True):
                found = _describe(model, detail, spot)
                mistakes.setdefault((spot.place, found.code), found)
        if not _set_aside(root, [spot.path for spot in spots]):
            break
    return whole, list(mistakes.values())


def _told_once(details: Sequence[Any]) -> list[Any]:
    """Drop "too short" of a list whose items are themselves told of: pydantic counts only the good ones."""
    above = {detail["loc"][:depth] for detail in details for depth in range(len(detail["loc"]))}
    return [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in above]


def _about_key(detail: Mapping[str, Any]) -> bool:
    return detail["type"] == "extra_forbidden" or detail["input"] is None


def locate(file: str, root: Node, loc: Loc, at_key: bool = False) -> Spot:
    """Follow pydantic's location as far as the tree goes; names of union members in it are stepped over."""
    node, path, rest = root, [], list(loc)
    line, column = root.line, root.column
    while rest:
        step = rest[0]
        if step in node.children:
            path.append(step)
            line, column = node.keys.get(str(step), (node.children[step].line, node.children[step].column))
            node = node.children[step]
            rest.pop(0)
            if not rest and not at_key:
                line, column = node.line, node.column
        elif len(rest) > 1 and isinstance(step, str):
            rest.pop(0)  # the name of a union's member, or `[key]`
        else:
            break
    return Spot(tuple(path), tuple(rest), Place(file, line, column))


def _describe(model: type[BaseModel], detail: Mapping[str, Any], spot: Spot) -> Mistake:
    kind = str(detail["type"])
    code = _CODES.get(kind, "bad-value")
    key = next((str(step) for step in reversed(spot.path) if isinstance(step, str)), "the document")
    if code == "missing-key":
        return _missing(kind, detail, spot, key)
    if code == "unknown-key":
        return _unknown_key(model, detail, spot, key)
    value = detail["input"]
    if value is None:
        return mistake(
            spot.place, "bad-value", f"`{key}` has no value", do="give the value, or remove the key"
        )
    if code == "unknown-value":
        return _unknown_value(detail, spot, key, value)
    if code == "not-a-number" and isinstance(value, str) and _DECIMAL_COMMA.fullmatch(value):
        do = f"write `{value.strip().replace(',', '.')}`"
        return mistake(spot.place, "decimal-comma", f"`{key}` is {shown(value)}", do=do)
    return mistake(spot.place, code, _say(code, key, value, detail))


def _say(code: str, key: str, value: object, detail: Mapping[str, Any]) -> str:
    if isinstance(value, dict | list):
        value = "a block" if isinstance(value, dict) else "a list"
        return f"`{key}` is {value}"
    limit = _limit(detail)
    if code in ("bad-value", "impossible-number", "empty-list") and not limit:
        limit = str(detail["msg"]).removeprefix("Input ").replace("should ", "it should ")
    return f"`{key}` is {shown(value)}" + (f"; {limit}" if limit else "")


def _limit(detail: Mapping[str, Any]) -> str:
    context = detail.get("ctx") or {}
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than", "max_length": "at most"}
    for name, word in words.items():
        if name in context:
            unit = " characters" if name == "max_length" else ""
            return f"it must be {word} {context[name]}{unit}"
    return ""


def _missing(kind: str, detail: Mapping[str, Any], spot: Spot, key: str) -> Mistake:
    wanted = str(detail["ctx"]["discriminator"]).strip("'") if kind != "missing" else str(detail["loc"][-1])
    where = f" in `{key}`" if spot.path else ""
    return mistake(
        spot.place, "missing-key", f"the key `{wanted}` is missing{where}", do=f"add `{wanted}: ...`"
    )


def _unknown_key(model: type[BaseModel], detail: Mapping[str, Any], spot: Spot, key: str) -> Mistake:
    known = _fields_at(model, detail["loc"][:-1])
    guess = did_you_mean(key, known)
    do = guess or (f"keys known here: {', '.join(known)}" if known else "")
    return mistake(spot.place, "unknown-key", f"the key {shown(key)} is not known here", do=do)


def _unknown_value(detail: Mapping[str, Any], spot: Spot, key: str, value: object) -> Mistake:
    context = detail["ctx"]
    listed = str(context.get("expected") or context.get("expected_tags"))
    words = tuple(re.findall(r"'([^']*)'", listed)) or tuple(re.findall(r"\d+", listed))
    if isinstance(value, dict):
        key = str(context.get("discriminator", key)).strip("'")
        value = context.get("tag", value)
    guess = did_you_mean(str(value), words)
    do = f"{guess} " if guess else ""
    return mistake(
        spot.place,
        "unknown-value",
        f"`{key}` is {shown(value)}",
        do=f"{do}use one of: {', '.join(words)}".strip(),
    )


def _fields_at(model: type[BaseModel], loc: Loc) -> tuple[str, ...]:
    """The keys known at a location, found by walking the annotations along it."""
    models: tuple[type[BaseModel], ...] = (model,)
    for step in loc:
        named = [m.model_fields[step].annotation for m in models if step in m.model_fields]
        if named:
            models = tuple(m for annotation in named for m in _models_in(annotation))
        else:
            tagged = tuple(m for m in models if _is_tagged(m, step))
            models = tagged or models
    return tuple(dict.fromkeys(name for m in models for name in m.model_fields))


def _is_tagged(model: type[BaseModel], step: str | int) -> bool:
    field = model.model_fields.get("test")
    return step in (get_args(field.annotation) if field else ()) or str(step) in model.model_fields


def _models_in(annotation: Any) -> tuple[type[BaseModel], ...]:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return (annotation,) if issubclass(annotation, BaseModel) else ()
    return tuple(model for part in get_args(annotation) for model in _models_in(part))


def _set_aside(root: Node, paths: Sequence[Loc]) -> bool:
    """Remove from the tree the values at the paths: the list item around each, else the key. False if none could be."""
    within: dict[Loc, set[str | int]] = {}
    for path in map(_removable, paths):
        if path:
            within.setdefault(path[:-1], set()).add(path[-1])
    deepest_first = sorted(within, key=len, reverse=True)
    removed = [_remove(root, parent, within[parent]) for parent in deepest_first]
    return any(removed)


def _removable(path: Loc) -> Loc:
    for depth in range(len(path), 0, -1):
        if isinstance(path[depth - 1], int):
            return path[:depth]
    return path[:1]


def _remove(root: Node, parent: Loc, steps: set[str | int]) -> bool:
    node, passed = root, [root]
    for step in parent:
        if step not in node.children:
            return False
        node = node.children[step]
        passed.append(node)
    kept = {step: child for step, child in node.children.items() if step not in steps}
    if len(kept) == len(node.children):
        return False
    root.aside += [child for step, child in node.children.items() if step in steps]
    for above in passed:
        above.torn = True
    if isinstance(node.value, list):
        node.value[:] = [child.value for child in kept.values()]
        node.children = dict(enumerate(kept.values()))
    else:
        for step in node.children.keys() - kept.keys():
            del node.value[step]
        node.children = kept
    return True


class Locator:
    """Gives the place of a path of keys and indices in a tree."""

    def __init__(self, file: str, root: Node) -> None:
        self._file, self._root = file, root

    def __call__(self, loc: Loc) -> Place:
        return locate(self._file, self._root, loc).place

    def whole(self, loc: Loc) -> bool:
        """Whether nothing below the path was set aside, so that what it lacks can be held against it."""
        node = self._root
        for step in loc:
            if step not in node.children:
                return not node.torn
            node = node.children[step]
        return not node.torn
