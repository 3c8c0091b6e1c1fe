"""The bridge: from the record's words to weekly arrays and back to names."""

from standoff.panel.days import length_days, phase_starts
from standoff.panel.options import Options, baseline_options, option_grid
from standoff.panel.series import series_points
from standoff.panel.signals import Occasions, occasions, select_events
from standoff.panel.stance import Points, stance_points

__all__ = [
    "Occasions",
    "Options",
    "Points",
    "baseline_options",
    "length_days",
    "occasions",
    "option_grid",
    "phase_starts",
    "select_events",
    "series_points",
    "stance_points",
]
