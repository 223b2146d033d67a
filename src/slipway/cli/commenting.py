"""`slipway comment`: the report on the pull request."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from slipway.cli.app import app
from slipway.core.errors import GitHubRefused, GitHubUnavailable, SlipwayError
from slipway.settings import Settings
from slipway.wiring import Project, open_project

if TYPE_CHECKING:
    from slipway.core.pull_report import PullReport
    from slipway.ports import PullRequests
    from slipway.stages.comment import Origin

_ROOM_FOR_CML = 200
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")


@app.command()
def comment(  # noqa: PLR0917 - a command line has as many options as it has
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="What `slipway report --json` wrote.")] = None,
    pull_request: Annotated[int | None, typer.Option(metavar="NUMBER", min=1, help="Where to post it.")] = None,
    from_run: Annotated[int | None, typer.Option(metavar="RUN_ID", min=1, help="Post what a run uploaded.")] = None,
    head_sha: Annotated[str | None, typer.Option(help="The commit that the run was for.")] = None,
    head_repository: Annotated[str | None, typer.Option(help="Where it lies, as owner/name.")] = None,
    head_branch: Annotated[str | None, typer.Option(help="The branch it was on.")] = None,
) -> None:
    """Post the report on a pull request; a GitHub that does not take it is a warning."""
    project = open_project()
    if from_run is not None and head_repository == "":
        _warn(project.settings, f"the repository that run {from_run} came from is gone, and its pull request with it")
        return
    origin = _origin(project.settings, from_run, head_sha, head_repository, head_branch)
    if (origin is None) != (report is not None and pull_request is not None):
        raise typer.BadParameter("give --report and --pull-request, or --from-run with the three --head options")
    if origin is not None:
        _delivered(project, lambda pulls: _of_run(project, origin, pulls))
    elif report is not None and pull_request is not None:
        _delivered(project, _own(report, pull_request))


def _origin(
    settings: Settings, run: int | None, sha: str | None, repository: str | None, branch: str | None
) -> "Origin | None":
    from slipway.stages.comment import Origin

    if run is None or not (sha and repository and branch):
        return None
    if not (_COMMIT.fullmatch(sha) and _REPOSITORY.fullmatch(repository)):
        raise typer.BadParameter("--head-sha is a full commit, --head-repository is owner/name")
    return Origin(run, settings.run_url(str(run)), sha, repository, branch)


def _own(path: Path, number: int) -> "Callable[[PullRequests], None]":
    from slipway.stages.comment import post, read_report

    report = read_report(path)

    def act(pulls: "PullRequests") -> None:
        click.echo("\n".join(post(report, [number], pulls, _rendered)))

    return act


def _of_run(project: Project, origin: "Origin", pulls: "PullRequests") -> None:
    from slipway.stages.comment import post, report_of_run

    report = report_of_run(origin, pulls)
    if report is None:
        _warn(project.settings, f"run {origin.run} uploaded no report, so there is none to post")
        return
    numbers = pulls.with_head(origin.sha, repository=origin.repository, branch=origin.branch)
    if not numbers:
        _warn(project.settings, f"no open pull request has the head {origin.sha}: it was closed, or has moved on")
    for address in post(report, numbers, pulls, _rendered):
        click.echo(address)


def _delivered(project: Project, act: "Callable[[PullRequests], None]") -> None:
    """Posting is a courtesy: no verdict hangs on whether GitHub takes it."""
    settings = project.settings
    missing = [
        name
        for name, value in (("GITHUB_TOKEN", settings.github_token), ("GITHUB_REPOSITORY", settings.github_repository))
        if not value
    ]
    if missing:
        click.echo(f"the report was not posted, because {' and '.join(missing)} is not set")
        return
    try:
        act(project.pull_requests)
    except (GitHubUnavailable, GitHubRefused) as error:
        _warn(settings, _line(error))


def _rendered(report: "PullReport") -> str:
    """Short enough for the watermark that CML appends."""
    from slipway.core.comment import LONGEST
    from slipway.report.pull_request import render

    return render(report, limit=LONGEST - _ROOM_FOR_CML)


def _line(error: SlipwayError) -> str:
    return f"the report was not posted: {error.what}; likely cause: {error.cause}; next step: {error.next_step}"


def _warn(settings: Settings, words: str) -> None:
    if settings.in_actions:
        escaped = words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        click.echo(f"::warning title=Slipway::{escaped}")
    else:
        click.echo(f"warning: {words}", err=True)
