"""`slipway plan`: what a change affects, for people and for the workflows' matrix."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from slipway.cli.app import app
from slipway.cli.outputs import Outputs, append_outputs

if TYPE_CHECKING:
    from slipway.core.plan import Plan


@app.command()
def plan(
    since: Annotated[str | None, typer.Option(help="The commit to compare with; by default the base branch.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every use case, as on a schedule.")] = False,
    outputs: Outputs = None,
    summary: Annotated[Path | None, typer.Option(metavar="FILE", help="Append a table in Markdown to a file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Say which stages of which use cases a change affects, and why."""
    if everything and since is not None:
        raise typer.BadParameter("give --since or --all, not both")
    made = _made(since, everything=everything)
    append_outputs(outputs, _outputs(made))
    if summary is not None:
        _append_summary(summary, made)
    click.echo(_as_json(made) if as_json else _for_people(made))


def _made(since: str | None, *, everything: bool) -> "Plan":
    from slipway.discovery import use_case_names
    from slipway.stages.plan import plan, plan_all
    from slipway.wiring import open_project

    project = open_project()
    root = project.settings.root
    names = use_case_names(root)
    if everything:
        return plan_all(root, names)
    return plan(root, project.vcs, project.settings.base if since is None else since, names)


def _outputs(made: "Plan") -> dict[str, str]:
    lists = {"use_cases": made.use_cases, "images": made.images, "added": made.added, "removed": made.removed}
    return {name: json.dumps(found) for name, found in lists.items()} | {"affected": json.dumps(bool(made.images))}


def _append_summary(file: Path, made: "Plan") -> None:
    from slipway.report.plan_summary import summary
    from slipway.workspace.files import unwritable

    try:
        with file.open("a", encoding="utf-8") as opened:
            opened.write(f"{summary(made)}\n")
    except OSError as error:
        raise unwritable(file, error) from error


def _as_json(made: "Plan") -> str:
    from dataclasses import asdict

    return json.dumps(asdict(made) | {"use_cases": made.use_cases, "images": made.images})


def _for_people(made: "Plan") -> str:
    from slipway.report.plan_summary import notes

    lines = [f"{entry.use_case}  {entry.stage:<11}  {'; '.join(entry.reasons)}" for entry in made.affected]
    return "\n".join([*(lines or ["nothing is affected"]), *notes(made)])
