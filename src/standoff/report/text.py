"""Text from a case is data: what may be shown, which addresses may be links, how an id becomes an anchor."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

LONGEST = 4_000  # characters of one cell that a page shows; the case file holds the whole
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
_KEPT = {"\n", "\t"}


def shown(text: str, limit: int = LONGEST) -> str:
    """Return text fit to show: controls and direction overrides made visible, overlong cells cut with a word about it.

    Whatever cannot be seen (controls, bidi overrides and isolates, zero width, lone surrogates) becomes ``[U+XXXX]``.
    """
    cut = text if len(text) <= limit else text[:limit]
    out = "".join(c if c in _KEPT or _visible(c) else _spelt(c) for c in cut)
    if len(text) > limit:
        out += f" [cut here: {len(text):,} characters in the case file]"
    return out


def _visible(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


def _spelt(character: str) -> str:
    # A soft hyphen and the joiners of emoji and Arabic shaping are spelt out too: a reader of evidence wants to see them.
    return f"[U+{ord(character):04X}]"


def shown_all(value: Any) -> Any:
    """Apply `shown` to every text inside plain JSON data."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {key: shown_all(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown_all(item) for item in value]
    return value


def address(text: str) -> str | None:
    """Return the address if it may be a link (http or https with a host), else ``None``."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not parts.netloc:
        return None
    link = text.strip()
    return link if all(c.isprintable() and c != " " for c in link) else None


def label(text: str, limit: int) -> str:
    """Return text for a drawing, where nothing can wrap and no word about a cut has room: at most ``limit`` characters."""
    return shown(text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…")


def anchor(kind: str, identifier: str) -> str:
    """Return a stable fragment id: the id itself where it is plain, else its plain characters and a short hash."""
    plain = _UNSAFE.sub("-", identifier)[:64]
    if plain == identifier:
        return f"{kind}-{identifier}"
    return f"{kind}-{plain}-{hashlib.sha256(identifier.encode('utf-8', 'replace')).hexdigest()[:8]}"


def script_json(value: Any) -> str:
    """Return JSON that cannot end its script element: ``<``, ``>``, ``&`` and line separators are escaped; keys sorted."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
