"""Commands that write new use cases."""

from pathlib import Path
from typing import Annotated

import click
import typer

from slipway.cli.app import app
from slipway.cli.waiting import say_who_holds
from slipway.core.task import Task
from slipway.wiring import open_project
from slipway.workspace.lock import locked


@app.command()
def new(  # noqa: PLR0917 - a command line has as many options as it has
    name: Annotated[str, typer.Argument(help="Of the folder, the section of params.yaml and the model.")],
    task: Annotated[Task, typer.Option(help="What kind of question it answers.", show_default=False)],
    data: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="The table to start from; without it, a made-up one.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="What to predict; by default the last column.")
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="What identifies a row; may be given several times.")
    ] = None,
    positive: Annotated[
        str | None, typer.Option(metavar="VALUE", help="The class to predict; by default the rarer of two.")
    ] = None,
) -> None:
    """Write a new use case: its code, a first suite of expectations, its params and its tests."""
    if data is None and (target or key or positive):
        raise typer.BadParameter("--target, --key and --positive are about the file that --data names")
    from slipway.making.draft import Request
    from slipway.stages.new import new

    root = open_project().settings.root
    request = Request(name, task, target, tuple(key or ()), positive)
    with locked(root / ".slipway" / "new.lock", f"slipway new {name}", patience=60, waiting=say_who_holds):
        made = new(root, request, data)
    for path in made.written:
        click.echo(f"wrote {path}")
    for note in made.notes:
        click.echo(f"- {note}")
    click.echo(f"next: slipway run {name}")
