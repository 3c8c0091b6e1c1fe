"""`standoff games fit`: what it prints, and every kind of bad input told with its column, exit code 2."""

import csv
import io
import json

import numpy as np
import pytest
from click.testing import CliRunner

from standoff.cli.group import standoff
from tests.games.strategic import FORMULAS, simulated

SPEC = [part for name, text in FORMULAS.items() for part in ("--formula", f"{name}: {text}")]


def run(*args):
    return CliRunner().invoke(standoff, ["games", "fit", *map(str, args)])


@pytest.fixture(scope="module")
def columns():
    table, _ = simulated(200)
    return {name: list(cells) for name, cells in table.cells.items()}


def write(folder, held):
    path = folder / "data.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(held)
        writer.writerows(zip(*held.values(), strict=True))
    return path


def refused(path, *args, spec=SPEC, outcome="first + second"):
    done = run("egame12", "--data", path, *spec, "--outcome", outcome, *args, "--json")
    assert done.exit_code == 2, done.output
    error = json.loads(done.output)["error"]
    assert "Traceback" not in done.output
    return {one["code"]: one for one in error["mistakes"]} | {"": error}


def test_a_fit_gives_number_interval_gates_and_sentence(columns, tmp_path):
    path = write(tmp_path, columns)
    done = run("egame12", "--data", path, *SPEC, "--outcome", "first + second", "--cluster", "group", "--profile", "u24:w",
               "--predict", path, "--compare", "u24: x", "--table", "csv", "--json", "--starts", 1)  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["passed"] is True
    assert told["errors"] == "cluster"
    assert all(one["low"] < one["estimate"] < one["high"] for one in told["coefficients"])
    assert {gate["name"] for gate in told["gates"]} >= {"converged", "identified", "found again", "finite"}
    assert f"{told['log_likelihood']:.6f}" in told["sentence"]
    assert told["profiles"][0]["low"] < told["profiles"][0]["estimate"] < told["profiles"][0]["high"]
    held = np.array(told["prediction"]["values"])
    assert held.shape == (200, 3)
    assert np.allclose(held.sum(axis=1), 1)
    assert (np.array(told["prediction"]["low"]) <= held + 0.02).all()
    assert told["comparison"]["vuong_p"] is not None
    rows = list(csv.DictReader(io.StringIO(told["table"])))
    assert float(rows[1]["estimate"]) == told["coefficients"][1]["estimate"]


def test_tables_and_words_and_seeds(columns, tmp_path):
    path = write(tmp_path, columns)
    args = ("egame12", "--data", path, *SPEC, "--outcome", "first + second", "--starts", 0)
    words = run(*args, "--bootstrap", 20, "--seed", 3).output
    assert words == run(*args, "--bootstrap", 20, "--seed", 3).output
    assert words != run(*args, "--bootstrap", 20, "--seed", 4).output
    assert "log-likelihood" in words
    assert "met     converged" in words
    assert r"u24:w" in run(*args, "--table", "latex").output
    assert run(*args, "--table", "latex").output.startswith(r"\begin{tabular}")
    assert "| u24:w |" in run(*args, "--table", "markdown").output


def test_missing_values_are_told_or_dropped_when_asked(columns, tmp_path):
    gaps = {
        **columns,
        "z": ["" if i in (4, 9) else c for i, c in enumerate(columns["z"])],
        "w": ["NA", *columns["w"][1:]],
    }
    path = write(tmp_path, gaps)
    found = refused(path)
    mistakes = found[""]["mistakes"]
    assert {(one["code"], one["line"]) for one in mistakes} == {("missing-value", 6), ("missing-value", 2)}
    assert any("`z` is missing in 2 of 200 rows (lines 6, 11)" in one["what"] for one in mistakes)
    done = run(
        "egame12",
        "--data",
        path,
        *SPEC,
        "--outcome",
        "first + second",
        "--drop-missing",
        "--starts",
        0,
        "--json",
    )
    told = json.loads(done.output)
    assert told["rows"] == 197
    assert told["dropped"] == {"lines": [2, 6, 11], "by_column": {"z": 2, "w": 1}}


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"w": lambda c: ["high", *c[1:]]}, "not-a-number", "`w` holds 'high'"),
        ({"z": lambda c: ["1.5"] * len(c)}, "constant-column", "`z` is 1.5 in every row"),
        ({"first": lambda c: ["2", *c[1:]]}, "not-a-move", "`first` is 2"),
        ({"second": lambda c: ["0"] * len(c)}, "outcome-never-seen", "no row ends in `RR`"),
    ],
)
def test_bad_columns(columns, tmp_path, change, code, words):
    held = {name: change[name](cells) if name in change else cells for name, cells in columns.items()}
    found = refused(write(tmp_path, held))
    assert words in found[code]["what"]
    name = next(iter(change))
    assert found[code]["column"] == list(columns).index(name) + 1


