"""The weekly look for new data: a pull request with what changed, the table pushed with DVC; then nothing is new."""

import re
from pathlib import Path

from tests.workflows.rehearsal.repository import git
from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import RAW
from tests.workflows.scenarios._jobs import collect
from tests.workflows.scenarios._traffic import all_use_cases

TRACKED = False
BRANCH = "data/churn"
_GROWN = """

_as_packaged = collect


def collect(root: Path) -> pd.DataFrame:
    \"\"\"The table as packaged, and 120 customers who came since.\"\"\"
    table = _as_packaged(root)
    came = table.sample(120, random_state=7)
    bills = {column: (came[column] * 1.01).round(2) for column in ("monthly_charges", "total_charges")}
    return pd.concat([table, came.assign(**bills)], ignore_index=True)
"""


def play(scene: Scene) -> None:
    scene.repository.commit("source", _more_customers, message="The source has gained customers")
    scene.repository.merge("source")
    scene.expect_jobs(scene.scheduled("collect.yml"), collect(*all_use_cases()))
    pulls = scene.github.state.pulls
    scene.check(len(pulls) == 1, f"one pull request was expected, and there are {len(pulls)}")
    for words in ("7,043 rows before", "7,163 now", "What changed in the data"):
        scene.check(words in pulls[0]["body"], f"the pull request says nothing of {words!r}: {pulls[0]['body']}")
    changed = git(scene.repository.bare, "diff", "--name-only", "main", BRANCH).splitlines()
    scene.check("dvc.lock" in changed, f"the branch does not name the new table: {changed}")
    _hold_to_a_pushed_table(scene)

    head = scene.repository.branches()[BRANCH]
    scene.repository.merge(BRANCH)
    scene.expect_jobs(scene.scheduled("collect.yml"), collect(*all_use_cases()))
    scene.check(len(pulls) == 1, "a pull request was opened although nothing is new")
    scene.check(scene.repository.branches()[BRANCH] == head, "the branch was written although nothing is new")


def _hold_to_a_pushed_table(scene: Scene) -> None:
    """The remote of this project is a folder of the repository, so that the branch holds the table itself."""
    lock = git(scene.repository.bare, "show", f"{BRANCH}:dvc.lock")
    digest = re.findall(rf"path: {RAW}\n\s+hash: md5\n\s+md5: (\w+)", lock)[0]
    path = f"data/remote/files/md5/{digest[:2]}/{digest[2:]}"
    held = git(scene.repository.bare, "ls-tree", "--name-only", BRANCH, path)
    scene.check(held == path, f"the new table is not in the remote: {path}")


def _more_customers(clone: Path) -> None:
    path = clone / "src" / "use_cases" / "churn" / "source" / "__init__.py"
    path.write_text(path.read_text() + _GROWN)
