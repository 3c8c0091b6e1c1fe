"""Read a game from SPEC.yaml: every mistake at once, each with file:line:column, what, why and what to do.

The file starts from a region and changes what it names; docs/reference/game-spec.md lists every key.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from standoff.standoff_game.checks import find_mistakes
from standoff.standoff_game.errors import GameSpecError, SpecMistake
from standoff.standoff_game.parameters import (
    CredulityWear,
    HolderActs,
    Parameters,
    Patron,
    PatronPolicy,
    PrivatePressure,
    region_parameters,
)
from standoff.standoff_game.specification import Specification

REGIONS = ("waiting", "assurance", "inert", "better-offers")
SECTIONS = (
    "region",
    "grid",
    "signals",
    "force",
    "issues",
    "offers",
    "silence",
    "payoffs",
    "options",
    "start",
)
GRID = ("belief_points", "belief_span", "endurance_levels", "pressure_levels", "groups", "credulity_levels")
OPTIONS: dict[str, Any] = {
    "private": PrivatePressure,
    "wear": CredulityWear,
    "holder_acts": HolderActs,
    "patron": Patron,
    "patron_policy": PatronPolicy,
}
IN_MENUS = {
    "signal_law", "criticism", "offer_value", "offer_price", "generosity", "offer_guarantee", "force_cost", "harm",
    "force_level",
}  # fmt: skip
STARTS = ("belief", "endurance", "pressure", "groups", "block", "credulity", "week")


@dataclass(frozen=True, slots=True)
class GameFile:
    """A game as read: its shape, its numbers, where paths start (`STARTS`), and the file."""

    path: str
    specification: Specification
    parameters: Parameters
    start: dict[str, float]


class _Reader:
    """Collects mistakes with their places while a document is read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.mistakes: list[SpecMistake] = []
        self.places: dict[str, tuple[int, int]] = {}

    def place(self, node: Any, key: Any) -> tuple[int, int]:
        marks = getattr(node, "lc", None)
        data = getattr(marks, "data", None) or {}
        if key in data:
            line, column = data[key][:2]
            return int(line) + 1, int(column) + 1
        return 1, 1

    def wrong(self, parameter: str, at: tuple[int, int], what: str, why: str = "", do: str = "") -> None:
        self.mistakes.append(SpecMistake(parameter, what, why, do, self.path, *at))

    def mapping(self, node: Any, name: str, at: tuple[int, int], allowed: tuple[str, ...]) -> dict[str, Any]:
        """A mapping whose keys are known; unknown ones are mistakes with the nearest name."""
        if not isinstance(node, dict):
            self.wrong(
                name,
                at,
                "is not a mapping",
                "keys and values are expected here",
                f"give {', '.join(allowed[:4])}, ...",
            )
            return {}
        for key in node:
            if key not in allowed:
                near = difflib.get_close_matches(str(key), allowed, 1)
                do = f"did you mean {near[0]!r}?" if near else f"use one of: {', '.join(allowed)}"
                self.wrong(
                    f"{name}.{key}" if name else str(key),
                    self.place(node, key),
                    "is not a key of a game",
                    "nothing reads it",
                    do,
                )
        for key in node:
            self.places[f"{name}.{key}" if name else str(key)] = self.place(node, key)
        return {key: value for key, value in node.items() if key in allowed}

    def numbers(self, value: Any, name: str, at: tuple[int, int]) -> np.ndarray | None:
        """A number or (nested) list of numbers."""
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            self.wrong(
                name,
                at,
                f"is not a number: {value!r}",
                "a number or a list of numbers is expected",
                "write it as 0.5 or [0.5, 0.2]",
            )
            return None
        if isinstance(value, bool):
            self.wrong(
                name, at, f"is not a number: {value!r}", "yes and no are not numbers", "write a number"
            )
            return None
        return array

    def one_number(self, value: Any, name: str, at: tuple[int, int], instead: float = 0.0) -> float:
        """One number; ``instead`` where there is none, after the mistake was noted."""
        number = self.numbers(value, name, at)
        if number is not None and number.shape != ():
            self.wrong(name, at, "is not one number", "one number is expected here", "write it as 0.5")
            number = None
        return instead if number is None else float(number)


