"""GitHub fails while the report is posted: passing failures are outlasted, lasting ones change no verdict."""

from tests.support.github_server import Fault
from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import better_wording
from tests.workflows.scenarios._jobs import ci

TRACKED = False
_COMMENTS = "/comments"


def play(scene: Scene) -> None:
    scene.repository.commit("wording", better_wording, message="Say it better")
    scene.github.fail(
        Fault(f"GET .*{_COMMENTS}"), Fault(f"POST .*{_COMMENTS}", 429, "Too many", {"Retry-After": "1"}),
        Fault(f"POST .*{_COMMENTS}", 502, done=True),
    )  # fmt: skip
    run = scene.pull_request(7, "wording", title="Say it better", job="report")
    scene.expect_jobs(run, ci(checks="skipped", all_green="skipped"))
    first = scene.posted(run, 7)

    scene.repository.commit("wording", better_wording, message="Say it better still")
    scene.github.fail(Fault(_COMMENTS, hang=True, times=2), Fault(_COMMENTS, 500, times=1000))
    again = scene.pull_request(7, "wording", title="Say it better", action="synchronize")
    scene.expect_jobs(again, ci())
    scene.check(scene.comments(7) == [first], "a comment changed although GitHub refused all of them")
    said = again.job("report").output
    scene.check("the report was not posted" in said, f"the job does not say that nothing was posted: {said[-1000:]}")
