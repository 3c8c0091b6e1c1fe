"""The calendar of a record as whole numbers: days and weeks since the first day of the core period.

Day 0 is `period.start`; week k is the seven days 7k to 7k + 6, whatever weekday the period starts on. The
extension after `period.end` is a hold-out: nothing here reaches into it.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from standoff.record.rows import Record

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

WEEK = 7


def day_of(record: Record, when: date) -> int:
    """Days from the first day of the core period to `when`; negative before it."""
    return (when - record.case.period.start).days


def date_of(record: Record, day: int) -> date:
    """The date of a day number, the inverse of `day_of`."""
    return record.case.period.start + timedelta(days=day)


def in_core(record: Record, when: date) -> bool:
    """Whether a date lies in the core period, first and last day included."""
    period = record.case.period
    return period.start <= when <= period.end


def length_days(record: Record) -> int:
    """Number of days in the core period, first and last day included."""
    return day_of(record, record.case.period.end) + 1


def length_weeks(record: Record) -> int:
    """Number of weeks that the core period touches; the last one may be cut short."""
    return -(-length_days(record) // WEEK)


def phase_starts(record: Record) -> IntArray:
    """First day of each phase of the talks within the core period, ascending; the first phase starts on day 0.

    Shape: (phases,). Days before the first declared phase belong to it, so that every day of the core period
    has exactly one phase.
    """
    declared = sorted({max(day_of(record, phase.start), 0) for phase in record.case.phases})
    within = [day for day in declared if day < length_days(record)]
    return np.array([0, *within[1:]], dtype=np.int64)
