"""A ledger worked by hand, a share from the binomial table, and an order test small enough to count."""

from __future__ import annotations

import numpy as np
import pytest

from standoff.claims import arrangements, association, ledger, share
from standoff.claims.differences import response_table, stance_differences
from standoff.record.claims_schema import LedgerTest, QuotationTest, ShareTest
from standoff.record.rows import Judgement, LedgerRow
from tests.claims.exposure import shifted_exposure
from tests.claims.invented import make_record


def row(name, group="", interested=False, eligible=True):
    return LedgerRow(name, "p", "seen", (), group, interested, eligible, ("paper",), "high", "read", "")


def cells(name, **accounts):
    return [
        Judgement(f"{name}-{account}-{k}", name, account, f"j{k}", low, high, "because")
        for account, ranges in accounts.items()
        for k, (low, high) in enumerate(ranges)
    ]


RECORD = make_record(
    ledger=(row("L1"), row("L2", "g"), row("L3", "g"), row("L4", interested=True), row("L5", eligible=False)),
    judgements=tuple(
        # 0.4 against 0.1 and 0.4: +6.02 and 0 dB, no range
        cells("L1", C=[(0.4, 0.4)], r=[(0.1, 0.1)], s=[(0.4, 0.4)])
        # the hull of two judges: 0.2 to 0.8 against 0.1 to 0.4; low -3.01, high 9.03, middle 3.01
        + cells("L2", C=[(0.2, 0.4), (0.5, 0.8)], r=[(0.1, 0.2), (0.2, 0.4)], s=[(0.2, 0.2)])
        # -6.02 against r, so the strongest of its group there; 0 against s
        + cells("L3", C=[(0.1, 0.1)], r=[(0.4, 0.4)], s=[(0.1, 0.1)])
        # 19.5 dB, cut to 3
        + cells("L4", C=[(0.9, 0.9)], r=[(0.01, 0.01)], s=[(0.9, 0.9)])
        + cells("L5", C=[(0.9, 0.9)], r=[(0.01, 0.01)], s=[(0.01, 0.01)])
    ),
)


def test_ledger_by_hand():
    result = ledger.weigh(RECORD, LedgerTest(test="ledger", rivals=("r", "s")), "p", "C", "effect-several")
    assert result.eligible_rows == 4
    # against r: 6.0206 + (-6.0206 + .25 * 3.0103) + 3; against s: 0 + (3.0103 + .25 * 0) + 0
    against_r, against_s = 3 + 0.25 * 3.0103, 3.0103
    assert result.best_rival == "s"
    assert result.middle == pytest.approx(against_s, abs=1e-3)
    # low: each against its own rival, then the least: r 6.0206 - 6.0206 + .25 * -3.0103 + 3; s 0
    assert result.low == pytest.approx(0.0, abs=1e-3)
    mixture = -10 * np.log10((10 ** (-against_r / 10) + 10 ** (-against_s / 10)) / 2)
    assert result.mixture_middle == pytest.approx(mixture, abs=1e-3)
    # without the group's weights halves or nothing for the rest, the best rival's sum stays
    assert [rest for rest, _, _ in result.other_groupings] == [0.0, 0.5]
    by_id = {line.id: line for line in result.lines}
    assert by_id["L4"].decibans[0][1:] == (3.0, 3.0, 3.0)
    assert by_id["L5"].decibans[0][1:] == (0.0, 0.0, 0.0)
    assert by_id["L5"].without is None
    assert by_id["L2"].judges_differ  # claim's ranges 0.2-0.4 and 0.5-0.8 do not touch
    assert not by_id["L1"].judges_differ
    # without L2 nothing is left against s
    assert by_id["L2"].without == pytest.approx(0.0, abs=1e-3)
    # without L1: against r -6.0206 + .7526 + 3, now the least; it carries more than any other row
    assert by_id["L1"].without == pytest.approx(-2.268, abs=1e-3)
    assert result.top_rows[0] == "L1"
    # the middle is 3.0103; the line of this kind is 3 dB: a discount of 0.4% undoes it
    assert result.discount_at_change == pytest.approx(0.004)
    assert all(gate.passed for gate in result.gates)


def test_a_row_without_a_cell_fails_the_gate_and_weighs_nothing():
    record = make_record(ledger=(row("L1"),), judgements=tuple(cells("L1", C=[(0.4, 0.4)], r=[(0.1, 0.1)])))
    result = ledger.weigh(record, LedgerTest(test="ledger", rivals=("r", "s")), "p", "C", "belief")
    assert result.eligible_rows == 0
    assert not result.gates[0].passed
    assert "L1 under s" in result.gates[0].detail


def test_discount_of_a_belief():
    """Two rows of 8 dB: 16 dB in all, and the line is 10: the word goes at a discount of 6 / 16."""
    record = make_record(
        ledger=(row("L1"), row("L2")),
        judgements=tuple(
            cells("L1", C=[(0.6310, 0.6310)], r=[(0.1, 0.1)])
            + cells("L2", C=[(0.6310, 0.6310)], r=[(0.1, 0.1)])
        ),
    )
    result = ledger.weigh(record, LedgerTest(test="ledger", rivals=("r",)), "p", "C", "belief")
    assert result.middle == pytest.approx(16, abs=1e-3)
    assert result.discount_at_change == pytest.approx(0.376)


