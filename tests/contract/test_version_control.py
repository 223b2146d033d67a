"""Git and its twin answer alike."""

import subprocess
from pathlib import Path

import pytest

from slipway.adapters.git import Git, GitTwin
from slipway.ports import VersionControl


def real(root: Path) -> VersionControl:
    git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    (root / "a.txt").write_text("one")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)
    (root / "a.txt").write_text("two")
    (root / "new.txt").write_text("")
    return Git(root)


def twin(_: Path) -> VersionControl:
    return GitTwin(head="a" * 40, dirty=True, files={("main", "a.txt"): "one"}, changed=("a.txt", "new.txt"))


@pytest.fixture(params=[real, twin], ids=["git", "twin"])
def vcs(request: pytest.FixtureRequest, tmp_path: Path) -> VersionControl:
    made: VersionControl = request.param(tmp_path)
    return made


def test_the_commit_is_a_full_hash(vcs: VersionControl) -> None:
    assert len(vcs.commit()) == 40


def test_the_branch_has_its_name(vcs: VersionControl) -> None:
    assert vcs.branch() == "main"


def test_a_changed_file_makes_it_dirty(vcs: VersionControl) -> None:
    assert vcs.is_dirty()


def test_a_file_is_read_as_it_was_committed(vcs: VersionControl) -> None:
    assert vcs.read("main", "a.txt") == "one"


def test_what_is_not_there_is_none(vcs: VersionControl) -> None:
    assert vcs.read("main", "b.txt") is None
    assert vcs.read("no-such-branch", "a.txt") is None


def test_changed_and_new_files_are_listed(vcs: VersionControl) -> None:
    assert vcs.changed_since("main") == ("a.txt", "new.txt")


def test_outside_a_repository_everything_is_unknown(tmp_path: Path) -> None:
    git = Git(tmp_path)
    assert (git.commit(), git.branch(), git.is_dirty()) == ("unknown", "unknown", False)
    assert git.read("main", "a.txt") is None
