"""Reads a file of priors from elsewhere: location and scale of parameters of the reduced form, each with its reason.

The names of parameters belong to the models; whoever knows them checks them against the places that are kept here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from standoff.errors import Mistake, PriorsError
from standoff.record.case_schema import Frozen, Text
from standoff.record.codes import Place, did_you_mean, mistake, shown
from standoff.record.files import decode, read_file
from standoff.record.schema_mistakes import validate
from standoff.record.yaml_reader import Node, read_yaml

WIDEN = 2.0  # scales are multiplied by so much unless the file says otherwise: a quarter of the other case's weight
REACH = 1e3  # of a location or a scale


class StatedPrior(Frozen):
    """One parameter: location and scale before its transform, as on the page of priors, and why."""

    location: Annotated[float, Field(ge=-REACH, le=REACH)]
    scale: Annotated[float, Field(gt=0, le=REACH)]
    reason: Text


Stated = dict[str, StatedPrior]


class Blocks(Frozen):
    """Parameters by block of the reduced form."""

    holder: Stated = Field(default_factory=dict)
    coercer: Stated = Field(default_factory=dict)
    force: Stated = Field(default_factory=dict)
    aid: Stated = Field(default_factory=dict)
    signals: Stated = Field(default_factory=dict)
    deaths: Stated = Field(default_factory=dict)
    ends: Stated = Field(default_factory=dict)


class PriorsFile(Frozen):
    """The whole file."""

    format: Literal[1]
    source: Text
    widen: Annotated[float, Field(ge=1, le=100)] = WIDEN
    priors: Blocks


class StatedPriors(NamedTuple):
    """A file as read: ``source`` in words, ``widen``, and (block, parameter) -> prior."""

    source: str
    widen: float
    priors: Mapping[tuple[str, str], StatedPrior]


def read_priors(path: Path, known: Mapping[str, tuple[str, ...]]) -> StatedPriors:
    """Read and check a file; ``known``: the parameters of each block.

    Raises:
        PriorsError: the file is missing or has mistakes (all of them).
    """
    name = path.name
    content = read_file(path)
    text = content if isinstance(content, Mistake) else decode(name, content)
    if isinstance(text, Mistake):
        raise PriorsError(name, [text])
    root, mistakes = read_yaml(name, text)
    if root is None:
        raise PriorsError(name, mistakes)
    mistakes += _unknown(name, root, known)
    told, more = validate(PriorsFile, name, root)
    mistakes += more
    if not mistakes and told is not None and not _by_name(told):
        mistakes.append(mistake(_at(name, root), "empty-list", "`priors` names no parameter", do="name one"))
    if mistakes or told is None:
        raise PriorsError(name, mistakes)
    return StatedPriors(told.source, told.widen, _by_name(told))


def _by_name(told: PriorsFile) -> dict[tuple[str, str], StatedPrior]:
    return {
        (block, name): prior
        for block in Blocks.model_fields
        for name, prior in getattr(told.priors, block).items()
    }


def _unknown(file: str, root: Node, known: Mapping[str, tuple[str, ...]]) -> list[Mistake]:
    """Parameters that no block of the model has, at their keys."""
    priors = root.children.get("priors")
    found = []
    for block, node in priors.children.items() if priors is not None else ():
        names = known.get(str(block), ())
        for name, (line, column) in node.keys.items() if names else ():
            if name not in names:
                do = did_you_mean(name, names) or f"parameters of `{block}`: {', '.join(names)}"
                what = f"`{block}` has no parameter {shown(name)}"
                found.append(mistake(Place(file, line, column), "unknown-key", what, do))
    return found


def _at(file: str, root: Node) -> Place:
    line, column = root.keys.get("priors", (root.line, root.column))
    return Place(file, line, column)