def share_test(holds, doubtful=0, line=0.5, size=0.3):
    units = [
        {
            "id": f"u{k}",
            "label": f"unit {k}",
            "holds": bool(value),
            "holds_otherwise": (not value) if k < doubtful else None,
            "rows": ["E1"],
            "why": "so",
        }
        for k, value in enumerate(holds)
    ]
    return ShareTest.model_validate(
        {"test": "share", "question": "?", "unit": "episode", "units": units, "line": line, "size": size}
    )


def test_share_by_the_binomial_table():
    result = share.measure(share_test([1] * 9 + [0]), "+", 1, "x")
    # Clopper and Pearson for 9 of 10
    assert result.interval.low == pytest.approx(0.5550, abs=1e-4)
    assert result.interval.high == pytest.approx(0.9975, abs=1e-4)
    assert result.share_beyond_line == 1.0
    assert result.resampled is not None
    # all of ten: the bootstrap has nothing to resample, the exact interval still has a low end
    result = share.measure(share_test([1] * 10), "+", 1, "x")
    assert result.resampled is None
    assert result.interval.low == pytest.approx(0.6915, abs=1e-4)


def test_doubtful_units_are_read_both_ways():
    # 3 doubtful units of 6, 2 certain that hold: 2, 3, 4 or 5 of 6 hold with weights 1, 3, 3, 1 of 8
    result = share.measure(share_test([1, 1, 1, 1, 1, 0], doubtful=3), "+", 1, "x")
    assert result.share_beyond_line == pytest.approx(4 / 8)
    assert result.share_not_beyond == pytest.approx(1 / 8)


def test_share_power_is_the_binomial_tail():
    # 20 units on a line of one half: at 80% leans needs so many that the 60% interval clears the line
    tell = share.share_could_have_told(share_test([1] * 20, size=0.3), "+")
    assert tell.false_for <= 0.20
    assert tell.false_for_strong <= 0.025
    assert tell.power_for == pytest.approx(tell.power_against)
    from scipy.stats import binom, binomtest

    need = min(k for k in range(21) if binomtest(k, 20).proportion_ci(0.6, method="exact").low > 0.5)
    assert tell.power_for == pytest.approx(binom.sf(need - 1, 20, 0.8))


@pytest.mark.parametrize(
    ("shown", "word"),
    [
        ({"found": False}, "unverified"),
        ({"found": True}, "unverified"),
        ({"found": True, "exact": True, "speaker": True, "independent": True, "whole": True}, "verified"),
        ({"found": True, "exact": True, "speaker": True, "independent": True, "whole": False}, "cut"),
        ({"found": True, "exact": True, "speaker": True, "independent": False, "whole": True}, "unverified"),
        ({"found": True, "exact": False, "speaker": True, "independent": True, "whole": True}, "unverified"),
    ],
)
def test_quotations_by_hand(shown, word):
    from standoff.claims.quotation import check_quotation

    test = QuotationTest.model_validate({"test": "quotation", "quote": "q", "note": "n", **shown})
    assert check_quotation(test).word == word


def test_order_in_time_small_enough_to_count():
    """Seven points a week apart in one phase of 49 days; two acts; every shift by hand.

    The stance rises by ten after each act and falls by five otherwise, so the observed calendar is the best of all.
    """
    days = np.arange(7) * 7
    changes = np.array([10.0, -5, -5, 10, -5, -5])
    values = 50 + np.concatenate([[0], changes.cumsum()])
    outcome = stance_differences(days, values, 49)
    acts = np.array([2, 23])  # differences 0 and 3
    table = response_table(outcome, 1, 49)
    law = arrangements.shifts(np.array([0]), 49, acts, np.random.default_rng(0), 999)
    assert law.exact
    assert law.distinct == 49
    exposure = shifted_exposure(law, acts, table, 6)
    assert exposure[0].tolist() == [1, 0, 0, 1, 0, 0]
    # a shift by 1 keeps both acts in their weeks; by 3 moves each into the next week; days 42-48 expose nothing
    assert exposure[1].tolist() == [1, 0, 0, 1, 0, 0]
    assert exposure[5].tolist() == [0, 1, 0, 0, 1, 0]
    control = association.basis(np.empty((6, 0)))
    statistics = association.associate(exposure, outcome.change, control)
    assert statistics.effect[0] == pytest.approx(15.0)
    same = int((exposure == exposure[0]).all(axis=1).sum())
    # act one is in week 0 or 3 and act two in the other: shifts -2..4 and 19..25 of 49 less those past day 41
    assert float(arrangements.two_sided(statistics.correlation)) == pytest.approx(2 * same / 49)
    assert arrangements.smallest_p(exposure) == pytest.approx(2 * same / 49)
