"""The reduced-form twin's view of a weekly record: covariates, outcomes and masks as plain arrays.

Stocks halve in four weeks, as everywhere in the package; an unseen covariate stands at its centre (zero), an unseen
outcome is left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from standoff.panel.decay import stock
from standoff.panel.weekly import BOTH, COSTLY, CRITICISM, SUPPORT, Stances, WeeklyRecord

FloatArray = npt.NDArray[np.float64]

# News of a signal: log of the baseline's chances of it under an unrestrained and a restrained coercer (model.md, 2).
NEWS = np.log(np.array([0.32, 0.42, 0.14, 0.10, 0.02]) / np.array([0.14, 0.42, 0.26, 0.10, 0.08]))
TERMS_CENTRE, TERMS_UNIT = 30.0, 20.0  # the coercer's terms are read in levels of 20 around 30
STANCE_CENTRE = 60.0


class TwinData(NamedTuple):
    """T weeks. Stocks ``criticism``, ``support``, ``costly``, ``private``, ``news`` of signals; ``force`` level less
    one, ``aid``, ``harm`` standardised, ``endurance`` mean level less 2.5, ``terms`` and ``standing`` levels around their
    centres; ``force_level`` and ``force_seen``, ``aid_seen``; stances as in `Stances`; ``probe`` (T, 2) the signal
    that a claim's part speaks of, on the holder and on the coercer; ``control`` (T, 2) what is held fixed beside it in
    a contrast. All float64."""

    criticism: FloatArray
    support: FloatArray
    costly: FloatArray
    private: FloatArray
    news: FloatArray
    restrain_mark: FloatArray
    enable_mark: FloatArray
    costly_mark: FloatArray
    private_mark: FloatArray
    block: FloatArray
    shock: FloatArray
    outside: FloatArray
    stalled: FloatArray
    calendar: FloatArray
    time: FloatArray
    at_risk: FloatArray
    in_spell: FloatArray
    deal: FloatArray
    other_end: FloatArray
    span: FloatArray
    force: FloatArray
    force_level: FloatArray
    force_seen: FloatArray
    aid: FloatArray
    aid_seen: FloatArray
    harm: FloatArray
    endurance: FloatArray
    terms: FloatArray
    standing: FloatArray
    holder_category: FloatArray
    holder_weight: FloatArray
    holder_confusion: FloatArray
    coercer_category: FloatArray
    coercer_weight: FloatArray
    coercer_confusion: FloatArray
    levels: FloatArray
    death: FloatArray
    death_span: FloatArray
    death_open: FloatArray
    probe: FloatArray
    control: FloatArray


def twin_data(
    record: WeeklyRecord, probe: FloatArray | None = None, control: FloatArray | None = None
) -> TwinData:
    """Arrays of a weekly record; ``probe`` and ``control`` (T, 2), zero where none is given."""
    signal = record.signal
    restrain = np.isin(signal, (CRITICISM, BOTH, COSTLY)).astype(np.float64)
    enable = np.isin(signal, (SUPPORT, BOTH)).astype(np.float64)
    costly = (signal == COSTLY).astype(np.float64)
    critic = np.isin(signal, (CRITICISM, BOTH)).astype(np.float64)
    seen = record.force >= 0
    death, death_span, death_open = _deaths(record)
    return TwinData(
        criticism=stock(critic),
        support=stock(enable),
        costly=stock(costly),
        private=stock(record.private),
        news=stock(NEWS[signal]),
        restrain_mark=restrain,
        enable_mark=enable,
        costly_mark=costly,
        private_mark=record.private,
        block=record.block,
        shock=record.shock,
        outside=record.outside,
        stalled=record.stalled,
        calendar=record.calendar,
        time=record.time,
        at_risk=record.at_risk.astype(np.float64),
        in_spell=(record.spell >= 0).astype(np.float64),
        deal=record.deal,
        other_end=record.forced_end + record.collapse,
        span=record.span,
        force=np.where(seen, record.force - 1.0, 0.0),
        force_level=np.where(seen, record.force, 0).astype(np.float64),
        force_seen=seen.astype(np.float64),
        aid=np.nan_to_num(record.aid),
        aid_seen=(~np.isnan(record.aid)).astype(np.float64),
        harm=np.nan_to_num(record.harm),
        endurance=record.endurance @ np.arange(record.endurance.shape[1]) - 2.5,
        terms=np.nan_to_num((record.terms - TERMS_CENTRE) / TERMS_UNIT),
        standing=np.nan_to_num((record.holder.standing - STANCE_CENTRE) / TERMS_UNIT),
        **_stance("holder", record.holder),
        **_stance("coercer", record.coercer),
        levels=record.holder.levels,
        death=death,
        death_span=death_span,
        death_open=death_open,
        probe=np.zeros((record.weeks, 2)) if probe is None else probe,
        control=np.zeros((record.weeks, 2)) if control is None else control,
    )


def _stance(side: str, stances: Stances) -> dict[str, FloatArray]:
    return {
        f"{side}_category": stances.category.astype(np.float64),
        f"{side}_weight": stances.weight,
        f"{side}_confusion": stances.confusion,
    }


def _deaths(record: WeeklyRecord) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Marks at the last week of each window, its length, and the weeks whose survival is known (not inside a window)."""
    death, span, known = np.zeros(record.weeks), np.ones(record.weeks), np.ones(record.weeks)
    for first, last in record.death_windows:
        death[last], span[last] = 1.0, last - first + 1.0
        known[first:last] = 0.0
    return death, span, known
