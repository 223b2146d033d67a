"""`slipway monitor`: how is the live model doing, and should it be retrained?"""

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import click
import typer

from slipway.cli.app import Name, app
from slipway.cli.outputs import Outputs, append_outputs
from slipway.cli.waiting import PATIENCE, say_who_holds
from slipway.wiring import Project, open_project
from slipway.workspace.lock import locked

if TYPE_CHECKING:
    from slipway.stages.monitor import Looked


@app.command()
def monitor(  # noqa: PLR0917 - a command line has as many options as it has
    name: Name,
    since: Annotated[
        str | None,
        typer.Option(
            help="How far to look back, such as 7d, or from when on; by default window_days of params.yaml.",
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Up to when, such as 2026-01-31T00:00:00Z; by default now.", show_default=False)
    ] = None,
    log: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="The prediction log, a folder or s3://bucket/prefix; by default SLIPWAY_PREDICTION_LOG.",
            show_default=False,
        ),
    ] = None,
    if_live: Annotated[
        bool, typer.Option("--if-live", help="Where there is no champion, say so and end well, as a schedule needs it.")
    ] = False,
    outputs: Outputs = None,
) -> None:
    """Look at the champion in its prediction log: data, drift, performance, and whether to retrain it."""
    from slipway.monitoring.gauges import gauges
    from slipway.stages import monitor as stage
    from slipway.stages.span import span_of

    project = open_project()
    use_case, params, paths = project.use_case(name), project.section(name), project.paths(name)
    if if_live and project.registry.aliased(name, "champion") is None:
        click.echo(f"{name} has no champion yet: there is nothing to look at")
        return
    now = datetime.now(UTC)
    span = span_of(since, until, params.monitor.window_days, now)
    outside = stage.Outside(project.registry, project.prediction_log(name, log), project.watches, project.drift_report)
    with locked(paths.monitor_lock, f"slipway monitor {name}", patience=PATIENCE, waiting=say_who_holds):
        say = partial(click.echo, err=True)
        looked = stage.monitor(use_case, paths, params, outside, span=span, now=now, say=say)
    project.gauges.push(name, gauges(looked.watch))
    append_outputs(outputs, stage.outputs(looked.watch))
    _show(project, looked)


def _show(project: Project, looked: "Looked") -> None:
    from slipway.cli.display import own_console
    from slipway.cli.watch_panel import show_watch

    folder = project.paths(looked.watch.use_case).monitor.relative_to(project.settings.root)
    show_watch(own_console(), looked.watch, str(folder), looked.undrawn)