def read_game(path: str | Path) -> GameFile:
    """Read and check a game file; raises `GameSpecError` with every mistake found."""
    name = str(path)
    reader = _Reader(name)
    document = _load(Path(path), reader)
    top = reader.mapping(document, "", (1, 1), SECTIONS)
    parameters = region_parameters(_region(reader, document, top))
    specification = _grid(reader, top, Specification())
    specification, parameters = _signals(reader, top, specification, parameters)
    specification, parameters = _force(reader, top, specification, parameters)
    specification, parameters = _offers(reader, top, specification, parameters)
    parameters = _payoffs(reader, top, parameters)
    parameters = _options(reader, top, parameters)
    start = _start(reader, top, specification)
    known = {m.parameter.split(".")[-1] for m in reader.mistakes}
    for mistake in find_mistakes(specification, parameters):
        if mistake.parameter not in known:
            reader.wrong(
                mistake.parameter, _where(reader, mistake.parameter), mistake.what, mistake.why, mistake.do
            )
    if reader.mistakes:
        raise GameSpecError(sorted(reader.mistakes, key=lambda m: (m.line, m.column)))
    return GameFile(name, specification, parameters, start)


def _load(path: Path, reader: _Reader) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        reader.wrong("file", (0, 0), "does not exist", "", "check the path")
    except (OSError, UnicodeDecodeError) as error:
        reader.wrong(
            "file",
            (0, 0),
            f"cannot be read: {error}",
            "a game is a UTF-8 text file",
            "check the path and its encoding",
        )
    if reader.mistakes:
        raise GameSpecError(reader.mistakes)
    try:
        document = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        reader.wrong(
            "file",
            at,
            f"is not YAML: {error.problem}",
            "the text cannot be parsed here",
            "check indentation, brackets and quotes",
        )
        raise GameSpecError(reader.mistakes) from None
    return {} if document is None else document


def _where(reader: _Reader, parameter: str) -> tuple[int, int]:
    """The place of a parameter, or of the section that it comes from."""
    menus = {
        "signal_law": "signals", "criticism": "signals", "offer_value": "offers", "offer_price": "offers",
        "generosity": "offers", "offer_guarantee": "offers", "stages": "offers", "force_cost": "force",
        "harm": "force", "force_level": "force",
    }  # fmt: skip
    for key in (
        f"payoffs.{parameter}",
        f"grid.{parameter}",
        f"options.{parameter.split('.')[0]}",
        parameter,
        menus.get(parameter, ""),
    ):
        if key in reader.places:
            return reader.places[key]
    return 1, 1


def _region(reader: _Reader, document: Any, top: dict[str, Any]) -> str:
    region = top.get("region", "waiting")
    if region in REGIONS:
        return str(region)
    reader.wrong(
        "region",
        reader.place(document, "region"),
        f"{region!r} is not a region",
        "the numbers that a game starts from",
        f"use one of: {', '.join(REGIONS)}",
    )
    return "waiting"


def _grid(reader: _Reader, top: dict[str, Any], spec: Specification) -> Specification:
    node = top.get("grid")
    if node is None:
        return spec
    changes: dict[str, Any] = {}
    for key, value in reader.mapping(node, "grid", reader.places["grid"], GRID).items():
        at = reader.place(node, key)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if key == "belief_span":
            changes[key] = reader.one_number(value, "grid.belief_span", at, spec.belief_span)
        elif not whole or not 1 <= value <= 10_000:
            reader.wrong(
                f"grid.{key}",
                at,
                f"is not a whole number from 1 to 10000: {value!r}",
                "a count of grid points or groups",
            )
        else:
            changes[key] = value
    return replace(spec, **changes)


def _rows(
    reader: _Reader, top: dict[str, Any], section: str, keys: tuple[str, ...], needed: tuple[str, ...]
) -> dict[str, dict[str, Any]] | None:
    """A menu: a mapping from names to rows of numbers; None when the file does not give it."""
    node = top.get(section)
    if section not in top:
        return None
    if node is None or (hasattr(node, "__len__") and len(node) == 0):
        reader.wrong(
            section,
            reader.places[section],
            "is empty",
            "a choice needs at least one alternative",
            "list at least one, or leave the section out",
        )
        return None
    if not isinstance(node, dict):
        reader.wrong(
            section, reader.places[section], "is not a mapping", "names and their numbers are expected here"
        )
        return None
    rows: dict[str, dict[str, Any]] = {}
    for name, row in node.items():
        at = reader.place(node, name)
        row = reader.mapping(row, f"{section}.{name}", at, keys)
        for key in needed:
            if key not in row:
                reader.wrong(
                    f"{section}.{name}",
                    at,
                    f"has no {key!r}",
                    f"each entry of {section} needs {', '.join(needed)}",
                    f"add {key}",
                )
                row[key] = 0.5
        rows[str(name)] = row
    return rows


