"""A pull request that touches nothing but documentation: no use case runs, and the report says so."""

from tests.workflows.rehearsal.expectations import SKIPPED
from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import better_wording
from tests.workflows.scenarios._jobs import ci

TRACKED = False


def play(scene: Scene, job: str | None = None) -> None:
    """With ``job`` "report", that one and what it needs; all of them otherwise."""
    scene.repository.commit("wording", better_wording, message="Say it better")
    run = scene.pull_request(7, "wording", title="Say it better", job=job)
    scene.expect_jobs(run, ci(**({"checks": SKIPPED, "all_green": SKIPPED} if job else {})))
    scene.posted(run, 7)
    scene.check(run.job("plan").step("What this change affects, and why").result == "success", "nothing was planned")
