"""How long the report takes, from the event to the comment: a change of documentation alone, and one of the model."""

from tests.workflows.rehearsal.expectations import SKIPPED, SUCCESS
from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import better_model, better_wording
from tests.workflows.scenarios._jobs import ci

NEEDS = ("engine",)
CHAMPION = True
_LEFT_OUT = dict.fromkeys(("checks", "gate", "all-green"), SKIPPED)
_MODEL = dict.fromkeys(("plan", "candidate / stages of churn", "image (churn)", "report"), SUCCESS)
_CHANGES = {
    "documentation alone": (7, better_wording, ci(checks=SKIPPED, all_green=SKIPPED)),
    "the model of churn": (8, better_model, _MODEL | _LEFT_OUT),
}


def play(scene: Scene) -> None:
    """`report` and what it needs: act would let it wait for the checks as well, which GitHub does not."""
    for words, (number, change, expected) in _CHANGES.items():
        scene.repository.commit(f"change-{number}", change, message=words)
        run = scene.pull_request(number, f"change-{number}", title=words, job="report")
        scene.expect_jobs(run, expected)
        scene.posted(run, number)
        scene.notes[f"{words}, from event to posted report"] = scene.notes.pop("from event to posted report")
