"""`slipway image`: from a registered version to an image in a registry."""

from typing import Annotated

import click
import typer

from slipway.cli.app import Name, app
from slipway.cli.waiting import PATIENCE, say_who_holds
from slipway.wiring import open_project
from slipway.workspace.lock import locked


@app.command()
def image(
    name: Name,
    version: Annotated[int | None, typer.Option(help="A registered version; by default the champion.")] = None,
    candidate: Annotated[bool, typer.Option(help="The last registered model instead of the champion.")] = False,
    push: Annotated[bool, typer.Option(help="Push it to SLIPWAY_IMAGE_REPOSITORY and note its digest.")] = False,
) -> None:
    """Build the image of a registered version, try it, and push it where asked to."""
    from slipway.stages.image import Workshop, choose, image

    if version is not None and candidate:
        raise typer.BadParameter("give --version or --candidate, not both")
    project = open_project()
    settings, vcs = project.settings, project.vcs
    with locked(project.paths(name).run_lock, f"slipway image {name}", patience=PATIENCE, waiting=say_who_holds):
        workshop = Workshop(
            root=settings.root,
            registry=project.registry,
            images=project.images,
            repository=settings.image_repository,
            base=settings.base_image,
            commit=vcs.commit(),
            dirty=vcs.is_dirty(),
            say=lambda line: click.echo(line, err=True),
        )
        click.echo(image(workshop, choose(project.registry, name, version, candidate=candidate), push=push))
