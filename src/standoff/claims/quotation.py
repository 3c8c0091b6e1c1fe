"""Whether a quotation was found, is exact and whole, by the speaker named, and independent of the text that uses it."""

from __future__ import annotations

from typing import Literal

from standoff.claims.results import QuotationResult
from standoff.record.claims_schema import QuotationTest

NEEDED = ("found", "exact", "speaker", "independent")


def check_quotation(test: QuotationTest) -> QuotationResult:
    """Verified when all five are shown; cut when only *whole* is not; else unverified. What was not checked is not shown."""
    failed = tuple(name for name in (*NEEDED, "whole") if getattr(test, name) is not True)
    word: Literal["verified", "cut", "unverified"]
    word = "unverified" if any(name in failed for name in NEEDED) else "cut" if failed else "verified"
    told = {
        "verified": "The quotation was found, exact and whole, by the speaker named and independently of the text that uses it.",
        "cut": "The quotation is exact, but it is cut, or was not compared with the whole.",
        "unverified": f"Not shown: {', '.join(failed)}. It is no evidence.",
    }[word]
    return QuotationResult(word, failed, f"{told} {test.note}".strip())
