"""A release and the same run once more: no second version, no second thread, no stage told twice."""

from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import better_model
from tests.workflows.scenarios._jobs import release
from tests.workflows.scenarios._released import hold_to_release

NEEDS = ("engine", "registry")
CHAMPION = True


def play(scene: Scene) -> None:
    scene.repository.commit("slower", better_model, message="Learn slower, for longer")
    run = scene.merge("slower")
    scene.expect_jobs(run, release("churn"))
    before = [reply["ts"] for reply in scene.thread()[0]["replies"]]
    again = scene.again(run)
    scene.expect_jobs(again, release("churn"))
    hold_to_release(scene, again, version=2)
    scene.check([reply["ts"] for reply in scene.thread()[0]["replies"]] == before, "the rerun wrote other replies")
