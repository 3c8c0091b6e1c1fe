"""Reads one cell: text in, value out, or a mistake that says what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from standoff.record.case_schema import LARGEST
from standoff.record.codes import did_you_mean, shown
from standoff.record.columns import CellKind, Column

Value = str | float | bool | date | tuple[str, ...] | None

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_OTHER_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", re.ASCII)
_INTEGER = re.compile(r"[-+]?\d{1,15}", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][-+]?\d{1,4})?", re.ASCII)
_COMMA = re.compile(r"[-+]?\d{1,30},\d{1,30}", re.ASCII)
_GROUPS = re.compile(r"[-+]?\d{1,3}([, ]\d{3})+(\.\d+)?", re.ASCII)
_YES_NO = {"true": "yes", "t": "yes", "y": "yes", "1": "yes", "false": "no", "f": "no", "n": "no", "0": "no"}


class BadCellError(Exception):
    """A cell that cannot be read: code, what, and what to do when it is known better than the code's own advice."""

    def __init__(self, code: str, what: str, do: str = "") -> None:
        super().__init__(what)
        self.code, self.what, self.do = code, what, do


def read_cell(column: Column, text: str) -> Value:
    """The value of a cell; an empty one is ``None`` (a number, a date), an empty text or an empty list.

    Raises BadCellError.
    """
    if not text:
        if column.required:
            code = "missing-source" if column.refers == "source" else "missing-value"
            raise BadCellError(code, f"`{column.name}` is empty")
        return _EMPTY.get(column.kind)
    return _READERS[column.kind](column, text)


def _text(column: Column, text: str) -> str:
    return text


def _id(column: Column, text: str) -> str:
    if not _ID.fullmatch(text):
        raise BadCellError("bad-id", f"{shown(text)} cannot be an id")
    return text


def _references(column: Column, text: str) -> tuple[str, ...]:
    if ";" not in text:
        return (text,)
    items = tuple(item.strip() for item in text.split(";"))
    if "" in items:
        raise BadCellError(
            "missing-value", f"`{column.name}` has an empty place between two `;`", do="remove one `;`"
        )
    if len(set(items)) < len(items):
        twice = next(item for item in items if items.count(item) > 1)
        raise BadCellError("repeated-item", f"`{column.name}` names {shown(twice)} twice")
    return items


def _word(column: Column, text: str) -> str:
    if text in column.words:
        return text
    guess = did_you_mean(text, column.words)
    listed = f"use one of: {', '.join(column.words)}"
    raise BadCellError("unknown-value", f"`{column.name}` is {shown(text)}", f"{guess} {listed}".strip())


def _date(column: Column, text: str) -> date:
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise BadCellError(
                "bad-date", f"`{column.name}` is {shown(text)}, which is in no calendar"
            ) from None
    raise BadCellError("bad-date", f"`{column.name}` is {shown(text)}", _date_advice(text))


def _date_advice(text: str) -> str:
    other = _OTHER_DAY.fullmatch(text)
    if other is None:
        return ""
    first, second, year = (int(part) for part in other.groups())
    if first > 12 >= second >= 1:
        return f"write `{year}-{second:02}-{first:02}`"
    if second > 12 >= first >= 1:
        return f"write `{year}-{first:02}-{second:02}`"
    return "write year-month-day; this could be read as day-month or as month-day"


def _integer(column: Column, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        if _NUMBER.fullmatch(text):
            raise BadCellError("not-a-number", f"`{column.name}` is {shown(text)}", "write a whole number")
        raise _no_number(column, text)
    value = int(text)
    _bounds(column, value, text)
    return value


def _number(column: Column, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise _no_number(column, text)
    value = float(text)
    if abs(value) > LARGEST:
        raise BadCellError("impossible-number", f"`{column.name}` is {shown(text)}; nothing counts that far")
    _bounds(column, value, text)
    return value


def _no_number(column: Column, text: str) -> BadCellError:
    what = f"`{column.name}` is {shown(text)}"
    if _COMMA.fullmatch(text):
        point, bare = text.replace(",", "."), text.replace(",", "")
        other = f", or `{bare}` if the comma parts thousands" if _GROUPS.fullmatch(text) else ""
        return BadCellError("decimal-comma", what, f"write `{point}`{other}")
    if _GROUPS.fullmatch(text):
        return BadCellError(
            "not-a-number", what, f"write `{re.sub('[, ]', '', text)}`, without marks between thousands"
        )
    if text.strip("+-").casefold() in ("nan", "inf", "infinity", "na", "n/a", "none", "null", "-"):
        return BadCellError("not-a-number", what, "leave the cell empty if the number is not known")
    return BadCellError("not-a-number", what)


def _bounds(column: Column, value: float, text: str) -> None:
    low, high = column.low, column.high
    if (low is None or value >= low) and (high is None or value <= high):
        return
    span = (
        f"between {low:g} and {high:g}" if low is not None and high is not None else f"at least {low or 0:g}"
    )
    raise BadCellError("impossible-number", f"`{column.name}` is {shown(text)}; it must be {span}")


def _yes_no(column: Column, text: str) -> bool:
    if text not in ("yes", "no"):
        meant = _YES_NO.get(text.casefold(), text.casefold())
        do = f"write `{meant}`" if meant in ("yes", "no") else ""
        raise BadCellError("bad-yes-no", f"`{column.name}` is {shown(text)}", do)
    return text == "yes"


_EMPTY: Mapping[CellKind, Value] = {"text": "", "word": "", "reference": "", "references": ()}

_READERS: Mapping[CellKind, Callable[[Column, str], Value]] = {
    "id": _id,
    "text": _text,
    "reference": _text,
    "references": _references,
    "word": _word,
    "date": _date,
    "integer": _integer,
    "number": _number,
    "yes-no": _yes_no,
}


def write_cell(value: Value) -> str:
    """The canonical text of a value: reading it again gives the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value.isoformat() if isinstance(value, date) else str(value)
