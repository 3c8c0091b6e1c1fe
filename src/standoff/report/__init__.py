"""Charts, prose, tables, and the one-file page.

The functions are loaded on first use, so that the words and texts of this room cost nothing to a caller of them alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from standoff.report.all_charts import charts as charts
    from standoff.report.chart import Chart as Chart
    from standoff.report.page import render_report as render_report

_HOMES = {"Chart": "chart", "charts": "all_charts", "render_report": "page"}

__all__ = ["Chart", "charts", "render_report"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
