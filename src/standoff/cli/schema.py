"""`standoff schema`."""

from __future__ import annotations

import click


@click.command(short_help="Print the JSON Schema of a case or a run.")
@click.argument("name", required=False, metavar="[NAME]")
def schema(name: str | None) -> None:
    """Print the JSON Schema NAME: of a file of a case, or of a run's assessment.json.

    Without NAME, list those there are.
    """
    from standoff.cli.text import print_json
    from standoff.errors import NotFoundError
    from standoff.record import case_json_schemas
    from standoff.record.codes import did_you_mean, shown
    from standoff.study.codec import assessment_schema

    schemas = case_json_schemas() | {"assessment.schema.json": assessment_schema()}
    if name is None:
        click.echo("\n".join(schemas))
    elif name in schemas:
        print_json(schemas[name])
    else:
        near = did_you_mean(name, tuple(schemas)) or did_you_mean(f"{name}.schema.json", tuple(schemas))
        raise NotFoundError(
            f"no schema {shown(name)}", f"there are: {', '.join(schemas)}", near or "name one of these"
        )
