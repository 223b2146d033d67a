"""Commands that draw what is known."""

from pathlib import Path
from typing import Annotated

import click
import typer

from slipway.cli.app import app
from slipway.wiring import open_project

_PLACE = Path("build/site")


@app.command()
def dashboard(
    into: Annotated[Path, typer.Option(help="The folder; what it holds is replaced.")] = _PLACE,
) -> None:
    """Write a static site of all use cases: releases, verdicts, metrics, drift, decisions, freshness."""
    from datetime import UTC, datetime

    from slipway.stages.dashboard import portray, write_site

    project = open_project()
    portraits = []
    for name in sorted(project.params.use_cases):
        click.echo(f"asking for {name}", err=True)
        title = project.use_case(name).title
        portraits.append(portray(name, title, project.registry, project.watches, project.settings.version_url))
    for path in write_site(portraits, into, datetime.now(UTC)):
        click.echo(str(path))
