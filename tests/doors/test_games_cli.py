"""`standoff games`: list, show and solve, plain and as JSON, and mistakes told whole."""

import json

import pytest
from click.testing import CliRunner

from standoff.cli.group import standoff
from standoff.games.catalogue import ENTRIES


def run(*args):
    return CliRunner().invoke(standoff, ["games", *map(str, args)])


def test_list_names_every_game():
    told = run("list")
    assert told.exit_code == 0
    for one in ENTRIES:
        assert one.name in told.output
    listed = json.loads(run("list", "--json").output)["games"]
    assert [one["name"] for one in listed] == [one.name for one in ENTRIES]
    assert {one["kind"] for one in listed} <= {"textbook", "estimable"}


@pytest.mark.parametrize("name", [one.name for one in ENTRIES])
def test_show_tells_parameters_and_sources(name):
    plain, answer = run("show", name), json.loads(run("show", name, "--json").output)
    assert plain.exit_code == 0
    assert answer["name"] == name
    for one in answer["parameters"]:
        assert one["name"] in plain.output
        assert one["allowed"] in plain.output
    for one in answer["sources"]:
        assert one["citation"] in plain.output
    assert "\x1b" not in plain.output


def test_solve_tells_quantities_checks_and_equilibria():
    told = run("solve", "selten-kidnapping", "--set", "demand=60")
    assert told.exit_code == 0
    assert "32.5" in told.output
    assert "passed  family's regret" in told.output
    answer = json.loads(run("solve", "selten-kidnapping", "--set", "D=60", "--json").output)
    assert answer["passed"] is True
    assert {one["name"]: one["value"] for one in answer["quantities"]}["offer"] == pytest.approx(32.5)
    assert answer["numbers"]["demand"] == 60
    assert "simulated" not in answer


def test_simulated_plays_repeat_and_follow_the_seed():
    args = ("solve", "abreu-gul", "--plays", 5000, "--json")
    one, other = json.loads(run(*args).output), json.loads(run(*args, "--seed", 2).output)
    assert one == json.loads(run(*args).output)
    assert one["simulated"]["means"] != other["simulated"]["means"]
    assert {key: one[key] for key in one if key != "simulated"} == {
        key: other[key] for key in other if key != "simulated"
    }
    assert "standard error" in run(*args[:-1]).output


def test_matrices_are_given_as_json():
    told = run("solve", "logit-qre", "--set", "row=[[1,1],[0,1]]", "--set", "column=[[1,1],[2,1]]", "--json")
    values = {one["name"]: one["value"] for one in json.loads(told.output)["quantities"]}
    assert values["row 1"] == pytest.approx(0.642979, abs=1e-6)


def test_a_failed_check_is_shown_as_failed(monkeypatch):
    from standoff.games.textbook import rubinstein

    monkeypatch.setattr(rubinstein, "_gaps", lambda game, shares: (0.5, 0.0))
    told = run("solve", "rubinstein")
    assert "FAILED its checks, do not use" in told.output
    assert json.loads(run("solve", "rubinstein", "--json").output)["passed"] is False


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("solve", "abreu-gull"), ["did you mean `abreu-gul`?"]),
        (("show", "nothing at all"), ["there is no game", "games: selten-kidnapping"]),
        (("solve", "abreu-gul", "--set", "demand_1"), ["this is not NAME=VALUE"]),
        (("solve", "abreu-gul", "--set", "r1=1", "--set", "discount_1=2"), ["discount_1: it is given twice"]),
        (("solve", "abreu-gul", "--set", "r1=1", "--set", "r1=2"), ["r1: it is given twice"]),
        (("solve", "abreu-gul", "--set", "demnd_1=.7"), ["did you mean `demand_1`?"]),
        (
            ("solve", "abreu-gul", "--set", "z1=0", "--set", "z2=many"),
            ["obstinate_1: 0.0", "'many'", "2 mistakes"],
        ),
        (("solve", "abreu-gul", "--plays", "1"), ["1 plays cannot be simulated"]),
        (("solve", "rubinstein", "--plays", "10"), ["nothing in it is left to chance"]),
        (("solve", "rubinstein", "--set", "delta1=[1" + "0" * 5000), ["patience_1"]),
        (("solve", "rubinstein", "--set", "delta1=" + "[" * 100000), ["patience_1"]),
    ],
)
def test_mistakes_end_with_code_two_and_no_traceback(args, words):
    told = run(*args)
    assert told.exit_code == 2
    assert "Traceback" not in told.output
    for word in words:
        assert word in told.output
    shape = json.loads(run(*args, "--json").stdout)["error"]
    assert shape["kind"] in ("games", "not-found", "settings")
    assert shape["what"]
    assert shape["do"]
