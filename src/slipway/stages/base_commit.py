"""Which commit a change is compared with, or why with none."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slipway.report.text import plain, shorten

if TYPE_CHECKING:
    from slipway.ports import VersionControl

_SHORT = 12


@dataclass(frozen=True)
class Base:
    """A commit's full hash and what it is, in words; without a hash, why everything is affected."""

    commit: str | None
    words: str


def base_commit(vcs: "VersionControl", reference: str) -> Base:
    """Where HEAD left ``reference``: what others did there since is not part of this change."""
    name = _shown(reference)
    if not reference.strip("0"):
        return Base(None, "there is no commit before this one: the branch is new")
    commit = vcs.commit_of(reference)
    if commit is None:
        return Base(None, f"the commit {name} is not here{_depth(vcs)}")
    common = vcs.merge_base(commit)
    if common is None:
        return Base(None, f"no commit is known that {name} and HEAD both come from{_depth(vcs)}")
    if common == commit:
        return Base(commit, f"compared with {name}")
    if vcs.is_dropped(commit):
        return Base(None, f"{name} is in no branch any more: history was rewritten over it by a force push")
    return Base(common, f"compared with {common[:_SHORT]}, where this left {name}")


def _shown(reference: str) -> str:
    whole = len(reference) >= 40 and all(c in "0123456789abcdef" for c in reference)
    return reference[:_SHORT] if whole else shorten(plain(reference), 60)


def _depth(vcs: "VersionControl") -> str:
    return "; this clone is shallow, and `git fetch --unshallow` brings the rest" if vcs.is_shallow() else ""
