"""A curve packed and unpacked says the same, in the same order, and takes little room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.claims.results import Specification, pack, unpack

NAMES = st.lists(st.text(min_size=1, max_size=8), min_size=0, max_size=5, unique=True)
EFFECT = st.none() | st.floats(-100, 100)


@st.composite
def curves(draw: st.DrawFn) -> list[Specification]:
    names = draw(NAMES)
    option = st.sampled_from(["2", "4", "8", "all", "read"])
    return [
        Specification(
            tuple((name, draw(option)) for name in names),
            draw(EFFECT),
            draw(st.integers(0, 20)),
            draw(st.integers(0, 20)),
        )
        for _ in range(draw(st.integers(0, 30)))
    ]


@given(curves())
def test_unpacking_gives_back_every_specification_in_order(specifications: list[Specification]) -> None:
    assert unpack(pack(specifications)) == tuple(specifications)


def test_equal_outcomes_are_kept_once() -> None:
    same = [Specification((("window", str(k)),), 1.5, 3, 9) for k in range(20)]
    assert pack(same).outcomes == ((1.5, 3, 9),)


def test_more_options_than_digits_are_refused() -> None:
    with pytest.raises(ValueError, match="36 options"):
        pack([Specification((("window", str(k)),), None, 0, 0) for k in range(37)])
