"""`slipway run`: use cases from data to an answering endpoint."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from slipway.cli.app import app
from slipway.cli.waiting import PATIENCE, say_who_holds
from slipway.core.errors import CandidateRejected, SlipwayError
from slipway.core.evaluation import Decision
from slipway.wiring import Project, open_project
from slipway.workspace.lock import locked

if TYPE_CHECKING:
    from rich.console import Console

    from slipway.core.record import Record
    from slipway.core.stage_result import StageResult
    from slipway.stages.sequence import Sequence
    from slipway.stages.serve import Trial

Names = Annotated[list[str] | None, typer.Argument(metavar="[USE_CASE]...", help="By default all.", show_default=False)]


@app.command()
def run(
    names: Names = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another run of the same use case.")] = PATIENCE,
    until: Annotated[
        str | None,
        typer.Option(metavar="STAGE", help="End after this stage; register nothing.", show_default=False),
    ] = None,
) -> None:
    """Take use cases through every stage that is not done yet, from data to an answering endpoint."""
    from slipway.cli.display import own_console
    from slipway.discovery import use_case_names

    _refuse_unknown_stage(until)

    project = open_project()
    project.params  # noqa: B018 - a typing mistake fails before anything runs
    console = own_console()
    chosen = names or list(use_case_names(project.settings.root))
    failures: list[SlipwayError] = []
    for name in chosen:
        try:
            _run_one(project, name, wait, console, until)
        except SlipwayError as error:
            failures.append(error)
            if len(chosen) > 1:
                click.echo(f"error: {name}: {error}", err=True)
    if failures:
        raise failures[0]


def _refuse_unknown_stage(until: str | None) -> None:
    from slipway.stages.sequence import CACHED

    if until is not None and until not in CACHED:
        raise typer.BadParameter(f"--until takes one of {', '.join(CACHED)}")


def _run_one(project: Project, name: str, wait: float, console: "Console", until: str | None) -> None:
    from slipway.cli.panel import show_panel
    from slipway.stages.register import version_of

    project.use_case(name)
    with locked(project.paths(name).run_lock, f"slipway run {name}", patience=wait, waiting=say_who_holds):
        console.print(f"[bold]{name}[/]")
        sequence = sequence_of(project, name, console)
        if until is None:
            ending = sequence.run()
            record, version, trial = ending.record, version_of(ending.record, project.registry), ending.trial
        else:
            judged = sequence.run_until(until)
            if judged is None:
                return
            record, version, trial = judged, None, None
        show_panel(console, record, version, _read_on(project, name), trial)
    _refuse_rejected(record, name)


def sequence_of(project: Project, name: str, console: "Console") -> "Sequence":
    """The stages of a use case, told on a console."""
    from slipway.cli.display import RunDisplay
    from slipway.stages.carry_out import tell_failure
    from slipway.stages.sequence import Sequence

    paths = project.paths(name)
    return Sequence(
        paths=paths,
        pipeline=project.pipeline,
        seal=lambda: project.seal(name),
        try_out=lambda: _try_endpoint(paths.bundle),
        register=lambda: _register(project, name),
        watcher=RunDisplay(console),
        tell=lambda stage, error: tell_failure(stage, paths, project.background_notifier, error),
    )


def _register(project: Project, name: str) -> "StageResult":
    from slipway.stages.carry_out import carry_out
    from slipway.stages.register import register

    use_case, paths = project.use_case(name), project.paths(name)
    return carry_out(
        "register", paths, project.background_notifier, lambda: register(use_case, paths, project.registry)
    )


def _try_endpoint(bundle: Path) -> "Trial":
    from slipway.adapters.endpoint import LocalEndpoint
    from slipway.stages.serve import DEFAULT_PORT, trial

    with LocalEndpoint(bundle, model_version="candidate") as endpoint:
        return trial(bundle, endpoint, shown_at=f"http://127.0.0.1:{DEFAULT_PORT}")


def _refuse_rejected(record: "Record", name: str) -> None:
    verdict = record.evaluation.verdict
    if verdict.decision is Decision.REJECT:
        raise CandidateRejected(
            f"the candidate of {name} was rejected: {verdict.reasons[0]}",
            cause="; ".join(verdict.reasons[1:4]) or "the gates in params.yaml ask for more than it reaches",
            next_step=f"read .slipway/{name}/report.md; the champion is where it was",
        )


def _read_on(project: Project, name: str) -> dict[str, str]:
    paths = project.paths(name)
    places = {"report": paths.report, "data docs": paths.docs / "index.html"}
    here = Path.cwd()
    shown = {what: str(p.relative_to(here) if p.is_relative_to(here) else p) for what, p in places.items()}
    local = project.settings.stores_locally
    return shown | {"MLflow": "make mlflow" if local else "open the address in MLFLOW_TRACKING_URI"}
