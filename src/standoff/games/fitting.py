"""Fit any estimable game by its name: one request, checked against what the game can do, to one `Fit`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

from standoff.errors import NotFoundError, SettingsError
from standoff.games.estimation.fit import Fit
from standoff.games.estimation.penalty import PenaltyName
from standoff.games.estimation.table import Table

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a fit.

    ``formulas`` by equation; ``outcome`` the columns of outcomes in the game's notation, None for the game's own;
    ``estimator`` one of the game's (None: its first); ``cluster`` and ``total`` columns; ``starts`` drawn starts under
    ``seed``; ``bootstraps`` resamples, ``parametric`` from play of the fitted game; ``penalty``; ``low`` and ``high`` bounds of offers; ``also`` further columns
    that must not be missing; ``beliefs`` two columns with a first stage.
    """

    formulas: Mapping[str, str]
    outcome: str | None = None
    estimator: str | None = None
    cluster: str | None = None
    total: str | None = None
    drop_missing: bool = False
    starts: int = 4
    seed: int = 0
    bootstraps: int = 0
    penalty: PenaltyName | None = None
    low: float | None = None
    high: float | None = None
    also: tuple[str, ...] = ()
    told: Told | None = None
    beliefs: str | None = None
    parametric: bool = False


class Fitter(NamedTuple):
    """How a game is fitted: its estimators, the options that it takes beside the common ones, and the work."""

    estimators: tuple[str, ...]
    takes: tuple[str, ...]
    work: Callable[[str, Table, Request, str], Fit]


def fit(game: str, table: Table, request: Request) -> Fit:
    """Fit ``game`` to a table; NotFoundError, SettingsError or EstimationError with every mistake."""
    if game not in FITTERS:
        raise NotFoundError(f"`{game}` cannot be fitted", "it is not an estimable game", f"estimable games: {', '.join(FITTERS)}")  # fmt: skip
    fitter = FITTERS[game]
    for name in (
        "outcome",
        "cluster",
        "total",
        "bootstraps",
        "penalty",
        "low",
        "high",
        "beliefs",
        "parametric",
    ):
        if getattr(request, name) and name not in fitter.takes:
            raise SettingsError(f"{game} takes no {_OPTIONS[name]}", "it would be ignored without a word", f"leave it out; {game} takes {', '.join(_OPTIONS[n] for n in fitter.takes)}")  # fmt: skip
    estimator = request.estimator or fitter.estimators[0]
    if estimator not in fitter.estimators:
        raise SettingsError(
            f"{game} has no estimator `{estimator}`", "", f"use one of: {', '.join(fitter.estimators)}"
        )
    return fitter.work(game, table, request, estimator)


_OPTIONS = {
    "outcome": "--outcome", "cluster": "--cluster", "total": "--total", "bootstraps": "--bootstrap",
    "penalty": "--penalty", "low": "--min-offer", "high": "--max-offer",
    "beliefs": "--beliefs", "parametric": "--parametric",
}  # fmt: skip


def _outcome(game: str, request: Request) -> str:
    if request.outcome is None:
        raise SettingsError("no --outcome", "the columns of outcomes have to be named", f"see `standoff games show {game}`")  # fmt: skip
    return request.outcome


def _tree(game: str, table: Table, request: Request, estimator: str) -> Fit:
    from standoff.games.strategic.fitting import fit_tree

    return fit_tree(
        game, table, request.formulas, _outcome(game, request), link="logit" if estimator == "logit" else "probit",
        chance="private" if estimator == "private" else "agent", cluster=request.cluster, total=request.total,
        drop_missing=request.drop_missing, starts=request.starts, seed=request.seed, bootstraps=request.bootstraps,
        penalty=request.penalty, also=request.also, told=request.told,
    )  # fmt: skip


def _ultimatum(game: str, table: Table, request: Request, estimator: str) -> Fit:
    from standoff.games.strategic.ultimatum import fit_ultimatum

    if request.high is None:
        raise SettingsError(
            "no --max-offer", "the game needs to know the most that can be offered", "give --max-offer"
        )
    return fit_ultimatum(
        table, request.formulas, _outcome(game, request), high=request.high, low=request.low or 0.0,
        cluster=request.cluster, drop_missing=request.drop_missing, starts=request.starts, seed=request.seed,
        bootstraps=request.bootstraps, penalty=request.penalty, also=request.also, told=request.told,
    )  # fmt: skip


def _signalling(game: str, table: Table, request: Request, estimator: str) -> Fit:
    from standoff.games.signalling import fitting

    return fitting.fit(
        table, request.formulas, request.outcome or "sq, cd, sf, bd", estimator=cast(Literal["pl", "npl", "cml"], estimator), cluster=request.cluster,
        total=request.total, drop_missing=request.drop_missing, starts=request.starts, seed=request.seed,
        bootstraps=request.bootstraps, penalty=request.penalty, beliefs=request.beliefs, also=request.also, told=request.told,
    )  # fmt: skip


def _attrition(game: str, table: Table, request: Request, estimator: str) -> Fit:
    from standoff.games.attrition_duration import attrition_model
    from standoff.games.estimation.estimate import estimate

    columns = [part.strip() for part in (request.outcome or "duration + gave_in").split("+")]
    if len(columns) != 2 or not all(columns):
        raise SettingsError(f"--outcome {request.outcome!r} is not two columns", "a contest has a duration and who gave in", 'write "duration + gave_in"')  # fmt: skip
    model = attrition_model(
        table, request.formulas, duration=columns[0], gave_in=columns[1], cluster=request.cluster or "",
        drop_missing=request.drop_missing,
    )  # fmt: skip
    return estimate(
        model, starts=request.starts, seed=request.seed, bootstraps=request.bootstraps, penalty=request.penalty,
        told=request.told,
    )  # fmt: skip


def _bus(_: str, table: Table, request: Request, estimator: str) -> Fit:
    from standoff.games.dynamic.published_bus import fit as fit_bus

    return fit_bus(table, request, estimator)


def _entry(_: str, table: Table, request: Request, estimator: str) -> Fit:
    from standoff.games.dynamic.published_entry import fit as fit_entry

    return fit_entry(table, request, estimator)


_DYNAMIC = ("constrained", "nested-fixed-point", "npl", "two-step")
_DYNAMIC_TAKES = ("outcome", "cluster", "bootstraps", "parametric", "penalty")
_TREE = Fitter(
    ("probit", "logit", "private"), ("outcome", "cluster", "total", "bootstraps", "penalty"), _tree
)

FITTERS: Mapping[str, Fitter] = {
    "egame12": _TREE,
    "egame122": _TREE,
    "egame123": _TREE,
    "ultimatum": Fitter(
        ("maximum likelihood",), ("outcome", "cluster", "bootstraps", "penalty", "low", "high"), _ultimatum
    ),
    "crisis-signalling": Fitter(
        ("npl", "pl", "cml"), ("outcome", "cluster", "total", "bootstraps", "penalty", "beliefs"), _signalling
    ),
    "attrition-duration": Fitter(
        ("maximum likelihood",), ("outcome", "cluster", "bootstraps", "penalty"), _attrition
    ),
    "bus-engine": Fitter(_DYNAMIC, _DYNAMIC_TAKES, _bus),
    "entry-game": Fitter(_DYNAMIC, _DYNAMIC_TAKES, _entry),
}
