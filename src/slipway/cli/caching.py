"""`slipway cache`: what was computed once is not computed again elsewhere."""

from typing import Literal

import click
import typer

from slipway.cli.app import Name, app
from slipway.cli.waiting import PATIENCE, say_who_holds
from slipway.wiring import open_project
from slipway.workspace.lock import locked

cache = typer.Typer(
    help="Share what stages left, through the remote that SLIPWAY_RUN_CACHE names.", no_args_is_help=True
)
app.add_typer(cache, name="cache")


@cache.command()
def pull(name: Name) -> None:
    """Bring what others computed with the inputs that are here."""
    _share(name, "pull")


@cache.command()
def push(name: Name) -> None:
    """Share what was computed here."""
    _share(name, "push")


def _share(name: str, way: Literal["pull", "push"]) -> None:
    from slipway.stages.run_cache import share

    project = open_project()
    project.section(name)
    with locked(project.paths(name).run_lock, f"slipway cache {way} {name}", patience=PATIENCE, waiting=say_who_holds):
        click.echo(share(name, project.run_cache, way))
