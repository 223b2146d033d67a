"""Git and its twin answer alike."""

import subprocess
from pathlib import Path

import pytest

from slipway.adapters.git import Git, GitTwin
from slipway.ports import VersionControl


def real(root: Path) -> VersionControl:
    """HEAD comes from ``start``, as ``main`` does, which moved on; ``lost`` was written over."""
    git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "gc.auto=0"]

    def run(*arguments: str) -> str:
        return subprocess.run([*git, *arguments], check=True, capture_output=True, text=True).stdout.strip()

    run("init", "-q", "-b", "main")
    (root / "a.txt").write_text("one")
    run("add", ".")
    run("commit", "-qm", "one")
    run("tag", "start")
    run("commit", "-q", "--allow-empty", "-m", "lost")
    (root / ".git" / "lost").write_text(run("rev-parse", "HEAD") + "\n")  # a reference that is no branch
    run("reset", "-q", "--hard", "start")
    run("commit", "-q", "--allow-empty", "-m", "the base moves on")
    run("checkout", "-q", "-b", "work", "start")
    (root / "a.txt").write_text("two")
    (root / "new.txt").write_text("")
    return Git(root)


START = "a" * 40


def twin(_: Path) -> VersionControl:
    return GitTwin(
        head=START,
        on_branch="work",
        dirty=True,
        files={(START, "a.txt"): "one", ("b" * 40, "a.txt"): "one"},
        changed=("a.txt", "new.txt"),
        commits={"start": START, "HEAD": START, "main": "b" * 40, "lost": "c" * 40},
        bases={"b" * 40: START, "c" * 40: START},
        dropped=("c" * 40,),
    )


@pytest.fixture(params=[real, twin], ids=["git", "twin"])
def vcs(request: pytest.FixtureRequest, tmp_path: Path) -> VersionControl:
    made: VersionControl = request.param(tmp_path)
    return made


def test_the_commit_is_a_full_hash(vcs: VersionControl) -> None:
    assert len(vcs.commit()) == 40


def test_the_branch_has_its_name(vcs: VersionControl) -> None:
    assert vcs.branch() == "work"


def test_a_changed_file_makes_it_dirty(vcs: VersionControl) -> None:
    assert vcs.is_dirty()


def test_a_file_is_read_as_it_was_committed(vcs: VersionControl) -> None:
    assert vcs.read("main", "a.txt") == "one"


def test_what_is_not_there_is_none(vcs: VersionControl) -> None:
    assert vcs.read("main", "b.txt") is None
    assert vcs.read("no-such-branch", "a.txt") is None


def test_changed_and_new_files_are_listed(vcs: VersionControl) -> None:
    assert vcs.changed_since("main") == ("a.txt", "new.txt")


def test_what_changed_since_an_unknown_commit_is_not_known(vcs: VersionControl) -> None:
    assert vcs.changed_since("0" * 40) is None


def test_a_name_stands_for_a_full_hash(vcs: VersionControl) -> None:
    commit = vcs.commit_of("start")
    assert commit is not None
    assert (len(commit), commit) == (40, vcs.commit())
    assert vcs.commit_of(commit) == commit


@pytest.mark.parametrize("reference", ["no-such-branch", "0" * 40, "--help", ""])
def test_an_unknown_commit_has_neither_hash_nor_merge_base(vcs: VersionControl, reference: str) -> None:
    assert vcs.commit_of(reference) is None
    assert vcs.merge_base(reference) is None
    assert not vcs.is_dropped(reference)


def test_the_merge_base_is_where_the_base_was_left(vcs: VersionControl) -> None:
    assert vcs.merge_base("main") == vcs.commit_of("start") != vcs.commit_of("main")


def test_an_ancestor_is_its_own_merge_base(vcs: VersionControl) -> None:
    assert vcs.merge_base("start") == vcs.commit_of("start")


def test_a_commit_in_no_branch_is_dropped(vcs: VersionControl) -> None:
    assert vcs.is_dropped("lost")
    assert not vcs.is_dropped("main")
    assert not vcs.is_dropped("start")


def test_a_whole_clone_is_not_shallow(vcs: VersionControl) -> None:
    assert not vcs.is_shallow()


def test_a_clone_with_a_depth_is_shallow_and_has_no_merge_base(tmp_path: Path) -> None:
    (tmp_path / "origin").mkdir()
    real(tmp_path / "origin")
    clone = ["git", "clone", "-q", "--depth=1", "--no-single-branch", (tmp_path / "origin").as_uri()]
    subprocess.run([*clone, str(tmp_path / "clone")], check=True)
    git = Git(tmp_path / "clone")
    assert git.is_shallow()
    assert git.commit_of("origin/main") is not None
    assert git.merge_base("origin/main") is None


def test_a_detached_head_holds_its_own_commits(tmp_path: Path) -> None:
    git = real(tmp_path)
    subprocess.run(["git", "-C", str(tmp_path), "checkout", "-qf", git.commit_of("lost") or ""], check=True)
    assert not git.is_dropped("lost")


def test_outside_a_repository_everything_is_unknown(tmp_path: Path) -> None:
    git = Git(tmp_path)
    assert (git.commit(), git.branch(), git.is_dirty()) == ("unknown", "unknown", False)
    assert git.read("main", "a.txt") is None


def test_a_copy_of_tracked_files_is_on_the_same_commit_and_as_dirty(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    here, copy = real(tmp_path / "here"), tmp_path / "copy"
    copy.mkdir()
    assert here.tracked() == ("a.txt",)
    for name in here.tracked() or ():
        (copy / name).write_bytes((tmp_path / "here" / name).read_bytes())
    here.graft(copy, "main")
    there = Git(copy)
    assert (there.commit(), there.branch(), there.is_dirty()) == (here.commit(), "work", True)
    assert there.commit_of("main") == here.commit_of("main")
    assert there.read("main", "a.txt") == "one"
    assert there.is_shallow()
    assert there.tracked() == ("a.txt",)
    remotes = subprocess.run(["git", "-C", str(copy), "remote"], capture_output=True, text=True, check=True)
    assert remotes.stdout == ""


def test_a_copy_of_a_checkout_without_a_branch_keeps_the_commit(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    here, copy = real(tmp_path / "here"), tmp_path / "copy"
    copy.mkdir()
    subprocess.run(["git", "-C", str(tmp_path / "here"), "checkout", "-q", "--detach"], check=True)
    here.graft(copy, "no-such-reference")
    assert Git(copy).commit() == here.commit()


def test_outside_of_a_repository_nothing_is_tracked(tmp_path: Path) -> None:
    assert Git(tmp_path).tracked() is None
    assert GitTwin().tracked() is None
