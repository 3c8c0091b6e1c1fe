"""Golden numbers of logit equilibria of small games: G9a."""

import numpy as np
import pytest

from standoff.games.catalogue import load
from standoff.games.textbook.logit_fit import likelihood_interval, maxima
from standoff.games.textbook.logit_path import at_precision, follow
from standoff.games.textbook.logit_qre import Qre, stripped_down_poker
from standoff.games.textbook.logit_tree import strategic, worth


def near(value):
    return pytest.approx(value, rel=1e-6, abs=6e-7)


@pytest.mark.parametrize(
    ("example", "precision", "row", "column"),
    [
        ("given", 1, 0.586784, 0.451807),
        ("given", 2, 0.617522, 0.371982),
        ("given", 3, 0.616897, 0.314016),
        ("constant-sum", 1, 0.642979, 0.588319),
        ("constant-sum", 2, 0.772677, 0.611743),
        ("constant-sum", 3, 0.859537, 0.603816),
    ],
)
def test_bimatrix(example, precision, row, column):
    found = load("logit-qre").solve(example=example, precision=precision)
    assert found.passed
    assert (found["row 1"], found["column 1"]) == (near(row), near(column))


def test_selten_1975():
    found = load("logit-qre").solve(example="selten-1975", precision=0.139346)
    chances = [found[name] for name in ("row 1", "row 2", "row 3", "column 1")]
    assert chances == pytest.approx([0.348902, 0.303519, 0.347578, 0.513640], abs=1e-6)


def test_fit_of_ochs():
    n = 128
    counts = {"row_counts": [[0.527 * n, 0.473 * n]], "column_counts": [[0.366 * n, 0.634 * n]]}
    found = load("logit-qre").solve(**counts)
    assert found["fitted lambda"] == near(1.845610)
    assert (found["fitted row 1"], found["fitted column 1"]) == (near(0.615651), near(0.383291))
    assert found["log-likelihood"] == pytest.approx(-174.764532, abs=1e-6)
    assert found["inside"] is True


@pytest.mark.parametrize(
    ("precision", "expected"),
    [
        (1, (0.931785, 0.539087, 0.614444)),
        (2, (0.995178, 0.502729, 0.664847)),
        (5, (0.999999, 0.409020, 0.691201)),
    ],
)
def test_stripped_down_poker(precision, expected):
    """The notes list (.314444, .762959) at lambda = 5; the next test shows that this is no equilibrium."""
    found = at_precision(stripped_down_poker(), precision)
    assert found.chances[[0, 2, 4]] == pytest.approx(expected, abs=1e-6)


def test_the_listed_poker_row_at_lambda_five_is_no_equilibrium():
    king, queen, call = 0.999999, 0.314444, 0.762959
    value, _ = worth(
        stripped_down_poker(), np.log(np.array([king, 1 - king, queen, 1 - queen, call, 1 - call]))
    )
    assert (
        value[4] < value[5]
    )  # calling is worth less than giving up there, and yet it would be chosen more often
    tree = stripped_down_poker()
    found = at_precision(tree, 5.0)
    value, _ = worth(tree, np.log(found.chances))
    odds = np.log(found.chances[::2] / found.chances[1::2])
    assert odds == pytest.approx(5 * (value[::2] - value[1::2]), abs=1e-9)


def test_poker_tends_to_nash():
    found = at_precision(stripped_down_poker(), 1e5)
    assert found.chances[[0, 2, 4]] == pytest.approx([1, 1 / 3, 2 / 3], abs=1e-4)


def test_a_fit_reports_every_maximum_and_ends_of_the_search():
    tree = Qre().tree
    beyond = maxima(tree, np.array([0.0, 10.0, 10.0, 0.0]), 5.0)
    assert [one.inside for one in beyond] == [False]
    assert beyond[0].equilibrium.precision == 0
    fitted = at_precision(tree, 2.5).chances * 1000
    inside = maxima(tree, fitted, 10.0)
    assert inside[0].equilibrium.precision == pytest.approx(2.5, rel=1e-6)
    curve = [
        (end.precision, fitted @ np.log(at_precision(tree, end.precision).chances))
        for _, end, _ in follow(tree, 10.0)
    ]
    assert max(value for _, value in curve) <= inside[0].log_likelihood + 1e-9


def test_the_error_of_lambda_is_that_of_the_curvature():
    tree = Qre().tree
    counts = np.array([0.527, 0.473, 0.366, 0.634]) * 128
    peak = maxima(tree, counts)[0]
    h, at = 1e-3, peak.equilibrium.precision
    low, mid, high = (counts @ np.log(at_precision(tree, at + step).chances) for step in (-h, 0.0, h))
    assert peak.error == pytest.approx(1 / np.sqrt(-(high - 2 * mid + low) / h**2), rel=1e-3)


def test_several_equilibria_are_all_listed():
    battle = {"row": [[3, 0], [0, 1]], "column": [[1, 0], [0, 3]], "precision": 4}
    found = load("logit-qre").solve(**battle)
    assert len(found.equilibria) == 3
    assert found.equilibria[0].name == "from equal chances"


def test_three_players():
    payoffs = np.random.default_rng(3).normal(size=(3, 2, 3, 2))
    tree = strategic(list(payoffs))
    found = at_precision(tree, 2.0)
    p, q, r = np.split(found.chances, [2, 5])
    worths = np.concatenate(
        [
            np.einsum("abc,b,c->a", payoffs[0], q, r),
            np.einsum("abc,a,c->b", payoffs[1], p, r),
            np.einsum("abc,a,b->c", payoffs[2], p, q),
        ]
    )
    assert found.worth == pytest.approx(worths, abs=1e-12)
    for chances, value in zip((p, q, r), np.split(worths, [2, 5]), strict=True):
        weights = np.exp(2.0 * value)
        assert chances == pytest.approx(weights / weights.sum(), abs=1e-10)


def test_the_likelihood_interval_ends_where_the_likelihood_has_fallen_by_its_quantile():
    tree, counts = Qre().tree, np.array([0.527, 0.473, 0.366, 0.634]) * 128
    peak = maxima(tree, counts)[0]
    low, high = likelihood_interval(tree, counts, peak)
    assert low < peak.equilibrium.precision < high
    for end in (low, high):
        fallen = peak.log_likelihood - counts @ np.log(at_precision(tree, end).chances)
        assert 2 * fallen == pytest.approx(3.841459, abs=1e-6)  # chi-squared, one degree, 95%
    even = np.full(4, 32.0)
    assert likelihood_interval(tree, even, maxima(tree, even)[0])[0] == 0
    sharp = np.array([1.0, 1.0, 0.0, 2.0])
    assert np.isinf(likelihood_interval(tree, sharp, maxima(tree, sharp)[0])[1])
