"""Charts, prose, tables, and the one-file page."""

from standoff.report.all_charts import charts
from standoff.report.chart import Chart
from standoff.report.page import render_report

__all__ = ["Chart", "charts", "render_report"]
