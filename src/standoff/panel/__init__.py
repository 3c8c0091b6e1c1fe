"""The bridge: from the record's words to weekly arrays and back to names."""

from standoff.panel.agreement import Agreement, agreement, krippendorff_alpha
from standoff.panel.build import build_panel
from standoff.panel.cells import rows_of
from standoff.panel.days import length_days, phase_starts
from standoff.panel.options import Options, baseline_options, option_grid
from standoff.panel.series import series_points
from standoff.panel.signals import Occasions, occasions, select_events
from standoff.panel.stance import Points, stance_points
from standoff.panel.zone import Recorded, ZoneSpan, zone

__all__ = [
    "Agreement",
    "Occasions",
    "Options",
    "Points",
    "Recorded",
    "ZoneSpan",
    "agreement",
    "baseline_options",
    "build_panel",
    "krippendorff_alpha",
    "length_days",
    "occasions",
    "option_grid",
    "phase_starts",
    "rows_of",
    "select_events",
    "series_points",
    "stance_points",
    "zone",
]
