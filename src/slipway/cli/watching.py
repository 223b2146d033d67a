"""What follows from a look at a live model: people are told, a training is started."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from slipway.cli.app import Name, app
from slipway.cli.refreshing import append
from slipway.wiring import Project, open_project

if TYPE_CHECKING:
    from slipway.ports import Issues

_LOOKED_BACK = 10


@app.command()
def alarm(
    name: Name,
    summary: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append the look to a file, in Markdown.")
    ] = None,
) -> None:
    """Tell what the last look found, if anything is new; keep one issue on GitHub while there are alarms."""
    from slipway.core.watch import Watch
    from slipway.report.watch import render
    from slipway.stages.alarm import alarm, previous, summary_line
    from slipway.stages.retrain import LOOK
    from slipway.workspace.files import read_document

    project = open_project()
    project.section(name)
    watch = read_document(project.paths(name).monitor / LOOK, Watch, made_by=f"slipway monitor {name}")
    page = project.settings.run_url()
    if summary is not None:
        append(summary, render(watch, run_url=page))
    before = previous(watch, project.watches.latest(name, _LOOKED_BACK))
    told = alarm(watch, before, project.notifier, _issues(project), run_url=page)
    click.echo(summary_line(watch, told))


def _issues(project: Project) -> "Issues | None":
    """None where the repository is not known or may not be written to: then people are told, and no issue is kept."""
    return project.issues if project.settings.github_token and project.settings.github_repository else None


@app.command()
def retrain(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="Where looks are; by default .slipway.", show_default=False)
    ] = None,
) -> None:
    """Start the workflow train for every use case whose last look says so."""
    from slipway.stages.repository_setup import unasked
    from slipway.stages.retrain import is_asked_for, looks_below, retrain

    project = open_project()
    looks = looks_below(folder or project.settings.root / ".slipway")
    for look in looks:
        if not is_asked_for(look):
            click.echo(f"{look.use_case}: not retrained, the look says {look.retrain.answer}")
    if not looks:
        click.echo("no look was found: nothing is retrained")
    asked = [look for look in looks if is_asked_for(look)]
    missing = unasked(project.settings.github_token, project.settings.github_repository)
    if asked and missing is not None:
        raise missing
    for look in asked:
        click.echo(retrain(look, project.workflows))


@app.command()
def digest(
    days: Annotated[float, typer.Option(min=0.04, max=366, help="How far it looks back.")] = 7.0,
) -> None:
    """Tell in one message what became of all live models: champions, alarms, decisions, retrainings."""
    from slipway.discovery import use_case_names
    from slipway.stages.digest import digest

    project = open_project()
    names = use_case_names(project.settings.root)
    made = digest(names, project.registry, project.watches, days=days, now=datetime.now(UTC))
    project.notifier.sum_up(made)
