"""One command a stage: what DVC runs, what a workflow runs, what a person types."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal

import click
import typer

from slipway.cli.app import Name, app
from slipway.cli.outputs import Outputs, append_outputs
from slipway.cli.waiting import PATIENCE, say_who_holds
from slipway.core.stage_result import Outcome
from slipway.wiring import Project, open_project
from slipway.workspace.lock import locked


def carry_out_stage(stage: str, name: str, action: Callable[[Project], str | Outcome]) -> None:
    """Run one stage of a use case, alone on this machine, and tell its result."""
    from slipway.stages.carry_out import carry_out

    project = open_project()
    paths = project.paths(name)
    with locked(paths.stage_lock, f"slipway {stage} {name}", patience=PATIENCE, waiting=say_who_holds):
        carry_out(stage, paths, project.notifier, lambda: action(project))


@app.command()
def collect(name: Name) -> None:
    """Fetch the raw table from its source."""

    def action(project: Project) -> str:
        from slipway.stages.collect import collect

        variables = project.settings.variables
        return collect(project.use_case(name), project.paths(name), variables, tell=partial(click.echo, err=True))

    carry_out_stage("collect", name, action)


@app.command()
def validate(name: Name) -> None:
    """Hold the raw table to its expectations."""

    def action(project: Project) -> str:
        from slipway.stages.validate import validate

        return validate(project.use_case(name), project.paths(name), project.validator)

    carry_out_stage("validate", name, action)


@app.command()
def prepare(name: Name) -> None:
    """Make features, and split rows into training and holdout."""

    def action(project: Project) -> str:
        from slipway.stages.prepare import prepare

        return prepare(project.use_case(name), project.paths(name), project.section(name).split)

    carry_out_stage("prepare", name, action)


@app.command()
def train(  # noqa: PLR0917 - a command line has as many options as it has
    name: Name,
    on: Annotated[
        Literal["kubernetes"] | None,
        typer.Option(help="Submit a Job that runs every stage and registers, and follow it.", show_default=False),
    ] = None,
    environment: Annotated[
        str | None, typer.Option("--env", help="Submit to this environment's namespace.", show_default=False)
    ] = None,
    namespace: Annotated[
        str | None, typer.Option(help="Submit to this namespace; by default slipway-training.", show_default=False)
    ] = None,
    image: Annotated[
        str | None, typer.Option(help="Another image than the one pushed of this checkout.", show_default=False)
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also where the same was trained before.")] = False,
    schedule: Annotated[
        str | None,
        typer.Option(metavar="CRON", help='Train again and again, such as "0 4 * * 1" (UTC).', show_default=False),
    ] = None,
    show: Annotated[bool, typer.Option("--print", help="Print the manifest and submit nothing.")] = False,
) -> None:
    """Fit the model and export it to ONNX; or have a cluster take it from data to a registered version."""
    if on is not None:
        from slipway.cli.training import Wish, train_in_kubernetes

        train_in_kubernetes(Wish(name, environment, namespace, image, schedule, again=again, show=show))
        return
    if environment or namespace or image or again or schedule or show:
        raise typer.BadParameter("these options tell how to train elsewhere; give --on kubernetes too")

    def action(project: Project) -> str:
        from slipway.stages.train import train

        section = project.section(name)
        in_time = section.split.by == "time"
        return train(project.use_case(name), project.paths(name), section.train, in_time=in_time)

    carry_out_stage("train", name, action)


@app.command()
def incumbents(name: Name) -> None:
    """Ask the registry whom the candidate is up against."""

    def action(project: Project) -> str:
        from slipway.stages.incumbents import look_up

        base = project.settings.base
        return look_up(project.use_case(name), project.paths(name), project.registry, project.vcs, base)

    carry_out_stage("incumbents", name, action)


@app.command()
def evaluate(name: Name) -> None:
    """Judge the candidate: metrics with intervals, gates, the verdict."""

    def action(project: Project) -> Outcome:
        from slipway.stages.evaluate import evaluate

        headline = evaluate(project.use_case(name), project.paths(name), project.section(name))
        decision = project.seal(name).evaluation.verdict.decision
        return Outcome(headline=headline, verdict=decision.value)

    carry_out_stage("evaluate", name, action)


@app.command()
def register(name: Name, outputs: Outputs = None) -> None:
    """Register the judged model; a promoted one becomes the champion."""

    def action(project: Project) -> Outcome:
        from slipway.stages.register import register, standing

        record = project.seal(name)
        headline = register(project.use_case(name), project.paths(name), project.registry)
        stands = standing(record, project.registry)
        append_outputs(outputs, stands)
        page = project.settings.version_url(name, stands["version"])
        links = {f"version {stands['version']}": page} if page else {}
        return Outcome(headline=headline, verdict=stands["decision"], links=links)

    carry_out_stage("register", name, action)
