"""A pull request from a fork: no secret reaches it, and report.yml posts what its run left behind, once."""

from tests.workflows.rehearsal.expectations import SUCCESS
from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import better_model
from tests.workflows.scenarios._jobs import ci

NEEDS = ("engine",)
CHAMPION = True


def play(scene: Scene) -> None:
    scene.repository.commit("slower", better_model, message="Learn slower, for longer")
    run = scene.pull_request(7, "slower", title="Learn slower", fork="mallory/models")
    scene.expect_jobs(run, ci("churn"))
    scene.check(not scene.comments(7), "the run of a fork's code posted a comment")
    scene.check(not any(call.method != "GET" for call in scene.github.calls), "the run of a fork's code tried to write")
    scene.check(not (scene.folder / "caches" / "refs_heads_main").exists(), "a fork wrote into main's caches")
    scene.check(
        not any((scene.folder / "run-cache").rglob("*")) or scene.run_cache_is_as_before(),
        "a fork shared its run cache",
    )
    for _ in range(2):
        scene.expect_jobs(scene.completed(run, "report.yml"), {"report": SUCCESS})
        comments = scene.comments(7)
        scene.check(len(comments) == 1, f"one comment was expected, and there are {len(comments)}")
        scene.check("churn" in "".join(comments), "the comment does not name the use case")
