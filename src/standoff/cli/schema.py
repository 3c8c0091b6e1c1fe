"""`standoff schema`."""

from __future__ import annotations

import click


@click.command(short_help="Print the JSON Schema of a file.")
@click.argument("name", required=False, metavar="[NAME]")
def schema(name: str | None) -> None:
    """Print the JSON Schema of the file NAME: of a case (case.yaml, claims.yaml, a table) or of a run (assessment.json).

    Without NAME, list the files that have one.
    """
    from standoff.cli.text import print_json
    from standoff.errors import NotFoundError
    from standoff.record import case_json_schemas
    from standoff.study.codec import assessment_schema

    schemas = case_json_schemas() | {"assessment.json": assessment_schema()}
    if name is None:
        click.echo("\n".join(schemas))
    elif name in schemas:
        print_json(schemas[name])
    else:
        raise NotFoundError(f"no schema {name!r}", f"there are: {', '.join(schemas)}", "name one of these")
