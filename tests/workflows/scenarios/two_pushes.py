"""Two pushes to one pull request: the second run updates the comment of the first."""

from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import better_wording
from tests.workflows.scenarios._jobs import ci

TRACKED = False


def play(scene: Scene, job: str | None = None) -> None:
    """With ``job`` "report", that one and what it needs; all of them otherwise."""
    others = {"checks": "skipped", "all_green": "skipped"} if job else {}
    bodies = []
    for action in ("opened", "synchronize"):
        head = scene.repository.commit("wording", better_wording, message="Say it better")
        run = scene.pull_request(7, "wording", title="Say it better", action=action, job=job)
        scene.expect_jobs(run, ci(**others))
        bodies.append(scene.posted(run, 7))
        scene.check(head[:7] in bodies[-1], f"the comment does not name the commit {head[:7]}")
        link = f"/actions/runs/{run.identity}"
        scene.check(link in bodies[-1], f"the comment does not link the run {run.identity}")
    made = [call for call in scene.github.calls if call.method == "POST"]
    scene.check(len(made) == 1, f"{len(made)} comments were made, and one is right")