def _column(
    reader: _Reader, rows: dict[str, dict[str, Any]], section: str, key: str, default: float
) -> np.ndarray:
    out = []
    for name, row in rows.items():
        at = reader.places.get(f"{section}.{name}.{key}", reader.places.get(section, (1, 1)))
        out.append(reader.one_number(row.get(key, default), f"{section}.{name}.{key}", at, default))
    return np.array(out, dtype=np.float64)


def _signals(
    reader: _Reader, top: dict[str, Any], spec: Specification, p: Parameters
) -> tuple[Specification, Parameters]:
    keys = ("unrestrained", "restrained", "criticism")
    rows = _rows(reader, top, "signals", keys, ("unrestrained", "restrained"))
    spec = replace(spec, silence=str(top.get("silence", spec.silence)))
    if rows is None:
        return spec, p
    law = np.stack([_column(reader, rows, "signals", key, 0.5) for key in ("restrained", "unrestrained")])
    spec = replace(spec, signals=tuple(rows))
    return spec, p._replace(signal_law=law, criticism=_column(reader, rows, "signals", "criticism", 0.0))


def _force(
    reader: _Reader, top: dict[str, Any], spec: Specification, p: Parameters
) -> tuple[Specification, Parameters]:
    rows = _rows(reader, top, "force", ("level", "cost", "harm"), ("level", "cost", "harm"))
    if rows is None:
        return spec, p
    columns = [_column(reader, rows, "force", key, 0.0) for key in ("level", "cost", "harm")]
    return replace(spec, force=tuple(rows)), p._replace(
        force_level=columns[0], force_cost=columns[1], harm=columns[2]
    )


def _issues(reader: _Reader, top: dict[str, Any]) -> dict[str, dict[str, dict[str, float]]]:
    """Issues with their levels: value to the holder, price to the coercer, generosity and guarantee."""
    issues: dict[str, dict[str, dict[str, float]]] = {}
    node = top.get("issues") or {}
    if not isinstance(node, dict):
        reader.wrong(
            "issues", reader.places["issues"], "is not a mapping", "issues and their levels are expected here"
        )
        return issues
    for issue, levels in node.items():
        at = reader.place(node, issue)
        if not isinstance(levels, dict) or not levels:
            reader.wrong(
                f"issues.{issue}",
                at,
                "has no levels",
                "an issue needs at least one level",
                "list levels with value and price",
            )
            continue
        section = f"issues.{issue}"
        rows: dict[str, dict[str, float]] = {}
        for level, row in levels.items():
            place = reader.place(levels, level)
            row = reader.mapping(
                row, f"{section}.{level}", place, ("value", "price", "generous", "guarantee")
            )
            rows[str(level)] = {}
            for key, entry in row.items():
                rows[str(level)][key] = reader.one_number(entry, f"{section}.{level}.{key}", place)
        issues[str(issue)] = rows
    return issues


def _offers(
    reader: _Reader, top: dict[str, Any], spec: Specification, p: Parameters
) -> tuple[Specification, Parameters]:
    issues = _issues(reader, top)
    keys = ("value", "price", "generous", "guarantee", "releases", *issues)
    rows = _rows(reader, top, "offers", keys, () if issues else ("value", "price"))
    if rows is None:
        return spec, p
    total: dict[str, list[float]] = {key: [] for key in ("value", "price", "generous", "guarantee")}
    for name, row in rows.items():
        sums = {key: _single(reader, row.get(key, 0.0), f"offers.{name}.{key}") for key in total}
        for issue, levels in issues.items():
            level = str(row[issue]) if issue in row else ""
            if level not in levels:
                at = reader.places.get(f"offers.{name}.{issue}", reader.places["offers"])
                reader.wrong(f"offers.{name}.{issue}", at, f"{level!r} is not a level of {issue}" if level else "is not set",
                             "an offer sets every issue", f"use one of: {', '.join(levels)}")  # fmt: skip
                continue
            for key in total:
                sums[key] += levels[level].get(key, 0.0)
        for key in total:
            total[key].append(sums[key])
    stages = tuple(
        _released(reader, row.get("releases", 0), f"offers.{name}.releases") for name, row in rows.items()
    )
    guarantee = np.array(total["guarantee"])
    p = p._replace(
        offer_value=np.array(total["value"]),
        offer_price=np.array(total["price"]),
        generosity=_generosity(rows, total),
        offer_guarantee=guarantee if np.any(guarantee != 0) else None,
    )
    return replace(spec, offers=tuple(rows), stages=stages), p


def _single(reader: _Reader, value: Any, name: str) -> float:
    return reader.one_number(value, name, reader.places.get(name, reader.places.get("offers", (1, 1))))


