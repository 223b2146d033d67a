"""A pull request whose model is useless: its gate and all-green are red, and the report says which gates failed."""

from tests.workflows.rehearsal.expectations import FAILURE
from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import useless_model
from tests.workflows.scenarios._jobs import ci

NEEDS = ("engine",)
CHAMPION = True


def play(scene: Scene) -> None:
    scene.repository.commit("lazy", useless_model, message="Learn next to nothing")
    run = scene.pull_request(7, "lazy", title="Learn next to nothing")
    scene.expect_jobs(run, ci("churn", gate=FAILURE, all_green=FAILURE))
    comment = scene.posted(run, 7)
    scene.check("reject" in comment, "the comment does not say that the candidate was rejected")
    scene.check("roc_auc" in comment, "the comment does not name the metric of the gate")
