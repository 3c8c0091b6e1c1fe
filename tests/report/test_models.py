"""What the models say on the page: every number, its flags wherever it stands, and nothing where nothing was fitted."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import altair
import pytest

from standoff.claims.posterior import with_game
from standoff.claims.results import Gate
from standoff.inference.learned import GateResult, Learned, SensitivityResult
from standoff.panel import build_panel
from standoff.report import charts, model_views, model_words, render_report
from standoff.report.chart import Chart
from standoff.report.model_charts import model_charts
from tests.report import hostile, synthetic, synthetic_models
from tests.report.test_page import Page

LEARNED = synthetic_models.learned()
ASSESSMENT = synthetic_models.with_models(synthetic.assessment())


def render(learned: Learned | None = LEARNED, record=None, assessment=ASSESSMENT) -> str:  # type: ignore[no-untyped-def]
    record = record or synthetic.record()
    panel = build_panel(record)
    drawn = charts(record, panel, assessment, learned)
    return render_report(record, panel, assessment, synthetic.MANIFEST, drawn, learned)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def html() -> str:
    return render()


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


@pytest.fixture(scope="module")
def drawn() -> dict[str, Chart]:
    return {chart.name: chart for chart in model_charts(LEARNED)}


# --- the page ----------------------------------------------------------------------------------------------------


def test_ids_are_unique_and_every_link_has_its_target(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    inside = {str(link["href"])[1:] for link in page.links if str(link["href"]).startswith("#")}
    assert inside <= set(page.ids)
    assert {"models", "model-rivals", "model-rival-twin-M12", "model-effect-game-pressure"} <= inside | set(page.ids)  # fmt: skip


def test_the_part_is_reached_from_the_navigation_and_from_the_claims(html: str) -> None:
    assert '<li><a href="#models">Models</a></li>' in html
    assert html.count('href="#models"') >= 3


def test_without_models_the_page_has_no_such_part_and_no_column() -> None:
    html = render(None, assessment=synthetic.assessment())
    assert 'href="#models"' not in html
    assert 'data-label="P"' not in html
    assert not [name for name in Page(html).ids if name.startswith("model")]


def test_every_rival_stands_with_its_numbers_and_a_failed_one_with_its_gate(page: Page) -> None:
    text = flat(page.sections["models"])
    for one in LEARNED.rivals:
        assert one.name in text
        assert all(f"{gate.name}: {gate.detail}" in text for gate in one.gates if not gate.passed)
    for piece in ("M12 .63, M7 .15, M1 .11. 1 of 5 rivals missed a gate.", "M7 .69 ✗ FAILED", "3 solutions did not converge", ".20.03 to .47", "−214.2± 0.50 ✗ FAILED"):  # fmt: skip
        assert piece in text, piece


def test_deaths_and_harm_stand_beside_the_levers_always(page: Page) -> None:
    text = flat(page.sections["models"])
    assert "1,225 deaths" in text
    assert "Deaths of hostages" in text
    alone = replace(LEARNED, effects=tuple(one for one in LEARNED.effects if one.outcome != "deaths"))
    without = flat(Page(render(alone)).sections["models"])
    assert without.count("not estimated") == 5  # a row without it says so
    assert "1,225 deaths" in without


def test_the_game_is_marked_as_quick_in_every_place(page: Page) -> None:
    text = flat(page.sections["models"])
    assert "The game was fitted quickly" in text
    # in sentences the mark stands before the form or behind it; none may lack it
    assert "by the game." not in re.sub(r"quick( ✗ FAILED)? by the game", "", text)
    assert text.count("game, quick") >= 2 + 2 + 1  # rivals, levers, parameters
    full = flat(Page(render(replace(LEARNED, quick=False))).sections["models"])
    assert "Both were sampled in full" in full
    assert "game, quick" not in full


def test_without_the_game_the_page_says_so() -> None:
    text = flat(Page(render(synthetic_models.learned(None))).sections["models"])
    assert "The game was not fitted to this record" in text
    assert "nothing to set beside the reduced form" in text


def test_a_failed_signals_gate_is_shown_and_marks_both_forms() -> None:
    failed = replace(LEARNED, signals_follow=GateResult("signals follow events", False, "after harm"))
    assert "✗ gate FAILED: signals follow events" in flat(Page(render(failed)).sections["models"])
    gate = Gate("signals follow events", False, "after harm")
    shown = model_views.probability(with_game(synthetic_models.posterior(), 0.88, True, (gate,)), gate.name)
    assert model_words.FAILED in shown.flags
    assert model_words.FAILED in shown.twin_flags
    assert model_words.FAILED in shown.game_flags


def test_channels_checks_beliefs_and_parameters_stand_with_their_numbers(page: Page) -> None:
    text = flat(page.sections["models"])
    for piece in (
        "expects 21.4 weeks to a deal",
        "by −1.2 weeks (interaction)",
        "+3.5 to +9.5",
        "✗ M7 12 to 29",
        "nothing to read in this record",
        "turns with the prior",
        "against it throughout",
        "moves at least twice as much on a public rebuke",
        "holds in 20% of the prior · density 82% · coverage 41% · posterior inside 12%",
        "−1.20 to +1.20",
    ):
        assert piece in text, piece


def test_what_is_read_off_a_failed_fit_is_shown_as_failed_too() -> None:
    rivals = tuple(replace(one, passed=False) if one.name == "M7" else one for one in LEARNED.rivals)
    text = flat(Page(render(replace(LEARNED, rivals=rivals))).sections["models"])
    assert "reduced form, holder: 2 parameters ✗ FAILED" in text
    assert "game, quick, payoffs: 1 parameter ✗ FAILED" in text
    assert "+0.30 ✗ FAILED" in text  # the mean of a parameter
    assert "posterior inside 12% ✗ FAILED" in text
    assert "−1.2 ✗ FAILED" in text  # a comparison with the base
    passed = tuple(replace(one, passed=True) for one in LEARNED.rivals)
    effects = tuple(replace(one, passed=True) for one in LEARNED.effects)
    clean = synthetic.assessment()
    told = LEARNED.outside[:1]  # the one that passed
    text = flat(
        Page(
            render(replace(LEARNED, rivals=passed, effects=effects, outside=told), assessment=clean)
        ).sections["models"]
    )
    assert "FAILED" not in text.replace("✗ FAILED Pareto", "").replace("✗ FAILED effective", "")


def test_where_the_forms_disagree_is_said_with_flags(page: Page) -> None:
    text = flat(page.sections["models"])
    assert "Public criticism raises the holder's stance: .91 by the reduced form, .35 quick ✗ FAILED by the game. They lie on opposite sides." in text  # fmt: skip
    assert "The likeliest rival: M12 (.63) by the reduced form, M7 (.69 ✗ FAILED) by the game, quick." in text
    assert "Military pressure raises" not in text  # .20 and .30: the same side, near enough


def test_a_gap_above_the_line_is_said_and_one_at_it_is_not() -> None:
    marks: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    assert model_words.apart("It", (0.95, 0.6), marks) == (
        "It: .95 by the reduced form, .60 by the game. They are more than .30 apart.",
    )
    assert model_words.apart("It", (0.85, 0.55 + 1e-9), marks) == ()
    assert "opposite" in model_words.apart("It", (0.51, 0.49), marks)[0]


def test_outside_timing_is_told_or_cannot_tell(page: Page) -> None:
    text = flat(page.sections["models"])
    for piece in (
        "moves the holder’s stance by +3.4 points (−1 to +9.1); it is very likely (91%) that it raises it. The interval holds zero: it cannot tell which way.",
        "Cannot tell for the coercer’s stance: strength of the calendar behind signals: F = 3.1, must be at least 10.",
        "coercer ✗ FAILED",
    ):
        assert piece in text, piece
    none = replace(synthetic_models.outside()[1], dated=0, gates=())
    assert "no week at risk holds a date" in model_words.outside_sentence(none)
    sure = replace(synthetic_models.outside()[0], effect_low=0.5)
    assert "cannot tell" not in model_words.outside_sentence(sure)


def test_priors_from_elsewhere_are_said_loudly_and_stand_beside_the_default() -> None:
    told = replace(LEARNED, informed=synthetic_models.informed())
    page = Page(render(told))
    text = flat(page.sections["models"])
    said = "1 prior came from elsewhere: two earlier standoffs, with scales widened by 2. All others are the default’s."
    assert text.count(said) == 2  # at the head of the part, and above the tables
    assert text.index("Priors from elsewhere.") < text.index("The rivals compared")
    for piece in ("M12.63.30", "M1.11.70 ✗ FAILED", "−1.15 to +1.15+0.27 to +0.93both softened"):
        assert piece in text, piece
    inside = {str(link["href"])[1:] for link in page.links if str(link["href"]).startswith("#")}
    assert inside <= set(page.ids) and len(page.ids) == len(set(page.ids))
    nothing = replace(synthetic_models.informed(), taken=())
    assert "say no more than the default’s" in model_words.informed_sentence(nothing)


def test_without_priors_from_elsewhere_the_page_does_not_speak_of_them(html: str) -> None:
    assert "Priors from elsewhere" not in html and "model-informed" not in html


# --- claims ------------------------------------------------------------------------------------------------------


def test_the_claims_table_has_p_with_its_flags(page: Page) -> None:
    text = flat(page.sections["overview"])
    for piece in (".88quick", ".93✗ FAILED", ".50quick✗ FAILEDforms disagree"):
        assert piece in text, piece


def test_a_failed_gate_of_p_counts_among_the_gates_of_the_claim(page: Page) -> None:
    assert "✗ 2 gates failed" in page.sections["overview"]
    claim = flat(page.sections["claim-A2"])
    assert "✗ gate FAILED: effective draws behind P" in claim
    assert "A gate failed, so it cannot be used." in claim
    for number in (".93 ✗ FAILED", "+5.5 ✗ FAILED", ".71 ✗ FAILED"):  # P, its effect, P without a row
        assert number in claim


def test_could_have_told_is_the_lower_of_order_and_p(page: Page) -> None:
    assert synthetic.tell_result().power_for > synthetic_models.posterior().power.tell_for
    assert flat(page.sections["overview"]).count("74% 34%") == 3


def test_the_claim_page_has_p_the_rows_it_hangs_on_and_what_would_undo_it(html: str, page: Page) -> None:
    text = flat(page.sections["claim-A1"])
    for piece in (
        ".93 by the reduced form and .88 quick by the game",
        "−0.5 to +11",
        "An unrecorded cause 1.4 times as strong as the strongest recorded one, the coercer's terms, would bring it below .80.",
        "in 34% of 60 simulated records; with the sign turned, against it in 31%",
        "About 3.4 cases like this one",
        "25 Jan 2030: Act 4 of the patron",
        "−0.22",
    ):
        assert piece in text, piece
    hangs = html[html.index("What P hangs on") :]
    rows = re.findall(r'<td class="n">(\d)</td><td class="short"><a class="id" href="#row-(\w+)"', hangs)
    assert rows[:3] == [("1", "E004"), ("2", "P002"), ("3", "E007")]


def test_one_form_alone_on_opposite_sides_and_failed_are_told_apart() -> None:
    alone = model_views.probability(synthetic_models.posterior())
    assert (alone.counts, alone.flags, alone.game, alone.game_flags) == (".93", (), "–", ())
    failed = model_views.probability(synthetic_models.posterior(passed=False))
    assert failed.flags == failed.twin_flags == (model_words.FAILED,)
    game = Gate("the game's fit", False, "k")
    both = model_views.probability(with_game(synthetic_models.posterior(), 0.2, True, (game,)))
    assert (both.counts, both.opposite) == (".50", True)
    assert both.twin_flags == ()
    assert both.flags == both.game_flags == (model_words.QUICK, model_words.FAILED)


@pytest.mark.parametrize(
    ("strength", "piece"),
    [
        (0.0, "below .80 as it is"),
        (0.4, "leans at most"),
        (1.4, "1.4 times as strong"),
        (20.0, "Only an unrecorded cause 20 times"),
    ],
)
def test_an_unrecorded_cause_in_words(strength: float, piece: str) -> None:
    assert piece in model_words.unrecorded_sentence(
        replace(synthetic_models.posterior(), unrecorded=strength)
    )


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ((-0.4, 0.9, 1.0), "under threefold odds either way"),
        ((-0.4, 0.9, 1.2), "turns with the prior"),
        ((0.1, 0.9, 1.2), "for it throughout"),
        ((-0.1, -0.9, -1.2), "against it throughout"),
    ],
)
def test_sensitivity_in_words(values: tuple[float, float, float], word: str) -> None:
    assert model_words.sensitivity_sentence(SensitivityResult("M7", "M12", *values)) == word


def test_rivals_stand_in_the_same_order_under_both_forms() -> None:
    turned = replace(LEARNED, rivals=(*LEARNED.rivals[:5], *reversed(LEARNED.rivals[5:])))
    found = dict(model_views.models(turned, ASSESSMENT).rivals)
    assert [one.name for one in found["game"]] == ["M12", "M7"]


@pytest.mark.parametrize(
    ("cases", "piece"), [(None, "No number"), (0.8, "One case"), (3.44, "3.4 cases"), (41.3, "41 cases")]
)
def test_cases_in_words(cases: float | None, piece: str) -> None:
    assert piece in model_words.cases_sentence(cases)


def test_a_claim_shows_its_own_rival_against_each_other_one(page: Page) -> None:
    text = flat(page.sections["claim-A1"])
    for piece in (
        "M1 is ahead of 2 of 3 other rivals; against the strongest of them, M2, it is very unlikely (15%) ✗ FAILED.",
        "−0.75 ± 0.04 ✗ FAILED−1.30 to −0.60",
        "almost certain (96%)",
        "roughly even (53%); turns with the prior",
        "enters no verdict",
    ):
        assert piece in text, piece
    assert "−0.8M1 against M2; ahead of 2 of 3 ✗ FAILED" in flat(page.sections["overview"])
    assert "Weight against each rival" not in page.sections["claim-A2"]


def test_without_weights_the_claims_table_has_no_such_column() -> None:
    html = render(None, assessment=synthetic.assessment())
    assert 'data-label="Against rivals"' not in html


def test_several_rivals_that_state_a_claim_are_spoken_of_together() -> None:
    both = tuple(replace(one, own=("M1", "M4")) for one in synthetic_models.weights())
    said = model_words.weights_sentence(both)
    assert said.startswith("M1 and M4 in equal parts are ahead of 2 of 3 other rivals;")
    assert "M2, they are very unlikely (15%)" in said


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.4, 0.4, "likely (60%); under threefold odds throughout"),
        (-0.4, 0.5, "likely (60%); turns with the prior"),
        (0.1, 0.5, "likely (60%)"),
        (None, None, "likely (60%)"),
    ],
)
def test_a_weight_against_a_rival_in_words(low: float | None, high: float | None, words: str) -> None:
    one = replace(synthetic_models.weights()[0], probability=0.6, low=low, high=high)
    assert model_words.weight_words(one) == words


# --- charts ------------------------------------------------------------------------------------------------------


def _values(spec: Any) -> list[dict[str, Any]]:
    if isinstance(spec, dict):
        own = spec.get("values") if isinstance(spec.get("values"), list) else []
        rows = [row for row in own or [] if isinstance(row, dict) and "middle" in row]
        return rows + [row for value in spec.values() for row in _values(value)]
    return [row for item in spec for row in _values(item)] if isinstance(spec, list) else []


def test_each_chart_has_a_form_for_phones_and_is_vega_lite(drawn: dict[str, Chart]) -> None:
    names = {"models-rivals", "models-effects", "models-channels"}
    assert set(drawn) == names | {f"{name}-narrow" for name in names}
    for name, chart in drawn.items():
        altair.Chart.from_dict(chart.spec)
        json.dumps(chart.spec, allow_nan=False)
        assert len(chart.alt) > 60
        width = float(re.search(r'<svg[^>]* width="([\d.]+)"', chart.svg)[1])  # type: ignore[index]
        assert width < (390 if name.endswith("narrow") else 1060), name


def test_every_mark_leads_to_the_row_of_its_numbers(drawn: dict[str, Chart], page: Page) -> None:
    for name, chart in drawn.items():
        rows = _values(chart.spec)
        assert {row["href"] for row in rows} == set(re.findall(r'<a href="([^"]+)"', chart.svg)), name
        assert {row["href"][1:] for row in rows} <= set(page.ids)
        for found in re.findall(r"<a [^>]*>", chart.svg):
            assert re.search(r'aria-label="[^"]{20,}"', found), found


def test_every_number_of_the_results_is_drawn(drawn: dict[str, Chart]) -> None:
    dots = {(row["name"], row["by"], row["middle"]) for row in _values(drawn["models-effects"].spec)}
    for one in LEARNED.effects:
        key = (model_words.LEVERS[one.lever], model_words.by(one.estimator, True), round(one.mean, 4))
        assert key in dots
    assert len(_values(drawn["models-effects"].spec)) == len(LEARNED.effects)


def test_panels_side_by_side_have_the_same_rows_in_the_same_order() -> None:
    few = tuple(one for one in LEARNED.effects if (one.lever, one.outcome) != ("public-criticism", "deaths"))
    for learned in (LEARNED, replace(LEARNED, effects=few)):
        for chart in model_charts(learned):
            found = json.dumps(chart.spec)
            domains = set(re.findall(r'"field": "name", "type": "nominal", "scale": (\{.*?\})', found))
            assert len(domains) == 1, chart.name


def test_a_failed_result_is_drawn_hollow_and_named(drawn: dict[str, Chart]) -> None:
    for name in ("models-rivals", "models-effects"):
        failed = sum(not row["passed"] for row in _values(drawn[name].spec))
        assert failed and drawn[name].svg.count("✗ FAILED") == failed
    assert "FAILED" not in drawn["models-channels"].svg


def test_nothing_learnt_draws_nothing() -> None:
    assert model_charts(replace(LEARNED, rivals=(), effects=(), channels=())) == []
    text = flat(Page(render(replace(LEARNED, rivals=(), effects=(), channels=(), checks=(), boxes=(), parameters=(), sensitivity=()))).sections["models"])  # fmt: skip
    assert "No rival was fitted" in text
    assert "No effect could be estimated" in text


# --- text from a case --------------------------------------------------------------------------------------------


def test_hostile_text_stays_text() -> None:
    record, assessment, learned = hostile.record(), hostile.assessment(models=True), hostile.learned()
    html = render(learned, record, assessment)
    page = Page(html)
    assert len(page.scripts) == 2
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
    assert not {"iframe", "img", "object", "embed", "form", "base", "b-marker"} & set(page.tags)
    inside = {str(link["href"])[1:] for link in page.links if str(link["href"]).startswith("#")}
    assert inside <= set(page.ids)
    assert "\u202e" not in html
    assert len(html.encode()) < 3_000_000


def test_the_same_inputs_give_the_same_bytes(html: str) -> None:
    assert render() == html
