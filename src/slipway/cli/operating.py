"""Commands on what is registered and what answers."""

from pathlib import Path
from typing import Annotated

import click
import typer

from slipway.cli.app import Name, app
from slipway.stages.serve import DEFAULT_PORT
from slipway.wiring import open_project

_LONGEST_ALIAS = len("candidate,")


@app.command()
def history(name: Name) -> None:
    """List every registered version with its verdict."""
    from rich.console import Console
    from rich.table import Table

    from slipway.stages.history import COLUMNS, history, rows, told

    versions = history(name, open_project().registry)
    table = Table(box=None, pad_edge=False)
    for heading in COLUMNS[:-1]:
        table.add_column(heading, overflow="fold", min_width=len(heading) if heading != "aliases" else _LONGEST_ALIAS)
    for row in rows(versions):
        table.add_row(*row[:-1])
    Console().print(table)
    for version in reversed(versions):
        click.echo(told(version))


@app.command()
def serve(
    name: Name,
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = DEFAULT_PORT,
    candidate: Annotated[bool, typer.Option(help="The last judged model instead of the champion.")] = False,
) -> None:
    """Start the endpoint on the champion and keep it until Ctrl-C."""
    from slipway.adapters.endpoint import LocalEndpoint
    from slipway.stages.serve import bundle_to_serve, serve_forever

    project = open_project()
    paths = project.paths(name)
    bundle: Path = paths.bundle
    version: str | None = None
    if not candidate:
        bundle, version = bundle_to_serve(name, project.registry, paths.champion)
    with LocalEndpoint(bundle, port=port, model_version=version) as endpoint:
        serve_forever(bundle, endpoint, click.echo)
