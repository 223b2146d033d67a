"""`slipway deploy` and `slipway rollback`: what answers in an environment, and which version is champion."""

import os
import socket
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import click
import typer

from slipway.cli.app import Name, app
from slipway.cli.waiting import PATIENCE, say_who_holds
from slipway.core.deployment import Place
from slipway.core.errors import ClusterUnreachable, ParamsInvalid
from slipway.core.stage_result import Outcome
from slipway.wiring import Project, open_project
from slipway.workspace.lock import locked

if TYPE_CHECKING:
    from slipway.stages.alone import Turn
    from slipway.stages.canary import CanaryRun
    from slipway.stages.deploy import Delivery

SECONDS: float = 300
_RECORDED = 1000
NOT_CONFIGURED = "KUBECONFIG is not set, so there is no cluster"

Wait = Annotated[float, typer.Option("--wait", help="Seconds to wait while another run is at work, from any machine.")]
Seconds = Annotated[float, typer.Option("--timeout", help="Seconds until the new pods must be ready.")]


@app.command()
def deploy(
    name: Name,
    environment: Annotated[str, typer.Option("--env", help="A folder of deploy/overlays, such as staging.")],
    seconds: Seconds = SECONDS,
    wait: Wait = PATIENCE,
    recorded: Annotated[
        Path | None, typer.Option(help="A prediction log's folder, whose rows a canary is asked as well.")
    ] = None,
) -> None:
    """Let the champion's image serve in an environment, and see it answer; skipped where there is no cluster."""
    from slipway.stages.alone import alone
    from slipway.stages.carry_out import carry_out
    from slipway.stages.deploy import champion_of, deploy

    project = open_project()
    project.section(name)
    place, paths = project.place(name, environment), project.paths(name)

    def action() -> Outcome:
        if project.settings.kubeconfig is None:
            return Outcome(headline=f"skipped: {NOT_CONFIGURED}")
        delivered = replace(delivery(project, place, seconds), canary=canary_run(project, place, recorded))
        turn = turn_of(project, delivered, wait)
        headline = alone(turn, delivered, "deploy", lambda: champion_of(project.registry, name), deploy)
        page = project.settings.endpoint_url(name, environment)
        return Outcome(headline=headline, links={environment: page} if page else {})

    with locked(paths.run_lock, f"slipway deploy {name}", patience=wait, waiting=say_who_holds):
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
    seconds: Seconds = SECONDS,
    wait: Wait = PATIENCE,
) -> None:
    """Give the alias champion back to the version that had it before, and its image back to an environment."""
    from slipway.stages.carry_out import carry_out
    from slipway.stages.rollback import rollback

    project = open_project()
    paths = project.paths(name)
    place = None if environment is None else project.place(name, environment)
    with locked(paths.run_lock, f"slipway rollback {name}", patience=wait, waiting=say_who_holds):
        if place is None:
            click.echo(rollback(name, project.registry, version))
        else:
            carry_out("rollback", paths, project.notifier, lambda: _roll_back(project, place, version, seconds, wait))


def _roll_back(project: Project, place: Place, version: int | None, seconds: float, wait: float) -> str:
    from slipway.stages.alone import alone
    from slipway.stages.deploy import roll_back
    from slipway.stages.rollback import target

    if project.settings.kubeconfig is None:
        raise ClusterUnreachable(
            f"{place.environment} cannot be rolled back: {NOT_CONFIGURED}",
            cause="this shell or this workflow has no cluster",
            next_step=f"set KUBECONFIG; `slipway rollback {place.use_case}` without --env moves the registry alone",
        )
    delivered = delivery(project, place, seconds)
    return alone(
        turn_of(project, delivered, wait),
        delivered,
        "rollback",
        lambda: target(place.use_case, project.registry, version),
        lambda ours, back: roll_back(ours, back.number),
    )


def turn_of(project: Project, delivered: "Delivery", wait: float) -> "Turn":
    """How this run comes to be alone; its name says whose it is, and where to stop it."""
    from slipway.stages.alone import Turn

    run = f"{socket.gethostname()}, process {os.getpid()}, {uuid4().hex[:6]}"
    holder = f"{delivered.actor} (release {delivered.release}, {run})"
    return Turn(project.environments, holder, patience=wait, waiting=say_who_holds)


def delivery(project: Project, place: Place, seconds: float) -> "Delivery":
    """What a release to a place is carried out with; raises ParamsInvalid where there is no key to ask with."""
    from slipway.stages.canary import CanaryRun
    from slipway.stages.deploy import Delivery
    from slipway.stages.hold import now

    settings = project.settings
    if settings.api_key is None:
        raise ParamsInvalid(
            "there is no key to ask the deployed endpoint with",
            cause="SLIPWAY_API_KEY is not set; without an answer nobody knows whether the right model serves",
            next_step="set it to a key that the environment's Secret knows; docs/deploy.md shows how to make one",
        )
    moment = now()
    return Delivery(
        registry=project.registry,
        cluster=project.cluster,
        place=place,
        key=settings.api_key,
        release=settings.release or settings.run_id or f"{moment[:19].replace('-', '').replace(':', '')}Z",
        at=moment,
        actor=settings.actor,
        commit=project.vcs.commit(),
        say=lambda line: click.echo(line, err=True),
        seconds=seconds,
        canary=CanaryRun(project.canaries, None),
    )


def canary_run(project: Project, place: Place, recorded: Path | None) -> "CanaryRun":
    """How a release to a place is tried before it goes out; without params where params.yaml wishes for nothing."""
    from slipway.stages.canary import CanaryRun
    from slipway.stages.known_rows import holdout_rows
    from slipway.workspace.recorded import recorded_rows

    params = project.section(place.use_case).deploy.canary
    if params is None or place.environment not in params.environments:
        return CanaryRun(project.canaries, None)
    rows = recorded_rows(recorded, _RECORDED) if recorded is not None else ()
    use_case = project.use_case(place.use_case)
    names = [feature.name for feature in use_case.features]
    held_out = holdout_rows(project.paths(place.use_case).holdout, names, use_case.dates)
    return CanaryRun(project.canaries, params, (*rows, *held_out))
