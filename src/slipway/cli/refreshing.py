"""`slipway refresh`: is there new data at the source?"""

from pathlib import Path
from typing import Annotated

import click
import typer

from slipway.cli.app import Name, app
from slipway.cli.waiting import PATIENCE, say_who_holds
from slipway.wiring import open_project
from slipway.workspace.lock import locked


@app.command()
def refresh(
    name: Name,
    summary: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append what changed to a file, in Markdown.")
    ] = None,
) -> None:
    """Fetch the raw table anew; what is new and valid is pushed with DVC and left for a commit."""
    from slipway.report.data_changes import data_changes
    from slipway.stages.refresh import headline, refresh

    project = open_project()
    project.use_case(name)
    paths = project.paths(name)
    with locked(paths.run_lock, f"slipway refresh {name}", patience=PATIENCE, waiting=say_who_holds):
        found = refresh(paths, project.pipeline, project.vcs)
    if summary is not None:
        append(summary, f"{headline(found)}\n\n{data_changes(found)}\n")
    click.echo(headline(found))


def append(file: Path, text: str) -> None:
    """Add text to a file, which is made where it is not there; raises WriteFailed."""
    from slipway.workspace.files import unwritable

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise unwritable(file, error) from error
