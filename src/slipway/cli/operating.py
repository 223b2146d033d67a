"""Commands on what is registered and what answers."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from slipway.cli.app import Name, app
from slipway.stages.serve import DEFAULT_PORT
from slipway.wiring import Project, open_project

if TYPE_CHECKING:
    from slipway.core.seen import Seen

_SECONDS = 10.0
_LOOKS = 20
_LONGEST_ALIAS = len("candidate,")


@app.command()
def history(name: Name) -> None:
    """List versions with their verdicts, looks at live ones with decisions, and what was done in environments."""
    from slipway.stages.history import COLUMNS, DECISIONS, DEEDS, decided, decisions, deeds, flags, history, rows, told

    project = open_project()
    versions = history(name, project.registry)
    _print(COLUMNS[:-1], [row[:-1] for row in rows(versions)])
    for version in reversed(versions):
        click.echo(told(version))
    looks = project.watches.latest(name, _LOOKS)
    if looks:
        click.echo()
        _print(DECISIONS, decisions(looks))
        for look in looks:
            click.echo(decided(look))
    seen, silent = _seen(project, name)
    done = deeds(seen)
    if done:
        click.echo()
        _print(DEEDS, done)
    for line in (*flags(versions, seen), *silent):
        click.echo(line)


def _seen(project: Project, name: str) -> "tuple[list[Seen], list[str]]":
    """What every environment shows of it, and which do not answer; nothing where there is no cluster."""
    from slipway.stages.look import at_once

    if project.settings.kubeconfig is None:
        return [], []
    cluster = project.environments
    questions = {each: partial(cluster.look, each, [name]) for each in project.environment_names}
    seen, silent = at_once(questions, seconds=_SECONDS)
    return [found for each in seen.values() for found in each], [f"{e} does not answer: {w}" for e, w in silent.items()]


def _print(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in columns:
        table.add_column(heading, overflow="fold", min_width=len(heading) if heading != "aliases" else _LONGEST_ALIAS)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


@app.command()
def serve(
    name: Name,
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = DEFAULT_PORT,
    candidate: Annotated[bool, typer.Option(help="The last judged model instead of the champion.")] = False,
) -> None:
    """Start the endpoint on the champion and keep it until Ctrl-C."""
    from slipway.adapters.endpoint import LocalEndpoint
    from slipway.stages.serve import bundle_to_serve, serve_forever

    project = open_project()
    paths = project.paths(name)
    bundle: Path = paths.bundle
    version: str | None = None
    if not candidate:
        bundle, version = bundle_to_serve(name, project.registry, paths.champion)
    with LocalEndpoint(bundle, port=port, model_version=version) as endpoint:
        serve_forever(bundle, endpoint, click.echo)
