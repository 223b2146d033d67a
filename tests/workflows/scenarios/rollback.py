"""A release that turns out badly, and the way back: the champion before is champion again."""

from tests.workflows.rehearsal.expectations import SUCCESS
from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import better_model
from tests.workflows.scenarios._jobs import release

NEEDS = ("engine", "registry")
CHAMPION = True


def play(scene: Scene) -> None:
    scene.repository.commit("slower", better_model, message="Learn slower, for longer")
    scene.expect_jobs(scene.merge("slower"), release("churn"))
    scene.check(scene.tracking.alias("churn", "champion") == 2, "the release has not become champion")
    back = scene.dispatch("rollback.yml", use_case="churn", environment="production", version="")
    scene.expect_jobs(back, {"rollback": SUCCESS})
    scene.check(scene.tracking.alias("churn", "champion") == 1, "the champion before is not champion again")
    scene.check(sorted(scene.tracking.versions("churn")) == [1, 2], "versions came or went")
