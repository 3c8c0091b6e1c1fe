"""Prose from numbers: plain sentences, with the number always beside the word."""

from __future__ import annotations

import math
import re
from datetime import date
from itertools import pairwise

from standoff.claims.results import (
    ClaimResult,
    Interval,
    PartResult,
    VerdictWord,
)

CAVEAT = "in this record, among the accounts compared, and unless something unrecorded moved both signal and outcome"
MINUS = "\u2212"
DASH = "\u2013"

# The seven bands of ICD 203 (``odni2015icd203``), lower edges in percent; below 1 and above 99 the directive names none.
_BANDS: tuple[tuple[float, str], ...] = (
    (0.0, "almost no chance"),
    (0.05, "very unlikely"),
    (0.20, "unlikely"),
    (0.45, "roughly even"),
    (0.55, "likely"),
    (0.80, "very likely"),
    (0.95, "almost certain"),
)
assert all(a[0] < b[0] for a, b in pairwise(_BANDS))

_MEANINGS: dict[str, str] = {
    "supported": "The record supports this claim",
    "leans for": "The record leans for this claim",
    "cannot tell": "This record cannot tell whether the claim holds",
    "leans against": "The record leans against this claim",
    "contradicted": "The record contradicts this claim",
    "unverified": "The quotation that this claim rests on was not found, so the claim is unverified",
}


def number(value: float | None, digits: int = 1) -> str:
    """Return a number with thousands set off and a true minus sign; a missing one is a dash."""
    if value is None or not math.isfinite(value):
        return DASH
    rounded = round(value, digits)
    if rounded == 0:
        rounded = 0.0  # never "-0"
    text = f"{rounded:,.{digits}f}"
    if "." in text and digits > 0 and float(rounded).is_integer():
        text = text.split(".", maxsplit=1)[0]
    return text.replace("-", MINUS)


def signed(value: float | None, digits: int = 1) -> str:
    """Return a number with its sign, plus included; zero has none."""
    text = number(value, digits)
    return text if value is None or text in {"0", DASH} or text.startswith(MINUS) else f"+{text}"


def between(interval: Interval | None, digits: int = 1) -> str:
    """Return ``low to high``, or a dash."""
    return DASH if interval is None else f"{signed(interval.low, digits)} to {signed(interval.high, digits)}"


def probability(p: float | None) -> str:
    """Return a p-value or probability to three places, bounded as ``<.001``."""
    if p is None:
        return DASH
    if p < 0.001:
        return "<.001"
    return f"{p:.3f}".lstrip("0") if p < 0.9995 else "1"


def chance(p: float | None) -> str:
    """Return a posterior probability to two places, as many as its draws can tell: ``.93``, at the ends ``<.01`` or ``>.99``."""
    if p is None:
        return DASH
    if p < 0.01:
        return "<.01"
    return ">.99" if p >= 0.995 else f"{p:.2f}".lstrip("0")


def percent(share: float | None) -> str:
    """Return a share in percent without false precision; a share that is not quite all never reads 100%."""
    if share is None:
        return DASH
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 < share < 1:
        return ">99%"
    return f"{share * 100:.0f}%"


def likelihood(p: float) -> str:
    """Return the word for a probability with the number beside it, by the seven bands of ICD 203."""
    word = next(word for edge, word in reversed(_BANDS) if p >= edge)
    return f"{word} ({percent(p)})"


def decibans(low: float | None, middle: float | None, high: float | None) -> str:
    """Return weight of evidence as ``middle [low, high]`` in decibans."""
    if middle is None:
        return DASH
    return f"{signed(middle)} [{signed(low)}, {signed(high)}]"


def odds(weight: float | None) -> str:
    """Return decibans as a factor on the odds: 10 dB is tenfold."""
    if weight is None:
        return "no eligible observation"
    factor = 10 ** (abs(weight) / 10)
    if factor < 1.15:
        return "the odds stay about as they were"
    way = "raises" if weight > 0 else "lowers"
    return f"{way} the odds {number(factor, 0 if factor >= 10 else 1)}-fold"


def day(value: date | str) -> str:
    """Return a date as ``8 Feb 2024``; text that is no date comes back as it is."""
    try:
        when = value if isinstance(value, date) else date.fromisoformat(value)
    except ValueError:
        return str(value)
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def verdict_sentence(word: VerdictWord) -> str:
    """Return the verdict as a sentence that carries its standing caveat."""
    return f"{_MEANINGS[word]}. Every verdict is meant {CAVEAT}."


_HYPHEN_MINUS = re.compile(
    r"(?<![\w.)\]-])-(?=\d)"
)  # before a number, and not within a date, a range or an id


def told(sentence: str) -> str:
    """Return a test's own sentence as a page sets it: with true minus signs, like the numbers beside it."""
    return _HYPHEN_MINUS.sub(MINUS, sentence)


def found(part: PartResult) -> str:
    """Return the sentence in which the test of a part says what the record shows."""
    if part.quotation is not None:
        return told(part.quotation.sentence)
    if part.order is not None:
        return told(part.order.sentence)
    if part.share is not None:
        return told(part.share.sentence)
    if part.ledger is not None:
        return told(part.ledger.sentence)
    return "No test of this part gave a result."


def deciding(claim: ClaimResult) -> PartResult:
    """Return the part that decided a claim's verdict; the first if none is named."""
    return next((part for part in claim.parts if part.id == claim.deciding_part), claim.parts[0])


def plural(count: int, noun: str, many: str = "") -> str:
    """Return ``1 row``, ``2 rows``."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def lead(text: str, limit: int = 420) -> tuple[str, str]:
    """Return the first sentences of a text, as many as fit, and the rest; the first sentence always leads."""
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z\u201c\"(])", text.strip())
    first = sentences[0]
    taken = 1
    for sentence in sentences[1:]:
        if len(first) + 1 + len(sentence) > limit:
            break
        first, taken = f"{first} {sentence}", taken + 1
    return first, " ".join(sentences[taken:])


_QUOTES = "\"\u201c\u201d\u2018\u2019'\u00ab"


def quoted(text: str) -> str:
    """Return a quotation in quotation marks; one that brings its own keeps them."""
    return text if text[:1] in _QUOTES else f"\u201c{text}\u201d"
