"""The one-file page: whole, linked, lawful, the same bytes for the same inputs."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from standoff.panel import build_panel
from standoff.report import charts, render_report, words
from tests.report import hostile, synthetic


class Page(HTMLParser):
    """Ids, links, scripts and section texts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[dict[str, str | None]] = []
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.scripts: list[str] = []
        self.sections: dict[str, str] = {}
        self._section = ""
        self._script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags[tag] += 1
        self.attributes |= found.keys()
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "a" and "href" in found:
            self.links.append(found)
        if tag == "section":
            self._section = str(found.get("id"))
        if tag == "script":
            self._script = "type" not in found
            if self._script:
                self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self._script and self.scripts:
            self.scripts[-1] += data
        if self._section:
            self.sections[self._section] = self.sections.get(self._section, "") + data

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = False
        if tag == "section":
            self._section = ""


def render(record=synthetic.record(), assessment=synthetic.assessment()) -> str:  # type: ignore[no-untyped-def]  # noqa: B008
    panel = build_panel(record)
    return render_report(record, panel, assessment, synthetic.MANIFEST, charts(record, panel, assessment))


@pytest.fixture(scope="module")
def html() -> str:
    return render()


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_size(html: str) -> None:
    assert len(html.encode()) < 1_000_000  # a small case; a large one has two megabytes more for its record


def test_ids_are_unique(page: Page) -> None:
    assert [name for name, count in Counter(page.ids).items() if count > 1] == []


def test_every_link_inside_the_page_has_its_target(page: Page) -> None:
    inside = {str(link["href"])[1:] for link in page.links if str(link["href"]).startswith("#")}
    assert len(inside) > 100
    assert inside <= set(page.ids)


def test_links_outside_tell_nobody(page: Page) -> None:
    outside = [link for link in page.links if not str(link["href"]).startswith("#")]
    assert [link["href"] for link in outside] == ["https://example.org/a?b=c&d=e"]
    assert all("noopener" in str(link["rel"]) for link in outside)


def test_policy_allows_these_scripts_and_this_style_and_nothing_else(html: str, page: Page) -> None:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert found
    policy = found[1].replace("&#39;", "'")
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert len(page.scripts) == 2
    for script in page.scripts:
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}


def test_nothing_is_fetched(html: str, page: Page) -> None:
    assert not {"iframe", "img", "object", "embed", "form", "video", "audio"} & set(page.tags)
    assert "url(" not in html
    assert "@import" not in html


def test_first_screen_has_case_caution_verdicts_and_harm(page: Page) -> None:
    text = page.sections["overview"]
    for piece in (
        "The made-up standoff",
        "Nothing here happened.",
        words.CAVEAT,
        "1,225 deaths",
        "50 → 2 people",
        *synthetic.WORDS,
    ):
        assert piece in " ".join(text.split())


def test_every_claim_page_has_verdict_caveat_harm_and_reasons(page: Page) -> None:
    for claim, word in zip(synthetic.claims().claims, synthetic.WORDS, strict=True):
        text = " ".join(page.sections[f"claim-{claim.id}"].split())
        for piece in (
            claim.statement,
            word,
            words.CAVEAT,
            "1,225 deaths",
            "order in time",
            "p at most .10",
            "p .132",
            "✗ no",
        ):
            assert piece in text, (claim.id, piece)


def test_a_failed_gate_is_shown_as_failed_in_the_table_and_on_the_page(page: Page) -> None:
    assert page.sections["overview"].count("✗ 1 gate failed") == 3
    assert "✗ gate FAILED: leads quiet" in page.sections["claim-A1"]


def test_a_sign_is_claimed_only_where_the_kind_of_part_has_one(page: Page) -> None:
    signs = {
        part.kind: "claimed sign" in page.sections[f"claim-{claim.id}"]
        for claim in synthetic.assessment().claims
        for part in claim.parts
    }
    assert signs == {kind: kind not in ("belief", "quotation") for kind in signs}
    assert len(set(signs.values())) == 2


def test_numbers_of_the_deciding_part_stand_in_the_table(page: Page) -> None:
    text = " ".join(page.sections["overview"].split())
    for piece in ("−6.2", "−14 to +1.5 (90%)", ".132", "+5.5", "[−2, +9]", "74%", "41%"):
        assert piece in text


def test_a_verdict_against_shows_the_weight_against_the_mixture(page: Page) -> None:
    text = " ".join(page.sections["overview"].split())
    assert "+4[0, +8]" in text  # the ledger of the claim that leans against; the others show +5.5 [−2, +9]


def test_every_event_position_and_source_stands_on_the_page(page: Page) -> None:
    record = synthetic.record()
    for row in (*record.events, *record.positions, *record.series):
        assert f"row-{row.id}" in page.ids
    for source in record.sources:
        assert f"source-{source.id}" in page.ids


def test_settings_and_manifest_stand_on_the_page(page: Page) -> None:
    assert "sha256:0123" in page.sections["methods"]
    assert "20301" in page.sections["methods"]
    assert "inputs.events.csv" in page.sections["file"]
    assert "gates[0]" not in page.sections["file"], "gates are not inputs: each stands with its part"
    assert "University of Washington" in page.sections["file"]


def test_the_same_inputs_give_the_same_bytes(html: str) -> None:
    assert render() == html


def test_row_order_of_the_manifest_does_not_matter(html: str) -> None:
    record, panel = synthetic.record(), build_panel(synthetic.record())
    drawn = charts(record, panel, synthetic.assessment())
    turned = dict(reversed(list(synthetic.MANIFEST.items())))
    assert render_report(record, panel, synthetic.assessment(), turned, drawn) == html


def test_a_case_without_claims_series_or_readings_still_has_a_page() -> None:
    record = replace(synthetic.record(), series=(), event_readings=(), position_readings=(), ledger=())
    text = render(record, replace(synthetic.assessment(), claims=()))
    assert "not recorded" in text
    assert "no second reading" in text


def test_ids_named_in_prose_are_links_and_other_words_are_not() -> None:
    record = synthetic.record()
    claim = record.claims.claims[0].model_copy(
        update={"should_show": ("rises (E001, P002), not E999 or <b>E002</b>",)}
    )
    claims = record.claims.model_copy(update={"claims": (claim, *record.claims.claims[1:])})
    html = render(replace(record, claims=claims))
    assert (
        'rises (<a class="id" href="#row-E001">E001</a>, <a class="id" href="#row-P002">P002</a>), not E999 or &lt;b&gt;'
        in html
    )
    assert '&gt;<a class="id" href="#row-E002">E002</a>&lt;' in html


def test_hostile_text_stays_text() -> None:
    page = Page(render(hostile.record(), hostile.assessment()))
    assert len(page.scripts) == 2
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
    assert not {"iframe", "img", "object", "embed", "form", "base", "b-marker"} & set(page.tags)
    assert all(str(link["href"]).startswith(("#", "https://", "http://")) for link in page.links)
    inside = {str(link["href"])[1:] for link in page.links if str(link["href"]).startswith("#")}
    assert inside <= set(page.ids)


def test_hostile_text_is_shown_and_its_size_is_bounded() -> None:
    html = render(hostile.record(), hostile.assessment())
    assert "[U+202E]" in html
    assert "\u202e" not in html
    assert "characters in the case file]" in html
    assert len(html.encode()) < 3_000_000
