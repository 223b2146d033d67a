"""Commands that only tell."""

import click

from slipway.cli.app import Name, app
from slipway.wiring import open_project


@app.command()
def show(name: Name) -> None:
    """Print the decision record of the last judged model, as JSON."""
    from slipway.core.record import Record
    from slipway.workspace.files import read_document

    paths = open_project().paths(name)
    click.echo(read_document(paths.record, Record, made_by=f"slipway run {name}").model_dump_json(indent=2))


@app.command()
def doctor() -> None:
    """Check tools, settings and what they reach; say what each missing piece switches off."""
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
