"""A scratch clone of the working tree, and the bare repository that stands where GitHub keeps it."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

NAME = "acme/models"
HUB = f"https://github.com/{NAME}"
_PERSON = {"NAME": "Rehearsal", "EMAIL": "rehearsal@example.invalid"}
_WHO = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _PERSON.items()}


def git(folder: Path, *arguments: str, home: Path | None = None, **environment: str) -> str:
    """What a git command prints; raises CalledProcessError with its words."""
    extra = {"HOME": str(home)} if home else {}
    base = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **_WHO}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=base | extra | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"git {' '.join(arguments)} in {folder}: {done.stderr.strip()}")
    return done.stdout.strip()


def snapshot(checkout: Path, scratch: Path, *, head_only: bool = False) -> str:
    """A commit of everything in the working tree that git does not ignore; the checkout's own index is not touched."""
    if head_only:
        return git(checkout, "rev-parse", "HEAD")
    index = {"GIT_INDEX_FILE": str(scratch / "index")}
    git(checkout, "read-tree", "HEAD", **index)
    git(checkout, "add", "--all", **index)
    tree = git(checkout, "write-tree", **index)
    if tree == git(checkout, "rev-parse", "HEAD^{tree}"):
        return git(checkout, "rev-parse", "HEAD")
    return git(checkout, "commit-tree", tree, "-p", "HEAD", "-m", "The working tree as it stands")


@dataclass(frozen=True)
class Repository:
    """``bare`` is what GitHub would hold, ``clone`` what act reads the workflows from, ``home`` its settings of git."""

    bare: Path
    clone: Path
    home: Path

    def commit(self, branch: str, change: Callable[[Path], None], *, message: str, start: str = "main") -> str:
        """Make a branch, or go on with it, by a change of files; the new head."""
        known = git(self.clone, "branch", "--list", branch)
        git(self.clone, "checkout", "-q", branch, home=self.home) if known else git(
            self.clone, "checkout", "-q", "-b", branch, start, home=self.home
        )
        change(self.clone)
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "-q", "--allow-empty", "-m", message)
        git(self.clone, "push", "-q", "--force", "origin", f"HEAD:refs/heads/{branch}", home=self.home)
        return git(self.clone, "rev-parse", "HEAD")

    def offer(self, branch: str, number: int) -> tuple[str, str, str]:
        """What GitHub makes of an open pull request: base, head, and the merge it lets workflows run on."""
        git(self.clone, "checkout", "-q", "--detach", "main", home=self.home)
        base, head = git(self.clone, "rev-parse", "main"), git(self.clone, "rev-parse", branch)
        git(self.clone, "merge", "-q", "--no-ff", "-m", f"Merge {head} into {base}", branch)
        merge = git(self.clone, "rev-parse", "HEAD")
        refs = f"HEAD:refs/pull/{number}/merge", f"{branch}:refs/pull/{number}/head"
        git(self.clone, "push", "-q", "--force", "origin", *refs, home=self.home)
        return base, head, merge

    def merge(self, branch: str) -> str:
        """Merge a branch into main, as the button does; the new head of main."""
        git(self.clone, "checkout", "-q", "main", home=self.home)
        if not git(self.clone, "branch", "--list", branch):
            git(self.clone, "fetch", "-q", "origin", f"{branch}:{branch}", home=self.home)
        git(self.clone, "merge", "-q", "--no-ff", "-m", f"Merge branch {branch}", branch)
        git(self.clone, "push", "-q", "origin", "main", home=self.home)
        return git(self.clone, "rev-parse", "HEAD")

    def stand_on(self, what: str) -> None:
        """Check out what act is to read the workflows from."""
        git(
            self.clone,
            "checkout",
            "-q",
            "--force",
            "--detach" if what != "main" else "main",
            *([what] if what != "main" else []),
            home=self.home,
        )

    def branches(self) -> dict[str, str]:
        lines = git(self.bare, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads").splitlines()
        return dict(line.split() for line in lines)


def make_repository(checkout: Path, commit: str, folder: Path) -> Repository:
    """A bare repository whose main is ``commit``, and a clone of it."""
    bare, clone, home = folder / "hub" / f"{NAME}.git", folder / "clone", folder / "home"
    shutil.rmtree(folder, ignore_errors=True)
    bare.mkdir(parents=True)
    home.mkdir()
    (home / ".gitconfig").write_text(
        f'[url "file://{bare}"]\n\tinsteadOf = {HUB}\n[safe]\n\tdirectory = *\n[advice]\n\tdetachedHead = false\n'
        f"[user]\n\tname = {_PERSON['NAME']}\n\temail = {_PERSON['EMAIL']}\n"
    )
    git(bare, "init", "-q", "--bare", "-b", "main", home=home)
    objects = Path(git(checkout, "rev-parse", "--path-format=absolute", "--git-path", "objects"))
    (bare / "objects" / "info" / "alternates").write_text(f"{objects}\n")
    git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(bare, "update-ref", "refs/heads/main", commit)
    git(folder, "clone", "-q", "--shared", str(bare), str(clone), home=home)
    git(clone, "remote", "set-url", "origin", HUB)
    return Repository(bare, clone, home)
