"""Laws of the claims room: what must hold for every record, ledger and share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standoff.claims import arrangements, association, ledger, share
from standoff.claims.differences import response_table, stance_differences
from standoff.claims.order import order_in_time
from standoff.claims.results import LedgerCell
from standoff.claims.rules import rules_hash
from standoff.claims.seeds import generator
from standoff.claims.simulate import nearest
from standoff.record.claims_schema import ContrastTest, LedgerTest, OrderTest, ShareTest
from standoff.record.rows import Judgement, LedgerRow
from tests.claims.exposure import shifted_exposure
from tests.claims.invented import ORDER, drawn, make_record

FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ORDER_TEST = OrderTest.model_validate(ORDER)


# --- order in time -----------------------------------------------------------------------------------------------


def run(record, test=ORDER_TEST, sign="+", **changes):
    return order_in_time(record, test, sign, 7, "law", draws=99, **changes)


@FEW
@given(st.integers(0, 10_000))
def test_the_order_of_rows_in_the_file_does_not_matter(seed):
    record = drawn(seed)
    mixed = generator(seed, "mix")
    shuffled = replace(
        record,
        events=tuple(record.events[i] for i in mixed.permutation(len(record.events))),
        positions=tuple(record.positions[i] for i in mixed.permutation(len(record.positions))),
    )
    first, second = run(record), run(shuffled)
    assert first.result == second.result
    assert first.multiverse == second.multiverse


@FEW
@given(st.integers(0, 10_000))
def test_a_mirrored_stance_mirrors_the_effect_and_keeps_p(seed):
    record = drawn(seed)
    turned = replace(record, positions=tuple(replace(row, level=100 - row.level) for row in record.positions))
    ours, theirs = run(record), run(turned)
    if ours.result.effect is None:
        assert theirs.result.effect is None
        return
    assert theirs.result.effect == pytest.approx(-ours.result.effect, abs=1e-9)
    assert theirs.result.p == pytest.approx(ours.result.p)
    assert theirs.multiverse.share_claimed_sign == pytest.approx(ours.multiverse.share_other_sign)


@FEW
@given(st.integers(0, 10_000))
def test_swapping_the_two_kinds_of_a_contrast_turns_its_sign(seed):
    record = drawn(seed, signals=30)
    kinds = ({"actors": ["ally"], "intensity_at_least": 3}, {"actors": ["party"]})
    raw = {"test": "contrast", "outcome": {"stance": "holder"}, "size": 15}
    ours = run(record, ContrastTest.model_validate({**raw, "signal": kinds[0], "against": kinds[1]}))
    theirs = run(record, ContrastTest.model_validate({**raw, "signal": kinds[1], "against": kinds[0]}))
    if ours.result.effect is not None:
        assert theirs.result.effect == pytest.approx(-ours.result.effect, abs=1e-9)


@FEW
@given(st.integers(0, 10_000))
def test_an_act_after_the_last_point_or_before_the_first_exposes_nothing(seed):
    rng = np.random.default_rng(seed)
    days = np.sort(rng.choice(np.arange(30, 300), 8, replace=False))
    outcome = stance_differences(days, rng.random(8), 400)
    table = response_table(outcome, 26, 400)
    assert (table[: days[0]] == -1).all()
    assert (table[days[-1] :] == -1).all()
    assert set(table) <= {-1, *range(7)}


@FEW
@given(st.integers(0, 10_000), st.integers(1, 7))
def test_shifts_keep_every_act_in_its_phase_and_their_spacing(seed, acts):
    rng = np.random.default_rng(seed)
    starts = np.array([0, 40, 90])
    days = np.sort(rng.choice(120, acts, replace=False))
    law = arrangements.shifts(starts, 120, days, rng, 50)
    moved = arrangements.shifted(law, days)
    phase = np.searchsorted(starts, days, side="right")
    assert (np.searchsorted(starts, moved, side="right") == phase).all()
    lengths = np.array([40, 50, 30])[phase - 1]
    for i in range(acts - 1):
        if phase[i] == phase[i + 1]:
            assert ((moved[:, i + 1] - moved[:, i] - (days[i + 1] - days[i])) % lengths[i] == 0).all()


def test_p_is_exact_when_all_calendars_are_enumerated():
    """Take each calendar in turn as the one observed: p at most a comes out in at most a share a of them."""
    rng = np.random.default_rng(1)
    days = np.sort(rng.choice(90, 14, replace=False))
    outcome = stance_differences(days, rng.normal(50, 20, 14), 90)
    table = response_table(outcome, 2, 90)
    control = association.basis(outcome.start[:, None])
    acts = np.array([3, 20, 41, 60, 77])
    law = arrangements.shifts(np.array([0, 45]), 90, acts, rng, 5000)
    assert law.exact
    exposure = shifted_exposure(law, acts, table, 13)
    statistics = association.associate(exposure, outcome.change, control).correlation
    every = np.array(
        [
            arrangements.two_sided(np.concatenate([statistics[k : k + 1], statistics]))
            for k in range(len(statistics))
        ]
    )
    for level in (0.01, 0.05, 0.1, 0.2, 0.5):
        assert (every <= level).mean() <= level + 1e-12


@FEW
@given(st.lists(st.floats(-1, 1), min_size=2, max_size=60))
def test_p_lies_between_its_smallest_value_and_one(statistics):
    p = float(arrangements.two_sided(np.array(statistics)))
    assert 2 / len(statistics) - 1e-12 <= p <= 1 or p == 1


@FEW
@given(st.integers(0, 10_000), st.floats(0.5, 0.95))
def test_the_interval_holds_the_estimate(seed, level):
    rng = np.random.default_rng(seed)
    exposure = np.array([rng.permutation([1] * 5 + [0] * 9) for _ in range(300)], dtype=np.int8)
    start, change = rng.normal(50, 20, 14), rng.normal(0, 10, 14)
    control = association.basis(start[:, None])
    interval = association.inverted_interval(exposure, change, control, level)
    effect = association.associate(exposure, change, control).effect[0]
    if interval is not None:
        assert interval.low - 1e-9 <= effect <= interval.high + 1e-9


# --- ledger ------------------------------------------------------------------------------------------------------

ranges = st.tuples(st.floats(0.01, 0.98), st.floats(0.01, 0.98)).map(lambda pair: tuple(sorted(pair)))
rows = st.lists(
    st.tuples(ranges, ranges, ranges, st.sampled_from(["", "g", "h"]), st.booleans()), min_size=1, max_size=6
)


def ledger_record(drawn_rows, eligible=True):
    lines, cells = [], []
    for k, (claim, first, second, group, interested) in enumerate(drawn_rows):
        name = f"L{k}"
        lines.append(
            LedgerRow(name, "p", "seen", (), group, interested, eligible, ("paper",), "high", "read", "")
        )
        for account, (low, high) in (("C", claim), ("r", first), ("s", second)):
            cells.append(Judgement(f"{name}{account}", name, account, "j1", low, high, "because"))
    return make_record(ledger=tuple(lines), judgements=tuple(cells))


def weigh(record, rivals=("r", "s"), claim="C"):
    test = LedgerTest(test="ledger", rivals=rivals)
    return ledger.weigh(record, test, "p", claim, "belief")


@FEW
@given(rows)
def test_ranges_stay_in_order_and_rows_within_their_bound(drawn_rows):
    result = weigh(ledger_record(drawn_rows))
    assert result.low <= result.middle + 1e-9
    assert result.middle <= result.high + 1e-9
    assert result.mixture_middle >= result.middle - 1e-9  # no mixture is a better rival than the best
    for line in result.lines:
        bound = 3 if line.interested else 10
        for _, low, middle, high in line.decibans:
            assert -bound <= low <= middle + 1e-9 <= high + 2e-9 <= bound + 3e-9


@FEW
@given(rows)
def test_claim_and_a_single_rival_change_places_and_the_weight_its_sign(drawn_rows):
    record = ledger_record(drawn_rows)
    ours, theirs = weigh(record, ("r",)), weigh(record, ("C",), claim="r")
    assert ours.middle == pytest.approx(-theirs.middle, abs=1e-9)
    assert ours.low == pytest.approx(-theirs.high, abs=1e-9)
    assert ours.mixture_middle == pytest.approx(ours.middle, abs=1e-9)


@FEW
@given(rows)
def test_the_order_of_rivals_does_not_matter(drawn_rows):
    record = ledger_record(drawn_rows)
    ours, theirs = weigh(record, ("r", "s")), weigh(record, ("s", "r"))
    assert ours.middle == pytest.approx(theirs.middle)
    assert ours.mixture_high == pytest.approx(theirs.mixture_high)


@FEW
@given(rows)
def test_rows_that_are_not_eligible_weigh_nothing(drawn_rows):
    result = weigh(ledger_record(drawn_rows, eligible=False))
    assert result.middle is None
    assert result.eligible_rows == 0
    assert len(result.lines) == len(drawn_rows)


@FEW
@given(rows, ranges)
def test_what_all_accounts_expect_alike_moves_no_middle(drawn_rows, same):
    added = [*drawn_rows, (same, same, same, "", False)]
    assert weigh(ledger_record(added)).middle == pytest.approx(
        weigh(ledger_record(drawn_rows)).middle, abs=1e-9
    )


@FEW
@given(ranges, ranges)
def test_cells_and_bounds_turn_with_each_other(one, other):
    a, b = LedgerCell("a", *one, ()), LedgerCell("b", *other, ())
    assert ledger.row_decibans(a, b, 10) == pytest.approx(
        tuple(-value for value in reversed(ledger.row_decibans(b, a, 10)))
    )


# --- share, steps, seeds -----------------------------------------------------------------------------------------


@FEW
@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from([None, True, False])), min_size=1, max_size=12),
    st.floats(0, 1),
)
def test_a_share_and_its_complement(units, line):
    def made(turn):
        raw = [
            {
                "id": f"u{k}",
                "label": "u",
                "holds": holds != turn,
                "holds_otherwise": None if other is None else other != turn,
                "rows": ["E1"],
                "why": "so",
            }
            for k, (holds, other) in enumerate(units)
        ]
        at = 1 - line if turn else line
        return ShareTest.model_validate(
            {"test": "share", "question": "?", "unit": "episode", "units": raw, "line": at, "size": 0.2}
        )

    ours = share.measure(made(False), "+", 1, "x")
    theirs = share.measure(made(True), "-", 1, "x")
    assert ours.share == pytest.approx(1 - theirs.share)
    assert ours.interval.low == pytest.approx(1 - theirs.interval.high)
    assert ours.share_beyond_line == pytest.approx(theirs.share_beyond_line)
    assert ours.interval.low <= ours.share <= ours.interval.high
    assert ours.interval.low <= ours.interval_leans.low <= ours.interval_leans.high <= ours.interval.high
    assert ours.share_beyond_line + ours.share_not_beyond <= 1 + 1e-9


@FEW
@given(st.floats(-50, 150), st.lists(st.integers(0, 100), min_size=1, max_size=6, unique=True))
def test_the_nearest_step_is_the_nearest(value, steps):
    grid = np.sort(np.array(steps, dtype=float))
    assert abs(nearest(np.array([value]), grid)[0] - value) == pytest.approx(np.abs(grid - value).min())


def test_seeds_are_split_by_name():
    assert generator(1, "a").random() == generator(1, "a").random()
    draws = {generator(1, *names).random() for names in (("a",), ("b",), ("a", "b"), ("ab",))}
    assert len(draws | {generator(2, "a").random()}) == 5
    assert len(rules_hash()) == 64
