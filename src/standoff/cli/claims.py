"""`standoff claims`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from standoff.cli.options import as_json, case_argument

if TYPE_CHECKING:
    from standoff.record.claims_schema import Claim


@click.command(short_help="List what a case claims, or show one claim.")
@case_argument
@click.argument("claim", required=False, metavar="[CLAIM]")
@as_json
def claims(case: str, claim: str | None, json_wanted: bool) -> None:
    """List the claims of CASE, or show CLAIM: what it says, what the record should show, and how it is tested."""
    from standoff.api import load
    from standoff.cli.text import aligned, line, print_json
    from standoff.errors import NotFoundError
    from standoff.record.codes import did_you_mean, shown

    record = load(case)
    listed = {one.id: one for one in record.claims.claims}
    if claim is not None and claim not in listed:
        known = ", ".join(listed) or "none"
        near = did_you_mean(claim, tuple(listed))
        raise NotFoundError(
            f"no claim {shown(claim)} in {record.case.id}", f"it has: {known}", near or "name one of these"
        )
    if json_wanted:
        chosen = listed.values() if claim is None else [listed[claim]]
        print_json(
            {"format": 1, "case": record.case.id, "claims": [one.model_dump(mode="json") for one in chosen]}
        )
    elif claim is not None:
        click.echo(_shown(listed[claim]))
    elif listed:
        rows = [[one.id, str(len(one.parts)), line(one.title)] for one in listed.values()]
        click.echo(aligned([["claim", "parts", "title"], *rows]))
    else:
        click.echo("this case has no claims yet: add one to claims.yaml")


def _shown(claim: Claim) -> str:
    from standoff.cli.text import line

    told = [f"{claim.id}  {line(claim.title)}", "", line(claim.statement), f"said by: {line(claim.said_by)}"]
    told += [f"mechanism: {line(claim.mechanism)}", "", "the record should show"]
    told += [f"  - {line(text)}" for text in claim.should_show]
    told += ["the record should not show", *(f"  - {line(text)}" for text in claim.should_not_show), ""]
    if claim.models:
        told += [
            f"stated by the fitted {'rival' if len(claim.models) == 1 else 'rivals'}: {', '.join(claim.models)}",
            "",
        ]
    for part in claim.parts:
        tests = ", ".join(test.test for test in part.tests)
        told.append(f"{part.id} ({part.kind}; {tests}): {line(part.statement)}")
    return "\n".join(told)
