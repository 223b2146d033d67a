"""`slipway announce`: the start of a release."""

from typing import Annotated

import click
import typer

from slipway.cli.app import app
from slipway.wiring import open_project

Names = Annotated[list[str], typer.Argument(metavar="USE_CASE...", help="What is released.", show_default=False)]


@app.command()
def announce(
    names: Names,
    reason: Annotated[str, typer.Option(help="Why, in words.")] = "",
) -> None:
    """Open the thread of the release SLIPWAY_RELEASE in Slack, or tell in it what is released now."""
    from slipway.stages.announce import announce

    project = open_project()
    for name in names:
        project.section(name)
    settings = project.settings
    pages = f"{settings.github_server}/{settings.github_repository}/commit" if settings.github_repository else ""
    told = announce(
        names,
        reason,
        project.background_notifier,
        project.vcs,
        release=settings.release,
        actor=settings.actor,
        run_url=settings.run_url(),
        commit_url=pages,
    )
    click.echo(f"release {told.release}: {', '.join(told.use_cases)}")
