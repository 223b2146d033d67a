"""Training for a reason, by hand and by a program's event: each opens a thread that tells why it was done."""

from tests.workflows.rehearsal.scene import Run, Scene
from tests.workflows.scenarios._changes import better_model
from tests.workflows.scenarios._jobs import train
from tests.workflows.scenarios._released import hold_to_release

NEEDS = ("engine", "registry")
CHAMPION = True
BY_HAND = "Tenure has drifted since spring"
BY_PROGRAM = "The watch on churn asks for it"


def play(scene: Scene) -> None:
    scene.repository.commit("slower", better_model, message="Learn slower, for longer")
    scene.repository.merge("slower")
    run = scene.dispatch("train.yml", use_case="churn", reason=BY_HAND)
    scene.expect_jobs(run, train("churn"))
    hold_to_release(scene, run, version=2)
    again = scene.asked_by_program("train", use_case="churn", reason=BY_PROGRAM)
    scene.expect_jobs(again, train("churn"))
    _hold_to_two_threads(scene, run, again)
    scene.check(scene.tracking.alias("churn", "champion") == 2, "the same model took its own place")


def _hold_to_two_threads(scene: Scene, *runs: Run) -> None:
    roots = scene.thread()
    scene.check(len(roots) == len(runs), f"{len(roots)} threads were opened by {len(runs)} runs")
    for root, reason in zip(roots, (BY_HAND, BY_PROGRAM), strict=True):
        scene.check(reason in str(root), f"the thread does not tell the reason: {root['text']}")
