"""The one-file page: HTML with its style, scripts and charts inside, and a content policy that lets nothing else in."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cache, partial
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import xarray as xr
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from standoff.claims.results import Assessment
from standoff.inference.learned import Learned
from standoff.panel import agreement
from standoff.record.rows import Record
from standoff.report import model_views, model_words, strips, views, words
from standoff.report.chart import Chart
from standoff.report.model_charts import SHORT_UNITS, effect_digits
from standoff.report.palette import TONES, theme_variables, to_variables
from standoff.report.text import address, anchor, script_json, shown

NARROW = "-narrow"  # how the name of a drawing for phones ends; the live chart is the wide one


def render_report(
    record: Record,
    panel: xr.Dataset,
    assessment: Assessment,
    manifest: Mapping[str, Any],
    charts: Mapping[str, Chart],
    learned: Learned | None = None,
) -> str:
    """Return the report of a run as one HTML page that needs no network; the same inputs give the same bytes."""
    style = _style()
    scripts = {"early": _static("early.js"), "late": _static("report.js")}
    specs = {
        anchor("chart", name): _for_page(chart) for name, chart in charts.items() if not name.endswith(NARROW)
    }
    shared = learned.signals_follow.name if learned is not None else ""
    claim_views = views.claim_views(record, assessment, shared)
    links = views.Links(record)
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            record=record,
            case=record.case,
            assessment=assessment,
            learned=learned,
            models=model_views.models(learned, assessment) if learned is not None else None,
            fitted=partial(model_views.fitted, learned) if learned is not None else None,
            probability_of=partial(model_views.probability, shared=shared),
            any_rivals=any(view.against for view in claim_views),
            any_p=any(view.numbers.posterior for view in claim_views),
            # Gates are no inputs: each stands with its part.
            manifest=_flat({name: value for name, value in manifest.items() if name != "gates"}),
            charts=charts,
            packs={"runtime": _packed(_vega()), "charts": _packed(script_json(specs))},
            tones=script_json({tone.light: tone.dark for tone in TONES.values()}),
            claims=claim_views,
            tally=views.tally(claim_views),
            harm=views.harm(record),
            agreements=[found for found in agreement(record) if found.rows],
            links=links,
            linked=partial(_linked, links),
            core_points=views.core_points,
            policy=_policy(style, [*scripts.values(), _vega()]),
            style=Markup(style),
            scripts={name: Markup(text) for name, text in scripts.items()},
        )
    )


def _for_page(chart: Chart) -> dict[str, Any]:
    return {"spec": chart.spec, "key": [[name, list(options)] for name, options in chart.key]}


def _policy(style: str, scripts: Iterable[str]) -> str:
    """Return the content policy: nothing from anywhere but these very scripts and this very style, by hash."""
    allowed = " ".join(sorted(_hash(text) for text in scripts))
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _style() -> str:
    light, dark = theme_variables(dark=False), theme_variables(dark=True)
    return _static("report.css").replace("/*LIGHT*/", light).replace("/*DARK*/", dark)


def _static(name: str) -> str:
    return files("standoff.report").joinpath("static", name).read_text(encoding="utf-8")


_EXPORTS = "window.vegaEmbed = vegaEmbed;"


@cache
def _vega() -> str:
    """Return the chart runtime that vl-convert carries; it draws without ``eval``."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle(_EXPORTS)
    return bundle


def _packed(text: str) -> str:
    """Return text as base64 of its gzip: what a reader may never open costs a third of its size."""
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def _flat(value: Any, path: str = "") -> list[tuple[str, str]]:
    """Return nested plain data as (dotted name, text), sorted by name."""
    if isinstance(value, Mapping):
        return [
            item
            for key in sorted(value, key=str)
            for item in _flat(value[key], f"{path}.{key}" if path else str(key))
        ]
    if isinstance(value, (list, tuple)):
        return [item for k, each in enumerate(value) for item in _flat(each, f"{path}[{k}]")]
    return [(path, "" if value is None else str(value))]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("standoff.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters.update(
        number=words.number,
        signed=words.signed,
        percent=words.percent,
        probability=words.probability,
        day=words.day,
        between=words.between,
        likelihood=words.likelihood,
        address=address,
        host=lambda link: urlsplit(link).netloc,
        anchor=lambda identifier, kind="row": anchor(kind, identifier),
        drawing=_drawing,
        squeeze=_squeeze,
        word_class=lambda word: str(word).replace(" ", "-"),
        shown=lambda text, limit: shown(str(text), limit),
    )
    environment.globals.update(
        words=words,
        model_words=model_words,
        effect_digits=effect_digits,
        short_units=SHORT_UNITS,
        plural=words.plural,
        numbers=views.numbers,
        gates=views.gates,
        changes_strip=lambda result: _drawing(strips.changes_strip(result)),
        weight_bar=lambda *args: _bar(strips.weight_bar(*args)),
        world_bar=lambda world: _bar(strips.world_bar(world)),
        interval_bar=lambda result: _bar(strips.interval_bar(result)),
        share_bar=lambda *args: _drawing(strips.share_bar(*args)),
    )
    return environment


def _finalize(value: Any) -> Any:
    # Every expression of every template passes here: text from a case is made fit to show before it is escaped.
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Markup):
        return shown(value)
    return value


def _drawing(svg: str) -> Markup:
    """Return a drawing for the page: its colours follow the theme; it was made here and its text is escaped."""
    return Markup(to_variables(svg))


def _bar(svg: str) -> Markup:
    """Return a drawing without text that stands in a table, of which a page has hundreds: inside HTML it needs no namespace."""
    return _drawing(
        svg.replace(' xmlns="http://www.w3.org/2000/svg"', "").replace(' font-family="sans-serif"', "")
    )


_TOKEN = re.compile(r"(?<![\w.-])([A-Za-z][\w.-]*\d)(?![\w-])")


def _linked(links: views.Links, text: str) -> Markup:
    """Return prose with each id of a row that it names turned into a link to that row."""
    pieces = _TOKEN.split(shown(text))  # every second piece is a token that may be an id
    return Markup("").join(
        Markup('<a class="id" href="{}">{}</a>').format(href, piece)
        if k % 2 and (href := links.row(piece))
        else escape(piece)
        for k, piece in enumerate(pieces)
    )


def _squeeze(html: str) -> Markup:
    """Return markup without the white space that indents the templates."""
    return Markup(re.sub(r"[ \t]*\n\s*", "\n", html))
