"""The catalogue of published games: a name, a kind and a title for each, and where it lives.

Listing loads no game. A game is loaded when it is asked for by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Literal, NamedTuple

from standoff.errors import NotFoundError
from standoff.games.checks import Parameter, build, parameters_of
from standoff.games.solved import Solved

Kind = Literal["textbook", "estimable"]


class Entry(NamedTuple):
    """One line of the catalogue: the game's name, kind and title, and the module whose ``GAME`` it is."""

    name: str
    kind: Kind
    title: str
    module: str


class Equation(NamedTuple):
    """An equation of an estimable game that takes a formula: its name and what it stands for."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Game:
    """A published game.

    ``setting`` is two or three plain sentences; ``sources`` are keys of docs/references.bib; ``model`` is the checked
    dataclass of its parameters and ``solution`` maps it to `Solved`. ``simulation`` (where there is chance) maps a
    model, a count of plays and a seed to `standoff.games.draws.Simulated`. An estimable game has ``equations`` and
    ``fit``.
    """

    name: str
    setting: str
    sources: tuple[str, ...]
    model: type[Any]
    solution: Callable[[Any], Solved]
    simulation: Callable[[Any, int, int], Any] | None = None
    equations: tuple[Equation, ...] = ()
    fit: Callable[..., Any] | None = None

    @property
    def entry(self) -> Entry:
        return next(one for one in ENTRIES if one.name == self.name)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return parameters_of(self.model)

    def solve(self, **numbers: Any) -> Solved:
        """Solve at these numbers (by name or symbol) and defaults for the rest; GamesError with every mistake."""
        return self.solution(build(self.model, numbers))

    def simulate(self, plays: int, seed: int, **numbers: Any) -> Any:
        """Play the game so often; NotFoundError where it has no chance moves, GamesError with every mistake."""
        if self.simulation is None:
            raise NotFoundError(
                f"{self.name} has no simulation", "nothing in it is left to chance", "solve it instead"
            )
        return self.simulation(build(self.model, numbers), plays, seed)


def numbers_of(model: Any) -> dict[str, Any]:
    """The numbers of a model by name."""
    return asdict(model)


_TEXTBOOK = "standoff.games.textbook"
_DYNAMIC = "standoff.games.dynamic"
_STRATEGIC = "standoff.games.strategic"

ENTRIES: tuple[Entry, ...] = (
    Entry("selten-kidnapping", "textbook", "Selten's kidnapping game", f"{_TEXTBOOK}.selten_kidnapping"),
    Entry(
        "lapan-sandler",
        "textbook",
        "To bargain or not to bargain (Lapan and Sandler)",
        f"{_TEXTBOOK}.lapan_sandler",
    ),
    Entry(
        "cross-learning",
        "textbook",
        "Bargaining with learning about concessions (Cross)",
        f"{_TEXTBOOK}.cross_learning",
    ),
    Entry("abreu-gul", "textbook", "Bargaining and reputation (Abreu and Gul)", f"{_TEXTBOOK}.abreu_gul"),
    Entry(
        "fearon-attrition",
        "textbook",
        "Audience costs in a war of attrition (Fearon)",
        f"{_TEXTBOOK}.fearon_attrition",
    ),
    Entry(
        "risk-return",
        "textbook",
        "Ultimatum with a private cost of war: risk against return",
        f"{_TEXTBOOK}.risk_return",
    ),
    Entry(
        "rubinstein", "textbook", "Alternating offers and their limit (Rubinstein)", f"{_TEXTBOOK}.rubinstein"
    ),
    Entry(
        "sobel-takahashi",
        "textbook",
        "One-sided offers to a private value (Sobel and Takahashi)",
        f"{_TEXTBOOK}.sobel_takahashi",
    ),
    Entry(
        "threat-bluff",
        "textbook",
        "Threats, bluffs and an opposition (after Schultz)",
        f"{_TEXTBOOK}.threat_bluff",
    ),
    Entry("kydd-mediator", "textbook", "Which mediator is believed (Kydd)", f"{_TEXTBOOK}.kydd_mediator"),
    Entry(
        "gamblers-ruin", "textbook", "Learning while fighting: gambler's ruin", f"{_TEXTBOOK}.gamblers_ruin"
    ),
    Entry(
        "logit-qre", "textbook", "Logit quantal response equilibrium of small games", f"{_TEXTBOOK}.logit_qre"
    ),
    Entry("egame12", "estimable", "Strategic choice: two players, three ends", f"{_STRATEGIC}.egame12"),
    Entry("egame122", "estimable", "Strategic choice: two players, four ends", f"{_STRATEGIC}.egame122"),
    Entry("egame123", "estimable", "Strategic choice: three players, four ends", f"{_STRATEGIC}.egame123"),
    Entry("ultimatum", "estimable", "The statistical ultimatum game", f"{_STRATEGIC}.ultimatum_game"),
    Entry(
        "crisis-signalling",
        "estimable",
        "Crisis signalling with private values (Lewis and Schultz)",
        "standoff.games.signalling.game",
    ),
    Entry(
        "attrition-duration",
        "estimable",
        "War of attrition with reputations, seen as durations",
        "standoff.games.attrition_game",
    ),
    Entry("bus-engine", "estimable", "Replacing bus engines (Rust)", f"{_DYNAMIC}.published_bus"),
    Entry(
        "entry-game",
        "estimable",
        "Entry into markets (Aguirregabiria and Mira)",
        f"{_DYNAMIC}.published_entry",
    ),
)


def catalogue() -> tuple[Entry, ...]:
    """Every game, in the order of the documentation."""
    return ENTRIES


def load(name: str) -> Game:
    """The game of this name; NotFoundError, with the nearest name, where there is none."""
    names = [one.name for one in ENTRIES]
    wanted = name.strip().casefold().replace("_", "-")
    if wanted not in names:
        near = get_close_matches(wanted, names, n=1)
        raise NotFoundError(
            f"there is no game `{name}`",
            "it is not in the catalogue",
            f"did you mean `{near[0]}`?" if near else f"games: {', '.join(names)}",
        )
    game = import_module(ENTRIES[names.index(wanted)].module).GAME
    assert isinstance(game, Game)
    return game