def _released(reader: _Reader, value: Any, name: str) -> int:
    """Groups that an offer frees: a whole number; how many there can be is checked with the game."""
    number = _single(reader, value, name)
    if np.isfinite(number) and number == int(number):
        return int(number)
    at = reader.places.get(name, reader.places.get("offers", (1, 1)))
    reader.wrong(name, at, f"is not a whole number: {value!r}", "groups that go free", "0 for all of them")
    return 0


def _generosity(rows: dict[str, dict[str, Any]], total: dict[str, list[float]]) -> np.ndarray:
    """As given, or the price on a scale from the cheapest offer (0) to the dearest (1)."""
    generous, price = np.array(total["generous"]), np.array(total["price"])
    if np.any(generous != 0) or any("generous" in row for row in rows.values()):
        return generous
    spread = price.max() - price.min()
    result: np.ndarray = (price - price.min()) / spread if spread > 0 else np.zeros_like(price)
    return result


def _payoffs(reader: _Reader, top: dict[str, Any], p: Parameters) -> Parameters:
    allowed = tuple(f for f in Parameters._fields if f not in IN_MENUS and f not in OPTIONS)
    node = top.get("payoffs")
    if node is None:
        return p
    changes: dict[str, Any] = {}
    for key, value in reader.mapping(node, "payoffs", reader.places["payoffs"], allowed).items():
        at = reader.place(node, key)
        if isinstance(value, dict):
            kinds = reader.mapping(value, f"payoffs.{key}", at, ("restrained", "unrestrained"))
            value = _by_type(getattr(p, key), kinds)
        number = reader.numbers(value, f"payoffs.{key}", at)
        if number is not None:
            changes[key] = number if number.ndim else float(number)
    return p._replace(**changes)


def _by_type(now: Any, given: dict[str, Any]) -> list[Any]:
    """A pair (restrained, unrestrained) with what is given in place; a type that is not named keeps its number."""
    pair = list(now) if np.shape(now) == (2,) else [now, now]
    return [given.get("restrained", pair[0]), given.get("unrestrained", pair[1])]


def _options(reader: _Reader, top: dict[str, Any], p: Parameters) -> Parameters:
    node = top.get("options")
    if node is None:
        return p
    changes: dict[str, Any] = {}
    for key, value in reader.mapping(node, "options", reader.places["options"], tuple(OPTIONS)).items():
        at = reader.place(node, key)
        record = OPTIONS[key]
        entries = reader.mapping(value, f"options.{key}", at, record._fields)
        numbers = {
            f: reader.numbers(entries[f], f"options.{key}.{f}", reader.place(value, f)) for f in entries
        }
        missing = [f for f in record._fields if f not in entries]
        if missing:
            reader.wrong(
                f"options.{key}",
                at,
                f"lacks {', '.join(missing)}",
                "an option that is on needs all its numbers",
                "add them, or remove the option",
            )
        elif all(number is not None for number in numbers.values()):
            changes[key] = record(**numbers)
    return p._replace(**changes)


def _start(reader: _Reader, top: dict[str, Any], spec: Specification) -> dict[str, float]:
    start = {
        "belief": 0.5,
        "endurance": float(min(4, spec.endurance_levels - 1)),
        "pressure": float(min(1, spec.pressure_levels - 1)),
        "groups": float(spec.groups),
        "block": 0.0,
        "credulity": spec.credulity_levels - 1.0,
        "week": 1.0,
    }
    node = top.get("start")
    if node is None:
        return start
    tops = {
        "belief": 1.0,
        "endurance": spec.endurance_levels - 1,
        "pressure": spec.pressure_levels - 1,
        "groups": spec.groups,
        "block": 1,
        "credulity": spec.credulity_levels - 1,
        "week": 100_000,
    }
    for key, value in reader.mapping(node, "start", reader.places["start"], STARTS).items():
        at = reader.place(node, key)
        number = reader.numbers(value, f"start.{key}", at)
        if number is None or number.shape != ():
            continue
        low = 1.0 if key in ("groups", "week") else 0.0
        whole = key == "belief" or float(number).is_integer()
        if not (low <= float(number) <= tops[key] and whole):
            reader.wrong(
                f"start.{key}",
                at,
                f"is {value}, not in {low:g}..{tops[key]:g}",
                "where paths start",
                "give a state of the game",
            )
        else:
            start[key] = float(number)
    return start


def grid_keys() -> tuple[str, ...]:
    """Keys of the grid section; each is a field of `Specification`."""
    assert set(GRID) <= {field.name for field in fields(Specification)}
    return GRID
