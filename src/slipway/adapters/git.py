"""Git, driven by its command; and a twin that remembers what it is told."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

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
        return self._run("show", f"{reference}:{path}")

    def changed_since(self, reference: str) -> tuple[str, ...]:
        changed = self._run("diff", "--name-only", "-z", "--no-renames", reference, "--")
        untracked = self._run("ls-files", "--others", "--exclude-standard", "-z")
        names = f"{changed or ''}{untracked or ''}".split("\0")
        return tuple(sorted({name for name in names if name}))

    def _run(self, *arguments: str) -> str | None:
        try:
            done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.decode(errors="replace") if done.returncode == 0 else None


@dataclass(frozen=True)
class GitTwin:
    """A repository in memory: files by (reference, path)."""

    head: str = "0" * 40
    on_branch: str = "main"
    dirty: bool = False
    files: Mapping[tuple[str, str], str] = field(default_factory=dict)
    changed: tuple[str, ...] = ()

    def commit(self) -> str:
        return self.head

    def branch(self) -> str:
        return self.on_branch

    def is_dirty(self) -> bool:
        return self.dirty

    def read(self, reference: str, path: str) -> str | None:
        return self.files.get((reference, path))

    def changed_since(self, reference: str) -> tuple[str, ...]:
        return self.changed
