"""`standoff game`: four commands, plain and as JSON, charts, and mistakes told whole."""

import json
import re

import pytest
from click.testing import CliRunner

from standoff.cli.group import standoff

SMALL = """\
region: waiting
grid: {belief_points: 9, endurance_levels: 3, pressure_levels: 2, groups: 2}
start: {belief: 0.5, endurance: 2, pressure: 1, groups: 2}
"""
THREE_ISSUES = """\
grid: {belief_points: 9, endurance_levels: 2, pressure_levels: 2, groups: 2}
issues:
  aid:
    as now: {value: 0.5, price: 0.2}
    under the holder's control: {value: 2.0, price: 1.5}
  prisoners:
    few: {value: 0.5, price: 0.5}
    many: {value: 2.0, price: 2.0}
  permanence:
    pause: {value: 0.3, price: 0.1}
    permanent end: {value: 2.5, price: 2.0, guarantee: 0.5}
offers:
  lean: {aid: as now, prisoners: few, permanence: pause}
  middle: {aid: under the holder's control, prisoners: many, permanence: pause}
  first stage: {aid: as now, prisoners: many, permanence: pause, releases: 1}
  all: {aid: under the holder's control, prisoners: many, permanence: permanent end}
payoffs:
  criticism_offer: {restrained: 0.5, unrestrained: 0.2}
"""
BAD = """\
region: waitng
grid:
  belief_points: 0
  endurence_levels: 4
signals:
  support: {unrestrained: 0.5, restrained: 0.2}
  none: {unrestrained: 0.5, restrained: 0.4}
payoffs:
  discount_holder: 1
  forced_end: {restrained: -0.1, unrestrained: 0}
  give: lots
offers: {}
"""


def run(*args):
    return CliRunner().invoke(standoff, ["game", *map(str, args)])


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "game.yaml"
    path.write_text(SMALL)
    return path


def test_solve_as_json_carries_the_evidence(spec):
    told = run("solve", spec, "--json")
    assert told.exit_code == 0
    answer = json.loads(told.output)
    assert answer["residual"] <= answer["tolerance"] == 1e-7
    assert answer["starts"][0]["converged"] is True
    chances = [
        r["chance"] for r in answer["conduct"] if r["who"] == "restrained coercer" and r["belief"] == 0.5
    ]
    assert sum(chances) == pytest.approx(1)


def test_three_issues_with_levels_make_the_menu(tmp_path):
    path = tmp_path / "issues.yaml"
    path.write_text(THREE_ISSUES)
    told = run("solve", path)
    assert told.exit_code == 0, told.output
    assert "first stage" in told.output
    assert "\x1b" not in told.output
    from standoff.standoff_game.spec_file import read_game

    read = read_game(path)
    assert read.parameters.offer_value.tolist() == pytest.approx([1.3, 4.3, 2.8, 6.5])
    assert read.parameters.offer_price.tolist() == pytest.approx([0.8, 3.6, 2.3, 5.5])
    assert read.parameters.offer_guarantee.tolist() == [0, 0, 0, 0.5]
    assert read.specification.stages == (0, 0, 1, 0)


def test_simulate_repeats_itself_and_compares_on_the_same_numbers(spec, tmp_path):
    args = (
        "simulate",
        spec,
        "--paths",
        2000,
        "--weeks",
        20,
        "--seed",
        3,
        "--impose",
        "criticism:3-6",
        "--json",
    )
    one, two = run(*args), run(*args)
    assert one.exit_code == 0, one.output
    assert one.output == two.output
    answer = json.loads(one.output)
    parts = answer["effects"]["criticism:3-6"]["deal within 8 weeks"]
    assert parts["belief"]["mean"] + parts["conduct"]["mean"] == pytest.approx(
        parts["total"]["mean"], abs=1e-12
    )
    assert sum(answer["outcomes"]["endings"].values()) == pytest.approx(1)
    outcomes = answer["outcomes"]
    assert sum(outcomes["terms"].values()) == pytest.approx(outcomes["endings"]["deal"])
    assert set(outcomes["terms"]) == {"lean", "generous"}
    assert 0 < outcomes["means"]["belief at the end"] < 1
    other = json.loads(run(*args[:6], "--seed", 4, "--json").output)
    assert other["outcomes"] != answer["outcomes"]


def test_conduct_is_imposed_from_a_state_and_week(spec):
    spec.write_text(SMALL.replace("pressure: 1, groups: 2}", "pressure: 0, groups: 1, week: 30}"))
    told = run(
        "simulate",
        spec,
        "--paths",
        500,
        "--weeks",
        12,
        "--impose",
        "major offensive:31-41",
        "--impose",
        "generous:33",
        "--json",
    )
    assert told.exit_code == 0, told.output
    answer = json.loads(told.output)
    assert answer["by_week"][0]["week"] == 30
    assert answer["effects"]["major offensive:31-41"]["harm"]["total"]["mean"] > 0
    assert set(answer["effects"]["generous:33"]["harm"]) == {"total"}
    for wrong in ("major offensive:29-31", "generous:42", "applause:33"):
        assert run("simulate", spec, "--weeks", 12, "--impose", wrong).exit_code == 2


def test_names_from_a_file_cannot_steer_a_terminal(tmp_path):
    path = tmp_path / "hostile.yaml"
    path.write_text(SMALL + 'offers: {"bad\\e[31m": {value: 1, price: 1}, b: {value: 5, price: 4}}\n')
    for command in ("solve", "simulate", "explain"):
        told = CliRunner().invoke(standoff, ["game", command, str(path)], color=True)
        assert told.exit_code == 0, told.output
        assert "\x1b" not in told.output
        assert command == "explain" or "bad[U+001B][31m" in told.output


