"""The report in a real browser: offline, silent, by keyboard, on a phone, on paper, and against a hostile case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from standoff.panel import build_panel
from standoff.report import charts, render_report
from tests.report import hostile, synthetic, synthetic_models

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parents[1] / "vendor" / "axe-core-4.14.1.min.js"
WIDE, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]


class Visit:
    """One open report, with everything that went wrong on it."""

    def __init__(self, browser: Any, path: Path, **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.noise: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda m: self.noise.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.noise.append(f"error: {e}"))
        self.page.on("dialog", lambda d: (self.noise.append(f"dialog: {d.message}"), d.dismiss()))
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => console.error('policy', e.violatedDirective, e.blockedURI))"
        )
        self.address = path.as_uri()
        self.page.goto(self.address)

    def go(self, fragment: str) -> None:
        self.page.evaluate(f"location.hash = {fragment!r}")
        self.page.wait_for_timeout(60)


def write(folder: Path, name: str, record: Any, assessment: Any, learned: Any = None) -> Path:
    panel = build_panel(record)
    path = folder / f"{name}.html"
    drawn = charts(record, panel, assessment, learned)
    html = render_report(record, panel, assessment, synthetic.MANIFEST, drawn, learned)
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    assessed = synthetic_models.with_models(synthetic.assessment())
    told = replace(synthetic_models.learned(), informed=synthetic_models.informed())
    return {
        "plain": write(folder, "plain", synthetic.record(), assessed, told),
        "hostile": write(
            folder, "hostile", hostile.record(), hostile.assessment(models=True), hostile.learned()
        ),
    }


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Any, reports: dict[str, Path]) -> Iterator[Any]:
    opened: list[Visit] = []

    def start(which: str = "plain", **context: Any) -> Visit:
        opened.append(Visit(browser, reports[which], **{"viewport": WIDE, **context}))
        return opened[-1]

    yield start
    for each in opened:
        each.context.close()


FRAGMENTS = (
    "#overview",
    "#claim-A1",
    "#claim-B4",
    "#claim-B5",
    "#models",
    "#series",
    "#cautions",
    "#methods",
    "#rows",
    "#sources",
    "#file",
)

SHOWN = ("#overview", "#claim-A1", "#models", "#series")


def test_opens_offline_asks_nothing_says_nothing(visit: Any) -> None:
    seen = visit()
    for fragment in FRAGMENTS:
        seen.go(fragment)
        assert seen.page.locator(".page.shown").count() == 1
    zoom = seen.page.locator("#overview [data-do=live]").first
    seen.go("#overview")
    zoom.click()
    seen.page.wait_for_selector("#overview .live svg")
    assert seen.noise == []
    assert set(seen.requests) == {seen.address}


@pytest.mark.parametrize(
    ("scheme", "size", "fragments"),
    [("light", WIDE, FRAGMENTS), ("dark", WIDE, SHOWN), ("light", PHONE, SHOWN), ("dark", PHONE, SHOWN[:1])],
    ids=["light", "dark", "phone", "dark-phone"],
)
def test_axe_finds_nothing(visit: Any, scheme: str, size: dict[str, int], fragments: tuple[str, ...]) -> None:
    seen = visit(color_scheme=scheme, viewport=size, bypass_csp=True)
    seen.page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    found = {}
    for fragment in fragments:
        seen.go(fragment)
        result = seen.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        for violation in result["violations"]:
            found[fragment, violation["id"]] = [node["html"][:160] for node in violation["nodes"][:3]]
    assert found == {}


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("which", ["plain", "hostile"])
def test_nothing_is_wider_than_the_screen(visit: Any, which: str, size: dict[str, int]) -> None:
    seen = visit(which, viewport=size)
    pages = seen.page.evaluate("[...document.querySelectorAll('.page')].map((page) => page.id)")
    for name in pages:
        seen.go(f"#{name}")
        assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


# Words of a drawing that reach beyond it, and words of a legend that reach into the mark behind them; a browser sets
# them in whatever font it has, which may be wider than the one that the drawing was laid out with.
CUT_OR_CROSSED = """() => [...document.querySelectorAll('.page.shown .static svg')].flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  if (!frame.width) return [];
  const words = [...svg.querySelectorAll('text')].map((text) => [text, text.getBoundingClientRect()]);
  const cut = words.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1);
  const symbols = [...svg.querySelectorAll('circle, path')].filter((mark) => !mark.closest('a') &&
    mark.parentElement.parentElement.querySelector(':scope > g > text')).map((mark) => mark.getBoundingClientRect()).filter((box) => box.width < 20);
  const crossed = words.filter(([, box]) => symbols.some((mark) => mark.left > box.left && mark.left < box.right + 1 &&
    mark.top < box.bottom && mark.bottom > box.top));
  return [...cut, ...crossed].map(([text]) => text.textContent);
})"""


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_no_words_of_a_drawing_are_cut_or_run_into_a_mark(visit: Any, size: dict[str, int]) -> None:
    seen = visit(viewport=size)
    for fragment in SHOWN:
        seen.go(fragment)
        assert seen.page.evaluate(CUT_OR_CROSSED) == [], fragment


def test_pointing_at_a_mark_shows_its_row_and_a_click_goes_there(visit: Any) -> None:
    seen = visit()
    mark = seen.page.locator('#overview .static.wide a[href="#row-E001"]').first
    mark.hover()
    card = seen.page.locator("#overview .card").first
    assert "Act 1 of the patron" in card.inner_text()
    assert "We said so." in card.inner_text()
    assert "The Island Paper" in card.inner_text()
    mark.click()
    assert seen.page.evaluate("location.hash") == "#row-E001"
    assert seen.page.locator("#row-E001").is_visible()
    assert seen.page.evaluate("document.activeElement.id") == "row-E001"


def test_a_tap_shows_the_row_and_stays(visit: Any) -> None:
    seen = visit(viewport=PHONE, has_touch=True)
    seen.page.locator('#overview .static.narrow a[href="#row-E001"]').first.tap()
    assert "Act 1 of the patron" in seen.page.locator("#overview .card").first.inner_text()
    assert seen.page.evaluate("location.hash") == ""


def test_the_picture_by_keyboard_alone(visit: Any) -> None:
    seen = visit()
    page = seen.page
    first = page.locator("#overview .static.wide a[tabindex='0']")
    assert first.count() == 1  # one stop of the Tab key, however many marks
    first.focus()
    before = page.locator("#overview .card").first.inner_text()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    after = page.locator("#overview .card").first.inner_text()
    assert before and after and before != after
    page.keyboard.press("Escape")
    assert page.locator("#overview .card").first.is_hidden()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash").startswith("#row-")


def test_first_tab_is_the_skip_link_and_focus_can_be_seen(visit: Any) -> None:
    seen = visit()
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.activeElement.className") == "skip"
    seen.page.keyboard.press("Tab")
    style = seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style == "solid"


def test_sorting_and_filtering_the_claims_by_keyboard(visit: Any) -> None:
    seen = visit()
    page = seen.page
    names = "[...document.querySelectorAll('#claims-table tbody tr:not([hidden]) .name b')].map((b) => b.textContent)"
    assert page.evaluate(names) == ["A1", "A2", "A3", "B4", "B5", "B6"]
    page.locator("th[data-sort=rank] button").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.locator("th[data-sort=rank]").get_attribute("aria-sort") == "descending"
    assert page.evaluate(names) == ["B6", "B5", "B4", "A3", "A2", "A1"]
    page.locator("#pick-list").select_option("B")
    assert page.evaluate(names) == ["B6", "B5", "B4"]
    page.locator("#find-claim").fill("contradicted")
    assert page.evaluate(names) == ["B5"]
    assert page.locator("#claims-shown").inner_text() == "1 of 6 shown"


def test_zoom_draws_live_within_the_policy_and_narrows_the_time(visit: Any) -> None:
    seen = visit()
    figure = seen.page.locator("#overview figure.chart").first
    figure.locator("[data-do=live]").click()
    seen.page.wait_for_selector("#overview .live svg")
    assert "Aug" in figure.locator(".live").inner_text()
    figure.locator("[data-edge='1']").fill("2030-03-31")
    seen.page.wait_for_function("!document.querySelector('#overview .live').innerText.includes('Aug')")
    mark = figure.locator(".live [data-mark]").first
    mark.focus()
    assert figure.locator(".card").inner_text() != ""
    figure.locator("[data-do=live]").click()
    assert figure.locator(".static.wide").is_visible()
    assert seen.noise == []


def test_the_curve_tells_the_options_of_a_point(visit: Any) -> None:
    seen = visit()
    seen.go("#claim-A1")
    figure = seen.page.locator("#claim-A1 figure.chart").first
    figure.locator("[data-do=live]").click()
    seen.page.wait_for_selector("#claim-A1 .live svg")
    figure.locator(".live .mark-symbol path").nth(20).hover()
    assert "window " in figure.locator(".card").inner_text()
    assert seen.noise == []


def test_a_mark_of_the_models_shows_its_numbers_and_leads_to_their_row(visit: Any) -> None:
    seen = visit()
    seen.go("#models")
    page = seen.page
    figure = page.locator('figure[data-chart="chart-models-effects"]')
    mark = figure.locator('.static.wide a[href="#model-effect-game-pressure"]').first
    mark.hover()
    card = figure.locator(".card").inner_text()
    assert "Military pressure" in card and "game, quick" in card
    mark.click()
    assert page.evaluate("location.hash") == "#model-effect-game-pressure"
    assert page.locator("#model-effect-game-pressure").is_visible()
    figure.locator("[data-do=live]").click()
    page.wait_for_selector("#models .live svg")
    assert "FAILED" in figure.locator(".live").inner_text()
    assert seen.noise == []


def test_on_a_phone_the_models_are_drawn_for_it(visit: Any) -> None:
    seen = visit(viewport=PHONE)
    seen.go("#models")
    assert seen.page.locator("#models .static.wide:visible").count() == 0
    drawings = seen.page.locator("#models .static.narrow:visible")
    assert drawings.count() == 3
    for drawing in drawings.all():
        assert drawing.evaluate("(box) => box.scrollWidth <= box.clientWidth")


def test_light_and_dark_by_the_button_and_kept(visit: Any) -> None:
    seen = visit(color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = seen.page.evaluate(ground)
    seen.page.locator("#theme").click()
    assert seen.page.evaluate(ground) != light
    seen.page.reload()
    assert seen.page.evaluate(ground) != light


def test_on_paper_every_part_stands_and_no_control(visit: Any) -> None:
    seen = visit(color_scheme="dark")
    seen.page.emulate_media(media="print")
    assert seen.page.locator(".page:visible").count() == seen.page.locator(".page").count()
    assert seen.page.locator("#theme").is_hidden()
    assert seen.page.locator("#overview .static.wide").is_visible()
    assert seen.page.locator("#overview .static.narrow").is_hidden()
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_without_scripts_everything_can_be_read(visit: Any) -> None:
    seen = visit(java_script_enabled=False)
    assert seen.page.locator(".page:visible").count() == seen.page.locator(".page").count()
    assert seen.page.locator("#theme").is_hidden()
    assert seen.page.locator("#overview .static.wide a").count() > 40


def test_a_hostile_case_runs_nothing_and_reaches_nothing(visit: Any) -> None:
    seen = visit("hostile")
    page = seen.page
    names = page.evaluate("[...document.querySelectorAll('.page')].map((part) => part.id)")
    for name in names:
        seen.go(f"#{name}")
        assert page.locator(".page.shown").count() == 1
    seen.go("#overview")
    for link in page.locator("#overview .static.wide a").all()[:12]:
        link.focus()
    page.locator("#overview [data-do=live]").first.click()
    page.wait_for_selector("#overview .live svg")
    page.mouse.move(400, 400)
    page.wait_for_timeout(300)
    assert seen.noise == []
    assert set(seen.requests) == {seen.address}
    assert (
        page.evaluate("document.querySelectorAll('script:not([type])').length") == 3
    )  # two of the page, one unpacked
    assert (
        page.evaluate("document.querySelectorAll('[onerror],[onload],[onmouseover],img,iframe,base').length")
        == 0
    )
    assert page.evaluate(
        "[...document.querySelectorAll('a[href]')].every((a) => /^(#|https?:)/.test(a.getAttribute('href')))"
    )
