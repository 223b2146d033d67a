"""Commands that tell what a pull request is worth: what changed in the data, the verdict, the report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from slipway.cli.app import Name, app

if TYPE_CHECKING:
    from slipway.core.pull_report import PullReport

Since = Annotated[str | None, typer.Option(help="The commit to compare with; by default the base branch.")]


@app.command()
def changes(name: Name, since: Since = None) -> None:
    """Say what a branch changes in the raw table: rows, columns, missing values, distributions."""
    from slipway.stages.changes import compare_data, told
    from slipway.wiring import open_project

    project = open_project()
    reference = project.settings.base if since is None else since
    click.echo(told(compare_data(project.paths(name), project.pipeline, project.vcs, reference)))


@app.command()
def verdict(name: Name) -> None:
    """Say whether the candidate may go on; the exit code is that of what stopped it."""
    from slipway.stages.verdict import verdict
    from slipway.wiring import open_project

    click.echo(verdict(open_project().paths(name)))


@app.command()
def report(
    since: Since = None,
    head: Annotated[str | None, typer.Option(help="The commit that it is about; by default the one here.")] = None,
    summary: Annotated[Path | None, typer.Option(metavar="FILE", help="Append the report to a file.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all of it, uncut.")] = None,
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as GitHub's Markdown.")] = None,
) -> None:
    """Make the one report of all use cases that a change affects; without options, print it."""
    from slipway.report.pull_request import render
    from slipway.workspace.files import write_document, write_text

    made = _gathered(since, head)
    text = render(made)
    if as_json is not None:
        write_document(as_json, made)
    if markdown is not None:
        write_text(markdown, text)
    if summary is not None:
        _append(summary, text)
    if as_json is markdown is summary is None:
        click.echo(text, nl=False)


def _gathered(since: str | None, head: str | None) -> "PullReport":
    from datetime import UTC, datetime

    from slipway.discovery import use_case_names
    from slipway.stages.plan import plan
    from slipway.stages.pull_report import Occasion, gather
    from slipway.wiring import open_project

    project = open_project()
    settings, vcs = project.settings, project.vcs
    reference = settings.base if since is None else since
    occasion = Occasion(reference, settings.run_url(), settings.runner_price, datetime.now(UTC), head)
    affected = plan(settings.root, vcs, reference, use_case_names(settings.root))
    return gather(settings.root, vcs, affected, occasion)


def _append(file: Path, text: str) -> None:
    from slipway.workspace.files import unwritable

    try:
        with file.open("a", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise unwritable(file, error) from error
