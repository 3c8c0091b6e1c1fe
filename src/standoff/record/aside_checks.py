"""Judges the references inside what was set aside for another mistake, so that one bad value hides no other.

An item of which one value cannot be read is left out of every check that needs it whole. The ids that it names can
still be held against the ids that the case declares, value by value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from standoff.errors import Mistake
from standoff.record.codes import Place, mistake
from standoff.record.known import Known
from standoff.record.yaml_reader import Node

# a key whose value is an id, or a list of ids, and what they are ids of
_NAMED: Mapping[str, str] = {
    "source": "source",
    "events": "event",
    "rows": "row",
    "evidence": "row",
    "actors": "actor",
    "targets": "actor",
    "kinds": "kind",
    "rivals": "rival",
    "vary": "choice",
    "series": "series",
}


def check_aside(file: str, nodes: Iterable[Node], known: Known, told: Iterable[Mistake]) -> list[Mistake]:
    """Unknown ids anywhere below the nodes, except where a mistake is told of already."""
    taken = {(one.line, one.column) for one in told}
    found = (one for node in nodes for one in _below(file, node, known))
    return [one for one in found if (one.line, one.column) not in taken]


def _below(file: str, node: Node, known: Known) -> Iterator[Mistake]:
    worlds = (
        isinstance(node.value, dict) and node.value.get("test") == "tell"
    )  # whose rivals are words, not ids
    for key, child in node.children.items():
        what = None if worlds else _NAMED.get(str(key))
        for named in _ids(child) if what else ():
            if what is not None and not known.has(what, named.value.strip()):
                code, text, do = known.complaint(what, named.value.strip())
                yield mistake(Place(file, named.line, named.column), code, text, do)
        yield from _below(file, child, known)


def _ids(node: Node) -> Iterator[Node]:
    for one in node.children.values() if isinstance(node.value, list) else (node,):
        if isinstance(one.value, str):
            yield one