def test_collinear_columns_are_named(columns, tmp_path):
    held = {**columns, "v": [str(3 * float(x) - 1) for x in columns["x"]]}
    spec = [*SPEC[:1], "u11: x + v", *SPEC[2:]]
    found = refused(write(tmp_path, held), spec=spec)["collinear-column"]
    assert "`v`" in found["what"] and "`x`" in found["what"]


def test_separation_is_refused_and_a_penalty_offered(columns, tmp_path):
    held = {
        **columns,
        "w": [
            str(2 * int(s) - 1 + 0.1 * float(x)) for s, x in zip(columns["second"], columns["x"], strict=True)
        ],
    }
    path = write(tmp_path, held)
    found = refused(path)["separation"]
    assert "`w`" in found["what"] and "--penalty" in found["do"]
    done = run(
        "egame12",
        "--data",
        path,
        *SPEC,
        "--outcome",
        "first + second",
        "--penalty",
        "log-f",
        "--starts",
        0,
        "--json",
    )
    assert done.exit_code == 0
    assert json.loads(done.output)["penalty"] == "log-f"


def test_counts_that_do_not_add_up(columns, tmp_path):
    ends = [int(a) + int(a) * int(b) for a, b in zip(columns["first"], columns["second"], strict=True)]
    counts = {f"n{j}": [str(int(e == j)) for e in ends] for j in range(3)}
    path = write(tmp_path, {**columns, **counts, "plays": ["1"] * 199 + ["2"]})
    found = refused(path, "--total", "plays", outcome="n0, n1, n2")["counts-do-not-add-up"]
    assert found["line"] == 201
    assert "`plays` is 2" in found["what"]
    half = {**columns, **counts, "n1": ["0.5", *counts["n1"][1:]]}
    assert "`n1` is 0.5" in refused(write(tmp_path, half), outcome="n0, n1, n2")["not-a-count"]["what"]


def test_formulas_are_checked_all_at_once(columns, tmp_path):
    path = write(tmp_path, columns)
    spec = [
        "--formula",
        "u11: x + nosuch",
        "--formula",
        "u14: open('x')",
        "--formula",
        "u99: x",
        "--formula",
        "u24: w +",
    ]
    told = [one["what"] for one in refused(path, spec=spec)[""]["mistakes"]]
    for words in (
        "no column `nosuch`",
        "no function `open`",
        "no equation `u99`",
        "cannot be read",
        "`u13` has no formula",
    ):
        assert any(words in one for one in told), (words, told)
    same = ["--formula", "u11: x", "--formula", "u13: x", "--formula", "u14: x", "--formula", "u24: w"]
    assert "every payoff of player 1" in refused(path, spec=same)["not-identified"]["what"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("nosuch",), "cannot be fitted"),
        (("egame12", "--estimator", "npl"), "no estimator `npl`"),
        (("egame12", "--max-offer", "3"), "takes no --max-offer"),
        (("egame12",), "no --outcome"),
        (("ultimatum", "--outcome", "x"), "no --max-offer"),
    ],
)
def test_options_that_do_not_fit_the_game(columns, tmp_path, args, words):
    done = run(args[0], "--data", write(tmp_path, columns), *SPEC, *args[1:])
    assert done.exit_code == 2
    assert words in done.output


def test_files_that_are_no_table(tmp_path):
    assert run("egame12", "--data", tmp_path / "none.csv", *SPEC).exit_code == 2
    for text, code in (
        ("x,x\n1,2\n", "bad-head"),
        ("x,y\n1\n", "ragged"),
        ("x,y\n", "no-rows"),
        ('x\n"1\n', "not-csv"),
    ):
        path = tmp_path / "bad.csv"
        path.write_text(text, encoding="utf-8")
        assert code in refused(path)
    path.write_bytes(b"x,y\n\xff,1\n")
    assert "not-utf-8" in refused(path)


def test_cells_cannot_become_formulas_or_markup():
    from standoff.games.estimation.tables import _latex_cell, _markdown_cell, safe

    assert safe("=1+1") == "'=1+1"
    assert safe("-0.5") == "-0.5"
    assert _latex_cell(r"a_b & 50% \input{x}") == r"a\_b \& 50\% \textbackslash{}input\{x\}"
    assert "|" not in _markdown_cell("a|b").replace("\\|", "")
