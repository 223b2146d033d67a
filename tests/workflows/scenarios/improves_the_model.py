"""A pull request with better params: trained, judged against main and the champion, tried as an image, reported on."""

from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import better_model
from tests.workflows.scenarios._jobs import ci

NEEDS = ("engine",)
CHAMPION = True
WHOLE_CHECKS = True


def play(scene: Scene) -> None:
    scene.repository.commit("slower", better_model, message="Learn slower, for longer")
    run = scene.pull_request(7, "slower", title="Learn slower, for longer")
    scene.expect_jobs(run, ci("churn"))
    comment = scene.posted(run, 7)
    for words in ("churn", "promote", "n_estimators", "roc_auc"):
        scene.check(words in comment, f"the comment says nothing of {words}")
    scene.check(list(scene.tracking.versions("churn")) == [1], "a pull request registered something")
    scene.check(not scene.thread(), "a pull request told Slack")
