"""Brings the report to the pull request: our own, or one that a fork's run left behind."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from slipway.core.comment import LONGEST, marked
from slipway.core.errors import DataMissing, ReportRefused
from slipway.core.pull_report import PullReport
from slipway.core.strict_json import parse_strictly
from slipway.ports import PullRequests
from slipway.workspace.archive import read_member

ARTIFACT = "report"
MEMBERS = ("report.json", "report.md")
LARGEST_ARCHIVE = 8 * 10**6
LARGEST_REPORT = 40 * 10**6
Render = Callable[[PullReport], str]


@dataclass(frozen=True)
class Origin:
    """Where a run came from, as GitHub's event tells; nothing of it is taken from what the run uploaded.

    Attributes:
        run_url: the page of the run.
        sha, repository, branch: the head that the run was started for.
    """

    run: int
    run_url: str
    sha: str
    repository: str
    branch: str


def read_report(path: Path) -> PullReport:
    """Our own report; raises DataMissing when there is none, ReportRefused when it is damaged."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_REPORT + 1)
    except OSError as error:
        raise DataMissing(
            f"{path} cannot be read: {error.strerror}",
            cause="the report was not made",
            next_step=f"slipway report --json {path}",
        ) from None
    return checked(content)


def checked(content: bytes) -> PullReport:
    """The report in a document; raises ReportRefused, whose words repeat nothing of the document."""
    if len(content) > LARGEST_REPORT:
        raise _refused(f"has more than the {LARGEST_REPORT:,} bytes that are read")
    try:
        parse_strictly(content)
    except ValueError as error:
        raise _refused(f"holds {error}") from None
    try:
        return PullReport.model_validate_json(content)
    except ValidationError as error:
        kinds = sorted({entry["type"] for entry in error.errors(include_url=False, include_input=False)})
        raise _refused(f"is not of our form ({', '.join(kinds[:5])})") from None
    except RecursionError:
        raise _refused("is nested too deeply") from None


def report_of_run(origin: Origin, pulls: PullRequests) -> PullReport | None:
    """The report that a run uploaded, held to what GitHub says about the run; None when it uploaded none.

    Raises:
        ReportRefused: it is not what our own run would have uploaded, or is about another commit.
    """
    archive = pulls.artifact(origin.run, ARTIFACT, at_most=LARGEST_ARCHIVE)
    if archive is None:
        return None
    report = checked(read_member(archive, MEMBERS[0], among=MEMBERS, at_most=LARGEST_REPORT))
    if report.head != origin.sha:
        raise _refused("is about another commit than the run")
    return report.model_copy(update={"run_url": origin.run_url})


def post(report: PullReport, numbers: Iterable[int], pulls: PullRequests, render: Render) -> tuple[str, ...]:
    """Post the rendered report on pull requests; returns the comments' addresses."""
    body = marked(render(report))
    if len(body) > LONGEST:
        body = body[: LONGEST - 2] + "…"
    return tuple(pulls.report(number, body) for number in numbers)


def _refused(why: str) -> ReportRefused:
    return ReportRefused(
        f"the report {why}",
        cause="the pull request changed what its workflow uploads, or another version of Slipway wrote it",
        next_step="look at the artifact of the run before trusting the pull request; push to it again",
    )
