"""Every mistake code of a case: why it matters and what to do about it when nothing better can be said.

The codes are stable: scripts may rely on them. Each has an entry in docs/reference/errors.md, and a test
compares the two lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from standoff.errors import Mistake


class Place(NamedTuple):
    """Where something stands: file name inside the case, 1-based line and column (0: the file as a whole)."""

    file: str
    line: int = 0
    column: int = 0


class Advice(NamedTuple):
    why: str
    do: str


CODES: Mapping[str, Advice] = {
    # the files themselves
    "missing-file": Advice(
        "a case is a folder with this file in it", "add the file, or check the folder's name"
    ),
    "not-a-folder": Advice("a case is a folder that holds its files", "give the folder, not a file in it"),
    "not-a-file": Advice("only a plain file can be read here", "put a plain file of this name in its place"),
    "unreadable-file": Advice("the system did not let the file be read", "check its permissions and links"),
    "file-too-large": Advice(
        "a record written by people is far smaller", "look for a stray paste, or split the case"
    ),
    "empty-file": Advice(
        "nothing can be read from it", "write its content, or delete the file if it is optional"
    ),
    "bad-encoding": Advice("text is read as UTF-8 and nothing else", "save the file again as UTF-8"),
    "control-character": Advice(
        "characters that do not print can hide text or damage a terminal", "delete the character"
    ),
    # YAML
    "yaml-syntax": Advice(
        "the text is not YAML from here on", "check indentation, colons and quotes near this place"
    ),
    "yaml-duplicate-key": Advice("only one of the two values could be used", "keep one of the two keys"),
    "yaml-alias": Advice(
        "aliases can swell a small file without limit", "write the value out where it is needed"
    ),
    "yaml-too-deep": Advice("no part of a case nests this far", "look for a stray bracket"),
    "yaml-tag": Advice("a case holds plain values, never objects", "remove the tag, which begins with `!`"),
    "yaml-key": Advice("a key is one plain word", "write the key as plain text"),
    "yaml-documents": Advice(
        "each file holds one document", "remove the line `---` and what does not belong"
    ),
    # what the schema asks of YAML values
    "missing-key": Advice("the case cannot be used without it", "add the key"),
    "unknown-key": Advice(
        "a misspelt key would be ignored without a word", "remove the key, or correct its name"
    ),
    "not-a-block": Advice("this place takes a block of `key: value` lines", "write one key on each line"),
    "not-a-list": Advice(
        "this place takes a list", "write each item on its own line after `- `, or `[a, b]`"
    ),
    "empty-list": Advice("the list must have more items than it has", "add the items that are missing"),
    "not-text": Advice("this place takes text", "put the value in quotes"),
    "empty-text": Advice("a reader needs the words", "write the text"),
    "long-text": Advice("longer texts do not fit the pages", "shorten the text"),
    "bad-value": Advice(
        "the value is not of the kind that belongs here", "see the reference of the case format"
    ),
    # values, in YAML and in tables
    "bad-id": Advice(
        "ids are used in links and file names",
        "begin with a letter; then letters, digits, `_`, `.`, `-`; 64 at most",
    ),
    "bad-date": Advice(
        "a date that can be read in two ways is no date", "write year-month-day, such as 2024-05-31"
    ),
    "bad-yes-no": Advice("only two answers are possible", "write `yes` or `no`"),
    "not-a-number": Advice("this place takes a number", "write digits, with a point for decimals"),
    "decimal-comma": Advice("a comma could separate decimals, thousands or columns", "write a decimal point"),
    "impossible-number": Advice("the number lies outside what can be", "correct the number"),
    "unknown-value": Advice("only the listed words have a meaning here", "use one of the listed words"),
    "missing-value": Advice("this cell must not be empty", "fill the cell"),
    "missing-source": Advice("a fact that is not sourced is not written", "name a source of sources.csv"),
    "repeated-item": Advice("naming it twice adds nothing", "name it once"),
    # tables
    "no-header": Advice(
        "columns are known by the names in the first line", "write the header as the first line"
    ),
    "missing-column": Advice(
        "every column is part of the table, even when its cells are empty", "add the column"
    ),
    "unknown-column": Advice(
        "a misspelt column would be ignored without a word", "remove it, or correct its name"
    ),
    "repeated-column": Advice("only one of the two could be used", "keep one of the two columns"),
    "row-width": Advice(
        "a comma or quote inside a text shifts every cell after it",
        "put cells that hold a separator in double quotes",
    ),
    "csv-syntax": Advice(
        "the quotes of the table do not match from here on", "check the double quotes near this place"
    ),
    "cell-too-large": Advice(
        "no text of a case is this long", "look for a missing closing quote, or shorten it"
    ),
    # ids and references
    "duplicate-id": Advice("a link to the id could mean either", "give one of the two another id"),
    "unknown-actor": Advice(
        "actors are declared in case.yaml", "declare it under `actors`, or correct the id"
    ),
    "unknown-source": Advice("sources are declared in sources.csv", "add a row there, or correct the id"),
    "unknown-issue": Advice(
        "issues are declared in case.yaml", "declare it under `issues`, or correct the id"
    ),
    "unknown-term": Advice("terms are declared in case.yaml", "declare it under `terms`, or correct the id"),
    "unknown-kind": Advice(
        "kinds are declared in the codebook", "declare it under `codebook`, or correct the id"
    ),
    "unknown-intensity": Advice(
        "intensities are declared in the codebook", "declare it under `codebook`, or correct the number"
    ),
    "unknown-collection": Advice(
        "collections are declared in the codebook", "declare it, or correct the word"
    ),
    "unknown-series": Advice(
        "series are declared in case.yaml", "declare it under `series`, or correct the id"
    ),
    "unknown-event": Advice("events are the rows of events.csv", "add the row, or correct the id"),
    "unknown-row": Advice("rows are those of events.csv and positions.csv", "add the row, or correct the id"),
    "unknown-choice": Advice(
        "choices are declared in case.yaml", "declare it under `choices`, or correct the name"
    ),
    "unknown-part": Advice("parts are declared in claims.yaml", "declare the part, or correct the id"),
    "unknown-rival": Advice(
        "a rival is another claim, or an account under `accounts`", "declare the account, or correct the id"
    ),
    "unknown-account": Advice(
        "a row is judged under its claim's id and under the rivals that its part names", "correct the id"
    ),
    "unknown-judge": Advice(
        "judges are declared in case.yaml", "declare it under `judges`, or correct the id"
    ),
    "unknown-ledger-row": Advice(
        "judgements are of the rows of ledger.csv", "add the row, or correct the id"
    ),
    "unknown-position": Advice("positions are the rows of positions.csv", "add the row, or correct the id"),
    # meaning of the frame
    "outside-period": Advice(
        "the record covers the period of case.yaml and its extension", "correct the date, or widen the period"
    ),
    "impossible-period": Advice("every week of the period is drawn and tested", "look for a mistyped year"),
    "end-before-start": Advice("an end cannot come before its start", "exchange or correct the two dates"),
    "out-of-order": Advice("each entry lasts until the next begins", "sort the entries by date"),
    "missing-role": Advice("a standoff has at least one holder and one coercer", "add an actor of this role"),
    "wrong-backing": Advice(
        "`backs` says which side a patron backs, and belongs to patrons alone", "correct it"
    ),
    "missing-side": Advice(
        "a stance belongs to actors that are named under `stance`", "name the side's actors there"
    ),
    "needs-without-weight": Advice(
        "an issue without weight cannot be needed", "give it a weight, or need it not"
    ),
    "empty-selector": Advice(
        "a signal without any condition would be every event", "state at least one condition"
    ),
    "bad-option": Advice("the choice has no such option", "use a value that the choice knows"),
    "baseline-not-an-option": Advice(
        "the baseline is one of the options", "list it, or choose another baseline"
    ),
    "option-without-data": Advice(
        "the option would select nothing", "add the rows that it needs, or drop the option"
    ),
    # meaning of the tables
    "overlapping-points": Advice(
        "a day would be counted twice", "correct the dates, or keep one of the points"
    ),
    "level-without-issue": Advice("a level is read on an issue", "name the issue, or clear the level"),
    "issue-without-level": Advice(
        "the issue is named for the level that it gives", "give the level, or clear the issue"
    ),
    "wrong-unit": Advice("values of one term share one unit", "convert the value, or correct the unit"),
    "low-above-high": Advice("a range runs from low to high", "exchange or correct the two"),
    # meaning of the claims
    "repeated-test": Advice("a part has one result of each kind", "split the part in two"),
    "order-and-contrast": Advice("a part states one effect", "split the part in two"),
    "test-without-effect": Advice(
        "a multiverse and a tell repeat an order or a contrast test", "add the test, or remove this one"
    ),
    "part-without-test": Advice("without it the part's kind cannot get any verdict", "add the test"),
    "action-mismatch": Advice("`with_action_days` and `action` are used together", "give both, or neither"),
    "ledger-without-test": Advice("the row would be weighed by nothing", "add `- test: ledger` to the part"),
    "missing-judgement": Advice(
        "an eligible row is weighed with a range by every judge under every account", "add the row"
    ),
    "duplicate-judgement": Advice("a judge gives one range for a row and an account", "keep one of the two"),
    # writing
    "cannot-save": Advice(
        "what was written would not read back as the same record", "mend the value that is named"
    ),
    "cannot-write": Advice(
        "nothing is written unless all of it can be",
        "check the folder's permissions and the space left on the disk",
    ),
}


def mistake(place: Place, code: str, what: str, do: str = "", why: str = "") -> Mistake:
    """A mistake of a known code at a place; the code's own advice stands where none is given."""
    advice = CODES[code]
    return Mistake(place.file, place.line, place.column, code, what, why or advice.why, do or advice.do)


@lru_cache(maxsize=4096)  # the same slip is often made in every row
def did_you_mean(word: str, known: tuple[str, ...]) -> str:
    """`` did you mean `x`? `` or an empty text; compares without regard to case."""
    from difflib import get_close_matches

    folded = {item.casefold(): item for item in known}
    near = get_close_matches(word.casefold()[:80], folded, n=1, cutoff=0.6)
    return f"did you mean `{folded[near[0]]}`?" if near else ""


def shown(value: object, limit: int = 60) -> str:
    """A value as it may be quoted in a message: one line, short, in backticks."""
    text = " ".join(str(value).split())
    return f"`{text}`" if len(text) <= limit else f"`{text[: limit - 1]}…`"
