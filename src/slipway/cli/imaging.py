"""`slipway image`: from a registered version, or from what was sealed here, to an image."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from slipway.cli.app import app
from slipway.cli.outputs import Outputs, append_outputs
from slipway.cli.waiting import PATIENCE, say_who_holds
from slipway.wiring import Project, open_project
from slipway.workspace.lock import locked

if TYPE_CHECKING:
    from slipway.stages.image import Workshop
    from slipway.stages.train_image import Checkout


@app.command()
def image(  # noqa: PLR0917 - a command line has as many options as it has
    name: Annotated[
        str | None, typer.Argument(metavar="[USE_CASE]", help="A folder of src/use_cases.", show_default=False)
    ] = None,
    version: Annotated[int | None, typer.Option(help="A registered version; by default the champion.")] = None,
    candidate: Annotated[bool, typer.Option(help="The last registered model instead of the champion.")] = False,
    sealed: Annotated[bool, typer.Option(help="What was judged here last, registered or not; measured too.")] = False,
    push: Annotated[bool, typer.Option(help="Push it to SLIPWAY_IMAGE_REPOSITORY and note its digest.")] = False,
    train: Annotated[bool, typer.Option("--train", help="This checkout instead, for trainings elsewhere.")] = False,
    outputs: Outputs = None,
) -> None:
    """Build the image of a model, try it, and push it where asked to."""
    if train == (name is not None):
        raise typer.BadParameter("name a use case, or give --train for the image that all of them are trained in")
    if train and (version is not None or candidate or sealed):
        raise typer.BadParameter("--train makes an image of the checkout, not of a model")
    if sum((version is not None, candidate, sealed)) > 1 or (sealed and push):
        raise typer.BadParameter("give one of --version, --candidate and --sealed; what is sealed is not pushed")
    if outputs is not None and not push:
        raise typer.BadParameter("--outputs tells what was pushed; give --push")
    project = open_project()
    if name is None:
        _to_train_in(project, outputs, push=push)
        return
    with locked(project.paths(name).run_lock, f"slipway image {name}", patience=PATIENCE, waiting=say_who_holds):
        if sealed:
            _of_what_is_sealed(project, name)
        elif push:
            append_outputs(outputs, _pushed(project, name, version, candidate=candidate))
        else:
            click.echo(_built(project, name, version, candidate=candidate))


def _to_train_in(project: Project, outputs: Path | None, *, push: bool) -> None:
    from slipway.stages.train_image import noted, train_image

    click.echo(train_image(checkout(project), push=push))
    if push:
        made = noted(project.settings.root)
        append_outputs(outputs, {"image": made.image, "digest": made.digest})


def checkout(project: Project) -> "Checkout":
    """This clone, as what an image for trainings is made of."""
    from slipway.stages.train_image import Checkout

    return Checkout(_workshop(project), project.vcs, project.settings.base)


def _workshop(project: Project) -> "Workshop":
    from slipway.stages.image import Workshop

    return Workshop(
        root=project.settings.root,
        registry=project.registry,
        images=project.images,
        repository=project.settings.image_repository,
        base=project.settings.base_image,
        commit=project.vcs.commit(),
        dirty=project.vcs.is_dirty(),
        say=lambda line: click.echo(line, err=True),
    )


def _of_what_is_sealed(project: Project, name: str) -> None:
    from slipway.stages.carry_out import carry_out
    from slipway.stages.image import sealed_image

    paths = project.paths(name)
    carry_out("image", paths, project.notifier, lambda: sealed_image(_workshop(project), paths))


def _pushed(project: Project, name: str, version: int | None, *, candidate: bool) -> dict[str, str]:
    """Push, and tell where: ``image``, the repository without a digest, and ``digest``."""
    from slipway.core.version import numbered
    from slipway.stages.carry_out import carry_out
    from slipway.stages.image import choose, image

    chosen: list[int] = []

    def action() -> str:
        found = choose(project.registry, name, version, candidate=candidate)
        chosen.append(found.number)
        return image(_workshop(project), found, push=True)

    carry_out("image", project.paths(name), project.notifier, action)
    release = numbered(project.registry.versions(name), name, chosen[0]).release
    return {} if release is None else {"image": release.image, "digest": release.digest}


def _built(project: Project, name: str, version: int | None, *, candidate: bool) -> str:
    from slipway.stages.image import choose, image

    return image(_workshop(project), choose(project.registry, name, version, candidate=candidate), push=False)
