"""A pull request whose branch, title and commit message are commands and markup: nothing of it runs or shows."""

from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import better_wording
from tests.workflows.scenarios._jobs import ci

TRACKED = False


def play(scene: Scene, job: str | None = None) -> None:
    """With ``job`` "report", that one and what it needs; all of them otherwise."""
    proof = scene.folder / "proof"
    branch = f"a$(touch${{IFS}}{proof})`touch${{IFS}}{proof}`;touch${{IFS}}{proof};'\"|x"
    commands = f"$(touch {proof}) `touch {proof}` ; touch {proof} #"
    title = f"{commands} </summary><script>alert(1)</script> @everyone ${{{{{{{{ github.token }}}}}}}}"
    scene.repository.commit(branch, better_wording, message=title)
    run = scene.pull_request(7, branch, title=title, job=job)
    others = {"checks": "skipped", "all_green": "skipped"} if job else {}
    scene.expect_jobs(run, ci(**others))
    comment = scene.posted(run, 7)
    scene.check("<script" not in comment and "@everyone" not in comment, "the comment repeats markup of the title")
    merged = scene.merge(branch)
    scene.expect_jobs(merged, {"plan": "success", "deliver": "skipped"})
    scene.check(not proof.exists(), "a command in a branch's name or a title was carried out")
