"""Prose: the number always beside the word, and no false precision."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.claims.results import Interval
from standoff.report import words
from tests.report import synthetic


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.04, 1, "0"),
        (-0.04, 1, "0"),
        (-3.25, 1, "−3.2"),
        (50357.0, 0, "50,357"),
        (1234.5, 1, "1,234.5"),
        (4.0, 1, "4"),
        (0.25, 2, "0.25"),
        (None, 1, "–"),
        (float("nan"), 1, "–"),
    ],
)
def test_number(value: float | None, digits: int, text: str) -> None:
    assert words.number(value, digits) == text


@pytest.mark.parametrize(("value", "text"), [(3.0, "+3"), (-3.0, "−3"), (0.0, "0"), (0.01, "0"), (None, "–")])
def test_signed(value: float | None, text: str) -> None:
    assert words.signed(value) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0004, "<.001"), (0.05, ".050"), (0.1321, ".132"), (1.0, "1"), (0.9999, "1"), (None, "–")],
)
def test_probability(p: float | None, text: str) -> None:
    assert words.probability(p) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (0.001, "<1%"), (0.5, "50%"), (0.999, ">99%"), (1.0, "100%"), (None, "–")],
)
def test_percent_never_rounds_to_all_or_none(share: float | None, text: str) -> None:
    assert words.percent(share) == text


@given(st.floats(0, 1))
def test_likelihood_has_its_number_beside_it(p: float) -> None:
    assert words.likelihood(p).endswith(f"({words.percent(p)})")


@pytest.mark.parametrize(
    ("p", "word"),
    [
        (0.01, "almost no chance"),
        (0.05, "very unlikely"),
        (0.3, "unlikely"),
        (0.5, "roughly even"),
        (0.55, "likely"),
        (0.8, "very likely"),
        (0.95, "almost certain"),
    ],
)
def test_likelihood_words_start_at_their_edges(p: float, word: str) -> None:
    assert words.likelihood(p).startswith(word)


@pytest.mark.parametrize(
    ("weight", "text"),
    [
        (10.0, "raises the odds 10-fold"),
        (-20.0, "lowers the odds 100-fold"),
        (3.0, "raises the odds 2-fold"),
        (0.2, "the odds stay about as they were"),
        (None, "no eligible observation"),
    ],
)
def test_decibans_as_odds(weight: float | None, text: str) -> None:
    assert words.odds(weight) == text


def test_every_verdict_carries_the_caveat() -> None:
    for word in synthetic.WORDS:
        assert words.CAVEAT in words.verdict_sentence(word)


def test_day() -> None:
    assert words.day(date(2024, 2, 8)) == "8 Feb 2024"
    assert words.day("2024-12-31") == "31 Dec 2024"
    assert words.day("some day") == "some day"


def test_between_names_both_ends() -> None:
    assert words.between(Interval(-14.0, 1.5, 0.9)) == "−14 to +1.5"
    assert words.between(None) == "–"


def test_a_told_sentence_has_true_minus_signs_and_leaves_dates_and_ids_alone() -> None:
    told = words.told("changes by -10.5, -1.4 dB (-16.0 to +13.6); see A1-2, 2024-02-08 and coder-1")
    assert told == "changes by −10.5, −1.4 dB (−16.0 to +13.6); see A1-2, 2024-02-08 and coder-1"


def test_lead_takes_whole_sentences_and_loses_none() -> None:
    text = "One thing happened. Then another did. " + "A third took its time. " * 30
    first, rest = words.lead(text, 50)
    assert first == "One thing happened. Then another did."
    assert f"{first} {rest}".split() == text.split()


@given(st.text(max_size=300))
def test_lead_keeps_every_word(text: str) -> None:
    first, rest = words.lead(text)
    assert f"{first} {rest}".split() == text.split()


def test_quotes_are_not_doubled() -> None:
    assert words.quoted("we said") == "“we said”"
    assert words.quoted('"we" said he') == '"we" said he'
