"""`slipway deploy` and `slipway rollback`: what answers in an environment, and which version is champion."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import click
import typer

from slipway.cli.app import Name, app
from slipway.cli.waiting import PATIENCE, say_who_holds
from slipway.core.deployment import Place
from slipway.core.errors import ClusterUnreachable, ParamsInvalid
from slipway.wiring import Project, open_project
from slipway.workspace.lock import locked

if TYPE_CHECKING:
    from slipway.stages.deploy import Delivery

_SECONDS: float = 300
_NOT_CONFIGURED = "KUBECONFIG is not set, so there is no cluster"

Seconds = Annotated[float, typer.Option("--timeout", help="Seconds until the new pods must be ready.")]


@app.command()
def deploy(
    name: Name,
    environment: Annotated[str, typer.Option("--env", help="A folder of deploy/overlays, such as staging.")],
    seconds: Seconds = _SECONDS,
) -> None:
    """Let the champion's image serve in an environment, and see it answer; skipped where there is no cluster."""
    from slipway.stages.carry_out import carry_out
    from slipway.stages.deploy import champion_of, deploy

    project = open_project()
    project.section(name)
    place, paths = project.place(name, environment), project.paths(name)

    def action() -> str:
        if project.settings.kubeconfig is None:
            return f"skipped: {_NOT_CONFIGURED}"
        delivery = _delivery(project, place, seconds)
        return deploy(delivery, champion_of(project.registry, name))

    with locked(paths.run_lock, f"slipway deploy {name}", patience=PATIENCE, waiting=say_who_holds):
        carry_out(environment, paths, project.notifier, action)


@app.command()
def rollback(
    name: Name,
    environment: Annotated[
        str | None, typer.Option("--env", help="Also let the version serve there; by default only the registry moves.")
    ] = None,
    version: Annotated[
        int | None, typer.Option("--to", help="A version that was champion; by default the one before.")
    ] = None,
    seconds: Seconds = _SECONDS,
) -> None:
    """Give the alias champion back to the version that had it before, and its image back to an environment."""
    from slipway.stages.carry_out import carry_out
    from slipway.stages.rollback import rollback

    project = open_project()
    paths = project.paths(name)
    place = None if environment is None else project.place(name, environment)
    with locked(paths.run_lock, f"slipway rollback {name}", patience=PATIENCE, waiting=say_who_holds):
        if place is None:
            click.echo(rollback(name, project.registry, version))
        else:
            carry_out("rollback", paths, project.notifier, lambda: _roll_back(project, place, version, seconds))


def _roll_back(project: Project, place: Place, version: int | None, seconds: float) -> str:
    from slipway.stages.deploy import roll_back

    if project.settings.kubeconfig is None:
        raise ClusterUnreachable(
            f"{place.environment} cannot be rolled back: {_NOT_CONFIGURED}",
            cause="this shell or this workflow has no cluster",
            next_step=f"set KUBECONFIG; `slipway rollback {place.use_case}` without --env moves the registry alone",
        )
    return roll_back(_delivery(project, place, seconds), version)


def _delivery(project: Project, place: Place, seconds: float) -> "Delivery":
    from slipway.stages.deploy import Delivery

    settings = project.settings
    if settings.api_key is None:
        raise ParamsInvalid(
            "there is no key to ask the deployed endpoint with",
            cause="SLIPWAY_API_KEY is not set; without an answer nobody knows whether the right model serves",
            next_step="set it to a key that the environment's Secret knows; docs/deploy.md shows how to make one",
        )
    return Delivery(
        registry=project.registry,
        cluster=project.cluster,
        place=place,
        key=settings.api_key,
        release=settings.release or settings.run_id or datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"),
        actor=settings.actor,
        commit=project.vcs.commit(),
        say=lambda line: click.echo(line, err=True),
        seconds=seconds,
    )
