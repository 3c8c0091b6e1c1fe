"""The whole exception tree.

StandoffError                 anything that is the user's to mend
├── CaseError                 a case folder with one or more mistakes (all of them)
├── NotFoundError             a case, claim, test, run or file that does not exist
├── SettingsError             an option or setting that cannot be used
├── PriorsError               a file of priors with one or more mistakes (all of them)
├── RunError                  a run folder that cannot be written, read or continued
├── GameSpecError             a game with one or more mistakes (in standoff.standoff_game.errors)
├── NotConvergedError         a solution of a game that missed its gate (there too)
├── GamesError                a published game that cannot be used as asked (in standoff.games.errors)
└── LostCurveError            a curve of equilibria that could not be followed (there too)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class StandoffError(Exception):
    """Say what is wrong, why, and what to do; every door prints these three and ends with exit code 2.

    ``kind`` names the error in JSON. ``mistakes`` are dataclasses with a file, line and column; ``details`` are plain
    values that JSON gives beside the words.
    """

    kind: ClassVar[str] = "standoff"
    mistakes: tuple[Any, ...] = ()

    def __init__(self, what: str, why: str = "", do: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.do = do

    @property
    def details(self) -> Mapping[str, Any]:
        return {}


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake in a case: where (file, 1-based line and column; 0 when the file as a whole), what, why, what to do.

    ``code`` is a stable short name (for example ``unknown-actor``) that has an entry in
    docs/reference/errors.md.
    """

    file: str
    line: int
    column: int
    code: str
    what: str
    why: str
    do: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class CaseError(StandoffError):
    """A case that cannot be used; ``mistakes`` holds all that were found, in file order."""

    kind = "case"

    def __init__(self, case: str, mistakes: Sequence[Mistake]) -> None:
        count = len(mistakes)
        noun = "mistake" if count == 1 else "mistakes"
        super().__init__(
            f"{case}: {count} {noun}",
            "a case is used whole or not at all",
            "mend the places listed, then run `standoff check` again",
        )
        self.case = case
        self.mistakes = tuple(sorted(mistakes))


class NotFoundError(StandoffError):
    """Something named by the user does not exist."""

    kind = "not-found"


class SettingsError(StandoffError):
    """An option or setting that cannot be used."""

    kind = "settings"


class PriorsError(StandoffError):
    """A file of priors that cannot be used; ``mistakes`` holds all that were found, in file order."""

    kind = "priors"

    def __init__(self, file: str, mistakes: Sequence[Mistake]) -> None:
        count = len(mistakes)
        super().__init__(
            f"{file}: {count} {'mistake' if count == 1 else 'mistakes'}",
            "priors are used whole or not at all",
            "mend the places listed; docs/how-to/use-priors-from-elsewhere.md says what the file may hold",
        )
        self.mistakes = tuple(sorted(mistakes))


class RunError(StandoffError):
    """A run folder that cannot be written, read or continued."""

    kind = "run"
