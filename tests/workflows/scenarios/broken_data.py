"""A pull request with a raw table that breaks its expectations: nothing is trained, and the report says what broke."""

from tests.workflows.rehearsal.expectations import FAILURE
from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import damaged_table
from tests.workflows.scenarios._jobs import ci

NEEDS = ("engine",)
CHAMPION = True


def play(scene: Scene) -> None:
    scene.repository.commit("data", damaged_table, message="New data")
    run = scene.pull_request(7, "data", title="New data")
    scene.expect_jobs(run, ci("churn", gate=FAILURE, all_green=FAILURE))
    comment = scene.posted(run, 7)
    scene.check("tenure" in comment, "the comment does not name the column that broke")
