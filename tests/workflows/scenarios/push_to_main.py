"""A merge: trained, registered, promoted, pushed by digest and told in one thread."""

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
    hold_to_release(scene, run, version=2)
