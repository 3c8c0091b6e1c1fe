"""All charts of a report, by name."""

from __future__ import annotations

import xarray as xr

from standoff.claims.results import Assessment
from standoff.inference.learned import Learned
from standoff.record.rows import Record
from standoff.report.chart import Chart
from standoff.report.curve import curve_chart
from standoff.report.frame import FRAMES, period_days, x_axis
from standoff.report.model_charts import model_charts
from standoff.report.picture import picture
from standoff.report.series_charts import series_chart


def charts(
    record: Record, panel: xr.Dataset, assessment: Assessment, learned: Learned | None = None
) -> dict[str, Chart]:
    """Return every chart of a report by name: the picture in two forms, each series, each specification curve, and what the
    models say where they were fitted.

    The same inputs give the same charts, byte for byte.
    """
    made: list[Chart | None] = [picture(record, panel, "wide"), picture(record, panel, "narrow")]
    axis = x_axis(record, FRAMES["wide"])
    made += [series_chart(record, info, axis, period_days(record)) for info in record.case.series]
    made += [curve_chart(part) for claim in assessment.claims for part in claim.parts]
    made += model_charts(learned) if learned is not None else []
    return {chart.name: chart for chart in made if chart is not None}
