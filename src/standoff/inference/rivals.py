"""The rivals that are compared: which terms each frees, in the game and in its reduced form alike.

M0 is nothing but time. M12 holds domestic blocks and shocks and is the base of every signal model, so that no
signal model lacks its rivals. *kinds* lets support, criticism and arms withheld depart from the one news of a signal.
In M5 the holder may answer conduct, or signals could move conduct and nothing else. Source: model.md, section 3.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Term = Literal["block", "shock", "belief", "kinds", "conduct", "force"]


class Rival(NamedTuple):
    """One rival: ``terms`` that it frees; ``sign`` of the belief term (+1 hope of rescue or threat dominant, -1
    assurance dominant, 0 free or absent); ``says`` in words."""

    name: str
    terms: frozenset[Term]
    sign: Literal[-1, 0, 1]
    says: str


RIVALS: Final[tuple[Rival, ...]] = (
    Rival("M0", frozenset(), 0, "nothing but time: both sides' terms drift together"),
    Rival("M1", frozenset({"block"}), 0, "the coercer's domestic politics block"),
    Rival("M2", frozenset({"shock"}), 0, "shocks to the holder's leadership or allies, and deadlines"),
    Rival("M12", frozenset({"block", "shock"}), 0, "domestic politics and shocks; the base of all below"),
    Rival(
        "M3",
        frozenset({"block", "shock", "belief"}),
        1,
        "signals through belief, hope of rescue or threat dominant",
    ),
    Rival("M4", frozenset({"block", "shock", "belief"}), -1, "signals through belief, assurance dominant"),
    Rival("M5", frozenset({"block", "shock", "conduct"}), 0, "signals through conduct only"),
    Rival("M6", frozenset({"block", "shock", "force"}), 0, "military pressure and aid only"),
    Rival(
        "M7",
        frozenset({"block", "shock", "belief", "kinds", "conduct", "force"}),
        0,
        "all together, no sign restricted",
    ),
)
BASE: Final = "M12"
ALL: Final = "M7"


def rival(name: str) -> Rival:
    """The rival of a name. Errors: KeyError."""
    return {one.name: one for one in RIVALS}[name]
