"""What stands where on the time axis."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from standoff.report.timeline import place_labels, spread, unseen

DAY = date(2030, 1, 1)


def _on(k: int) -> date:
    return DAY + timedelta(days=k)


def test_unseen_finds_the_gaps_and_both_ends() -> None:
    seen = [(_on(3), _on(10)), (_on(9), _on(12)), (_on(20), _on(25))]
    assert unseen(seen, _on(0), _on(30), 1) == ((_on(0), _on(3)), (_on(12), _on(20)), (_on(25), _on(30)))
    assert unseen(seen, _on(0), _on(30), 6) == ((_on(12), _on(20)),)
    assert unseen([], _on(0), _on(30)) == ((_on(0), _on(30)),)


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=12)


@given(spans)
def test_every_day_is_either_seen_or_unseen(pairs: list[tuple[int, int]]) -> None:
    seen = [(_on(a), _on(a + n)) for a, n in pairs]
    gaps = unseen(seen, _on(0), _on(90), 1)
    for k in range(90):
        covered = any(a <= _on(k) < b for a, b in seen)
        open_ = any(a <= _on(k) < b for a, b in gaps)
        assert covered != open_


labels = st.lists(st.tuples(st.integers(0, 1000), st.integers(20, 200)), max_size=14).map(sorted)


@given(labels)
def test_labels_hung_to_the_right_cross_nothing(pairs: list[tuple[int, int]]) -> None:
    offsets, widths = [float(o) for o, _ in pairs], [float(w) for _, w in pairs]
    placed = place_labels(offsets, widths, 1400.0)
    assert not any(p.left for p in placed)
    for i, a in enumerate(placed):
        for j, b in enumerate(placed):
            # the rule of j runs from row 0 to its own row: a label at or below that row must not reach it
            if i != j and offsets[i] <= offsets[j] <= offsets[i] + widths[i]:
                assert a.row != b.row
                assert a.row > b.row or offsets[i] == offsets[j]


def test_a_label_at_the_right_edge_hangs_to_the_left() -> None:
    placed = place_labels([10.0, 990.0], [50.0, 50.0], 1000.0)
    assert [p.left for p in placed] == [False, True]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5)), max_size=25).map(sorted))
def test_marks_never_stand_on_each_other(pairs: list[tuple[int, int]]) -> None:
    days = [d for d, _ in pairs]
    heights = spread(days, [float(h) for _, h in pairs], 4, 0.5)
    for i in range(len(days)):
        for j in range(i):
            assert abs(days[i] - days[j]) >= 4 or abs(heights[i] - heights[j]) >= 0.49
