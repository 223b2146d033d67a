"""A pull request that touches nothing but documentation: no use case runs, and the report says so."""

from pathlib import Path

from tests.workflows.rehearsal.expectations import SKIPPED, SUCCESS
from tests.workflows.rehearsal.scene import Scene

TRACKED = False


def play(scene: Scene, job: str | None = None) -> None:
    """With ``job``, that one and what it needs; all of them otherwise."""
    scene.repository.commit("wording", _add_a_line, message="Say it better")
    run = scene.pull_request(7, "wording", title="Say it better", job=job)
    expected = {"candidate": SKIPPED, "gate": SKIPPED, "image": SKIPPED}
    ran = {"plan", "report"} if job else {"checks", "plan", "report", "all-green"}
    expected |= {name: SUCCESS if name in ran else SKIPPED for name in ("checks", "plan", "report", "all-green")}
    scene.expect_jobs(run, expected)
    comments = scene.comments(7)
    scene.check(len(comments) == 1, f"one comment was expected, and there are {len(comments)}")


def _add_a_line(clone: Path) -> None:
    page = clone / "docs" / "README.md" if (clone / "docs" / "README.md").exists() else clone / "README.md"
    page.write_text(page.read_text() + "\nOne more sentence.\n")
