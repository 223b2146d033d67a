"""`slipway status` and `slipway reconcile`: what serves where, and registry and cluster in agreement again."""

from typing import Annotated

import click
import typer

from slipway.cli.app import Name, app
from slipway.cli.deploying import NOT_CONFIGURED, SECONDS, Seconds, Wait, delivery, turn_of
from slipway.cli.waiting import PATIENCE, say_who_holds
from slipway.core.deployment import Place
from slipway.core.errors import ClusterUnreachable
from slipway.wiring import Project, open_project
from slipway.workspace.lock import locked


@app.command()
def status(
    seconds: Annotated[float, typer.Option("--timeout", help="Seconds after which who is silent is told.")] = 10,
) -> None:
    """Show what serves where, of all use cases, and what disagrees."""
    from rich.console import Console
    from rich.table import Table

    from slipway.stages.status import COLUMNS, status

    project = open_project()
    cluster = project.environments if project.settings.kubeconfig else None
    names = sorted(project.params.use_cases)
    found = status(names, project.environment_names, lambda: project.registry, cluster, seconds)
    table = Table(box=None, pad_edge=False)
    for heading in COLUMNS:
        table.add_column(heading, overflow="fold")
    for row in found.rows:
        table.add_row(*row)
    Console().print(table)
    for remark in found.remarks:
        click.echo(remark)


@app.command()
def reconcile(
    name: Name,
    environment: Annotated[
        str | None, typer.Option("--env", help="One environment; by default all of deploy/overlays.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; by default it is only said.")] = False,
    seconds: Seconds = SECONDS,
    wait: Wait = PATIENCE,
) -> None:
    """Say what would bring registry and cluster to agree again, and with --yes do it."""
    project = open_project()
    project.section(name)
    chosen = [environment] if environment else project.environment_names
    places = [project.place(name, each) for each in chosen]
    if project.settings.kubeconfig is None:
        raise ClusterUnreachable(
            f"{name} cannot be reconciled: {NOT_CONFIGURED}",
            cause="this shell or this workflow has no cluster",
            next_step="set KUBECONFIG and run the same command again",
        )
    if not yes:
        _say(project, places)
        return
    with locked(project.paths(name).run_lock, f"slipway reconcile {name}", patience=wait, waiting=say_who_holds):
        done = [line for place in places for line in _repair(project, place, seconds, wait)]
    for line in done or ["registry and cluster agree"]:
        click.echo(line)


def _say(project: Project, places: list[Place]) -> None:
    from slipway.stages.reconcile import busy, repairs

    found = [line for place in places for line in repairs(project.registry, project.environments, place)]
    waited = [(place, holder) for place in places if (holder := busy(project.environments, place))]
    for repair in found:
        click.echo(f"{repair.place.environment}: {repair.told}")
    for place, holder in waited:
        click.echo(f"{place.environment}: {holder} is at work; what is wrong there shows when that ends")
    if found or not waited:
        click.echo("nothing was changed; with --yes it is done" if found else "registry and cluster agree")


def _repair(project: Project, place: Place, seconds: float, wait: float) -> list[str]:
    """Nothing is held, and no key is needed, where nothing is wrong, nobody is at work, and all runs told their end."""
    from slipway.stages.reconcile import open_ended, reconcile, repairs

    environments = project.environments
    if not open_ended(environments, place) and not repairs(project.registry, environments, place):
        return []
    delivered = delivery(project, place, seconds)
    done = reconcile(turn_of(project, delivered, wait), delivered)
    return [f"{place.environment}: {line}" for line in done]
