"""A measured share: how often a feature holds among units, against a line stated beforehand.

Units are few (episodes, documents), so the interval that decides is exact for the binomial (`clopper1934use`); a
bootstrap over units stands beside it, and says nothing when all units agree.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from standoff.claims.results import Interval, ShareResult, TellResult, World
from standoff.claims.rules import LEVEL_PATTERN_LEANS, LEVEL_PATTERN_SUPPORTED, Ingredients, verdict
from standoff.claims.seeds import generator
from standoff.claims.worlds import EFFECT, NOTHING, TURNED
from standoff.record.claims_schema import ShareTest, Sign

RESAMPLES: Final = 4999
EXACT: Final = "exact"


def measure(test: ShareTest, sign: Sign, seed: int, name: str) -> ShareResult:
    """Measure the share with its exact and its resampled interval, and under both readings of every doubtful unit."""
    holds = sum(unit.holds for unit in test.units)
    count = len(test.units)
    otherwise = sum(
        unit.holds if unit.holds_otherwise is None else unit.holds_otherwise for unit in test.units
    )
    doubtful = [unit for unit in test.units if unit.holds_otherwise not in (None, unit.holds)]
    certain = sum(unit.holds for unit in test.units if unit not in doubtful)
    above, below = readings_beyond(certain, len(doubtful), count, test.line)
    interval = exact_interval(holds, count, LEVEL_PATTERN_SUPPORTED)
    return ShareResult(
        share=holds / count,
        share_otherwise=otherwise / count,
        units=count,
        interval=interval,
        line=test.line,
        share_beyond_line=above if sign == "+" else below,
        rows=tuple((unit.label, unit.holds, unit.rows, unit.why) for unit in test.units),
        gates=(),
        sentence=(
            f"{holds} of {count} ({holds / count:.0%}; 95% interval {interval.low:.0%} to {interval.high:.0%}), "
            f"against a line of {test.line:.0%} stated beforehand; {len(doubtful)} of them can be read otherwise. "
            f"Unit: {test.unit}."
        ),
        interval_leans=exact_interval(holds, count, LEVEL_PATTERN_LEANS),
        resampled=_resampled(test, seed, name),
        share_not_beyond=below if sign == "+" else above,
    )


def exact_interval(holds: int, count: int, level: float) -> Interval:
    """Clopper-Pearson interval of a share, from scipy."""
    from scipy.stats import binomtest

    found = binomtest(holds, count).proportion_ci(level, method=EXACT)
    return Interval(float(found.low), float(found.high), level)


def readings_beyond(certain: int, doubtful: int, count: int, line: float) -> tuple[float, float]:
    """Share of all readings of the doubtful units under which the share is above, and below, the line.

    Every doubtful unit holds under one of its two readings, so the number that hold is ``certain`` plus a count that is
    binomial with one half when all 2^doubtful readings weigh the same.
    """
    from scipy.stats import binom

    shares = (certain + np.arange(doubtful + 1)) / count
    weights = binom.pmf(np.arange(doubtful + 1), doubtful, 0.5)
    return float(weights[shares > line + 1e-12].sum()), float(weights[shares < line - 1e-12].sum())


def share_could_have_told(test: ShareTest, sign: Sign) -> TellResult:
    """How often the rules would say so, exactly: over all counts that so many independent units could have given.

    Worlds: the share lies beyond the line by the size declared; as far on the other side; on the line.
    """
    from scipy.stats import binom

    count = len(test.units)
    words = [_word(holds, count, test.line, sign) for holds in range(count + 1)]
    turn = test.size if sign == "+" else -test.size
    shares = {
        EFFECT: float(np.clip(test.line + turn, 0, 1)),
        TURNED: float(np.clip(test.line - turn, 0, 1)),
        NOTHING: test.line,
    }
    worlds = []
    strong: dict[str, tuple[float, float]] = {}
    for name, share in shares.items():
        chance = binom.pmf(np.arange(count + 1), count, share)
        rate = {
            word: float(sum(p for p, w in zip(chance, words, strict=True) if w == word))
            for word in set(words)
        }
        is_for = rate.get("leans for", 0.0) + rate.get("supported", 0.0)
        is_against = rate.get("leans against", 0.0) + rate.get("contradicted", 0.0)
        worlds.append(World(name, 0, is_for, is_against, 0.0, rate.get("cannot tell", 0.0)))
        strong[name] = (rate.get("supported", 0.0), rate.get("contradicted", 0.0))
    effect, turned, nothing = worlds
    sentence = (
        f"With {count} units and a share {test.size * 100:.0f} points beyond the line the rules would say so with "
        f"probability {effect.says_for:.0%}; with a share as far on the other side they would speak against the claim with "
        f"{turned.says_against:.0%}; with a share on the line, for it with {nothing.says_for:.0%}."
    )
    return TellResult(
        tuple(worlds),
        effect.says_for,
        turned.says_against,
        0.0,
        nothing.says_for,
        nothing.says_against,
        test.size,
        sentence,
        None,
        strong[NOTHING][0],
        strong[NOTHING][1],
    )


def _word(holds: int, count: int, line: float, sign: Sign) -> str:
    """The rules' word for one count, readings and D taken as passing."""
    found = Ingredients(
        share=holds / count,
        line=line,
        share_interval=exact_interval(holds, count, LEVEL_PATTERN_SUPPORTED),
        share_interval_leans=exact_interval(holds, count, LEVEL_PATTERN_LEANS),
        agree_plus=1.0,
        agree_minus=1.0,
        tell_for=1.0,
        tell_against=1.0,
        false_for=0.0,
        false_against=0.0,
        false_for_strong=0.0,
        false_against_strong=0.0,
    )
    return verdict("pattern", sign, found).word


def _resampled(test: ShareTest, seed: int, name: str) -> Interval | None:
    """Percentile bootstrap over units, from scipy; None where all units agree, when it can say nothing."""
    from scipy.stats import bootstrap

    values = np.array([unit.holds for unit in test.units], dtype=np.float64)
    if values.min() == values.max():
        return None
    found = bootstrap(
        (values,),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=LEVEL_PATTERN_SUPPORTED,
        method="percentile",
        rng=generator(seed, name, "bootstrap"),
    ).confidence_interval
    return Interval(float(found.low), float(found.high), LEVEL_PATTERN_SUPPORTED)
