"""The reference page of priors, made from the code: `python -m standoff.inference.priors_page docs/reference/priors.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from standoff.inference.priors import Prior, interval, value
from standoff.inference.rivals import RIVALS

HEAD = """# Priors

Fixed before any fit to a shipped case; the [explanation](../explanation/learning-from-the-record.md) says what they are priors of.
Each value is a transform of a standard normal: the table gives its median and its central 90% interval. *Freed by*: the term of the
rivals that lets the parameter differ from no effect; always free where none is named.
"""

SIGNS = {0: "", 1: " (hope or threat)", -1: " (assurance)"}


def page() -> str:
    """The whole page: the rivals and their terms, then the reduced form block by block, then the game."""
    from standoff.inference.structural_priors import ENTRIES, PRIORS
    from standoff.inference.twin_blocks import BLOCKS

    lines = [HEAD, "## Terms that each rival frees\n", "| rival | terms | says |", "|---|---|---|"]
    lines += [f"| {r.name} | {', '.join(sorted(r.terms)) or '-'} | {r.says} |" for r in RIVALS]
    for block in BLOCKS:
        lines += [f"\n## Reduced form: {block.name}\n", *_table(block.priors, block.needs)]
    needs = [() if e.needs is None else (e.needs + SIGNS[e.sign],) for e in ENTRIES]
    lines += ["\n## The game\n", *_table(PRIORS, needs)]
    return "\n".join(lines) + "\n"


def _table(priors: Sequence[Prior], needs: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield "| parameter | meaning | unit | median | 90% interval | freed by | reason |"
    yield "|---|---|---|---|---|---|---|"
    for prior, terms in zip(priors, needs, strict=True):
        low, high = interval(prior)
        freed = ", ".join(terms)
        yield (
            f"| `{prior.name}` | {prior.meaning} | {prior.unit} | {float(value(prior, 0.0)):.2g} | "
            f"{low:.2g} to {high:.2g} | {freed} | {prior.reason} |"
        )


def main(arguments: Sequence[str]) -> None:
    """Write the page to the file named."""
    Path(arguments[0]).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
