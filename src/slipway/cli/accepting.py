"""`slipway accept`: what later data is held to."""

import click

from slipway.cli.app import Name, app
from slipway.cli.waiting import PATIENCE, say_who_holds
from slipway.wiring import open_project
from slipway.workspace.lock import locked


@app.command()
def accept(name: Name) -> None:
    """Take the raw table at hand for what later ones are held to; leaves a small file for a commit."""
    from slipway.stages.accept import accept

    project = open_project()
    project.section(name)
    paths = project.paths(name)
    with locked(paths.stage_lock, f"slipway accept {name}", patience=PATIENCE, waiting=say_who_holds):
        click.echo(accept(paths))