def test_every_command_writes_its_charts(spec, tmp_path):
    charts = {
        "solve": {"conduct", "conduct-by-state", "zone"},
        "simulate": {"belief-path", "hazard"},
        "map": {"sign-map", "zone"},
        "explain": {"zone"},
    }
    for command, names in charts.items():
        folder = tmp_path / command
        told = run(command, spec, "--charts", folder)
        assert told.exit_code == 0, told.output
        assert {p.name for p in folder.iterdir()} == {
            f"{n}{end}" for n in names for end in (".svg", ".vl.json")
        }
        for drawing in folder.glob("*.svg"):
            text = drawing.read_text()
            assert text.startswith("<svg")
            assert "belief" in text or "week" in text


def test_explain_accounts_for_both_payoffs(spec):
    answer = json.loads(run("explain", spec, "--signal", "criticism", "--json").output)
    for side, total in (("accept", "accepting"), ("wait", "waiting")):
        assert sum(t["value"] for t in answer["terms"] if t["side"] == side) == pytest.approx(answer[total])
    assert re.match("(Waiting|Accepting) beats", answer["words"])


def test_map_shows_a_sign_for_every_state(spec):
    answer = json.loads(run("map", spec, "--json").output)
    assert answer["signal"] == "criticism"
    assert len(answer["map"]) == 9 * 3 * 2
    assert any(r["change"] < 0 for r in answer["map"])


PLACES = {
    "region": (1, 1), "grid.belief_points": (3, 3), "grid.endurence_levels": (4, 3), "signal_law": (5, 1),
    "discount_holder": (9, 3), "forced_end": (10, 3), "payoffs.give": (11, 3), "offers": (12, 1),
}  # fmt: skip


def test_all_mistakes_are_told_at_once_with_their_places(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(BAD)
    told = run("solve", path)
    assert told.exit_code == 2
    assert "Traceback" not in told.output
    for parameter, (line, column) in PLACES.items():
        assert f"{path}:{line}:{column}: {parameter}:" in told.output
    shape = json.loads(run("solve", path, "--json").output)["error"]
    assert {m["parameter"]: (m["line"], m["column"]) for m in shape["mistakes"]} == PLACES
    assert all(m["what"] and m["why"] for m in shape["mistakes"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("region: [", "is not YAML"),
        ("- 1\n- 2\n", "is not a mapping"),
        ("options: {wear: {share: [1]}}", "lacks"),
        ("issues: {aid: {}}\noffers: {lean: {aid: x}}", "has no levels"),
        ("start: {belief: 1.5}", "not in 0..1"),
        ("payoffs: {give: yes}", "not a number"),
        ("grid: {belief_points: 5}", "interpolation error"),
        ("grid: {belief_span: [1, 2]}", "is not one number"),
        ("grid: {belief_span: .inf}", "belief_span: is not in 0..30"),
        ("grid: {endurance_levels: 10000, pressure_levels: 10000}", "cells"),
        ("offers: {lean: {value: 1, price: 1, releases: .nan}}", "is not a whole number"),
        ("offers: {lean: {value: 1, price: 1, releases: 1.5}}", "is not a whole number"),
        ("issues: {aid: {low: {value: [1, 2]}}}\noffers: {lean: {aid: low}}", "is not one number"),
        ("silence: [none]", "is not among the signals"),
        (
            "options: {private: {law: [1.5, -0.5], level: [0, 1], penalty: [0, 0], offer: [0, 0]}}",
            "private.law",
        ),
    ],
)
def test_other_mistakes_are_told_calmly(tmp_path, text, words):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    told = run("explain", path)
    assert told.exit_code == 2, told.output
    assert words in told.output
    assert isinstance(told.exception, SystemExit)


def test_a_type_that_is_not_named_keeps_its_number(tmp_path):
    from standoff.standoff_game.spec_file import read_game

    path = tmp_path / "one.yaml"
    path.write_text("payoffs: {resume: {restrained: 0.1}, forced_end: {unrestrained: 0.002}}")
    p = read_game(path).parameters
    assert list(p.resume) == [0.1, 0.3]
    assert list(p.forced_end) == [0.008, 0.002]


def test_a_missing_file_an_unknown_signal_and_a_bad_period(tmp_path, spec):
    for args, words in [
        (("solve", tmp_path / "none.yaml"), "does not exist"),
        (("map", spec, "--signal", "applause"), "is not a signal"),
        (("simulate", spec, "--paths", 10, "--impose", "criticism:9"), "outcomes"),
        (("simulate", spec, "--paths", 10, "--impose", "criticism:80-90"), "NAME:FROM-TO"),
    ]:
        told = run(*args, "--json")
        assert words in told.output
        assert told.exit_code == (0 if words == "outcomes" else 2)


def test_no_convergence_is_told_with_the_partial_result(spec, monkeypatch):
    import standoff.standoff_game.solution as solution

    monkeypatch.setattr(solution.Search.__new__, "__defaults__", (1e-7, 2, 10, 1.0, None))
    told = run("solve", spec, "--json")
    assert told.exit_code == 2
    shape = json.loads(told.output)["error"]
    assert "did not converge" in shape["what"]
    assert shape["partial"]["residual"] > 1e-7
