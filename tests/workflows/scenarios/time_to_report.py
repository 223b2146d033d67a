"""How long the report takes, from the event to the comment: a change of documentation alone, and one of the model."""

from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import better_model, better_wording
from tests.workflows.scenarios._jobs import ci

NEEDS = ("engine",)
CHAMPION = True
_CHANGES = {
    "documentation alone": (7, better_wording, ci(checks="skipped", all_green="skipped")),
    "the model of churn": (8, better_model, ci("churn", checks="skipped", all_green="skipped")),
}


def play(scene: Scene) -> None:
    """`report` and what it needs: act would let it wait for the checks as well, which GitHub does not."""
    for words, (number, change, expected) in _CHANGES.items():
        scene.repository.commit(f"change-{number}", change, message=words)
        run = scene.pull_request(number, f"change-{number}", title=words, job="report")
        scene.expect_jobs(run, expected)
        scene.posted(run, number)
        scene.notes[f"{words}, from event to posted report"] = scene.notes.pop("from event to posted report")
