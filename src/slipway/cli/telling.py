"""Commands that only tell."""

from typing import Annotated

import click
import typer

from slipway.cli.app import Name, app
from slipway.wiring import Project, open_project


@app.command()
def show(name: Name) -> None:
    """Print the decision record of the last judged model, as JSON."""
    from slipway.core.record import Record
    from slipway.workspace.files import read_document

    paths = open_project().paths(name)
    click.echo(read_document(paths.record, Record, made_by=f"slipway run {name}").model_dump_json(indent=2))


@app.command()
def doctor(
    github: Annotated[bool, typer.Option("--github", help="Check the repository on GitHub instead.")] = False,
) -> None:
    """Check tools, settings and what they reach; say what each missing piece switches off."""
    if github:
        _examine_github(open_project())
        return
    from rich.console import Console
    from rich.table import Table

    from slipway.stages.doctor import examine, failure
    from slipway.stages.pieces import Status

    project = open_project()
    checks = examine(project.configured, project.probes, lambda: project.registry)
    table = Table("", "piece", "found", "without it", "how to get it", box=None)
    marks = {Status.OK: "[green]✓[/]", Status.MISSING: "[dim]-[/]", Status.BROKEN: "[red]✗[/]"}
    for check in checks:
        well = check.status is Status.OK
        table.add_row(
            marks[check.status],
            check.name,
            check.found,
            *(("", "") if well else (f"no {check.switches_off}", check.how)),
        )
    Console().print(table)
    broken = failure(checks)
    if broken is not None:
        raise broken


def _examine_github(project: Project) -> None:
    """Show how the repository is set up; needs a token, of which more can be seen the more it may read."""
    from rich.console import Console
    from rich.table import Table

    from slipway.stages.repository_setup import State, examine_repository, unasked

    missing = unasked(project.settings.github_token, project.repository)
    if missing is not None:
        raise missing
    table = Table("", "setting", "kind", "found", "without it", "how to get it", box=None)
    marks = {State.SET: "[green]✓[/]", State.OTHERWISE: "[green]✓[/]", State.MISSING: "[dim]-[/]"}
    for finding in examine_repository(project.repository_settings):
        mark = marks.get(finding.state, "[yellow]?[/]")
        table.add_row(mark, finding.name, finding.kind, finding.found, finding.without, finding.how)
    console = Console()
    console.print(f"{project.repository}, as the token sees it:")
    console.print(table)
