"""Tuning by hand: nothing is offered where nothing is proved; poor parameters bring a pull request with better ones."""

from tests.workflows.rehearsal.repository import git
from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import params
from tests.workflows.scenarios._jobs import tune

BRANCH = "tuned/churn"
poor_model = params(n_estimators="3", num_leaves="2")


def play(scene: Scene) -> None:
    pulls = scene.github.state.pulls
    few = scene.dispatch("tune.yml", use_case="churn", trials="2")
    scene.expect_jobs(few, tune())
    scene.check("Nothing is proposed" in few.job("tune").output, "the log does not say that nothing is proposed")
    scene.check(not pulls, f"a pull request was opened although nothing is proposed: {pulls}")

    scene.repository.commit("poor", poor_model, message="Learn almost nothing")
    scene.repository.merge("poor")
    scene.expect_jobs(scene.dispatch("tune.yml", use_case="churn", trials="8"), tune())
    scene.check(len(pulls) == 1, f"one pull request was expected, and there are {len(pulls)}")
    for words in ("Tuning of churn", "is proposed", "excludes zero", "xychart-beta", "+++ b/params.yaml"):
        scene.check(words in pulls[0]["body"], f"the pull request says nothing of {words!r}: {pulls[0]['body']}")
    _hold_to_a_small_change(scene)


def _hold_to_a_small_change(scene: Scene) -> None:
    changed = git(scene.repository.bare, "diff", "--name-only", "main", BRANCH).splitlines()
    scene.check(changed == ["params.yaml"], f"more than the parameters was changed: {changed}")
    lines = git(scene.repository.bare, "diff", "--unified=0", "main", BRANCH, "--", "params.yaml").splitlines()
    gone = [line for line in lines if line.startswith("-") and not line.startswith("---")]
    scene.check(all(":" in line for line in gone), f"comments or layout were lost: {gone}")
