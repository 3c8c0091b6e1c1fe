"""Standoff turns the record of a hostage negotiation into a tested account of it.

The public face is a few verbs, loaded when first used: importing the package computes and reads nothing.

    standoff.assess("gaza-2023-2025")   test every claim, write tables, charts and a report
    standoff.load("my-case")            the record of a case, in words
    standoff.check("my-case")           every mistake in a case, with its place
    standoff.save(record, "copy")       write a case folder
    standoff.new("my-case")             begin a case from a worked example
    standoff.cases()                    the cases that ship with the package
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from standoff.api import assess, cases, check, load, new, save

__all__ = ["assess", "cases", "check", "load", "new", "save"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from standoff import api

        return getattr(api, name)
    if name == "__version__":
        from importlib.metadata import version

        return version("standoff")
    raise AttributeError(f"module 'standoff' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
