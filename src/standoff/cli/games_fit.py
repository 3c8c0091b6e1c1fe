"""`standoff games fit`: fit an estimable game to a CSV file, with errors, tests, predictions and tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from standoff.cli.options import as_json
from standoff.errors import SettingsError

if TYPE_CHECKING:
    from standoff.games.estimation.comparison import Comparison
    from standoff.games.estimation.fit import Fit, Prediction
    from standoff.games.estimation.profile import Profile
    from standoff.games.estimation.table import Table
    from standoff.games.fitting import Request


@click.command("fit", short_help="Fit an estimable game to a CSV file.")
@click.argument("name", metavar="NAME")
@click.option(
    "--data",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    help="A CSV file, one row an observation.",
)
@click.option(
    "--formula",
    "formulas",
    multiple=True,
    metavar="'EQ: TERMS'",
    help="Regressors of an equation, as 'u11: x + y - 1'; '0' fixes it at zero. Once an equation.",
)
@click.option(
    "--outcome",
    metavar="COLUMNS",
    help="'esc + war' (moves), 'column = word, word, ...' or 'n1, n2, ...' (counts), ends in the game's order.",
)
@click.option(
    "--estimator", help="One of the game's; strategic games: probit, logit, private [default: the first]."
)
@click.option("--total", metavar="COLUMN", help="Column that the counts of a row add up to.")
@click.option("--max-offer", "high", type=float, help="Highest offer that can be made (ultimatum).")
@click.option(
    "--min-offer", "low", type=float, help="Lowest offer that can be made (ultimatum) [default: 0]."
)
@click.option(
    "--beliefs",
    metavar="COLUMNS",
    help="'p_R, p_F': columns with a first stage of yours (crisis-signalling) [default: estimated].",
)
@click.option(
    "--drop-missing", is_flag=True, help="Leave out rows with missing values; they are counted and shown."
)
@click.option(
    "--cluster", metavar="COLUMN", help="Errors robust to dependence within the groups of this column."
)
@click.option(
    "--bootstrap",
    "bootstraps",
    type=click.IntRange(2, 100_000),
    help="Draw so many resamples of rows, or of clusters.",
)
@click.option(
    "--parametric", is_flag=True, help="Draw resamples from play of the fitted game (dynamic games)."
)
@click.option(
    "--penalty",
    type=click.Choice(["jeffreys", "log-f"]),
    help="Penalised likelihood, for separation and small samples.",
)
@click.option(
    "--starts",
    default=4,
    show_default=True,
    type=click.IntRange(0, 1000),
    help="Starts drawn besides the game's own.",
)
@click.option(
    "--seed", default=0, show_default=True, help="Root seed of drawn starts, resamples and intervals."
)
@click.option(
    "--profile",
    "profiled",
    multiple=True,
    metavar="COEFFICIENT",
    help="Profile likelihood of a coefficient, such as u11:x.",
)
@click.option(
    "--predict",
    "predicted",
    type=click.Path(path_type=Path),
    help="Predict for the rows of this CSV file, with intervals.",
)
@click.option(
    "--compare",
    "rivals",
    multiple=True,
    metavar="'EQ: TERMS'",
    help="Formulas of a rival model of the same rows; equations not named stay. Vuong and Clarke tests.",
)
@click.option(
    "--correction",
    default="bic",
    show_default=True,
    type=click.Choice(["none", "aic", "bic"]),
    help="Correction for size in the tests.",
)
@click.option(
    "--table",
    "style",
    type=click.Choice(["latex", "markdown", "csv"]),
    help="Print the estimates as a table, instead of in words.",
)
@click.option("--posterior", "posterior_wanted", is_flag=True, help="Also sample the posterior, by NUTS.")
@as_json
def fit_command(
    name: str, path: Path, formulas: tuple[str, ...], outcome: str | None, estimator: str | None, total: str | None,
    high: float | None, low: float | None, drop_missing: bool, cluster: str | None, bootstraps: int | None,
    penalty: str | None, starts: int, seed: int, profiled: tuple[str, ...], predicted: Path | None,
    rivals: tuple[str, ...], correction: Any, style: Any, beliefs: str | None, posterior_wanted: bool,
    parametric: bool, json_wanted: bool,
) -> None:  # fmt: skip
    """Fit the game NAME: estimates, intervals, every optimum that was found, and the gates that a fit must meet.

    Nothing is dropped in silence: missing, constant, collinear or separated columns are told, and the fit refused.
    """
    from standoff.games.estimation.formulas import written
    from standoff.games.estimation.penalty import PenaltyName
    from standoff.games.estimation.table import read_table
    from standoff.games.fitting import Request, fit

    assert penalty is None or penalty in get_args(PenaltyName)
    table, given = read_table(path), written(formulas)
    request = Request(
        given, outcome, estimator, cluster, total, drop_missing, starts, seed, bootstraps or 0, penalty,  # type: ignore[arg-type]
        low, high, _rival_columns(rivals), _progress(), beliefs, parametric,
    )  # fmt: skip
    found = fit(name, table, request)
    rival = _rival(name, table, request, rivals) if rivals else None
    _give(
        found,
        rival,
        _tests(found, rival, correction),
        profiled,
        predicted,
        style,
        seed,
        posterior_wanted,
        json_wanted,
    )


def _rival_columns(rivals: tuple[str, ...]) -> tuple[str, ...]:
    from standoff.games.estimation.formulas import used_columns, written

    return used_columns(written(rivals))


def _rival(name: str, table: Table, request: Request, rivals: tuple[str, ...]) -> Fit:
    from dataclasses import replace

    from standoff.games.estimation.formulas import used_columns, written
    from standoff.games.fitting import fit

    formulas = {**request.formulas, **written(rivals)}
    return fit(
        name, table, replace(request, formulas=formulas, also=used_columns(request.formulas), bootstraps=0)
    )


def _tests(found: Fit, rival: Fit | None, correction: Any) -> Comparison | None:
    if rival is None:
        return None
    from standoff.games.estimation.comparison import compare

    return compare(found, rival, correction=correction)


def _progress() -> Any:
    if not sys.stderr.isatty():
        return None

    def told(done: int, count: int) -> None:
        click.echo(f"\rresamples {done} of {count}" + ("\n" if done >= count else ""), err=True, nl=False)

    return told


def _give(
    found: Fit, rival: Fit | None, tests: Comparison | None, profiled: tuple[str, ...], predicted: Path | None,
    style: Any, seed: int, posterior_wanted: bool, json_wanted: bool,
) -> None:  # fmt: skip
    profiles, prediction = _profiles(found, profiled), _prediction(found, predicted, seed)
    from standoff.cli.games_posterior import posterior_of, posterior_words

    posterior = posterior_of(found, seed) if posterior_wanted else None
    fits = [found] if rival is None else [found, rival]
    if style is not None:
        from standoff.games.estimation.tables import table_of_fits

        printed = table_of_fits(fits, style)
        if not json_wanted:
            click.echo(printed, nl=False)
            return
    if json_wanted:
        from standoff.cli.text import print_json

        answer: dict[str, Any] = {"format": 1, **found.to_dict()}
        answer |= {"profiles": [one.to_dict() for one in profiles]} if profiles else {}
        answer |= {"prediction": prediction.to_dict()} if prediction else {}
        answer |= {"posterior": posterior} if posterior else {}
        answer |= {"rival": rival.to_dict()} if rival else {}
        answer |= {"comparison": tests.to_dict()} if tests else {}
        answer |= {"table": printed} if style is not None else {}
        print_json(answer)
        return
    told = [_words(one) for one in fits]
    told += [one.sentence for one in profiles]
    told += [_prediction_words(prediction)] if prediction else []
    told += [posterior_words(posterior)] if posterior else []
    told += [tests.sentence + "\n" + _gates(tests.gates)] if tests else []
    click.echo("\n\n".join(told))


def _profiles(found: Fit, names: tuple[str, ...]) -> list[Profile]:
    from standoff.games.estimation.profile import profile

    return [profile(found, name) for name in names]


def _prediction(found: Fit, path: Path | None, seed: int) -> Prediction | None:
    if path is None:
        return None
    from standoff.games.estimation.table import read_table

    if found.predictor is None:
        raise SettingsError(f"{found.game} predicts nothing for new rows", "", "leave out --predict")
    return found.predict(read_table(path), seed=seed)


def _words(found: Fit) -> str:
    from standoff.cli.text import aligned, line

    rows = [["coefficient", "estimate", "error", "95 % interval", "z", "p"]]
    for one in found.coefficients():
        rows.append([line(one.name), f"{one.estimate:.4f}", f"{one.error:.4f}", f"{one.low:.4f} to {one.high:.4f}",
                     f"{one.z:.2f}", f"{one.p:.3g}"])  # fmt: skip
    told = [line(found.sentence), "", aligned(rows), "", f"errors: {found.main}", _gates(found.gates)]
    if found.dropped.lines:
        told.append(line(found.dropped.sentence))
    told += [f"note: {line(note)}" for note in found.notes]
    if len(found.optima) > 1:
        told += ["", _optima(found)]
    return "\n".join(told)


def _gates(gates: Any) -> str:
    from standoff.cli.text import line

    return "\n".join(
        f"{'met   ' if one.passed else 'FAILED'}  {one.name}: {line(one.detail)}" for one in gates
    )


def _optima(found: Fit) -> str:
    from standoff.cli.text import aligned

    rows = [["optimum", "log-likelihood", "converged", "steepest slope", "reached from"]]
    for i, one in enumerate(found.optima):
        state = "yes" if one.converged else "NO"
        rows.append(
            [str(i + 1), f"{one.log_likelihood:.6f}", state, f"{one.gradient:.1e}", ", ".join(one.starts)]
        )
    return aligned(rows)


def _prediction_words(prediction: Prediction) -> str:
    from standoff.cli.text import aligned, line

    rows = [["row", *(line(name) for name in prediction.names)]]
    for i, (values, low, high) in enumerate(
        zip(prediction.values, prediction.low, prediction.high, strict=True)
    ):
        rows.append(
            [
                str(i + 1),
                *(f"{v:.3f} ({a:.3f} to {b:.3f})" for v, a, b in zip(values, low, high, strict=True)),
            ]
        )
    return f"predicted, {prediction.level:.0%} intervals from {prediction.method}\n{aligned(rows)}"
