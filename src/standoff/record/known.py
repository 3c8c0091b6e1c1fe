"""What the ids of a case are ids of, gathered from the raw files before anything is judged.

Taken from the raw values, so that an actor whose role is misspelt is still a known actor. Where a file could
not be read, its ids are ``None``: nothing is then said of references to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from standoff.record.codes import did_you_mean, shown
from standoff.record.sheets import Sheet
from standoff.record.yaml_reader import Node

Names = tuple[str, ...] | None


@dataclass(slots=True)
class Known:
    """Ids by what they are ids of; ``None`` where they cannot be known."""

    names: Mapping[str, Names]
    sets: dict[str, frozenset[str]] = field(default_factory=dict)
    guesses: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sets = {what: frozenset(names) for what, names in self.names.items() if names is not None}

    def has(self, what: str, name: str) -> bool:
        """Whether the id is known, or cannot be judged."""
        return what not in self.sets or name in self.sets[what]

    def complaint(self, what: str, name: str) -> tuple[str, str, str]:
        """Code, what and do for an id that is not known."""
        key = (what, name)
        if key not in self.guesses:
            few = len(self.guesses) < 300  # a file full of unknown ids must not take minutes
            self.guesses[key] = did_you_mean(name, self.names[what] or ()) if few else ""
        return (
            f"unknown-{what}",
            f"the {what.replace('-', ' ')} {shown(name)} is not known",
            self.guesses[key],
        )


def gather(
    case: Node | None, claims: Node | None, sheets: Mapping[str, Sheet | None], absent: frozenset[str]
) -> Known:
    """All ids of a case; ``absent`` are the optional tables that it does not have."""
    frame = _block(case)
    codebook, stance = _as_block(frame.get("codebook")), _as_block(frame.get("stance"))
    names: dict[str, Names] = dict.fromkeys((*_FROM_CASE, "choice"))
    if case is not None and isinstance(case.value, dict):
        names = {what: _listed(frame, key) for what, key in _FROM_CASE.items()}
        names["choice"] = _listed(frame, "choices", "choice")
    names["kind"] = _listed(codebook, "kinds")
    names["collection"] = _listed(codebook, "collections")
    names["intensity"] = _listed(codebook, "intensities", "level")
    names["composite"] = _listed(stance, "composites")
    names |= _from_claims(claims)
    for what, file in _FROM_TABLES.items():
        names[what] = () if file in absent else _row_ids(sheets.get(file))
    events, positions = names["event"], names["position"]
    names["row"] = events + positions if events is not None and positions is not None else None
    return Known(names)


_FROM_CASE = {"actor": "actors", "issue": "issues", "term": "terms", "series": "series", "judge": "judges"}

_FROM_TABLES = {
    "event": "events.csv",
    "position": "positions.csv",
    "source": "sources.csv",
    "ledger-row": "ledger.csv",
}


_OPTIONAL = frozenset({"terms", "series", "judges", "choices"})


def _listed(block: dict[str, Any], key: str, name: str = "id") -> Names:
    """Ids of the blocks of a list; ``None`` where the list itself is missing or is none, which is told of once."""
    items = block.get(key, [] if key in _OPTIONAL else None)
    return _ids(items, name) if isinstance(items, list) else None


def _from_claims(claims: Node | None) -> dict[str, Names]:
    listed = _block(claims)
    claimed = listed.get("claims", [])
    if claims is None or not isinstance(claims.value, dict) or not isinstance(claimed, list):
        return {"claim": None, "rival": None, "part": None}
    parts = [part for claim in claimed if isinstance(claim, dict) for part in _ids(claim.get("parts"))]
    own = _ids(claimed)
    return {"claim": own, "rival": own + _ids(listed.get("accounts")), "part": tuple(parts)}


def _block(node: Node | None) -> dict[str, Any]:
    return _as_block(node.value) if node is not None else {}


def _as_block(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _ids(items: object, key: str = "id") -> tuple[str, ...]:
    if not isinstance(items, Iterable) or isinstance(items, str | dict):
        return ()
    found = (item.get(key) for item in items if isinstance(item, dict))
    return tuple(str(value).strip() for value in found if isinstance(value, str | int))


def _row_ids(sheet: Sheet | None) -> Names:
    if sheet is None or not sheet.whole:
        return None
    return (*(row[0] for row in sheet.rows), *sorted(sheet.broken))
