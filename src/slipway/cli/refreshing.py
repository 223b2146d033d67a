"""`slipway refresh`: is there new data at the source?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from slipway.cli.app import Name, app
from slipway.cli.waiting import PATIENCE, say_who_holds
from slipway.wiring import Project, open_project
from slipway.workspace.lock import locked
from slipway.workspace.paths import Paths

if TYPE_CHECKING:
    from slipway.core.changes import DataChanges


@app.command()
def refresh(
    name: Name,
    summary: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append what changed to a file, in Markdown.")
    ] = None,
    tell: Annotated[bool, typer.Option("--tell", help="Tell people, as the stage collect.")] = False,
) -> None:
    """Fetch the raw table anew; what is new and valid is pushed with DVC and left for a commit."""
    from slipway.report.data_changes import data_changes
    from slipway.stages.refresh import headline, refresh

    project = open_project()
    project.use_case(name)
    paths = project.paths(name)
    with locked(paths.run_lock, f"slipway refresh {name}", patience=PATIENCE, waiting=say_who_holds):
        found = _told(project, paths) if tell else refresh(paths, project.pipeline, project.vcs)
    if summary is not None:
        append(summary, f"{headline(found)}\n\n{data_changes(found)}\n")
    click.echo(headline(found))


def _told(project: Project, paths: Paths) -> "DataChanges":
    """Refresh as a part of a release, in whose thread it is seen."""
    from slipway.stages.carry_out import carry_out
    from slipway.stages.refresh import headline, refresh

    found: list[DataChanges] = []

    def action() -> str:
        found.append(refresh(paths, project.pipeline, project.vcs))
        return headline(found[0])

    carry_out("collect", paths, project.background_notifier, action)
    return found[0]


def append(file: Path, text: str) -> None:
    """Add text to a file, which is made where it is not there; raises WriteFailed."""
    from slipway.workspace.files import unwritable

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise unwritable(file, error) from error
