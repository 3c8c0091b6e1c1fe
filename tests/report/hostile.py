"""The made-up case with an attack in every field that takes text."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from standoff.claims.results import Assessment
from standoff.inference.learned import Learned
from standoff.record.case_schema import CaseFrame
from standoff.record.claims_schema import ClaimList
from standoff.record.rows import Record
from tests.report import synthetic, synthetic_models

ATTACKS = (
    "<script>alert('ran')</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(2)</script>",
    "<!--<script>",
    "{{ 7 * 7 }}{% raw %}",
    "</style><style>*{display:none}</style>",
    "javascript:alert(3)",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "\u202egnp.exe\u2066\u200b",
    "]]><svg onload=alert(4)>",
    "' onmouseover='alert(5)",
    "datum.value; alert(6)",
    "</title><base href=//evil.example>",
    "&lt;script&gt;alert(7)&lt;/script&gt;",
)  # fmt: skip
LONG = "W" * 30_000
_PLAIN = {  # fields that the schema holds to a few values or to identifiers
    "id", "role", "backs", "branch", "kind", "direction", "channel", "collection", "date_precision", "confidence", "basis",
    "issue", "series", "actor", "target", "source", "step", "aggregate", "measures", "test", "outcome", "signal", "events", "list",
    "sign", "choice", "value", "word", "next_word", "verdict", "would_say", "deciding_part", "exact", "actors", "holder_wants", "coercer_wants", "part", "form", "missing_rule", "restarts", "weights", "needs", "quota", "format",
    "date_before", "date_after", "options", "estimator", "quick", "passed", "gate", "row",
}  # fmt: skip


class _Attacks:
    def __init__(self) -> None:
        self.count = 0

    def next(self) -> str:
        self.count += 1
        return f"{ATTACKS[self.count % len(ATTACKS)]} {self.count}"

    def dress(self, value: Any) -> Any:
        """The same value with attacks for its free texts."""
        if isinstance(value, str):
            return self.next()
        if isinstance(value, tuple):
            return tuple(self.dress(item) for item in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
            return replace(
                value, **{name: self.dress(item) for name, item in fields.items() if name not in _PLAIN}
            )
        if isinstance(value, BaseModel):
            fields = {name: getattr(value, name) for name in type(value).model_fields}
            return value.model_copy(
                update={
                    name: self.dress(item)
                    for name, item in fields.items()
                    if name not in _PLAIN and name != "missing"
                }
            )
        return value


def record() -> Record:
    """The made-up record, dressed: titles, summaries, quotes, labels, notes, addresses, and some ids."""
    attacks = _Attacks()
    plain = synthetic.record()
    case: CaseFrame = attacks.dress(plain.case)
    claims: ClaimList = attacks.dress(plain.claims)
    events = list(attacks.dress(plain.events))
    events[0] = replace(events[0], summary=LONG, quote=LONG)
    events[1] = replace(events[1], id="E 1\"><script>alert('id')</script>", person=LONG)
    sources = tuple(
        replace(attacks.dress(source), address=address)
        for source, address in zip(
            plain.sources, ("javascript:alert(8)", "data:text/html,<script>alert(9)</script>"), strict=True
        )
    )
    return replace(
        plain,
        case=case,
        claims=claims,
        events=tuple(events),
        positions=attacks.dress(plain.positions),
        series=attacks.dress(plain.series),
        sources=sources,
    )


def learned() -> Learned:
    """What the models say, dressed: names of rivals, levers, channels and blocks too."""
    dressed: Learned = _Attacks().dress(
        replace(synthetic_models.learned(), informed=synthetic_models.informed())
    )
    return dressed


def assessment(models: bool = False) -> Assessment:
    """The made-up assessment, dressed; ``models``: with a P on each part that can have one."""
    attacks = _Attacks()
    plain = synthetic.assessment()
    plain = synthetic_models.with_models(plain) if models else plain
    claims = tuple(
        replace(attacks.dress(claim), parts=tuple(_part(attacks, part) for part in claim.parts))
        for claim in plain.claims
    )
    return replace(plain, claims=claims, warnings=(attacks.next(), LONG))


def _part(attacks: _Attacks, part: Any) -> Any:
    dressed = attacks.dress(part)
    if part.order is not None:  # dates of differences stay dates; what names rows stays ids
        dressed = replace(
            dressed, order=replace(dressed.order, differences=part.order.differences, kind=part.order.kind)
        )
    return replace(dressed, multiverse=part.multiverse, kind=part.kind)
