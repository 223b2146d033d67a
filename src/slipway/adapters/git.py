"""Git, driven by its command; and a twin that remembers what it is told."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from slipway.core.errors import ToolFailed

_UNKNOWN = "unknown"
# a run writes these itself; they do not say that somebody changed an input
_NOT_WHAT_WE_MAKE = (":(top,exclude)dvc.lock", ":(top,exclude,glob)data/*/metrics.json")


@dataclass(frozen=True)
class Git:
    """The repository that ``root`` lies in."""

    root: Path

    def commit(self) -> str:
        return (self._run("rev-parse", "HEAD") or _UNKNOWN).strip()

    def branch(self) -> str:
        return (self._run("rev-parse", "--abbrev-ref", "HEAD") or _UNKNOWN).strip()

    def is_dirty(self) -> bool:
        return bool(self._run("status", "--porcelain", "--untracked-files=no", "--", ".", *_NOT_WHAT_WE_MAKE))

    def read(self, reference: str, path: str) -> str | None:
        return self._run("show", "--end-of-options", f"{reference}:{path}")

    def changed_since(self, reference: str) -> tuple[str, ...] | None:
        changed = self._run("diff", "--name-only", "-z", "--no-renames", "--end-of-options", reference, "--")
        untracked = self._run("ls-files", "--others", "--exclude-standard", "--full-name", "-z")
        if changed is None or untracked is None:
            return None
        return tuple(sorted({name for name in f"{changed}{untracked}".split("\0") if name}))

    def commit_of(self, reference: str) -> str | None:
        return _line(self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}"))

    def merge_base(self, reference: str) -> str | None:
        commit = self.commit_of(reference)
        return _line(self._run("merge-base", commit, "HEAD")) if commit else None

    def is_dropped(self, reference: str) -> bool:
        commit = self.commit_of(reference)
        # of all branches, HEAD is listed as one where none is checked out
        return commit is not None and self._run("branch", "--all", "--format=%(refname)", "--contains", commit) == ""

    def is_shallow(self) -> bool:
        return _line(self._run("rev-parse", "--is-shallow-repository")) == "true"

    def tracked(self) -> tuple[str, ...] | None:
        listed = self._run("ls-files", "-z", "--cached")
        if listed is None:
            return None
        return tuple(sorted({name for name in listed.split("\0") if name and (self.root / name).is_file()}))

    def graft(self, copy: Path, also: str) -> None:
        branch = self.branch() if self.branch() not in {_UNKNOWN, "HEAD"} else "detached"
        full = _line(self._run("rev-parse", "--symbolic-full-name", also))
        fetched = {"HEAD": f"refs/heads/{branch}"}
        if full is not None and full.startswith("refs/") and full != f"refs/heads/{branch}":
            fetched[full] = full
        there = Git(copy)
        steps = [["init", "--quiet", f"--initial-branch={branch}"]]
        steps += [[*_SHALLOW, f"file://{self.root}", f"+{ours}:{theirs}"] for ours, theirs in fetched.items()]
        for step in (*steps, ["reset", "--quiet"]):
            if there._run(*step) is None:
                raise ToolFailed(
                    f"Git could not copy the newest commit: `git {step[0]}` failed",
                    cause="the repository is damaged, the disk is full, or Git is older than 2.31",
                    next_step="`git fsck` examines the repository; then run the same command again",
                )

    def _run(self, *arguments: str) -> str | None:
        try:
            done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def _line(output: str | None) -> str | None:
    return output.strip() or None if output else None


_SHALLOW = ("fetch", "--quiet", "--depth=1", "--no-tags", "--update-head-ok")


@dataclass(frozen=True)
class GitTwin:
    """A repository in memory: files by (reference, path).

    Attributes:
        changed: since whatever commit; None for a repository that cannot tell.
        commits: reference to full hash; a reference of ``files`` stands for itself.
        bases: full hash to that of its merge base with HEAD; a commit is its own where nothing else is said.
    """

    head: str = "0" * 40
    on_branch: str = "main"
    dirty: bool = False
    files: Mapping[tuple[str, str], str] = field(default_factory=dict)
    changed: tuple[str, ...] | None = ()
    commits: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, str | None] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    shallow: bool = False
    own: tuple[str, ...] | None = None

    def commit(self) -> str:
        return self.head

    def branch(self) -> str:
        return self.on_branch

    def is_dirty(self) -> bool:
        return self.dirty

    def read(self, reference: str, path: str) -> str | None:
        return self.files.get((self.commits.get(reference, reference), path))

    def changed_since(self, reference: str) -> tuple[str, ...] | None:
        return self.changed if self.commit_of(reference) else None

    def commit_of(self, reference: str) -> str | None:
        known = {*self.commits.values(), *(r for r, _ in self.files)}
        return self.commits.get(reference) or (reference if reference in known else None)

    def merge_base(self, reference: str) -> str | None:
        commit = self.commit_of(reference)
        return self.bases.get(commit, commit) if commit else None

    def is_dropped(self, reference: str) -> bool:
        return self.commit_of(reference) in self.dropped

    def is_shallow(self) -> bool:
        return self.shallow

    def tracked(self) -> tuple[str, ...] | None:
        return self.own

    def graft(self, copy: Path, also: str) -> None:
        (copy / ".git").mkdir()
        (copy / ".git" / "HEAD").write_text(f"{self.head} {also}\n")
